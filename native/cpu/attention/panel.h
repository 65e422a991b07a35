// Panels, and the small products between them. Place in the whole: under attention's forward and backward.
// A panel is a matrix (rows, kWidth) of two vectors a row, contiguous: a block of queries lies across the lanes and keys, or
// the elements of a head, lie down the rows. Softmax then runs down the lanes without a sum across them, the other operand of
// every product is read by broadcasts from where it lies, and a panel of scores never leaves the first-level cache.
#pragma once
#include "cpu/norm/row.h"
#include "cpu/rounding.h"
#include "cpu/simd/fma.h"

namespace sinter::cpu::SINTER_ISA {

template <class C>
constexpr int kWidth = 2 * kLanes<C>;

// Rows of a register tile: two accumulators each, of 16 registers, or 32 with AVX-512 and NEON.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kTileRows = 12;
#else
constexpr int kTileRows = 6;
#endif

// What a term of a product is: one factor a lane.
template <class C>
struct Single {
  using Element = C;  // of the panel that the other operand meets
  using Lanes = Vec<C>;
  static SINTER_INLINE Lanes factor(const C* p) { return splat(*p); }
  static SINTER_INLINE void multiply(Vec<C>& acc, Lanes a, Lanes b) { fma_into(acc, a, b); }
};

// The operand that is read by broadcasts. A tile goes through it with few enough pointers for the registers, and with steps that
// addressing modes reach.
template <class E, class Kind = Single<E>, int kApart = 1>
struct ByRows {  // element (i, term) at data[i * row + term * kApart]
  using Term = Kind;
  const E* data;
  int64_t row;
  static constexpr int kPerPointer = 3;  // rows
  SINTER_INLINE ByRows from(int64_t i) const { return {data + i * row, row}; }
  SINTER_INLINE const E* at(int i) const { return data + i * row; }
  SINTER_INLINE int64_t offset(int i, int64_t term) const { return i * row + term * kApart; }
  SINTER_INLINE int64_t step() const { return kApart; }
};
template <class E, class Kind = Single<E>>
struct ByTerms {  // element (i, term) at data[i + term * apart]
  using Term = Kind;
  const E* data;
  int64_t apart;
  static constexpr int kPerPointer = kTileRows;
  SINTER_INLINE ByTerms from(int64_t i) const { return {data + i, apart}; }
  SINTER_INLINE const E* at(int i) const { return data + i; }
  SINTER_INLINE int64_t offset(int i, int64_t term) const { return i + term * apart; }
  SINTER_INLINE int64_t step() const { return apart; }
};

// What a tile's sums begin with and become.
struct Fresh {
  template <class C>
  SINTER_INLINE Vec<C> before(const C*) const {
    return Vec<C>{};
  }
  template <class V>
  SINTER_INLINE V after(V sum) const {
    return sum;
  }
};
struct Added : Fresh {
  template <class C>
  SINTER_INLINE Vec<C> before(const C* c) const {
    return load(c);
  }
};
template <class C>
struct Scaled : Fresh {
  C scale;
  explicit Scaled(C x) : scale(x) {}
  SINTER_INLINE Vec<C> after(Vec<C> sum) const { return sum * scale; }
};

// Terms in one turn of the loop: pointers and counters cost instructions, and dispatch is what limits 16 registers.
constexpr int kTerms = kTileRows > 6 ? 2 : 4;

// NV vectors of c's MR rows = the sums of a b over `segments` segments of k terms each; a's segments lie `stride` elements apart,
// b's follow one another. The first `skip` turns of the first segment are left out; then k is whole turns.
template <class C, int MR, int NV, class A, class Sums>
SINTER_INLINE void tile(A from, const typename A::Term::Element* b, C* c, int64_t k, int64_t segments, int64_t stride,
                        int64_t skip, Sums sums) {
  using Term = typename A::Term;
  using Source = decltype(from.at(0));
  constexpr int L = kLanes<C>, W = kWidth<C>, per = A::kPerPointer, pointers = (MR + per - 1) / per;
  Vec<C> acc[MR][NV];
#pragma GCC unroll 16
  for (int i = 0; i < MR; i++)
    for (int j = 0; j < NV; j++) acc[i][j] = sums.before(c + i * W + j * L);
  const auto step = [&](const Source(&a)[pointers], int term) __attribute__((always_inline)) {
    typename Term::Lanes b0, b1;
    std::memcpy(&b0, b + term * W, sizeof b0);
    if constexpr (NV == 2) std::memcpy(&b1, b + term * W + L, sizeof b1);
#pragma GCC unroll 16
    for (int i = 0; i < MR; i++) {
      const auto factor = Term::factor(a[i / per] + from.offset(i % per, term));
      Term::multiply(acc[i][0], factor, b0);
      if constexpr (NV == 2) Term::multiply(acc[i][1], factor, b1);
    }
  };
#pragma GCC unroll 1
  for (int64_t s = 0; s < segments; s++, from.data += stride) {
    Source a[pointers];
#pragma GCC unroll 4
    for (int g = 0; g < pointers; g++) a[g] = from.at(g * per) + skip * kTerms * from.step();
    b += skip * kTerms * W;
    const auto advance = [&](int terms) __attribute__((always_inline)) {
#pragma GCC unroll 4
      for (int g = 0; g < pointers; g++) a[g] += terms * from.step();
      b += terms * W;
    };
#pragma GCC unroll 1
    for (int64_t left = k % kTerms; left > 0; left--) {
      step(a, 0);
      advance(1);
    }
#pragma GCC unroll 1
    for (int64_t left = k / kTerms - skip; left > 0; left--) {
#pragma GCC unroll 4
      for (int u = 0; u < kTerms; u++) step(a, u);
      advance(kTerms);
    }
    skip = 0;
  }
#pragma GCC unroll 16
  for (int i = 0; i < MR; i++)
    for (int j = 0; j < NV; j++) store(c + i * W + j * L, sums.after(acc[i][j]));
}

// Calls f(first row, rows) with tiles of compile-time height that cover m rows. 16 are 8 and 8, since four rows are too few sums to
// hide the latency of a multiply-add, and six are of one vector.
template <int NV, class F>
SINTER_INLINE void each_tile(int64_t m, F f) {
  constexpr int kRows = NV == 2 ? kTileRows : std::max(kTileRows, 8);
  int64_t i = 0;
  const auto whole = [](int64_t left) { return left == kRows || (left >= kRows + 3 && !(kRows == 12 && left == 16)); };
  for (; whole(m - i); i += kRows) f(i, std::integral_constant<int, kRows>{});
  if constexpr (kRows == 12)
    for (; m - i >= 8; i += 8) f(i, std::integral_constant<int, 8>{});
  for (; m - i >= 4; i += 4) f(i, std::integral_constant<int, 4>{});
  for (; m - i >= 2; i += 2) f(i, std::integral_constant<int, 2>{});
  if (i < m) f(i, std::integral_constant<int, 1>{});
}

// c (m, kWidth) = the sums of a (m, k terms) b (k, kWidth); of the rows' vectors the first NV. By itself in a function, where
// accumulators get registers.
template <class C, int NV, class A, class Sums>
__attribute__((noinline)) void product(int64_t m, int64_t k, A a, const typename A::Term::Element* b, C* c, Sums sums) {
  each_tile<NV>(m, [&](int64_t i, auto rows) {
    tile<C, decltype(rows)::value, NV>(a.from(i), b, c + i * kWidth<C>, k, 1, 0, 0, sums);
  });
}

// ---- between rows in memory and panels

// Transposes a square of vectors by exchanging lane bits with row bits.
template <class C, int W, int... I>
SINTER_INLINE void exchange(Vec<C>& a, Vec<C>& b, std::integer_sequence<int, I...>) {
  constexpr int L = kLanes<C>;
  const Vec<C> low = __builtin_shufflevector(a, b, ((I & W) ? L + I - W : I)...);
  b = __builtin_shufflevector(a, b, ((I & W) ? L + I : I + W)...);
  a = low;
}
template <class C, int W = 1>
SINTER_INLINE void transpose_square(Vec<C> (&rows)[kLanes<C>]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes<C>; i++)
    if (!(i & W)) exchange<C, W>(rows[i], rows[i + W], std::make_integer_sequence<int, kLanes<C>>());
  if constexpr (2 * W < kLanes<C>) transpose_square<C, 2 * W>(rows);
}

