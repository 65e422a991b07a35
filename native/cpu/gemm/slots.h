// Memory for tasks that run at the same time. Place in the whole: product.cpp's parallel loops; a task takes a region of the
// call's scratch memory when it starts and gives it back, so that there are as many as threads, not as many as tasks, and each
// stays in its thread's cache from task to task.
#pragma once
#include <cstdint>

#include "cpu/threads/pool.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

namespace {
class Slots {
 public:
  static constexpr int kMost = 64;

  explicit Slots(int64_t tasks) : count_(pool_threads()) {
    if (count_ > kMost) count_ = kMost;
    if (count_ > tasks) count_ = static_cast<int>(tasks);
    if (count_ < 1) count_ = 1;
  }
  int count() const { return count_; }

  // One for the caller alone. Waits where more tasks run than there are (a pool that grew meanwhile, or that of a large machine).
  SINTER_INLINE int take() {
    for (;;)
      for (int i = 0; i < count_; i++) {
        uint8_t free = 0;
        if (__atomic_compare_exchange_n(&taken_[i], &free, uint8_t{1}, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
          return i;
      }
  }
  SINTER_INLINE void give(int i) { __atomic_store_n(&taken_[i], uint8_t{0}, __ATOMIC_RELEASE); }

 private:
  int count_;
  uint8_t taken_[kMost] = {};
};
}  // namespace

}  // namespace sinter::cpu::SINTER_ISA
