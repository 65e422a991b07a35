// The windows of poolings, and the frame of avg_pool.cpp. Place in the whole: avg_pool.cpp states how a row of results is made
// from staged source rows; this cuts the planes into strips, stages them and runs them in parallel.
#pragma once
#include <algorithm>

#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

// The window of a pooling along one axis.
struct PoolAxis {
  int64_t kernel = 1, stride = 1, padding = 0, dilation = 1;
};

// Attributes {kernel*r, stride*r, padding*r[, dilation*r], `more` others}.
struct PoolGeometry {
  int r;
  PoolAxis z, y, x;
  SINTER_INLINE PoolGeometry(const Call& c, int lists, int more) : r((c.nattr - more) / lists) {
    auto axis = [&](int i) {
      return PoolAxis{c.int_attr(i), c.int_attr(r + i), c.int_attr(2 * r + i), lists > 3 ? c.int_attr(3 * r + i) : 1};
    };
    x = axis(r - 1);
    if (r > 1) y = axis(r - 2);
    if (r > 2) z = axis(r - 3);
  }
};

// The last r dimensions of a tensor, as depth, height and width.
struct Extent {
  int64_t d, h, w;
  SINTER_INLINE Extent(const TensorRef& t, int r) : d(r > 2 ? t.dim(-3) : 1), h(r > 1 ? t.dim(-2) : 1), w(t.dim(-1)) {}
  SINTER_INLINE int64_t size() const { return d * h * w; }
};

// A pooling over one or two dimensions as a Problem of one channel: x -> y.
SINTER_INLINE Problem pool_problem(const Call& c, const PoolGeometry& k, const TensorRef& x, const TensorRef& y) {
  Extent in(x, k.r), out(y, k.r);
  Tap* taps = c.scratch_of<Tap>(k.y.kernel * k.x.kernel);
  for (int64_t i = 0; i < k.y.kernel; i++)
    for (int64_t j = 0; j < k.x.kernel; j++)
      taps[i * k.x.kernel + j] = {i * k.y.dilation - k.y.padding, j * k.x.dilation - k.x.padding};
  return {x.numel / in.size(),    1, x.data, 1, in.h, in.w, out.h, out.w, k.y.stride, k.x.stride, taps,
          k.y.kernel * k.x.kernel};
}

// Calls row(plane, y, staged, offsets) for every row of every plane of results: tap t's elements for the row's positions
// 0, 1, ... lie at staged + offsets[t], whole vectors readable, zeros
// where the source ends.
template <class S, class F>
static void sweep(const Call& c, const Problem& p, F&& row) {
  using T = Compute<S>;
  constexpr int64_t kStripBytes = 32 << 10;
  Window w = make_window<S>(p, p.grid_w);
  w.in_place = false;
  int64_t bytes = w.row_len * static_cast<int64_t>(sizeof(T));
  int64_t rows = kStripBytes / bytes - w.span_y + w.row_step;
  int64_t strip = std::clamp<int64_t>(rows / w.row_step, 1, p.grid_h);
  int64_t strips = ceil_div(p.grid_h, strip), size = w.rows(strip) * w.row_len;
  int64_t* offsets = c.scratch_of<int64_t>(p.ntaps);
  for (int64_t t = 0; t < p.ntaps; t++) offsets[t] = tap_offset(p, w, p.taps[t]);

  int64_t work = strip * p.grid_w * (p.ntaps + p.step_y * p.step_x + 2);  // elements touched by a strip
  int64_t grain = std::max<int64_t>(1, 100000 / work);
  Workplaces places(c, (size + kLanes<T>)*sizeof(T), ceil_div(p.images * strips, grain));
  parallel_for(p.images * strips, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    T* staged = reinterpret_cast<T*>(places.memory(place));
    for (int64_t i = begin; i < end; i++) {
      int64_t plane = i / strips, y0 = i % strips * strip, y1 = std::min(y0 + strip, p.grid_h);
      stage_channel<S>(p, w, plane, 0, 0, y0, y1 - y0, 0, staged);
      for (int64_t y = y0; y < y1; y++) row(plane, y, staged + (y - y0) * w.row_step * w.row_len, offsets);
    }
    places.release(place);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
