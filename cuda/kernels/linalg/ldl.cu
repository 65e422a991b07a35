// Around the triangles of an LDL system: its pivots read, L with its exchanges carried out, rows moved, blocks of D solved. Place in the
// whole: device code of ldl_solve.cpp. Reading pivots and exchanging is a chain, bound by latency; the rest is one pass over memory.
// sinter: cubins 80 90
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/linalg/ldl.h"

namespace sinter::cuda {

// l = the unit lower triangle of ld (its diagonal and what is above are not read), where the exchanges of later blocks are carried out
// on a column. A thread has a column.
template <class T>
SINTER_DEVICE void spread_l(const T* ld, const int32_t* exchanges, const int32_t* blocks, T* l, int64_t n,
                            int64_t groups) {
  const int64_t item = blockIdx.x / groups, j = (blockIdx.x - item * groups) * kLdlThreads + threadIdx.x;
  if (j >= n) return;
  exchanges += item * n;
  const T* from = ld + item * n * n + j;
  T* column = l + item * n * n + j;
  const bool pair = blocks[item * n + j] == static_cast<int32_t>(LdlBlock::first);
  const int64_t first = j + (pair ? 2 : 1);
  if (pair) column[(j + 1) * n] = T(0);  // what stands there is D's
#pragma unroll 4
  for (int64_t i = first; i < n; i++) column[i * n] = from[i * n];
#pragma unroll 1
  for (int64_t i = first; i < n; i++) {
    const int64_t other = exchanges[i] - 1;
    if (other == i) continue;
    const T value = column[i * n];
    column[i * n] = column[other * n];
    column[other * n] = value;
  }
}

// Row i of y is row order[i] of x, or (`back`) row order[i] of y is row i of x; n rows of k elements an item.
template <class T>
SINTER_DEVICE void move_rows(const T* x, const int64_t* order, T* y, int64_t n, int64_t k, int64_t total,
                             int32_t back) {
  const int64_t e = int64_t{blockIdx.x} * kLdlThreads + threadIdx.x;
  if (e >= total) return;
  const int64_t line = e / k, column = e - line * k, item = line / n, other = (item * n + order[line]) * k + column;
  if (back)
    y[other] = x[e];
  else
    y[e] = x[other];
}

// x = D^-1 x in place; a thread has an element of a single row, or a column's two of a pair, inverted in units of what is beside its
// diagonal, which is its largest element.
template <class T>
SINTER_DEVICE void solve_blocks(const T* ld, const int32_t* blocks, T* x, int64_t n, int64_t k, int64_t total) {
  const int64_t e = int64_t{blockIdx.x} * kLdlThreads + threadIdx.x;
  if (e >= total) return;
  const int64_t line = e / k, item = line / n, i = line - item * n;
  const int32_t block = blocks[line];
  if (block == static_cast<int32_t>(LdlBlock::second)) return;
  const T* d = ld + (item * n + i) * n + i;
  if (block == static_cast<int32_t>(LdlBlock::single)) {
    x[e] /= d[0];
    return;
  }
  const T d21 = d[n], d11 = d[0] / d21, d22 = d[n + 1] / d21, t = T(1) / (d11 * d22 - T(1)) / d21;
  const T p = x[e], q = x[e + k];
  x[e] = t * (d22 * p - q);
  x[e + k] = t * (d11 * q - p);
}

}  // namespace sinter::cuda

using namespace sinter::cuda;

// exchanges[i] (from 1): the row that row i changes places with, in order; and what each row of D is. A thread has an item.
extern "C" __global__ void __launch_bounds__(kLdlThreads)
    ldl_read_pivots(const int32_t* pivots, int32_t* exchanges, int32_t* blocks, int64_t n, int64_t batch,
                    Fault* fault) {
  const int64_t item = int64_t{blockIdx.x} * kLdlThreads + threadIdx.x;
  if (item >= batch) return;
  pivots += item * n, exchanges += item * n, blocks += item * n;
  bool second = false;
#pragma unroll 1
  for (int64_t i = 0; i < n; i++) {
    const int64_t pivot = pivots[i];
    int64_t other = pivot < 0 ? -pivot : pivot;
    if (other == 0 || other > n) {
      report(fault, 0, pivot, n);
      other = i + 1;
    }
    const bool first = !second && pivot < 0 && i + 1 < n;
    // A pair's exchange is its second row's.
    exchanges[i] = static_cast<int32_t>(first ? i + 1 : other);
    blocks[i] = static_cast<int32_t>(second ? LdlBlock::second : first ? LdlBlock::first : LdlBlock::single);
    second = first;
  }
}

#define SINTER_LDL(T)                                                                                                 \
  extern "C" __global__ void __launch_bounds__(kLdlThreads)                                                           \
      ldl_spread_##T(const T* ld, const int32_t* exchanges, const int32_t* blocks, T* l, int64_t n, int64_t groups) { \
    spread_l(ld, exchanges, blocks, l, n, groups);                                                                    \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(kLdlThreads)                                                           \
      ldl_move_rows_##T(const T* x, const int64_t* order, T* y, int64_t n, int64_t k, int64_t total, int32_t back) {  \
    move_rows(x, order, y, n, k, total, back);                                                                        \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(kLdlThreads)                                                           \
      ldl_solve_blocks_##T(const T* ld, const int32_t* blocks, T* x, int64_t n, int64_t k, int64_t total) {           \
    solve_blocks(ld, blocks, x, n, k, total);                                                                         \
  }
SINTER_LDL(f32)
SINTER_LDL(f64)
