// The place of a large double among the quadrants. Place in the whole: under math_trig_double.h and, in device code, far_trig.cuh; scalar,
// as few arguments come there.
//
// Payne and Hanek's reduction: of x = m 2^e only those digits of 2/pi count that do not make multiples of 2 pi, 192 from there on. The
// product's first two bits are the quadrant, the others the place in it, of which 2^-62 is the least that doubles meet: 75 bits stay.
#pragma once
#include <cstdint>

#include "cpu/simd/lanes.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kPiHigh = 0x1.921fb54442d18p+1, kPiLow = 0x1.1a62633145c07p-53;

// Bits of 2/pi, after 64 in front of the point.
#if defined(__CUDACC__)
static __constant__
#else
constexpr
#endif
    const uint64_t kTwoOverPi[] = {
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

// x = n pi/2 + r + lost, |r| <= pi/4; NaN for what is not finite.
struct FarReduced {
  double r, lost;
  int64_t n;
};

SINTER_INLINE uint64_t high_product(uint64_t a, uint64_t b) {
#if defined(__CUDACC__)
  return __umul64hi(a, b);
#else
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<uint64_t>(static_cast<Wide>(a) * b >> 64);
#endif
}
// Of a number that is not 0.
SINTER_INLINE int leading_zeros(uint64_t x) {
#if defined(__CUDACC__)
  return __clzll(static_cast<long long>(x));
#else
  return __builtin_clzll(x);
#endif
}
SINTER_INLINE uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
SINTER_INLINE double power_of_two(int exponent) {
  const uint64_t bits = static_cast<uint64_t>(1023 + exponent) << 52;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// |x| >= 2^20
SINTER_APART FarReduced far_reduce(double x) {
  if (!(x - x == 0)) return {x - x, 0, 0};
  const uint64_t bits = bits_of(x), m = (bits & 0xfffffffffffffull) | 0x10000000000000ull;
  // The first bit of weight 2 / 2^e, in kTwoOverPi.
  const int start = static_cast<int>(bits >> 52 & 0x7ff) - 1075 - 2 + 64;
  const int word = start >> 6, shift = start & 63;
  const uint64_t t0 = kTwoOverPi[word], t1 = kTwoOverPi[word + 1], t2 = kTwoOverPi[word + 2], t3 = kTwoOverPi[word + 3];
  const uint64_t w0 = shift ? t0 << shift | t1 >> (64 - shift) : t0;
  const uint64_t w1 = shift ? t1 << shift | t2 >> (64 - shift) : t1;
  const uint64_t w2 = shift ? t2 << shift | t3 >> (64 - shift) : t2;

  // m (w0 w1 w2), the last 192 bits
  const uint64_t p2 = w2 * m, carry = high_product(w2, m), low1 = w1 * m, p1 = low1 + carry;
  const uint64_t p0 = w0 * m + high_product(w1, m) + (p1 < low1);
  uint64_t high = p0 << 2 | p1 >> 62, low = p1 << 2 | p2 >> 62;
  int64_t n = static_cast<int64_t>(p0 >> 62);
  const bool back = high >> 63;  // nearer to the next quadrant's start
  if (back) {
    n++;
    low = ~low + 1;
    high = ~high + (low == 0);
  }

  // As the sum of two doubles, of 53 and 64 bits.
  const int zeros = high ? leading_zeros(high) : 64;
  if (zeros == 64) {
    high = low;
    low = 0;
  } else if (zeros > 0) {
    high = high << zeros | low >> (64 - zeros);
    low <<= zeros;
  }
  const double scale = power_of_two(-zeros);
  const double first = static_cast<double>(high >> 11) * (scale * 0x1p-53);
  const double second = static_cast<double>((high & 0x7ff) << 53 | low >> 11) * (scale * 0x1p-117);
  const Twofold p = exact_product(Vd{} + first, Vd{} + 0.5 * kPiHigh);
  Twofold r = exact_sum_ordered(p.high, p.low + (first * (0.5 * kPiLow) + second * (0.5 * kPiHigh)));
  const bool negative = x < 0, turned = back != negative;
  return {turned ? -r.high[0] : r.high[0], turned ? -r.low[0] : r.low[0], negative ? -n : n};
}

}  // namespace sinter::cpu::SINTER_ISA
