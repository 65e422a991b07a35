// Arithmetic, rounding and tests of one operand. Place in the whole: device code of unary.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/unary.h"
#include "cuda/kernels/pointwise/wrapping.cuh"

namespace sinter::cuda {

template <class V>
constexpr V kInfinity = static_cast<V>(__builtin_huge_val());

template <class V>
SINTER_DEVICE V sign_of(V x) {  // 0 for NaN
  return static_cast<V>((x > V(0)) - (x < V(0)));
}
// 10^|decimals| is number 0; number 1 says that decimals are negative.
template <class V>
SINTER_DEVICE V decimals_of(const Numbers& p, V x) {
  const V scale = number<V>(p, 0);
  return number<V>(p, 1) != V(0) ? ::rint(x / scale) * scale : ::rint(x * scale) / scale;
}
template <class V>
SINTER_DEVICE V without_nan(const Numbers& p, V x) {
  return x != x ? number<V>(p, 0) : x == kInfinity<V> ? number<V>(p, 1) : x == -kInfinity<V> ? number<V>(p, 2) : x;
}
template <class V>
SINTER_DEVICE bool is_finite(V x) {
  if constexpr (kIsInteger<V>)
    return true;
  else
    return x - x == V(0);
}
template <class V>
SINTER_DEVICE bool is_infinity(V x, double sign) {
  if constexpr (kIsInteger<V>)
    return false;
  else
    return x == static_cast<V>(sign) * kInfinity<V>;
}
template <class V>
SINTER_DEVICE bool is_negative(V x) {
  if constexpr (kIsInteger<V>)
    return x < 0;
  else
    return ::signbit(x);
}

// x = mantissa 2^exponent, 1/2 <= |mantissa| < 1; what is not finite stays, with exponent 0. Subnormal numbers are scaled first.
struct Parts {
  double mantissa;
  int exponent;
};
SINTER_DEVICE Parts parts_of(double x) {
  if (!(x - x == 0) || x == 0) return {x, 0};
  const bool small = ::fabs(x) < 0x1p-1022;
  const long long bits = __double_as_longlong(small ? x * 0x1p54 : x);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1022 - (small ? 54 : 0);
  return {__longlong_as_double((bits & 0x800fffffffffffffll) | 0x3fe0000000000000ll), exponent};
}

SINTER_FUNCTOR(Negated, false, negated(x))
SINTER_FUNCTOR(Magnitude, false, magnitude(x))
SINTER_FUNCTOR(Sign, false, sign_of(x))
SINTER_FUNCTOR(Square, false, times(x, x))
SINTER_FUNCTOR(Root, false, sqrt_of(x))
SINTER_FUNCTOR(InverseRoot, false, V(1) / sqrt_of(x))
SINTER_FUNCTOR(Reciprocal, false, V(1) / x)
SINTER_FUNCTOR(Fraction, false, x - ::trunc(x))
SINTER_FUNCTOR(Decimals, false, decimals_of(p, x))
SINTER_FUNCTOR(NanToNumber, false, without_nan(p, x))
SINTER_FUNCTOR(Mantissa, false, static_cast<V>(parts_of(x).mantissa))
SINTER_FUNCTOR(Exponent, false, static_cast<V>(parts_of(x).exponent))
SINTER_FUNCTOR(Floor, false, ::floor(x))
SINTER_FUNCTOR(Ceil, false, ::ceil(x))
SINTER_FUNCTOR(Round, false, ::rint(x))
SINTER_FUNCTOR(Trunc, false, ::trunc(x))
SINTER_FUNCTOR(IsNan, false, x != x)
SINTER_FUNCTOR(IsFinite, false, is_finite(x))
SINTER_FUNCTOR(Not, false, x == V(0))
SINTER_FUNCTOR(SignBit, false, is_negative(x))
SINTER_FUNCTOR(IsInfinite, false, is_infinity(x, 1) || is_infinity(x, -1))
SINTER_FUNCTOR(IsPositiveInfinity, false, is_infinity(x, 1))
SINTER_FUNCTOR(IsNegativeInfinity, false, is_infinity(x, -1))
SINTER_FUNCTOR(Inverted, false, ~x)

#define SINTER_KERNELS(op, Op, costly) SINTER_REAL_KERNELS(op, Op, SINTER_IN_1)
SINTER_UNARY_REALS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_NUMBER_KERNELS(op, Op, SINTER_IN_1)
SINTER_UNARY_NUMBERS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_1)
SINTER_UNARY_FLOATS(SINTER_KERNELS)
SINTER_UNARY_ROUNDINGS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_TEST_KERNELS(op, Op, SINTER_IN_1)
SINTER_UNARY_TESTS(SINTER_KERNELS)
#undef SINTER_KERNELS
SINTER_INTEGER_KERNELS(bitwiseNot, Inverted, SINTER_IN_1)

}  // namespace sinter::cuda
