// Products with few rows: matrix times vector, decoding, small heads. Place in the whole: matmul's path where the
// time is the reading of one large operand, which is therefore read once, in the order of memory, in place.
//
// Y (r, n) = X (r, k) * B (k, n), r <= kFewRows, is computed
//   by dot products   where B's columns are contiguous (a Linear layer's weight): vectors along k
//   by rows           where B's rows are contiguous: y += x * row, piece by piece of k
// A product with few columns is the transposed of one with few rows. The order of additions is fixed by k and the number
// of rows.
#include <algorithm>
#include <type_traits>

#include "cpu/gemm/product.h"
#include "cpu/rounding.h"
#include "cpu/simd/ask.h"
#include "cpu/simd/fma.h"
#include "cpu/simd/sums.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kLargeOperand = 16384;     // elements: less is a tile's work
constexpr int64_t kTaskElements = 64 << 10;  // of B, a task
template <class T>
constexpr int64_t kTile = (16 << 10) / static_cast<int64_t>(sizeof(T));  // elements of sums: they stay in L1

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

  const S* matrix(const Product<S>& p, int64_t item) const {
    const Batch::Offsets o = p.batch.offsets(item);
    return b + (transposed ? o.a : o.b);
  }
};

template <class S>
Skinny<S> view(const Product<S>& p) {
  if (p.m <= kFewRows) return {static_cast<int>(p.m), p.n, p.k, p.a, p.rsa, p.csa, p.b, p.rsb, p.csb, false};
  return {static_cast<int>(p.n), p.m, p.k, p.b, p.csb, p.rsb, p.a, p.csa, p.rsa, true};
}

// Columns j0 .. j0 + width of Y on their way into C, of which they are columns or, where Y is the transposed, rows. Kernels exist for 1,
// 2, 4 and 8 rows: those beyond the product's are padding.
template <class S>
class Block {
 public:
  using T = Compute<S>;
  Block(const Product<S>& p, const Skinny<S>& s, int64_t item, int64_t j0, int64_t width)
      : p_(p), item_(item), rows_(s.rows), i0_(s.transposed ? j0 : 0), c0_(s.transposed ? 0 : j0),
        m_(s.transposed ? width : s.rows), n_(s.transposed ? s.rows : width), rs_(s.transposed ? 1 : width),
        cs_(s.transposed ? s.rows : 1) {}

  int rows() const { return rows_; }
  SINTER_INLINE void write(int i, int64_t j, T x) { tile_[i * rs_ + j * cs_] = x; }

  // Everything is written.
  void finish() {
    if (p_.then) {
      finish_block(*p_.then, item_ * p_.m + i0_, c0_, m_, n_, p_.n, tile_, n_);
    } else if (p_.col_bias) {
      for (int64_t i = 0; i < m_; i++)
        for (int64_t j = 0; j < n_; j++) tile_[i * n_ + j] += p_.col_bias[c0_ + j];
    }
    S* c = p_.c + item_ * p_.batch_c + i0_ * p_.ldc + c0_;
    for (int64_t i = 0; i < m_; i++) {
      if constexpr (sizeof(S) == sizeof(T))
        std::copy_n(tile_ + i * n_, n_, c + i * p_.ldc);
      else
        narrow_row(tile_ + i * n_, n_, c + i * p_.ldc);
    }
  }

 private:
  const Product<S>& p_;
  int64_t item_;
  int rows_;
  int64_t i0_, c0_, m_, n_, rs_, cs_;
  alignas(64) T tile_[kTile<T>];
};

constexpr int64_t kAhead = 4096;  // bytes: the latency of memory while a core reads 40 GB/s

