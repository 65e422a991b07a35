// Products of sparse matrices. Place in the whole: device code of sparse.cpp, in sparse_products.cu (f32, bf16) and
// sparse_products_f64.cu; f16 is computed in f32.
//
//   sparse_few       up to 8 columns: lanes share a row's elements, as many as rows are long; bound by reading values and columns
//   sparse_many_*    a lane has 16 bytes of y's columns, of 1 row or 4 (of a block): elements are the same for all lanes of a row, rows of
//                    the dense operand are read side by side; bound by L2, which they come from
//   sparse_sampled   eight lanes share the sum of an element of the pattern; bound by L2
//
// Sums are in f32, or f64, element after element in the order of the columns: the same bits in every run. A row is the work of one warp at
// most, however long it is.
#pragma once
#include "cuda/kernels/pointwise/activations.cuh"
#include "cuda/kernels/ptx.cuh"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/sparse/sparse.h"
#include "cuda/kernels/store_number.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// A number of one of these types. Not by __ldg, which the compiler takes for arithmetic: it would hoist it out of a loop, and before the
// question whether there is a number.
template <class C, class T, class... Others>
SINTER_DEVICE C number_at(Types<T, Others...>, const Numbers& numbers, int64_t i) {
  if constexpr (sizeof...(Others) > 0) {
    if (numbers.type != kDTypeOf<T>) return number_at<C>(Types<Others...>{}, numbers, i);
  }
  return static_cast<C>(widen(static_cast<const T*>(numbers.data)[i]));
}

// What comes with a dense operand in T, f16 being computed in f32: types of values (packed ones are f32 or f64), and of the bias, which
// has the result's.
template <class T>
struct NumbersWith {
  using Values = Types<T, f32, i8>;
  using Bias = Types<T>;
};
template <>
struct NumbersWith<f32> {
  using Values = Types<f32, bf16, f16, i8>;
  using Bias = Types<f32, f16>;
};
template <>
struct NumbersWith<f64> {
  using Values = Types<f64, f32, bf16, f16, i8>;
  using Bias = Types<f64>;
};

// The elements of a row of blocks, one column of a block after the other: [begin, end) of them, numbered over the matrix.
struct Elements {
  int32_t begin, end;
};
template <bool kMayBeTwoOfFour = true>
SINTER_DEVICE Elements elements_of(const SparsePattern& s, int32_t block_row) {
  if (kMayBeTwoOfFour && !s.pointers) return {block_row * s.width, (block_row + 1) * s.width};
  return {__ldg(s.pointers + block_row) << s.long_shift, __ldg(s.pointers + block_row + 1) << s.long_shift};
}
template <bool kMayBeTwoOfFour = true>
SINTER_DEVICE int32_t column_of(const SparsePattern& s, int32_t block_row, int32_t element) {
  if (kMayBeTwoOfFour && !s.pointers) {
    const int32_t i = element - block_row * s.width;
    const uint32_t word =
        static_cast<uint32_t>(__ldg(s.columns + static_cast<int64_t>(block_row) * s.words + (i >> 4)));
    return (i >> 1) * 4 + static_cast<int32_t>(word >> ((i & 15) * 2) & 3);
  }
  return (__ldg(s.columns + (element >> s.long_shift)) << s.long_shift) + (element & ((1 << s.long_shift) - 1));
}
// Where the element's value is for the block's first row.
SINTER_DEVICE int32_t value_of(const SparsePattern& s, int32_t element) {
  return ((element >> s.long_shift) << (s.long_shift + s.tall_shift)) + (element & ((1 << s.long_shift) - 1));
}

template <class T, class Product>
SINTER_DEVICE Compute<T> finished(const Product& p, int64_t row, Compute<T> sum) {
  if (p.scales) sum *= p.scales[row];
  if (p.bias.data) sum += number_at<Compute<T>>(typename NumbersWith<T>::Bias{}, p.bias, row);
  return activation_of(p.activation, sum);
}

// Elements [i, i + 4) of a row of n: as one store where they are aligned, which nvcc may split if it is not told.
template <class T>
SINTER_DEVICE void store_four(T* row, int64_t i, int64_t n, const Pack<T, 4>& pack) {
  if (i + 4 <= n && (reinterpret_cast<uintptr_t>(row + i) & (Pack<T, 4>::kBytes - 1)) == 0)
    return store_global(row + i, pack.word);
#pragma unroll
  for (int e = 0; e < 4; e++)
    if (i + e < n) row[i + e] = pack.at[e];
}
// x = of(x), first to last: in a ring, so that the code is there once.
template <class Of>
SINTER_DEVICE void each_in_turn(Pack<float, 4>& x, const Of& of) {
#pragma unroll 1
  for (int turn = 0; turn < 4; turn++) {
    const float first = of(x.at[0]);
#pragma unroll
    for (int e = 1; e < 4; e++) x.at[e - 1] = x.at[e];
    x.at[3] = first;
  }
}

