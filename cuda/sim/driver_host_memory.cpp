// Pinned host memory: allocated or registered. Devices reach it at the host's own address.
#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

constexpr unsigned kPortable = 1, kMapped = 2, kWriteCombined = 4;

// Flags are remembered here: an Allocation has no room for what only one query asks.
std::map<uint64_t, unsigned>& flags_of_host_memory() {
  static auto* flags = new std::map<uint64_t, unsigned>;
  return *flags;
}

void allocate(void** data, size_t bytes, unsigned flags) {
  current_context();
  require(data && bytes > 0 && (flags & ~(kPortable | kMapped | kWriteCombined)) == 0);
  forbid_while_capturing();
  require(!State::due(state().settings.fail_host_alloc), CUDA_ERROR_OUT_OF_MEMORY);
  Allocation* made = state().space.allocate_host(bytes);
  require(made != nullptr, CUDA_ERROR_OUT_OF_MEMORY);
  flags_of_host_memory()[made->address] = flags | kMapped;  // with unified addressing all of it is mapped
  *data = made->data;
}

// Pinned memory goes only when no device uses it any more.
void release(void* data, Allocation::Kind kind, CUresult otherwise) {
  Context* context = top_context();
  require(context != nullptr, CUDA_ERROR_INVALID_CONTEXT);
  require(context->alive, CUDA_ERROR_CONTEXT_IS_DESTROYED);
  Allocation* found = state().space.find(reinterpret_cast<uint64_t>(data));
  require(found && found->data == data && found->kind == kind, context->error ? context->error : otherwise);
  forbid_while_capturing();
  for (const auto& device : state().devices)
    if (device->primary) finish(*device->primary);
  flags_of_host_memory().erase(found->address);
  state().space.free(*found);
  require(!context->error, context->error);
}

}  // namespace

CUresult cuMemAllocHost_v2(void** data, size_t bytes) {
  return entry([&] { allocate(data, bytes, 0); });
}

CUresult cuMemHostAlloc(void** data, size_t bytes, unsigned flags) {
  return entry([&] { allocate(data, bytes, flags); });
}

CUresult cuMemFreeHost(void* data) {
  return entry(Needs::kDriver, [&] {
    if (data) release(data, Allocation::Kind::kHost, CUDA_ERROR_INVALID_VALUE);
  });
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* data, unsigned flags) {
  return entry([&] {
    require(address && flags == 0);
    const Allocation& found = live_allocation(reinterpret_cast<uint64_t>(data), CUDA_ERROR_INVALID_VALUE);
    require(found.device < 0);
    *address = reinterpret_cast<CUdeviceptr>(data);
  });
}

CUresult cuMemHostGetFlags(unsigned* flags, void* data) {
  return entry([&] {
    require(flags != nullptr);
    const auto found = flags_of_host_memory().find(reinterpret_cast<uint64_t>(data));
    require(found != flags_of_host_memory().end());
    *flags = found->second;
  });
}

CUresult cuMemHostRegister_v2(void* data, size_t bytes, unsigned flags) {
  return entry([&] {
    current_context();
    require(data && bytes > 0 && (flags & ~(kPortable | kMapped)) == 0);  // I/O memory, read-only: attributes say no
    forbid_while_capturing();
    const auto start = reinterpret_cast<uint64_t>(data);
    require(!state().space.is_device_address(start));
    for (const auto& [address, other] : state().space.all())
      require(other->device >= 0 || address >= start + bytes || start >= other->end(),
              CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
    state().space.register_host(data, bytes);
    flags_of_host_memory()[start] = flags | kMapped;
  });
}

CUresult cuMemHostUnregister(void* data) {
  return entry(Needs::kDriver, [&] {
    require(data != nullptr);
    release(data, Allocation::Kind::kRegistered, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  });
}

}  // namespace sinter::sim::driver