// The transpose of n <= kWidth rows of d elements, `row` apart, as a panel (d, kWidth) with zeros in the lanes from n on.
// read(pointer, part) gives a row's step in the compute type.
template <class T, class C, class F>
SINTER_INLINE void transpose_in(const T* rows, int64_t row, int64_t n, int64_t d, C* panel, F read) {
  constexpr int L = kLanes<C>;
  for (int64_t i = 0; i < kWidth<C>; i += L)
    each_step<C>(d, [&](int64_t j, auto part) {
      Vec<C> square[L];
#pragma GCC unroll 16
      for (int r = 0; r < L; r++) square[r] = i + r < n ? read(part, rows + (i + r) * row + j) : Vec<C>{};
      transpose_square<C>(square);
      const int64_t lines = std::min<int64_t>(L, d - j);
#pragma GCC unroll 16
      for (int r = 0; r < L; r++)
        if (r < lines) store(panel + (j + r) * kWidth<C> + i, square[r]);
    });
}

// The transpose of a panel (d, kWidth) to n <= kWidth rows of d elements, `row` apart, lane i times factor[i].
template <class T, class C>
void transpose_out(const C* panel, const C* factor, int64_t n, int64_t d, T* rows, int64_t row) {
  constexpr int L = kLanes<C>;
  for (int64_t i = 0; i < n; i += L) {
    const Vec<C> scale = load(factor + i);
    each_step<C>(d, [&](int64_t j, auto part) {
      Vec<C> square[L];
      const int64_t lines = std::min<int64_t>(L, d - j);
#pragma GCC unroll 16
      for (int r = 0; r < L; r++) square[r] = r < lines ? load(panel + (j + r) * kWidth<C> + i) * scale : Vec<C>{};
      transpose_square<C>(square);
#pragma GCC unroll 16
      for (int r = 0; r < L; r++)
        if (i + r < n) put(part, rows + (i + r) * row + j, square[r]);
    });
  }
}

