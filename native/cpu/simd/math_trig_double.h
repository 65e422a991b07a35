// Vectorised trigonometric and hyperbolic functions of doubles. Place in the whole: under math_trig.h, which has the f32 forms.
//
// Bounds in units in the last place: docs/accuracy.md, held by test/accuracy.
//
// Polynomials as in math_double.h. Arguments of sine, cosine and tangent from 2^20 on are reduced a lane at a time (far_reduce.h).
#pragma once
#include "cpu/simd/far_reduce.h"
#include "cpu/simd/math_double.h"

namespace sinter::cpu::SINTER_ISA {

// ---- sine, cosine, tangent: x = n pi/2 + r + lost, |r| <= pi/4. Three parts of pi/2 have 33 bits, so that n times each is exact,
// and the differences keep their errors: near a multiple of pi/2 nothing else is left.
constexpr double kTrigLimitDouble = 0x1p20;
struct TrigReduced {
  Vd r, lost;
  Vl n;
};
SINTER_INLINE TrigReduced trig_reduce(Vd x) {
  Vd t = x * 0.63661977236758134308 + kDoubleMagic, k = t - kDoubleMagic;
  Vd first = x - k * 0x1.921fb544p+0;  // exact
  Twofold a = exact_sum(first, -k * 0x1.0b4611a6p-34), b = exact_sum(a.high, -k * 0x1.3198a2ep-69);
  Twofold r = exact_sum_ordered(b.high, a.low + (b.low - k * 0x1.b839a252049c1p-104));
  return {r.high, r.low, (Vl)t - 0x4338000000000000ll};
}
SINTER_INLINE Vd sine_of(Vd r, Vd lost, Vd q) {
  constexpr double c[] = {-0.16666666666666666,   0.008333333333333331,    -0.00019841269841265063,
                          2.7557319219337312e-06, -2.5052106231802837e-08, 1.6058531516797758e-10,
                          -7.586691094197958e-13};
  return r + (r * q * polynomial(q, c) + (lost - 0.5 * q * lost));
}
SINTER_INLINE Vd cosine_of(Vd r, Vd lost, Vd q) {
  constexpr double c[] = {0.041666666666666664,   -0.0013888888888888887, 2.4801587301584645e-05,
                          -2.755731922140179e-07, 2.0876755790721963e-09, -1.1470460830795304e-11,
                          4.7458685530816656e-14};
  Vd half = 0.5 * q, high = 1. - half;
  return high + (((1. - high) - half) + (q * q * polynomial(q, c) - r * lost));
}
// As trig_reduce, of any argument.
SINTER_INLINE TrigReduced trig_place(Vd x) {
  Vl large = !(vabs(x) < kTrigLimitDouble);
  TrigReduced a = trig_reduce(large ? Vd{} : x);
  if (__builtin_expect(any_lane(large), 0)) {
    for (int i = 0; i < kLanes<double>; i++) {
      if (!large[i]) continue;
      const FarReduced f = far_reduce(x[i]);
      a.r[i] = f.r;
      a.lost[i] = f.lost;
      a.n[i] = f.n;
    }
  }
  return a;
}
// Of x in its place: sin(x + quarter * pi/2), tan(x).
SINTER_INLINE Vd trig_of(TrigReduced a, int quarter) {
  Vl n = a.n + quarter;
  Vd q = a.r * a.r;
  Vd y = (n & 1) != 0 ? cosine_of(a.r, a.lost, q) : sine_of(a.r, a.lost, q);
  return (Vd)((Vl)y ^ ((n & 2) << 62));
}
SINTER_INLINE Vd tangent_of(TrigReduced a) {
  Vd q = a.r * a.r, sine = sine_of(a.r, a.lost, q), cosine = cosine_of(a.r, a.lost, q);
  Vl odd = (a.n & 1) != 0;
  return (odd ? -cosine : sine) / (odd ? sine : cosine);
}
SINTER_INLINE Vd vsin(Vd x) {
  Vd y = trig_of(trig_place(x), 0);
  return x == 0. ? x : y;  // -0
}
// Both, of one reduction; without kFar of |x| < 2^20.
struct SineCosine {
  Vd sine, cosine;
};
template <bool kFar = true>
SINTER_INLINE SineCosine vsincos(Vd x) {
  TrigReduced a = kFar ? trig_place(x) : trig_reduce(x);
  Vd sine = trig_of(a, 0);
  return {x == 0. ? x : sine, trig_of(a, 1)};
}
// Of |x| < 2^20, in less code.
SINTER_INLINE Vd vsin_near(Vd x) {
  Vd y = trig_of(trig_reduce(x), 0);
  return x == 0. ? x : y;
}
SINTER_INLINE Vd vtan_near(Vd x) {
  Vd y = tangent_of(trig_reduce(x));
  return x == 0. ? x : y;
}
SINTER_INLINE Vd vcos(Vd x) { return trig_of(trig_place(x), 1); }
SINTER_INLINE Vd vtan(Vd x) {
  Vd y = tangent_of(trig_place(x));
  return x == 0. ? x : y;
}

// ---- inverse functions
// (asin(x) - x) / x for x^2 = q <= 1/4
SINTER_INLINE Vd asin_tail(Vd q) {
  constexpr double c[] = {0.16666666666666669, 0.07499999999998433,  0.04464285714635543,  0.030381944138531247,
                          0.02237217294214989, 0.017352392720869973, 0.013971212973552933, 0.011479177415184906,
                          0.01032281435018578, 0.005457506718640358, 0.01740087944269402,  -0.014851887071247204,
                          0.028757851367421566};
  return q * polynomial(q, c);
}
// With s = sqrt((1 - a) / 2): asin(a) = pi/2 - 2 asin(s). The constants' low halves go in with the small terms.
SINTER_INLINE Vd vasin(Vd x) {
  Vd a = vabs(x), q = 0.5 - 0.5 * a, s = vsqrt(q);  // NaN beyond 1
  Vl near = a < 0.5;
  q = near ? a * a : q;
  Vd tail = asin_tail(q);
  Twofold h = exact_sum_ordered(Vd{} + 0.5 * kPiHigh, -2. * s);
  Vd outer = h.high + (h.low + (0.5 * kPiLow - 2. * s * tail));
  return with_sign(vabs(near ? a + a * tail : outer), x);
}
SINTER_INLINE Vd vacos(Vd x) {
  Vd a = vabs(x), q = 0.5 - 0.5 * a, s = vsqrt(q);
  Vl near = a < 0.5;
  Vd t = near ? x : -2. * s;
  Vd tail = t * asin_tail(near ? a * a : q);
  // pi/2 - asin(x), 2 asin(s) or pi - 2 asin(s)
  Twofold h = exact_sum_ordered(near ? Vd{} + 0.5 * kPiHigh : Vd{} + kPiHigh, near ? -t : t);
  Vd sum = h.high + (h.low + (near ? 0.5 * kPiLow - tail : kPiLow + tail));
  return (~near & (x > 0.)) != 0 ? -t - tail : sum;
}
// The angle of (x, y), both >= 0, from the octant up: atan of a ratio of at most 1, in its upper half less pi/4.
SINTER_INLINE Vd quadrant_angle(Vd y, Vd x) {
  constexpr double c[] = {-0.3333333333333333,  0.19999999999999804,  -0.14285714285659779, 0.11111111105150588,
                          -0.09090908753259112, 0.07692296368042296,  -0.0666642476020052,  0.05878927554473807,
                          -0.05230443640686948, 0.045515447340221615, -0.03456931506332609, 0.016284375050043393};
  Vd low = vmin(x, y), high = vmax(x, y);
  Vl middle = low > 0.41421356237309503 * high, above = y > x;
  Vd t = (middle ? low - high : low) / (middle ? low + high : high), q = t * t;
  Vd tail = t * q * polynomial(q, c);
  // 0, pi/4 (twice) or pi/2
  Vd quarters = middle ? Vd{} + 0.25 : above ? Vd{} + 0.5 : Vd{};
  t = above ? -t : t;
  tail = above ? -tail : tail;
  return quarters * kPiHigh + (t + (quarters * kPiLow + tail));
}
SINTER_INLINE Vd vatan(Vd x) {
  Vd a = vabs(x);
  Vd y = quadrant_angle(vmin(a, Vd{} + 0x1p100), Vd{} + 1.);  // without infinity less infinity
  return with_sign(vabs(x != x ? x : y), x);
}
SINTER_INLINE Vd vatan2(Vd y, Vd x) {
  const double inf = __builtin_inf();
  Vd a = vabs(y), b = vabs(x);
  Vl far_a = a == inf, far_b = b == inf, none = (a == 0.) & (b == 0.);
  // Into the middle of the range: neither sums nor quotients are then infinite or subnormal where it matters.
  Vd most = vmax(a, b), scale = most > 0x1p1000 ? Vd{} + 0x1p-60 : most < 0x1p-900 ? Vd{} + 0x1p120 : Vd{} + 1.;
  a = far_a ? Vd{} + 1. : far_b ? Vd{} : a * scale;
  b = far_b | none ? Vd{} + 1. : far_a ? Vd{} : b * scale;
  Vd t = quadrant_angle(a, b);
  t = (Vl)x < 0 ? kPiHigh - (t - kPiLow) : t;
  t = with_sign(vabs(t), y);
  return (x != x) | (y != y) ? x + y : t;
}

// ---- hyperbolic functions and their inverses
// e^a / 2 for 0 <= a, up to where the functions overflow, and what its rounding lost.
SINTER_INLINE Twofold half_exp(Vd a) {
  ExpReduced e = exp_reduce(a > 710.5 ? Vd{} + 710.5 : a);
  Vd q = expm1_small(e.r, e.lost);
  Twofold y = exact_sum_ordered(Vd{} + 1., q);
  e.n -= 2;  // n is at most 1025
  Vd s = pow2(e.n);
  return {2. * (y.high * s), 2. * (y.low * s)};
}
SINTER_INLINE Vd vsinh(Vd x) {
  constexpr double c[] = {0.16666666666666666,    0.008333333333333299,   0.00019841269841324198,
                          2.7557319191381816e-06, 2.5052117695907823e-08, 1.6057679623801638e-10,
                          7.746178593018827e-13};
  Vd a = vabs(x), q = a * a;
  Twofold e = half_exp(a);
  Vd outer = e.high - (0.25 / e.high - e.low);
  return with_sign(vabs(a < 1. ? a + a * q * polynomial(q, c) : outer), x);
}
SINTER_INLINE Vd vcosh(Vd x) {
  Twofold e = half_exp(vabs(x));
  return e.high + (0.25 / e.high + e.low);
}
SINTER_INLINE Vd vtanh(Vd x) {
  constexpr double c[] = {-0.3333333333333333,    0.13333333333333205,     -0.05396825396808531,
                          0.021869488527368107,   -0.008863235292803289,   0.0035921242500086925,
                          -0.0014557958855734635, 0.0005897680994688268,   -0.00023795201383924994,
                          9.332432233847448e-05,  -3.2086614037935994e-05, 6.934046420988954e-06};
  Vd a = vabs(x), q = a * a;
  ExpReduced e = exp_reduce(a > 20. ? Vd{} + 40. : 2. * a);
  Vd outer = 1. - 2. / (1. + (pow2(e.n) + pow2(e.n) * expm1_small(e.r, e.lost)));
  return with_sign(vabs(a < 0.6 ? a + a * q * polynomial(q, c) : outer), x);
}
// asinh(x) = log(a + sqrt(1 + a^2)), every rounding of which is put back; near zero a polynomial.
SINTER_INLINE Vd vasinh(Vd x) {
  constexpr double c[] = {-0.16666666666666666,  0.0749999999999864,   -0.044642857140252436, 0.030381944248546365,
                          -0.022372151449922602, 0.01735258771519257,  -0.013962235682232349, 0.011526210169675569,
                          -0.009591452221673173, 0.007622309427481728, -0.004992717198142511, 0.0018854117655039003};
  Vd a = vabs(x), q = a * a;
  Vl far = a > 0x1p28;  // log(2 a)
  Vd mid = far ? Vd{} + 1. : a;
  Twofold square = exact_product(mid, mid), sum = exact_sum(square.high, Vd{} + 1.);
  Vd root = vsqrt(sum.high);
  Twofold back = exact_product(root, root), u = exact_sum_ordered(root, mid);
  Vd lost = (((sum.high - back.high) - back.low) + (sum.low + square.low)) * 0.5 / root;
  Vd y = log_of_sum(far ? a : u.high, far ? Vd{} : u.low + lost, far ? Vd{} + 1. : Vd{});
  y = a == __builtin_inf() ? a : y;
  return with_sign(vabs(a < 0.5 ? a + a * q * polynomial(q, c) : y), x);
}
// acosh(1 + t) = log(1 + (t + sqrt(t^2 + 2 t)))
SINTER_INLINE Vd vacosh(Vd x) {
  Vl far = x > 0x1p28;
  Vd t = far ? Vd{} + 1. : x - 1.;  // exact up to 2, and beyond it matters less
  Twofold square = exact_product(t, t), sum = exact_sum(2. * t, square.high);
  Vd root = vsqrt(sum.high);
  Twofold back = exact_product(root, root), v = exact_sum_ordered(root, t);
  Vd lost = (((sum.high - back.high) - back.low) + (sum.low + square.low)) * 0.5 / root;
  Vd near = log1p_of_sum(v.high, v.low + lost);
  near = t == 0. ? t : near;
  Vd y = far ? log_of_sum(x, Vd{}, Vd{} + 1.) : near;
  y = x == __builtin_inf() ? x : y;
  return x >= 1. ? y : Vd{} + __builtin_nan("");
}
// atanh(a) = log1p(2 a / (1 - a)) / 2, with the quotient's remainder
SINTER_INLINE Vd vatanh(Vd x) {
  Vd a = vabs(x);
  Twofold d = exact_sum_ordered(Vd{} + 1., -a);
  Vd inside = a < 1. ? a : Vd{}, inverse = 1. / (a < 1. ? d.high : Vd{} + 1.);
  Vd v = 2. * inside * inverse;
  Twofold back = exact_product(v, d.high);
  Vd lost = (((2. * inside - back.high) - back.low) - v * d.low) * inverse;
  Vd y = 0.5 * log1p_of_sum(v, lost);
  y = a == 1. ? Vd{} + __builtin_inf() : y;
  y = a > 1. ? Vd{} + __builtin_nan("") : y;
  return with_sign(vabs(a < 0x1p-30 ? a : y), x);  // NaN stays
}
SINTER_INLINE Vd vhypot(Vd x, Vd y) {
  const double inf = __builtin_inf();
  Vd a = vabs(x), b = vabs(y), most = vmax(a, b);
  Vl huge = most > 0x1p500, tiny = most < 0x1p-500;
  Vd scale = huge ? Vd{} + 0x1p-600 : tiny ? Vd{} + 0x1p600 : Vd{} + 1.;
  Vd back = huge ? Vd{} + 0x1p600 : tiny ? Vd{} + 0x1p-600 : Vd{} + 1.;
  a *= scale;
  b *= scale;
  Vd r = vsqrt(a * a + b * b) * back;
  return (vabs(x) == inf) | (vabs(y) == inf) ? Vd{} + inf : r;
}

}  // namespace sinter::cpu::SINTER_ISA
