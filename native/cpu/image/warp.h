// Where the pixels of a warped image come from: for a block of neighbours in a row of the result, the pixels of the image that each
// mixes, and their weights. Place in the whole: shared by warp and its transpose.
//
// A matrix maps places of the result to places of the image, both from -1 to 1 (of the outer edges, or with `align` of the corner
// pixels' centres), in homogeneous coordinates. It is brought to pixels once an image, in double; a block then begins at a place that
// was computed in double, so that single precision only carries it over a block's width.
#pragma once
#include "cpu/image/pixels.h"
#include "cpu/resample/grid.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kWarpBlock = 32;  // pixels; a multiple of every vector's lanes

struct WarpProblem {
  Sampling mode;
  Padding padding;
  bool align;
  int64_t n, channels, h, w, oh, ow;
  TensorRef matrix;  // (n, 2 or 3, 3)

  WarpProblem(const Call& c, const TensorRef& image, const TensorRef& warped)
      : mode(static_cast<Sampling>(c.int_attr(0))), padding(static_cast<Padding>(c.int_attr(1))), align(c.attr[2] != 0),
        n(image.dims[0]), channels(image.dims[1]), h(image.dims[2]), w(image.dims[3]), oh(warped.dims[2]),
        ow(warped.dims[3]), matrix(c.in[1]) {}

  int taps_an_axis() const { return mode == Sampling::nearest ? 1 : mode == Sampling::bilinear ? 2 : 4; }
};

// Pixel (i, j) of the result -> pixel (x, y) of the image: rows of (i, j, 1) -> x, y and, where the map is projective, a divisor.
struct PixelMap {
  double row[3][3];
  bool projective;

  PixelMap(const WarpProblem& p, int64_t sample) {
    const int64_t rows = p.matrix.dims[1];
    double m[3][3] = {{0, 0, 0}, {0, 0, 0}, {0, 0, 1}};
    for (int64_t r = 0; r < rows; r++)
      for (int64_t k = 0; k < 3; k++) m[r][k] = read_any(p.matrix, (sample * rows + r) * 3 + k);
    projective = rows == 3 && (m[2][0] != 0 || m[2][1] != 0 || m[2][2] != 1);
    // From an index to a coordinate: step * index + start.
    const double si = step(p.ow, p.align), sj = step(p.oh, p.align);
    const double oi = start(p.ow, p.align), oj = start(p.oh, p.align);
    for (auto& r : m) {
      const double a = r[0], b = r[1];
      r[0] = a * si;
      r[1] = b * sj;
      r[2] += a * oi + b * oj;
    }
    // And back: scale * coordinate + shift.
    const int64_t size[2] = {p.w, p.h};
    for (int r = 0; r < 2; r++) {
      const double scale = static_cast<double>(p.align ? size[r] - 1 : size[r]) / 2,
                   shift = p.align ? scale : scale - 0.5;
      for (int k = 0; k < 3; k++) row[r][k] = scale * m[r][k] + shift * m[2][k];
    }
    for (int k = 0; k < 3; k++) row[2][k] = m[2][k];
  }

 private:
  static double step(int64_t n, bool align) {
    if (align) return n > 1 ? 2.0 / static_cast<double>(n - 1) : 0;
    return 2.0 / static_cast<double>(n);
  }
  static double start(int64_t n, bool align) {
    if (align) return n > 1 ? -1 : 0;
    return 1.0 / static_cast<double>(n) - 1;
  }
};

template <class C>
using VecInt = Vec<LaneInt<C>>;

// One axis, a vector of places: index at[k] (-1: outside) with weight[k].
template <class C>
struct Along {
  VecInt<C> at[4];
  Vec<C> weight[4];
};

// A place moved inside where the padding says so.
template <class C>
SINTER_INLINE Vec<C> moved_inside(Vec<C> x, Padding padding, bool align, int64_t size) {
  if (padding == Padding::zeros) return x;
  const Vec<C> most = splat(static_cast<C>(size - 1));
  if (padding == Padding::reflection) {
    const C low = align ? C(0) : C(-0.5), span = static_cast<C>(align ? size - 1 : size);
    if (span == C(0)) return x * C(0);
    const Vec<C> far = vabs(x - low), flips = vfloor_small(far / span), rest = far - flips * span;
    const Vec<C> half = flips * C(0.5);
    x = (vfloor_small(half) != half ? span - rest : rest) + low;
  }
  x = x <= C(0) ? Vec<C>{} : x;
  return x >= most ? most : x;
}

template <class C>
SINTER_INLINE VecInt<C> index_inside(Vec<C> x, int64_t size) {
  const VecInt<C> at = __builtin_convertvector(x, VecInt<C>), n = splat(static_cast<LaneInt<C>>(size));
  return at >= 0 && at < n ? at : VecInt<C>{} - 1;
}

