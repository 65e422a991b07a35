// Moves of lanes between vectors, and vectors of some lanes. Place in the whole: staging deals out columns; the weight gradient turns
// channel-first gradients into vectors along the channels, and its sums back again; what reads planes in place masks their edges.
#pragma once
#include <algorithm>
#include <utility>

#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

// One exchange between rows a and b: a keeps its lanes with bit `h` clear and receives b's of the same lane less h; b
// receives a's lanes with the bit set. Exchanges over h = lanes/2, ..., 1 between rows h apart transpose.
template <int kH, class V, size_t... kLane>
SINTER_INLINE void exchange_lanes(V& a, V& b, std::index_sequence<kLane...>) {
  constexpr int n = sizeof...(kLane);
  V lo = __builtin_shufflevector(a, b, (kLane & kH ? n + kLane - kH : kLane)...);
  V hi = __builtin_shufflevector(a, b, (kLane & kH ? n + kLane : kLane + kH)...);
  a = lo, b = hi;
}

template <int kH, class V, int kN>
SINTER_INLINE void transpose_stage(V (&rows)[kN]) {
#pragma GCC unroll 16
  for (int i = 0; i < kN; i++)
    if (!(i & kH)) exchange_lanes<kH>(rows[i], rows[i + kH], std::make_index_sequence<kN>());
  if constexpr (kH > 1) transpose_stage<kH / 2>(rows);
}

// rows[i][j] and rows[j][i] change places.
template <class V, int kN>
SINTER_INLINE void transpose(V (&rows)[kN]) {
  transpose_stage<kN / 2>(rows);
}

// Every second lane of (a, b), from lane kFirst on.
template <int kFirst, class V, size_t... kLane>
SINTER_INLINE V deal_lanes(V a, V b, std::index_sequence<kLane...>) {
  return __builtin_shufflevector(a, b, (2 * kLane + kFirst)...);
}
template <int kFirst, class V>
SINTER_INLINE V deal(V a, V b) {
  return deal_lanes<kFirst>(a, b, std::make_index_sequence<sizeof(V) / sizeof(a[0])>());
}

#if defined(__AVX512F__)
// Lanes lo, ..., hi - 1 of those there are, as bits.
template <class T>
SINTER_INLINE uint32_t lane_range(int64_t lo, int64_t hi) {
  lo = std::clamp<int64_t>(lo, 0, kLanes<T>), hi = std::clamp<int64_t>(hi, lo, kLanes<T>);
  return (uint32_t{1} << hi) - (uint32_t{1} << lo);
}
// These lanes of the vector at p, zeros elsewhere. What the others would read need not exist.
template <class T>
SINTER_INLINE Vec<T> load_lanes(const T* p, uint32_t lanes) {
  if constexpr (sizeof(T) == 4)
    return (Vec<T>)_mm512_maskz_loadu_epi32(static_cast<__mmask16>(lanes), p);
  else
    return (Vec<T>)_mm512_maskz_loadu_epi64(static_cast<__mmask8>(lanes), p);
}
#endif

}  // namespace sinter::cpu::SINTER_ISA
