// Gradients of the activations. Place in the whole: entry points reluBackward ... clampBackward of the operator table.
//
// g (the gradient, any view), s (the saved result y or operand x, as ops.def says) -> gx, contiguous. f32, f64, bf16,
// f16.
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// d/dx x Phi(x) = Phi(x) + x phi(x)
template <class V>
SINTER_INLINE V gelu_slope(V x) {
  V gauss;
  V cdf = normal_cdf(x, gauss);
  return cdf + x * gauss * num<V>(0.39894228040143267794);
}
// y = x s, s = sigmoid(2u): s + x s (1 - s) 2u'
template <class V>
SINTER_INLINE V gelu_tanh_slope(V x) {
  V x2 = x * x;
  V s = vsigmoid(x * (num<V>(1.59576912160573071) + num<V>(0.07135481627260025) * x2));
  return s + x * s * (num<V>(1) - s) * (num<V>(1.59576912160573071) + num<V>(0.21406444881780075) * x2);
}
template <class V>
SINTER_INLINE V silu_slope(V x) {
  V s = vsigmoid(x);
  return s * (num<V>(1) + x * (num<V>(1) - s));
}

SINTER_BINARY(ReluGrad, true, b <= num<V>(0) ? V{} : a)
SINTER_BINARY(GeluGrad, true, a* gelu_slope(b))
SINTER_BINARY(GeluTanhGrad, true, a* gelu_tanh_slope(b))
SINTER_BINARY(SiluGrad, true, a* silu_slope(b))
SINTER_BINARY(TanhGrad, true, a*(num<V>(1) - b * b))
SINTER_BINARY(SigmoidGrad, true, a*(num<V>(1) - b) * b)
SINTER_BINARY(LeakyReluGrad, true, b > num<V>(0) ? a : a * num<V>(p.p0))
SINTER_BINARY(EluGrad, true, b > num<V>(0) ? a : a * vexp(b) * num<V>(p.p0))
SINTER_BINARY(SoftplusGrad, true, b* num<V>(p.p0) > num<V>(p.p1) ? a : a * vsigmoid(b * num<V>(p.p0)))
SINTER_BINARY(ClampGrad, true, (b >= num<V>(p.p0)) & (b <= num<V>(p.p1)) ? a : V{})

}  // namespace

void reluBackward(const Call& c) { pair(c, gradient<ReluGrad>("reluBackward")); }
void geluBackward(const Call& c) { pair(c, gradient<GeluGrad>("geluBackward")); }
void geluTanhBackward(const Call& c) { pair(c, gradient<GeluTanhGrad>("geluTanhBackward")); }
void siluBackward(const Call& c) { pair(c, gradient<SiluGrad>("siluBackward")); }
void tanhBackward(const Call& c) { pair(c, gradient<TanhGrad>("tanhBackward")); }
void sigmoidBackward(const Call& c) { pair(c, gradient<SigmoidGrad>("sigmoidBackward")); }
void leakyReluBackward(const Call& c) { pair(c, gradient<LeakyReluGrad>("leakyReluBackward"), {c.attr[0]}); }
void eluBackward(const Call& c) { pair(c, gradient<EluGrad>("eluBackward"), {c.attr[0]}); }
void softplusBackward(const Call& c) { pair(c, gradient<SoftplusGrad>("softplusBackward"), {c.attr[0], c.attr[1]}); }
void clampBackward(const Call& c) { pair(c, gradient<ClampGrad>("clampBackward"), {c.attr[0], c.attr[1]}); }

}  // namespace sinter::cpu::SINTER_ISA