template <class C>
SINTER_INLINE void along(const WarpProblem& p, Vec<C> x, int64_t size, Along<C>& out) {
  // Beyond this whole numbers are not told apart, and NaN is nowhere.
  const C far = C(1 << 22);
  const bool cubic = p.mode == Sampling::bicubic;
  if (!cubic) x = moved_inside<C>(x, p.padding, p.align, size);
  x = x > -far && x < far ? x : splat(C(-100));
  if (p.mode == Sampling::nearest) {
    out.at[0] = index_inside<C>(vround_even(x), size);
    out.weight[0] = splat(C(1));
    return;
  }
  const Vec<C> below = vfloor_small(x), t = x - below;
  if (!cubic) {
    out.at[0] = index_inside<C>(below, size);
    out.at[1] = index_inside<C>(below + C(1), size);
    out.weight[0] = C(1) - t;
    out.weight[1] = t;
    return;
  }
  const C a = C(-0.75);
  for (int k = 0; k < 4; k++) {
    const Vec<C> d = k < 2 ? t + C(1 - k) : C(k - 1) - t;
    out.weight[k] =
        k == 1 || k == 2 ? ((a + C(2)) * d - (a + C(3))) * d * d + C(1) : ((d - C(5)) * d + C(8)) * d * a - C(4) * a;
    // NaN and what is too far stays outside whatever the padding.
    const Vec<C> at = moved_inside<C>(below + C(k - 1), p.padding, p.align, size);
    out.at[k] = index_inside<C>(x == C(-100) ? x : vround_even(at), size);
  }
}

// The taps of a block: pixel at[t][i] of a plane (-1: outside) with weight[t][i].
template <class C>
struct WarpTaps {
  int count;
  bool inside;   // all of them lie inside; of bilinear ones then only the last two and at[0] are set
  bool outside;  // none does
  LaneInt<C> at[16][kWarpBlock];
  C weight[16][kWarpBlock];
  // Bilinear and inside: at[0] is the upper left pixel, these the shares of the right and lower neighbours.
  C right[kWarpBlock], lower[kWarpBlock];
};

// Bilinear taps of n pixels, as far as they are needed where all lie inside; whether they do.
template <class C, class Place>
SINTER_INLINE bool bilinear_inside(const WarpProblem& p, int64_t n, Place place, WarpTaps<C>& out) {
  using I = VecInt<C>;
  const Vec<C> last_x = splat(static_cast<C>(p.w - 1)), last_y = splat(static_cast<C>(p.h - 1));
  I outside = {};
  for (int64_t v = 0; v < n; v += kLanes<C>) {
    Vec<C> x, y;
    place(v, x, y);
    // Negated, so that NaN is outside.
    outside |= ~(I)((x >= C(0)) & (x < last_x) & (y >= C(0)) & (y < last_y));
    const Vec<C> left = vfloor_small(x), upper = vfloor_small(y);
    const I row = __builtin_convertvector(upper, I), column = __builtin_convertvector(left, I);
    store(out.at[0] + v, I(row * static_cast<LaneInt<C>>(p.w) + column));
    store(out.right + v, Vec<C>(x - left));
    store(out.lower + v, Vec<C>(y - upper));
  }
  return !any_lane((Vl)outside);
}

// Pixels [first, first + n) of row j, n <= kWarpBlock. Lanes beyond them repeat the last one.
template <class C>
void warp_taps(const WarpProblem& p, const PixelMap& map, int64_t j, int64_t first, int64_t n, WarpTaps<C>& out) {
  constexpr int lanes = kLanes<C>;
  using I = VecInt<C>;
  const int each = p.taps_an_axis();
  C from[3], pace[3];
  for (int r = 0; r < 3; r++) {
    from[r] = static_cast<C>(map.row[r][0] * static_cast<double>(first) + map.row[r][1] * static_cast<double>(j) +
                             map.row[r][2]);
    pace[r] = static_cast<C>(map.row[r][0]);
  }
  out.count = each * each;
  const auto place = [&](int64_t v, Vec<C>& x, Vec<C>& y) __attribute__((always_inline)) {
    const I i = iota<C>() + static_cast<LaneInt<C>>(v), last = splat(static_cast<LaneInt<C>>(n - 1));
    const Vec<C> at = __builtin_convertvector(i < last ? i : last, Vec<C>);
    x = at * pace[0] + from[0];
    y = at * pace[1] + from[1];
    if (map.projective) {
      const Vec<C> divisor = at * pace[2] + from[2];
      x /= divisor;
      y /= divisor;
    }
  };
  out.outside = false;
  out.inside = each == 2 && bilinear_inside(p, n, place, out);
  if (out.inside) return;
  I all = I{} - 1, some = I{};
  for (int64_t v = 0; v < n; v += lanes) {
    Vec<C> x, y;
    place(v, x, y);
    Along<C> ax, ay;
    along<C>(p, x, p.w, ax);
    along<C>(p, y, p.h, ay);
    const LaneInt<C> stride = static_cast<LaneInt<C>>(p.w);
    for (int b = 0; b < each; b++)
      for (int a = 0; a < each; a++) {
        const I outside = (ax.at[a] | ay.at[b]) >> (8 * sizeof(C) - 1);  // all bits where one is negative
        store(out.at[b * each + a] + v, I((ay.at[b] * stride + ax.at[a]) | outside));
        store(out.weight[b * each + a] + v, Vec<C>(ax.weight[a] * ay.weight[b]));
        all &= ~outside;
        some |= ~outside;
      }
  }
  out.inside = each != 2 && !any_lane((Vl)~all);
  out.outside = !any_lane((Vl)some);
}

}  // namespace sinter::cpu::SINTER_ISA
