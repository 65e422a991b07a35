// Stream-ordered allocation. An address is given out at once and becomes usable when its stream comes to that point; after the point
// where it is freed it is never usable again, even before the pool would give the memory to anybody else.
#include <algorithm>

#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

constexpr uint64_t kSegment = 2 << 20;  // pools take memory from the device in these

uint64_t segments(uint64_t bytes) { return (bytes + kSegment - 1) / kSegment * kSegment; }

struct Pooled {
  std::shared_ptr<Pool> pool;
  bool freeing = false;  // cuMemFreeAsync was called
};
std::map<uint64_t, Pooled>& pooled_memory() {
  static auto* memory = new std::map<uint64_t, Pooled>;
  return *memory;
}

// Makes room in the pool for [bytes] more.
bool grow(Pool& pool, uint64_t bytes) {
  Device& device = device_of(pool.device);
  const uint64_t wanted = segments(pool.used + bytes);
  if (pool.limit && wanted > pool.limit) return false;
  if (wanted > pool.reserved) {
    if (!take_memory(device, wanted - pool.reserved)) return false;
    pool.reserved = wanted;
    pool.reserved_high = std::max(pool.reserved_high, pool.reserved);
  }
  pool.used += bytes;
  pool.used_high = std::max(pool.used_high, pool.used);
  return true;
}

void trim(Pool& pool, uint64_t keep) {
  if (keep >= pool.reserved) return;
  const uint64_t wanted = std::max(segments(pool.used), segments(keep));
  if (wanted >= pool.reserved) return;
  device_of(pool.device).used -= pool.reserved - wanted;
  pool.reserved = wanted;
}

void allocate(CUdeviceptr* address, size_t bytes, Pool& pool, CUstream handle) {
  Stream& stream = stream_of(handle);
  require(address && bytes > 0);
  require(!stream.capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);  // memory nodes of graphs are not simulated
  require(!State::due(state().settings.fail_alloc), CUDA_ERROR_OUT_OF_MEMORY);
  if (!grow(pool, counted(bytes))) {
    // Memory that was freed in stream order comes back when the streams have come that far.
    finish(*stream.context);
    for (Pool* other : state().pools.all())
      if (other->device == pool.device) trim(*other, 0);
    require(!stream.context->error, stream.context->error);
    require(grow(pool, counted(bytes)), CUDA_ERROR_OUT_OF_MEMORY);
  }
  Allocation* made = state().space.allocate(pool.device, bytes, Allocation::Kind::kPooled);
  if (!made) {
    pool.used -= counted(bytes);
    refuse(CUDA_ERROR_OUT_OF_MEMORY);
  }
  made->state = Allocation::State::kPending;
  made->peers = pool.peers;
  pooled_memory()[made->address] = {pool.shared_from_this()};
  *address = made->address;
  submit(stream, std::make_shared<InnerWork>(WorkKind::kAllocate, [made](Context&) {
           made->state = Allocation::State::kLive;
           return Outcome{};
         }));
}

Pool& pool_of(CUmemoryPool handle) { return state().pools.get(handle, CUDA_ERROR_INVALID_VALUE); }

}  // namespace

void give_back_to_pool(Allocation& allocation) {
  const auto found = pooled_memory().find(allocation.address);
  Pool& pool = *found->second.pool;
  pool.used -= counted(allocation.bytes);
  if (pool.destroyed) trim(pool, 0);
  pooled_memory().erase(found);
  state().space.free(allocation);
}

void trim_pools(const Context& context) {
  for (Pool* pool : state().pools.all())
    if (pool->device == context.device->ordinal) trim(*pool, pool->threshold);
}

CUresult cuMemAllocAsync(CUdeviceptr* address, size_t bytes, CUstream stream) {
  return entry([&] { allocate(address, bytes, *current_context().device->pool, stream); });
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr* address, size_t bytes, CUmemoryPool pool, CUstream stream) {
  return entry([&] { allocate(address, bytes, pool_of(pool), stream); });
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream handle) {
  return entry([&] {
    Stream& stream = stream_of(handle);
    require(!stream.capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    Allocation& found = live_allocation(address, CUDA_ERROR_INVALID_VALUE);
    const auto pooled = pooled_memory().find(address);
    require(pooled != pooled_memory().end() && !pooled->second.freeing);
    pooled->second.freeing = true;
    submit(stream, std::make_shared<InnerWork>(WorkKind::kFree, [&found](Context&) {
             give_back_to_pool(found);
             return Outcome{};
           }));
  });
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    require(pool != nullptr);
    *pool = device_of(ordinal).default_pool;
  });
}

