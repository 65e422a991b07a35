// The maximum of a row and the sum of exponentials below it, in one pass over memory. Place in the whole: shared by
// softmax and cross entropy. Blocks stay in the first-level cache between their maximum and their exponentials; a block
// with a new maximum rescales what was summed before (Milakov and Gimelshein, "Online normalizer calculation for
// softmax", 2018).
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

template <class C>
struct MaxSum {
  C max;       // -inf where no element is larger
  double sum;  // of e^(x - max); of an all -inf row 0, and NaN where the row holds a NaN or +inf
};

template <class T>
SINTER_INLINE MaxSum<Compute<T>> max_sum_exp(const T* x, int64_t n) {
  using C = Compute<T>;
  MaxSum<C> r{-kInf<C>, 0};
  for (int64_t at = 0; at < n; at += kSumBlock) {
    const T* block = x + at;
    const int64_t size = std::min(kSumBlock, n - at);
    const C top = row_max(block, size);
    if (top > r.max) {
      r.sum *= std::exp(static_cast<double>(r.max) - static_cast<double>(top));
      r.max = top;
    }
    const C from = r.max == -kInf<C> ? C(0) : r.max;
    Sums<C> sums;
    sums.add(size, [&](int64_t i, auto part, Vec<C>(&v)[1]) {
      prefetch_step(block + kSumBlock + i);
      v[0] = exp_nonpositive(get(part, block + i) - from);
    });
    r.sum += sums.total();
  }
  return r;
}

}  // namespace sinter::cpu::SINTER_ISA
