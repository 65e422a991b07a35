// Loop nests over strided operands. Place in the whole: what the copy, pointwise and reduce families share to turn
// tensors of any strides into the fewest, longest inner runs.
#pragma once
#include <algorithm>

#include "cpu/simd/vec.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// `dims` walked by N operands at once; strides[k] are operand k's, in elements.
template <int N>
struct Nest {
  int rank = 0;
  int64_t dims[kMaxRank];
  int64_t strides[N][kMaxRank];

  int64_t inner() const { return rank ? dims[rank - 1] : 1; }
  int64_t inner_stride(int k) const { return rank ? strides[k][rank - 1] : 0; }
  // Offset of operand k at the flat (row-major) position.
  int64_t offset(int k, int64_t flat) const {
    int64_t at = 0;
    for (int d = rank - 1; d >= 0; d--) {
      at += flat % dims[d] * strides[k][d];
      flat /= dims[d];
    }
    return at;
  }
  // Whether operand k, on its own, is a row-major array without gaps.
  bool dense(int k) const {
    int64_t expected = 1;
    for (int d = rank - 1; d >= 0; d--) {
      if (strides[k][d] != expected) return false;
      expected *= dims[d];
    }
    return true;
  }
  // Drops dimensions of size 1 and merges neighbours that every operand walks as one.
  void collapse() {
    int kept = 0;
    for (int d = 0; d < rank; d++) {
      if (dims[d] == 1) continue;
      bool merge = kept > 0;
      for (int k = 0; k < N && merge; k++) merge = strides[k][kept - 1] == strides[k][d] * dims[d];
      if (merge) {
        dims[kept - 1] *= dims[d];
      } else {
        dims[kept++] = dims[d];
      }
      for (int k = 0; k < N; k++) strides[k][kept - 1] = strides[k][d];
    }
    rank = kept;
  }
  // Operand k stays where it is along some dimension.
  bool repeats(int k) const { return std::find(strides[k], strides[k] + rank, 0) != strides[k] + rank; }
  // Orders the dimensions by operand k's strides, the longest first.
  void sort_by(int k) {
    for (int i = 1; i < rank; i++)
      for (int j = i; j > 0 && magnitude(strides[k][j - 1]) < magnitude(strides[k][j]); j--) {
        swap(dims[j - 1], dims[j]);
        for (int n = 0; n < N; n++) swap(strides[n][j - 1], strides[n][j]);
      }
  }

 private:
  static int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }
  static void swap(int64_t& a, int64_t& b) {
    int64_t t = a;
    a = b;
    b = t;
  }
};

// The strides with which x, broadcast from the right, walks `rank` dimensions.
static inline void broadcast_strides(const TensorRef& x, int rank, int64_t* strides) {
  for (int d = 0; d < rank; d++) {
    int from = d - rank + x.rank;
    strides[d] = from < 0 || x.dims[from] == 1 ? 0 : x.strides[from];
  }
}

// Counts through the leading dimensions of a nest (all but the inner one), keeping each operand's offset.
template <int N>
struct Odometer {
  const Nest<N>& nest;
  int64_t index[kMaxRank];
  int64_t offset[N];

  SINTER_INLINE Odometer(const Nest<N>& n, int64_t row) : nest(n) {
    for (int k = 0; k < N; k++) offset[k] = 0;
    for (int d = n.rank - 2; d >= 0; d--) {
      index[d] = row % n.dims[d];
      row /= n.dims[d];
      for (int k = 0; k < N; k++) offset[k] += index[d] * n.strides[k][d];
    }
  }
  SINTER_INLINE void next() {
    for (int d = nest.rank - 2; d >= 0; d--) {
      for (int k = 0; k < N; k++) offset[k] += nest.strides[k][d];
      if (++index[d] < nest.dims[d]) return;
      index[d] = 0;
      for (int k = 0; k < N; k++) offset[k] -= nest.strides[k][d] * nest.dims[d];
    }
  }
};

}  // namespace sinter::cpu::SINTER_ISA
