// The one problem that forward convolution and both gradients are made of. Place in the whole: the operator files state
// their work as a Problem; implicit_gemm, direct and weight_grad compute it.
//
// A source (images, groups * source_channels, source_h, source_w) is seen through taps from every position of a grid
// (grid_h, grid_w): position (y, x) and tap t meet at source row y * step_y + t.dy, column x * step_x + t.dx, which
// reads as zero outside of the source. Forward: the grid is the output, the step the stride. Input gradient: the source
// is the output's gradient, the grid one residue class of the input's positions modulo the stride, the step 1.
#pragma once
#include <type_traits>

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

  int64_t pixels() const { return grid_h * grid_w; }
  int64_t depth() const { return source_channels * ntaps; }  // length of one dot product
};

// Where a Problem's dot products go: channel i of group g, position (y, x) of image n lies at
// ((n * groups + g) * channels + i) * plane + origin + y * row + x * column.
struct Target {
  void* data;
  int64_t channels, plane, origin, row, column;
  const void* bias;  // (groups * channels) of the tensors' dtype, or null
};

// A pointwise kernel over the whole source does not see rows: one long row makes longer runs.
SINTER_INLINE void flatten_rows(Problem& p, Target& t) {
  p.source_w = p.grid_w = t.row = p.pixels();
  p.source_h = p.grid_h = 1;
}

// Stride, padding, dilation and groups as the operators carry them: {sh, sw, ph, pw, dh, dw, groups}.
struct ConvAttributes {
  int64_t sh, sw, ph, pw, dh, dw, groups;
  explicit ConvAttributes(const Call& c)
      : sh(c.int_attr(0)), sw(c.int_attr(1)), ph(c.int_attr(2)), pw(c.int_attr(3)), dh(c.int_attr(4)),
        dw(c.int_attr(5)), groups(c.int_attr(6)) {}
};

// How x (n, c, h, w) meets a kernel (kh, kw) at outputs (oh, ow).
SINTER_INLINE Problem forward_problem(const Call& c, const ConvAttributes& a, const TensorRef& x, int64_t kh,
                                      int64_t kw, int64_t oh, int64_t ow) {
  Tap* taps = c.scratch_of<Tap>(kh * kw);
  for (int64_t i = 0; i < kh; i++)
    for (int64_t j = 0; j < kw; j++) taps[i * kw + j] = {i * a.dh - a.ph, j * a.dw - a.pw};
  return {x.dim(0), a.groups, x.data, x.dim(1) / a.groups, x.dim(2), x.dim(3), oh, ow, a.sh, a.sw, taps, kh * kw};
}

// The type of accumulation.
template <class S>
struct ComputeOf {
  using type = float;
};
template <>
struct ComputeOf<double> {
  using type = double;
};
template <class S>
using Compute = typename ComputeOf<S>::type;

template <class S>
SINTER_INLINE Compute<S> widen(S x) {
  if constexpr (sizeof(S) == 2)
    return to_f32(x);
  else
    return x;
}
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

SINTER_INLINE int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
SINTER_INLINE int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

// implicit_gemm.cpp, direct.cpp: target = bias + weights * taps of the source. `weights` are
// (groups * target.channels, depth) of the compute type, ordered as (source channel, tap) along depth.
void implicit_gemm(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target);
void direct_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target);

// Depthwise and other thin groups: too few channels on either side to fill a register tile.
SINTER_INLINE bool is_thin(int64_t groups, int64_t channels_in, int64_t channels_out) {
  return groups > 1 && channels_in * channels_out <= 16 && channels_in <= 4 && channels_out <= 4;
}

}  // namespace sinter::cpu::SINTER_ISA
