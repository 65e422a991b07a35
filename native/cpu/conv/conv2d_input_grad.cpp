// conv2dInputGrad: g (n, o, oh, ow), w (o, c/groups, kh, kw) -> gx (n, c, h, w). Place in the whole: also the
// transposed convolution. Input position (iy, ix) meets output oy = (iy + ph - i * dh) / sh through kernel element (i,
// j) where that is whole, and likewise in x. So the positions of one residue class modulo the stride meet one subset of
// the kernel's elements, each at a fixed distance: a stride-1 convolution of g by these elements, with the roles of the
// channels exchanged. A class that no element meets is zero.
#include "cpu/conv/problem.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

int64_t modulo(int64_t a, int64_t b) { return (a % b + b) % b; }

// The kernel's elements along one axis that positions r, r + stride, ... meet: element i sees output position k at k +
// d.
struct Axis {
  int64_t n;
  int64_t* elements;
  int64_t* distances;
  Axis(const Call& c, int64_t r, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation)
      : n(0), elements(c.scratch_of<int64_t>(kernel)), distances(c.scratch_of<int64_t>(kernel)) {
    for (int64_t i = 0; i < kernel; i++) {
      int64_t at = r + padding - i * dilation;
      if (modulo(at, stride) != 0) continue;
      elements[n] = i;
      distances[n++] = (at - modulo(at, stride)) / stride;
    }
  }
};

// out (groups * cg, og * taps) from w (groups * og, cg, kh * kw), of the taps listed in `elements`.
template <class S, class T>
void exchange_channels(const S* w, int64_t groups, int64_t og, int64_t cg, int64_t kernel, const int64_t* elements,
                       int64_t taps, T* out) {
  constexpr int64_t kRows = 16;  // so that each visit of an output row writes whole cache lines
  int64_t blocks = ceil_div(og, kRows);
  parallel_for(groups * blocks, ceil_div(1 << 14, kRows * cg * taps + 1), [=](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      int64_t g = b / blocks, o0 = b % blocks * kRows, o1 = o0 + kRows < og ? o0 + kRows : og;
      for (int64_t ch = 0; ch < cg; ch++)
        for (int64_t o = o0; o < o1; o++) {
          const S* from = w + ((g * og + o) * cg + ch) * kernel;
          T* to = out + ((g * cg + ch) * og + o) * taps;
          for (int64_t t = 0; t < taps; t++) to[t] = widen(from[elements[t]]);
        }
    }
  });
}

// One residue class of input positions, (ry, rx) modulo the stride.
template <class S>
void one_class(const Call& c, const ConvAttributes& a, const Axis& ys, const Axis& xs, int64_t ry, int64_t rx) {
  using T = Compute<S>;
  const TensorRef &g = c.in[0], &w = c.in[1], &gx = c.out[0];
  int64_t og = w.dim(0) / a.groups, cg = w.dim(1), kw = w.dim(3), h = gx.dim(2), width = gx.dim(3);
  int64_t ntaps = ys.n * xs.n;
  Tap* taps = c.scratch_of<Tap>(ntaps);
  int64_t* elements = c.scratch_of<int64_t>(ntaps);
  for (int64_t i = 0; i < ntaps; i++) {
    taps[i] = {ys.distances[i / xs.n], xs.distances[i % xs.n]};
    elements[i] = ys.elements[i / xs.n] * kw + xs.elements[i % xs.n];
  }
  T* weights = c.scratch_of<T>(a.groups * cg * og * ntaps);
  exchange_channels(w.as<S>(), a.groups, og, cg, w.dim(2) * kw, elements, ntaps, weights);
  Problem p{g.dim(0), a.groups, g.data, og,   g.dim(2), g.dim(3), ceil_div(h - ry, a.sh), ceil_div(width - rx, a.sw),
            1,        1,        taps,   ntaps};
  Target target{gx.data, cg, h * width, ry * width + rx, a.sh * width, a.sw, nullptr};
  bool pointwise = ntaps == 1 && taps[0].dy == 0 && taps[0].dx == 0 && a.sh == 1 && a.sw == 1;
  if (pointwise && g.dim(2) == h && g.dim(3) == width) flatten_rows(p, target);
  if (is_thin(a.groups, og, cg))
    direct_conv(c, gx.dtype, p, weights, target);
  else
    implicit_gemm(c, gx.dtype, p, weights, target);
}

}  // namespace

void conv2dInputGrad(const Call& c) {
  const TensorRef &g = c.in[0], &w = c.in[1], &gx = c.out[0];
  if (!is_floating(gx.dtype))
    fail(ErrorCode::unsupported, "conv2dInputGrad: dtype %s is not supported on cpu", dtype_name(gx.dtype));
  if (gx.numel == 0) return;
  ConvAttributes a(c);
  int64_t h = gx.dim(2), width = gx.dim(3);
  int64_t classes_y = a.sh < h ? a.sh : h, classes_x = a.sw < width ? a.sw : width;
  auto axis_y = [&](int64_t r) { return Axis(c, r, w.dim(2), a.sh, a.ph, a.dh); };
  auto axis_x = [&](int64_t r) { return Axis(c, r, w.dim(3), a.sw, a.pw, a.dw); };
  bool all_met = g.numel > 0 && w.numel > 0;
  for (int64_t r = 0; r < classes_y; r++) all_met = all_met && axis_y(r).n > 0;
  for (int64_t r = 0; r < classes_x; r++) all_met = all_met && axis_x(r).n > 0;
  if (!all_met) std::memset(gx.data, 0, gx.numel * dtype_size(gx.dtype));
  if (g.numel == 0 || w.numel == 0) return;
  for (int64_t ry = 0; ry < classes_y; ry++)
    for (int64_t rx = 0; rx < classes_x; rx++) {
      Axis ys = axis_y(ry), xs = axis_x(rx);
      if (ys.n > 0 && xs.n > 0)
        with_float_type(gx.dtype, [&](auto zero) { one_class<decltype(zero)>(c, a, ys, xs, ry, rx); });
    }
}

}  // namespace sinter::cpu::SINTER_ISA