template <class T>
SINTER_DEVICE void sparse_few(const SparseProduct& p) {
  using C = Compute<T>;
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kSparseThreads + threadIdx.x;
  const int lanes = 1 << p.lanes_shift, lane = threadIdx.x & (lanes - 1);
  // Beyond the last row: no elements, but the exchanges of the warp.
  const int64_t row = thread >> p.lanes_shift;
  C sums[kSparseFewColumns] = {};
  if (row < p.s.rows) {
    const int32_t block_row = static_cast<int32_t>(row >> p.s.tall_shift),
                  in_block = static_cast<int32_t>(row & ((1 << p.s.tall_shift) - 1)) << p.s.long_shift;
    const Elements elements = elements_of(p.s, block_row);
#pragma unroll 1
    for (int32_t e = elements.begin + lane; e < elements.end; e += lanes) {
      const int32_t column = column_of(p.s, block_row, e);
      if (column >= p.s.depth) continue;
      const C value = number_at<C>(typename NumbersWith<T>::Values{}, p.values, value_of(p.s, e) + in_block);
      const T* dense = static_cast<const T*>(p.dense) + column * p.dense_row;
#pragma unroll
      for (int j = 0; j < kSparseFewColumns; j++)
        if (j < p.n) sums[j] += value * widen(__ldg(dense + j * p.dense_column));
    }
  }
  __syncwarp();
  // Every lane gets all sums, and has the column of its number.
  C mine = 0;
#pragma unroll 1
  for (int j = 0; j < p.n; j++) {
    C sum = sums[0];
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
      const C other = __shfl_xor_sync(kAllLanes, sum, distance);
      if (distance < lanes) sum += other;
    }
    mine = lane == j ? sum : mine;
    // The next column's moves up: registers have no index.
#pragma unroll
    for (int next = 1; next < kSparseFewColumns; next++) sums[next - 1] = sums[next];
  }
  if (row < p.s.rows && lane < p.n)
    static_cast<T*>(p.y)[row * p.y_row + lane * p.y_column] = narrow<T>(finished<T>(p, row, mine));
}

// kTall: 1, or 4 rows of a block.
template <class T, int kTall>
SINTER_DEVICE void sparse_many(const SparseProduct& p) {
  using C = Compute<T>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  // The lanes of a row, then rows, then tiles of columns: those of the dense operand stay in L2.
  const int groups = kSparseThreads / p.lanes, group = threadIdx.x / p.lanes, lane = threadIdx.x - group * p.lanes;
  const uint32_t tile = blockIdx.x / p.row_blocks, rows = blockIdx.x - tile * p.row_blocks;
  const int64_t row = (static_cast<int64_t>(rows) * groups + group) * kTall;
  const int64_t j = (static_cast<int64_t>(tile) * p.lanes + lane) * kPack;
  if (group >= groups || row >= p.s.rows || j >= p.n) return;
  const int32_t block_row = static_cast<int32_t>(row >> p.s.tall_shift),
                in_block = static_cast<int32_t>(row & ((1 << p.s.tall_shift) - 1)) << p.s.long_shift;
  constexpr bool kMayBeTwoOfFour = kTall == 1;
  const Elements elements = elements_of<kMayBeTwoOfFour>(p.s, block_row);
  const T* dense = static_cast<const T*>(p.dense) + j;
  const int32_t dense_row = static_cast<int32_t>(p.dense_row);
  const bool wide = p.values.type == 0;  // f32, where T has 16 bits

  C sums[kTall][kPack] = {};
#pragma unroll 2
  for (int32_t e = elements.begin; e < elements.end; e++) {
    const int32_t column = column_of<kMayBeTwoOfFour>(p.s, block_row, e);
    if (column >= p.s.depth) break;  // so are all that follow: they ascend, and a block's end is the row's
    const T* from = dense + static_cast<int64_t>(column) * dense_row;
    const Pack<T, kPack> right = load_pack_constant<kPack>(from);
    const int32_t value = value_of(p.s, e) + in_block;
#pragma unroll
    for (int i = 0; i < kTall; i++) {
      const int32_t at = value + (i << p.s.long_shift);
      C left;
      if (kSame<T, C> || wide)
        left = __ldg(static_cast<const C*>(p.values.data) + at);
      else
        left = widen(__ldg(static_cast<const T*>(p.values.data) + at));
#pragma unroll
      for (int c = 0; c < kPack; c++) sums[i][c] += left * widen(right.at[c]);
    }
  }
#pragma unroll 1
  for (int64_t i = row; i < row + kTall && i < p.s.rows; i++) {
    // In a ring, element after element: the functions are there once.
#pragma unroll 1
    for (int turn = 0; turn < kPack; turn++) {
      const C first = finished<T>(p, i, sums[0][0]);
#pragma unroll
      for (int c = 1; c < kPack; c++) sums[0][c - 1] = sums[0][c];
      sums[0][kPack - 1] = first;
    }
    Pack<T, kPack> pack;
#pragma unroll
    for (int c = 0; c < kPack; c++) pack.at[c] = narrow<T>(sums[0][c]);
    store_pack_ragged<kPack>(static_cast<T*>(p.y) + i * p.y_row, j, p.n, pack);
    // The next row moves up: registers have no index.
#pragma unroll
    for (int next = 1; next < kTall; next++)
#pragma unroll
      for (int c = 0; c < kPack; c++) sums[next - 1][c] = sums[next][c];
  }
}

