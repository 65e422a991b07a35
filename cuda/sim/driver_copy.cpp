// Copies. Where a real driver may read a program's memory sooner or later, or copy before or after it returns, the simulator takes
// the moment that shows more mistakes:
//
//   from pinned memory       read when the stream comes to it: a buffer that is used again too early is copied wrong
//   from pageable memory     cuMemcpyHtoD and ...Async take the bytes before they return, but the device has them later; with a seed
//                            ...Async may also read later, as systems do whose devices reach pageable memory
//   to host memory           ...Async to pinned memory writes when the stream comes to it; all others return with the bytes there
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "device_memory.h"
#include "graph.h"

namespace sinter::sim::driver {

namespace {

enum class Side { kHost, kDevice };

// The address of a copy's side. Device memory is looked up at once, as the real driver does it, and again when the copy is done.
CopySide side(Side kind, uint64_t address, uint64_t pitch, uint64_t bytes, uint64_t rows) {
  const uint64_t span = pitch * (rows - 1) + bytes;
  const AddressSpace& space = state().space;
  const Allocation* found = space.find(address);
  if (kind == Side::kDevice) {
    require(found && found->state != Allocation::State::kFreed && span <= found->end() - address);
    return {address, pitch, false};
  }
  require(address != 0 && !space.is_device_address(address));
  return {address, pitch, found == nullptr || span > found->end() - address};
}

// cuMemcpy: what the address is says where it lies.
Side kind_of(uint64_t address) { return state().space.is_device_address(address) ? Side::kDevice : Side::kHost; }

struct Rows {
  uint64_t bytes, count = 1, to_pitch = 0, from_pitch = 0;
};

// How the call waits.
enum class Wait { kAsync, kSync };

void copy(Stream& stream, Side to_kind, uint64_t to, Side from_kind, uint64_t from, const Rows& rows, Wait wait) {
  if (rows.bytes == 0 || rows.count == 0) return;
  const CopySide target = side(to_kind, to, rows.to_pitch, rows.bytes, rows.count);
  const CopySide source = side(from_kind, from, rows.from_pitch, rows.bytes, rows.count);
  if (wait == Wait::kSync) forbid_while_capturing();
  auto work = std::make_shared<CopyWork>(target, source, rows.bytes, rows.count);
  const bool to_host = to_kind == Side::kHost, from_host = from_kind == Side::kHost;
  if (!stream.capture) {
    const bool late = wait == Wait::kAsync && state().choose(2) == 1;
    // The bytes are staged in the stream's order only as far as the host is concerned: it is free to write them again.
    if (from_host && source.pageable && !late) work->take_snapshot();
    const bool waits =
        to_host ? wait == Wait::kSync || target.pageable : wait == Wait::kSync && from_host && !source.pageable;
    wait = waits ? Wait::kSync : Wait::kAsync;
  }
  const auto op = submit(stream, std::move(work));
  if (wait == Wait::kSync && op) {
    finish(op);
    require(!stream.context->error, stream.context->error);
  }
}

Rows plain(size_t bytes) { return {bytes}; }

uint64_t address_of(const void* data) { return reinterpret_cast<uint64_t>(data); }

Stream& legacy() { return *current_context().legacy; }

// One side of cuMemcpy2D: its kind, first byte and pitch.
struct Plane {
  Side kind;
  uint64_t address, pitch;
};

Plane plane(CUmemorytype type, const void* host, CUdeviceptr device, size_t x, size_t y, size_t pitch, size_t width,
            size_t height) {
  require(type == 1 || type == 2 || type == 4);  // host, device, unified; arrays are not simulated
  require(pitch >= width + x || (pitch == 0 && height == 1));
  const uint64_t base = type == 1 ? address_of(host) : device;
  const Side kind = type == 1 ? Side::kHost : type == 2 ? Side::kDevice : kind_of(base);
  return {kind, base + y * pitch + x, pitch};
}

void copy_2d(const CUDA_MEMCPY2D* it, Stream& stream, Wait wait) {
  require(it != nullptr);
  if (it->WidthInBytes == 0 || it->Height == 0) return;
  const Plane to = plane(it->dstMemoryType, it->dstHost, it->dstDevice, it->dstXInBytes, it->dstY, it->dstPitch,
                         it->WidthInBytes, it->Height);
  const Plane from = plane(it->srcMemoryType, it->srcHost, it->srcDevice, it->srcXInBytes, it->srcY, it->srcPitch,
                           it->WidthInBytes, it->Height);
  copy(stream, to.kind, to.address, from.kind, from.address, {it->WidthInBytes, it->Height, to.pitch, from.pitch},
       wait);
}

// Moves bytes of pageable memory, which may be gone by now: false then, and no crash.
bool move_pageable(void* to, const void* from, size_t bytes, bool reading) {
  iovec local{reading ? to : const_cast<void*>(from), bytes};
  iovec remote{reading ? const_cast<void*>(from) : to, bytes};
  const ssize_t moved = reading ? process_vm_readv(getpid(), &local, 1, &remote, 1, 0)
                                : process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
  if (moved == static_cast<ssize_t>(bytes)) return true;
  if (moved >= 0 || errno == EFAULT) return false;
  std::memcpy(to, from, bytes);  // the system does not allow these calls
  return true;
}

}  // namespace

void CopyWork::take_snapshot() {
  snapshot.resize(bytes * rows);
  for (uint64_t row = 0; row < rows; ++row)
    std::memcpy(snapshot.data() + row * bytes, reinterpret_cast<const std::byte*>(from.address + row * from.pitch),
                bytes);
}

Outcome CopyWork::run(Context&) {
  ++state().copies;
  if (State::due(state().settings.fail_copy)) return {CUDA_ERROR_ECC_UNCORRECTABLE, "a copy was set to fail"};
  const AddressSpace& space = state().space;
  // Copy engines reach all devices, whether kernels have peer access or not.
  const auto find = [&](const CopySide& side, uint64_t where) {
    Allocation* found = side.pageable ? nullptr : space.find(where);
    return found && found->state == Allocation::State::kLive && bytes <= found->end() - where ? found : nullptr;
  };
  for (uint64_t row = 0; row < rows; ++row) {
    const uint64_t target = to.address + row * to.pitch, source = from.address + row * from.pitch;
    Allocation *target_memory = find(to, target), *source_memory = find(from, source);
    const bool staged = !snapshot.empty();
    const bool no_target = !target_memory && !to.pageable, no_source = !source_memory && !from.pageable;
    if (no_target || no_source) {
      const Memory& anyone = state().devices.front()->memory;
      const std::string what = no_target ? "a copy to " : "a copy from ";
      return {CUDA_ERROR_ILLEGAL_ADDRESS, what + anyone.explain(no_target ? target : source, bytes)};
    }
    const void* bytes_from = staged          ? snapshot.data() + row * bytes
                             : source_memory ? source_memory->at(source)
                                             : reinterpret_cast<const void*>(source);
    void* bytes_to = target_memory ? target_memory->at(target) : reinterpret_cast<void*>(target);
    bool moved = true;
    if (to.pageable)
      moved = move_pageable(bytes_to, bytes_from, bytes, false);
    else if (from.pageable && !staged)
      moved = move_pageable(bytes_to, bytes_from, bytes, true);
    else
      std::memmove(bytes_to, bytes_from, bytes);
    if (!moved) return {CUDA_ERROR_ILLEGAL_ADDRESS, "a copy of host memory that is not there any more"};
    if (target_memory) AddressSpace::copy_written(*target_memory, target, source_memory, source, bytes);
  }
  return {};
}

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return entry([&] { copy(legacy(), kind_of(to), to, kind_of(from), from, plain(bytes), Wait::kSync); });
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return entry([&] { copy(stream_of(stream), kind_of(to), to, kind_of(from), from, plain(bytes), Wait::kAsync); });
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return entry([&] { copy(legacy(), Side::kDevice, to, Side::kHost, address_of(from), plain(bytes), Wait::kSync); });
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return entry(
      [&] { copy(stream_of(stream), Side::kDevice, to, Side::kHost, address_of(from), plain(bytes), Wait::kAsync); });
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return entry([&] { copy(legacy(), Side::kHost, address_of(to), Side::kDevice, from, plain(bytes), Wait::kSync); });
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return entry(
      [&] { copy(stream_of(stream), Side::kHost, address_of(to), Side::kDevice, from, plain(bytes), Wait::kAsync); });
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return entry([&] { copy(legacy(), Side::kDevice, to, Side::kDevice, from, plain(bytes), Wait::kSync); });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return entry([&] { copy(stream_of(stream), Side::kDevice, to, Side::kDevice, from, plain(bytes), Wait::kAsync); });
}

CUresult cuMemcpyPeer(CUdeviceptr to, CUcontext target, CUdeviceptr from, CUcontext source, size_t bytes) {
  return entry([&] {
    state().contexts.get(target, CUDA_ERROR_INVALID_CONTEXT);
    state().contexts.get(source, CUDA_ERROR_INVALID_CONTEXT);
    copy(legacy(), Side::kDevice, to, Side::kDevice, from, plain(bytes), Wait::kSync);
  });
}

CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext target, CUdeviceptr from, CUcontext source, size_t bytes,
                           CUstream stream) {
  return entry([&] {
    state().contexts.get(target, CUDA_ERROR_INVALID_CONTEXT);
    state().contexts.get(source, CUDA_ERROR_INVALID_CONTEXT);
    copy(stream_of(stream), Side::kDevice, to, Side::kDevice, from, plain(bytes), Wait::kAsync);
  });
}

CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D* it) {
  return entry([&] { copy_2d(it, legacy(), Wait::kSync); });
}

CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D* it) {
  return entry([&] { copy_2d(it, legacy(), Wait::kSync); });
}

CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* it, CUstream stream) {
  return entry([&] { copy_2d(it, stream_of(stream), Wait::kAsync); });
}

}  // namespace sinter::sim::driver
