// Vectorised elementary functions, f32; math_double.h and math_trig_double.h have the double forms. Place in the whole: included by
// every kernel family that needs exp, log, tanh, erf... on whole vectors; written with the compiler's vector extensions
// alone, so one text serves every instruction set.
//
// Bounds in units in the last place: docs/accuracy.md, held by test/accuracy over every number of f32, with and without FMA.
// A change here can change the largest errors: `npm run accuracy` measures them.
//
// Infinities, NaN, signed zeros and subnormals give what IEEE 754 and C's annex F ask for.
#pragma once
#include "cpu/simd/math_trig_double.h"

namespace sinter::cpu::SINTER_ISA {

// ---- exp and its kin
// x = n ln 2 + r, |r| <= ln 2 / 2; n comes as an integer and r with the error of n ln 2 compensated. Adding 1.5 * 2^23
// leaves n in the low mantissa bits.
SINTER_INLINE Vf exp_reduce(Vf x, Vi& n) {
  const float magic = 0x1.8p23f;
  Vf t = x * 1.44269504f + magic;
  n = (Vi)t - 0x4b400000;
  Vf k = t - magic;
  return (x - k * 0.693359375f) - k * -2.12194440e-4f;
}
// e^r - 1 for |r| <= 0.35 (minimax of (e^r - 1 - r) / r^2, error 2^-26).
SINTER_INLINE Vf expm1_small(Vf r) {
  constexpr float c[] = {0.500000007f, 0.166665381f, 0.0416662668f, 0.00836723929f, 0.00139475823f};
  return r + r * r * polynomial(r, c);
}
SINTER_INLINE Vf pow2(Vi n) { return (Vf)((n + 127) << 23); }

SINTER_INLINE Vf vexp(Vf x) {
  x = x > 89.f ? Vf{} + 89.f : x;  // written so that NaN passes
  x = x < -104.f ? Vf{} - 104.f : x;
  Vi n;
  Vf r = exp_reduce(x, n);
  Vi half = n >> 1;  // in two steps: neither subnormal results nor 2^128 fit one factor
  return (1.f + expm1_small(r)) * pow2(half) * pow2(n - half);
}
// For x <= 0 only; below e^-87 the result is zero instead of a subnormal.
SINTER_INLINE Vf vexp_negative(Vf x) {
  Vi n;
  Vf r = exp_reduce(x < -87.f ? Vf{} - 87.f : x, n);
  Vf y = (1.f + expm1_small(r)) * pow2(n);
  return x < -87.f ? Vf{} : y;
}
SINTER_INLINE Vf vexpm1(Vf x) {
  Vf clamped = x > 89.f ? Vf{} + 89.f : x;
  clamped = clamped < -20.f ? Vf{} - 20.f : clamped;
  Vi n;
  Vf q = expm1_small(exp_reduce(clamped, n));
  Vf s = pow2(n - 1);  // 2^n (1 + q) - 1, halved, so that n = 128 has a factor
  Vf y = 2.f * (s * q + (s - 0.5f));
  return x == 0.f ? x : y;
}
SINTER_INLINE Vf vsigmoid(Vf x) {
  Vf e = vexp(-vabs(x));
  return (x < 0.f ? e : Vf{} + 1.f) / (1.f + e);
}
SINTER_INLINE Vf vtanh(Vf x) {
  Vf e = vexpm1(-2.f * vabs(x));
  return with_sign(vabs(e / (2.f + e)), x);
}

// ---- logarithms
// log(1 + f) - f for 1 + f in [sqrt(1/2), sqrt(2)] (minimax of the cubic and higher terms, error 2^-30).
SINTER_INLINE Vf log_tail(Vf f) {
  constexpr float c[] = {0.333333104f,  -0.249999866f, 0.200022267f,  -0.166692493f, 0.142186552f,
                         -0.123843724f, 0.118730201f,  -0.117896849f, 0.0691512588f};
  Vf f2 = f * f;
  return f2 * f * polynomial(f, c) - 0.5f * f2;
}
SINTER_INLINE Vf vlog(Vf x) {
  const float inf = __builtin_inff(), nan = __builtin_nanf("");
  Vi subnormal = x < 0x1p-126f;
  Vf scaled = subnormal ? x * 0x1p23f : x;
  // Unsigned differences: those of negative numbers, whose logarithm is replaced below, wrap.
  Vi e = (Vi)((Vu)scaled - 0x3f3504f3u) >> 23;
  Vf f = (Vf)((Vu)scaled - ((Vu)e << 23)) - 1.f;
  Vf k = converted<Vf>(e + (subnormal & -23));
  Vf y = ((log_tail(f) + k * -2.12194440e-4f) + f) + k * 0.693359375f;
  y = x == inf ? x : y;
  y = x == 0.f ? Vf{} - inf : y;
  return x >= 0.f ? y : Vf{} + nan;
}
SINTER_INLINE Vf vlog1p(Vf x) {
  Vf u = 1.f + x;
  Vf y = vlog(u) + (x - (u - 1.f)) / u;  // what rounding 1 + x lost
  y = u == 1.f ? x : y;
  y = x == -1.f ? Vf{} - __builtin_inff() : y;
  return x == __builtin_inff() ? x : y;
}

// ---- the error function
// exp(z^2) erfc(z) for z >= 0, as a polynomial in t = 1 / (1 + 0.3 z) (minimax, relative error 2^-25.8 up to z = 10,
// where the factor exp(-z^2) leaves nothing).
SINTER_INLINE Vf erfcx_poly(Vf z) {
  constexpr float c[] = {-1.58526828e-05f, 0.169474186f, 0.168487759f,  0.158154678f, 0.187918294f,
                         -0.0464782512f,   0.491950946f, -0.471813111f, 0.468841371f, -0.126520036f};
  return polynomial(1.f / (1.f + 0.3f * z), c);
}
SINTER_INLINE Vf verf(Vf x) {
  constexpr float c[] = {1.12837917f,    -0.376126271f,    0.112836002f,   -0.0268544446f,
                         0.00518953534f, -0.000802084128f, 7.88911952e-05f};
  Vf z = vabs(x), q = z * z;
  Vf inner = z * polynomial(q, c);
  Vf outer = 1.f - vexp_negative(-q) * erfcx_poly(z);
  return with_sign(z < 1.f ? inner : outer, x);
}
// The normal distribution function at x, and exp(-x^2 / 2), which its gradient needs too.
SINTER_INLINE Vf normal_cdf(Vf x, Vf& gauss) {
  Vf z = vabs(x) * 0.707106781f;
  gauss = vexp_negative(-z * z);
  Vf tail = 0.5f * gauss * erfcx_poly(z);
  return x > 0.f ? 1.f - tail : tail;
}

// ---- sine and cosine
// x = n pi/2 + r, |r| <= pi/4. The reduction is done in double: near a multiple of pi/2 a single one has no digits
// left.
constexpr float kTrigLimit = 0x1p20f;  // n * (33 bits of pi/2) is exact up to here
SINTER_INLINE Vf trig_reduce(Vf x, Vi& n) {
  Vf k = (x * 0.636619772f + 0x1.8p23f) - 0x1.8p23f;
  n = converted<Vi>(k);
  return through_double(x, k, [](Vd xd, Vd kd) __attribute__((always_inline)) {
    return (xd - kd * 0x1.921fb544p+0) - kd * 0x1.0b4611a626331p-34;
  });
}
// sin(x + quarter * pi/2) for |x| < 2^20
SINTER_INLINE Vf trig_near(Vf x, int quarter) {
  constexpr float s[] = {-0.166666546f, 0.00833215504f, -0.000195140838f};
  constexpr float c[] = {0.0416666463f, -0.00138873371f, 2.44348438e-05f};
  Vi n;
  Vf r = trig_reduce(x, n), q = r * r;
  n += quarter;
  Vf sine = r + r * q * polynomial(q, s), cosine = 1.f - 0.5f * q + q * q * polynomial(q, c);
  Vf y = (n & 1) != 0 ? cosine : sine;
  y = (Vf)((Vi)y ^ ((n & 2) << 30));
  return x == 0.f && quarter == 0 ? x : y;  // -0
}
// Of any x.
SINTER_INLINE Vf trig(Vf x, int quarter) {
  Vi large = !(vabs(x) < kTrigLimit);
  Vf y = trig_near(large ? Vf{} : x, quarter);
  return quarter == 0 ? lanes_through<far_sin>(large, x, y) : lanes_through<far_cos>(large, x, y);
}
SINTER_INLINE Vf vsin(Vf x) { return trig(x, 0); }
SINTER_INLINE Vf vcos(Vf x) { return trig(x, 1); }
SINTER_INLINE Vf vsin_near(Vf x) { return trig_near(x, 0); }
SINTER_INLINE Vf vcos_near(Vf x) { return trig_near(x, 1); }

// ---- pow, through double
SINTER_INLINE Vf vpow(Vf x, Vf y) {
  return through_double(x, y, [](Vd a, Vd b) { return pow_through_log(a, b); });
}

}  // namespace sinter::cpu::SINTER_ISA
