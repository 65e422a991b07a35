// Products with few rows: matrix times vector, decoding, small heads. Place in the whole: matmul's path where the
// time is the reading of one large operand, which is therefore read once, in the order of memory, in place.
//
// Y (r, n) = X (r, k) * B (k, n), r <= kFewRows, is computed
//   by dot products   where B's columns are contiguous (a Linear layer's weight): vectors along k
//   by strips         where B's rows are contiguous: y += x * row, for a strip of columns that stays in L1
// A product with few columns is the transposed of one with few rows. The order of additions is fixed by k alone.
#include <algorithm>
#include <type_traits>

#include "cpu/gemm/product.h"
#include "cpu/simd/fma.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kLargeOperand = 16384;     // elements: less is a tile's work
constexpr int64_t kTaskElements = 64 << 10;  // of B, a task
constexpr int64_t kTile = 4096;              // elements of the result a task makes at a time: they stay in L1

// The product seen from its large operand.
template <class S>
struct Skinny {
  int rows;
  int64_t n, k;
  const S* x;
  int64_t rsx, csx;
  const S* b;
  int64_t rsb, csb;
  bool transposed;
};

template <class S>
Skinny<S> view(const Product<S>& p) {
  if (p.m <= kFewRows) return {static_cast<int>(p.m), p.n, p.k, p.a, p.rsa, p.csa, p.b, p.rsb, p.csb, false};
  return {static_cast<int>(p.n), p.m, p.k, p.b, p.csb, p.rsb, p.a, p.csa, p.rsa, true};
}

// Where one block's results go: element (i, j) of the few rows and the block's columns is a tile's element in C's own orientation.
// Kernels exist for 1, 2, 4 and 8 rows: those beyond `rows` are padding.
template <class T>
struct Sink {
  int rows;
  T* tile;
  int64_t rs, cs;
  SINTER_INLINE void write(int i, int64_t j, T x) const { tile[i * rs + j * cs] = x; }
};

// ---- dot products. Blocks of columns take k in chunks, so that x's chunk stays in L1 while B streams by; unfinished
// sums wait as vectors. x is (chunks, rows, kDepth): rows a power of two apart would meet in the same sets of L1.
template <class T>
constexpr int64_t kDepth(int rows) {
  return (16 << 10) / (rows * static_cast<int64_t>(sizeof(T)));
}
constexpr int64_t kDotBlock = 12;  // columns

// Rows and columns whose sums fill the registers, so that an operand loaded is used several times: with 16 registers eight rows go
// in two passes over columns that are in L1 the second time.
constexpr bool kManyRegisters = kVecBytes != 32;
constexpr int dot_rows(int rows) { return kManyRegisters || rows < 4 ? rows : 4; }
constexpr int dot_columns_at_once(int rows) { return rows < 4 || (kManyRegisters && rows == 4) ? 4 : 3; }

// sums[c * stride + i] += row i of x times column c of b. What comes after these columns, at `next` with the same stride, is asked
// for meanwhile: every column is a run of its own, which the processor does not foresee. A single pass is bound by memory and wants
// what is near; of several each asks for its share, so that the requests keep an even pace.
template <class T, class S, int kRows, int kCols, int kPasses>
SINTER_INLINE void add_dots(const T* x, int64_t rsx, const S* b, int64_t csb, int64_t k, const S* next, Vec<T>* sums,
                            int stride) {
  constexpr int lanes = kLanes<T>;
  constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(S)), turn = kPasses * (line > lanes ? line : lanes);
  Vec<T> acc[kCols][kRows];
#pragma GCC unroll 4
  for (int c = 0; c < kCols; c++)
#pragma GCC unroll 8
    for (int i = 0; i < kRows; i++) acc[c][i] = sums[c * stride + i];
  const auto step = [&](int64_t kk, int n) __attribute__((always_inline)) {
    Vec<T> bv[kCols];
#pragma GCC unroll 4
    for (int c = 0; c < kCols; c++) bv[c] = n == lanes ? load_wide(b + c * csb + kk) : load_wide_n(b + c * csb + kk, n);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; i++) {
      const Vec<T> xv = load(x + i * rsx + kk);
#pragma GCC unroll 4
      for (int c = 0; c < kCols; c++) fma_into(acc[c][i], xv, bv[c]);
    }
  };
  const int64_t ahead = std::min((kRows < 4 ? 512 : 1024) / static_cast<int64_t>(sizeof(S)), k);
  int64_t kk = 0;
  for (; kk + turn <= k; kk += turn) {
    const S* const wanted = kPasses > 1      ? next + kk / kPasses
                            : kk + ahead < k ? b + ahead + kk
                                             : next + (kk + ahead - k);
#pragma GCC unroll 4
    for (int c = 0; c < kCols; c++) __builtin_prefetch(wanted + c * csb);
#pragma GCC unroll 8
    for (int64_t u = 0; u < turn; u += lanes) step(kk + u, lanes);
  }
  for (; kk + lanes <= k; kk += lanes) step(kk, lanes);
  if (kk < k) step(kk, static_cast<int>(k - kk));
