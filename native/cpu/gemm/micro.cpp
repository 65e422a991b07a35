// The register tile: C (rows, cols) = [C +] A (rows, k) * panel (k, cols) [+ bias], rows <= kMR, cols <= kNR.
// Place in the whole: the one inner loop of every floating-point product; see gemm.h for the operands.
//
// A is broadcast straight from its strided rows, so one kernel serves row-major, transposed and packed A. One
// instance per number of rows and vectors keeps a ragged edge at full speed. An element is one serial chain of FMAs
// over k, whatever the tile: its value depends neither on the tile it falls in nor on the threads.
#include "cpu/gemm/gemm.h"

namespace sinter::cpu::SINTER_ISA {

// Adds the biases and the old C as asked, and stores; kTail: only `tail` lanes of the last vector exist.
template <class T, int kRows, int kVectors, bool kTail>
SINTER_INLINE void finish(const MicroTile<T>& t, Vec<T> (&acc)[kRows][kVectors], int tail) {
  constexpr int lanes = kLanes<T>;
  T* const c = t.c;
  const int64_t ldc = t.ldc;
  const auto get = [=](const T* p, int v) __attribute__((always_inline)) {
    return kTail && v == kVectors - 1 ? load_n(p + v * lanes, tail) : load(p + v * lanes);
  };
  if (t.row_bias) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      const Vec<T> bias = splat(t.row_bias[i]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] += bias;
    }
  }
  if (t.col_bias) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) {
      const Vec<T> bias = get(t.col_bias, v);
#pragma GCC unroll 12
      for (int i = 0; i < kRows; i++) acc[i][v] += bias;
    }
  }
  if (t.accumulate) {
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] += get(c + i * ldc, v);
  }
#pragma GCC unroll 12
  for (int i = 0; i < kRows; i++)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) {
      if (kTail && v == kVectors - 1)
        store_n(c + i * ldc + v * lanes, acc[i][v], tail);
      else
        store(c + i * ldc + v * lanes, acc[i][v]);
    }
}

template <class T, int kRows, int kVectors>
static void run_tile(const MicroTile<T>& t) {
  Vec<T> acc[kRows][kVectors] = {};
  // Three rows a pointer: the other two are reached by scaled-index addressing, which keeps 12 rows within the
  // registers.
  const int64_t rsa = t.rsa, csa = t.csa, ldb = t.ldb;
  const T* a[(kRows + 2) / 3];
#pragma GCC unroll 4
  for (int g = 0; g < (kRows + 2) / 3; g++) a[g] = t.a + 3 * g * rsa;
  const T* b = t.b;
  for (int64_t kk = t.k; kk > 0; kk--) {
    Vec<T> bv[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) bv[v] = load(b + v * kLanes<T>);
    b += ldb;
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      const Vec<T> x = splat(a[i / 3][(i % 3) * rsa]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[i][v] += x * bv[v];
    }
#pragma GCC unroll 4
    for (int g = 0; g < (kRows + 2) / 3; g++) a[g] += csa;
  }
  const int tail = t.cols % kLanes<T>;
  if (tail)
    finish<T, kRows, kVectors, true>(t, acc, tail);
  else
    finish<T, kRows, kVectors, false>(t, acc, 0);
}

template <class T>
using TileKernel = void (*)(const MicroTile<T>&);

// Kernels by rows - 1 and vectors - 1.
template <class T, int... kRow>
struct TileTable {
  static constexpr TileKernel<T> kernels[][2] = {{run_tile<T, kRow + 1, 1>, run_tile<T, kRow + 1, 2>}...};
};
#if defined(__AVX512F__) || defined(__aarch64__)
template <class T>
using Tiles = TileTable<T, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11>;
#else
template <class T>
using Tiles = TileTable<T, 0, 1, 2, 3, 4, 5>;
#endif

template <class T>
void micro_kernel(const MicroTile<T>& tile) {
  Tiles<T>::kernels[tile.rows - 1][tile.cols > kLanes<T>](tile);
}

template void micro_kernel<float>(const MicroTile<float>&);
template void micro_kernel<double>(const MicroTile<double>&);

}  // namespace sinter::cpu::SINTER_ISA
