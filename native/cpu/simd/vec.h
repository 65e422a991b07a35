// The vector types: one source, one width an instruction set (compiler vector extensions, so also NEON).
// Place in the whole: included by the kernel files, which are compiled once per instruction set in a namespace of their own
// (SINTER_ISA = baseline | avx2 | avx512 | avx512vnni | avx512bf16 | neon). Arithmetic operators, comparisons and
// `mask ? a : b` work on the types as they are; -ffp-contract=fast makes a * b + c one FMA.
#pragma once
#include <cstring>
#include <type_traits>
#include <utility>

#include "engine/call.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sinter::cpu::SINTER_ISA {

#if defined(__AVX512F__)
constexpr int kVecBytes = 64;
#elif defined(__AVX2__)
constexpr int kVecBytes = 32;
#else
constexpr int kVecBytes = 16;
#endif

typedef float Vf __attribute__((vector_size(kVecBytes)));
typedef double Vd __attribute__((vector_size(kVecBytes)));
typedef int32_t Vi __attribute__((vector_size(kVecBytes)));
typedef uint32_t Vu __attribute__((vector_size(kVecBytes)));
typedef int64_t Vl __attribute__((vector_size(kVecBytes)));
typedef uint64_t Vul __attribute__((vector_size(kVecBytes)));

template <class T>
struct VecOf;
template <>
struct VecOf<float> {
  using type = Vf;
};
template <>
struct VecOf<double> {
  using type = Vd;
};
template <>
struct VecOf<int32_t> {
  using type = Vi;
};
template <>
struct VecOf<int64_t> {
  using type = Vl;
};
template <class T>
using Vec = typename VecOf<T>::type;
template <class T>
constexpr int kLanes = kVecBytes / static_cast<int>(sizeof(T));

// ---- memory
template <class T>
SINTER_INLINE Vec<T> load(const T* p) {
  Vec<T> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
SINTER_INLINE void store(T* p, Vec<T> v) {
  std::memcpy(p, &v, sizeof v);
}
template <class T>
SINTER_INLINE Vec<T> splat(T x) {
  return x - Vec<T>{};
}
#if defined(__AVX2__) && !defined(__AVX512F__)
// All bits of the first n lanes.
template <class T>
using Mask = Vec<std::conditional_t<sizeof(T) == 4, int32_t, int64_t>>;
template <class T>
SINTER_INLINE Mask<T> first_lanes(int n) {
  if constexpr (sizeof(T) == 4)
    return splat(n) > Vi{0, 1, 2, 3, 4, 5, 6, 7};
  else
    return splat<int64_t>(n) > Vl{0, 1, 2, 3};
}
#endif
// The first n (<= kLanes) lanes; the others read as `rest`.
template <class T>
SINTER_INLINE Vec<T> load_n(const T* p, int n, T rest = T(0)) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) {
    __m512i r = _mm512_mask_loadu_epi32((__m512i)splat(rest), static_cast<__mmask16>((1u << n) - 1), p);
    return (Vec<T>)r;
  } else {
    __m512i r = _mm512_mask_loadu_epi64((__m512i)splat(rest), static_cast<__mmask8>((1u << n) - 1), p);
    return (Vec<T>)r;
  }
#elif defined(__AVX2__)
  const Mask<T> present = first_lanes<T>(n);
  Vec<T> v;
  if constexpr (sizeof(T) == 4)
    v = (Vec<T>)_mm256_maskload_epi32(reinterpret_cast<const int*>(p), (__m256i)present);
  else
    v = (Vec<T>)_mm256_maskload_epi64(reinterpret_cast<const long long*>(p), (__m256i)present);
  return present ? v : splat(rest);
#else
  T lanes[kLanes<T>];
  for (int i = 0; i < kLanes<T>; i++) lanes[i] = i < n ? p[i] : rest;
  return load(lanes);
#endif
}
template <class T>
SINTER_INLINE void store_n(T* p, Vec<T> v, int n) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4)
    _mm512_mask_storeu_epi32(p, static_cast<__mmask16>((1u << n) - 1), (__m512i)v);
  else
    _mm512_mask_storeu_epi64(p, static_cast<__mmask8>((1u << n) - 1), (__m512i)v);