#pragma GCC unroll 4
  for (int c = 0; c < kCols; c++)
#pragma GCC unroll 8
    for (int i = 0; i < kRows; i++) sums[c * stride + i] = acc[c][i];
}

template <class T, class S, int kRows>
void dot_columns(const T* x, const S* b, int64_t csb, int64_t k, int64_t columns, const Sink<T>& sink) {
  constexpr int at_once = dot_rows(kRows), passes = kRows / at_once, cols = dot_columns_at_once(kRows);
  constexpr int64_t chunk = kDepth<T>(kRows);
  for (int64_t j = 0; j < columns; j += kDotBlock) {
    const int64_t width = std::min(kDotBlock, columns - j);
    Vec<T> sums[kDotBlock * kRows] = {};
    for (int64_t kk = 0; kk < k; kk += chunk) {
      const int64_t depth = std::min(chunk, k - kk);
      const T* xs = x + kk * kRows;
      const auto group = [&](int64_t c, auto count) __attribute__((always_inline)) {
        const S* from = b + (j + c) * csb + kk;
        const S* next = c + 2 * cols <= width             ? from + cols * csb
                        : kk + chunk < k                  ? b + j * csb + kk + chunk
                        : j + kDotBlock + cols <= columns ? b + (j + kDotBlock) * csb
                                                          : from;
#pragma GCC unroll 2
        for (int i = 0; i < kRows; i += at_once)
          add_dots<T, S, at_once, count, passes>(xs + i * chunk, chunk, from, csb, depth, next + depth / kRows * i,
                                                 sums + c * kRows + i, kRows);
      };
      int64_t c = 0;
      for (; c + cols <= width; c += cols) group(c, std::integral_constant<int, cols>{});
      for (; c < width; c++) group(c, std::integral_constant<int, 1>{});
    }
    for (int64_t c = 0; c < width; c++)
      for (int i = 0; i < sink.rows; i++) sink.write(i, j + c, reduce_add<T>(sums[c * kRows + i]));
  }
}

// ---- strips: kGroup rows of B at a time onto a strip of y (kRows, kStrip); x is (k, kRows). kAsk: for the rows of the next group,
// each a run of its own in memory. Where arithmetic takes no time and runs are long the processor itself is ahead by more.
constexpr int64_t kLongRun = 512;  // columns
template <class T, class S, int kRows, int kGroup, int kVectors, bool kAsk>
SINTER_INLINE void add_rows(const T* x, const S* b, int64_t rsb, T* y, int tail) {
  constexpr int lanes = kLanes<T>;
  constexpr int64_t kStrip = kTile / kRows;
  Vec<T> bv[kGroup][kVectors];
#pragma GCC unroll 8
  for (int g = 0; g < kGroup; g++)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++)
      bv[g][v] = tail ? load_wide_n(b + g * rsb, tail) : load_wide(b + g * rsb + v * lanes);
  if (kAsk) {
#pragma GCC unroll 8
    for (int g = 0; g < kGroup; g++) __builtin_prefetch(b + (kGroup + g) * rsb);
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; i++) {
    Vec<T> acc[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) acc[v] = load(y + i * kStrip + v * lanes);
#pragma GCC unroll 8
    for (int g = 0; g < kGroup; g++) {
      const Vec<T> xv = splat(x[g * kRows + i]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; v++) acc[v] += xv * bv[g][v];
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v++) store(y + i * kStrip + v * lanes, acc[v]);
  }
}

template <class T, class S, int kRows, int kGroup, bool kAsk>
SINTER_INLINE void add_group(const T* x, const S* b, int64_t rsb, int64_t width, T* y) {
  constexpr int lanes = kLanes<T>;
  int64_t j = 0;
  for (; j + 2 * lanes <= width; j += 2 * lanes) add_rows<T, S, kRows, kGroup, 2, kAsk>(x, b + j, rsb, y + j, 0);
  for (; j + lanes <= width; j += lanes) add_rows<T, S, kRows, kGroup, 1, kAsk>(x, b + j, rsb, y + j, 0);
  if (j < width) add_rows<T, S, kRows, kGroup, 1, kAsk>(x, b + j, rsb, y + j, static_cast<int>(width - j));
}

template <class T, class S, int kRows>
void strip(const T* x, const S* b, int64_t rsb, int64_t k, int64_t width, const Sink<T>& sink) {
  constexpr int group = kVecBytes == 64 || kRows == 1 ? 8 : 4;
  constexpr int64_t kStrip = kTile / kRows;
  alignas(64) T y[kTile] = {};
  const auto add = [&](auto ask) {
    int64_t kk = 0;
    for (; kk + group <= k; kk += group)
      add_group<T, S, kRows, group, ask>(x + kk * kRows, b + kk * rsb, rsb, width, y);
    for (; kk < k; kk++) add_group<T, S, kRows, 1, ask>(x + kk * kRows, b + kk * rsb, rsb, width, y);
  };
  if (kRows == 1 && width >= kLongRun)
    add(std::false_type{});
  else
    add(std::true_type{});
  for (int i = 0; i < sink.rows; i++)
    for (int64_t j = 0; j < width; j++) sink.write(i, j, y[i * kStrip + j]);
}

}  // namespace