CUresult cuDeviceGetMemPool(CUmemoryPool* pool, CUdevice ordinal) {
  return entry(Needs::kDriver, [&] {
    require(pool != nullptr);
    *pool = device_of(ordinal).pool;
  });
}

CUresult cuDeviceSetMemPool(CUdevice ordinal, CUmemoryPool handle) {
  return entry(Needs::kDriver, [&] {
    Device& device = device_of(ordinal);
    Pool& pool = pool_of(handle);
    require(pool.device == ordinal);
    device.pool = &pool;
  });
}

CUresult cuMemPoolCreate(CUmemoryPool* handle, const CUmemPoolProps* properties) {
  return entry(Needs::kDriver, [&] {
    require(handle && properties);
    require(properties->allocType == 1 && properties->handleTypes == 0);  // pinned; no handles to other processes
    require(properties->location.type == 1, CUDA_ERROR_NOT_SUPPORTED);    // a device
    auto pool = std::make_shared<Pool>();
    pool->device = device_of(properties->location.id).ordinal;
    pool->limit = properties->maxSize;
    *handle = state().pools.add(std::move(pool));
  });
}

CUresult cuMemPoolDestroy(CUmemoryPool handle) {
  return entry(Needs::kDriver, [&] {
    Pool& pool = pool_of(handle);
    require(!pool.is_default);
    Device& device = device_of(pool.device);
    if (device.primary) finish(*device.primary);
    // What was not freed stays; its memory goes back when it is.
    pool.destroyed = true;
    trim(pool, 0);
    if (device.pool == &pool) device.pool = device.default_pool;
    state().pools.remove(pool);
  });
}

CUresult cuMemPoolGetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return entry(Needs::kDriver, [&] {
    const Pool& pool = pool_of(handle);
    require(value && attribute >= 1 && attribute <= 8);
    if (attribute <= 3) {
      *static_cast<int*>(value) = pool.reuse[attribute];
      return;
    }
    const uint64_t values[] = {pool.threshold, pool.reserved, pool.reserved_high, pool.used, pool.used_high};
    *static_cast<cuuint64_t*>(value) = values[attribute - 4];
  });
}

CUresult cuMemPoolSetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return entry(Needs::kDriver, [&] {
    Pool& pool = pool_of(handle);
    require(value != nullptr);
    if (attribute >= 1 && attribute <= 3) {
      pool.reuse[attribute] = *static_cast<int*>(value);
      return;
    }
    const cuuint64_t given = *static_cast<cuuint64_t*>(value);
    if (attribute == 4) {
      pool.threshold = given;
      return;
    }
    // High-water marks can only be set back.
    require((attribute == 6 || attribute == 8) && given == 0);
    if (attribute == 6)
      pool.reserved_high = pool.reserved;
    else
      pool.used_high = pool.used;
  });
}

CUresult cuMemPoolTrimTo(CUmemoryPool handle, size_t keep) {
  return entry(Needs::kDriver, [&] { trim(pool_of(handle), keep); });
}

CUresult cuMemPoolSetAccess(CUmemoryPool handle, const CUmemAccessDesc* map, size_t count) {
  return entry(Needs::kDriver, [&] {
    Pool& pool = pool_of(handle);
    require(map != nullptr || count == 0);
    for (size_t i = 0; i < count; ++i) {
      require(map[i].location.type == 1 && (map[i].flags == 0 || map[i].flags == 3));  // none, read and write
      const int device = device_of(map[i].location.id).ordinal;
      require(device != pool.device || map[i].flags == 3);
      if (device == pool.device) continue;
      const uint32_t bit = 1u << device;
      pool.peers = map[i].flags ? pool.peers | bit : pool.peers & ~bit;
    }
    for (const auto& [address, pooled] : pooled_memory())
      if (pooled.pool.get() == &pool) state().space.find(address)->peers = pool.peers;
  });
}

CUresult cuMemPoolGetAccess(CUmemAccess_flags* flags, CUmemoryPool handle, CUmemLocation* location) {
  return entry(Needs::kDriver, [&] {
    const Pool& pool = pool_of(handle);
    require(flags && location && location->type == 1);
    const int device = device_of(location->id).ordinal;
    *flags = device == pool.device || (pool.peers >> device & 1) ? 3 : 0;
  });
}

}  // namespace sinter::sim::driver
