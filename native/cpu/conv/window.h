// Staging of source rows. Place in the whole: every convolution and pooling reads its source through a Window, which
// hides padding, stride and storage type: after staging, a run of neighbouring grid positions meets each tap in a run
// of neighbouring elements, all of them in bounds.
//
// Stored row: for step_x > 1 the columns are dealt out by their residue (phase-major), so that neighbours on the grid
// are neighbours in memory. Rows and phases that no tap meets (strides beyond the kernel's extent) are left out.
#pragma once
#include <algorithm>

#include "cpu/conv/lanes.h"
#include "cpu/conv/problem.h"

namespace sinter::cpu::SINTER_ISA {

struct Window {
  int64_t dy0, dx0;           // the least tap offsets
  int64_t span_y;             // stored rows that one grid row meets
  int64_t row_step;           // stored rows from one grid row to the next
  int64_t phases, phase_len;  // of a stored row
  int64_t row_len;            // phases * phase_len
  bool in_place;              // the source can be read where it is: no padding met, step_x 1, compute type

  int64_t rows(int64_t grid_rows) const { return (grid_rows - 1) * row_step + span_y; }
};

// A window on `columns` neighbouring grid columns.
template <class S>
SINTER_INLINE Window make_window(const Problem& p, int64_t columns) {
  int64_t dy0 = p.taps[0].dy, dy1 = dy0, dx0 = p.taps[0].dx, dx1 = dx0;
  for (int64_t t = 1; t < p.ntaps; t++) {
    dy0 = std::min(dy0, p.taps[t].dy), dy1 = std::max(dy1, p.taps[t].dy);
    dx0 = std::min(dx0, p.taps[t].dx), dx1 = std::max(dx1, p.taps[t].dx);
  }
  Window w;
  w.dy0 = dy0, w.dx0 = dx0;
  w.span_y = dy1 - dy0 + 1;
  w.row_step = std::min(p.step_y, w.span_y);
  w.phases = std::min(p.step_x, dx1 - dx0 + 1);
  w.phase_len = columns + (dx1 - dx0) / p.step_x;
  w.row_len = w.phases * w.phase_len;
  w.in_place = std::is_same_v<S, Compute<S>> && !p.dz && p.step_x == 1 && dy0 >= 0 && dx0 >= 0 &&
               (p.grid_h - 1) * p.step_y + dy1 < p.source_h && p.grid_w - 1 + dx1 < p.source_w;
  return w;
}

// Distance of tap t's elements from the position's own, which is its first stored row and column, or, in place, the
// source element at (y * step_y, x).
SINTER_INLINE int64_t tap_offset(const Problem& p, const Window& w, const Tap& t) {
  if (w.in_place) return t.dy * p.source_w + t.dx;
  int64_t dx = t.dx - w.dx0;
  return (t.dy - w.dy0) * w.row_len + dx % p.step_x * w.phase_len + dx / p.step_x;
}

template <class T>
SINTER_INLINE void fill_run(T* dst, int64_t n, T value) {
  constexpr int kL = kLanes<T>;
  Vec<T> v = splat(value);
  for (; n >= kL; n -= kL, dst += kL) store(dst, v);
  if (n > 0) store_n(dst, v, static_cast<int>(n));
}

// dst[i] = src[i * step] for i in [0, n). `before` tells that src[-1] can be read.
template <class S>
SINTER_INLINE void gather_run(const S* src, int64_t step, int64_t n, bool before, Compute<S>* dst) {
  if constexpr (std::is_same_v<S, Compute<S>>) {
    constexpr int kL = kLanes<S>;
    if (step == 1) {
      int64_t i = 0;
      for (; i + kL <= n; i += kL) store(dst + i, load(src + i));
      if (i == n) return;
      if (n >= kL)
        store(dst + n - kL, load(src + n - kL));
      else
        store_n(dst, load_n(src, static_cast<int>(n)), static_cast<int>(n));
      return;
    }
    if (step == 2) {
      int64_t i = 0;
      for (; i + kL < n; i += kL) store(dst + i, deal<0>(load(src + 2 * i), load(src + 2 * i + kL)));
      if (n >= kL && (before || n > kL)) {  // the last vector's odd lanes end with the last element wanted
        const S* last = src + 2 * (n - kL) - 1;
        store(dst + n - kL, deal<1>(load(last), load(last + kL)));
        return;
      }
      if (i == n) return;
      int rest = static_cast<int>(n - i),
          wanted = 2 * rest - 1;  // fewer than a vector, or one vector with nothing before
      Vec<S> lo = load_n(src + 2 * i, std::min(wanted, kL));
      Vec<S> hi = wanted > kL ? load_n(src + 2 * i + kL, wanted - kL) : Vec<S>{};
      store_n(dst + i, deal<0>(lo, hi), rest);
      return;
    }
  }
  for (int64_t i = 0; i < n; i++) dst[i] = to_compute(src[i * step]);
}

// The source row of a stored row of what the grid rows from y on meet.
SINTER_INLINE int64_t source_row(const Problem& p, const Window& w, int64_t y, int64_t r) {
  return w.dy0 + (w.row_step == p.step_y ? y * p.step_y + r : (y + r / w.span_y) * p.step_y + r % w.span_y);
}

// Calls row(at, n, lo, hi, first) for the n elements of each phase of each stored row that the grid rows [y, y + ny), from column x on,
// meet: they lie `at` elements into the stored rows; of them [lo, hi) lie in the plane, from its element `first` on, step_x apart, and
// the others are zeros; lo = hi where the row is beyond the plane.
template <class Row>
SINTER_INLINE void each_stored_row(const Problem& p, const Window& w, int64_t y, int64_t ny, int64_t x, Row row) {
  const int64_t rows = w.rows(ny), n = w.phase_len, step = p.step_x, width = p.source_w;
  for (int64_t f = 0; f < w.phases; f++) {
    const int64_t start = x * step + w.dx0 + f;  // elements [lo, hi) of a phase lie in the plane
    const int64_t lo = start >= 0 ? 0 : std::min(n, ceil_div(-start, step));
    const int64_t hi = start >= width ? lo : std::max(lo, std::min(n, ceil_div(width - start, step)));
    for (int64_t r = 0; r < rows; r++) {
      const int64_t in_plane = source_row(p, w, y, r);
      const bool inside = in_plane >= 0 && in_plane < p.source_h;
      row(r * w.row_len + f * n, n, lo, inside ? hi : lo, in_plane * width + start + lo * step);
    }
  }
}

#if defined(__AVX512F__)
// stage_rows where a stored row has kVectors vectors of neighbouring columns: masks that hold for all rows make the padding.
template <class T, int kVectors>
static void stage_narrow_rows(const Problem& p, const Window& w, const T* plane, int64_t y, int64_t rows, int64_t x,
                              T* dst) {
  constexpr int kL = kLanes<T>;
  const int64_t first = x + w.dx0, n = w.row_len;
  uint32_t lanes[kVectors];
  for (int v = 0; v < kVectors; v++)
    lanes[v] = lane_range<T>(-first - v * kL, std::min(n, p.source_w - first) - v * kL);
  const int rest = static_cast<int>(n - (kVectors - 1) * kL);
  for (int64_t r = 0; r < rows; r++, dst += n) {
    const int64_t row = source_row(p, w, y, r);
    const bool there = row >= 0 && row < p.source_h;
    const T* from = plane + row * p.source_w + first;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) {
      const Vec<T> in = there ? load_lanes(from + v * kL, lanes[v]) : Vec<T>{};
      if (v < kVectors - 1)
        store(dst + v * kL, in);
      else
        store_n(dst + v * kL, in, rest);
    }
  }
}
#endif

