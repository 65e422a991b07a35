// Vectors of the storage-only types: bf16 and f16 runs read and written as f32. Place in the whole: included by
// kernels that convert as they load and store, and by the copy family's casts.
#pragma once
#include "cpu/simd/vec.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace sinter::cpu::SINTER_ISA {

typedef uint16_t VuHalf __attribute__((vector_size(kVecBytes / 2)));  // as many lanes as Vf

SINTER_INLINE Vf load_f32(const float* p) { return load(p); }
SINTER_INLINE void store_f32(float* p, Vf x) { store(p, x); }

SINTER_INLINE Vf load_f32(const bf16* p) {
// By name, since GCC 12 widens half a vector at a time.
#if defined(__AVX512F__)
  const __m512i u = _mm512_maskz_cvtepu16_epi32(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  return (Vf)((Vu)u << 16);
#elif defined(__AVX2__)
  return (Vf)((Vu)_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))) << 16);
#else
  VuHalf h;
  std::memcpy(&h, p, sizeof h);
  return (Vf)(__builtin_convertvector(h, Vu) << 16);
#endif
}
SINTER_INLINE void store_f32(bf16* p, Vf x) {
  Vu u = (Vu)x;
  Vu rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  VuHalf h = __builtin_convertvector(x != x ? (u >> 16) | 0x40u : rounded, VuHalf);
  std::memcpy(p, &h, sizeof h);
}

SINTER_INLINE Vf load_f32(const f16* p) {
#if defined(__AVX512F__)
  return (Vf)_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#elif defined(__F16C__) && defined(__AVX2__)
  return (Vf)_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__aarch64__)
  return (Vf)vcvt_f32_f16(vld1_f16(reinterpret_cast<const __fp16*>(p)));
#else
  VuHalf h;
  std::memcpy(&h, p, sizeof h);
  Vu u = __builtin_convertvector(h, Vu), magnitude = (u & 0x7fffu) << 13;
  Vf scaled = (Vf)magnitude * 0x1p112f;  // rebiases the exponent and normalises subnormals
  Vu special = magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : (Vu)scaled;
  special |= magnitude > 0x0f800000u ? Vu{} + 0x400000u : Vu{};
  return (Vf)(special | ((u & 0x8000u) << 16));
#endif
}
SINTER_INLINE void store_f32(f16* p, Vf x) {
#if defined(__AVX512F__)
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_maskz_cvtps_ph(0xffff, (__m512)x, 0));
#elif defined(__F16C__) && defined(__AVX2__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph((__m256)x, 0));
#elif defined(__aarch64__)
  vst1_f16(reinterpret_cast<__fp16*>(p), vcvt_f16_f32((float32x4_t)x));
#else
  Vu u = (Vu)x, sign = (u >> 16) & 0x8000u, a = u & 0x7fffffffu;
  Vu normal = (a + 0xc8000fffu + ((a >> 13) & 1u)) >> 13;
  Vu subnormal = (Vu)((Vf)a + 0.5f) - 0x3f000000u;  // adding 0.5 aligns the mantissa and rounds it
  Vu r = a < 0x38800000u ? subnormal : normal;
  r = a >= 0x477ff000u ? Vu{} + 0x7c00u : r;
  r = a > 0x7f800000u ? 0x7e00u | ((a >> 13) & 0x3ffu) : r;
  VuHalf h = __builtin_convertvector(r | sign, VuHalf);
  std::memcpy(p, &h, sizeof h);
#endif
}

}  // namespace sinter::cpu::SINTER_ISA
