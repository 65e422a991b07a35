// Sine, cosine and tangent of doubles from 2^20 on. Place in the whole: what cpu/simd/math_trig_double.h leaves to the C library on the
// CPU; nvcc's own takes local memory and calls a function for it.
//
// Payne and Hanek's reduction: of x = m 2^e only those digits of 2/pi count that do not make multiples of 2 pi, 192 from there on. The
// product's first two bits are the quadrant, the others the place in it, of which 2^-62 is the least that doubles meet: 75 bits stay.
#pragma once
#include "cpu/simd/math_trig_double.h"

namespace sinter::cpu::device {

// Bits of 2/pi, after 64 in front of the point.
static __constant__ const uint64_t kTwoOverPi[] = {
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
};

// 2^20 <= |x|, finite
SINTER_INLINE TrigReduced far_reduce(double x) {
  const uint64_t bits = static_cast<uint64_t>(__double_as_longlong(x));
  const uint64_t m = (bits & 0xfffffffffffffull) | 0x10000000000000ull;
  const int start =
      static_cast<int>(bits >> 52 & 0x7ff) - 1075 - 2 + 64;  // the first bit of weight 2 / 2^e, in kTwoOverPi
  const int word = start >> 6, shift = start & 63;
  const uint64_t t0 = kTwoOverPi[word], t1 = kTwoOverPi[word + 1], t2 = kTwoOverPi[word + 2], t3 = kTwoOverPi[word + 3];
  const uint64_t w0 = shift ? t0 << shift | t1 >> (64 - shift) : t0;
  const uint64_t w1 = shift ? t1 << shift | t2 >> (64 - shift) : t1;
  const uint64_t w2 = shift ? t2 << shift | t3 >> (64 - shift) : t2;

  // m (w0 w1 w2), the last 192 bits
  const uint64_t p2 = w2 * m, carry = __umul64hi(w2, m), low1 = w1 * m, p1 = low1 + carry;
  const uint64_t p0 = w0 * m + __umul64hi(w1, m) + (p1 < low1);
  uint64_t high = p0 << 2 | p1 >> 62, low = p1 << 2 | p2 >> 62;
  int64_t n = static_cast<int64_t>(p0 >> 62);
  const bool back = high >> 63;  // nearer to the next quadrant's start
  if (back) {
    n++;
    low = ~low + 1;
    high = ~high + (low == 0);
  }

  // As the sum of two doubles, of 53 and 64 bits.
  const int zeros = high ? __clzll(static_cast<long long>(high)) : 64;
  if (zeros == 64) {
    high = low;
    low = 0;
  } else if (zeros > 0) {
    high = high << zeros | low >> (64 - zeros);
    low <<= zeros;
  }
  const double scale = __longlong_as_double(static_cast<long long>(1023 - zeros) << 52);
  const double first = static_cast<double>(high >> 11) * (scale * 0x1p-53);
  const double second = static_cast<double>((high & 0x7ff) << 53 | low >> 11) * (scale * 0x1p-117);
  const Twofold p = exact_product(first, 0.5 * kPiHigh);
  Twofold r = exact_sum_ordered(p.high, p.low + (first * (0.5 * kPiLow) + second * (0.5 * kPiHigh)));
  const bool negative = x < 0;
  if (back != negative) r = {-r.high, -r.low};
  return {r.high, r.low, Vl(negative ? -n : n)};
}

// sin(x + quarter * pi/2)
SINTER_INLINE double far_trig(double x, int quarter) {
  if (!(fabs(x) < __longlong_as_double(0x7ff0000000000000ll))) return x - x;
  const TrigReduced a = far_reduce(x);
  const Vl n = a.n + quarter;
  const Vd q = a.r * a.r;
  const Vd y = (n & 1) != 0 ? cosine_of(a.r, a.lost, q) : sine_of(a.r, a.lost, q);
  return (n.v & 2) != 0 ? -y.v : y.v;
}
SINTER_INLINE double far_sin(double x) { return far_trig(x, 0); }
SINTER_INLINE double far_cos(double x) { return far_trig(x, 1); }
SINTER_INLINE double far_tan(double x) {
  if (!(fabs(x) < __longlong_as_double(0x7ff0000000000000ll))) return x - x;
  const TrigReduced a = far_reduce(x);
  const Vd q = a.r * a.r, sine = sine_of(a.r, a.lost, q), cosine = cosine_of(a.r, a.lost, q);
  const bool odd = (a.n.v & 1) != 0;
  return ((odd ? -cosine : sine) / (odd ? sine : cosine)).v;
}

}  // namespace sinter::cpu::device
