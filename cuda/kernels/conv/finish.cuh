// What is done to a convolution's sums before they are stored. Place in the whole: the end of every kernel of this family.
#pragma once
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/pointwise/activations.cuh"
#include "cuda/kernels/ptx.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// (Single elements are read by load_constant throughout: __ldg of bf16 and f16 is inline assembly, which the compiler may move in front of
// the condition that guards it.)

// y[to] ... = activation(x + bias + residual), of a whole pack, or else of x[0] alone. bias: that of the first, and of all unless `each` has
// its own. The activations are much code, which is there once: x turns round before it, so that a next call finds the next in front.
template <class S, int N>
SINTER_DEVICE void finish_conv(Compute<S> (&x)[N], bool whole, const S* bias, bool each, const S* residual,
                               int32_t activation, S* y, int64_t to) {
  using T = Compute<S>;
  Pack<S, N> pack;
  if (residual) {
    if (whole)
      pack = load_pack_constant<N>(residual + to);
    else
      pack.at[0] = load_constant(residual + to);
  }
  if (whole) {
#pragma unroll
    for (int e = 0; e < N; e++) {
      if (bias) x[e] += widen(load_constant(bias + (each ? e : 0)));
      if (residual) x[e] += widen(pack.at[e]);
    }
  } else {
    if (bias) x[0] += widen(load_constant(bias));
    if (residual) x[0] += widen(pack.at[0]);
  }
  const int count = whole ? N : 1;
#pragma unroll 1
  for (int i = 0; i < count; i++) {
    const T first = activation_of(activation, x[0]);
#pragma unroll
    for (int e = 1; e < N; e++) x[e - 1] = x[e];
    x[N - 1] = first;
  }
#pragma unroll
  for (int e = 0; e < N; e++) pack.at[e] = narrow<S>(x[e]);
  if (whole)
    store_global(y + to, pack.word);
  else
    y[to] = pack.at[N - 1];
}

}  // namespace sinter::cuda
