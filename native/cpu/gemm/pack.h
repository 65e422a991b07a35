// Packing: strided matrices of any floating dtype become what the register tile reads. Place in the whole: used by
// block.h (A) and product.cpp (B); gemm.h describes the panels.
#pragma once
#include <utility>

#include "cpu/gemm/gemm.h"
#include "cpu/simd/compute.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

SINTER_INLINE Vf load_wide(const float* p) { return load(p); }
SINTER_INLINE Vd load_wide(const double* p) { return load(p); }
SINTER_INLINE Vf load_wide(const bf16* p) { return load_f32(p); }
SINTER_INLINE Vf load_wide(const f16* p) { return load_f32(p); }

// The first n lanes, zero beyond.
template <class S>
SINTER_INLINE Vec<Compute<S>> load_wide_n(const S* p, int n) {
  if constexpr (sizeof(S) == sizeof(Compute<S>)) {
    return load_n(p, n);
  } else {
    S lanes[kLanes<float>] = {};
    for (int i = 0; i < n; i++) lanes[i] = p[i];
    return load_wide(lanes);
  }
}

// ---- a square of lanes by lanes is transposed by log2(lanes) rounds of interleaving row i with row i + lanes / 2
template <class T, int... kLane>
SINTER_INLINE Vec<T> interleave_low(Vec<T> x, Vec<T> y, std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(x, y, ((kLane & 1) * kLanes<T> + kLane / 2)...);
}
template <class T, int... kLane>
SINTER_INLINE Vec<T> interleave_high(Vec<T> x, Vec<T> y, std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(x, y, ((kLane & 1) * kLanes<T> + kLane / 2 + kLanes<T> / 2)...);
}
template <class T>
SINTER_INLINE void transpose(Vec<T> (&rows)[kLanes<T>]) {
  constexpr int lanes = kLanes<T>;
  constexpr auto sequence = std::make_integer_sequence<int, lanes>{};
#pragma GCC unroll 4
  for (int round = 1; round < lanes; round *= 2) {
    Vec<T> next[lanes];
#pragma GCC unroll 8
    for (int i = 0; i < lanes / 2; i++) {
      next[2 * i] = interleave_low<T>(rows[i], rows[i + lanes / 2], sequence);
      next[2 * i + 1] = interleave_high<T>(rows[i], rows[i + lanes / 2], sequence);
    }
#pragma GCC unroll 16
    for (int i = 0; i < lanes; i++) rows[i] = next[i];
  }
}

// One vector's worth of columns, each contiguous in k: column j at b + j * csb.
template <class T, class S>
SINTER_INLINE void pack_columns(const S* b, int64_t csb, int64_t k, int cols, T* panel) {
  constexpr int lanes = kLanes<T>;
  Vec<T> square[lanes];
  int64_t kk = 0;
  if (cols == lanes) {
    for (; kk + lanes <= k; kk += lanes) {
#pragma GCC unroll 16
      for (int j = 0; j < lanes; j++) square[j] = load_wide(b + j * csb + kk);
      transpose<T>(square);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; i++) store(panel + (kk + i) * kNR<T>, square[i]);
    }
  }
  for (; kk < k; kk += lanes) {
    const int n = static_cast<int>(k - kk < lanes ? k - kk : lanes);
    for (int j = 0; j < lanes; j++) {
      const S* p = b + j * csb + kk;
      square[j] = j >= cols ? Vec<T>{} : n == lanes ? load_wide(p) : load_wide_n(p, n);
    }
    transpose<T>(square);
    for (int i = 0; i < n; i++) store(panel + (kk + i) * kNR<T>, square[i]);
  }
}

