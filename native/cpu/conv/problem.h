// The one problem that forward convolution and both gradients are made of. Place in the whole: the operator files state
// their work as a Problem; implicit_gemm, direct and weight_grad compute it.
//
// A source (images, groups * source_channels, source_h, source_w) is seen through taps from every position of a grid
// (grid_h, grid_w): position (y, x) and tap t meet at source row y * step_y + t.dy, column x * step_x + t.dx, which
// reads as zero outside of the source. Forward: the grid is the output, the step the stride. Input gradient: the source
// is the output's gradient, the grid one residue class of the input's positions modulo the stride, the step 1.
//
// Volumes are planes too: each depth of the grid counts as an image of its own, each tap along the depth as a channel of
// its own, whose plane is the source's at depth z * step_z + dz[tap]. Dot products run along (channel, depth tap, tap),
// which is how weights (o, c, kd, kh, kw) lie in memory; so everything here is about planes, and volumes differ only in
// where these lie.
#pragma once
#include <type_traits>

#include "cpu/rounding.h"
#include "cpu/simd/activation.h"
#include "cpu/simd/compute.h"
#include "cpu/simd/vec.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

struct Tap {
  int64_t dy, dx;
};

struct Problem {
  int64_t images, groups;
  const void* source;
  int64_t source_channels, source_h, source_w;  // channels of one group
  int64_t grid_h, grid_w, step_y, step_x;
  const Tap* taps;
  int64_t ntaps;

  // Of volumes: images counts grid_d for each volume, source_channels taps_z for each channel.
  const int64_t* dz = nullptr;  // null: no volumes
  int64_t taps_z = 1, source_d = 1, grid_d = 1, step_z = 1;

  int64_t pixels() const { return grid_h * grid_w; }
  int64_t depth() const { return source_channels * ntaps; }  // length of one dot product

  // Which plane of the source a channel is; -1: one of zeros.
  SINTER_INLINE int64_t plane(int64_t image, int64_t g, int64_t channel) const {
    if (!dz) return (image * groups + g) * source_channels + channel;
    int64_t z = image % grid_d * step_z + dz[channel % taps_z];
    if (z < 0 || z >= source_d) return -1;
    int64_t channels = source_channels / taps_z;
    return ((image / grid_d * groups + g) * channels + channel / taps_z) * source_d + z;
  }
};

// Where a Problem's dot products go: channel i of group g, position (y, x) of image n lies at
// ((n * groups + g) * channels + i) * plane + origin + y * row + x * column; of volumes, the depth z of the grid `slice`
// elements further each.
struct Target {
  void* data;
  int64_t channels, plane, origin, row, column;
  const void* bias;  // (groups * channels) of the tensors' dtype, or null
  int64_t slice = 0;
  // What follows the sums (finish.h); of the forward convolution only, whose target is the whole of y.
  Activation activation = Activation::none;
  const void* residual = nullptr;  // (like y)
  bool finishes() const { return residual || activation != Activation::none; }

  // Channel 0 of group g of an image.
  SINTER_INLINE int64_t base(const Problem& p, int64_t image, int64_t g) const {
    if (!p.dz) return (image * p.groups + g) * channels * plane + origin;
    return (image / p.grid_d * p.groups + g) * channels * plane + origin + image % p.grid_d * slice;
  }
};

// A pointwise kernel over the whole source does not see rows: one long row makes longer runs.
SINTER_INLINE void flatten_rows(Problem& p, Target& t) {
  p.source_w = p.grid_w = t.row = p.pixels();
  p.source_h = p.grid_h = 1;
}

// The spatial dimensions of a tensor (n, c, ...) or (o, c, ...), as depth, height and width.
struct Volume {
  int64_t d, h, w;
  SINTER_INLINE explicit Volume(const TensorRef& t)
      : d(t.rank > 4 ? t.dim(-3) : 1), h(t.rank > 3 ? t.dim(-2) : 1), w(t.dim(-1)) {}
  SINTER_INLINE int64_t size() const { return d * h * w; }
};

// Stride, padding and dilation along one axis.
struct AxisAttributes {
  int64_t stride = 1, padding = 0, dilation = 1;
};

// The attributes {stride*r, padding*r, dilation*r, groups, fast[, activation]} of the operators; the first operand has r spatial dimensions.
struct ConvAttributes {
  AxisAttributes z, y, x;
  int64_t groups;
  Activation activation = Activation::none;
  bool fast;  // sums may be made of fewer products, which round a little more
  explicit ConvAttributes(const Call& c) {
    int r = c.in[0].rank - 2;
    groups = c.int_attr(3 * r), fast = c.int_attr(3 * r + 1) != 0;
    if (c.nattr > 3 * r + 2) activation = static_cast<Activation>(c.int_attr(3 * r + 2));
    auto axis = [&](int i) { return AxisAttributes{c.int_attr(i), c.int_attr(r + i), c.int_attr(2 * r + i)}; };
    x = axis(r - 1);
    if (r > 1) y = axis(r - 2);
    if (r > 2) z = axis(r - 3);
  }
  bool plain() const { return plain(z) && plain(y) && plain(x); }
  bool unpadded() const { return z.padding == 0 && y.padding == 0 && x.padding == 0; }

