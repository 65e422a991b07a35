// The register tile of bf16 products for a matrix unit: up to 32 rows by two vectors of columns. Place in the whole: pairs.h's tile
// on processors that have one; product_bf16.cpp calls either.
#pragma once
#include "cpu/gemm/pairs.h"

namespace sinter::cpu::SINTER_ISA {

// sums (kPairRows, kColumns) = A (rows, pairs) times B; only whole tiles of the unit that rows and vectors reach are written.
#if defined(__AMX_BF16__)
template <int kRowTiles, int kVectors>
SINTER_INLINE void unit_product(const PairTile& t, float* sums) {
  finish_stores();
  const int64_t a_bytes = t.pairs * 4, b_bytes = kColumns * 4;
  const uint32_t *a = t.a, *b = t.b;
  _tile_zero(0);
  if (kVectors > 1) _tile_zero(1);
  if (kRowTiles > 1) _tile_zero(2);
  if (kRowTiles > 1 && kVectors > 1) _tile_zero(3);
  for (int64_t p = 0; p < t.pairs; p += kPairStep, a += kPairStep, b += kPairStep * kColumns) {
    _tile_loadd(6, b, b_bytes);
    _tile_loadd(4, a, a_bytes);
    _tile_dpbf16ps(0, 4, 6);
    if (kVectors > 1) {
      _tile_loadd(7, b + kUnitBytes / 4, b_bytes);
      _tile_dpbf16ps(1, 4, 7);
    }
    if (kRowTiles > 1) {
      _tile_loadd(5, a + kUnitRows * t.pairs, a_bytes);
      _tile_dpbf16ps(2, 5, 6);
      if (kVectors > 1) _tile_dpbf16ps(3, 5, 7);
    }
  }
  constexpr int vector = kUnitBytes / 4;
  _tile_stored(0, sums, b_bytes);
  if (kVectors > 1) _tile_stored(1, sums + vector, b_bytes);
  if (kRowTiles > 1) _tile_stored(2, sums + kUnitRows * kColumns, b_bytes);
  if (kRowTiles > 1 && kVectors > 1) _tile_stored(3, sums + kUnitRows * kColumns + vector, b_bytes);
}
#else
template <int kRowTiles, int kVectors>
static void unit_product(const PairTile& t, float* sums) {
  constexpr int lanes = kLanes<float>;
  for (int i = 0; i < t.rows; i++)
    for (int v = 0; v < kVectors; v++) {
      Vf acc{};
      for (int64_t p = 0; p < t.pairs; p++) {
        Vu b;
        std::memcpy(&b, t.b + p * kColumns + v * lanes, sizeof b);
        acc = dot_pairs(acc, t.a[i * t.pairs + p] + Vu{}, b);
      }
      store(sums + i * kColumns + v * lanes, acc);
    }
}
#endif

template <int kRowTiles, int kVectors>
static void run_matrix_tile(const PairTile& t) {
  constexpr int lanes = kLanes<float>;
  if (t.first && !t.finished) return unit_product<kRowTiles, kVectors>(t, t.wide);
  alignas(64) float sums[kPairRows * kColumns];
  unit_product<kRowTiles, kVectors>(t, sums);
  for (int v = 0; v < kVectors; v++) {
    const int live = lanes_of(t.cols - v * lanes);
    const Vf bias = t.bias && t.finished ? load_n(t.bias + v * lanes, live) : Vf{};
    for (int i = 0; i < t.rows; i++) {
      const int64_t at = i * kColumns + v * lanes;
      Vf x = load(sums + at);
      if (!t.first) x += load(t.wide + at);
      if (!t.finished)
        store(t.wide + at, x);
      else
        store_rounded(t.c + i * t.ldc + v * lanes, t.bias ? x + bias : x, live);
    }
  }
}

// For kernels of up to 16 rows, and more; of one vector, and two.
constexpr void (*kMatrixTiles[2][2])(const PairTile&) = {{run_matrix_tile<1, 1>, run_matrix_tile<1, 2>},
                                                         {run_matrix_tile<2, 1>, run_matrix_tile<2, 2>}};

SINTER_INLINE void multiply_tile(const PairTile& t) {
  const bool two = t.cols > kLanes<float>;
  if constexpr (kMatrixUnit)
    kMatrixTiles[t.rows > kUnitRows][two](t);
  else
    kPairTiles.kernels[t.rows - 1][t.places ? 2 : two](t);
}

// How m rows are cut into tiles: evenly, or into as few tiles of the unit as possible.
struct PairRows {
  const RowTiles even;
  const int64_t m, count;
  SINTER_INLINE explicit PairRows(int64_t m)
      : even(m), m(m), count(kMatrixUnit ? (m + kPairRows - 1) / kPairRows : even.count) {}
  SINTER_INLINE RowTile operator[](int64_t tile) const {
    if (!kMatrixUnit) return even[tile];
    const int64_t first = tile * kPairRows, left = m - first;
    return {first, left < kPairRows ? static_cast<int>(left) : kPairRows};
  }
};

}  // namespace sinter::cpu::SINTER_ISA
