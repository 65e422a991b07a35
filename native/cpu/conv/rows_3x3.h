// 3 x 3 taps over the rows of a plane, where they lie. Place in the whole: direct.cpp and thin_weight_grad.cpp, for depthwise
// convolutions of stride 1 with AVX-512, whose masked loads read the padding as zeros: planes of a depthwise layer are so small that
// staging takes longer than the sums.
//
// A strip of one or two vectors of columns goes down the source's rows; a row is loaded once for each column of taps, and serves the
// three rows of the grid that see it. Layers stream through the caches, and a strip is no stream that the hardware sees, so each row asks
// for what lies kAheadBytes further: that is in rows or planes to come, as long as a strip's rows are not more than that.
#pragma once
#include "cpu/conv/lanes.h"
#include "cpu/conv/problem.h"
#include "cpu/simd/ask.h"
#include "cpu/simd/fma.h"

namespace sinter::cpu::SINTER_ISA {

// Position (y, x) sees source rows y + dy, y + dy + 1, y + dy + 2, of which tap 3 i + j has row y + dy + i, or from the last on, and
// column x + dx[j].
struct Taps3x3 {
  bool exists;
  int64_t dy, dx[3];
  bool flipped;
};

// Of one source channel, or none.
SINTER_INLINE Taps3x3 taps_3x3(const Problem& p) {
  Taps3x3 none = {}, s = {true, 0, {}, false};
  if (p.ntaps != 9 || p.depth() != 9 || p.dz || p.step_y != 1 || p.step_x != 1) return none;
  s.flipped = p.taps[8].dy < p.taps[0].dy;
  s.dy = p.taps[s.flipped ? 8 : 0].dy;
  for (int t = 0; t < 9; t++) {
    if (t < 3) s.dx[t] = p.taps[t].dx;
    if (p.taps[t].dy != s.dy + (s.flipped ? 2 - t / 3 : t / 3) || p.taps[t].dx != s.dx[t % 3]) return none;
  }
  return s;
}

#if defined(__AVX512F__)
constexpr int64_t kAheadBytes = 8 << 10;

// Rows of `width` elements that a strip may have.
template <class T>
SINTER_INLINE int64_t rows_3x3_strip(int64_t width) {
  return std::max<int64_t>(8, kAheadBytes / (width * static_cast<int64_t>(sizeof(T))));
}
template <class T>
SINTER_INLINE void ask_ahead(const T* p) {
  ask_for(reinterpret_cast<const char*>(p) + kAheadBytes);
}

template <class T>
struct SourcePlane {
  const T* data;
  int64_t height, width;
};

// What the three columns of taps see of one source row from kVectors vectors of positions on.
template <class T, int kVectors>
class SourceRows3x3 {
 public:
  static constexpr int kL = kLanes<T>;

  // Positions [x, x + nx) of the grid.
  SINTER_INLINE SourceRows3x3(const SourcePlane<T>& plane, const Taps3x3& s, int64_t x, int64_t nx)
      : plane_(plane), x_(x) {
    for (int j = 0; j < 3; j++) {
      dx_[j] = s.dx[j];
      for (int v = 0; v < kVectors; v++) {
        const int64_t first = x + v * kL + s.dx[j];
        lanes_[v][j] = lane_range<T>(-first, std::min(plane.width - first, nx - v * kL));
      }
    }
  }
  SINTER_INLINE void read(int64_t row, Vec<T> (&seen)[kVectors][3]) const {
    const bool there = row >= 0 && row < plane_.height;
    const T* from = plane_.data + row * plane_.width + x_;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) ask_ahead(from + v * kL);
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++)
#pragma GCC unroll 3
      for (int j = 0; j < 3; j++) seen[v][j] = there ? load_lanes(from + v * kL + dx_[j], lanes_[v][j]) : Vec<T>{};
  }

 private:
  SourcePlane<T> plane_;
  int64_t x_, dx_[3];
  uint32_t lanes_[kVectors][3];
};

