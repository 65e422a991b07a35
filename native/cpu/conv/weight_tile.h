// The weight gradient's register tile. Place in the whole: the inner loop of weight_grad.cpp. It differs from the GEMM
// family's tile in its sum, which runs over the positions of a piece of the grid: the broadcast operand is read from
// the source where it lies, row by row, at one pointer a weight, so that no patch is ever copied.
#pragma once
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kWeightVectors = 4;  // 6 * 4 accumulators of 32 registers
#else
constexpr int kWeightVectors = 2;  // 6 * 2 of 16
#endif
constexpr int kWeightRows = 6;

// A piece of the grid: `images` * `rows` * `columns` positions.
struct Piece {
  int64_t images, rows, columns;
  int64_t image_stride, row_stride;  // of the source
};

// sums (kRows, kVectors * lanes) = [sums +] over the positions i of the piece: x[row] at i times g (positions, ldg) at
// i.
template <class T, int kRows, int kVectors>
static void weight_tile(const Piece& piece, const T* const* x, const T* g, int64_t ldg, T* sums, int64_t lds,
                        bool accumulate) {
  constexpr int kL = kLanes<T>;
  Vec<T> acc[kRows][kVectors] = {};
  const T* from[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; r++) from[r] = x[r];
  for (int64_t n = 0; n < piece.images; n++)
    for (int64_t y = 0; y < piece.rows; y++) {
      int64_t begin = n * piece.image_stride + y * piece.row_stride, end = begin + piece.columns;
      for (int64_t i = begin; i < end; i++, g += ldg) {
        Vec<T> gv[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; v++) gv[v] = load(g + v * kL);
#pragma GCC unroll 8
        for (int r = 0; r < kRows; r++) {
          Vec<T> xv = splat(from[r][i]);
#pragma GCC unroll 4
          for (int v = 0; v < kVectors; v++) acc[r][v] += xv * gv[v];
        }
      }
    }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; v++) {
      T* s = sums + r * lds + v * kL;
      store(s, accumulate ? load(s) + acc[r][v] : acc[r][v]);
    }
}

template <class T>
using WeightTile = void (*)(const Piece&, const T* const*, const T*, int64_t, T*, int64_t, bool);

// By rows - 1 and vectors - 1.
template <class T, int kVectors>
SINTER_INLINE WeightTile<T> weight_tile_of(int rows) {
  static constexpr WeightTile<T> table[kWeightRows] = {weight_tile<T, 1, kVectors>, weight_tile<T, 2, kVectors>,
                                                       weight_tile<T, 3, kVectors>, weight_tile<T, 4, kVectors>,
                                                       weight_tile<T, 5, kVectors>, weight_tile<T, 6, kVectors>};
  return table[rows - 1];
}
template <class T>
SINTER_INLINE WeightTile<T> weight_tile_of(int rows, int vectors) {
  switch (vectors) {
    case 1: return weight_tile_of<T, 1>(rows);
    case 2: return weight_tile_of<T, 2>(rows);
#if defined(__AVX512F__) || defined(__aarch64__)
    case 3: return weight_tile_of<T, 3>(rows);
    default: return weight_tile_of<T, 4>(rows);
#else
    default: return weight_tile_of<T, 2>(rows);
#endif
  }
}

}  // namespace sinter::cpu::SINTER_ISA
