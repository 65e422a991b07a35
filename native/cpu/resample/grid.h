// Where a sampling grid points: for a block of positions, the elements of an image that each of them mixes, their
// weights, and the weights' derivatives by the grid's coordinates. Place in the whole: shared by gridSample's two
// directions. Definition: torch.nn.functional.grid_sample (Jaderberg et al., "Spatial transformer networks", 2015).
#pragma once
#include "cpu/conv/workplaces.h"
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

enum class Sampling : int { bilinear, nearest, bicubic };
enum class Padding : int { zeros, border, reflection };

constexpr int64_t kGridBlock = 64;  // positions

struct GridProblem {
  Sampling mode;
  Padding padding;
  bool align;
  int axes;                                 // coordinates a position: 2 or 3
  int64_t n, channels, positions, size[3];  // size: w, h, d
  int64_t plane;                            // d * h * w

  GridProblem(const Call& c, const TensorRef& x, const TensorRef& grid)
      : mode(static_cast<Sampling>(c.int_attr(0))), padding(static_cast<Padding>(c.int_attr(1))), align(c.attr[2] != 0),
        axes(static_cast<int>(grid.dim(-1))), n(x.dims[0]), channels(x.dims[1]),
        positions(grid.dims[1] * grid.dims[2] * grid.dims[3]), size{x.dims[4], x.dims[3], x.dims[2]},
        plane(size[0] * size[1] * size[2]) {}

  int taps_an_axis() const { return mode == Sampling::nearest ? 1 : mode == Sampling::bilinear ? 2 : 4; }
  int taps() const {
    int t = 1;
    for (int a = 0; a < axes; a++) t *= taps_an_axis();
    return t;
  }
  int64_t blocks() const { return (positions + kGridBlock - 1) / kGridBlock; }
};

template <class C>
struct AxisTaps {
  int32_t at[4][kGridBlock];  // -1: outside
  C weight[4][kGridBlock], slope[4][kGridBlock];
};

// Taps of a block: element at[t][i] of a plane with weight[t][i]; slope[a]: the weight's derivative by coordinate a.
template <class C>
struct GridTaps {
  int count;
  int32_t at[16][kGridBlock];
  C weight[16][kGridBlock], slope[3][16][kGridBlock];
  AxisTaps<C> axis[3];
};

// A coordinate in elements, moved inside where the padding says so; `grad` is multiplied by the derivative.
template <class C>
SINTER_INLINE C reflected(C x, const GridProblem& p, int64_t size, C& grad) {
  const C low = p.align ? C(0) : C(-0.5), span = static_cast<C>(p.align ? size - 1 : size);
  if (span == C(0)) {
    grad = C(0);
    return C(0);
  }
  const C from = x - low, far = from < C(0) ? -from : from, flips = std::floor(far / span), extra = far - flips * span;
  const bool odd = flips - C(2) * std::floor(flips / C(2)) != C(0);
  grad = (from < C(0)) != odd ? -grad : grad;
  return (odd ? span - extra : extra) + low;
}
template <class C>
SINTER_INLINE C inside(C x, const GridProblem& p, int64_t size, C& grad) {
  if (p.padding == Padding::zeros) return x;
  if (p.padding == Padding::reflection) x = reflected(x, p, size, grad);
  const C most = static_cast<C>(size - 1);
  if (x <= C(0)) {
    grad = C(0);
    return C(0);
  }
  if (x >= most) {
    grad = C(0);
    return most;
  }
  return x;
}

template <class C>
SINTER_INLINE void cubic_weights(C t, C (&w)[4], C (&slope)[4]) {
  const C a = C(-0.75);
  for (int k = 0; k < 4; k++) {
    // The distance of tap k, and its derivative by t.
    const C x = k < 2 ? t + static_cast<C>(1 - k) : static_cast<C>(k - 1) - t, sign = k < 2 ? C(1) : C(-1);
    const bool near = k == 1 || k == 2;
    w[k] = near ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((x - 5) * x + 8) * x * a - 4 * a;
    slope[k] = sign * (near ? (3 * (a + 2) * x - 2 * (a + 3)) * x : a * ((3 * x - 10) * x + 8));
  }
}

