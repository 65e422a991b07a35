// Products in the compute type. Place in the whole: how forward.h and backward.h multiply, for every type on every processor;
// bf16 has pairs.h's where the processor multiplies pairs.
#pragma once
#include "cpu/attention/problem.h"

namespace sinter::cpu::SINTER_ISA {

template <class Storage>
struct Wide {
  using T = Storage;
  using C = Compute<T>;
  using Element = C;  // of panels
  using Factor = C;   // of what is read by rows
  static constexpr int L = kLanes<C>, W = kWidth<C>;
  static constexpr int64_t kKeys = 1;     // in a term
  static constexpr bool kInPlace = true;  // weights take the place of scores

  static int64_t terms(int64_t n) { return n; }

  // Transposed queries, times the scores' scale.
  static void across(const T* rows, int64_t row, int64_t n, int64_t d, C unit, C* panel) {
    transpose_in(rows, row, n, d, panel, [&](auto part, const T* x) { return get(part, x) * unit; });
  }
  template <int NV>
  static void scores(int64_t keys, int64_t terms, ByRows<C> k, const C* q, C, C* out) {
    product<C, NV>(keys, terms, k, q, out, Fresh{});
  }

  // Rows [j, j + n) of keys or values as one run: as they lie, or a copy.
  static int64_t row_words(const Problem& p, int64_t width) {
    return std::is_same_v<T, C> && !p.table ? 0 : kKeyBlock * round_up(width, L);
  }
  static ByRows<C> rows(const Problem& p, const HeadRows& x, const Sequence& at, int64_t kv, int64_t j, int64_t n,
                        int64_t width, C* copy) {
    const Run<T> first = p.run<T>(x, at, kv, j, n);
    if constexpr (std::is_same_v<T, C>) {
      if (first.n == n) return {first.rows, x.row};
    }
    const int64_t apart = round_up(width, L);
    for (int64_t done = 0; done < n;) {
      const Run<T> run = p.run<T>(x, at, kv, j + done, n - done);
      copy_rows(run.rows, x.row, run.n, width, copy + done * apart);
      done += run.n;
    }
    return {copy, apart};
  }
  // The same, read down the keys.
  static int64_t column_words(const Problem& p, int64_t width) { return row_words(p, width); }
  static ByTerms<C> columns(const Problem& p, const HeadRows& x, const Sequence& at, int64_t kv, int64_t j, int64_t n,
                            int64_t width, C* copy) {
    const ByRows<C> lying = rows(p, x, at, kv, j, n, width, copy);
    return {lying.data, lying.row};
  }
  static ByTerms<C> from_key(ByTerms<C> x, int64_t key) { return {x.data + key * x.apart, x.apart}; }

  // Weights of one vector of queries.
  static SINTER_INLINE void keep(C* weights, int64_t key, Vec<C> first, Vec<C> second) {
    keep(weights, key, first);
    keep(weights, key + 1, second);
  }
  static SINTER_INLINE void keep(C* weights, int64_t key, Vec<C> x) { store(weights + key * W, x); }

  // For sums over queries. Their other operand: columns of n rows, as panels (lines, W) side by side.
  static void side_by_side(const T* rows, int64_t row, int64_t n, int64_t d, int64_t lines, C* panels) {
    panels_in(rows, row, n, d, lines, panels);
  }
  static ByRows<C> factors(const C* data, int64_t row) { return {data, row}; }
  // A key's line of factors; and the same as keep has it.
  static SINTER_INLINE void keep_factors(C* factors, int64_t key, const Vec<C> (&x)[1][2]) {
    store(factors + key * W, x[0][0]);
    store(factors + key * W + L, x[0][1]);
  }
  static SINTER_INLINE void keep_both(C* factors, C*, int64_t key, const Vec<C> (&x)[1][2]) {
    keep_factors(factors, key, x);
  }
};

}  // namespace sinter::cpu::SINTER_ISA
