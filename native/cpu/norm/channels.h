// How batch normalization walks x (n, c, s), s the product of the spatial dimensions. Place in the whole: shared by its
// forward and backward. Where s is long a channel is n runs of s contiguous elements and belongs to one range, so that
// its statistics and its result read memory once. Where s is short (s = 1 after a linear layer) x is a matrix
// (n, c * s) whose columns are summed side by side.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

struct Channels {
  int64_t n, c, s;
  explicit Channels(const TensorRef& x) : n(x.dims[0]), c(x.dims[1]), s(1) {
    for (int i = 2; i < x.rank; i++) s *= x.dims[i];
  }
  int64_t count() const { return n * s; }  // elements a channel
  int64_t columns() const { return c * s; }
  bool short_runs() const { return s < 16; }
};

// f(images, first, length): a channel's elements in groups that fit the first-level cache; the group's runs start at
// first + i * c * s for i < images, relative to the channel's first element.
template <class F>
SINTER_INLINE void each_group(const Channels& ch, F f) {
  const int64_t images = std::max<int64_t>(1, kSumBlock / ch.s);
  for (int64_t i = 0; i < ch.n; i += images)
    for (int64_t k = 0; k < ch.s; k += kSumBlock)
      f(std::min(images, ch.n - i), i * ch.columns() + k, std::min(kSumBlock, ch.s - k));
}

// Sums over the n rows of the matrix (n, columns), K of them: total[k * columns + j]. f(at, j, part, v) sets the terms
// of the elements from offset `at`, column j.
template <class T, int K, class F>
void column_sums(const Channels& ch, double* total, F f) {
  using C = Compute<T>;
  const int64_t columns = ch.columns(), n = ch.n;
  const ColumnBlocks blocks(columns);
  parallel_for(blocks.count, grain_of(n * blocks.width), [=](int64_t begin, int64_t end) {
    each_step<T>(std::min(columns, end * blocks.width) - begin * blocks.width, [&](int64_t step, auto part) {
      const int64_t j = begin * blocks.width + step;
      constexpr int64_t kFlush = 128;  // rows summed before their totals go to the long sum
      Vec<C> sum[K] = {}, recent[K] = {}, v[K];
      for (int64_t i = 0; i < n; i++) {
        f(i * columns + j, j, part, v);
        for (int k = 0; k < K; k++) recent[k] += v[k];
        if (i % kFlush == kFlush - 1)
          for (int k = 0; k < K; k++) {
            sum[k] += recent[k];
            recent[k] = Vec<C>{};
          }
      }
      for (int k = 0; k < K; k++) {
        C lanes[kStep<T>];
        store(lanes, sum[k] + recent[k]);
        for (int64_t l = 0; l < std::min<int64_t>(kStep<T>, columns - j); l++) total[k * columns + j + l] = lanes[l];
      }
    });
  });
}
// The sum of the s columns of a channel.
SINTER_INLINE double channel_total(const Channels& ch, const double* column_total, int64_t channel) {
  double t = 0;
  for (int64_t k = 0; k < ch.s; k++) t += column_total[channel * ch.s + k];
  return t;
}

}  // namespace sinter::cpu::SINTER_ISA
