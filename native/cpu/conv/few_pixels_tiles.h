// Register tiles of convolution at few positions, which leave vectors and registers that gemm's tile would fill badly. Place in the
// whole: few_pixels.cpp multiplies with them; a (rows, k) are weights, rows lda apart.
#pragma once
#include <algorithm>

#include "cpu/gemm/gemm.h"
#include "cpu/simd/fma.h"

namespace sinter::cpu::SINTER_ISA {

// sums (rows, kColumns) = [sums +] a (rows, k) * x (kColumns, k), each sum a vector whose lanes are still to be added; rows of a `lda`
// apart, of x `ldx`.
template <class T>
struct RestTile {
  int64_t k, rows;
  const T *a, *x;
  int64_t lda, ldx;
  T* sums;
  bool accumulate;
};

template <class T, int kColumns>
static void rest_tile(const RestTile<T>& t) {
  constexpr int kL = kLanes<T>, kRows = kColumns == 1 ? kMR : 6;
  for (int64_t i0 = 0; i0 < t.rows; i0 += kRows) {
    const T* a[kRows];  // beyond the last row it is read again
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) a[i] = t.a + std::min(i0 + i, t.rows - 1) * t.lda;
    Vec<T> acc[kRows][kColumns] = {};
    const auto step = [&](int64_t k, auto get) __attribute__((always_inline)) {
      Vec<T> x[kColumns];
#pragma GCC unroll 4
      for (int j = 0; j < kColumns; j++) x[j] = get(t.x + j * t.ldx + k);
#pragma GCC unroll 12
      for (int i = 0; i < kRows; i++) {
        const Vec<T> w = get(a[i] + k);
#pragma GCC unroll 4
        for (int j = 0; j < kColumns; j++) fma_into(acc[i][j], w, x[j]);
      }
    };
    int64_t k = 0;
    for (; k + kL <= t.k; k += kL) step(k, [](const T* p) __attribute__((always_inline)) { return load(p); });
    if (k < t.k) {
      const int rest = static_cast<int>(t.k - k);
      step(k, [rest](const T* p) __attribute__((always_inline)) { return load_n(p, rest); });
    }
    T* sums = t.sums + i0 * kColumns * kL;
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++)
#pragma GCC unroll 4
      for (int j = 0; j < kColumns; j++, sums += kL)
        if (i0 + i < t.rows) store(sums, t.accumulate ? load(sums) + acc[i][j] : acc[i][j]);
  }
}

// c (rows, cols) = [c +] a (rows, k) * (k, cols) [+ row_bias], of more columns than two vectors hold and at most three: those of the
// panel b (k, kNR) and the first vector of `last` (k, kNR). Two vectors and then one would take a third more for the latter, as it
// waits for a's elements.
template <class T>
struct WideTile {
  int64_t k, rows;
  const T* a;
  int64_t lda;
  const T *b, *last;
  T* c;
  int64_t ldc;
  int cols;
  bool accumulate;
  const T* row_bias;
};

template <class T>
static void wide_tile(const WideTile<T>& t) {
  constexpr int kL = kLanes<T>, kRows = kMR > 6 ? 8 : 4;
  const int tail = t.cols - 2 * kL;
  for (int64_t i0 = 0; i0 < t.rows; i0 += kRows) {
    const T* a[kRows];  // beyond the last row it is read again
#pragma GCC unroll 8
    for (int i = 0; i < kRows; i++) a[i] = t.a + std::min(i0 + i, t.rows - 1) * t.lda;
    Vec<T> acc[kRows][3] = {};
    const auto step = [&](int64_t k) __attribute__((always_inline)) {
      const Vec<T> x[3] = {load(t.b + k * kNR<T>), load(t.b + k * kNR<T> + kL), load(t.last + k * kNR<T>)};
#pragma GCC unroll 8
      for (int i = 0; i < kRows; i++) {
        const Vec<T> w = splat(a[i][k]);
#pragma GCC unroll 3
        for (int v = 0; v < 3; v++) fma_into(acc[i][v], w, x[v]);
      }
    };
#pragma GCC unroll 2
    for (int64_t k = 0; k < t.k; k++) step(k);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; i++) {
      if (i0 + i >= t.rows) continue;
      const Vec<T> bias = t.row_bias ? splat(t.row_bias[i0 + i]) : Vec<T>{};
      T* const c = t.c + (i0 + i) * t.ldc;
#pragma GCC unroll 3
      for (int v = 0; v < 3; v++) {
        const Vec<T> sum = t.row_bias ? acc[i][v] + bias : acc[i][v];
        T* const at = c + v * kL;
        if (v < 2 || tail == kL)
          store(at, t.accumulate ? sum + load(at) : sum);
        else
          store_n(at, t.accumulate ? sum + load_n(at, tail) : sum, tail);
      }
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
