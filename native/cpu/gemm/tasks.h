// What a product is cut into. Place in the whole: plan.h and grouped.cpp plan their tasks with it and run those that take or
// pack their own panels.
#pragma once
#include <algorithm>

#include "cpu/blocking.h"
#include "cpu/gemm/macro.h"
#include "cpu/gemm/product.h"
#include "cpu/rounding.h"
#include "cpu/tuning.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
constexpr int64_t kSlice = sizeof(T) == 4 ? kKC : kKC / 2;

// How k is cut: `count` slices of `depth`, the last one perhaps shorter.
struct Slices {
  int64_t depth, count;
  SINTER_INLINE int64_t size(int64_t s, int64_t k) const { return std::min(depth, k - s * depth); }
};
template <class T>
SINTER_INLINE Slices slices_of(int64_t k) {
  if (k <= kSlice<T>) return {std::max<int64_t>(k, 1), 1};
  const int64_t depth = round_up(ceil_div(k, ceil_div(k, kSlice<T>)), 8);
  return {depth, ceil_div(k, depth)};
}

struct Plan {
  Source source;
  Slices slices;
  int64_t row_block, col_block, row_blocks, col_blocks;
  int64_t tasks, grain;
  int limit;                         // the most threads that take part; 0: all
  int64_t tile_elements;             // of a task's region: C where its dtype is not T; then what it copies or packs
  int64_t region;                    // elements
  int64_t chunk_slices, chunk_cols;  // shared and ready only
  int64_t pieces;                    // along k
};

// Columns whose packed slice takes half of L2.
template <class T>
static int64_t l2_columns() {
  return columns_in_l2(kSlice<T> * static_cast<int64_t>(sizeof(T)), kNR<T>, 0.5);
}

template <class S>
static void narrow_tile(const Compute<S>* tile, int64_t ld, int64_t m, int64_t n, S* c, int64_t ldc) {
  if constexpr (sizeof(S) != sizeof(Compute<S>))
    for (int64_t i = 0; i < m; i++) narrow_row(tile + i * ld, n, c + i * ldc);
}

// The block's sums are complete, in C itself where that is of the computing dtype.
template <class S>
SINTER_INLINE void complete(const Product<S>& p, int64_t item, int64_t i0, int64_t j0, int64_t m, int64_t n,
                            Compute<S>* sums, int64_t ld, S* c) {
  if (p.then) finish_block(*p.then, item * p.m + i0, j0, m, n, p.n, sums, ld);
  narrow_tile<S>(sums, ld, m, n, c, p.ldc);
}

// sums[i] += the sum of row i of A (rows, k).
template <class T, class S>
static void add_row_sums(const S* a, int64_t rsa, int64_t csa, int64_t rows, int64_t k, T* sums) {
  constexpr int lanes = kLanes<T>;
  int64_t i = 0;
  if (rsa == 1) {
    for (; i + lanes <= rows; i += lanes) {
      Vec<T> total{};
      for (int64_t kk = 0; kk < k; kk++) total += load_wide(a + i + kk * csa);
      store(sums + i, load(sums + i) + total);
    }
  }
  for (; i < rows; i++) {
    T total = 0;
    for (int64_t kk = 0; kk < k; kk++) total += to_compute(a[i * rsa + kk * csa]);
    sums[i] += total;
  }
}

// The panels of B (k, n) for one task: where they lie, or packed into `region`, which takes the last panel anyhow where that is too
// narrow to be read in place.
template <class S>
static Panels<Compute<S>> task_panels(Source source, const S* b, int64_t rsb, int64_t csb, int64_t k, int64_t n,
                                      Compute<S>* region) {
  using T = Compute<S>;
  Panels<T> panels{region, k * kNR<T>, kNR<T>, nullptr};
  if (source == Source::own) {
    pack_panels(b, rsb, csb, k, n, region);
  } else if constexpr (sizeof(S) == sizeof(T)) {
    panels = {b, kNR<T>, rsb, nullptr};
    if (n % kLanes<T>) {
      const int64_t whole = n / kNR<T> * kNR<T>;
      pack_panel(b + whole, rsb, 1, k, static_cast<int>(n - whole), region);
      panels.last = region;
    }
  }
  return panels;
}

// One task with panels in place or its own: C rows i0 .. i0 + m, columns j0 .. j0 + n, over k steps from a and b on.
template <class S>
static void run_tile_task(const Product<S>& p, Source source, const Slices& slices, const S* a, const S* b,
                          Compute<S>* c, int64_t ldc, int64_t m, int64_t n, int64_t k, int64_t j0, bool accumulate,
                          const Compute<S>* bias, Compute<S>* region) {
  using T = Compute<S>;
  b += j0 * p.csb;
  int64_t k0 = 0;
  do {
    const int64_t depth = std::min(slices.depth, k - k0);
    const Panels<T> panels = task_panels(source, b + k0 * p.rsb, p.rsb, p.csb, depth, n, region);
    block_product(m, n, depth, a + k0 * p.csa, p.rsa, p.csa, panels, c, ldc, accumulate || k0 > 0, k0 ? nullptr : bias,
                  static_cast<const T*>(nullptr));
    k0 += depth;
  } while (k0 < k);
}

// Rows, columns and item of a task of run_own.
template <class S>
static void run_own_task(const Product<S>& p, const Plan& plan, int64_t item, int64_t row, int64_t col,
                         Compute<S>* region) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  const Batch::Offsets o = p.batch.offsets(item);
  const int64_t i0 = row * plan.row_block, j0 = col * plan.col_block;
  const int64_t m = std::min(plan.row_block, p.m - i0), n = std::min(plan.col_block, p.n - j0);
  S* c = p.c + item * p.batch_c + i0 * p.ldc + j0;
  const T* bias = p.col_bias ? p.col_bias + j0 : nullptr;
  T* sums;
  int64_t ld;
  if constexpr (native)
    sums = c, ld = p.ldc;
  else
    sums = region, ld = plan.col_block;
  run_tile_task(p, plan.source, plan.slices, p.a + o.a + i0 * p.rsa, p.b + o.b, sums, ld, m, n, p.k, j0, p.accumulate,
                bias, region + plan.tile_elements);
  if (p.row_sums && col == 0) add_row_sums(p.a + i0 * p.rsa, p.rsa, p.csa, m, p.k, p.row_sums + i0);
  complete(p, item, i0, j0, m, n, sums, ld, c);
}

}  // namespace sinter::cpu::SINTER_ISA
