// A serial product of many rows over packed panels. Place in the whole: the body of product.cpp's tasks where all of them use the
// same packed B, which lies in a cache that cores share, or in memory.
//
// A's block stays in L2, copied first where its rows lie far apart; then each panel of B is read once, into L1, for all rows. Where
// the panels come from L3 or memory their way is what costs: the tiles that read one first ask for what comes next, step by step.
#pragma once
#include "cpu/blocking.h"
#include "cpu/cache.h"
#include "cpu/gemm/block.h"
#include "cpu/simd/fma.h"

namespace sinter::cpu::SINTER_ISA {

// Tiles of A that one block holds: as many as half of L2 has room for, and no more than 256 KB: with 512 KB of an L2 of 2 MB products
// took 3 % longer.
template <class T>
constexpr int64_t kMostMacroTiles = (256 << 10) / static_cast<int64_t>(sizeof(T)) / kCopySize<T>;
template <class T>
static int64_t macro_tiles() {
  return tiles_in_l2(kCopySize<T> * static_cast<int64_t>(sizeof(T)), 0.5, kMostMacroTiles<T>);
}

// Rows of A as macro_product reads them: copied, a tile every kCopySize elements, or where they lie; or copied while the first panel
// reads them where they lie.
template <class T>
struct BlockOfRows {
  const T* first;
  int64_t rsa, csa;
  bool copied;
  T* copy = nullptr;  // to be made on the way
};

// Bytes between rows up to which those of a tile do not crowd the few sets of L1 that they meet in, so that a copy gains nothing.
constexpr int64_t kCloseRows = 2048;

// A (m, k), m <= macro_tiles * kMR, k <= kKC.
template <class T, class S>
static BlockOfRows<T> rows_of(const S* a, int64_t rsa, int64_t csa, int64_t m, int64_t k, T* copy) {
  const RowTiles tiles(m);
  if constexpr (sizeof(S) == sizeof(T))
    if (csa == 1 && rsa > 0 && rsa * static_cast<int64_t>(sizeof(T)) <= kCloseRows) return {a, rsa, 1, false};
  const bool transposed = rsa == 1 && csa != 1;
  if constexpr (sizeof(S) == sizeof(T))
    if (transposed && m > 2) return {a, rsa, csa, false, copy};
  if (transposed) {
    int heights[kMostMacroTiles<T>];
    for (int64_t i = 0; i < tiles.count; i++) heights[i] = tiles[i].rows;
    copy_transposed(a, csa, heights, static_cast<int>(tiles.count), m, k, copy);
  } else {
    for (int64_t i = 0; i < tiles.count; i++) {
      const RowTile r = tiles[i];
      copy_rows(a + r.first * rsa, rsa, csa, r.rows, k, copy + i * kCopySize<T>);
    }
  }
  return {copy, transposed ? 1 : kCopyStride<T>, transposed ? kMR : 1, true};
}

// The tile of one or two rows over kPanels whole panels at once, `panel` elements apart: as many streams from memory bring more a
// second than one after the other do. An element's sum is the register tile's.
template <class T, int kRows, int kPanels>
static void run_strip(const MicroTile<T>& t, int64_t panel) {
  constexpr int lanes = kLanes<T>;
  Vec<T> acc[kRows][kPanels][2] = {};
  const T *a = t.a, *b = t.b;
  for (int64_t left = t.k; left > 0; left--, a += t.csa, b += kNR<T>) {
#pragma GCC unroll 2
    for (int r = 0; r < kRows; r++) {
      const Vec<T> x = splat(a[r * t.rsa]);
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; p++)
#pragma GCC unroll 2
        for (int v = 0; v < 2; v++) fma_into(acc[r][p][v], x, load(b + p * panel + v * lanes));
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; p++)
#pragma GCC unroll 2
      for (int v = 0; v < 2; v++) {
        const int64_t j = p * kNR<T> + v * lanes;
        Vec<T> sum = acc[r][p][v];
        if (t.col_bias) sum += load(t.col_bias + j);
        if (t.accumulate) sum += load(t.c + r * t.ldc + j);
        store(t.c + r * t.ldc + j, sum);
      }
}

// As many of B's panels as strips take; returns their columns.
template <class T, int kRows, int kPanels>
static int64_t run_strips(MicroTile<T> tile, int64_t n, int64_t panel, const T* panels, const T* col_bias) {
  int64_t j = 0;
  for (; j + kPanels * kNR<T> <= n; j += kPanels * kNR<T>, panels += kPanels * panel, tile.c += kPanels * kNR<T>) {
    tile.b = panels;
    tile.col_bias = col_bias ? col_bias + j : nullptr;
    run_strip<T, kRows, kPanels>(tile, panel);
  }
  return j;
}

// C (m, n) = [C +] A * B [+ col_bias].
template <class T>
static void macro_product(int64_t m, int64_t n, int64_t k, const BlockOfRows<T>& a, const T* panels, T* c, int64_t ldc,
                          bool accumulate, const T* col_bias) {
  const RowTiles tiles(m);
  MicroTile<T> tile;
  tile.k = k;
  tile.ldb = kNR<T>;
  tile.ldc = ldc;
  tile.accumulate = accumulate;
  tile.rsa = a.rsa;
  tile.csa = a.csa;
  const int64_t panel = k * kNR<T>;
  const bool far = n * k * static_cast<int64_t>(sizeof(T)) > cache_sizes().l2 / 2;
  constexpr int64_t near = 1024 / static_cast<int64_t>(sizeof(T));
  tile.pace = tiles.count == 1 ? 64 : 32;
  tile.a = a.first;
  tile.c = c;
  int64_t j = m == 1   ? run_strips<T, 1, 4>(tile, n, panel, panels, col_bias)
              : m == 2 ? run_strips<T, 2, 3>(tile, n, panel, panels, col_bias)
                       : 0;
  panels += j / kNR<T> * panel;
  const T* copied = a.copied ? a.first : nullptr;
  for (; j < n; j += kNR<T>, panels += panel) {
    tile.b = panels;
    tile.cols = static_cast<int>(n - j < kNR<T> ? n - j : kNR<T>);
    tile.col_bias = col_bias ? col_bias + j : nullptr;
    for (int64_t i = 0; i < tiles.count; i++) {
      const RowTile r = tiles[i];
      tile.rows = r.rows;
      // The first two tiles that read a panel share the asking: the second half of it, then the first of the next.
      tile.wanted = i > 1 || !far      ? nullptr
                    : tiles.count == 1 ? panels + near
                    : i == 0           ? panels + panel / 2
                                       : panels + panel;
      tile.a = copied ? copied + i * kCopySize<T> : a.first + r.first * a.rsa;
      tile.copy_a = copied || !a.copy ? nullptr : a.copy + i * kCopySize<T>;
      tile.column_bytes = (i ? r.rows : m) * static_cast<int64_t>(sizeof(T));
      tile.c = c + r.first * ldc + j;
      micro_kernel(tile);
    }
    if (a.copy && !copied) {
      copied = a.copy;
      tile.csa = kMR;
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
