// Primary contexts, the threads' current ones, peer access, limits.
#include <algorithm>

#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

// Limits that cuCtxSetLimit knows, with what a context begins with (as on a recent data centre card).
const std::map<int, size_t> kLimits = {
    {0x00, 1024},     // stack size
    {0x01, 1 << 20},  // printf buffer
    {0x02, 8 << 20},  // malloc heap
    {0x03, 2},        // synchronisation depth
    {0x04, 2048},     // pending launches
    {0x05, 64},       // L2 fetch granularity
    {0x06, 0},        // persisting L2
};

std::shared_ptr<Context> make_context(Device& device) {
  auto context = std::make_shared<Context>();
  context->device = &device;
  context->id = state().fresh_id();
  context->flags = device.primary_flags;
  context->limits = kLimits;
  auto legacy = std::make_shared<Stream>();
  legacy->context = context.get();
  legacy->id = state().fresh_id();
  legacy->legacy = legacy->permanent = true;
  context->legacy = legacy;
  context->streams.push_back(std::move(legacy));
  if (device.lost) context->error = CUDA_ERROR_UNKNOWN;
  return context;
}

template <class T>
void remove_all(Registry<T>& registry, const Context& context) {
  for (T* object : registry.all())
    if (object->context == &context) registry.remove(*object);
}

// Everything that was made in the context goes with it: its device's memory, too, as only this context allocates there.
void destroy(Device& device) {
  if (!device.primary) return;
  const std::shared_ptr<Context> context = device.primary;
  for (const auto& stream : context->streams) abandon_capture(*stream);
  finish(*context);
  remove_all(state().streams, *context);
  remove_all(state().events, *context);
  for (Module* module : state().modules.all())
    if (module->context == context.get()) {
      for (const auto& [name, function] : module->functions) state().functions.remove(*function);
      state().modules.remove(*module);
    }
  std::vector<Allocation*> memory;
  for (const auto& [address, allocation] : state().space.all())
    if (allocation->device == device.ordinal && allocation->state != Allocation::State::kFreed)
      memory.push_back(allocation.get());
  for (Allocation* allocation : memory) state().space.free(*allocation);
  device.used = 0;
  for (Pool* pool : state().pools.all())
    if (pool->device == device.ordinal) pool->used = pool->reserved = 0;
  for (const auto& other : state().devices) device.memory.allow_peer(other->ordinal, false);
  context->alive = false;
  context->streams.clear();
  device.primary.reset();
  state().contexts.remove(*context);
}

Context& context_of(CUcontext handle) { return state().contexts.get(handle, CUDA_ERROR_INVALID_CONTEXT); }

}  // namespace

Stream& stream_of(CUstream handle) {
  Context& context = current_context();
  const auto value = reinterpret_cast<uintptr_t>(handle);
  if (value == 0 || value == 1) return *context.legacy;  // CU_STREAM_LEGACY is 1
  if (value == 2) {                                      // CU_STREAM_PER_THREAD
    auto& stream = context.per_thread[std::this_thread::get_id()];
    if (!stream) {
      stream = std::make_shared<Stream>();
      stream->context = &context;
      stream->id = state().fresh_id();
      stream->permanent = true;
      context.streams.push_back(stream);
    }
    return *stream;
  }
  Stream& stream = state().streams.get(handle);
  require(!stream.context->error, stream.context->error);
  return stream;
}

Event& event_of(CUevent handle) { return state().events.get(handle); }

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    Device& device = device_of(ordinal);
    require(context != nullptr);
    require(!device.lost, CUDA_ERROR_DEVICE_UNAVAILABLE);
    if (!device.primary) {
      device.primary = make_context(device);
      state().contexts.add(device.primary);
    }
    ++device.retained;
    *context = device.primary.get();
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    Device& device = device_of(ordinal);
    require(device.retained > 0, CUDA_ERROR_INVALID_CONTEXT);
    if (--device.retained == 0) destroy(device);
  });
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    Device& device = device_of(ordinal);
    if (!device.primary) return;
    destroy(device);
    device.retained = 0;
  });
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice ordinal, unsigned flags) {
  return entry(Needs::kDriver, [&] {
    Device& device = device_of(ordinal);
    require((flags & ~0x1Fu) == 0 && (flags & 7) != 3 && (flags & 7) < 5);  // scheduling 0, 1, 2 or 4; map host; lmem
    device.primary_flags = flags;
    if (device.primary) device.primary->flags = flags;
  });
}

