// Packing and register tile of bf16 products with vdpbf16ps, which takes two steps of k at once. Place in the whole:
// the inner parts of matmul_bf16.cpp, as pack.h and micro.cpp are of the other products. Needs AVX512-BF16.
//
// A pair is x[k], x[k + 1] in 32 bits, k in the low half; an odd k is padded with zero. Both operands become panels of
// pairs (pairs, width): width kNR columns for B, kMR rows for A. vdpbf16ps reads and writes subnormals as zero and
// rounds each addition to nearest even, whatever MXCSR says: results differ from the f32 path in the last bits.
#pragma once
#include "cpu/gemm/block.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int kColumns = kNR<float>;  // of a tile: two vectors of f32 accumulators

SINTER_INLINE int64_t pairs_of(int64_t k) { return (k + 1) / 2; }
SINTER_INLINE __mmask16 first_lanes(int n) { return static_cast<__mmask16>((1u << n) - 1); }
// The present ones of a vector's bf16, in the low halves of 32 bits; the others zero.
SINTER_INLINE Vu load_halves(const bf16* p, __mmask16 present) {
  return __builtin_convertvector((VuHalf)_mm256_maskz_loadu_epi16(present, p), Vu);
}

// `count` contiguous lanes into panels, all lanes of two steps of k at a time. Lanes beyond count become zero up to a
// whole vector; a second vector that would be empty stays unwritten and unread.
template <int kWidth>
static void pack_contiguous_lanes(const bf16* x, int64_t k_stride, int64_t k, int64_t count, uint32_t* panels) {
  constexpr int lanes = kLanes<float>;
  const __mmask16 written = first_lanes(kWidth < lanes ? kWidth : lanes);
  const int64_t panel_stride = kWidth * pairs_of(k);
  for (int64_t kk = 0; kk < k; kk += 2, x += 2 * k_stride, panels += kWidth) {
    uint32_t* to = panels;
    for (int64_t j = 0; j < count; j += kWidth, to += panel_stride) {
#pragma GCC unroll 2
      for (int v = 0; v < kWidth; v += lanes) {
        const int64_t left = count - j - v;
        if (left <= 0) break;
        const __mmask16 present = left < lanes ? first_lanes(static_cast<int>(left)) : first_lanes(lanes);
        const Vu low = load_halves(x + j + v, present);
        const Vu high = kk + 1 < k ? load_halves(x + k_stride + j + v, present) : Vu{};
        _mm512_mask_storeu_epi32(to + v, written, (__m512i)(low | high << 16));
      }
    }
  }
}

// One vector's worth of lanes, n of them (the others zero), into rows of pairs kWidth apart.
template <int kWidth>
static void pack_lanes(const bf16* x, int64_t lane_stride, int64_t k_stride, int64_t k, int n, uint32_t* panel) {
  constexpr int lanes = kLanes<float>;
  constexpr int width = kWidth < lanes ? kWidth : lanes;
  if (k_stride == 1) {
    for (int64_t kk = 0; kk < k; kk += 2 * lanes) {
      const int64_t left = k - kk;
      const __mmask32 present = left < 2 * lanes ? (1u << left) - 1 : ~0u;
      Vf square[lanes];  // of pairs: shuffles move any bits
#pragma GCC unroll 16
      for (int j = 0; j < lanes; j++)
        square[j] = j < n ? (Vf)_mm512_maskz_loadu_epi16(present, x + j * lane_stride + kk) : Vf{};
      transpose<float>(square);
      const int rows = left < 2 * lanes ? static_cast<int>(pairs_of(left)) : lanes;
      for (int i = 0; i < rows; i++, panel += kWidth)
        _mm512_mask_storeu_epi32(panel, first_lanes(width), (__m512i)square[i]);
    }
  } else {
    for (int64_t kk = 0; kk < k; kk += 2, x += 2 * k_stride, panel += kWidth)
      for (int j = 0; j < width; j++) {
        const uint32_t low = j < n ? x[j * lane_stride].bits : 0u;
        const uint32_t high = j < n && kk + 1 < k ? x[j * lane_stride + k_stride].bits : 0u;
        panel[j] = low | high << 16;
      }
  }
}

