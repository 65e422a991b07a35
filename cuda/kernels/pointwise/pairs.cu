// Operators of two operands on floating-point numbers, and of integers what is no arithmetic. Place in the whole: device code of
// arithmetic.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/arithmetic.h"
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/wrapping.cuh"

namespace sinter::cuda {

SINTER_DEVICE float angle_of(float y, float x) { return ::atan2f(y, x); }
SINTER_DEVICE double angle_of(double y, double x) { return lanes::vatan2(lanes::Vd(y), lanes::Vd(x)).v; }
SINTER_DEVICE double distance_of(double a, double b) { return lanes::vhypot(lanes::Vd(a), lanes::Vd(b)).v; }
SINTER_DEVICE float distance_of(float a, float b) {
  if (::isinf(a) || ::isinf(b)) return __int_as_float(0x7f800000);
  const double x = a, y = b;
  return static_cast<float>(::sqrt(x * x + y * y));
}
// The neighbour of a towards b: the bits of floating-point numbers are in the order of their magnitudes.
template <class V, class Bits>
SINTER_DEVICE Bits stepped(V a, V b, Bits bits) {
  return bits + ((a < b) == (a > V(0)) ? 1 : -1);
}
SINTER_DEVICE float next_after(float a, float b) {
  if (a != a || b != b) return a + b;
  if (a == b) return b;
  if (a == 0) return ::copysignf(__int_as_float(1), b);
  return __int_as_float(stepped(a, b, __float_as_int(a)));
}
SINTER_DEVICE double next_after(double a, double b) {
  if (a != a || b != b) return a + b;
  if (a == b) return b;
  if (a == 0) return ::copysign(__longlong_as_double(1), b);
  return __longlong_as_double(stepped(a, b, __double_as_longlong(a)));
}
// max + ln(1 + e^-|a - b|); equal infinities have no difference.
template <class V>
SINTER_DEVICE V log_add(V a, V b) {
  const V most = a > b || a != a ? a : b;
  return a == b ? a + V(0.69314718055994530942) : most + log1p_of(exp_of(-abs_of(a - b)));
}
template <class V>
SINTER_DEVICE V log_add_2(V a, V b) {
  const V most = a > b || a != a ? a : b;
  return a == b ? a + V(1) : most + log1p_of(exp2_of(-abs_of(a - b))) * V(1.44269504088896340736);
}

// A distance outside the type's width shifts everything out. Bytes are computed in 32 bits, where nothing of theirs is lost too early.
template <class V>
constexpr V kBits = sizeof(V) * 8;
template <class V>
SINTER_DEVICE V left(V a, V b) {
  return b < 0 || b >= kBits<V> ? V(0) : static_cast<V>(static_cast<Unsigned<V>>(a) << b);
}
template <class V>
SINTER_DEVICE V right(V a, V b) {
  return a >> (b < 0 || b >= kBits<V> ? kBits<V> - 1 : b);
}
template <class V>
SINTER_DEVICE V common_divisor(V x, V y) {
  Unsigned<V> a = static_cast<Unsigned<V>>(magnitude(x)), b = static_cast<Unsigned<V>>(magnitude(y));
  while (b != 0) {
    const Unsigned<V> rest = a % b;
    a = b;
    b = rest;
  }
  return static_cast<V>(a);
}
template <class V>
SINTER_DEVICE V common_multiple(V a, V b) {
  const V g = common_divisor(a, b);
  return g == 0 ? V(0) : magnitude(times(truncated_quotient(a, g), b));
}

SINTER_FUNCTOR_2(Divide, false, x / y)
SINTER_FUNCTOR_2_OF_TENSORS(Prelu, false, x > V(0) ? x : x * y)
SINTER_FUNCTOR_2(CopySign, false, V(::copysign(x, y)))
SINTER_FUNCTOR_2(Angle, true, angle_of(x, y))
SINTER_FUNCTOR_2(Distance, true, distance_of(x, y))
SINTER_FUNCTOR_2(LogAddExp, false, log_add(x, y))
SINTER_FUNCTOR_2(LogAddExp2, true, log_add_2(x, y))
SINTER_FUNCTOR_2(TimesLog, false, x == V(0) && y == y ? V(0) : x * log_of(y))
SINTER_FUNCTOR_2(TimesLog1p, false, x == V(0) && y == y ? V(0) : x * log1p_of(y))
SINTER_FUNCTOR_2(NextAfter, true, next_after(x, y))
SINTER_FUNCTOR_2(LeftShift, false, left(x, y))
SINTER_FUNCTOR_2(RightShift, false, right(x, y))
SINTER_FUNCTOR_2(CommonDivisor, true, common_divisor(x, y))
SINTER_FUNCTOR_2(Multiple, true, common_multiple(x, y))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_2)
SINTER_PAIRS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_INTEGER_KERNELS(op, Op, SINTER_IN_2)
SINTER_SHIFTS_AND_DIVISORS(SINTER_KERNELS)
#undef SINTER_KERNELS
SINTER_POINTWISE(nextafter_f32, NextAfter, f32, f32, f32)
SINTER_POINTWISE(nextafter_f64, NextAfter, f64, f64, f64)

}  // namespace sinter::cuda
