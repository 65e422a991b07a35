// Activation functions. Place in the whole: entry points tanh ... clamp of the operator table; gradients.cpp has their
// derivatives.
//
// x (any view) -> y (same shape, contiguous). f32, f64, bf16, f16; relu and clamp also the integers. NaN gives NaN.
#include "cpu/complex/functions.h"
#include "cpu/pointwise/loops.h"
#include "cpu/simd/activation.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class V>
SINTER_INLINE V softplus_of(V x, Params p) {
  V z = x * num<V>(p.p0);
  return z > num<V>(p.p1) ? x : vlog1p(vexp(z)) / num<V>(p.p0);
}
// An attribute as a bound in V's element type: integers take the nearest one inside their range.
template <class V>
SINTER_INLINE auto bound(double x) {
  if constexpr (kIsInt<V>) {
    constexpr double limit = sizeof(V) == 4 ? 0x1p31 : 0x1p63;
    constexpr V most = sizeof(V) == 4 ? V(INT32_MAX) : V(INT64_MAX);
    return x >= limit ? most : x <= -limit ? V(-most - 1) : static_cast<V>(x);
  } else {
    return num<V>(x);
  }
}
template <class V>
SINTER_INLINE V clamped(V x, Params p) {
  V low = V{} + bound<V>(p.p0), high = V{} + bound<V>(p.p1);
  x = x < low ? low : x;
  return x > high ? high : x;
}

SINTER_UNARY(Tanh, true, vtanh(x))
SINTER_UNARY(Sigmoid, true, vsigmoid(x))
SINTER_UNARY(Relu, true, x < num<V>(0) ? V{} : x)
SINTER_UNARY(Gelu, true, vgelu(x))
SINTER_UNARY(GeluTanh, true, vgelu_tanh(x))
SINTER_UNARY(Silu, true, vsilu(x))
SINTER_UNARY(Softsign, true, x / (num<V>(1) + (x < num<V>(0) ? -x : x)))
SINTER_UNARY(LeakyRelu, true, x > num<V>(0) ? x : x * num<V>(p.p0))
SINTER_UNARY(Elu, true, x > num<V>(0) ? x : vexpm1(x) * num<V>(p.p0))
SINTER_UNARY(Softplus, true, softplus_of(x, p))
SINTER_UNARY(Clamp, true, clamped(x, p))

}  // namespace

void tanh(const Call& c) { is_complex(c.in[0].dtype) ? complex_tanh(c) : unary(c, floating<Tanh>("tanh")); }
void sigmoid(const Call& c) { is_complex(c.in[0].dtype) ? complex_sigmoid(c) : unary(c, floating<Sigmoid>("sigmoid")); }
void relu(const Call& c) { unary(c, numeric<Relu>("relu")); }
void gelu(const Call& c) { unary(c, floating<Gelu>("gelu")); }
void geluTanh(const Call& c) { unary(c, floating<GeluTanh>("geluTanh")); }
void silu(const Call& c) { unary(c, floating<Silu>("silu")); }
void softsign(const Call& c) { unary(c, floating<Softsign>("softsign")); }
void leakyRelu(const Call& c) { unary(c, floating<LeakyRelu>("leakyRelu"), {c.attr[0]}); }
void elu(const Call& c) { unary(c, floating<Elu>("elu"), {c.attr[0]}); }
void softplus(const Call& c) { unary(c, floating<Softplus>("softplus"), {c.attr[0], c.attr[1]}); }
void clamp(const Call& c) { unary(c, numeric<Clamp>("clamp"), {c.attr[0], c.attr[1]}); }

}  // namespace sinter::cpu::SINTER_ISA
