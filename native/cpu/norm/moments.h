// Mean and variance in one pass over memory. Place in the whole: batch and group normalization, whose runs may be longer
// than the caches. Blocks that fit the first-level cache are read twice, for their mean and for their squared deviations
// from it, and merged in f64 (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
// variances", 1979): the accuracy of two passes.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

struct Moments {
  double count = 0, mean = 0, squares = 0;  // squares: sum of squared deviations from the mean

  void merge(double n, double m, double s) {
    const double total = count + n, delta = m - mean;
    squares += s + delta * delta * (count * n / total);
    mean += delta * (n / total);
    count = total;
  }
  double rstd(double eps) const { return 1 / std::sqrt(squares / count + eps); }
};

// Of `runs` runs of `length` elements, `stride` apart, together no longer than fits the cache.
template <class T>
SINTER_INLINE void merge_block(Moments& all, const T* x, int64_t runs, int64_t length, int64_t stride) {
  using C = Compute<T>;
  Sums<C> sum, squares;
  for (int64_t i = 0; i < runs; i++)
    sum.add(length, [&](int64_t k, auto part, Vec<C>(&v)[1]) { v[0] = get(part, x + i * stride + k); });
  const double count = static_cast<double>(runs * length);
  const C mean = static_cast<C>(sum.total() / count);
  for (int64_t i = 0; i < runs; i++)
    squares.add(length, [&](int64_t k, auto part, Vec<C>(&v)[1]) {
      v[0] = get(part, x + i * stride + k) - mean;
      v[0] *= v[0];
    });
  all.merge(count, mean, squares.total());
}

template <class T>
Moments run_moments(const T* x, int64_t n) {
  Moments all;
  for (int64_t at = 0; at < n; at += kSumBlock) merge_block(all, x + at, 1, std::min(kSumBlock, n - at), 0);
  return all;
}

}  // namespace sinter::cpu::SINTER_ISA
