// Remainders of divisions, exact like the C library's: quotients below 2^23 (f32) or 2^52 (f64) by one division and one fused
// product, others by the library. Place in the whole: under the pointwise family.
#pragma once
#include "cpu/simd/lanes.h"

namespace sinter::cpu::SINTER_ISA {

// Of integers, 0 for a divisor of 0. Quotients of 32 bits are exact in double, whose division has a vector form.
SINTER_INLINE int32_t integer_remainder(int32_t a, int32_t b) {
  const int32_t divisor = b == 0 || b == -1 ? 1 : b;  // -1: the smallest integer's quotient overflows
  return a - static_cast<int32_t>(static_cast<double>(a) / divisor) * divisor;
}
SINTER_INLINE int64_t integer_remainder(int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }

// c - a b, which a double holds.
SINTER_INLINE Vd minus_product(Vd c, Vd a, Vd b) {
#if defined(__CUDACC__)
  return __fma_rn(-a.v, b.v, c.v);
#endif
  Twofold p = exact_product(a, b);
  return (c - p.high) - p.low;
}
SINTER_INLINE Vf minus_product(Vf c, Vf a, Vf b) {
#if defined(__CUDACC__)
  return __fmaf_rn(-a.v, b.v, c.v);
#elif defined(__AVX512F__)
  return _mm512_fnmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_fnmadd_ps(a, b, c);
#else
  // Both are exact in double: the product has 48 digits.
  return narrowed(low_half(c) - low_half(a) * low_half(b), high_half(c) - high_half(a) * high_half(b));
#endif
}

// From here on there are whole numbers only; added and subtracted, it rounds what is below to whole numbers.
template <class V>
constexpr auto kAllWhole = 0x1p23f;
template <>
constexpr auto kAllWhole<Vd> = 0x1p52;

template <class V>
SINTER_INLINE V nearest_whole(V x) {  // 0 <= x < kAllWhole
  return (x + kAllWhole<V>)-kAllWhole<V>;
}

// Where a product and its rounding error leave the range of doubles.
SINTER_INLINE Vl beyond(Vd x, Vd y) { return (y < 0x1p-960) | (x > 0x1p1000); }
SINTER_INLINE Vi beyond(Vf, Vf) { return Vi{}; }

// |a| / |b| as a whole number and the rest, exact but in the lanes of `far` (infinite quotients and NaN are there too). A quotient that
// rounds up to a whole number makes the rest negative; adding b once mends it, exactly, as every rest is a multiple of b's last
// digit.
template <class V>
struct Division {
  V whole, rest;
  decltype(V{} < V{}) far;
};
template <class V>
SINTER_INLINE Division<V> divided(V a, V b) {
  V x = vabs(a), y = vabs(b), q = x / y;
  V n = nearest_whole(q);
  n = n > q ? n - 1 : n;
  V r = minus_product(x, n, y);
  auto over = r < 0;
  n = over ? n - 1 : n;
  r = over ? r + y : r;
  return {n, n == 0 ? x : r, ~(q < kAllWhole<V>) | beyond(x, y)};
}
// The remainder where a quotient is far.
SINTER_INLINE double far_remainder(double a, double b) { return std::fmod(a, b); }
#if defined(__CUDACC__)
// In double, by multiples of b that get smaller: quotients of f32 lie below 2^277. nvcc's fmodf has paths for near ones besides.
SINTER_INLINE float far_remainder(float a, float b) {
  double x = std::fabs(a), y = std::fabs(b);
  if (!(x - x == 0 && y > 0)) return __builtin_nanf("");
  double step = y * 0x1p225;
#pragma unroll 1
  for (int k = 0; k < 6; k++, step *= 0x1p-45)
    if (x >= step) x = divided(Vd(x), Vd(step)).rest.v;
  return std::copysign(static_cast<float>(x), a);
}
#else
SINTER_INLINE float far_remainder(float a, float b) { return std::fmod(a, b); }
#endif
// y, and f(a, b) in the lanes of `far`.
template <class V, class Mask, class F>
SINTER_INLINE V far_lanes(Mask far, V a, V b, V y, F f) {
  if (__builtin_expect(any_lane((Vl)far), 0)) {
    for (unsigned i = 0; i < sizeof a / sizeof a[0]; i++)
      if (far[i]) y[i] = f(a[i], b[i]);
  }
  return y;
}

// a - trunc(a / b) b, with the sign of a: NaN where a is infinite or b is 0.
template <class V>
SINTER_INLINE V vfmod(V a, V b) {
  Division<V> d = divided(a, b);
  return far_lanes(d.far, a, b, with_sign(d.rest, a), [](auto x, auto y) { return far_remainder(x, y); });
}

// With the sign of b.
template <class V>
SINTER_INLINE V vremainder(V a, V b) {
  V r = vfmod(a, b);
  return (r != 0) & ((b < 0) != (r < 0)) ? r + b : r;
}

// The floor of the exact quotient; a / b itself where b is 0.
template <class T>
SINTER_APART T floor_quotient(T a, T b) {
  if (b == 0) return a / b;
  const T rest = far_remainder(a, b);
  T q = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) q -= 1;
  // Of f32 none that comes here is below 2^23.
  if constexpr (sizeof(T) == 8)
    if (q == 0) return std::copysign(T(0), a / b);
  const T whole = std::floor(q);
  return q - whole > T(0.5) ? whole + 1 : whole;
}
template <class V>
SINTER_INLINE V vfloor_quotient(V a, V b) {
  Division<V> d = divided(a, b);
  V sign = (V)((decltype(d.far))a ^ (decltype(d.far))b);
  auto below = (decltype(d.far))sign < 0;
  V q = with_sign(below & (d.rest != 0) ? d.whole + 1 : d.whole, sign);
  return far_lanes(d.far, a, b, q, [](auto x, auto y) { return floor_quotient(x, y); });
}

}  // namespace sinter::cpu::SINTER_ISA
