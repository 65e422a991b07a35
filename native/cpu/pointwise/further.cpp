// Tests and roundings of one operand. Place in the whole: entry points frac ... bitwiseNot of the operator table.
//
// x (any view) -> y (same shape, contiguous). frac, roundDecimals, nanToNum: f32, f64, bf16, f16; the tests give bool and take
// the integers too; bitwiseNot takes integers.
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class V>
SINTER_INLINE V rounded(V x, Params p) {  // p0: 10^|decimals|, p1: 1 where decimals is negative
  const V scale = static_cast<V>(p.p0);
  return p.p1 != 0 ? std::nearbyint(x / scale) * scale : std::nearbyint(x * scale) / scale;
}
template <class V>
SINTER_INLINE bool negative(V x) {
  if constexpr (kIsInt<V>)
    return x < 0;
  else
    return __builtin_signbit(x);
}
template <class V>
SINTER_INLINE V replaced(V x, Params p) {
  const auto inf = num<V>(__builtin_inf());
  V y = x != x ? V{} + num<V>(p.p0) : x;
  y = x == inf ? V{} + num<V>(p.p1) : y;
  return x == -inf ? V{} + num<V>(p.p2) : y;
}
template <class V>
constexpr V kInfinity = kIsInt<V> ? V(0) : V(__builtin_inf());
template <class V>
SINTER_INLINE bool is_any(V x, V infinity) {
  return kIsInt<V> ? false : x == infinity;
}
// x = mantissa 2^exponent, 1/2 <= |mantissa| < 1; what is not finite stays, with exponent 0.
template <class V>
SINTER_INLINE V mantissa_of(V x) {
  int exponent;
  return x - x == 0 ? std::frexp(x, &exponent) : x;
}
template <class V>
SINTER_INLINE V exponent_of(V x) {
  int exponent = 0;
  if (x - x == 0) std::frexp(x, &exponent);
  return static_cast<V>(exponent);
}

SINTER_UNARY(Frac, false, x - std::trunc(x))
SINTER_UNARY(RoundDecimals, false, rounded(x, p))
SINTER_UNARY(FrexpMantissa, false, mantissa_of(x))
SINTER_UNARY(FrexpExponent, false, exponent_of(x))
SINTER_UNARY(NanToNum, true, replaced(x, p))
SINTER_UNARY(SignBit, false, negative(x))
SINTER_UNARY(IsInf, false, is_any(x, kInfinity<V>) | is_any(x, -kInfinity<V>))
SINTER_UNARY(IsPosInf, false, is_any(x, kInfinity<V>))
SINTER_UNARY(IsNegInf, false, is_any(x, -kInfinity<V>))
SINTER_UNARY(BitwiseNot, false, ~x)

}  // namespace

void frac(const Call& c) { unary(c, floating<Frac>("frac")); }
void roundDecimals(const Call& c) { unary(c, floating<RoundDecimals>("roundDecimals"), {c.attr[0], c.attr[1]}); }
void nanToNum(const Call& c) { unary(c, floating<NanToNum>("nanToNum"), {c.attr[0], c.attr[1], c.attr[2]}); }
void frexpMantissa(const Call& c) { unary(c, floating<FrexpMantissa>("frexpMantissa")); }
void frexpExponent(const Call& c) { unary(c, floating<FrexpExponent>("frexpExponent")); }
void signbit(const Call& c) { unary(c, test<SignBit>("signbit")); }
void isinf(const Call& c) { unary(c, test<IsInf>("isinf")); }
void isposinf(const Call& c) { unary(c, test<IsPosInf>("isposinf")); }
void isneginf(const Call& c) { unary(c, test<IsNegInf>("isneginf")); }
void bitwiseNot(const Call& c) {
  unary(c, {.name = "bitwiseNot", .i32 = unary_run<BitwiseNot, int32_t>, .i64 = unary_run<BitwiseNot, int64_t>});
}

}  // namespace sinter::cpu::SINTER_ISA