#elif defined(__AVX2__)
  // In halves: a masked store takes tens of cycles on AMD's cores.
  if (n >= kLanes<T>) return store(p, v);
  constexpr int half = kLanes<T> / 2;
  __m128i part = _mm256_castsi256_si128((__m256i)v);
  if (n & half) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), part);
    part = _mm256_extracti128_si256((__m256i)v, 1);
    p += half;
  }
  if (n & (half / 2)) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), part);
    part = _mm_unpackhi_epi64(part, part);
    p += half / 2;
  }
  if constexpr (sizeof(T) == 4) {
    if (n & 1) std::memcpy(p, &part, sizeof(T));
  }
#else
  T lanes[kLanes<T>];
  store(lanes, v);
  for (int i = 0; i < n; i++) p[i] = lanes[i];
#endif
}

// ---- lane-wise
template <class V>
SINTER_INLINE V vmax(V a, V b) {
  return a > b ? a : b;
}
template <class V>
SINTER_INLINE V vmin(V a, V b) {
  return a < b ? a : b;
}

// ---- across lanes, as a tree (lane i with lane i + width/2, and so on), so that every width folds in a fixed order
template <class T, int W, int... I>
SINTER_INLINE Vec<T> rotate_lanes(Vec<T> v, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(v, v, ((I + W) % kLanes<T>)...);
}
template <class T, int W = kLanes<T> / 2, class F>
SINTER_INLINE T fold_lanes(Vec<T> v, F f) {
  if constexpr (W == 0)
    return v[0];
  else
    return fold_lanes<T, W / 2>(f(v, rotate_lanes<T, W>(v, std::make_integer_sequence<int, kLanes<T>>())), f);
}
template <class T>
SINTER_INLINE T reduce_add(Vec<T> v) {
  return fold_lanes<T>(v, [](Vec<T> a, Vec<T> b) { return a + b; });
}
template <class T>
SINTER_INLINE T reduce_max(Vec<T> v) {
  return fold_lanes<T>(v, [](Vec<T> a, Vec<T> b) { return vmax(a, b); });
}

// ---- scalar conversions of the storage-only types (round to nearest even, NaN kept quiet)
SINTER_INLINE float to_f32(bf16 x) {
  uint32_t u = static_cast<uint32_t>(x.bits) << 16;
  float f;
  std::memcpy(&f, &u, 4);
  return f;
}
SINTER_INLINE bf16 to_bf16(float f) {
  uint32_t u;
  std::memcpy(&u, &f, 4);
  if ((u & 0x7fffffffu) > 0x7f800000u) return bf16{static_cast<uint16_t>((u >> 16) | 0x40u)};
  return bf16{static_cast<uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16)};
}
SINTER_INLINE float to_f32(f16 x) {
#if defined(__F16C__)
  return _cvtsh_ss(x.bits);
#else
  uint32_t sign = static_cast<uint32_t>(x.bits & 0x8000u) << 16, e = (x.bits >> 10) & 31u, m = x.bits & 1023u, u;
  if (e == 31)
    u = sign | 0x7f800000u | (m << 13) | (m ? 0x400000u : 0);
  else if (e)
    u = sign | ((e + 112) << 23) | (m << 13);
  else {  // subnormal: m * 2^-24
    float f = static_cast<float>(m) * 0x1p-24f;
    std::memcpy(&u, &f, 4);
    u |= sign;
  }
  float f;
  std::memcpy(&f, &u, 4);
  return f;
#endif
}
SINTER_INLINE f16 to_f16(float f) {
#if defined(__F16C__)
  return f16{static_cast<uint16_t>(_cvtss_sh(f, 0))};
#else
  uint32_t u;
  std::memcpy(&u, &f, 4);
  uint32_t sign = (u >> 16) & 0x8000u, a = u & 0x7fffffffu;
  if (a > 0x7f800000u) return f16{static_cast<uint16_t>(sign | 0x7e00u | ((a >> 13) & 0x3ffu))};
  if (a >= 0x477ff000u) return f16{static_cast<uint16_t>(sign | 0x7c00u)};  // 65520 and above round to infinity
  if (a < 0x38800000u) {  // subnormal result: add 0.5 to align the mantissa
    float g;
    std::memcpy(&g, &a, 4);
    g += 0.5f;
    uint32_t r;
    std::memcpy(&r, &g, 4);
    return f16{static_cast<uint16_t>(sign | (r - 0x3f000000u))};
  }
  a += 0xc8000fffu + ((a >> 13) & 1u);  // rebias the exponent and round
  return f16{static_cast<uint16_t>(sign | (a >> 13))};
#endif
}

}  // namespace sinter::cpu::SINTER_ISA
