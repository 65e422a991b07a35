// The matrix product's inner parts. Place in the whole: matmul is built from them, and so is whoever wants a product
// over data that never exists as a matrix (implicit-GEMM convolution packs its own B panels and calls gemm_block).
//
// C (m, n) = A (m, k) * B (k, n), row-major C. A register tile is kMR rows by kNR<T> columns: rows are broadcast
// scalars of A, columns are two vectors of B. Therefore
//   A needs no packed layout: any strides (rsa, csa) do. gemm_block copies tiles of A where that spares cache misses.
//   B is read as panels. Packed panel p holds columns p * kNR .. p * kNR + kNR - 1 as (k, kNR) row-major, the columns
//   beyond n zero; panels lie one after the other, k * kNR elements each. One panel is panel[kk * kNR + j].
// A product over a long k is cut into slices of kKC: the first stores C, the others add to it.
//
// Instantiated for float and double (bf16 and f16 are converted while they are packed).
#pragma once
#include "cpu/simd/vec.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kMR = 12;  // 24 accumulators of 32 registers
#else
constexpr int kMR = 6;  // 12 of 16
#endif
template <class T>
constexpr int kNR = 2 * kLanes<T>;
constexpr int kKC = 384;  // so that a (kMR, kKC) tile of A stays near while the panels of B stream from L2

// One register tile: C (rows, cols) = [C +] A (rows, k) * panel (k, cols) [+ bias]. Any k >= 0.
// Of the panel ceil(cols / kLanes) whole vectors a row are read, so a narrow panel must be padded.
template <class T>
struct MicroTile {
  int64_t k;
  const T* a;  // element (i, kk) at a[i * rsa + kk * csa]
  int64_t rsa, csa;
  const T* b;  // row kk at b + kk * ldb; ldb = kNR<T> for a packed panel
  int64_t ldb;
  T* c;  // row i at c + i * ldc
  int64_t ldc;
  int rows, cols;  // 1 .. kMR, 1 .. kNR<T>
  bool accumulate;
  const T* col_bias = nullptr;  // (cols), added when not null
  const T* row_bias = nullptr;  // (rows)
  // Of a packed B, to be asked for meanwhile: `pace` bytes on with each 64 bytes of B that are read. Null: nothing.
  const T* wanted = nullptr;
  int64_t pace = 0;
  // Rows of B that lie apart, row kk at b + places[kk], under a packed A (rsa 1, csa kMR) and for kNR columns: each is copied to
  // `copy` (k, kNR) as it is read, the panel of the tiles that follow, and what lies `pace` bytes on in it is asked for. Null: b and
  // ldb say where the rows are.
  const int64_t* places = nullptr;
  T* copy = nullptr;
  // Of A whose columns lie in memory as rows (rsa 1), under a packed B: where each is written as it is read, as the packed A (k, kMR) of
  // the panels that follow; a vector beyond its end is written too. So many bytes of a column are asked for ahead: the first tile does
  // it for those below, as memory gives long runs faster. Null: nothing.
  T* copy_a = nullptr;
  int64_t column_bytes = 0;
};
template <class T>
void micro_kernel(const MicroTile<T>& tile);

// A serial product with packed B: C (m, n) = [C +] A (m, k) * B [+ bias], k <= kKC. `b` holds ceil(n / kNR) panels of
// (k, kNR), `panel_stride` elements apart. Meant to be called inside a parallel_for body, some 100 rows by 256
// columns at a time, so that the panels stay in L2. Takes up to 150 KB of stack.
template <class T>
struct GemmBlock {
  int64_t m, n, k;
  const T* a;
  int64_t rsa, csa;
  const T* b;
  int64_t panel_stride;
  T* c;
  int64_t ldc;
  bool accumulate;
  const T* col_bias = nullptr;  // (n)
  const T* row_bias = nullptr;  // (m)
};
template <class T>
void gemm_block(const GemmBlock<T>& block);

// A whole product of strided matrices, parallel over tiles of C, results independent of the number of threads. Takes
// its workspace from the call, so it belongs outside of parallel_for bodies.
template <class T>
struct GemmArgs {
  int64_t m, n, k;
  const T* a;
  int64_t rsa, csa;  // element (i, kk) at a[i * rsa + kk * csa]
  const T* b;
  int64_t rsb, csb;  // element (kk, j) at b[kk * rsb + j * csb]
  T* c;
  int64_t ldc;
  bool accumulate;
  const T* col_bias = nullptr;  // (n)
};
template <class T>
void gemm(const Call& call, const GemmArgs<T>& args);

// Packs one panel: columns 0 .. cols-1 of the (k, cols) matrix `b` into (k, kNR), zero beyond cols. S is T, or bf16
// or f16 where T is float.
template <class T, class S>
void pack_panel(const S* b, int64_t rsb, int64_t csb, int64_t k, int cols, T* panel);

}  // namespace sinter::cpu::SINTER_ISA
