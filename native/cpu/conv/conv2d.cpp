// conv2d: x (n, c, h, w), w (o, c/groups, kh, kw), bias? (o) -> y (n, o, oh, ow). Place in the whole: states the
// forward convolution as a Problem and picks the way to compute it. f32, f64; bf16 and f16 accumulate in f32.
#include "cpu/conv/problem.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// The weights in the compute type.
template <class S>
const void* widened(const Call& c, const TensorRef& w) {
  if constexpr (std::is_same_v<S, Compute<S>>) {
    return w.data;
  } else {
    auto* wide = c.scratch_of<Compute<S>>(w.numel);
    parallel_for(w.numel, 1 << 15, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) wide[i] = widen(w.as<S>()[i]);
    });
    return wide;
  }
}

}  // namespace

void conv2d(const Call& c) {
  const TensorRef &x = c.in[0], &w = c.in[1], &bias = c.opt(2), &y = c.out[0];
  if (!is_floating(y.dtype))
    fail(ErrorCode::unsupported, "conv2d: dtype %s is not supported on cpu", dtype_name(y.dtype));
  if (y.numel == 0) return;
  ConvAttributes a(c);
  int64_t oh = y.dim(2), ow = y.dim(3);
  Problem p = forward_problem(c, a, x, w.dim(2), w.dim(3), oh, ow);
  Target target{y.data, w.dim(0) / a.groups, oh * ow, 0, ow, 1, bias.present() ? bias.data : nullptr};
  bool pointwise = p.ntaps == 1 && a.sh == 1 && a.sw == 1 && a.ph == 0 && a.pw == 0;
  if (pointwise) flatten_rows(p, target);
  with_float_type(y.dtype, [&](auto zero) {
    const void* weights = widened<decltype(zero)>(c, w);
    if (is_thin(a.groups, p.source_channels, target.channels) || p.depth() == 0)
      direct_conv(c, y.dtype, p, weights, target);
    else
      implicit_gemm(c, y.dtype, p, weights, target);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
