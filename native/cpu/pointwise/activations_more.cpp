// Further activation functions and their gradients. Place in the whole: entry points hardswish ... scaledEluBackward of the
// operator table; activations.cpp and gradients.cpp have the common ones.
//
// x (any view) -> y, or g, x -> gx, contiguous. f32, f64, bf16, f16; threshold also the integers. NaN gives NaN.
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class V>
SINTER_INLINE V hard_sigmoid(V x) {
  V y = x * num<V>(1. / 6) + num<V>(0.5);
  y = y < num<V>(0) ? V{} : y;
  return y > num<V>(1) ? V{} + num<V>(1) : y;
}
// tanh(ln(1 + e)) = e (e + 2) / (e (e + 2) + 2) with e = e^x; 1 from e^20 on.
template <class V>
SINTER_INLINE V tanh_softplus(V x) {
  V e = vexp(x > num<V>(20) ? V{} + num<V>(20) : x);
  V n = e * (e + num<V>(2));
  return n / (n + num<V>(2));
}
template <class V>
SINTER_INLINE V mish_slope(V x) {
  V t = tanh_softplus(x);
  return t + x * vsigmoid(x) * (num<V>(1) - t * t);
}
// min(x, 0) - ln(1 + e^-|x|)
template <class V>
SINTER_INLINE V log_sigmoid(V x) {
  V e = vlog1p(vexp(-vabs(x)));
  return (x > num<V>(0) ? V{} : x) - e;
}
// x inside [-p0, p0] is cut off, outside it moves towards zero by p1.
template <class V>
SINTER_INLINE V shrunk(V x, Params p) {
  V y = x > num<V>(p.p0) ? x - num<V>(p.p1) : V{};
  y = x < num<V>(-p.p0) ? x + num<V>(p.p1) : y;
  return x != x ? x : y;
}
// g p2 where p0 < x < p1 (p3 1), or where not (p3 0).
template <class V>
SINTER_INLINE V gated(V g, V x, Params p) {
  const auto low = num<V>(p.p0), high = num<V>(p.p1);
  V scaled = g * num<V>(p.p2);
  V inside = (x > low) & (x < high) ? scaled : V{};
  V outside = (x < low) | (x > high) ? scaled : V{};
  return p.p3 != 0 ? inside : outside;
}
template <class V>
SINTER_INLINE V hardswish_slope(V x) {
  V y = x * num<V>(1. / 3) + num<V>(0.5);
  y = x <= num<V>(-3) ? V{} : y;
  return x >= num<V>(3) ? V{} + num<V>(1) : y;
}
// p0 alpha, p1 scale, p2 the exponent's factor
template <class V>
SINTER_INLINE V scaled_elu(V x, Params p) {
  return x > num<V>(0) ? x * num<V>(p.p1) : vexpm1(x * num<V>(p.p2)) * num<V>(p.p0 * p.p1);
}
template <class V>
SINTER_INLINE V scaled_elu_slope(V x, Params p) {
  return x > num<V>(0) ? V{} + num<V>(p.p1) : vexp(x * num<V>(p.p2)) * num<V>(p.p0 * p.p1 * p.p2);
}
template <class V>
SINTER_INLINE V thresholded(V x, Params p) {
  if constexpr (kIsInt<V>)
    return static_cast<double>(x) <= p.p0 ? static_cast<V>(p.p1) : x;
  else
    return x <= num<V>(p.p0) ? V{} + num<V>(p.p1) : x;
}

SINTER_UNARY(Hardswish, true, x* hard_sigmoid(x))
SINTER_UNARY(Hardsigmoid, true, hard_sigmoid(x))
SINTER_UNARY(Shrink, true, shrunk(x, p))
SINTER_UNARY(Tanhshrink, true, x - vtanh(x))
SINTER_UNARY(Mish, true, x* tanh_softplus(x))
SINTER_UNARY(LogSigmoid, true, log_sigmoid(x))
SINTER_UNARY(Threshold, true, thresholded(x, p))
SINTER_UNARY(ScaledElu, true, scaled_elu(x, p))
SINTER_BINARY(Prelu, true, a > num<V>(0) ? a : a * b)
SINTER_BINARY(Gate, true, gated(a, b, p))
SINTER_BINARY(HardswishGrad, true, a* hardswish_slope(b))
SINTER_BINARY(MishGrad, true, a* mish_slope(b))
SINTER_BINARY(LogSigmoidGrad, true, a* vsigmoid(-b))
SINTER_BINARY(ScaledEluGrad, true, a* scaled_elu_slope(b, p))

}  // namespace

void hardswish(const Call& c) { unary(c, floating<Hardswish>("hardswish")); }
void hardsigmoid(const Call& c) { unary(c, floating<Hardsigmoid>("hardsigmoid")); }
void shrink(const Call& c) { unary(c, floating<Shrink>("shrink"), {c.attr[0], c.attr[1]}); }
void tanhshrink(const Call& c) { unary(c, floating<Tanhshrink>("tanhshrink")); }
void mish(const Call& c) { unary(c, floating<Mish>("mish")); }
void logSigmoid(const Call& c) { unary(c, floating<LogSigmoid>("logSigmoid")); }
void threshold(const Call& c) { unary(c, numeric<Threshold>("threshold"), {c.attr[0], c.attr[1]}); }
void scaledElu(const Call& c) { unary(c, floating<ScaledElu>("scaledElu"), {c.attr[0], c.attr[1], c.attr[2]}); }
void prelu(const Call& c) { binary(c, floating_pair<Prelu>("prelu")); }
void gate(const Call& c) { pair(c, gradient<Gate>("gate"), {c.attr[0], c.attr[1], c.attr[2], c.attr[3]}); }
void hardswishBackward(const Call& c) { pair(c, gradient<HardswishGrad>("hardswishBackward")); }
void mishBackward(const Call& c) { pair(c, gradient<MishGrad>("mishBackward")); }
void logSigmoidBackward(const Call& c) { pair(c, gradient<LogSigmoidGrad>("logSigmoidBackward")); }
void scaledEluBackward(const Call& c) {
  pair(c, gradient<ScaledEluGrad>("scaledEluBackward"), {c.attr[0], c.attr[1], c.attr[2]});
}

}  // namespace sinter::cpu::SINTER_ISA