template <class T, class S>
void pack_panel(const S* b, int64_t rsb, int64_t csb, int64_t k, int cols, T* panel) {
  constexpr int lanes = kLanes<T>;
  const int first = cols < lanes ? cols : lanes, second = cols - first;
  if (csb == 1) {
    for (int64_t kk = 0; kk < k; kk++, b += rsb, panel += kNR<T>) {
      store(panel, first == lanes ? load_wide(b) : load_wide_n(b, first));
      store(panel + lanes, second == lanes ? load_wide(b + lanes) : second ? load_wide_n(b + lanes, second) : Vec<T>{});
    }
  } else if (rsb == 1) {
    pack_columns(b, csb, k, first, panel);
    if (second) {
      pack_columns(b + lanes * csb, csb, k, second, panel + lanes);
    } else {
      for (int64_t kk = 0; kk < k; kk++) store(panel + kk * kNR<T> + lanes, Vec<T>{});
    }
  } else {
    for (int64_t kk = 0; kk < k; kk++, panel += kNR<T>)
      for (int j = 0; j < kNR<T>; j++) panel[j] = j < cols ? to_compute(b[kk * rsb + j * csb]) : T(0);
  }
}

// All panels of n columns. Rows of B are read in long runs, several panels at a time.
template <class T, class S>
static void pack_panels(const S* b, int64_t rsb, int64_t csb, int64_t k, int64_t n, T* panels) {
  int64_t j = 0;
  if (csb == 1) {
    constexpr int group = 8;
    for (; j + group * kNR<T> <= n; j += group * kNR<T>) {
      const S* row = b + j;
      T* to = panels + j * k;
      for (int64_t kk = 0; kk < k; kk++, row += rsb, to += kNR<T>) {
#pragma GCC unroll 8
        for (int q = 0; q < group; q++) {
          store(to + q * k * kNR<T>, load_wide(row + q * kNR<T>));
          store(to + q * k * kNR<T> + kLanes<T>, load_wide(row + q * kNR<T> + kLanes<T>));
        }
      }
    }
  }
  for (; j < n; j += kNR<T>)
    pack_panel(b + j * csb, rsb, csb, k, static_cast<int>(n - j < kNR<T> ? n - j : kNR<T>), panels + j * k);
}

// Copies of A's tiles. Row-major rows stay rows, a little more than a slice apart, so that 12 of them do not meet in
// one set of L1; transposed A becomes (k, kMR), kCopyGroup tiles at a time, since a line of it holds more rows than a
// tile has.
template <class T>
constexpr int kCopyStride = kKC + kLanes<T>;
template <class T>
constexpr int kCopySize = kMR * kCopyStride<T> + kLanes<T>;
constexpr int kCopyGroup = 4;

template <class T, class S>
static void copy_rows(const S* a, int64_t rsa, int64_t csa, int rows, int64_t k, T* copy) {
  constexpr int lanes = kLanes<T>;
  for (int i = 0; i < rows; i++) {
    T* row = copy + i * kCopyStride<T>;
    int64_t kk = 0;
    if (csa == 1)
      for (; kk + lanes <= k; kk += lanes) store(row + kk, load_wide(a + i * rsa + kk));
    for (; kk < k; kk++) row[kk] = to_compute(a[i * rsa + kk * csa]);
  }
}

// Tiles of rows[t] rows each, one after the other, of the `m` rows that begin at a: row by row of A's transposed, which is how it
// lies in memory.
template <class T, class S>
static void copy_transposed(const S* a, int64_t csa, const int* rows, int tiles, int64_t m, int64_t k, T* copies) {
  constexpr int lanes = kLanes<T>;
  constexpr int vectors = (kMR + lanes - 1) / lanes;
  // A vector may read beyond its tile, not beyond the m rows; what it writes beyond, the next k overwrites.
  int whole = 0;
  for (int64_t at = 0; whole < tiles && at + vectors * lanes <= m; whole++) at += rows[whole];
  for (int64_t kk = 0; kk < k; kk++) {
    const S* from = a + kk * csa;
    int64_t left = m;
    T* to = copies + kk * kMR;
    for (int t = 0; t < tiles; to += kCopySize<T>, from += rows[t], left -= rows[t], t++) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) {
        const int64_t rest = left - v * lanes;
        if (t < whole || rest >= lanes)
          store(to + v * lanes, load_wide(from + v * lanes));
        else if (rest > 0)
          store(to + v * lanes, load_wide_n(from + v * lanes, static_cast<int>(rest)));
      }
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
