// Vectorised trigonometric and hyperbolic functions, and logarithms and powers of bases 2 and 10. Place in the whole: continues
// math.h for the pointwise family.
//
// Bounds in units in the last place: docs/accuracy.md, held by test/accuracy. tan, sinh, cosh, the inverse hyperbolic functions and erfc
// are computed in doubles of 30 bits (math_short.h): f32 left errors of 2 to 8 units there.
#pragma once
#include "cpu/simd/math.h"
#include "cpu/simd/math_short.h"

namespace sinter::cpu::SINTER_ISA {

// ---- powers and logarithms
SINTER_INLINE Vf vexp2(Vf x) {
  x = x > 129.f ? Vf{} + 129.f : x;  // written so that NaN passes
  x = x < -151.f ? Vf{} - 151.f : x;
  Vf t = x + 0x1.8p23f;
  Vi n = (Vi)t - 0x4b400000;
  Vf r = (x - (t - 0x1.8p23f)) * 0.693147181f;
  Vi half = n >> 1;
  return (1.f + expm1_small(r)) * pow2(half) * pow2(n - half);
}
// log(m) and the exponent k of x = m 2^k, m in [sqrt(1/2), sqrt(2)); x positive and finite.
SINTER_INLINE Vf log_split(Vf x, Vf& k) {
  Vi subnormal = x < 0x1p-126f;
  Vf scaled = subnormal ? x * 0x1p23f : x;
  Vi e = (Vi)((Vu)scaled - 0x3f3504f3u) >> 23;  // unsigned, as in vlog
  Vf f = (Vf)((Vu)scaled - ((Vu)e << 23)) - 1.f;
  k = converted<Vf>(e + (subnormal & -23));
  return f + log_tail(f);
}
SINTER_INLINE Vf log_edges(Vf x, Vf y) {
  const float inf = __builtin_inff(), nan = __builtin_nanf("");
  y = x == inf ? x : y;
  y = x == 0.f ? Vf{} - inf : y;
  return x >= 0.f ? y : Vf{} + nan;
}
SINTER_INLINE Vf vlog2(Vf x) {
  Vf k, m = log_split(x, k);
  return log_edges(x, k + m * 1.44269504f);
}
SINTER_INLINE Vf vlog10(Vf x) {
  Vf k, m = log_split(x, k);
  return log_edges(x, k * 0.301025391f + (k * 4.60503786e-06f + m * 0.434294482f));
}

// ---- trigonometry
SINTER_INLINE Vf vtan_near(Vf x) {  // |x| < 2^20
  Vf k = (x * 0.636619772f + 0x1.8p23f) - 0x1.8p23f;
  return through_double(x, k, [](Vd xd, Vd kd) __attribute__((always_inline)) { return tan_short(xd, kd); });
}
SINTER_INLINE Vf vtan(Vf x) {
  Vi large = !(vabs(x) < kTrigLimit);
  return lanes_through<far_tan>(large, x, vtan_near(large ? Vf{} : x));
}
// asin(x) - x, as x^3 by a polynomial in x^2 <= 1/4 (minimax, relative error of asin 2^-27).
SINTER_INLINE Vf asin_tail(Vf x) {
  constexpr float c[] = {0.16666754f, 0.07495242f, 0.04547706f, 0.024147704f, 0.042218514f};
  Vf q = x * x;
  return x * q * polynomial(q, c);
}
constexpr float kHalfPi = 1.57079633f, kHalfPiLow = -4.37113883e-08f;  // the second is what the first leaves
// pi/2 - 2 asin(s) and the like: what is large is added first, and is exact where the result is small.
SINTER_INLINE Vf vasin(Vf x) {
  Vf a = vabs(x), s = vsqrt(0.5f * (1.f - a));  // NaN beyond 1
  Vf outer = (kHalfPi - 2.f * s) - (2.f * asin_tail(s) - kHalfPiLow);
  return with_sign(vabs(a < 0.5f ? a + asin_tail(a) : outer), x);
}
SINTER_INLINE Vf vacos(Vf x) {
  Vf a = vabs(x), s = vsqrt(0.5f * (1.f - a)), tail = 2.f * asin_tail(s);
  Vf outer = x < 0.f ? (2.f * kHalfPi - 2.f * s) - (tail - 2.f * kHalfPiLow) : 2.f * s + tail;
  return a < 0.5f ? (kHalfPi - x) - (asin_tail(x) - kHalfPiLow) : outer;
}
// With y / x for atan2: reduced by pi/2 and pi/4 to |t| <= tan(pi/8) (minimax, error 2^-25.5).
SINTER_INLINE Vf vatan(Vf x) {
  constexpr float c[] = {-0.33332956f, 0.19977926f, -0.13879852f, 0.08060315f};
  Vf a = vabs(x);
  Vi far = a > 2.41421356f, middle = a > 0.414213562f;
  Vf t = (far ? Vf{} - 1.f : middle ? a - 1.f : a) / (far ? a : middle ? a + 1.f : Vf{} + 1.f);
  Vf quarters = far ? Vf{} + 2.f : middle ? Vf{} + 1.f : Vf{};
  Vf q = t * t;
  Vf y = quarters * (0.5f * kHalfPi) + (t + (t * q * polynomial(q, c) + quarters * (0.5f * kHalfPiLow)));
  return with_sign(x != x ? x : y, x);
}

// ---- hyperbolic functions and their inverses
SINTER_INLINE Vf vsinh(Vf x) {
  Vf a = vabs(x);
  a = a > 100.f ? Vf{} + 100.f : a;  // infinite in f32; written so that NaN passes
  return with_sign(vabs(through_double(a, [](Vd v) __attribute__((always_inline)) { return sinh_short(v); })), x);
}
SINTER_INLINE Vf vcosh(Vf x) {
  Vf a = vabs(x);
  a = a > 100.f ? Vf{} + 100.f : a;
  return through_double(a, [](Vd v) __attribute__((always_inline)) { return cosh_short(v); });
}
// Infinities and NaN are their own inverse hyperbolic functions.
SINTER_INLINE Vf vasinh(Vf x) {
  Vf a = vabs(x), y = through_double(a, [](Vd v) __attribute__((always_inline)) { return asinh_short(v); });
  return with_sign(vabs(a < __builtin_inff() ? y : a), x);
}
SINTER_INLINE Vf vacosh(Vf x) {
  Vf y = through_double(x, [](Vd v) __attribute__((always_inline)) { return acosh_short(v); });
  y = x < __builtin_inff() ? y : x;
  return x < 1.f ? Vf{} + __builtin_nanf("") : y;
}
SINTER_INLINE Vf vatanh(Vf x) {
  const float inf = __builtin_inff(), nan = __builtin_nanf("");
  Vf a = vabs(x), y = through_double(a, [](Vd v) __attribute__((always_inline)) { return atanh_short(v); });
  y = a < 1.f ? y : a == 1.f ? Vf{} + inf : Vf{} + nan;
  return with_sign(vabs(y), x);
}

// ---- the complementary error function
SINTER_INLINE Vf verfc(Vf x) {
  Vf y = through_double(x, [](Vd v) __attribute__((always_inline)) {
    Vd z = vabs(v);
    z = z > 10.6 ? Vd{} + 10.6 : z;
    Vd tail = erfc_short(z);
    return v < 0. ? 2. - tail : tail;
  });
  return y;
}

}  // namespace sinter::cpu::SINTER_ISA