template <class S>
bool is_skinny(const Product<S>& p) {
  if ((p.m > kFewRows && p.n > kFewRows) || p.accumulate || p.m == 0 || p.n == 0) return false;
  const Skinny<S> s = view(p);
  if (s.n * s.k < kLargeOperand) return false;
  if (s.rsb == 1) return s.k >= 2 * kLanes<Compute<S>>;
  return s.csb == 1 && s.n >= 4 * kLanes<Compute<S>>;
}

template <class S>
void run_skinny(const Call& call, const Product<S>& p) {
  using T = Compute<S>;
  const Skinny<S> s = view(p);
  const bool by_dots = s.rsb == 1;
  const int rows = s.rows <= 2 ? s.rows : s.rows <= 4 ? 4 : 8;
  const int64_t depth = by_dots ? kDepth<T>(rows) : 1, padded_k = (s.k + depth - 1) / depth * depth;
  // The few rows, once for each item, of the computing dtype, padded with zeros: (k / depth, rows, depth).
  T* x = call.scratch_of<T>(p.batch.count * rows * padded_k);
  for (int64_t item = 0; item < p.batch.count; item++) {
    const Batch::Offsets o = p.batch.offsets(item);
    const S* from = s.x + (s.transposed ? o.b : o.a);
    for (int64_t k0 = 0; k0 < padded_k; k0 += depth)
      for (int i = 0; i < rows; i++) {
        T* to = x + (item * padded_k + k0) * rows + i * depth;
        for (int64_t kk = 0; kk < depth; kk++)
          to[kk] = i < s.rows && k0 + kk < s.k ? widen(from[i * s.rsx + (k0 + kk) * s.csx]) : T(0);
      }
  }
  // Blocks of columns; strips no wider than their share of a thread.
  int64_t block = kTile / rows;
  if (by_dots)
    block = std::clamp<int64_t>(kTaskElements / s.k / kDotBlock * kDotBlock, kDotBlock, block / kDotBlock * kDotBlock);
  else
    while (block > 128 && p.batch.count * ((s.n + block - 1) / block) < 2 * pool_threads()) block /= 2;
  const int64_t blocks = (s.n + block - 1) / block;
  const int64_t grain = std::max<int64_t>(1, kTaskElements / (block * s.k));
  parallel_for(p.batch.count * blocks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t item = t / blocks, j0 = t % blocks * block, width = std::min(block, s.n - j0);
      const Batch::Offsets o = p.batch.offsets(item);
      const S* b = s.b + (s.transposed ? o.a : o.b);
      const T* items_x = x + item * rows * padded_k;
      // C's rows i0 .. i0 + m, columns c0 .. c0 + n.
      const int64_t i0 = s.transposed ? j0 : 0, c0 = s.transposed ? 0 : j0;
      const int64_t m = s.transposed ? width : s.rows, n = s.transposed ? s.rows : width;
      alignas(64) T tile[kTile];
      const Sink<T> sink{s.rows, tile, s.transposed ? 1 : width, s.transposed ? s.rows : 1};
      const auto compute = [&](auto count) {
        if (by_dots)
          dot_columns<T, S, count>(items_x, b + j0 * s.csb, s.csb, s.k, width, sink);
        else
          strip<T, S, count>(items_x, b + j0, s.rsb, s.k, width, sink);
      };
      switch (rows) {
        case 1: compute(std::integral_constant<int, 1>{}); break;
        case 2: compute(std::integral_constant<int, 2>{}); break;
        case 4: compute(std::integral_constant<int, 4>{}); break;
        default: compute(std::integral_constant<int, 8>{});
      }
      if (p.then) {
        finish_block(*p.then, item * p.m + i0, c0, m, n, p.n, tile, n);
      } else if (p.col_bias) {
        for (int64_t i = 0; i < m; i++)
          for (int64_t j = 0; j < n; j++) tile[i * n + j] += p.col_bias[c0 + j];
      }
      S* c = p.c + item * p.batch_c + i0 * p.ldc + c0;
      for (int64_t i = 0; i < m; i++) {
        if constexpr (sizeof(S) == sizeof(T))
          std::copy_n(tile + i * n, n, c + i * p.ldc);
        else
          narrow_row(tile + i * n, n, c + i * p.ldc);
      }
    }
  });
}

#define SINTER_INSTANTIATE(S)                 \
  template bool is_skinny(const Product<S>&); \
  template void run_skinny(const Call&, const Product<S>&);
SINTER_INSTANTIATE(float)
SINTER_INSTANTIATE(double)
SINTER_INSTANTIATE(bf16)
SINTER_INSTANTIATE(f16)
#undef SINTER_INSTANTIATE

}  // namespace sinter::cpu::SINTER_ISA