template <class C, class T>
void axis_taps(const GridProblem& p, int axis, const T* grid, int64_t n, AxisTaps<C>& out) {
  const int64_t size = p.size[axis];
  const C scale = static_cast<C>(p.align ? size - 1 : size) / 2, shift = p.align ? scale : scale - C(0.5);
  // Beyond this an index does not fit, and NaN is nowhere.
  const C far = static_cast<C>(1 << 30);
  const int taps = p.taps_an_axis();
  for (int64_t i = 0; i < n; i++) {
    C grad = scale, x = static_cast<C>(to_compute(grid[i * p.axes + axis])) * scale + shift;
    if (p.mode != Sampling::bicubic) x = inside(x, p, size, grad);
    const bool somewhere = x > -far && x < far;
    if (!somewhere) x = C(-100);
    const C below = p.mode == Sampling::nearest ? std::nearbyint(x) : std::floor(x), t = x - below;
    C w[4] = {C(1) - t, t}, slope[4] = {C(-1), C(1)};
    int32_t first = static_cast<int32_t>(below);
    if (p.mode == Sampling::nearest)
      w[0] = C(1), slope[0] = C(0);
    else if (p.mode == Sampling::bicubic)
      cubic_weights(t, w, slope), first--;
    for (int k = 0; k < taps; k++) {
      int64_t at = first + k;
      C ignored = C(1);
      if (p.mode == Sampling::bicubic && somewhere)
        at = static_cast<int64_t>(std::nearbyint(inside(static_cast<C>(at), p, size, ignored)));
      out.at[k][i] = at < 0 || at >= size ? -1 : static_cast<int32_t>(at);
      out.weight[k][i] = w[k];
      out.slope[k][i] = slope[k] * grad;
    }
  }
}

// The taps of positions [first, first + n) of one sample, whose grid starts at `grid`; slopes only where they are wanted.
template <class C, class T>
void grid_taps(const GridProblem& p, const T* grid, int64_t first, int64_t n, bool slopes, GridTaps<C>& out) {
  for (int a = 0; a < p.axes; a++) axis_taps(p, a, grid + first * p.axes, n, out.axis[a]);
  out.count = p.taps();
  const int each = p.taps_an_axis();
  for (int t = 0; t < out.count; t++) {
    const int kx = t % each, ky = t / each % each, kz = t / each / each;
    const AxisTaps<C>&ax = out.axis[0], &ay = out.axis[1], &az = out.axis[2];
    if (p.axes == 2) {
      for (int64_t i = 0; i < n; i++) {
        const int32_t x = ax.at[kx][i], y = ay.at[ky][i];
        out.at[t][i] = (x | y) < 0 ? -1 : y * static_cast<int32_t>(p.size[0]) + x;
        out.weight[t][i] = ax.weight[kx][i] * ay.weight[ky][i];
      }
    } else {
      for (int64_t i = 0; i < n; i++) {
        const int32_t x = ax.at[kx][i], y = ay.at[ky][i], z = az.at[kz][i];
        const int32_t line = z * static_cast<int32_t>(p.size[1]) + y;
        out.at[t][i] = (x | y | z) < 0 ? -1 : line * static_cast<int32_t>(p.size[0]) + x;
        out.weight[t][i] = ax.weight[kx][i] * ay.weight[ky][i] * az.weight[kz][i];
      }
    }
    if (!slopes) continue;
    for (int64_t i = 0; i < n; i++) {
      const C wx = ax.weight[kx][i], wy = ay.weight[ky][i], wz = p.axes == 3 ? az.weight[kz][i] : C(1);
      out.slope[0][t][i] = ax.slope[kx][i] * wy * wz;
      out.slope[1][t][i] = ay.slope[ky][i] * wx * wz;
      if (p.axes == 3) out.slope[2][t][i] = az.slope[kz][i] * wx * wy;
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
