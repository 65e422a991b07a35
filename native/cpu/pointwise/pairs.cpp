// Further arithmetic of two operands. Place in the whole: entry points fmod ... nextafter and isclose of the operator table.
//
// a, b (any views, broadcast; or one of them a number: mode, scalar) -> y contiguous. f32, f64, bf16, f16; fmod, the rounded
// divisions, fmax, fmin, heaviside and isclose also the integers; nextafter f32 and f64 only.
#include "cpu/pointwise/loops.h"
#include "cpu/simd/math_trig.h"
#include "cpu/simd/remainder.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
SINTER_INLINE T truncated_remainder(T a, T b) {
  if constexpr (kIsInt<T>)
    return integer_remainder(a, b);
  else
    return vfmod(a, b);
}
// Division by an integer zero gives 0.
template <class T>
SINTER_INLINE T quotient(T a, T b) {
  if constexpr (kIsInt<T>)
    return b == 0 ? 0 : b == -1 ? minus(T(0), a) : a / b;
  else
    return std::trunc(a / b);
}
// Exact where a / b rounds up to a whole number: the remainder decides.
template <class T>
SINTER_INLINE T floored_quotient(T a, T b) {
  if constexpr (kIsInt<T>) {
    T q = quotient(a, b);
    return b != 0 && b != -1 && a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
  } else {
    return vfloor_quotient(a, b);
  }
}
// The bits of floating point numbers are in the order of their magnitudes.
template <class V>
SINTER_INLINE V next_after(V a, V b) {
  using Bits = std::conditional_t<sizeof(a[0]) == 4, Vu, Vul>;
  const auto back = (a < b) ^ (a > 0);
  V y = (V)((Bits)a + (Bits)(back | 1));
  y = a == 0 ? with_sign((V)(Bits{} + 1), b) : y;
  y = a == b ? b : y;
  return (a != a) | (b != b) ? a + b : y;
}
// A NaN loses.
template <class V>
SINTER_INLINE V larger(V a, V b) {
  return (a > b) | (b != b) ? a : b;
}
template <class V>
SINTER_INLINE V smaller(V a, V b) {
  return (a < b) | (b != b) ? a : b;
}

// The angle of (x, y) from the octant up: atan of a ratio of at most 1, then mirrored.
SINTER_INLINE Vf angle_of(Vf y, Vf x) {
  const float inf = __builtin_inff();
  Vf a = vabs(y), b = vabs(x), low = vmin(a, b), high = vmax(a, b);
  Vf ratio = high == 0.f ? Vf{} : low == inf ? Vf{} + 1.f : low / high;
  Vf t = vatan(ratio);
  t = a > b ? kHalfPi - t : t;
  t = (Vi)x < 0 ? 3.14159265f - t : t;
  t = with_sign(vabs(t), y);
  return (x != x) | (y != y) ? x + y : t;
}
SINTER_INLINE Vd angle_of(Vd y, Vd x) { return vatan2(y, x); }
SINTER_INLINE Vd distance(Vd a, Vd b) { return vhypot(a, b); }
SINTER_INLINE Vf distance(Vf a, Vf b) {
  const float inf = __builtin_inff();
  Vf r = through_double(a, b, [](Vd x, Vd y) { return vsqrt(x * x + y * y); });
  return (vabs(a) == inf) | (vabs(b) == inf) ? Vf{} + inf : r;
}
// p0 relative, p1 absolute tolerance, p2: NaN equals NaN.
template <class T>
SINTER_INLINE bool close(T a, T b, Params p) {
  using F = std::conditional_t<kIsInt<T>, double, T>;
  const F x = static_cast<F>(a), y = static_cast<F>(b), gap = std::fabs(x - y);
  const F allowed = static_cast<F>(p.p1) + std::fabs(static_cast<F>(p.p0) * y);
  return (a == b) | ((gap <= allowed) & (gap < F(__builtin_inf()))) | ((p.p2 != 0) & (x != x) & (y != y));
}

SINTER_BINARY(Fmod, true, truncated_remainder(a, b))
SINTER_BINARY(DivTrunc, false, quotient(a, b))
SINTER_BINARY(DivFloor, true, floored_quotient(a, b))
SINTER_BINARY(Fmax, true, larger(a, b))
SINTER_BINARY(Fmin, true, smaller(a, b))
SINTER_BINARY(Heaviside, false, a == V(0) ? b : static_cast<V>(a > V(0)))
SINTER_BINARY(Atan2, true, angle_of(a, b))
SINTER_BINARY(Hypot, true, distance(a, b))
SINTER_BINARY(Copysign, false, std::copysign(a, b))
SINTER_BINARY(Nextafter, true, next_after(a, b))
SINTER_BINARY(IsClose, false, close(a, b, p))

}  // namespace

void fmod(const Call& c) { binary(c, numeric_pair<Fmod>("fmod")); }
void divTrunc(const Call& c) { binary(c, numeric_pair<DivTrunc>("divTrunc")); }
void divFloor(const Call& c) { binary(c, numeric_pair<DivFloor>("divFloor")); }
void fmax(const Call& c) { binary(c, numeric_pair<Fmax>("fmax")); }
void fmin(const Call& c) { binary(c, numeric_pair<Fmin>("fmin")); }
void heaviside(const Call& c) { binary(c, numeric_pair<Heaviside>("heaviside")); }
void atan2(const Call& c) { binary(c, floating_pair<Atan2>("atan2")); }
void hypot(const Call& c) { binary(c, floating_pair<Hypot>("hypot")); }
void copysign(const Call& c) { binary(c, floating_pair<Copysign>("copysign")); }
void nextafter(const Call& c) { binary(c, floating_pair<Nextafter>("nextafter")); }
void isclose(const Call& c) {
  binary(c,
         {.name = "isclose",
          .f32 = compare_run<IsClose, float>,
          .f64 = compare_run<IsClose, double>,
          .i32 = compare_run<IsClose, int32_t>,
          .i64 = compare_run<IsClose, int64_t>,
          .to_bool = true,
          .steps = 3},
         {c.attr[2], c.attr[3], c.attr[4]});
}

}  // namespace sinter::cpu::SINTER_ISA
