// Working memory for running ranges. Place in the whole: parallel_for names no thread, and memory for every range would
// spoil the caches; a range claims one of as many places as there are threads, so the same memory stays warm.
#pragma once
#include "cpu/rounding.h"
#include "cpu/simd/vec.h"
#include "cpu/threads/pool.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// The parts of a place, one behind the other, each at a cache line of its own.
struct PlaceParts {
  int64_t bytes = 0;  // of all so far

  // Where the next one begins: n elements of `size` bytes.
  SINTER_INLINE int64_t operator()(int64_t n, int64_t size) {
    const int64_t at = bytes;
    bytes = round_up(bytes + n * size, 64);
    return at;
  }
};

class Workplaces {
 public:
  // Places for loops of at most `ranges` concurrent ranges.
  SINTER_INLINE Workplaces(const Call& c, int64_t bytes, int64_t ranges) {
    // The odd cache line keeps places from sharing cache sets.
    stride_ = ((bytes + 63) / 64 * 64 + 64) | 64;
    int64_t threads = pool_threads();
    count_ = ranges < threads ? ranges : threads;
    memory_ = static_cast<char*>(c.scratch(stride_ * count_ + count_));
    busy_ = memory_ + stride_ * count_;
    std::memset(busy_, 0, count_);
  }
  SINTER_INLINE int64_t claim() const {
    for (int64_t i = 0;; i = i + 1 < count_ ? i + 1 : 0)
      if (!__atomic_exchange_n(&busy_[i], 1, __ATOMIC_ACQUIRE)) return i;
  }
  SINTER_INLINE void release(int64_t place) const { __atomic_store_n(&busy_[place], 0, __ATOMIC_RELEASE); }
  SINTER_INLINE char* memory(int64_t place) const { return memory_ + place * stride_; }

 private:
  char* memory_;
  char* busy_;
  int64_t stride_, count_;
};

}  // namespace sinter::cpu::SINTER_ISA
