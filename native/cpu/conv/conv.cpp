// conv: x (n, c, ...), w (o, c/groups, ...), bias? (o), residual? (like y) -> y (n, o, ...) over one to three spatial dimensions,
// y = activation(sums + bias + residual). Place in the whole: states the forward convolution as a Problem and picks the way to compute it. f32, f64; bf16 and f16 accumulate in
// f32.
#include "cpu/conv/winograd.h"
#include "cpu/conv/winograd_cost.h"
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
      for (int64_t i = begin; i < end; i++) wide[i] = to_compute(w.as<S>()[i]);
    });
    return wide;
  }
}

}  // namespace

void conv(const Call& c) {
  const TensorRef &w = c.in[1], &y = c.out[0];
  if (!is_floating(y.dtype))
    fail(ErrorCode::unsupported, "conv: dtype %s is not supported on cpu", dtype_name(y.dtype));
  if (y.numel == 0) return;
  const auto [a, p, target] = ForwardConv(c);
  const int tile = a.fast && y.dtype != DType::f64 ? winograd_tile(p, target) : 0;
  const int64_t depth = p.depth();
  if (tile) return winograd(c, y.dtype, tile, p, {w.data, target.channels * depth, depth, 9, false}, target);
  with_float_type(y.dtype, [&](auto zero) {
    const void* weights = widened<decltype(zero)>(c, w);
    if (is_thin(a.groups, w.dim(1), target.channels) || depth == 0)
      direct_conv(c, y.dtype, p, weights, target);
    else if (has_few_outputs(p, target))
      few_outputs_conv(c, y.dtype, p, weights, target);
    else
      implicit_gemm(c, y.dtype, p, weights, target);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
