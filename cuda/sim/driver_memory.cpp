// Device memory: cuMemAlloc and what can be asked about an address.
#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

constexpr uint64_t kGranularity = 512;  // how allocations are rounded up when memory is counted

}  // namespace

uint64_t counted(uint64_t bytes) { return (bytes + kGranularity - 1) / kGranularity * kGranularity; }

bool take_memory(Device& device, uint64_t bytes) {
  if (bytes > state().settings.memory || device.used > state().settings.memory - bytes) return false;
  device.used += bytes;
  return true;
}

Allocation& live_allocation(uint64_t address, CUresult otherwise) {
  Allocation* found = state().space.find(address);
  require(found && found->state != Allocation::State::kFreed, otherwise);
  return *found;
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  return entry([&] {
    const Device& device = *current_context().device;
    require(free && total);
    *total = state().settings.memory;
    *free = *total - std::min<uint64_t>(device.used, *total);
  });
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  return entry([&] {
    Device& device = *current_context().device;
    require(address && bytes > 0);
    forbid_while_capturing();
    require(!State::due(state().settings.fail_alloc), CUDA_ERROR_OUT_OF_MEMORY);
    require(take_memory(device, counted(bytes)), CUDA_ERROR_OUT_OF_MEMORY);
    Allocation* made = state().space.allocate(device.ordinal, bytes, Allocation::Kind::kDevice);
    if (!made) {
      device.used -= counted(bytes);
      refuse(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *address = made->address;
  });
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  // In a context that an error made unusable the memory is given back, too, and the error is what is returned.
  return entry(Needs::kDriver, [&] {
    Context* context = top_context();
    require(context != nullptr, CUDA_ERROR_INVALID_CONTEXT);
    require(context->alive, CUDA_ERROR_CONTEXT_IS_DESTROYED);
    if (address == 0) return require(!context->error, context->error);
    forbid_while_capturing();
    Allocation& found = live_allocation(address, context->error ? context->error : CUDA_ERROR_INVALID_VALUE);
    const bool ours = found.address == address && found.kind == Allocation::Kind::kDevice;
    const bool pooled = found.address == address && found.kind == Allocation::Kind::kPooled;
    require(ours || pooled);
    Device& device = device_of(found.device);
    // The real call waits for the device, so that work in flight may still use the memory.
    if (device.primary) finish(*device.primary);
    require(found.state == Allocation::State::kLive);  // else work in flight was to free it
    if (pooled) {
      give_back_to_pool(found);
    } else {
      device.used -= counted(found.bytes);
      state().space.free(found);
    }
    require(!context->error, context->error);
  });
}

CUresult cuMemAllocManaged(CUdeviceptr* address, size_t bytes, unsigned flags) {
  return entry([&] {
    require(address && bytes > 0 && (flags == 1 || flags == 2));
    refuse(CUDA_ERROR_NOT_SUPPORTED);  // as device attribute 83 says
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
  return entry([&] {
    const Allocation& found = live_allocation(address, CUDA_ERROR_NOT_FOUND);
    require(found.device >= 0, CUDA_ERROR_NOT_FOUND);
    if (base) *base = found.address;
    if (bytes) *bytes = found.bytes;
  });
}

CUresult cuPointerGetAttribute(void* value, CUpointer_attribute attribute, CUdeviceptr address) {
  return entry([&] {
    require(value != nullptr);
    const Allocation& found = live_allocation(address, CUDA_ERROR_INVALID_VALUE);
    const bool host = found.device < 0;
    switch (attribute) {
      case 1: {  // context
        const Context* context = host ? &current_context() : device_of(found.device).primary.get();
        *static_cast<const Context**>(value) = context;
        return;
      }
      case 2: *static_cast<CUmemorytype*>(value) = host ? 1 : 2; return;  // CU_MEMORYTYPE_HOST, _DEVICE
      case 3: *static_cast<CUdeviceptr*>(value) = address; return;
      case 4:  // host pointer
        require(host);
        *static_cast<void**>(value) = reinterpret_cast<void*>(address);
        return;
      case 6: *static_cast<unsigned*>(value) = 0; return;  // copies are synchronous
      case 7: *static_cast<unsigned long long*>(value) = found.id; return;
      case 8: *static_cast<unsigned*>(value) = 0; return;  // managed
      case 9: *static_cast<int*>(value) = host ? current_context().device->ordinal : found.device; return;
      case 11: *static_cast<CUdeviceptr*>(value) = found.address; return;
      case 12: *static_cast<size_t*>(value) = found.bytes; return;
      case 13: *static_cast<bool*>(value) = true; return;  // mapped
      default: refuse(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

}  // namespace sinter::sim::driver