// Stores what the grid rows [y, y + ny), from column x on, meet in one source channel's plane: w.rows(ny) rows of
// w.row_len, zeros where that is beyond the plane.
template <class S>
static void stage_rows(const Problem& p, const Window& w, const S* plane, int64_t y, int64_t ny, int64_t x,
                       Compute<S>* dst) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  const int64_t step = p.step_x;
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<S, T>) {
    if (step == 1 && w.row_len <= kL) return stage_narrow_rows<T, 1>(p, w, plane, y, w.rows(ny), x, dst);
    if (step == 1 && w.row_len <= 2 * kL) return stage_narrow_rows<T, 2>(p, w, plane, y, w.rows(ny), x, dst);
  }
#endif
  each_stored_row(p, w, y, ny, x, [=](int64_t at, int64_t n, int64_t lo, int64_t hi, int64_t first) {
    T* const to = dst + at;
    if (lo == hi) return fill_run(to, n, T(0));
    if constexpr (std::is_same_v<S, T>) {
      // Of most windows the padding is narrower than a vector: then no edge takes steps of its own.
      if (step == 1 && lo <= kL && hi + kL > n && lo + 2 * kL <= n) {
        const S* from = plane + first - lo;
        store(to, Vec<T>{});
        int64_t i = lo;
        for (; i + kL <= hi; i += kL) store(to + i, load(from + i));
        if (i < n - kL) store(to + i, load_n(from + i, static_cast<int>(hi - i)));
        store(to + n - kL, load_n(from + n - kL, static_cast<int>(hi + kL - n)));
        return;
      }
    }
    fill_run(to, lo, T(0));
    gather_run(plane + first, step, hi - lo, first > 0, to + lo);
    fill_run(to + hi, n - hi, T(0));
  });
}

// The same of a channel of an image.
template <class S>
SINTER_INLINE void stage_channel(const Problem& p, const Window& w, int64_t image, int64_t g, int64_t channel,
                                 int64_t y, int64_t ny, int64_t x, Compute<S>* dst) {
  int64_t plane = p.plane(image, g, channel);
  if (plane < 0) return fill_run(dst, w.rows(ny) * w.row_len, Compute<S>(0));
  stage_rows(p, w, static_cast<const S*>(p.source) + plane * p.source_h * p.source_w, y, ny, x, dst);
}

// Stores the first n lanes in the storage type.
template <class S>
SINTER_INLINE void store_narrowed(S* to, Vec<Compute<S>> value, int n) {
  using T = Compute<S>;
  if constexpr (std::is_same_v<S, T>) {
    if (n == kLanes<T>)
      store(to, value);
    else
      store_n(to, value, n);
  } else {
    T lanes[kLanes<T>];
    store(lanes, value);
    for (int i = 0; i < n; i++) to[i] = narrow<S>(lanes[i]);
  }
}

}  // namespace sinter::cpu::SINTER_ISA
