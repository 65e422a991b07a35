// The steps of a batch of sequences, and the products of one step. Place in the whole: shared by forward.cpp and backward.cpp.
//
// Rows lie step after step: step t has rows first(t) .. first(t) + rows(t), one a sequence that is that long, longest sequences
// first. So the sequences of a step are the first ones of the step before.
#pragma once
#include "cpu/gemm/block.h"
#include "cpu/gemm/product.h"
#include "cpu/rounding.h"
#include "cpu/simd/ask.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

struct Steps {
  int64_t count, batch;
  const int64_t* offsets;  // (count + 1)
  bool reverse;

  // The step that is the s-th to be computed.
  SINTER_INLINE int64_t at(int64_t s) const { return reverse ? count - 1 - s : s; }
  SINTER_INLINE int64_t first(int64_t t) const { return offsets[t]; }
  SINTER_INLINE int64_t rows(int64_t t) const { return offsets[t + 1] - offsets[t]; }
};

// n rows; sizes (steps) i64: each step's rows, or absent: `batch` each.
static Steps read_steps(const Call& c, const char* op, int64_t n, const TensorRef& sizes, int64_t batch, bool reverse) {
  const int64_t count = sizes.present() ? sizes.numel : batch ? n / batch : 0;
  int64_t* offsets = c.scratch_of<int64_t>(count + 1);
  offsets[0] = 0;
  for (int64_t t = 0, before = batch; t < count; t++) {
    const int64_t rows = sizes.present() ? sizes.as<int64_t>()[t] : batch;
    if (rows < 1 || rows > before || (t == 0 && rows != batch))
      fail(ErrorCode::index_out_of_range, "%s: step %lld has %lld sequences, the step before %lld", op,
           static_cast<long long>(t), static_cast<long long>(rows), static_cast<long long>(before));
    offsets[t + 1] = offsets[t] + (before = rows);
  }
  if (offsets[count] != n)
    fail(ErrorCode::index_out_of_range, "%s: steps of %lld rows in all for %lld rows", op,
         static_cast<long long>(offsets[count]), static_cast<long long>(n));
  return {count, batch, offsets, reverse};
}

// Rows that a step's products read lie this far apart, so that those of one tile do not meet in one set of L1.
template <class T>
SINTER_INLINE int64_t padded(int64_t width) {
  return round_up(width, kLanes<T>) + 64 / static_cast<int64_t>(sizeof(T));
}

// Units, or other columns, are handled in blocks as wide as a panel.
template <class T>
SINTER_INLINE int64_t blocks_of(int64_t n) {
  return ceil_div(n, kNR<T>);
}
template <class T>
SINTER_INLINE int block_width(int64_t block, int64_t n) {
  return static_cast<int>(n - block * kNR<T> < kNR<T> ? n - block * kNR<T> : kNR<T>);
}

// Blocks of a step that are worth a hand-over together: some microseconds. A step of few sequences takes the time of its weights' way.
template <class T>
SINTER_INLINE int64_t step_grain(int64_t rows, int64_t k, int64_t panels) {
  const int64_t work = 2 * (rows < 4 ? 4 : rows) * k * panels * kNR<T>;
  return 400000 / (work + 1) + 1;
}

// What the cells behind a product read and write: columns of rows that lie far apart, each from memory or another core's cache. The
// product asks for some rows after each of its tiles, as all of them at once would wait for each other.
template <class T>
class Ahead {
 public:
  Ahead(int64_t rows, int64_t cols, int64_t turns) : rows_(rows), cols_(cols), turns_(turns) {}
  // Rows ld apart; nothing where there is no first one.
  void add(const T* first, int64_t ld) {
    if (first) streams_[count_++] = {first, ld};
  }
  // The next turn's rows.
  void ask() {
    const int64_t end = turn_ < turns_ ? rows_ * ++turn_ / turns_ : rows_;
    for (; row_ < end; row_++)
      for (int i = 0; i < count_; i++) {
        const T* row = streams_[i].first + row_ * streams_[i].ld;
        for (int64_t u = 0; u < cols_; u += 64 / static_cast<int64_t>(sizeof(T))) ask_for(row + u);
      }
  }

 private:
  struct Stream {
    const T* first;
    int64_t ld;
  };
  const int64_t rows_, cols_, turns_;
  int64_t turn_ = 0, row_ = 0;
  int count_ = 0;
  Stream streams_[12];
};

constexpr int64_t kStepDepth = 512;  // of a panel that stays in L2 for all tiles of rows

// Tiles of a product with a panel: as often it asks for what is ahead.
template <class T>
static int64_t panel_tiles(int64_t rows, int64_t k) {
  return RowTiles(rows).count * ceil_div(k, kStepDepth);
}

// C (rows, cols) = [C +] A (rows, k) * panel (k, kNR) [+ bias]. Of few rows, for which the panel comes from memory or the last cache at its
// own pace, it asks for what follows the panel; more rows leave the hardware the time for that.
template <class T>
static void panel_product(int64_t rows, int64_t k, const T* a, int64_t lda, const T* panel, T* c, int64_t ldc, int cols,
                          bool accumulate, const T* bias, Ahead<T>* ahead = nullptr) {
  const RowTiles tiles(rows);
  MicroTile<T> tile;
  tile.rsa = lda;
  tile.csa = 1;
  tile.ldb = kNR<T>;
  tile.ldc = ldc;
  tile.cols = cols;
  tile.pace = 64;
  tile.accumulate = accumulate;
  tile.col_bias = bias;
  int64_t k0 = 0;
  do {  // once where k is 0
    tile.k = k - k0 < kStepDepth ? k - k0 : kStepDepth;
    tile.b = panel + k0 * kNR<T>;
    const T* next = tile.b + tile.k * kNR<T>;
    for (int64_t i = 0; i < tiles.count; i++) {
      const RowTile r = tiles[i];
      tile.rows = r.rows;
      tile.wanted = tiles.count == 1 ? next : nullptr;
      tile.a = a + r.first * lda + k0;
      tile.c = c + r.first * ldc;
      micro_kernel(tile);
      if (ahead) ahead->ask();
    }
    tile.accumulate = true;
    tile.col_bias = nullptr;
  } while ((k0 += kStepDepth) < k);
}

// A product outside of the steps.
template <class T>
static void multiply(const Call& c, const Product<T>& p) {
  if (!p.packed_b && is_skinny(p))
    run_skinny(c, p);
  else
    run_product(c, p);
}

// A vector, or the first n lanes of one.
template <class T>
SINTER_INLINE Vec<T> get(const T* p, int n) {
  return n == kLanes<T> ? load(p) : load_n(p, n);
}
template <class T>
SINTER_INLINE void put(T* p, Vec<T> v, int n) {
  if (n == kLanes<T>)
    store(p, v);
  else
    store_n(p, v, n);
}

// Rows of `width` elements.
template <class T>
static void copy_rows_of(int64_t rows, int64_t width, const T* from, int64_t ld_from, T* to, int64_t ld_to) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t i = 0; i < width; i++) to[r * ld_to + i] = from ? from[r * ld_from + i] : T(0);
}

}  // namespace sinter::cpu::SINTER_ISA
