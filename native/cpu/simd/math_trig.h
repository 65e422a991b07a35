// Vectorised trigonometric and hyperbolic functions, and logarithms and powers of bases 2 and 10. Place in the whole: continues
// math.h for the pointwise family.
//
// f32 bounds, in ulp of the result, measured like those of math.h: exp2 1.2, log2 1.8, log10 2, tan 3.6, asin 2.5, acos 1.5, atan 3,
// sinh 2.6, cosh 2.6, asinh 2.2, acosh 2.3, atanh 2.5, erfc 8.
#pragma once
#include "cpu/simd/math.h"

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
  k = __builtin_convertvector(e + (subnormal & -23), Vf);
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
SINTER_INLINE Vf vtan(Vf x) {
  constexpr float s[] = {-0.166666546f, 0.00833215504f, -0.000195140838f};
  constexpr float c[] = {0.0416666463f, -0.00138873371f, 2.44348438e-05f};
  Vi n, large = !(vabs(x) < kTrigLimit);
  Vf r = trig_reduce(large ? Vf{} : x, n), q = r * r;
  Vf sine = r + r * q * polynomial(q, s), cosine = 1.f - 0.5f * q + q * q * polynomial(q, c);
  Vf y = (n & 1) != 0 ? -cosine / sine : sine / cosine;
  y = x == 0.f ? x : y;  // -0
  int any = 0;
  for (int i = 0; i < kLanes<float>; i++) any |= large[i];
  if (__builtin_expect(any != 0, 0)) {
    for (int i = 0; i < kLanes<float>; i++)
      if (large[i]) y[i] = static_cast<float>(::tan(double(x[i])));
  }
  return y;
}
// asin(x) - x, over x^3, as a polynomial in x^2 <= 1/4 (minimax, relative error of asin 2^-27).
SINTER_INLINE Vf asin_small(Vf x) {
  constexpr float c[] = {0.16666754f, 0.07495242f, 0.04547706f, 0.024147704f, 0.042218514f};
  Vf q = x * x;
  return x + x * q * polynomial(q, c);
}
constexpr float kHalfPi = 1.57079633f;
SINTER_INLINE Vf vasin(Vf x) {
  Vf a = vabs(x);
  Vf outer = kHalfPi - 2.f * asin_small(vsqrt(0.5f * (1.f - a)));  // NaN beyond 1
  return with_sign(vabs(a < 0.5f ? asin_small(a) : outer), x);
}
SINTER_INLINE Vf vacos(Vf x) {
  Vf a = vabs(x);
  Vf edge = 2.f * asin_small(vsqrt(0.5f * (1.f - a)));
  Vf outer = x < 0.f ? 3.14159265f - edge : edge;
  return a < 0.5f ? kHalfPi - asin_small(x) : outer;
}
// With y / x for atan2: reduced by pi/2 and pi/4 to |t| <= tan(pi/8) (minimax, error 2^-25.5).
SINTER_INLINE Vf vatan(Vf x) {
  constexpr float c[] = {-0.33332956f, 0.19977926f, -0.13879852f, 0.08060315f};
  Vf a = vabs(x);
  Vi far = a > 2.41421356f, middle = a > 0.414213562f;
  Vf t = far ? -1.f / a : middle ? (a - 1.f) / (a + 1.f) : a;
  Vf base = far ? Vf{} + kHalfPi : middle ? Vf{} + 0.785398163f : Vf{};
  Vf q = t * t;
  Vf y = base + (t + t * q * polynomial(q, c));
  return with_sign(x != x ? x : y, x);
}

// ---- hyperbolic functions and their inverses
SINTER_INLINE Vf vsinh(Vf x) {
  Vf a = vabs(x), e = vexpm1(a);
  Vf small = 0.5f * (e + e / (e + 1.f));
  Vf root = vexp(0.5f * a);  // e^a overflows before sinh does
  return with_sign(vabs(a > 80.f ? 0.5f * root * root : small), x);
}
SINTER_INLINE Vf vcosh(Vf x) {
  Vf a = vabs(x), e = vexp(a), root = vexp(0.5f * a);
  return a > 80.f ? 0.5f * root * root : 0.5f * e + 0.5f / e;
}
SINTER_INLINE Vf vasinh(Vf x) {
  Vf a = vabs(x), q = a * a;
  Vf near = vlog1p(a + q / (1.f + vsqrt(1.f + q)));
  return with_sign(vabs(a > 0x1p13f ? vlog(a) + 0.693147181f : near), x);
}
SINTER_INLINE Vf vacosh(Vf x) {
  Vf t = x - 1.f;
  Vf near = vlog1p(t + vsqrt(t * (2.f + t)));
  near = x < 1.f ? Vf{} + __builtin_nanf("") : near;
  return x > 0x1p13f ? vlog(x) + 0.693147181f : near;
}
SINTER_INLINE Vf vatanh(Vf x) {
  Vf a = vabs(x);
  Vf y = 0.5f * vlog1p(2.f * a / (1.f - a));
  y = a > 1.f ? Vf{} + __builtin_nanf("") : y;
  return with_sign(vabs(y), x);
}

// ---- erfc: exp(-z^2) with z^2 in two parts, as its tail is all in the exponent
SINTER_INLINE Vf verfc(Vf x) {
  Vf z = vabs(x);
  z = z > 11.f ? Vf{} + 11.f : z;
  Vf high = (Vf)((Vi)z & ~0xfff), low = z - high;
  Vf gauss = vexp(-high * high) * vexp(-low * (z + high));
  Vf tail = gauss * erfcx_poly(z);
  Vf y = x < 0.f ? 2.f - tail : tail;
  y = vabs(x) < 0.5f ? 1.f - verf(x) : y;
  return x != x ? x : y;
}

}  // namespace sinter::cpu::SINTER_ISA
