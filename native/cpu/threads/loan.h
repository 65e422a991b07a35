// A core of the pool's lent to a thread that computes something else. Place in the whole: JavaScript encodes the next
// commands while the pool computes the last ones, and on a machine whose every core has a thread of the pool the system
// would stop one of them in the middle of its range, which all others then wait for. Told of it, a helper sleeps between
// two ranges instead, until the loan has ended.
#pragma once
#include <atomic>

namespace sinter {

void pool_lend_core();
void pool_take_back_core();
int pool_lent_cores();

// One thread's loan, begun and ended any number of times by any thread.
class CoreLoan {
 public:
  CoreLoan() = default;
  CoreLoan(const CoreLoan&) = delete;
  CoreLoan& operator=(const CoreLoan&) = delete;
  ~CoreLoan() { end(); }

  void begin() {
    if (!lent_.exchange(true, std::memory_order_relaxed)) pool_lend_core();
  }
  void end() {
    if (lent_.load(std::memory_order_relaxed) && lent_.exchange(false, std::memory_order_relaxed))
      pool_take_back_core();
  }

 private:
  std::atomic<bool> lent_{false};
};

}  // namespace sinter