// to (ny, nx), rows `row` apart: the grid's positions from (y, x) on, nx within kVectors vectors.
template <class T, int kVectors>
static void strip_3x3(const SourcePlane<T>& plane, const Taps3x3& s, int64_t y, int64_t ny, int64_t x, int64_t nx,
                      const T* weights, T bias, T* to, int64_t row) {
  constexpr int kL = kLanes<T>;
  const SourceRows3x3<T, kVectors> source(plane, s, x, nx);
  const int rest = static_cast<int>(nx - (kVectors - 1) * kL);
  Vec<T> w[3][3];  // by source rows
#pragma GCC unroll 3
  for (int i = 0; i < 3; i++)
#pragma GCC unroll 3
    for (int j = 0; j < 3; j++) w[i][j] = splat(weights[3 * (s.flipped ? 2 - i : i) + j]);
  const Vec<T> start = splat(bias);
  Vec<T> ending[kVectors] = {}, middle[kVectors] = {};
  for (int64_t i = 0; i < ny + 2; i++) {
    Vec<T> seen[kVectors][3];
    source.read(y + s.dy + i, seen);
    T* const out = to + (i - 2) * row;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) ask_ahead(out + v * kL);
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) {
      Vec<T> first = start;
#pragma GCC unroll 3
      for (int j = 0; j < 3; j++) {
        fma_into(ending[v], w[2][j], seen[v][j]);
        fma_into(middle[v], w[1][j], seen[v][j]);
        fma_into(first, w[0][j], seen[v][j]);
      }
      if (i >= 2) {
        if (v < kVectors - 1)
          store(out + v * kL, ending[v]);
        else
          store_n(out + v * kL, ending[v], rest);
      }
      ending[v] = middle[v], middle[v] = first;
    }
  }
}

// A channel's rows [y, y + ny), columns [x, x + nx) of the grid, where plane is what its taps see.
template <class T>
static void rows_3x3(const SourcePlane<T>& plane, const Taps3x3& s, int64_t y, int64_t ny, int64_t x, int64_t nx,
                     const T* weights, T bias, T* to, int64_t row) {
  constexpr int kL = kLanes<T>;
  for (int64_t i = 0; i < nx; i += 2 * kL) {
    if (nx - i > kL)
      strip_3x3<T, 2>(plane, s, y, ny, x + i, std::min<int64_t>(nx - i, 2 * kL), weights, bias, to + i, row);
    else
      strip_3x3<T, 1>(plane, s, y, ny, x + i, nx - i, weights, bias, to + i, row);
  }
}

// totals (9, lanes) += g (ny, nx), the gradient at the grid's positions from (y, x) on, times what the taps see from there; returns the
// sum of g.
template <class T>
static Vec<T> weight_grad_3x3(const SourcePlane<T>& plane, const Taps3x3& s, int64_t y, int64_t ny, int64_t x,
                              int64_t nx, const T* g, int64_t row, T* totals) {
  constexpr int kL = kLanes<T>;
  Vec<T> acc[3][3] = {}, sum = {};  // by source rows
  for (int64_t at = 0; at < nx; at += kL) {
    const SourceRows3x3<T, 1> source(plane, s, x + at, nx - at);
    const uint32_t lanes = lane_range<T>(0, nx - at);
    Vec<T> g0 = {}, g1 = {}, g2 = {};
    // Rows of g that are not there take no part: zeros would make NaN of what is infinite in the source.
    const auto step = [&](int64_t i, bool has0, bool has1, bool has2) __attribute__((always_inline)) {
      Vec<T> seen[1][3];
      source.read(y + s.dy + i, seen);
      ask_ahead(g + i * row + at);
      if (has0) g0 = load_lanes(g + i * row + at, lanes), sum += g0;
#pragma GCC unroll 3
      for (int j = 0; j < 3; j++) {
        if (has0) fma_into(acc[0][j], g0, seen[0][j]);
        if (has1) fma_into(acc[1][j], g1, seen[0][j]);
        if (has2) fma_into(acc[2][j], g2, seen[0][j]);
      }
      g2 = g1, g1 = g0;
    };
    int64_t i = 0;
    for (; i < 2; i++) step(i, i < ny, i == 1, false);
    for (; i < ny; i++) step(i, true, true, true);
    for (; i < ny + 2; i++) step(i, false, i - 1 < ny, true);
  }
#pragma GCC unroll 3
  for (int i = 0; i < 3; i++)
#pragma GCC unroll 3
    for (int j = 0; j < 3; j++) {
      T* total = totals + (3 * (s.flipped ? 2 - i : i) + j) * kL;
      store(total, load(total) + acc[i][j]);
    }
  return sum;
}
#endif

}  // namespace sinter::cpu::SINTER_ISA
