// Working memory for running ranges. Place in the whole: parallel_for names no thread, and memory for every range would
// spoil the caches; a range claims one of as many places as there are threads, so the same memory stays warm.
#pragma once
#include <utility>

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

// Whether every thread makes so many bytes, which all threads read, for itself, in its workplace. A core that writes lines which another
// one has read, as a call before left them, waits for each: 27 ns between two cores of a Zen 4, where making one takes 2. So few threads
// do.
SINTER_INLINE bool makes_own(int64_t bytes) {
  constexpr int kFewThreads = 4;
  constexpr int64_t kMost = 8 << 20;
  return pool_threads() > 1 && pool_threads() <= kFewThreads && bytes <= kMost;
}

class Workplaces {
 public:
  // Places for loops of at most `ranges` concurrent ranges.
  SINTER_INLINE Workplaces(const Call& c, int64_t bytes, int64_t ranges) {
    // The odd cache line keeps places from sharing cache sets.
    stride_ = ((bytes + 63) / 64 * 64 + 64) | 64;
    int64_t threads = pool_threads();
    count_ = ranges < threads ? ranges : threads;
    memory_ = static_cast<char*>(c.scratch(stride_ * count_ + 2 * count_));
    busy_ = memory_ + stride_ * count_;
    std::memset(busy_, 0, 2 * count_);
  }
  SINTER_INLINE int64_t claim() const {
    for (int64_t i = 0;; i = i + 1 < count_ ? i + 1 : 0)
      if (!__atomic_exchange_n(&busy_[i], 1, __ATOMIC_ACQUIRE)) return i;
  }
  SINTER_INLINE void release(int64_t place) const { __atomic_store_n(&busy_[place], 0, __ATOMIC_RELEASE); }
  // Of whoever has claimed it: whether nobody asked before, as for what one range leaves there for those behind it.
  SINTER_INLINE bool first_time(int64_t place) const {
    char& asked = busy_[count_ + place];
    return !std::exchange(asked, char{1});
  }
  SINTER_INLINE char* memory(int64_t place) const { return memory_ + place * stride_; }

 private:
  char* memory_;
  char* busy_;
  int64_t stride_, count_;
};

}  // namespace sinter::cpu::SINTER_ISA
