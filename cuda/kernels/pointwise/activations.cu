// Activation functions. Place in the whole: device code of activations.cpp. NaN gives NaN.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/activations.cuh"
#include "cuda/kernels/pointwise/activations.h"
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/wrapping.cuh"

namespace sinter::cuda {

template <class V>
SINTER_DEVICE V hard_sigmoid(V x) {
  V y = x * V(1. / 6) + V(0.5);
  y = y < V(0) ? V(0) : y;
  return y > V(1) ? V(1) : y;
}
// tanh(ln(1 + e)) = e (e + 2) / (e (e + 2) + 2) with e = e^x; 1 from e^20 on.
template <class V>
SINTER_DEVICE V tanh_softplus(V x) {
  const V e = exp_of(x > V(20) ? V(20) : x), n = e * (e + V(2));
  return n / (n + V(2));
}
template <class V>
SINTER_DEVICE V softplus_of(const Numbers& p, V x) {
  const V z = x * number<V>(p, 0);
  return z > number<V>(p, 1) ? x : log1p_of(exp_of(z)) / number<V>(p, 0);
}
// x inside [-lambda, lambda] is cut off, outside it moves towards zero.
template <class V>
SINTER_DEVICE V shrunk(const Numbers& p, V x) {
  const V lambda = number<V>(p, 0), step = number<V>(p, 1);
  return x != x ? x : x > lambda ? x - step : x < -lambda ? x + step : V(0);
}
template <class V>
SINTER_DEVICE V clamped(V x, V low, V high) {
  if constexpr (!kIsInteger<V>)
    if (low != low || high != high) return low + high;  // a bound that is no number
  x = x < low ? low : x;
  return x > high ? high : x;
}
template <class V>
SINTER_DEVICE V thresholded(const Numbers& p, V x) {
  if constexpr (kIsInteger<V>)
    return static_cast<double>(x) <= p.f64[0] ? number<V>(p, 1) : x;
  else
    return x <= number<V>(p, 0) ? number<V>(p, 1) : x;
}

SINTER_FUNCTOR(Relu, false, x < V(0) ? V(0) : x)
SINTER_FUNCTOR(Clamp, false, clamped(x, number<V>(p, 0), number<V>(p, 1)))
SINTER_FUNCTOR(Threshold, false, thresholded(p, x))
SINTER_FUNCTOR(Gelu, false, gelu_of(x))
SINTER_FUNCTOR(GeluTanh, false, gelu_tanh_of(x))
SINTER_FUNCTOR(Silu, false, silu_of(x))
SINTER_FUNCTOR(Softsign, false, x / (V(1) + abs_of(x)))
SINTER_FUNCTOR(LeakyRelu, false, x > V(0) ? x : x * number<V>(p, 0))
SINTER_FUNCTOR(Elu, false, x > V(0) ? x : expm1_of(x) * number<V>(p, 0))
SINTER_FUNCTOR(Softplus, false, softplus_of(p, x))
SINTER_FUNCTOR(Hardswish, false, x* hard_sigmoid(x))
SINTER_FUNCTOR(Hardsigmoid, false, hard_sigmoid(x))
SINTER_FUNCTOR(Shrink, false, shrunk(p, x))
SINTER_FUNCTOR(Tanhshrink, false, x - tanh_of(x))
SINTER_FUNCTOR(Mish, false, x* tanh_softplus(x))
// min(x, 0) - ln(1 + e^-|x|)
SINTER_FUNCTOR(LogSigmoid, false, (x > V(0) ? V(0) : x) - log1p_of(exp_of(-abs_of(x))))
// alpha, scale, the exponent's factor
SINTER_FUNCTOR(ScaledElu, false,
               x > V(0) ? x * number<V>(p, 1) : expm1_of(x * number<V>(p, 2)) * static_cast<V>(p.f64[0] * p.f64[1]))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_1)
SINTER_ACTIVATIONS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_NUMBER_KERNELS(op, Op, SINTER_IN_1)
SINTER_ACTIVATIONS_OF_NUMBERS(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
