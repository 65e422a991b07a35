// What is done to a product's sums before they are stored. Place in the whole: the end of every product's kernel, of one part or many.
#pragma once
#include "cuda/kernels/gemm/gemm.h"
#include "cuda/kernels/pointwise/activations.cuh"
#include "cuda/kernels/ptx.cuh"
#include "cuda/kernels/random/philox.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// Elements that are finished at a time: a block of the random stream, or 16 bytes of f64.
template <class S>
constexpr int kFinishPack = kSame<S, f64> ? 2 : 4;

// Elements `index` .. index + N of the result, in columns `column` on of one row; with N > 1 index is a multiple of N, and y + index
// and the residual there are aligned to packs.
template <class S, int N>
SINTER_DEVICE void finish(const GemmEpilogue& then, Compute<S> (&x)[N], S* y, int64_t index, int64_t column) {
  using T = Compute<S>;
  if (then.bias) {
    const S* bias = static_cast<const S*>(then.bias) + column * then.bias_stride;
    const T scale = static_cast<T>(then.scale);
#pragma unroll
    for (int i = 0; i < N; i++) x[i] = x[i] * scale + widen(bias[i * then.bias_stride]);
  } else if (then.scale != 1) {
    const T scale = static_cast<T>(then.scale);
#pragma unroll
    for (int i = 0; i < N; i++) x[i] *= scale;
  }
  if (then.activation) {
#pragma unroll
    for (int i = 0; i < N; i++) x[i] = activation_of(then.activation, x[i]);
  }
  if (then.threshold) {
    constexpr int kUnroll = sizeof(T) == 8 ? 5 : 10;
    const PhiloxWords words = philox<kUnroll>(then.stream, static_cast<uint64_t>(index) / 4);
    const T kept = static_cast<T>(then.kept);
    const int first = static_cast<int>(index & 3);  // 0 where N is 4, even where it is 2
    uint32_t mine[N];
#pragma unroll
    for (int i = 0; i < N; i++) mine[i] = words.word(N == 4 ? i : first + i);
#pragma unroll
    for (int i = 0; i < N; i++) x[i] = mine[i] >= then.threshold ? x[i] / kept : T(0);
  }
  Pack<S, N> pack;
  if (then.residual) {
    pack = load_pack<N>(static_cast<const S*>(then.residual) + index);
#pragma unroll
    for (int i = 0; i < N; i++) x[i] += widen(pack.at[i]);
  }
#pragma unroll
  for (int i = 0; i < N; i++) pack.at[i] = narrow<S>(x[i]);
  store_global(y + index, pack.word);
}

// Whether rows of n elements may be finished in packs.
template <class S>
SINTER_DEVICE bool in_packs(const GemmEpilogue& then, const S* y, int64_t n) {
  constexpr int kPack = kFinishPack<S>;
  return (n % kPack |
          (reinterpret_cast<uintptr_t>(y) | reinterpret_cast<uintptr_t>(then.residual)) % (kPack * sizeof(S))) == 0;
}

// A tile of sums in shared memory, as a block of threads leaves it there some rows at a time.
template <class T>
constexpr int kSlabPad = 32 / static_cast<int>(sizeof(T));  // so that fragments of mma meet no bank twice

// Where a block's tile of sums goes.
template <class S>
struct Target {
  S* y;
  Compute<S>* partial;  // null: they are finished; else sums of this part and item (m, n) are stored as they are
  int64_t row, column;  // of the tile in its item
  int64_t m, n;         // of the item
  int64_t item_row;     // first row of the item among all rows of the result
};

// put(sums, row, column) for kRows rows of kColumns sums, as far as they are in the item, kPack of a row at a time where `packs`, else
// one; row_of(r) is the tile's row that slab row r holds. All threads, between barriers.
template <int kRows, int kColumns, int kThreads, int kPack, class T, class S, class RowOf, class Put>
SINTER_DEVICE void each_in_slab(const Target<S>& to, const T* slab, bool packs, RowOf row_of, Put put) {
  constexpr int kStride = kColumns + kSlabPad<T>, kPerRow = kColumns / kPack;
  if (packs) {
#pragma unroll 1
    for (int c = threadIdx.x; c < kRows * kPerRow; c += kThreads) {
      const int r = c / kPerRow, j = c % kPerRow * kPack;
      const int64_t row = to.row + row_of(r), column = to.column + j;
      if (row >= to.m || column >= to.n) continue;
      Pack<T, kPack> sums = load_pack<kPack>(slab + r * kStride + j);
      put(sums, row, column);
    }
  } else {
#pragma unroll 1
    for (int c = threadIdx.x; c < kRows * kColumns; c += kThreads) {
      const int r = c / kColumns, j = c % kColumns;
      const int64_t row = to.row + row_of(r), column = to.column + j;
      if (row >= to.m || column >= to.n) continue;
      Pack<T, 1> sum;
      sum.at[0] = slab[r * kStride + j];
      put(sum, row, column);
    }
  }
}

// What products of numbers put: finished elements, or parts of sums. Of those packs are 16 bytes, and their memory is aligned.
template <class S>
struct FinishSums {
  using T = Compute<S>;
  static constexpr int kPack = kFinishPack<S>;
  const GemmEpilogue& then;
  const Target<S>& to;

  SINTER_DEVICE bool packs() const { return to.partial ? to.n % kPack == 0 : in_packs(then, to.y, to.n); }
  template <int N>
  SINTER_DEVICE void operator()(Pack<T, N>& x, int64_t row, int64_t column) const {
    if (to.partial)
      store_global(to.partial + row * to.n + column, x.word);
    else
      finish<S>(then, x.at, to.y, (to.item_row + row) * to.n + column, column);
  }
};

}  // namespace sinter::cuda
