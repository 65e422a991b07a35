// What the handlers of asynchronous instructions share. Place in the whole: exec_mbarrier.cpp, exec_copy.cpp, exec_bulk.cpp and
// exec_wgmma.cpp.
#pragma once
#include "access.h"
#include "decoder.h"
#include "machine.h"

namespace sinter::sim {

// An address operand of a lane: a register's value and a constant.
struct Place {
  Slot base = kNoSlot;
  bool wide = false;  // 64 bits
  int64_t offset = 0;

  uint64_t at(const Warp& warp, int lane) const {
    const uint64_t value = wide ? warp.source<uint64_t>(base)[lane] : warp.source<uint32_t>(base)[lane];
    return value + static_cast<uint64_t>(offset);
  }
};

inline Place place_of(Decoder& d, size_t operand) {
  const Address address = d.address(d.operand(operand));
  return {address.base, address.base_bytes == 8, address.offset};
}

// Shared addresses may come as generic ones.
inline uint64_t in_shared(uint64_t address) {
  return address >= kSharedWindow && address < kLocalWindow ? address & kWindowMask : address;
}

// The mbarrier object at a shared address.
inline uint64_t& mbarrier_at(Warp& warp, const Instruction& in, uint64_t address, int lane) {
  return *reinterpret_cast<uint64_t*>(at<Where::kShared>(warp, in, in_shared(address), 8, lane, Access::kAtomic));
}

// Whether what is asynchronous in this launch happens as late as waits allow, in drawn order, or at once. Both are right: a
// program which gives the same either way, and under several seeds, waits for what it should. Where it is late, shared memory
// that something is to come to is like fresh memory from the start on, so that nobody reads the old bytes there with success.
inline bool lands_late(const Warp& warp) { return warp.run->launch.seed % 2 == 0; }

// Tells the checker, where there is one, what an operation does when it does it.
class Watch {
 public:
  Watch(Warp& warp, const Instruction& in) : checker_(warp.run->checker), in_(&in) {
    if (checker_) warp_ = &checker_->asynchronous(warp);
  }
  void global(uint64_t address, uint32_t bytes, Access access) const {
    if (checker_) checker_->global(*warp_, *in_, address, bytes, 0, access);
  }
  void shared(uint64_t address, uint32_t bytes, Access access) const {
    if (checker_) checker_->shared(*warp_, *in_, address, bytes, 0, access);
  }

  void arrives(uint64_t address, uint32_t bytes) const {
    if (checker_) checker_->in_flight(*warp_, address, bytes, 0, true);
  }

 private:
  Checker* checker_;
  const Instruction* in_;
  Warp* warp_ = nullptr;
};

// Starts an operation that lands now or later.
inline void start_operation(Warp& warp, AsyncQueue::Operation operation) {
  AsyncQueue& queue = warp.block->cluster->async;
  if (lands_late(warp)) return queue.start(std::move(operation));
  if (operation.read) operation.read();
  if (operation.write) operation.write();
}

}  // namespace sinter::sim
