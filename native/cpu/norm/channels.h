// How batch normalization walks x (n, c, s), s the product of the spatial dimensions. Place in the whole: shared by its
// forward and backward. Where s is long a channel is n runs of s contiguous elements and belongs to one range, so that
// its statistics and its result read memory once. Where s is short (s = 1 after a linear layer) x is a matrix
// (n, c * s) whose columns are summed side by side (columns.h).
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

// The sum of the s columns of a channel.
SINTER_INLINE double channel_total(const Channels& ch, const double* column_total, int64_t channel) {
  double t = 0;
  for (int64_t k = 0; k < ch.s; k++) t += column_total[channel * ch.s + k];
  return t;
}

}  // namespace sinter::cpu::SINTER_ISA