// ---- dot products of one row, x (k), column by column, in the order of memory, with four sums each. What is `kAhead` further on, column
// after column, is asked for meanwhile: `near` in this one up to row `turn`, beyond it `far` in the next one. Read past a column's end x
// is zero.
template <class T, class S>
SINTER_INLINE T dot_column(const T* x, const S* column, const S* near, const S* far, int64_t turn, int64_t k) {
  constexpr int lanes = kLanes<T>, vectors = 4;
  constexpr int64_t step = vectors * lanes, line = 64 / static_cast<int64_t>(sizeof(S));
  Vec<T> acc[vectors] = {};
  int64_t kk = 0;
  for (; kk + step <= k; kk += step) {
    const S* const wanted = (kk < turn ? near : far) + kk;
#pragma GCC unroll 4
    for (int64_t u = 0; u < step; u += line) ask_for(wanted + u);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) fma_into(acc[v], load(x + kk + v * lanes), load_wide(column + kk + v * lanes));
  }
  for (; kk + lanes <= k; kk += lanes) fma_into(acc[0], load(x + kk), load_wide(column + kk));
  if (kk < k) {
    const int n = static_cast<int>(k - kk);
    fma_into(acc[1], load(x + kk), load_wide_n(column + kk, n));
  }
  return reduce_add<T>((acc[0] + acc[1]) + (acc[2] + acc[3]));
}

// ---- dot products of several rows. Blocks of columns take k in chunks, so that x's chunk stays in L1 while B streams by; unfinished
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

// The n terms from kk on.
template <class T, class S, int kRows, int kCols>
SINTER_INLINE void add_terms(Vec<T> (&acc)[kCols * kRows], const T* x, int64_t rsx, const S* b, int64_t csb, int64_t kk,
                             int n) {
  Vec<T> bv[kCols];
  unrolled<kCols>([&](auto c) SINTER_STEP {
    bv[c] = n == kLanes<T> ? load_wide(b + c * csb + kk) : load_wide_n(b + c * csb + kk, n);
  });
  unrolled<kRows>([&](auto i) SINTER_STEP {
    const Vec<T> xv = load(x + i * rsx + kk);
    unrolled<kCols>([&](auto c) SINTER_STEP { fma_into(acc[c * kRows + i], xv, bv[c]); });
  });
}

// sums[c * stride + i] += row i of x times column c of b. What comes after these columns, at `next` with the same stride, is asked
// for meanwhile: every column is a run of its own, which the processor does not foresee. A single pass is bound by memory and wants
// what is near; of several each asks for its share, so that the requests keep an even pace.
template <class T, class S, int kRows, int kCols, int kPasses>
SINTER_INLINE void add_dots(const T* x, int64_t rsx, const S* b, int64_t csb, int64_t k, const S* next, Vec<T>* sums,
                            int stride) {
  constexpr int lanes = kLanes<T>;
  constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(S)), turn = kPasses * (line > lanes ? line : lanes);
  Vec<T> acc[kCols * kRows];
  unrolled<kCols * kRows>([&](auto i) SINTER_STEP { acc[i] = sums[i / kRows * stride + i % kRows]; });
  const int64_t ahead = std::min((kRows < 4 ? 512 : 1024) / static_cast<int64_t>(sizeof(S)), k);
  int64_t kk = 0;
  for (; kk + turn <= k; kk += turn) {
    const S* const wanted = kPasses > 1      ? next + kk / kPasses
                            : kk + ahead < k ? b + ahead + kk
                                             : next + (kk + ahead - k);
    unrolled<kCols>([&](auto c) SINTER_STEP { ask_for(wanted + c * csb); });
    unrolled<turn / lanes>(
        [&](auto u) SINTER_STEP { add_terms<T, S, kRows, kCols>(acc, x, rsx, b, csb, kk + u * lanes, lanes); });
  }
  for (; kk + lanes <= k; kk += lanes) add_terms<T, S, kRows, kCols>(acc, x, rsx, b, csb, kk, lanes);
  if (kk < k) add_terms<T, S, kRows, kCols>(acc, x, rsx, b, csb, kk, static_cast<int>(k - kk));
  unrolled<kCols * kRows>([&](auto i) SINTER_STEP { sums[i / kRows * stride + i % kRows] = acc[i]; });
}

template <class T, class S, int kRows>
void dot_columns(const T* x, const S* b, int64_t csb, int64_t k, int64_t columns, Block<S>& block) {
  if constexpr (kRows == 1) {
    constexpr int64_t ahead = kAhead / static_cast<int64_t>(sizeof(S));
    const int64_t skipped = ahead / k, rest = ahead % k;
    for (int64_t j = 0; j < columns; j++, b += csb) {
      const S* const near = b + skipped * csb + rest;
      block.write(0, j, dot_column<T>(x, b, near, near + csb - k, k - rest, k));
    }
    return;
  }
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
      for (int i = 0; i < block.rows(); i++) block.write(i, j + c, reduce_add<T>(sums[c * kRows + i]));
  }
}

