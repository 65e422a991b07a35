// Transforms of a few elements in registers, and one stage of a transform in shared memory. Place in the whole: what fft_lines computes with.
#pragma once
#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

template <class Z>
using PartOf = decltype(Z::re);

template <class Z>
SINTER_DEVICE Z times(Z a, Z b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class Z>
SINTER_DEVICE Z plus(Z a, Z b) {
  return {a.re + b.re, a.im + b.im};
}
template <class Z>
SINTER_DEVICE Z minus(Z a, Z b) {
  return {a.re - b.re, a.im - b.im};
}
// -i z
template <class Z>
SINTER_DEVICE Z turned_back(Z z) {
  return {z.im, -z.re};
}
template <class Z>
SINTER_DEVICE Z exchanged(Z z) {
  return {z.im, z.re};
}

// cos and sin of 2 pi m / r, for odd primes r and 0 < m <= r / 2; known when it is compiled.
SINTER_DEVICE constexpr double prime_cos(int r, int m) {
  return r == 3    ? -0.5
         : r == 5  ? (m == 1 ? 0.30901699437494742410 : -0.80901699437494742410)
         : r == 7  ? (m == 1   ? 0.62348980185873353053
                      : m == 2 ? -0.22252093395631440429
                               : -0.90096886790241912624)
         : r == 11 ? (m == 1   ? 0.84125353283118116886
                      : m == 2 ? 0.41541501300188642553
                      : m == 3 ? -0.14231483827328514044
                      : m == 4 ? -0.65486073394528506407
                               : -0.95949297361449738989)
                   : (m == 1   ? 0.88545602565320989590
                      : m == 2 ? 0.56806474673115580251
                      : m == 3 ? 0.12053668025532305335
                      : m == 4 ? -0.35460488704253562597
                      : m == 5 ? -0.74851074817110109863
                               : -0.97094181742605202716);
}
SINTER_DEVICE constexpr double prime_sin(int r, int m) {
  return r == 3    ? 0.86602540378443864676
         : r == 5  ? (m == 1 ? 0.95105651629515357212 : 0.58778525229247312917)
         : r == 7  ? (m == 1   ? 0.78183148246802980871
                      : m == 2 ? 0.97492791218182360702
                               : 0.43388373911755812048)
         : r == 11 ? (m == 1   ? 0.54064081745559758211
                      : m == 2 ? 0.90963199535451837141
                      : m == 3 ? 0.98982144188093273238
                      : m == 4 ? 0.75574957435425828377
                               : 0.28173255684142969771)
                   : (m == 1   ? 0.46472317204376854566
                      : m == 2 ? 0.82298386589365639458
                      : m == 3 ? 0.99270887409805399280
                      : m == 4 ? 0.93501624268541482344
                      : m == 5 ? 0.66312265824079520238
                               : 0.23931566428755776715);
}

// z_k becomes the sum over j of z_j exp(-2 pi i j k / kRadix).
template <int kRadix, class Z>
SINTER_DEVICE void transform_few(Z (&z)[kRadix]) {
  using C = PartOf<Z>;
  if constexpr (kRadix == 2) {
    const Z a = z[0];
    z[0] = plus(a, z[1]);
    z[1] = minus(a, z[1]);
  } else if constexpr (kRadix == 4) {
    const Z a = plus(z[0], z[2]), b = minus(z[0], z[2]), c = plus(z[1], z[3]), d = turned_back(minus(z[1], z[3]));
    z[0] = plus(a, c);
    z[1] = plus(b, d);
    z[2] = minus(a, c);
    z[3] = minus(b, d);
  } else if constexpr (kRadix == 8) {
    Z even[4] = {z[0], z[2], z[4], z[6]}, odd[4] = {z[1], z[3], z[5], z[7]};
    transform_few(even);
    transform_few(odd);
    const C half = C(0.70710678118654752440);
    odd[1] = {(odd[1].re + odd[1].im) * half, (odd[1].im - odd[1].re) * half};
    odd[2] = turned_back(odd[2]);
    odd[3] = {(odd[3].im - odd[3].re) * half, (odd[3].re + odd[3].im) * -half};
#pragma unroll
    for (int k = 0; k < 4; k++) {
      z[k] = plus(even[k], odd[k]);
      z[k + 4] = minus(even[k], odd[k]);
    }
  } else {
    // An odd prime: elements j and r - j together, results k and r - k.
    constexpr int kHalf = kRadix / 2;
    Z sum[kHalf], difference[kHalf];
#pragma unroll
    for (int j = 1; j <= kHalf; j++) {
      sum[j - 1] = plus(z[j], z[kRadix - j]);
      difference[j - 1] = minus(z[j], z[kRadix - j]);
    }
    const Z first = z[0];
#pragma unroll
    for (int j = 0; j < kHalf; j++) z[0] = plus(z[0], sum[j]);
#pragma unroll
    for (int k = 1; k <= kHalf; k++) {
      Z even = first, odd = {C(0), C(0)};
#pragma unroll
      for (int j = 1; j <= kHalf; j++) {
        const int m = j * k % kRadix, folded = m <= kHalf ? m : kRadix - m;
        const C c = static_cast<C>(prime_cos(kRadix, folded)),
                s = static_cast<C>(m <= kHalf ? prime_sin(kRadix, folded) : -prime_sin(kRadix, folded));
        even = {even.re + c * sum[j - 1].re, even.im + c * sum[j - 1].im};
        odd = {odd.re + s * difference[j - 1].re, odd.im + s * difference[j - 1].im};
      }
      // -i odd
      z[k] = {even.re + odd.im, even.im - odd.re};
      z[kRadix - k] = {even.re - odd.im, even.im + odd.re};
    }
  }
}

}  // namespace sinter::cuda
