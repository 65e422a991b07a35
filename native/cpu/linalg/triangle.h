// Solving with a triangle. Place in the whole: the step that solveTriangular, LU and Cholesky share.
#pragma once
#include "cpu/linalg/dense.h"

namespace sinter::cpu::SINTER_ISA {

// Element (i, j) of the triangle at a[i * rs + j * cs].
template <class T>
struct Triangle {
  const T* a;
  int64_t rs, cs, n;
  bool upper, unit;
};

// B (n, k), rows ldb apart, becomes the solution of A X = B: rows are subtracted from rows.
template <class T>
SINTER_INLINE void solve_rows(const Triangle<T>& t, T* b, int64_t ldb, int64_t k) {
  for (int64_t step = 0; step < t.n; step++) {
    const int64_t i = t.upper ? t.n - 1 - step : step;
    T* row = b + i * ldb;
    for (int64_t before = 0; before < step; before++) {
      const int64_t j = t.upper ? t.n - 1 - before : before;
      axpy(-t.a[i * t.rs + j * t.cs], b + j * ldb, row, k);
    }
    if (!t.unit) {
      const T pivot = t.a[i * t.rs + i * t.cs];
      for (int64_t j = 0; j < k; j++) row[j] /= pivot;
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
