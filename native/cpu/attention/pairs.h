// Products of bf16 by pairs (simd/pairs.h), two terms an instruction. Place in the whole: how forward.h and backward.h multiply bf16
// where the processor has AVX512-BF16; wide.h's counterpart.
// Scores: a term is two neighbouring elements of a head, so keys are read as they lie, 32 bits at a time, and queries are transposed
// as they are, unscaled, which is exact. Values: a term is two neighbouring keys; values are interleaved once a block, and weights
// rounded to bf16 as they are made. Sums are f32.
#pragma once
#include "cpu/attention/problem.h"
#include "cpu/simd/pairs.h"

namespace sinter::cpu::SINTER_ISA {

// A term: pairs times pairs.
struct Paired {
  using Element = uint32_t;
  using Lanes = Vu;
  static SINTER_INLINE Vu factor(const void* p) {
    uint32_t pair;
    std::memcpy(&pair, p, sizeof pair);
    return pair + Vu{};
  }
  static SINTER_INLINE void multiply(Vf& acc, Vu a, Vu b) {
#if defined(__AVX512BF16__)
    asm("vdpbf16ps %2, %1, %0" : "+v"(acc) : "v"(a), "v"(b));  // as fma_into
#else
    acc = dot_pairs(acc, a, b);
#endif
  }
};

struct Pairs {
  using T = bf16;
  using C = float;
  using Element = uint32_t;
  using Factor = bf16;
  using Rows = ByRows<bf16, Paired, 2>;
  using Columns = ByTerms<uint32_t, Paired>;
  static constexpr int L = kLanes<C>, W = kWidth<C>;
  static constexpr int64_t kKeys = 2;
  static constexpr bool kInPlace = false;

  static int64_t terms(int64_t n) { return pairs_of(n); }

  static void across(const bf16* rows, int64_t row, int64_t n, int64_t d, float, uint32_t* panel) {
    for (int64_t i = 0; i < W; i += L)
      for (int64_t j = 0; j < d; j += 2 * L) {
        const int64_t present = std::min<int64_t>(2 * L, d - j), lines = pairs_of(present);
        Vf square[L];  // of pairs: shuffles move any bits
#pragma GCC unroll 16
        for (int r = 0; r < L; r++)
          square[r] = i + r < n ? (Vf)load_pairs(rows + (i + r) * row + j, static_cast<int>(present)) : Vf{};
        transpose_square<float>(square);
#pragma GCC unroll 16
        for (int r = 0; r < L; r++)
          if (r < lines) store_pairs(panel + (j / 2 + r) * W + i, (Vu)square[r]);
      }
  }
  template <int NV>
  static void scores(int64_t keys, int64_t terms, Rows k, const uint32_t* q, float unit, float* out) {
    product<C, NV>(keys, terms, k, q, out, Scaled<float>(unit));
  }

  // As they lie, or a copy where they lie apart or the last pair is half a one.
  static int64_t row_words(const Problem& p, int64_t width) {
    return width % 2 == 0 && !p.table ? 0 : kKeyBlock * pairs_of(width);
  }
  static Rows rows(const Problem& p, const HeadRows& x, const Sequence& at, int64_t kv, int64_t j, int64_t n,
                   int64_t width, float* words) {
    const Run<bf16> first = p.run<bf16>(x, at, kv, j, n);
    if (width % 2 == 0 && first.n == n) return {first.rows, x.row};
    auto* copy = reinterpret_cast<bf16*>(words);
    const int64_t apart = 2 * pairs_of(width);
    for (int64_t i = 0; i < n; i++) {
      std::memcpy(copy + i * apart, p.run<bf16>(x, at, kv, j + i, 1).rows, static_cast<size_t>(width) * sizeof(bf16));
      if (width % 2) copy[i * apart + width] = bf16{};
    }
    return {copy, apart};
  }

  static int64_t column_words(const Problem&, int64_t width) { return kKeyBlock / 2 * round_up(width, L); }
  static Columns columns(const Problem& p, const HeadRows& x, const Sequence& at, int64_t kv, int64_t j, int64_t n,
                         int64_t width, float* words) {
    auto* pairs = reinterpret_cast<uint32_t*>(words);
    const int64_t apart = round_up(width, L);
    for (int64_t i = 0; i < n; i += 2) {
      const bf16* low = p.run<bf16>(x, at, kv, j + i, 1).rows;
      const bf16* high = i + 1 < n ? p.run<bf16>(x, at, kv, j + i + 1, 1).rows : nullptr;
      interleave_rows(low, high, width, apart, pairs + i / 2 * apart);
    }
    return {pairs, apart};
  }
  static Columns from_key(Columns x, int64_t key) { return {x.data + key / 2 * x.apart, x.apart}; }

  // Pairs of two rows of `width` elements, with zeros up to `whole`; a row that is null is one of zeros.
  static void interleave_rows(const bf16* first, const bf16* second, int64_t width, int64_t whole, uint32_t* to) {
    for (int64_t e = 0; e < whole; e += L) {
      const int n = std::max(0, lanes_of(width - e));
      const Vu low = first ? load_halves(first + e, n) : Vu{}, high = second ? load_halves(second + e, n) : Vu{};
      store_pairs(to + e, low | high << 16);
    }
  }

  static SINTER_INLINE void keep(uint32_t* weights, int64_t key, Vf first, Vf second) {
    store_pairs(weights + (key >> 1) * W, rounded_pairs(first, second));
  }
  static SINTER_INLINE void keep(uint32_t* weights, int64_t key, Vf x) { keep(weights, key, x, Vf{}); }

  // A term of a sum over queries is two neighbouring queries: factors are rows of bf16.
  static void side_by_side(const bf16* rows, int64_t row, int64_t n, int64_t d, int64_t lines, uint32_t* panels) {
    for (int64_t first = 0; first < d; first += W)
      for (int64_t i = 0; i < lines; i += 2, panels += W) {
        const bf16* from = rows + i * row + first;
        interleave_rows(i < n ? from : nullptr, i + 1 < n ? from + row : nullptr, std::min<int64_t>(W, d - first), W,
                        panels);
      }
  }
  static Rows factors(const bf16* data, int64_t row) { return {data, row}; }
  static SINTER_INLINE void keep_factors(bf16* factors, int64_t key, const Vf (&x)[2][2]) {
    for (int u = 0; u < 2; u++) store_line(factors + (key + u) * W, rounded(x[u][0], x[u][1]));
  }
  static SINTER_INLINE void keep_both(bf16* factors, uint32_t* down, int64_t key, const Vf (&x)[2][2]) {
    const Vu first = rounded(x[0][0], x[0][1]), second = rounded(x[1][0], x[1][1]);
    store_line(factors + key * W, first);
    store_line(factors + (key + 1) * W, second);
    store_pairs(down + (key >> 1) * W, low_pairs(first, second));
    store_pairs(down + (key >> 1) * W + L, high_pairs(first, second));
  }
  static SINTER_INLINE void store_line(bf16* to, Vu line) { std::memcpy(to, &line, sizeof line); }
};

}  // namespace sinter::cpu::SINTER_ISA
