// From an address to bytes, with the checks that a device makes and those of the checker. Place in the whole: loads, stores and
// atomics, and whatever else touches memory, go through at().
#pragma once
#include "checker.h"
#include "machine.h"
#include "profile.h"

namespace sinter::sim {

enum class Where : uint8_t { kGeneric, kGlobal, kShared, kLocal };

inline std::byte* local_bytes(Warp& warp, uint64_t offset, uint32_t bytes, int lane) {
  const uint32_t size = warp.run->code.local_bytes;
  if (offset > size || size - offset < bytes)
    throw ExecutionFault{Fault::kIllegalAddress,
                         std::to_string(bytes) + " bytes at " + std::to_string(offset) + " of a thread's " +
                             std::to_string(size) + " bytes of local memory",
                         lane};
  return warp.local + static_cast<size_t>(lane) * size + offset;
}

// The bytes behind [address] of space kWhere; [bytes] is what it must be a multiple of, too.
template <Where kWhere>
std::byte* at(Warp& warp, const Instruction& in, uint64_t address, uint32_t bytes, int lane, Access access) {
  if (address & (bytes - 1)) require_aligned(address, bytes, lane);
  Checker* checker = warp.run->checker;
  if constexpr (kWhere == Where::kGlobal) {
    const Allocation* hint = warp.worker->hints[static_cast<size_t>(&in - warp.run->code.instructions.data())];
    std::byte* data = hint && address - hint->address <= hint->bytes - bytes && hint->bytes >= bytes && !hint->read_only
                          ? hint->at(address)
                          : find_global(warp, in, address, bytes, lane, access != Access::kLoad);
    if (checker) checker->global(warp, in, address, bytes, lane, access);
    return data;
  } else if constexpr (kWhere == Where::kShared) {
    const uint64_t offset = address - kSharedBase;
    const size_t size = warp.block->shared.size();
    std::byte* data = offset < size && size - offset >= bytes ? warp.block->shared.data() + offset
                                                              : find_shared(warp, address, bytes, lane);
    if (checker) checker->shared(warp, in, address, bytes, lane, access);
    return data;
  } else if constexpr (kWhere == Where::kLocal) {
    return local_bytes(warp, address, bytes, lane);
  } else {
    switch (address >> 48) {
      case kSharedWindow >> 48: return at<Where::kShared>(warp, in, address & kWindowMask, bytes, lane, access);
      case kLocalWindow >> 48: return at<Where::kLocal>(warp, in, address & kWindowMask, bytes, lane, access);
      case kParameterWindow >> 48: {
        const uint64_t offset = address & kWindowMask, size = warp.run->function.parameter_bytes;
        if (offset > size || size - offset < bytes || access != Access::kLoad)
          throw ExecutionFault{Fault::kIllegalAddress, "outside of the kernel's parameters, or a store to them", lane};
        return const_cast<std::byte*>(warp.run->launch.parameters) + offset;
      }
      default: return at<Where::kGlobal>(warp, in, address, bytes, lane, access);
    }
  }
}

}  // namespace sinter::sim
