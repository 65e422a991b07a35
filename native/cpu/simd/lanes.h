// What the vectorised functions share: signs, roots, polynomials, sums and products without rounding. Place in the whole: under
// math.h and its neighbours. Device code has them too, on vectors of one lane: under nvcc the first half is cuda/kernels/lanes.cuh.
#pragma once
#if defined(__CUDACC__)
#include "cuda/kernels/lanes.cuh"
#else
#include <cmath>

#include "cpu/simd/vec.h"

// Few arguments come there: out of line, but in device code, which has no calls.
#define SINTER_APART inline __attribute__((noinline))

namespace sinter::cpu::SINTER_ISA {

typedef float VfHalf __attribute__((vector_size(kVecBytes / 2)));  // as many lanes as Vd

SINTER_INLINE Vf vabs(Vf x) { return (Vf)((Vi)x & 0x7fffffff); }
SINTER_INLINE Vd vabs(Vd x) { return (Vd)((Vl)x & 0x7fffffffffffffffll); }
// The magnitude of `magnitude` (which must not be negative) with the sign of `sign`.
SINTER_INLINE Vf with_sign(Vf magnitude, Vf sign) { return (Vf)((Vi)magnitude | ((Vi)sign & INT32_MIN)); }
SINTER_INLINE Vd with_sign(Vd magnitude, Vd sign) { return (Vd)((Vl)magnitude | ((Vl)sign & INT64_MIN)); }

SINTER_INLINE Vf vsqrt(Vf x) {
#if defined(__AVX512F__)
  return _mm512_maskz_sqrt_ps(0xffff, x);
#elif defined(__AVX2__)
  return _mm256_sqrt_ps(x);
#elif defined(__x86_64__)
  return _mm_sqrt_ps(x);
#else
  for (int i = 0; i < kLanes<float>; i++) x[i] = std::sqrt(x[i]);
  return x;
#endif
}
SINTER_INLINE Vd vsqrt(Vd x) {
#if defined(__AVX512F__)
  return _mm512_maskz_sqrt_pd(0xff, x);
#elif defined(__AVX2__)
  return _mm256_sqrt_pd(x);
#elif defined(__x86_64__)
  return _mm_sqrt_pd(x);
#else
  for (int i = 0; i < kLanes<double>; i++) x[i] = std::sqrt(x[i]);
  return x;
#endif
}

template <class To, class From>
SINTER_INLINE To converted(From x) {
  return __builtin_convertvector(x, To);
}

// ---- f32 lanes as two vectors of doubles, whose chains of operations run side by side
SINTER_INLINE Vd widened(const double* x) { return load(x); }
SINTER_INLINE Vd widened(const float* x) {
  VfHalf half;
  std::memcpy(&half, x, sizeof half);
  return __builtin_convertvector(half, Vd);
}
// Lanes First .. First + half of the vector.
template <int First, int... I>
SINTER_INLINE Vd half_of(Vf x, std::integer_sequence<int, I...>) {
  const VfHalf half = __builtin_shufflevector(x, x, (First + I)...);
#if defined(__AVX2__) && !defined(__AVX512F__)
  return (Vd)_mm256_cvtps_pd((__m128)half);
#else
  return __builtin_convertvector(half, Vd);
#endif
}
SINTER_INLINE Vd low_half(Vf x) { return half_of<0>(x, std::make_integer_sequence<int, kLanes<double>>()); }
SINTER_INLINE Vd high_half(Vf x) {
  return half_of<kLanes<double>>(x, std::make_integer_sequence<int, kLanes<double>>());
}
template <int... I>
SINTER_INLINE Vf narrowed(Vd low, Vd high, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(__builtin_convertvector(low, VfHalf), __builtin_convertvector(high, VfHalf), I...);
}
SINTER_INLINE Vf narrowed(Vd low, Vd high) {
  return narrowed(low, high, std::make_integer_sequence<int, kLanes<float>>());
}
// Functions of doubles on f32 lanes.
template <class F>
SINTER_INLINE Vf through_double(Vf x, F f) {
  const Vd low = f(low_half(x)), high = f(high_half(x));
  return narrowed(low, high);
}
template <class F>
SINTER_INLINE Vf through_double(Vf x, Vf y, F f) {
  const Vd low = f(low_half(x), low_half(y)), high = f(high_half(x), high_half(y));
  return narrowed(low, high);
}

// Whether some lane of a comparison's result is set; lanes of any width, cast.
SINTER_INLINE bool any_lane(Vl mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_epi8((__m256i)mask) != 0;
#elif defined(__x86_64__)
  return _mm_movemask_epi8((__m128i)mask) != 0;
#else
  int64_t any = 0;
  for (int i = 0; i < kLanes<double>; i++) any |= mask[i];
  return any != 0;
#endif
}
// y, and F(x) in the lanes of `mask`: for the few arguments that the vector form does not serve.
template <double F(double)>
SINTER_INLINE Vd lanes_through(Vl mask, Vd x, Vd y) {
  if (__builtin_expect(any_lane(mask), 0)) {
    for (int i = 0; i < kLanes<double>; i++)
      if (mask[i]) y[i] = F(x[i]);
  }
  return y;
}
template <double F(double)>
SINTER_INLINE Vf lanes_through(Vi mask, Vf x, Vf y) {
  if (__builtin_expect(any_lane((Vl)mask), 0)) {
    for (int i = 0; i < kLanes<float>; i++)
      if (mask[i]) y[i] = static_cast<float>(F(double(x[i])));
  }
  return y;
}
// Of arguments so large that their reduction needs more digits than a vector form has.
SINTER_INLINE double far_sin(double x) { return ::sin(x); }
SINTER_INLINE double far_cos(double x) { return ::cos(x); }
SINTER_INLINE double far_tan(double x) { return ::tan(x); }

}  // namespace sinter::cpu::SINTER_ISA
#endif

