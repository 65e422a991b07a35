// The frame of the fixed-window poolings. Place in the whole: max_pool.cpp and avg_pool.cpp state how a row of results
// is made from staged source rows; this cuts the planes into strips, stages them and runs them in parallel.
#pragma once
#include <algorithm>

#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

// The window of a pooling as a Problem of one channel: `planes` images (h, w) -> (oh, ow).
struct PoolGeometry {
  int64_t kh, kw, sh, sw, ph, pw, dh, dw;
};
SINTER_INLINE Problem pool_problem(const Call& c, const PoolGeometry& k, const TensorRef& x, const TensorRef& y) {
  Tap* taps = c.scratch_of<Tap>(k.kh * k.kw);
  for (int64_t i = 0; i < k.kh; i++)
    for (int64_t j = 0; j < k.kw; j++) taps[i * k.kw + j] = {i * k.dh - k.ph, j * k.dw - k.pw};
  int64_t planes = x.numel / (x.dim(-2) * x.dim(-1));
  return {planes, 1, x.data, 1, x.dim(-2), x.dim(-1), y.dim(-2), y.dim(-1), k.sh, k.sw, taps, k.kh * k.kw};
}

// Calls row(plane, y, staged) for every row of every plane of results: tap t's elements for the row's positions 0, 1,
// ... lie at staged + offsets[t], whole vectors readable; `outside` stands where the source ends.
template <class S, class F>
static void sweep(const Call& c, const Problem& p, Compute<S> outside, F&& row) {
  using T = Compute<S>;
  constexpr int64_t kStripBytes = 32 << 10;
  Window w = make_window<S>(p, p.grid_w);
  w.in_place = false;
  int64_t rows = kStripBytes / (w.row_len * static_cast<int64_t>(sizeof(T))) - w.span_y + w.row_step;
  int64_t strip = std::clamp<int64_t>(rows / w.row_step, 1, p.grid_h);
  int64_t strips = ceil_div(p.grid_h, strip);
  int64_t* offsets = c.scratch_of<int64_t>(p.ntaps);
  for (int64_t t = 0; t < p.ntaps; t++) offsets[t] = tap_offset(p, w, p.taps[t]);

  int64_t work = strip * p.grid_w * (p.ntaps + p.step_y * p.step_x + 2);  // elements touched by a strip
  int64_t grain = std::max<int64_t>(1, 100000 / work);
  Workplaces places(c, (w.rows(strip) * w.row_len + kLanes<T>)*sizeof(T), ceil_div(p.images * strips, grain));
  parallel_for(p.images * strips, grain, [&](int64_t begin, int64_t end) {
    int64_t place = places.claim();
    T* staged = reinterpret_cast<T*>(places.memory(place));
    for (int64_t i = begin; i < end; i++) {
      int64_t plane = i / strips, y0 = i % strips * strip, y1 = std::min(y0 + strip, p.grid_h);
      const S* source = static_cast<const S*>(p.source) + plane * p.source_h * p.source_w;
      stage_rows(p, w, source, y0, y1 - y0, 0, staged, outside);
      for (int64_t y = y0; y < y1; y++) row(plane, y, staged + (y - y0) * w.row_step * w.row_len, offsets);
    }
    places.release(place);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
