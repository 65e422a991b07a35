// A serial product over panels of B, from tiles. Place in the whole: the body of every parallel task of product.cpp
// and, with native elements and packed panels, gemm_block for other kernel families.
#pragma once
#include <algorithm>

#include "cpu/gemm/pack.h"
#include "cpu/gemm/row_tiles.h"

namespace sinter::cpu::SINTER_ISA {

// Where the panels of B lie: panel p at first + p * stride, its rows ldb apart; the last one elsewhere where last is
// not null (a narrow panel that was packed because the others are read in place).
template <class T>
struct Panels {
  const T* first;
  int64_t stride, ldb;
  const T* last;
};

// Reading A in place costs nothing when few panels use it or its rows lie close; else the rows compete for the sets
// of L1.
template <class T>
SINTER_INLINE bool worth_copying(int64_t panels, int64_t rsa, int64_t csa) {
  const int64_t row_bytes = (rsa < 0 ? -rsa : rsa) * static_cast<int64_t>(sizeof(T));
  if (csa == 1) return panels >= 4 && row_bytes >= 1024;
  return panels >= 2;
}

// C (m, n) = [C +] A (m, k) * B [+ bias], k <= kKC.
template <class T, class S>
static void block_product(int64_t m, int64_t n, int64_t k, const S* a, int64_t rsa, int64_t csa, const Panels<T>& b,
                          T* c, int64_t ldc, bool accumulate, const T* col_bias, const T* row_bias) {
  const RowTiles tiles(m);
  const int64_t panels = (n + kNR<T> - 1) / kNR<T>;
  alignas(64) T copies[kCopyGroup * kCopySize<T>];
  bool copied = true, on_the_way = false;
  const bool transposed = rsa == 1 && csa != 1;
  if constexpr (sizeof(S) == sizeof(T)) {
    copied = worth_copying<T>(panels, rsa, csa);
    on_the_way = copied && transposed && b.ldb == kNR<T>;
  }
  MicroTile<T> tile;
  tile.k = k;
  tile.ldc = ldc;
  tile.accumulate = accumulate;
  for (int64_t i = 0; i < tiles.count; i++) {
    const RowTile r = tiles[i];
    tile.rows = r.rows;
    tile.rsa = rsa;
    tile.csa = csa;
    const S* rows = a + r.first * rsa;
    if (!copied || on_the_way) {
      if constexpr (sizeof(S) == sizeof(T)) tile.a = rows;
    } else if (transposed) {
      if (i % kCopyGroup == 0) {
        const int count = static_cast<int>(std::min<int64_t>(tiles.count - i, kCopyGroup));
        int heights[kCopyGroup];
        for (int t = 0; t < count; t++) heights[t] = tiles[i + t].rows;
        copy_transposed(rows, csa, heights, count, m - r.first, k, copies);
      }
      tile.a = copies + i % kCopyGroup * kCopySize<T>;
      tile.csa = kMR;
    } else {
      copy_rows(rows, rsa, csa, r.rows, k, copies);
      tile.a = copies;
      tile.rsa = kCopyStride<T>;
      tile.csa = 1;
    }
    tile.row_bias = row_bias ? row_bias + r.first : nullptr;
    for (int64_t p = 0; p < panels; p++) {
      const bool apart = b.last && p == panels - 1;
      tile.b = apart ? b.last : b.first + p * b.stride;
      tile.ldb = apart ? kNR<T> : b.ldb;
      tile.c = c + r.first * ldc + p * kNR<T>;
      tile.cols = static_cast<int>(n - p * kNR<T> < kNR<T> ? n - p * kNR<T> : kNR<T>);
      tile.col_bias = col_bias ? col_bias + p * kNR<T> : nullptr;
      tile.column_bytes = (i ? r.rows : m) * static_cast<int64_t>(sizeof(T));
      tile.copy_a = on_the_way && p == 0 ? copies : nullptr;
      micro_kernel(tile);
      if (tile.copy_a) {
        tile.a = copies;
        tile.csa = kMR;
      }
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