namespace sinter::cpu::SINTER_ISA {

// The sum of c[First + k Step] x^k. Long ones are taken apart into even and odd powers: Horner's chain would wait for every
// multiplication.
template <int First, int Step, class V, class T, int N>
SINTER_INLINE V polynomial_part(V x, const T (&c)[N]) {
  constexpr int count = (N - First + Step - 1) / Step;
  if constexpr (count > 10) {
    V square = x * x;
    return polynomial_part<First, 2 * Step>(square, c) + x * polynomial_part<First + Step, 2 * Step>(square, c);
  } else {
    V y = V{} + c[First + (count - 1) * Step];
    for (int i = count - 2; i >= 0; i--) y = y * x + c[First + i * Step];
    return y;
  }
}
// Coefficients in rising order.
template <class V, class T, int N>
SINTER_INLINE V polynomial(V x, const T (&c)[N]) {
  return polynomial_part<0, 1>(x, c);
}

// ---- a number as the unevaluated sum of two
struct Twofold {
  Vd high, low;
};
// a + b exactly (Knuth); |a| >= |b| or a = 0 in the short form (Dekker).
SINTER_INLINE Twofold exact_sum(Vd a, Vd b) {
  Vd sum = a + b, t = sum - a;
  return {sum, (a - (sum - t)) + (b - t)};
}
SINTER_INLINE Twofold exact_sum_ordered(Vd a, Vd b) {
  Vd sum = a + b;
  return {sum, b - (sum - a)};
}
// a b exactly. The product is hidden from the compiler, which would else contract it into later sums while its rounding error is
// added there too.
SINTER_INLINE Twofold exact_product(Vd a, Vd b) {
#if defined(__CUDACC__)
  const double rounded = __dmul_rn(a.v, b.v);
  return {rounded, __fma_rn(a.v, b.v, -rounded)};
#else
  Vd product = a * b;
#if defined(__x86_64__)
  asm("" : "+x"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
#if defined(__AVX512F__)
  return {product, (Vd)_mm512_fmsub_pd((__m512d)a, (__m512d)b, (__m512d)product)};
#elif defined(__AVX2__) && defined(__FMA__)
  return {product, (Vd)_mm256_fmsub_pd((__m256d)a, (__m256d)b, (__m256d)product)};
#elif defined(__aarch64__)
  for (int i = 0; i < kLanes<double>; i++) a[i] = std::fma(a[i], b[i], -product[i]);
  return {product, a};
#else
  Vd ah = (Vd)((Vl)a & ~0x7ffffffll), al = a - ah, bh = (Vd)((Vl)b & ~0x7ffffffll), bl = b - bh;  // Veltkamp and Dekker
  return {product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
#endif
#endif
}

}  // namespace sinter::cpu::SINTER_ISA
