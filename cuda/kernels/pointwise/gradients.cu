// Gradients of activation functions: x is the gradient of the result, y the saved result or operand (native/ops.def). Place in the
// whole: device code of activations.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/activations.cuh"
#include "cuda/kernels/pointwise/activations.h"
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

// d/dx x Phi(x) = Phi(x) + x phi(x)
template <class V>
SINTER_DEVICE V gelu_slope(V x) {
  V gauss;
  const V cdf = normal_cdf(x, gauss);
  return cdf + x * gauss * V(0.39894228040143267794);
}
// y = x s, s = sigmoid(2u): s + x s (1 - s) 2u'
template <class V>
SINTER_DEVICE V gelu_tanh_slope(V x) {
  const V s = sigmoid_of(twice_gelu_argument(x));
  return s + x * s * (V(1) - s) * (V(1.59576912160573071) + V(0.21406444881780075) * x * x);
}
template <class V>
SINTER_DEVICE V silu_slope(V x) {
  const V s = sigmoid_of(x);
  return s * (V(1) + x * (V(1) - s));
}
template <class V>
SINTER_DEVICE V mish_slope(V x) {
  const V e = exp_of(x > V(20) ? V(20) : x), n = e * (e + V(2)), t = n / (n + V(2));
  return t + x * (e / (e + V(1))) * (V(1) - t * t);
}
template <class V>
SINTER_DEVICE V hardswish_slope(V x) {
  return x <= V(-3) ? V(0) : x >= V(3) ? V(1) : x * V(1. / 3) + V(0.5);
}
template <class V>
SINTER_DEVICE V scaled_elu_slope(const Numbers& p, V x) {
  return x > V(0) ? number<V>(p, 1) : exp_of(x * number<V>(p, 2)) * static_cast<V>(p.f64[0] * p.f64[1] * p.f64[2]);
}
// g factor where low < x < high (number 3 is 1), or where x < low or x > high (0).
template <class V>
SINTER_DEVICE V gated(const Numbers& p, V g, V x) {
  const V low = number<V>(p, 0), high = number<V>(p, 1);
  const bool passes = number<V>(p, 3) != V(0) ? x > low && x < high : x < low || x > high;
  return passes ? g * number<V>(p, 2) : V(0);
}

SINTER_FUNCTOR_2_OF_TENSORS(ReluGradient, false, y <= V(0) ? V(0) : x)
SINTER_FUNCTOR_2_OF_TENSORS(GeluGradient, false, x* gelu_slope(y))
SINTER_FUNCTOR_2_OF_TENSORS(GeluTanhGradient, false, x* gelu_tanh_slope(y))
SINTER_FUNCTOR_2_OF_TENSORS(SiluGradient, false, x* silu_slope(y))
SINTER_FUNCTOR_2_OF_TENSORS(TanhGradient, false, x*(V(1) - y * y))
SINTER_FUNCTOR_2_OF_TENSORS(SigmoidGradient, false, x*(V(1) - y) * y)
SINTER_FUNCTOR_2_OF_TENSORS(LeakyReluGradient, false, y > V(0) ? x : x * number<V>(p, 0))
SINTER_FUNCTOR_2_OF_TENSORS(EluGradient, false, y > V(0) ? x : x * exp_of(y) * number<V>(p, 0))
SINTER_FUNCTOR_2_OF_TENSORS(SoftplusGradient, false,
                            y* number<V>(p, 0) > number<V>(p, 1) ? x : x * sigmoid_of(y * number<V>(p, 0)))
SINTER_FUNCTOR_2_OF_TENSORS(ClampGradient, false, y >= number<V>(p, 0) && y <= number<V>(p, 1) ? x : V(0))
SINTER_FUNCTOR_2_OF_TENSORS(Gate, false, gated(p, x, y))
SINTER_FUNCTOR_2_OF_TENSORS(HardswishGradient, false, x* hardswish_slope(y))
SINTER_FUNCTOR_2_OF_TENSORS(MishGradient, false, x* mish_slope(y))
SINTER_FUNCTOR_2_OF_TENSORS(LogSigmoidGradient, false, x* sigmoid_of(-y))
SINTER_FUNCTOR_2_OF_TENSORS(ScaledEluGradient, false, x* scaled_elu_slope(p, y))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_2)
SINTER_GRADIENTS(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
