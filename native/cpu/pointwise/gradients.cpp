// Gradients of the activations. Place in the whole: entry points reluBackward ... clampBackward of the operator table.
//
// g (the gradient, any view), s (the saved result y or operand x, as ops.def says) -> gx, contiguous. f32, f64, bf16,
// f16.
#include "cpu/pointwise/loops.h"
#include "cpu/simd/activation.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <Activation A, class V>
SINTER_INLINE V slope(V x) {
  V at_x;
  activated<A>(x, at_x);
  return at_x;
}

SINTER_BINARY(ReluGrad, true, b <= num<V>(0) ? V{} : a)
SINTER_BINARY(GeluGrad, true, a* slope<Activation::gelu>(b))
SINTER_BINARY(GeluTanhGrad, true, a* slope<Activation::gelu_tanh>(b))
SINTER_BINARY(SiluGrad, true, a* slope<Activation::silu>(b))
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
