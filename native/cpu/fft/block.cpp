// fft_block: see block.h.
//
// Stockham's mixed-radix algorithm, decimation in frequency: a stage of radix r takes x[q + s (p + m k)], k < r, to
// y[q + s (r p + k)], with s the product of the radices before and s m r = n. Results come out in order, every access is a
// whole row of lanes. Lengths with a prime beyond 13 become a convolution (Bluestein 1970): with c_j = exp(-i pi j^2 / n),
// X_k = c_k sum_j (x_j c_j) conj(c_{k-j}).
#include "cpu/fft/block.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
struct Number {
  Vec<T> re, im;
};
template <class T>
SINTER_INLINE Number<T> operator+(Number<T> a, Number<T> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class T>
SINTER_INLINE Number<T> operator-(Number<T> a, Number<T> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class T>
SINTER_INLINE Number<T> operator*(Number<T> a, Number<T> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
// -i z
template <class T>
SINTER_INLINE Number<T> turned(Number<T> z) {
  return {z.im, -z.re};
}

template <class T, int R>
SINTER_INLINE void butterfly(Number<T>* a, const T* circle) {
  if constexpr (R == 2) {
    const Number<T> sum = a[0] + a[1];
    a[1] = a[0] - a[1];
    a[0] = sum;
  } else if constexpr (R == 4) {
    const Number<T> even = a[0] + a[2], odd = a[1] + a[3], even_difference = a[0] - a[2],
                    odd_difference = turned(a[1] - a[3]);
    a[0] = even + odd;
    a[1] = even_difference + odd_difference;
    a[2] = even - odd;
    a[3] = even_difference - odd_difference;
  } else {
    // Odd: the terms k and R - k share a cosine and differ in the sign of the sine.
    constexpr int half = R / 2;
    Number<T> sums[half], differences[half], total = a[0];
#pragma GCC unroll 6
    for (int k = 0; k < half; k++) {
      sums[k] = a[k + 1] + a[R - 1 - k];
      differences[k] = turned(a[k + 1] - a[R - 1 - k]);
      total = total + sums[k];
    }
#pragma GCC unroll 6
    for (int j = 1; j <= half; j++) {
      Number<T> same = a[0], other = {};
#pragma GCC unroll 6
      for (int k = 0; k < half; k++) {
        const T* at = circle + 2 * (j * (k + 1) % R);
        same.re += at[0] * sums[k].re;
        same.im += at[0] * sums[k].im;
        other.re += at[1] * differences[k].re;
        other.im += at[1] * differences[k].im;
      }
      // a[0] is still needed, and so are all the terms, which `sums` and `differences` hold.
      a[j] = same + other;
      a[R - j] = same - other;
    }
    a[0] = total;
  }
}

template <class T, int R, bool Last>
void stage(const Block<T>& b, int64_t m, int64_t s, const T* twiddles, const T* circle) {
  constexpr int64_t lanes = kLanes<T>;
  for (int64_t p = 0; p < m; p++) {
    Number<T> roots[R - 1];
    if constexpr (!Last)
#pragma GCC unroll 12
      for (int j = 0; j < R - 1; j++) roots[j] = {splat(twiddles[2 * j]), splat(twiddles[2 * j + 1])};
    twiddles += 2 * (R - 1);
    for (int64_t q = 0; q < s; q++) {
      Number<T> a[R];
#pragma GCC unroll 13
      for (int k = 0; k < R; k++) {
        const int64_t at = (q + s * (p + m * k)) * lanes;
        a[k] = {load(b.re + at), load(b.im + at)};
      }
      butterfly<T, R>(a, circle);
#pragma GCC unroll 13
      for (int k = 0; k < R; k++) {
        const int64_t at = (q + s * (R * p + k)) * lanes;
        if constexpr (!Last)
          if (k > 0) a[k] = a[k] * roots[k - 1];
        store(b.spare_re + at, a[k].re);
        store(b.spare_im + at, a[k].im);
      }
    }
  }
}

template <class T, int R>
SINTER_INLINE void any_stage(const Block<T>& b, int64_t m, int64_t s, const T* twiddles, const T* circle) {
  m == 1 ? stage<T, R, true>(b, m, s, twiddles, circle) : stage<T, R, false>(b, m, s, twiddles, circle);
}

template <class T>
void smooth(const FftTables<T>& t, Block<T>& b) {
  const T* twiddles = t.twiddles;
  int64_t s = 1, m = t.n;
  for (int i = 0; i < t.stages; i++) {
    const int r = t.radix[i];
    m /= r;
    switch (r) {
      case 2: any_stage<T, 2>(b, m, s, twiddles, nullptr); break;
      case 3: any_stage<T, 3>(b, m, s, twiddles, t.circle[3]); break;
      case 4: any_stage<T, 4>(b, m, s, twiddles, nullptr); break;
      case 5: any_stage<T, 5>(b, m, s, twiddles, t.circle[5]); break;
      case 7: any_stage<T, 7>(b, m, s, twiddles, t.circle[7]); break;
      case 11: any_stage<T, 11>(b, m, s, twiddles, t.circle[11]); break;
      default: any_stage<T, 13>(b, m, s, twiddles, t.circle[13]); break;
    }
    twiddles += 2 * (r - 1) * m;
    s *= r;
    b.swap_planes();
  }
}

// Rows 0 .. n-1 times the pairs of `factors`.
template <class T>
void scale_rows(Block<T>& b, const T* factors, int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    const int64_t at = j * kLanes<T>;
    const Number<T> z =
        Number<T>{load(b.re + at), load(b.im + at)} * Number<T>{splat(factors[2 * j]), splat(factors[2 * j + 1])};
    store(b.re + at, z.re);
    store(b.im + at, z.im);
  }
}

}  // namespace

template <class T>
void fft_block(const FftTables<T>& t, Block<T>& b) {
  if (!t.inner) return smooth(t, b);
  const int64_t m = t.inner->n;
  scale_rows(b, t.chirp, t.n);
  const size_t rest = static_cast<size_t>(m - t.n) * kVecBytes;
  std::memset(b.re + t.n * kLanes<T>, 0, rest);
  std::memset(b.im + t.n * kLanes<T>, 0, rest);
  smooth(*t.inner, b);
  scale_rows(b, t.spectrum, m);
  b.swap_parts();
  smooth(*t.inner, b);
  b.swap_parts();
  scale_rows(b, t.chirp, t.n);
}

template void fft_block(const FftTables<float>&, Block<float>&);
template void fft_block(const FftTables<double>&, Block<double>&);

}  // namespace sinter::cpu::SINTER_ISA
