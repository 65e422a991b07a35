// Activation functions in device code. Place in the whole: pointwise operators, and epilogues of products (activation_of), share them.
#pragma once
#include "cuda/kernels/math.cuh"

namespace sinter::cuda {

// The normal distribution function at x, and exp(-x^2 / 2), which its gradient needs too.
SINTER_DEVICE double normal_cdf(double x, double& gauss) {
  lanes::Vd g;
  const double cdf = lanes::normal_cdf(lanes::Vd(x), g).v;
  gauss = g.v;
  return cdf;
}
SINTER_DEVICE float normal_cdf(float x, float& gauss) {
  lanes::Vf g;
  const float cdf = lanes::normal_cdf(lanes::Vf(x), g).v;
  gauss = g.v;
  return cdf;
}
template <class V>
SINTER_DEVICE V gelu_of(V x) {
  V gauss;
  return x * normal_cdf(x, gauss);
}
// 2 u of x (1 + tanh u) / 2 = x sigmoid(2 u), u = sqrt(2/pi) (x + 0.044715 x^3)
template <class V>
SINTER_DEVICE V twice_gelu_argument(V x) {
  return x * (V(1.59576912160573071) + V(0.07135481627260025) * x * x);
}
template <class V>
SINTER_DEVICE V gelu_tanh_of(V x) {
  return x * sigmoid_of(twice_gelu_argument(x));
}
template <class V>
SINTER_DEVICE V silu_of(V x) {
  return x * sigmoid_of(x);
}

// What a product may do to its results, as lib/ops/fusedActivation.ts numbers it.
template <class V>
SINTER_DEVICE V activation_of(int activation, V x) {
  switch (activation) {
    case 1: return x < V(0) ? V(0) : x;
    case 2: return gelu_of(x);
    case 3: return gelu_tanh_of(x);
    case 4: return silu_of(x);
    default: return x;
  }
}

}  // namespace sinter::cuda
