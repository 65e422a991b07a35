// Packing and register tile of bf16 products with vdpbf16ps, which takes two steps of k at once. Place in the whole:
// the inner parts of product_bf16.cpp, as pack.h and micro.cpp are of the other products; matrix_tile.h has the
// tile of processors with a matrix unit.
//
// The product compiles this for AVX512-BF16 and AMX alone. Test builds compile it for AVX2 as well (SINTER_ISA=avx2pairs and
// avx2amx), where the forms without those instructions stand in for them, so that packing, tiles and what is built on them are
// tested on any machine.
//
// A pair is x[k], x[k + 1] in 32 bits (simd/pairs.h); an odd k is padded with zero. B becomes panels of pairs (pairs, kNR
// columns), and so does A (pairs, kMR rows), or, for a matrix unit, rows of pairs; that takes kPairStep pairs at once, and panels
// and rows are padded with zeros to whole steps. Both instructions read and write subnormals as zero and round each addition to
// nearest even, whatever MXCSR says: results differ from the f32 path in the last bits.
#pragma once
#include "cpu/gemm/block.h"
#include "cpu/simd/matrix_unit.h"
#include "cpu/simd/pairs.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int kColumns = kNR<float>;                        // of a tile: two vectors of f32 accumulators
constexpr int kPairRows = kMatrixUnit ? kMatrixRows : kMR;  // of a tile
constexpr int64_t kPairStep = kMatrixUnit ? kUnitBytes / 4 : 1;

// Of a panel.
SINTER_INLINE int64_t padded_pairs(int64_t k) { return (pairs_of(k) + kPairStep - 1) / kPairStep * kPairStep; }