// The row that entry `at` of the pattern belongs to: the last one that begins at or before it.
SINTER_DEVICE int32_t row_of(const int32_t* pointers, int32_t rows, int32_t at) {
  int32_t low = 0, high = rows;
  while (high - low > 1) {
    const int32_t middle = (low + high) / 2;
    if (__ldg(pointers + middle) <= at)
      low = middle;
    else
      high = middle;
  }
  return low;
}

template <class T>
SINTER_DEVICE void sparse_sampled(const SparseSampling& s) {
  using C = Compute<T>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kSparseThreads + threadIdx.x;
  const int lane = threadIdx.x % kSampledLanes;
  const int32_t first = static_cast<int32_t>(thread / kSampledLanes * kSampledRun);
  const int block_shift = s.s.tall_shift + s.s.long_shift;
  int32_t block_row = 0, ends = -1;  // of values
#pragma unroll 1
  for (int32_t e = first; e < first + kSampledRun; e++) {
    // All lanes stay for the exchanges; a value that is not there is the last again.
    const int32_t at = min(e, s.count - 1), block = at >> block_shift;
    if (at >= ends) {
      if (s.s.pointers) {
        const int32_t block_rows = (s.s.rows + (1 << s.s.tall_shift) - 1) >> s.s.tall_shift;
        block_row = row_of(s.s.pointers, block_rows, block);
        ends = __ldg(s.s.pointers + block_row + 1) << block_shift;
      } else {
        block_row = at / s.s.width;
        ends = (block_row + 1) * s.s.width;
      }
    }
    const int in_block = at & ((1 << block_shift) - 1);
    const int32_t row = (block_row << s.s.tall_shift) + (in_block >> s.s.long_shift);
    const int32_t column =
        column_of(s.s, block_row, (block << s.s.long_shift) + (in_block & ((1 << s.s.long_shift) - 1)));
    C sum = 0;
    if (row < s.s.rows && column < s.s.depth) {
      const T* a = static_cast<const T*>(s.a) + row * s.a_row;
      const T* b = static_cast<const T*>(s.b) + column * s.b_row;
#pragma unroll 1
      for (int64_t j = lane * kPack; j < s.n; j += kSampledLanes * kPack) {
        const Pack<T, kPack> left = load_pack_constant<kPack>(a + j), right = load_pack_constant<kPack>(b + j);
#pragma unroll
        for (int c = 0; c < kPack; c++) sum += widen(left.at[c]) * widen(right.at[c]);
      }
    }
    __syncwarp();
    sum = warp_reduce<kSampledLanes>(sum, Plus{});
    if (lane == 0 && e < s.count) static_cast<T*>(s.values)[e] = narrow<T>(sum);
  }
}

template <class C>
SINTER_DEVICE void sparse_pack(const SparsePacking& p) {
  const int32_t slot = static_cast<int32_t>(blockIdx.x * kSparseThreads + threadIdx.x);
  if (slot >= p.slots) return;
  const int block_shift = p.tall_shift + p.long_shift, in_block = slot & ((1 << block_shift) - 1);
  const int32_t block = slot >> block_shift;
  const int down = in_block >> p.long_shift, along = in_block & ((1 << p.long_shift) - 1);
  // The transposed block's rows are S's columns.
  const int32_t stored = (__ldg(p.order + block) << block_shift) + (along << p.tall_shift) + down;
  C value = number_at<C>(typename NumbersWith<C>::Values{}, p.values, stored);
  // What a block has below S's last row is not read.
  if (p.scales) value *= p.scales[min((__ldg(p.columns + block) << p.long_shift) + along, p.rows - 1)];
  static_cast<C*>(p.packed)[slot] = value;
}

}  // namespace sinter::cuda

// `blocks`: of a multiprocessor at least, so that ptxas takes the registers there are and no memory.
#define SINTER_SPARSE_KERNEL(name, blocks, Args, code)                                 \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kSparseThreads, blocks) \
      name(const __grid_constant__ ::sinter::cuda::Args args) {                        \
    using namespace sinter::cuda;                                                      \
    code(args);                                                                        \
  }
#define SINTER_SPARSE(T)                                                         \
  SINTER_SPARSE_KERNEL(sparse_few_##T, 4, SparseProduct, sparse_few<T>)          \
  SINTER_SPARSE_KERNEL(sparse_many_1_##T, 4, SparseProduct, (sparse_many<T, 1>)) \
  SINTER_SPARSE_KERNEL(sparse_sampled_##T, 4, SparseSampling, sparse_sampled<T>)