 private:
  static bool plain(const AxisAttributes& a) { return a.stride == 1 && a.padding == 0; }
};

// How x (n, c, ...) meets a kernel at the outputs.
SINTER_INLINE Problem forward_problem(const Call& c, const ConvAttributes& a, const TensorRef& x, const Volume& kernel,
                                      const Volume& out) {
  Volume in(x);
  Tap* taps = c.scratch_of<Tap>(kernel.h * kernel.w);
  for (int64_t i = 0; i < kernel.h; i++)
    for (int64_t j = 0; j < kernel.w; j++)
      taps[i * kernel.w + j] = {i * a.y.dilation - a.y.padding, j * a.x.dilation - a.x.padding};
  Problem p{x.dim(0), a.groups, x.data,     x.dim(1) / a.groups, in.h, in.w,
            out.h,    out.w,    a.y.stride, a.x.stride,          taps, kernel.h * kernel.w};
  if (x.rank < 5) return p;
  int64_t* dz = c.scratch_of<int64_t>(kernel.d);
  for (int64_t i = 0; i < kernel.d; i++) dz[i] = i * a.z.dilation - a.z.padding;
  p.images *= out.d, p.source_channels *= kernel.d;
  p.dz = dz, p.taps_z = kernel.d, p.source_d = in.d, p.grid_d = out.d, p.step_z = a.z.stride;
  return p;
}

// The forward convolution of a call: x, w, bias?, residual? -> y.
struct ForwardConv {
  ConvAttributes attributes;
  Problem p;
  Target target;
  SINTER_INLINE explicit ForwardConv(const Call& c) : attributes(c) {
    const ConvAttributes& a = attributes;
    const TensorRef &x = c.in[0], &w = c.in[1], &bias = c.opt(2), &y = c.out[0];
    const Volume kernel(w), out(y);
    p = forward_problem(c, a, x, kernel, out);
    target = {y.data,       w.dim(0) / a.groups, out.size(), 0, out.w, 1, bias.present() ? bias.data : nullptr,
              out.h * out.w};
    target.activation = a.activation;
    if (c.opt(3).present()) target.residual = c.in[3].data;
    if (kernel.size() == 1 && a.plain() && Volume(x).size() == out.size()) {
      if (p.dz) p.images = x.dim(0), p.grid_h *= p.grid_d, p.dz = nullptr;
      flatten_rows(p, target);
    }
  }
};

template <class S>
SINTER_INLINE S narrow(Compute<S> x) {
  if constexpr (std::is_same_v<S, bf16>)
    return to_bf16(x);
  else if constexpr (std::is_same_v<S, f16>)
    return to_f16(x);
  else
    return x;
}

// Runs f with a value of the dtype's element type; false where convolution does not support the dtype.
template <class F>
SINTER_INLINE bool with_float_type(DType d, F&& f) {
  switch (d) {
    case DType::f32: f(float{}); return true;
    case DType::f64: f(double{}); return true;
    case DType::bf16: f(bf16{}); return true;
    case DType::f16: f(f16{}); return true;
    default: return false;
  }
}

// implicit_gemm.cpp, few_pixels.cpp (by implicit_gemm), direct.cpp, few_outputs.cpp: target = bias + weights * taps of the source. `weights` are
// (groups * target.channels, depth) of the compute type, ordered as (source channel, tap) along depth.
void implicit_gemm(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target);
void few_pixels_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target);
void direct_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target);
void few_outputs_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target);

// Depthwise and other thin groups: too few channels on either side to fill a register tile.
SINTER_INLINE bool is_thin(int64_t groups, int64_t channels_in, int64_t channels_out) {
  return groups > 1 && channels_in * channels_out <= 16 && channels_in <= 4 && channels_out <= 4;
}
// What few_outputs.cpp has register tiles for. With 32 registers these hold up to eight channels, which pays where rows fill the vectors:
// a matrix product's run on from row to row.
SINTER_INLINE bool has_few_outputs(const Problem& p, const Target& target) {
#if defined(__AVX512F__)
  if (target.channels <= 8 && 4 * p.grid_w >= 3 * round_up(p.grid_w, kLanes<float>)) return true;
#else
  (void)p;
#endif
  return target.channels <= 4;
}

}  // namespace sinter::cpu::SINTER_ISA
