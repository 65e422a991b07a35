// Products of bytes. Place in the whole: what the instruction sets differ in, in a few inline functions; everything else of
// native/cpu/quant is the same for all of them.
//
//   kExactDot   dot4 multiplies unsigned by signed bytes, four of each a lane, and never saturates: AVX-512 VNNI, and
//               arm64's dot product (of signed bytes: activations are stored 128 less there, kByteOffset).
//   otherwise   dot4 and dot8 are vpmaddubsw, whose sums of two products saturate at 16 bits: they are used where the
//               operands' sizes rule that out (Grade in panels.h), and sums of pairs of 16-bit numbers (pair_dot) serve
//               the rest. On processors with two multipliers for either, dot4 takes 3 vector operations for 32 products a
//               vector of 32 bytes, dot8 2.5 and pair_dot 4.
#pragma once
#include "cpu/simd/vec.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace sinter::cpu::SINTER_ISA {

typedef int16_t Vs __attribute__((vector_size(kVecBytes)));

#if defined(__AVX512VNNI__) || defined(__ARM_FEATURE_DOTPROD) || defined(SINTER_PORTABLE_AMX)
constexpr bool kExactDot = true;
#else
constexpr bool kExactDot = false;
#endif
#if defined(__x86_64__)
constexpr bool kSaturatingDot = !kExactDot;
#else
constexpr bool kSaturatingDot = false;
#endif
#if defined(__ARM_FEATURE_DOTPROD) && !defined(__x86_64__)
constexpr int kByteOffset = 128;  // a byte of activations holds its value less this
#else
constexpr int kByteOffset = 0;
#endif

// ---- memory
SINTER_INLINE Vi load_bytes(const void* p) {
  Vi v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
// Four bytes, or four 16-bit numbers, in every lane of 32 or 64 bits.
SINTER_INLINE Vi repeat4(const uint8_t* p) {
  int32_t x;
  std::memcpy(&x, p, sizeof x);
  return x - Vi{};
}
SINTER_INLINE Vs repeat4(const int16_t* p) {
  int64_t x;
  std::memcpy(&x, p, sizeof x);
  return (Vs)(x - Vl{});
}
// kVecBytes / 2 signed bytes as 16-bit numbers.
SINTER_INLINE Vs widen_bytes(const int8_t* p) {
#if defined(__AVX512BW__)
  return (Vs)_mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#elif defined(__AVX2__)
  return (Vs)_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__SSE4_1__)
  return (Vs)_mm_cvtepi8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#else
  typedef int8_t Half __attribute__((vector_size(kVecBytes / 2)));
  Half h;
  std::memcpy(&h, p, sizeof h);
  return __builtin_convertvector(h, Vs);
#endif
}

// ---- products
// acc + the sums of two neighbouring products of 16-bit numbers.
SINTER_INLINE Vi pair_dot(Vi acc, Vs a, Vs b) {
#if defined(__AVX512BW__)
  return acc + (Vi)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return acc + (Vi)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  return acc + (Vi)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  const Vi low_a = (Vi)((Vu)a << 16) >> 16, low_b = (Vi)((Vu)b << 16) >> 16;
  return acc + low_a * low_b + ((Vi)a >> 16) * ((Vi)b >> 16);
#endif
}

#if defined(__x86_64__) && !defined(__AVX512VNNI__) && !defined(SINTER_PORTABLE_AMX)
#define SINTER_SATURATING_DOT
// Sums of two neighbouring products of unsigned by signed bytes, saturated to 16 bits.
SINTER_INLINE Vs byte_pairs(Vi a, Vi b) {
#if defined(__AVX512BW__)
  return (Vs)_mm512_maddubs_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (Vs)_mm256_maddubs_epi16((__m256i)a, (__m256i)b);
#else
  return (Vs)_mm_maddubs_epi16((__m128i)a, (__m128i)b);
#endif
}
SINTER_INLINE Vs add16(Vs a, Vs b) {
  typedef uint16_t Vus __attribute__((vector_size(kVecBytes)));
  return (Vs)((Vus)a + (Vus)b);
}
#endif

// acc + the sum of a lane's four products.
SINTER_INLINE Vi dot4(Vi acc, Vi a, Vi b, [[maybe_unused]] Vs ones) {
#if defined(__AVX512VNNI__)
  return (Vi)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)a, (__m512i)b);
#elif defined(SINTER_SATURATING_DOT)
  return pair_dot(acc, byte_pairs(a, b), ones);
#elif defined(__ARM_FEATURE_DOTPROD)
  return (Vi)vdotq_s32((int32x4_t)acc, (int8x16_t)a, (int8x16_t)b);
#else
  for (int t = 0; t < 4; t++) acc += (Vi)((Vu)a >> (8 * t) & 255u) * ((Vi)((Vu)b << (24 - 8 * t)) >> 24);
  return acc;
#endif
}
// dot4 of two pairs of operands; without an exact dot4 it adds them up in 16 bits.
SINTER_INLINE Vi dot8(Vi acc, Vi a0, Vi b0, Vi a1, Vi b1, Vs ones) {
#if defined(SINTER_SATURATING_DOT)
  return pair_dot(acc, add16(byte_pairs(a0, b0), byte_pairs(a1, b1)), ones);
#else
  return dot4(dot4(acc, a0, b0, ones), a1, b1, ones);
#endif
}

// ---- conversions
// To the nearest integer, ties to even; |x| < 2^31.
SINTER_INLINE Vi round_to_int(Vf x) {
#if defined(__AVX512F__)
  return (Vi)_mm512_maskz_cvtps_epi32(0xffff, (__m512)x);
#elif defined(__AVX2__)
  return (Vi)_mm256_cvtps_epi32((__m256)x);
#elif defined(__x86_64__)
  return (Vi)_mm_cvtps_epi32((__m128)x);
#else
  return (Vi)vcvtnq_s32_f32((float32x4_t)x);
#endif
}
// The low bytes of kLanes<float> numbers.
SINTER_INLINE void store_bytes(uint8_t* p, Vi x) {
#if defined(__AVX512F__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_maskz_cvtepi32_epi8(0xffff, (__m512i)x));
#elif defined(__AVX2__)
  const __m256i low = _mm256_shuffle_epi8((__m256i)x, _mm256_set1_epi32(0x0c080400));
  const int32_t halves[2] = {_mm256_extract_epi32(low, 0), _mm256_extract_epi32(low, 4)};
  std::memcpy(p, halves, sizeof halves);
#elif defined(__x86_64__)
  const int32_t low = _mm_cvtsi128_si32(_mm_shuffle_epi8((__m128i)x, _mm_set1_epi32(0x0c080400)));
  std::memcpy(p, &low, sizeof low);
#else
  typedef uint8_t Quarter __attribute__((vector_size(kVecBytes / 4)));
  const Quarter q = __builtin_convertvector((Vu)x, Quarter);
  std::memcpy(p, &q, sizeof q);
#endif
}
// The low halves of kLanes<float> numbers.
SINTER_INLINE void store_halves(int16_t* p, Vi x) {
  typedef int16_t Half __attribute__((vector_size(kVecBytes / 2)));
  const Half h = __builtin_convertvector(x, Half);
  std::memcpy(p, &h, sizeof h);
}

}  // namespace sinter::cpu::SINTER_ISA