// Rows 0 .. rows-1 of A (rows, k) into (pairs, kMR).
static inline void pack_rows(const bf16* a, int64_t rsa, int64_t csa, int64_t k, int rows, uint32_t* panel) {
  if (rsa == 1)
    pack_contiguous_lanes<kMR>(a, csa, k, rows, panel);
  else
    pack_lanes<kMR>(a, rsa, csa, k, rows, panel);
}

// All columns of B (k, n) into panels of (pairs, kColumns), one after the other. Contiguous rows are read in runs of
// kPackGroup: more panels at once would compete for the sets of L1.
constexpr int64_t kPackGroup = 8 * kColumns;
static inline void pack_columns_paired(const bf16* b, int64_t rsb, int64_t csb, int64_t k, int64_t n,
                                       uint32_t* panels) {
  constexpr int lanes = kLanes<float>;
  if (csb == 1) {
    for (int64_t j = 0; j < n; j += kPackGroup)
      pack_contiguous_lanes<kColumns>(b + j, rsb, k, n - j < kPackGroup ? n - j : kPackGroup, panels + j * pairs_of(k));
    return;
  }
  for (int64_t j = 0; j < n; j += lanes) {
    uint32_t* panel = panels + j / kColumns * kColumns * pairs_of(k) + j % kColumns;
    pack_lanes<kColumns>(b + j * csb, csb, rsb, k, static_cast<int>(n - j < lanes ? n - j : lanes), panel);
  }
}

// One register tile: C (rows, cols) = A (rows, k) * B (k, cols) [+ bias] over one slice of k. Every slice is summed
// from zero, which keeps the chains of additions short; all but the first add `wide`; the last one adds the bias,
// rounds and stores C, the others store `wide`.
struct PairTile {
  int64_t pairs;
  const uint32_t* a;  // (pairs, kMR)
  const uint32_t* b;  // (pairs, kColumns)
  float* wide;        // (rows, kColumns), not touched by a slice that is both first and last
  bf16* c;            // row i at c + i * ldc
  int64_t ldc;
  int cols;
  bool first, last;
  const bf16* bias;  // (cols) or null
};

template <int kRows, int kVectors>
static void run_pair_tile(const PairTile& t) {
  constexpr int lanes = kLanes<float>;
  Vf acc[kRows][kVectors] = {};
  const uint32_t *a = t.a, *b = t.b;
  for (int64_t left = t.pairs; left > 0; left--, a += kMR, b += kColumns) {
    __m512bh bv[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) bv[v] = (__m512bh)_mm512_loadu_si512(b + v * lanes);
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      const __m512bh x = (__m512bh)_mm512_set1_epi32(static_cast<int>(a[i]));
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] = (Vf)_mm512_dpbf16_ps((__m512)acc[i][v], x, bv[v]);
    }
  }
  if (!t.first) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] += load(t.wide + i * kColumns + v * lanes);
  }
  if (!t.last) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) store(t.wide + i * kColumns + v * lanes, acc[i][v]);
    return;
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; v++) {
    const int left = t.cols - v * lanes;
    const __mmask16 present = first_lanes(left < lanes ? left : lanes);
    const Vf bias = t.bias ? (Vf)(load_halves(t.bias + v * lanes, present) << 16) : Vf{};
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      bf16 rounded[lanes];
      store_f32(rounded, t.bias ? acc[i][v] + bias : acc[i][v]);
      _mm256_mask_storeu_epi16(t.c + i * t.ldc + v * lanes, present,
                               _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rounded)));
    }
  }
}

// Kernels by rows - 1 and vectors - 1.
template <int... kRow>
struct PairTileTable {
  static constexpr void (*kernels[][2])(const PairTile&) = {
      {run_pair_tile<kRow + 1, 1>, run_pair_tile<kRow + 1, 2>}...};
};
using PairTiles = PairTileTable<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11>;

}  // namespace sinter::cpu::SINTER_ISA