CUresult cuDevicePrimaryCtxGetState(CUdevice ordinal, unsigned* flags, int* active) {
  return entry(Needs::kDriver, [&] {
    const Device& device = device_of(ordinal);
    require(flags && active);
    *flags = device.primary_flags;
    *active = device.primary != nullptr;
  });
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  return entry(Needs::kDriver, [&] {
    auto& stack = context_stack();
    Context* context = handle ? &context_of(handle) : nullptr;
    if (!stack.empty()) stack.pop_back();
    if (context) stack.push_back(context);
  });
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  return entry(Needs::kDriver, [&] {
    require(context != nullptr);
    *context = top_context();
  });
}

CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  return entry(Needs::kDriver, [&] { context_stack().push_back(&context_of(handle)); });
}

CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  return entry(Needs::kDriver, [&] {
    auto& stack = context_stack();
    require(!stack.empty(), CUDA_ERROR_INVALID_CONTEXT);
    if (context) *context = stack.back();
    stack.pop_back();
  });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return entry(Needs::kDriver, [&] {
    require(device != nullptr);
    const Context* context = top_context();
    require(context != nullptr, CUDA_ERROR_INVALID_CONTEXT);
    *device = context->device->ordinal;
  });
}

CUresult cuCtxGetFlags(unsigned* flags) {
  return entry([&] {
    require(flags != nullptr);
    *flags = current_context().flags;
  });
}

CUresult cuCtxGetId(CUcontext handle, unsigned long long* id) {
  return entry(Needs::kDriver, [&] {
    require(id != nullptr);
    *id = (handle ? context_of(handle) : current_context()).id;
  });
}

CUresult cuCtxGetApiVersion(CUcontext handle, unsigned* version) {
  return entry(Needs::kDriver, [&] {
    require(version != nullptr);
    if (handle)
      context_of(handle);
    else
      current_context();
    *version = 3020;  // the _v2 interface
  });
}

CUresult cuCtxSynchronize() {
  return entry([&] {
    Context& context = current_context();
    forbid_while_capturing();
    finish(context);
    require(!context.error, context.error);
    trim_pools(context);
  });
}

CUresult cuCtxGetLimit(size_t* value, CUlimit limit) {
  return entry([&] {
    require(value != nullptr);
    const auto& limits = current_context().limits;
    const auto found = limits.find(limit);
    require(found != limits.end(), CUDA_ERROR_UNSUPPORTED_LIMIT);
    *value = found->second;
  });
}

CUresult cuCtxSetLimit(CUlimit limit, size_t value) {
  return entry([&] {
    auto& limits = current_context().limits;
    const auto found = limits.find(limit);
    require(found != limits.end(), CUDA_ERROR_UNSUPPORTED_LIMIT);
    found->second = value;
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return entry([&] {
    if (least) *least = 0;
    if (greatest) *greatest = -5;
  });
}

CUresult cuCtxEnablePeerAccess(CUcontext handle, unsigned flags) {
  return entry([&] {
    require(flags == 0);
    Context& context = current_context();
    const Context& peer = context_of(handle);
    require(peer.device != context.device, CUDA_ERROR_INVALID_DEVICE);
    require(context.peers.insert(peer.device->ordinal).second, CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
    context.device->memory.allow_peer(peer.device->ordinal, true);
  });
}

CUresult cuCtxDisablePeerAccess(CUcontext handle) {
  return entry([&] {
    Context& context = current_context();
    const Context& peer = context_of(handle);
    require(context.peers.erase(peer.device->ordinal) == 1, CUDA_ERROR_PEER_ACCESS_NOT_ENABLED);
    context.device->memory.allow_peer(peer.device->ordinal, false);
  });
}

}  // namespace sinter::sim::driver
