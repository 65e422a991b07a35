// Sums down the columns of a matrix (n, columns), read row by row. Place in the whole: batch normalization where channels
// lie side by side: channels-last images, and vectors. Blocks of rows that fit the caches are summed on any thread into
// rows of their own, which are then added up in order.
#pragma once
#include "cpu/norm/moments.h"
#include "cpu/norm/partials.h"

namespace sinter::cpu::SINTER_ISA {

// Rows of a block: few enough that its second reading comes from the caches and that f32 sums keep their digits.
struct RowBlocks {
  int64_t height, count;

  RowBlocks(int64_t n, int64_t columns)
      : height(std::clamp<int64_t>(kRangeElements / std::max<int64_t>(columns, 1), 8, 256)),
        count((n + height - 1) / height) {}
};

// K sums a column of the rows begin .. end into sums (K, columns), for the columns from j on that make whole groups of kWide
// vectors, which stay in registers down the block; returns the next column.
template <class T, int K, int kWide, class F>
SINTER_INLINE int64_t grouped_column_sums(int64_t begin, int64_t end, int64_t columns, int64_t j, Compute<T>* sums,
                                          F f) {
  using C = Compute<T>;
  constexpr int64_t L = kStep<T>;
  for (; j + kWide * L <= columns; j += kWide * L) {
    Vec<C> total[kWide][K] = {}, v[K];
    for (int64_t i = begin; i < end; i++)
#pragma GCC unroll 8
      for (int64_t u = 0; u < kWide; u++) {
        f(i * columns + j + u * L, j + u * L, Whole{}, v);
        for (int k = 0; k < K; k++) total[u][k] += v[k];
      }
    for (int64_t u = 0; u < kWide; u++)
      for (int k = 0; k < K; k++) store(sums + k * columns + j + u * L, total[u][k]);
  }
  return j;
}

// All columns; f(at, j, part, v) sets the terms of the elements from offset `at`, column j. Groups are as wide as registers and
// columns allow: one vector down the block would wait for its own additions.
template <class T, int K, class F>
SINTER_INLINE void block_column_sums(int64_t begin, int64_t end, int64_t columns, Compute<T>* sums, F f) {
  using C = Compute<T>;
  int64_t j = grouped_column_sums<T, K, 8 / K>(begin, end, columns, 0, sums, f);
  j = grouped_column_sums<T, K, 4 / K>(begin, end, columns, j, sums, f);
  if constexpr (K == 1) j = grouped_column_sums<T, K, 2>(begin, end, columns, j, sums, f);
  each_step<T>(columns - j, [&](int64_t step, auto part) {
    const int64_t at = j + step;
    Vec<C> total[K] = {}, v[K];
    for (int64_t i = begin; i < end; i++) {
      f(i * columns + at, at, part, v);
      for (int k = 0; k < K; k++) total[k] += v[k];
    }
    for (int k = 0; k < K; k++) put(part, sums + k * columns + at, total[k]);
  });
}

// Sums over all n rows, in f64: total (K, columns).
template <class T, int K, class F>
void column_sums(const Call& c, int64_t n, int64_t columns, double* total, F f) {
  using C = Compute<T>;
  const RowBlocks blocks(n, columns);
  C* sums = c.scratch_of<C>(blocks.count * K * columns);
  parallel_for(blocks.count, 1, [=](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; b++)
      block_column_sums<T, K>(b * blocks.height, std::min(n, (b + 1) * blocks.height), columns, sums + b * K * columns,
                              f);
  });
  parallel_for(K * columns, grain_of(blocks.count), [=](int64_t begin, int64_t end) {
    add_partials(sums, blocks.count, K * columns, begin, end, [=](int64_t j, double sum) { total[j] = sum; });
  });
}

// Means and squared deviations of the columns.
struct ColumnMoments {
  double *mean, *squares;
};

template <class T>
ColumnMoments column_moments(const Call& c, const T* x, int64_t n, int64_t columns) {
  using C = Compute<T>;
  const RowBlocks blocks(n, columns);
  C* parts = c.scratch_of<C>(blocks.count * 2 * columns);  // a block's means, then its squared deviations from them
  parallel_for(blocks.count, 1, [=](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; b++) {
      const int64_t begin = b * blocks.height, end = std::min(n, begin + blocks.height);
      C *mean = parts + b * 2 * columns, *squares = mean + columns;
      block_column_sums<T, 1>(begin, end, columns, mean,
                              [=](int64_t at, int64_t, auto part, Vec<C>(&v)[1]) { v[0] = get(part, x + at); });
      const C share = static_cast<C>(1 / static_cast<double>(end - begin));
      for (int64_t j = 0; j < columns; j++) mean[j] *= share;
      block_column_sums<T, 1>(begin, end, columns, squares, [=](int64_t at, int64_t j, auto part, Vec<C>(&v)[1]) {
        v[0] = get(part, x + at) - get(part, mean + j);
        v[0] *= v[0];
      });
    }
  });
  ColumnMoments all{c.scratch_of<double>(columns), c.scratch_of<double>(columns)};
  parallel_for(columns, grain_of(8 * blocks.count), [=](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j++) {
      Moments m;
      for (int64_t b = 0; b < blocks.count; b++) {
        const C* part = parts + b * 2 * columns + j;
        m.merge(static_cast<double>(std::min(n, (b + 1) * blocks.height) - b * blocks.height), part[0], part[columns]);
      }
      all.mean[j] = m.mean, all.squares[j] = m.squares;
    }
  });
  return all;
}

}  // namespace sinter::cpu::SINTER_ISA
