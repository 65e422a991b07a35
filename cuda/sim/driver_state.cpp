// The beginning of every call: initialised, not forked, one lock, a usable context; and cuInit itself.
#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <new>

#include "state.h"

namespace sinter::sim::driver {

namespace {

// Recursive, as a host function that runs under it is refused by its own flag and not by a deadlock.
std::recursive_mutex& lock() {
  static auto* mutex = new std::recursive_mutex;
  return *mutex;
}

std::atomic<State*> the_state{nullptr};
std::atomic<bool> forked{false};

thread_local int host_functions = 0;
thread_local std::vector<Context*> stack;

// As CUDA_VISIBLE_DEVICES does it for ordinals: the list ends at the first entry that is no device.
int visible(int devices) {
  const char* text = std::getenv("CUDA_VISIBLE_DEVICES");
  if (!text) return devices;
  int count = 0;
  while (*text) {
    char* end = nullptr;
    const long ordinal = std::strtol(text, &end, 10);
    if (end == text || ordinal < 0 || ordinal >= devices) break;
    ++count;
    text = *end == ',' ? end + 1 : end;
  }
  return count;
}

}  // namespace

State::State(Settings given) : settings(std::move(given)), random(settings.seed) {
  space.track_written(settings.check);
  for (int i = 0; i < visible(settings.devices); ++i) {
    devices.push_back(std::make_unique<Device>(space, i));
    auto pool = std::make_shared<Pool>();
    pool->device = i;
    pool->is_default = true;
    devices.back()->default_pool = devices.back()->pool = pools.add(std::move(pool));
  }
}

State& state() { return *the_state.load(std::memory_order_acquire); }

std::vector<Context*>& context_stack() { return stack; }

Context* top_context() { return stack.empty() ? nullptr : stack.back(); }

Context& current_context() {
  Context* context = top_context();
  require(context != nullptr, CUDA_ERROR_INVALID_CONTEXT);
  require(context->alive, CUDA_ERROR_CONTEXT_IS_DESTROYED);
  require(!context->error, context->error);
  return *context;
}

HostFunctionScope::HostFunctionScope() { ++host_functions; }
HostFunctionScope::~HostFunctionScope() { --host_functions; }

CUresult enter(Needs needs, void (*body)(void*), void* data) noexcept {
  // Threads and locks do not survive a fork; the real driver gives the same answer in the child.
  if (forked.load(std::memory_order_relaxed)) return CUDA_ERROR_NOT_INITIALIZED;
  if (host_functions > 0 && needs != Needs::kNothing) return CUDA_ERROR_NOT_PERMITTED;
  const std::lock_guard guard(lock());
  if (needs != Needs::kNothing && !the_state.load()) return CUDA_ERROR_NOT_INITIALIZED;
  try {
    if (needs == Needs::kContext) current_context();
    body(data);
    return CUDA_SUCCESS;
  } catch (const Refusal& refusal) {
    return refusal.code;
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return CUDA_ERROR_UNKNOWN;
  }
}

Device& device_of(CUdevice ordinal) {
  require(ordinal >= 0 && static_cast<size_t>(ordinal) < state().devices.size(), CUDA_ERROR_INVALID_DEVICE);
  return *state().devices[static_cast<size_t>(ordinal)];
}

CUresult cuInit(unsigned flags) {
  return entry(Needs::kNothing, [&] {
    require(flags == 0);
    if (!the_state.load()) {
      auto made = std::make_unique<State>(from_environment());
      require(!made->devices.empty(), CUDA_ERROR_NO_DEVICE);
      pthread_atfork(nullptr, nullptr, [] { forked = true; });
      the_state = made.release();
    }
  });
}

CUresult cuDriverGetVersion(int* version) {
  return entry(Needs::kNothing, [&] {
    require(version != nullptr);
    *version = the_state.load() ? state().settings.version : from_environment().version;
  });
}

}  // namespace sinter::sim::driver