// ---- sums of rows. x is (k, kRows).
constexpr int64_t kLongRun = 512;  // columns

// y += x times a row of B; near, far and turn as above.
template <class T, class S>
SINTER_INLINE void add_row(T x, const S* row, const S* near, const S* far, int64_t turn, int64_t width, T* y) {
  constexpr int lanes = kLanes<T>, vectors = 4;
  constexpr int64_t step = vectors * lanes, line = 64 / static_cast<int64_t>(sizeof(S));
  const Vec<T> xv = splat(x);
  int64_t j = 0;
  for (; j + step <= width; j += step) {
    const S* const wanted = (j < turn ? near : far) + j;
#pragma GCC unroll 4
    for (int64_t u = 0; u < step; u += line) ask_for(wanted + u);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
      T* const to = y + j + v * lanes;
      store(to, load(to) + xv * load_wide(row + j + v * lanes));
    }
  }
  for (; j + lanes <= width; j += lanes) store(y + j, load(y + j) + xv * load_wide(row + j));
  if (j < width) store(y + j, load(y + j) + xv * load_wide_n(row + j, static_cast<int>(width - j)));
}

// y (kRows, ldy) += x times kGroup rows of B, so that y is loaded and stored less. kAsk: for the rows of the next group. factor(i, g) is
// x's at row g.
template <class T, class S, int kRows, int kGroup, bool kAsk, int kVectors, class F>
SINTER_INLINE void add_vectors(F factor, const S* b, int64_t rsb, T* y, int64_t ldy, int n) {
  constexpr int lanes = kLanes<T>;
  Vec<T> bv[kGroup * kVectors];
  unrolled<kGroup * kVectors>([&](auto i) SINTER_STEP {
    const S* const from = b + i / kVectors * rsb + i % kVectors * lanes;
    bv[i] = n == lanes ? load_wide(from) : load_wide_n(from, n);
  });
  if constexpr (kAsk) unrolled<kGroup>([&](auto g) SINTER_STEP { ask_for(b + (kGroup + g) * rsb); });
  unrolled<kRows>([&](auto i) SINTER_STEP {
    Vec<T> acc[kVectors];
    unrolled<kVectors>([&](auto v) SINTER_STEP { acc[v] = load(y + i * ldy + v * lanes); });
    unrolled<kGroup>([&](auto g) SINTER_STEP {
      const Vec<T> xv = factor(i, g);
      unrolled<kVectors>([&](auto v) SINTER_STEP { acc[v] += xv * bv[g * kVectors + v]; });
    });
    unrolled<kVectors>([&](auto v) SINTER_STEP { store(y + i * ldy + v * lanes, acc[v]); });
  });
}

template <class T, class S, int kRows, int kGroup>
SINTER_INLINE void add_group(const T* x, const S* b, int64_t rsb, int64_t width, T* y, int64_t ldy) {
  constexpr int lanes = kLanes<T>;
  constexpr bool one = kRows == 1;
  // A single row's stay in registers.
  Vec<T> xs[kGroup];
  unrolled<kGroup>([&](auto g) SINTER_STEP { xs[g] = splat(x[g * kRows]); });
  const auto factor = [&](auto i, auto g) SINTER_STEP { return one ? xs[g] : splat(x[g * kRows + i]); };
  int64_t j = 0;
  for (; j + 2 * lanes <= width; j += 2 * lanes)
    add_vectors<T, S, kRows, kGroup, !one, 2>(factor, b + j, rsb, y + j, ldy, lanes);
  for (; j + lanes <= width; j += lanes)
    add_vectors<T, S, kRows, kGroup, !one, 1>(factor, b + j, rsb, y + j, ldy, lanes);
  if (j < width) add_vectors<T, S, kRows, kGroup, !one, 1>(factor, b + j, rsb, y + j, ldy, static_cast<int>(width - j));
}

