// The small matrix product inside attention: c (m, n) (+)= a (m, k) b (k, n) on operands that already lie in a cache.
// Place in the whole: shared by attention's forward and backward. a is read by broadcasts, so any strides do (a
// transposed operand is free); b and c are row-major with whole vectors of columns. A tile of c stays in registers over
// all of k.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

// Accumulators: kTileRows * kTileVecs registers, of 32 with AVX-512 and NEON and of 16 otherwise.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kTileRows = 6, kTileVecs = 4;
#else
constexpr int kTileRows = 6, kTileVecs = 2;
#endif

template <class C>
struct Strided {  // element (i, j) at data[i * row + j * col]
  const C* data;
  int64_t row, col;
};

// The part of the product that one tile of rows needs: columns from vector `vec` on, terms [begin, end) of k. Causal
// blocks on the diagonal skip the rest; c's columns before `vec` are left as they are.
struct Bounds {
  int64_t vec, begin, end;
};

template <class C, int MR, int NV>
SINTER_INLINE void tile(Strided<C> a, const C* b, int64_t ldb, C* c, int64_t ldc, int64_t k, bool add) {
  constexpr int L = kLanes<C>;
  Vec<C> acc[MR][NV];
  for (int i = 0; i < MR; i++)
    for (int j = 0; j < NV; j++) acc[i][j] = add ? load(c + i * ldc + j * L) : Vec<C>{};
  for (int64_t t = 0; t < k; t++) {
    Vec<C> row[NV];
    for (int j = 0; j < NV; j++) row[j] = load(b + t * ldb + j * L);
    for (int i = 0; i < MR; i++) {
      const C factor = a.data[i * a.row + t * a.col];
      for (int j = 0; j < NV; j++) acc[i][j] += factor * row[j];
    }
  }
  for (int i = 0; i < MR; i++)
    for (int j = 0; j < NV; j++) store(c + i * ldc + j * L, acc[i][j]);
}

template <class C, int MR>
SINTER_INLINE void tile_row(int64_t vecs, Strided<C> a, const C* b, int64_t ldb, C* c, int64_t ldc, int64_t k,
                            bool add) {
  if constexpr (kTileVecs == 4) {
    if (vecs == 4) return tile<C, MR, 4>(a, b, ldb, c, ldc, k, add);
    if (vecs == 3) return tile<C, MR, 3>(a, b, ldb, c, ldc, k, add);
  }
  if (vecs == 2) return tile<C, MR, 2>(a, b, ldb, c, ldc, k, add);
  tile<C, MR, 1>(a, b, ldb, c, ldc, k, add);
}

// bounds(i, rows) for the rows [i, i + rows) of c.
template <class C, class F>
void product(int64_t m, int64_t vecs, Strided<C> a, const C* b, int64_t ldb, C* c, int64_t ldc, bool add, F bounds) {
  constexpr int64_t L = kLanes<C>;
  for (int64_t panel = 0; panel < vecs; panel += kTileVecs)
    for (int64_t i = 0; i < m;) {
      const int64_t left = m - i, rows = left >= kTileRows ? kTileRows : left >= 4 ? 4 : left >= 2 ? 2 : 1;
      const Bounds r = bounds(i, rows);
      const int64_t first = std::max(panel, r.vec), width = std::min<int64_t>(vecs, panel + kTileVecs) - first;
      if (width > 0 && (r.end > r.begin || !add)) {
        const Strided<C> at{a.data + i * a.row + r.begin * a.col, a.row, a.col};
        const C* bt = b + r.begin * ldb + first * L;
        C* ct = c + i * ldc + first * L;
        const int64_t k = std::max<int64_t>(0, r.end - r.begin);
        switch (rows) {
          case kTileRows: tile_row<C, kTileRows>(width, at, bt, ldb, ct, ldc, k, add); break;
          case 4: tile_row<C, 4>(width, at, bt, ldb, ct, ldc, k, add); break;
          case 2: tile_row<C, 2>(width, at, bt, ldb, ct, ldc, k, add); break;
          default: tile_row<C, 1>(width, at, bt, ldb, ct, ldc, k, add);
        }
      }
      i += rows;
    }
}

}  // namespace sinter::cpu::SINTER_ISA
