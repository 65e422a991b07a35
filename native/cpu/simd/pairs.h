// Pairs of bf16: two terms of a product in the 32 bits of a lane, the first in the low half, for vdpbf16ps. Place in the whole: under
// the products of gemm/pairs.h and attention's. Where the instruction is missing (test builds over AVX2) it is spelled out.
#pragma once
#include <cstring>
#include <utility>

#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

SINTER_INLINE int64_t pairs_of(int64_t k) { return (k + 1) / 2; }

// acc + the two products of each lane's pairs.
SINTER_INLINE Vf dot_pairs(Vf acc, Vu a, Vu b) {
#if defined(__AVX512BF16__)
  return (Vf)_mm512_dpbf16_ps((__m512)acc, (__m512bh)a, (__m512bh)b);
#else
  acc += (Vf)(a & 0xffff0000u) * (Vf)(b & 0xffff0000u);
  return acc + (Vf)(a << 16) * (Vf)(b << 16);
#endif
}
// The first n of a vector's bf16, in the low halves of 32 bits; the others zero.
SINTER_INLINE Vu load_halves(const bf16* p, int n) {
#if defined(__AVX512F__)
  const VuHalf h = (VuHalf)_mm256_maskz_loadu_epi16(static_cast<__mmask16>((1u << n) - 1), p);
#else
  VuHalf h{};
  std::memcpy(&h, p, static_cast<size_t>(n) * sizeof(bf16));
#endif
  return __builtin_convertvector(h, Vu);
}
// n bf16 that follow each other as pairs, at most a vector of them; zero beyond.
SINTER_INLINE Vu load_pairs(const bf16* p, int n) {
#if defined(__AVX512F__)
  return (Vu)_mm512_maskz_loadu_epi16(n < 32 ? (1u << n) - 1 : ~0u, p);
#else
  Vu v{};
  std::memcpy(&v, p, static_cast<size_t>(n) * sizeof(bf16));
  return v;
#endif
}
// Whole pairs.
SINTER_INLINE Vu load_pairs(const uint32_t* p) {
  Vu v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
SINTER_INLINE void store_pairs(uint32_t* p, Vu v) { std::memcpy(p, &v, sizeof v); }
SINTER_INLINE void store_pairs(uint32_t* p, Vu v, int n) { store_n(reinterpret_cast<int32_t*>(p), (Vi)v, n); }
// The first n lanes, rounded.
SINTER_INLINE void store_rounded(bf16* p, Vf x, int n) {
#if defined(__AVX512BF16__)
  _mm256_mask_storeu_epi16(p, static_cast<__mmask16>((1u << n) - 1), (__m256i)_mm512_cvtneps_pbh((__m512)x));
#else
  bf16 rounded[kLanes<float>];
  store_f32(rounded, x);
  std::memcpy(p, rounded, static_cast<size_t>(n) * sizeof(bf16));
#endif
}

typedef uint16_t VuShort __attribute__((vector_size(kVecBytes)));  // two vectors' worth of bf16

// Two vectors as bf16 one behind the other, which are pairs of neighbouring lanes.
SINTER_INLINE Vu rounded(Vf first, Vf second) {
#if defined(__AVX512BF16__)
  return (Vu)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
#else
  bf16 halves[2 * kLanes<float>];
  store_f32(halves, first);
  store_f32(halves + kLanes<float>, second);
  Vu v;
  std::memcpy(&v, halves, sizeof v);
  return v;
#endif
}
template <int kFirst, int kSecond, int... kLane>
SINTER_INLINE Vu interleave(Vu a, Vu b, std::integer_sequence<int, kLane...>) {
  return (Vu)__builtin_shufflevector((VuShort)a, (VuShort)b, (kLane % 2 ? kSecond + kLane / 2 : kFirst + kLane / 2)...);
}
constexpr auto kHalves = std::make_integer_sequence<int, 2 * kLanes<float>>{};
// Pairs of the bf16 of `a` and, in the high halves, of `b`: of those in the first half of either, and in the second.
SINTER_INLINE Vu low_pairs(Vu a, Vu b) { return interleave<0, 2 * kLanes<float>>(a, b, kHalves); }
SINTER_INLINE Vu high_pairs(Vu a, Vu b) { return interleave<kLanes<float>, 3 * kLanes<float>>(a, b, kHalves); }
// first | second << 16, rounded.
SINTER_INLINE Vu rounded_pairs(Vf first, Vf second) {
  const Vu halves = rounded(first, second);
  return interleave<0, kLanes<float>>(halves, halves, kHalves);
}
SINTER_INLINE int lanes_of(int64_t left) { return static_cast<int>(left < kLanes<float> ? left : kLanes<float>); }

}  // namespace sinter::cpu::SINTER_ISA
