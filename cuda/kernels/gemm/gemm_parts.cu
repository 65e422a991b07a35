// What products consist of besides tiles: the sum of parts of k, sums of columns, tables of products. Place in the whole: device code
// of product.cpp, matmul.cpp and grouped.cpp.
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/gemm/finish.cuh"

namespace sinter::cuda {

// y[i] = then(partial[0][i] + partial[1][i] + ...), `total` elements in rows of n. Parts are added in their order.
template <class S>
SINTER_DEVICE void add_parts(const Compute<S>* partial, S* y, int64_t total, int64_t n, int32_t parts,
                             const GemmEpilogue& then) {
  using T = Compute<S>;
  constexpr int kPack = kFinishPack<S>;
  const int64_t thread = int64_t{blockIdx.x} * kFinishThreads + threadIdx.x;
  if (in_packs(then, y, n)) {
    const int64_t i = thread * kPack;
    if (i >= total) return;
    Pack<T, kPack> sum = load_pack<kPack>(partial + i);
#pragma unroll 4
    for (int32_t part = 1; part < parts; part++) {
      const Pack<T, kPack> more = load_pack<kPack>(partial + part * total + i);
#pragma unroll
      for (int e = 0; e < kPack; e++) sum.at[e] += more.at[e];
    }
    finish<S>(then, sum.at, y, i, i % n);
  } else {
#pragma unroll 1
    for (int64_t i = thread; i < total; i += int64_t{gridDim.x} * kFinishThreads) {
      T sum[1] = {partial[i]};
#pragma unroll 4
      for (int32_t part = 1; part < parts; part++) sum[0] += partial[part * total + i];
      finish<S>(then, sum, y, i, i % n);
    }
  }
}

// partial[blockIdx.y][j]: the sums of x's columns over `rows` of its m rows.
template <class S>
SINTER_DEVICE void column_sums(const S* x, Compute<S>* partial, int64_t m, int64_t n, int64_t row_stride,
                               int64_t column_stride, int32_t rows, int32_t packed) {
  using T = Compute<S>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(S)), kDown = kFinishThreads / 32;
  __shared__ __align__(16) T sums[kDown][32 * kPack];
  const int lane = threadIdx.x % 32, down = threadIdx.x / 32;
  const int64_t column = int64_t{blockIdx.x} * 32 * kPack;
  const int64_t begin = int64_t{blockIdx.y} * rows, end = min(begin + rows, m);
  T sum[kPack];
#pragma unroll
  for (int e = 0; e < kPack; e++) sum[e] = 0;
  if (packed) {
    if (column + lane * kPack < n) {
#pragma unroll 4
      for (int64_t i = begin + down; i < end; i += kDown) {
        const Pack<S, kPack> pack = load_pack<kPack>(x + i * row_stride + column + lane * kPack);
#pragma unroll
        for (int e = 0; e < kPack; e++) sum[e] += widen(pack.at[e]);
      }
    }
    Pack<T, 16 / sizeof(T)> out;
    constexpr int kOut = 16 / static_cast<int>(sizeof(T));
#pragma unroll
    for (int e = 0; e < kPack; e += kOut) {
#pragma unroll
      for (int f = 0; f < kOut; f++) out.at[f] = sum[e + f];
      store_pack(&sums[down][lane * kPack + e], out);
    }
  } else {
#pragma unroll 1
    for (int64_t i = begin + down; i < end; i += kDown) {
#pragma unroll
      for (int e = 0; e < kPack; e++) {
        const int64_t j = column + lane + 32 * e;
        if (j < n) sum[e] += widen(x[i * row_stride + j * column_stride]);
      }
    }
#pragma unroll
    for (int e = 0; e < kPack; e++) sums[down][lane + 32 * e] = sum[e];
  }
  __syncthreads();
  for (int j = threadIdx.x; j < 32 * kPack && column + j < n; j += kFinishThreads) {
    T total = sums[0][j];
#pragma unroll
    for (int d = 1; d < kDown; d++) total += sums[d][j];
    partial[blockIdx.y * n + column + j] = total;
  }
}