// `count` contiguous lanes into panels, all lanes of two steps of k at a time. Lanes beyond count become zero up to a
// whole vector; a second vector that would be empty stays unwritten and unread.
template <int kWidth>
static void pack_contiguous_lanes(const bf16* x, int64_t k_stride, int64_t k, int64_t count, uint32_t* panels) {
  constexpr int lanes = kLanes<float>;
  const int64_t panel_stride = kWidth * padded_pairs(k);
  for (int64_t kk = 0; kk < k; kk += 2, x += 2 * k_stride, panels += kWidth) {
    uint32_t* to = panels;
    for (int64_t j = 0; j < count; j += kWidth, to += panel_stride) {
#pragma GCC unroll 2
      for (int v = 0; v < kWidth; v += lanes) {
        const int64_t left = count - j - v;
        if (left <= 0) break;
        const Vu low = load_halves(x + j + v, lanes_of(left));
        const Vu high = kk + 1 < k ? load_halves(x + k_stride + j + v, lanes_of(left)) : Vu{};
        store_pairs(to + v, low | high << 16, kWidth < lanes ? kWidth : lanes);
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
      const int present = static_cast<int>(left < 2 * lanes ? left : 2 * lanes);
      Vf square[lanes];  // of pairs: shuffles move any bits
#pragma GCC unroll 16
      for (int j = 0; j < lanes; j++) square[j] = j < n ? (Vf)load_pairs(x + j * lane_stride + kk, present) : Vf{};
      transpose<float>(square);
      const int rows = left < 2 * lanes ? static_cast<int>(pairs_of(left)) : lanes;
      for (int i = 0; i < rows; i++, panel += kWidth) store_pairs(panel, (Vu)square[i], width);
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

// Rows 0 .. rows-1 of A (rows, k) into rows of pairs.
static inline void copy_pair_rows(const bf16* a, int64_t rsa, int64_t csa, int64_t k, int rows, uint32_t* copy) {
  constexpr int lanes = kLanes<float>;
  const int64_t pairs = padded_pairs(k);
  if (rsa == 1 && csa != 1) {
    // A line of A's transposed holds a step of k of many rows: squares of pairs are turned over.
    for (int first = 0; first < rows; first += lanes) {
      const int n = lanes_of(rows - first);
      for (int64_t p = 0; p < pairs; p += lanes) {
        Vf square[lanes];
#pragma GCC unroll 16
        for (int i = 0; i < lanes; i++) {
          const int64_t kk = 2 * (p + i);
          const Vu low = kk < k ? load_halves(a + kk * csa + first, n) : Vu{};
          const Vu high = kk + 1 < k ? load_halves(a + (kk + 1) * csa + first, n) : Vu{};
          square[i] = (Vf)(low | high << 16);
        }
        transpose<float>(square);
        for (int j = 0; j < n; j++) store_pairs(copy + (first + j) * pairs + p, (Vu)square[j], lanes);
      }
    }
    return;
  }
  for (int i = 0; i < rows; i++, a += rsa, copy += pairs) {
    if (csa == 1) {
      std::memcpy(copy, a, static_cast<size_t>(k) * sizeof(bf16));
    } else {
      for (int64_t p = 0; p < k / 2; p++) copy[p] = a[2 * p * csa].bits | uint32_t(a[(2 * p + 1) * csa].bits) << 16;
    }
    if (k % 2) copy[k / 2] = a[(k - 1) * csa].bits;
    for (int64_t p = pairs_of(k); p < pairs; p++) copy[p] = 0;
  }
}

// Rows 0 .. rows-1 of A (rows, k) as the tile reads them.
static inline void pack_rows(const bf16* a, int64_t rsa, int64_t csa, int64_t k, int rows, uint32_t* panel) {
  if (kMatrixUnit)
    copy_pair_rows(a, rsa, csa, k, rows, panel);
  else if (rsa == 1)
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
  const int64_t padding = padded_pairs(k) - pairs_of(k);
  for (int64_t j = 0; padding && j < n; j += kColumns)
    std::memset(panels + j * padded_pairs(k) + pairs_of(k) * kColumns, 0,
                static_cast<size_t>(padding * kColumns) * sizeof(uint32_t));
  if (csb == 1) {
    for (int64_t j = 0; j < n; j += kPackGroup)
      pack_contiguous_lanes<kColumns>(b + j, rsb, k, n - j < kPackGroup ? n - j : kPackGroup,
                                      panels + j * padded_pairs(k));
    return;
  }
  for (int64_t j = 0; j < n; j += lanes) {
    uint32_t* panel = panels + j / kColumns * kColumns * padded_pairs(k) + j % kColumns;
    pack_lanes<kColumns>(b + j * csb, csb, rsb, k, static_cast<int>(n - j < lanes ? n - j : lanes), panel);
  }
}

// One register tile: C (rows, cols) = A (rows, k) * B (k, cols) [+ bias] over one slice of k. Every slice is summed
// from zero, which keeps the chains of additions short; all but the first add `wide`. A tile that is not finished stores `wide`,
// the last one adds the bias, rounds and stores C.
struct PairTile {
  int64_t pairs;
  const uint32_t* a;  // (pairs, kMR); for a matrix unit (rows, pairs)
  const uint32_t* b;  // (pairs, kColumns)
  float* wide;        // (rows, kColumns), not touched where C is stored by the first slice
  bf16* c;            // row i at c + i * ldc
  int64_t ldc;
  int rows, cols;
  bool first, finished;
  const float* bias;  // (cols) or null
  // Rows of B that lie apart, for kColumns columns and no matrix unit: row p at b + places[p], its second vector `second` words on.
  const int64_t* places = nullptr;
  int64_t second = 0;
};

template <int kRows, int kVectors, bool kApart = false>
static void run_pair_tile(const PairTile& t) {
  constexpr int lanes = kLanes<float>;
  Vf acc[kRows][kVectors] = {};
  const uint32_t *a = t.a, *b = t.b;
  const int64_t *places = t.places, second = kApart ? t.second : lanes;
  for (int64_t left = t.pairs; left > 0; left--, a += kMR) {
    const uint32_t* const row = kApart ? b + *places++ : b;
    if (!kApart) b += kColumns;
    Vu bv[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) std::memcpy(&bv[v], row + v * second, sizeof(Vu));
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      const Vu x = a[i] + Vu{};
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] = dot_pairs(acc[i][v], x, bv[v]);
    }
  }
  if (!t.first) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] += load(t.wide + i * kColumns + v * lanes);
  }
  if (!t.finished) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) store(t.wide + i * kColumns + v * lanes, acc[i][v]);
    return;
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; v++) {
    const int live = lanes_of(t.cols - v * lanes);
    const Vf bias = t.bias ? load_n(t.bias + v * lanes, live) : Vf{};
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
      store_rounded(t.c + i * t.ldc + v * lanes, t.bias ? acc[i][v] + bias : acc[i][v], live);
  }
}

// Kernels by rows - 1 and vectors - 1, then for rows of B that lie apart.
template <int... kRow>
constexpr auto pair_tiles(std::integer_sequence<int, kRow...>) {
  struct Table {
    void (*kernels[kMR][3])(const PairTile&);
  };
  return Table{{{run_pair_tile<kRow + 1, 1>, run_pair_tile<kRow + 1, 2>, run_pair_tile<kRow + 1, 2, true>}...}};
}
constexpr auto kPairTiles = pair_tiles(std::make_integer_sequence<int, kMR>());

}  // namespace sinter::cpu::SINTER_ISA