// y (kRows, ldy) = x B, `width` columns and k rows of B; ldy is a whole number of vectors. One row of x takes B's
//   one by one   in the order of memory, on which the processor reads ahead, where they are short, or widened: that takes time
//   by groups    where they are long runs of T, of which the processor is ahead by itself
template <class T, class S, int kRows>
void sum_rows(const T* x, const S* b, int64_t rsb, int64_t k, int64_t width, T* y, int64_t ldy) {
  std::fill_n(y, kRows * ldy, T(0));
  if (kRows == 1 && (sizeof(S) != sizeof(T) || width < kLongRun)) {
    constexpr int64_t ahead = kAhead / static_cast<int64_t>(sizeof(S));
    const int64_t rows = ahead / width, rest = ahead % width;
    for (int64_t kk = 0; kk < k; kk++, b += rsb) {
      const S* const near = b + rows * rsb + rest;
      add_row<T>(x[kk], b, near, near + rsb - width, width - rest, width, y);
    }
    return;
  }
  constexpr int group = kManyRegisters || kRows == 1 ? 8 : 4;
  int64_t kk = 0;
  for (; kk + group <= k; kk += group) add_group<T, S, kRows, group>(x + kk * kRows, b + kk * rsb, rsb, width, y, ldy);
  for (; kk < k; kk++) add_group<T, S, kRows, 1>(x + kk * kRows, b + kk * rsb, rsb, width, y, ldy);
}

// k in pieces whose sums are added in order: enough of them to occupy threads, but few, since their sums go through the caches.
constexpr int64_t kMostPieces = 8, kLeastDepth = 64;
struct Pieces {
  int64_t depth, count;
};
Pieces pieces_of(int64_t k) {
  const int64_t depth = round_up(ceil_div(k, std::min(kMostPieces, ceil_div(k, kLeastDepth))), 8);
  return {depth, ceil_div(k, depth)};
}

// Calls f with the number of rows as a constant.
template <class F>
SINTER_INLINE void for_rows(int rows, F f) {
  switch (rows) {
    case 1: return f(std::integral_constant<int, 1>{});
    case 2: return f(std::integral_constant<int, 2>{});
    case 4: return f(std::integral_constant<int, 4>{});
    default: return f(std::integral_constant<int, 8>{});
  }
}

// x: the few rows, once for each item, of the computing dtype, padded with zeros: (item, k / depth, rows, depth).
template <class S>
Compute<S>* widen_rows(const Call& call, const Product<S>& p, const Skinny<S>& s, int rows, int64_t depth) {
  using T = Compute<S>;
  const int64_t padded_k = round_up(s.k, depth);
  T* x = call.scratch_of<T>(p.batch.count * rows * padded_k);
  for (int64_t item = 0; item < p.batch.count; item++) {
    const Batch::Offsets o = p.batch.offsets(item);
    const S* from = s.x + (s.transposed ? o.b : o.a);
    for (int64_t k0 = 0; k0 < padded_k; k0 += depth)
      for (int i = 0; i < rows; i++) {
        T* to = x + (item * padded_k + k0) * rows + i * depth;
        for (int64_t kk = 0; kk < depth; kk++)
          to[kk] = i < s.rows && k0 + kk < s.k ? to_compute(from[i * s.rsx + (k0 + kk) * s.csx]) : T(0);
      }
  }
  return x;
}

template <class S>
void run_by_dots(const Call& call, const Product<S>& p, const Skinny<S>& s, int rows) {
  using T = Compute<S>;
  const int64_t depth = kDepth<T>(rows), items_x = rows * round_up(s.k, depth);
  const T* x = widen_rows(call, p, s, rows, depth);
  const int64_t most = kTile<T> / rows / kDotBlock * kDotBlock;
  const int64_t width = std::clamp<int64_t>(kTaskElements / s.k / kDotBlock * kDotBlock, kDotBlock, most);
  const int64_t blocks = ceil_div(s.n, width);
  parallel_for(
      p.batch.count * blocks, std::max<int64_t>(1, kTaskElements / (width * s.k)), [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; t++) {
          const int64_t item = t / blocks, j0 = t % blocks * width, columns = std::min(width, s.n - j0);
          Block<S> block(p, s, item, j0, columns);
          for_rows(rows, [&](auto count) {
            dot_columns<T, S, count>(x + item * items_x, s.matrix(p, item) + j0 * s.csb, s.csb, s.k, columns, block);
          });
          block.finish();
        }
      });
}