// What is the same for all experts, and the table that becomes of it: groups + 2 entries.
template <class I>
SINTER_DEVICE void expert_table(const ExpertArgs& args) {
  __shared__ int64_t ends[kFinishThreads + 1];
  __shared__ uint32_t tiles[kFinishThreads];
  __shared__ int32_t bad;     // the first group whose end is wrong
  __shared__ uint32_t first;  // tile of the next group
  if (threadIdx.x == 0) {
    bad = args.groups;
    first = 0;
    ends[0] = 0;
  }
  __syncthreads();
  // The group after the last has the rows that belong to none.
#pragma unroll 1
  for (int32_t base = 0; base <= args.groups; base += kFinishThreads) {
    const int32_t group = base + static_cast<int32_t>(threadIdx.x);
    ends[threadIdx.x + 1] =
        group < args.groups ? static_cast<const I*>(args.ends)[group * args.ends_stride] : args.rows;
    __syncthreads();
    const int64_t from = ends[threadIdx.x], to = ends[threadIdx.x + 1];
    if (group < args.groups && (to < from || to > args.rows)) atomicMin(&bad, group);
    __syncthreads();
    if (bad < args.groups) {
      // The first one is named, and nothing is computed.
      if (group == bad) report(args.fault, group, to, from, args.rows);
      if (threadIdx.x == 0) args.table[args.groups + 1].first_tile = 0;
      return;
    }
    GemmProblem problem;
    problem.n = args.n;
    problem.lda = args.lda;
    problem.ldb = args.ldb;
    const char* a = static_cast<const char*>(args.a) + from * args.a_step;
    problem.a = a;
    if (args.weights) {
      problem.m = group < args.groups ? args.k : 0;
      problem.k = to - from;
      problem.b = static_cast<const char*>(args.b) + from * args.b_step;
      problem.y = static_cast<char*>(args.y) + group * args.y_step;
    } else {
      problem.m = group <= args.groups ? to - from : 0;
      problem.k = group < args.groups ? args.k : 0;
      problem.b = static_cast<const char*>(args.b) + (group < args.groups ? group * args.b_step : 0);
      problem.y = static_cast<char*>(args.y) + from * args.y_step;
    }
    tiles[threadIdx.x] = static_cast<uint32_t>((problem.m + args.tile_rows - 1) / args.tile_rows) * args.tiles_across;
    __syncthreads();
    if (threadIdx.x == 0) {
      for (int i = 0; i < kFinishThreads; i++) {
        const uint32_t mine = tiles[i];
        tiles[i] = first;
        first += mine;
      }
    }
    __syncthreads();
    if (group <= args.groups) {
      problem.first_tile = tiles[threadIdx.x];
      args.table[group] = problem;
    }
    __syncthreads();
    if (threadIdx.x == 0) ends[0] = ends[kFinishThreads];
    __syncthreads();
  }
  if (threadIdx.x == 0) args.table[args.groups + 1].first_tile = first;
}

}  // namespace sinter::cuda

#define SINTER_PARTS(S)                                                                                               \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kFinishThreads, 4)                                     \
      gemm_finish_##S(const ::sinter::cuda::Compute<::sinter::cuda::S>* partial, ::sinter::cuda::S* y, int64_t total, \
                      int64_t n, int32_t parts, const __grid_constant__ ::sinter::cuda::GemmEpilogue then) {          \
    ::sinter::cuda::add_parts<::sinter::cuda::S>(partial, y, total, n, parts, then);                                  \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kFinishThreads)                                        \
      column_sums_##S(const ::sinter::cuda::S* x, ::sinter::cuda::Compute<::sinter::cuda::S>* partial, int64_t m,     \
                      int64_t n, int64_t row_stride, int64_t column_stride, int32_t rows, int32_t packed) {           \
    ::sinter::cuda::column_sums<::sinter::cuda::S>(x, partial, m, n, row_stride, column_stride, rows, packed);        \
  }
SINTER_PARTS(f32)
SINTER_PARTS(f64)
SINTER_PARTS(bf16)
SINTER_PARTS(f16)

#define SINTER_EXPERT_TABLE(I)                                                    \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kFinishThreads)    \
      expert_table_##I(const __grid_constant__ ::sinter::cuda::ExpertArgs args) { \
    ::sinter::cuda::expert_table<::sinter::cuda::I>(args);                        \
  }
SINTER_EXPERT_TABLE(i32)
SINTER_EXPERT_TABLE(i64)