// n rows of d elements, `row` apart, as ceil(d / kWidth) panels (lines, kWidth) side by side: panel p holds the columns from
// p kWidth on, with zeros beyond d and in the lines from n on.
template <class T, class C>
void panels_in(const T* rows, int64_t row, int64_t n, int64_t d, int64_t lines, C* panels) {
  constexpr int L = kLanes<C>, W = kWidth<C>;
  for (int64_t first = 0; first < d; first += W, panels += lines * W) {
    const int64_t width = std::min<int64_t>(W, d - first);
    for (int64_t i = 0; i < lines; i++) {
      C* to = panels + i * W;
      store(to, Vec<C>{});
      store(to + L, Vec<C>{});
      if (i < n)
        each_step<C>(width, [&](int64_t j, auto part) { put(part, to + j, get(part, rows + i * row + first + j)); });
    }
  }
}
// The way back.
template <class T, class C>
void panels_out(const C* panels, int64_t lines, int64_t n, int64_t d, C factor, T* rows, int64_t row) {
  constexpr int W = kWidth<C>;
  for (int64_t first = 0; first < d; first += W, panels += lines * W) {
    const int64_t width = std::min<int64_t>(W, d - first);
    for (int64_t i = 0; i < n; i++)
      each_step<C>(width, [&](int64_t j, auto part) {
        put(part, rows + i * row + first + j, load(panels + i * W + j) * factor);
      });
  }
}

// n rows of d elements, `row` apart, as rows of the compute type, round_up(d, L) apart.
template <class T, class C = Compute<T>>
void copy_rows(const T* rows, int64_t row, int64_t n, int64_t d, C* copy) {
  const int64_t width = round_up(d, kLanes<C>);
  for (int64_t i = 0; i < n; i++)
    each_step<T>(d, [&](int64_t j, auto part) { put(part, copy + i * width + j, get(part, rows + i * row + j)); });
}

}  // namespace sinter::cpu::SINTER_ISA