template <class T>
void add_to(T* sums, const T* more, int64_t n) {
  for (int64_t j = 0; j < n; j++) sums[j] += more[j];
}

// A task makes all of k for a block of columns where that gives tasks enough, else one piece of it, whose sums wait for the others'.
constexpr int64_t kTasksPerThread = 4;
constexpr int64_t kNarrowest = 256;      // columns
constexpr int64_t kTaskSums = 16 << 10;  // to add, a task
template <class S>
void run_by_rows(const Call& call, const Product<S>& p, const Skinny<S>& s, int rows) {
  using T = Compute<S>;
  const T* x = widen_rows(call, p, s, rows, 1);
  const Pieces pieces = pieces_of(s.k);
  const int64_t items = p.batch.count;
  const auto sum = [&](int64_t item, int64_t piece, int64_t j0, int64_t width, T* y, int64_t ldy) {
    const int64_t k0 = piece * pieces.depth, depth = std::min(pieces.depth, s.k - k0);
    for_rows(rows, [&](auto count) {
      sum_rows<T, S, count>(x + (item * s.k + k0) * rows, s.matrix(p, item) + k0 * s.rsb + j0, s.rsb, depth, width, y,
                            ldy);
    });
  };
  const auto write = [&](int64_t item, int64_t j0, int64_t width, const T* y, int64_t ldy) {
    Block<S> block(p, s, item, j0, width);
    for (int i = 0; i < s.rows; i++)
      for (int64_t j = 0; j < width; j++) block.write(i, j, y[i * ldy + j]);
    block.finish();
  };

  const int64_t wanted = pool_threads() == 1 ? 1 : kTasksPerThread * pool_threads();
  const int64_t most = kTile<T> / rows;
  const bool cut = pieces.count > 1 && items * ceil_div(s.n, most) < wanted;
  int64_t blocks = ceil_div(s.n, most);
  while (s.n > blocks * kNarrowest && items * blocks * (cut ? pieces.count : 1) < wanted) blocks *= 2;
  const int64_t width = round_up(ceil_div(s.n, blocks), kLanes<T>), ld = width;
  blocks = ceil_div(s.n, width);
  if (!cut) {
    parallel_for(items * blocks, std::max<int64_t>(1, kTaskElements / (width * s.k)), [&](int64_t begin, int64_t end) {
      alignas(64) T total[kTile<T>], part[kTile<T>];
      for (int64_t t = begin; t < end; t++) {
        const int64_t item = t / blocks, j0 = t % blocks * width, columns = std::min(width, s.n - j0);
        sum(item, 0, j0, columns, total, ld);
        for (int64_t piece = 1; piece < pieces.count; piece++) {
          sum(item, piece, j0, columns, part, ld);
          add_to(total, part, rows * ld);
        }
        write(item, j0, columns, total, ld);
      }
    });
    return;
  }
  const int64_t size = rows * ld, apart = blocks * size;  // of one block's sums, of those of two pieces
  T* sums = call.scratch_of<T>(items * pieces.count * apart);
  parallel_for(items * pieces.count * blocks, std::max<int64_t>(1, kTaskElements / (width * pieces.depth)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t t = begin; t < end; t++) {
                   const int64_t j0 = t % blocks * width, rest = t / blocks;
                   sum(rest / pieces.count, rest % pieces.count, j0, std::min(width, s.n - j0), sums + t * size, ld);
                 }
               });
  parallel_for(items * blocks, std::max<int64_t>(1, kTaskSums / (pieces.count * size)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t t = begin; t < end; t++) {
                   const int64_t item = t / blocks, j0 = t % blocks * width;
                   T* total = sums + item * pieces.count * apart + t % blocks * size;
                   for (int64_t piece = 1; piece < pieces.count; piece++) add_to(total, total + piece * apart, size);
                   write(item, j0, std::min(width, s.n - j0), total, ld);
                 }
               });
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
  const Skinny<S> s = view(p);
  const int rows = s.rows <= 2 ? s.rows : s.rows <= 4 ? 4 : 8;
  if (s.rsb == 1)
    run_by_dots(call, p, s, rows);
  else
    run_by_rows(call, p, s, rows);
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
