// Transposition of tiles in registers. Place in the whole: the copy family's inner loop for permuted views.
#pragma once
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

// Side of the square that one register tile covers: whole vectors, but no more registers than there are.
template <class T>
constexpr int kTileSide = sizeof(T) == 1   ? 16
                          : sizeof(T) == 2 ? (kVecBytes >= 32 ? 16 : 8)
                                           : kVecBytes / static_cast<int>(sizeof(T));

template <class T, int N>
struct Rows {
  typedef T Row __attribute__((vector_size(N * sizeof(T))));
};

// The even (Half 0) or odd half of the perfect shuffle of two rows: a0 b0 a1 b1 ...
template <int Half, class Row, class Index, int... I>
SINTER_INLINE Row interleave(Row a, Row b) {
  constexpr int n = static_cast<int>(sizeof(Index) / sizeof(Index{}[0]));
  Index pick;
  for (int i = 0; i < n; i++) pick[i] = static_cast<decltype(pick[0] + 0)>(i / 2 + (i % 2) * n + Half * (n / 2));
  return __builtin_shuffle(a, b, pick);
}

// dst[i * dst_stride + j] = src[j * src_stride + i] for i, j < N; T is an unsigned integer.
template <class T, int N = kTileSide<T>>
SINTER_INLINE void transpose_tile(const T* src, int64_t src_stride, T* dst, int64_t dst_stride) {
  using Row = typename Rows<T, N>::Row;
  Row a[N], b[N];
  for (int i = 0; i < N; i++) std::memcpy(&a[i], src + i * src_stride, sizeof(Row));
  // log2(N) perfect shuffles of row i with row i + N/2 rotate the index bits of (row, column) until they are exchanged.
#pragma GCC unroll 8
  for (int stage = 1; stage < N; stage *= 2) {
#pragma GCC unroll 16
    for (int i = 0; i < N / 2; i++) {
      b[2 * i] = interleave<0, Row, Row>(a[i], a[i + N / 2]);
      b[2 * i + 1] = interleave<1, Row, Row>(a[i], a[i + N / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < N; i++) a[i] = b[i];
  }
  for (int i = 0; i < N; i++) std::memcpy(dst + i * dst_stride, &a[i], sizeof(Row));
}

// dst (rows, columns) = src (columns, rows) transposed, strides between rows; any size, edges by single elements.
template <class T>
SINTER_INLINE void transpose_block(const T* src, int64_t src_stride, T* dst, int64_t dst_stride, int64_t rows,
                                   int64_t columns) {
  constexpr int side = kTileSide<T>;
  int64_t i = 0;
  for (; i + side <= rows; i += side) {
    int64_t j = 0;
    for (; j + side <= columns; j += side)
      transpose_tile<T>(src + j * src_stride + i, src_stride, dst + i * dst_stride + j, dst_stride);
    for (; j < columns; j++)
      for (int64_t k = i; k < i + side; k++) dst[k * dst_stride + j] = src[j * src_stride + k];
  }
  for (; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) dst[i * dst_stride + j] = src[j * src_stride + i];
}

}  // namespace sinter::cpu::SINTER_ISA
