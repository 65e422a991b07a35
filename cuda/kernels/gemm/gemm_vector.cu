// Products of few rows with a long operand, which are bound by reading it. Place in the whole: device code of product.cpp.
//
// The few rows, `one.a` (m, k), lie along k and at multiples of 16 bytes; the long operand, `one.b`, has n rows of k (deep) or k rows of n
// (wide), at multiples of 16 bytes too. It is read once, 16 bytes a thread. y is (m, n), or (n, m) where the operands were exchanged.
//
//   deep: a warp has one or two rows of the long operand, its lanes lie along k
//   wide: a lane has 16 bytes of n, a block's warps share k
//
// Bytes: n k of the long operand; an A100 has 2.0 TB/s, an H100 3.3.
#include "cuda/kernels/gemm/finish.cuh"

namespace sinter::cuda {

// What a block has of the batch and of k.
template <class S>
struct Span {
  const S* few;
  const S* many;
  S* y;
  Compute<S>* partial;
  uint32_t block;  // among those of the item and the part
  uint32_t item;
  int depth;
};
template <class S, bool kDeep>
SINTER_DEVICE Span<S> span_of(const GemmArgs& args) {
  const uint32_t rest = blockIdx.x / args.tiles, block = blockIdx.x - rest * args.tiles;
  const uint32_t item = rest / args.parts, part = rest - item * args.parts;
  const S* few = static_cast<const S*>(args.one.a);
  const S* many = static_cast<const S*>(args.one.b);
  uint32_t i = item;
#pragma unroll 1
  for (int d = 0; d < args.batch_rank; d++) {
    const uint32_t next = i / args.batch_dims[d], at = i - next * args.batch_dims[d];
    few += at * args.a_strides[d];
    many += at * args.b_strides[d];
    i = next;
  }
  const int64_t k = int64_t{part} * args.part_depth;
  const int depth = static_cast<int>(args.parts > 1 ? min(args.one.k - k, int64_t{args.part_depth}) : args.one.k);
  Compute<S>* partial = nullptr;
  if (args.parts > 1)
    partial = static_cast<Compute<S>*>(args.partial) + (int64_t{part} * args.items + item) * args.one.m * args.one.n;
  return {few + k, many + (kDeep ? k : k * args.one.ldb), static_cast<S*>(args.one.y), partial, block, item, depth};
}

// The sum of the few's row `r` and the long operand's row `j`.
template <class S>
SINTER_DEVICE void put(const GemmArgs& args, const Span<S>& span, int r, int64_t j, Compute<S> value) {
  const int64_t in_item = args.swapped ? j * args.one.m + r : r * args.one.n + j;
  if (span.partial) {
    span.partial[in_item] = value;
    return;
  }
  Compute<S> sum[1] = {value};
  finish<S>(args.then, sum, span.y, span.item * (args.one.m * args.one.n) + in_item, args.swapped ? r : j);
}

template <class S, int kRows>
SINTER_DEVICE void vector_deep(const GemmArgs& args) {
  using T = Compute<S>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(S)), kRun = kVectorRun<kRows>;
  const Span<S> span = span_of<S, true>(args);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int64_t first = (int64_t{span.block} * (kVectorThreads / 32) + warp) * kRun;
  if (first >= args.one.n) return;
  const S* many[kRun];
  const S* few[kRows];
  // What is beyond the last row is the last row again, and not stored.
#pragma unroll
  for (int i = 0; i < kRun; i++) many[i] = span.many + min(first + i, args.one.n - 1) * args.one.ldb;
#pragma unroll
  for (int r = 0; r < kRows; r++) few[r] = span.few + min(int64_t{r}, args.one.m - 1) * args.one.lda;
  T sums[kRun][kRows];
#pragma unroll
  for (int i = 0; i < kRun; i++)
#pragma unroll
    for (int r = 0; r < kRows; r++) sums[i][r] = 0;

  const int whole = span.depth / kPack * kPack;
#pragma unroll 2
  for (int k = lane * kPack; k < whole; k += 32 * kPack) {
    Pack<S, kPack> x[kRun];
#pragma unroll
    for (int i = 0; i < kRun; i++) x[i] = load_pack_constant<kPack>(many[i] + k);
#pragma unroll
    for (int r = 0; r < kRows; r++) {
      const Pack<S, kPack> w = load_pack_constant<kPack>(few[r] + k);
#pragma unroll
      for (int i = 0; i < kRun; i++)
#pragma unroll
        for (int e = 0; e < kPack; e++) sums[i][r] += widen(x[i].at[e]) * widen(w.at[e]);
    }
  }
  if (whole + lane < span.depth) {
#pragma unroll
    for (int i = 0; i < kRun; i++)
#pragma unroll
      for (int r = 0; r < kRows; r++) sums[i][r] += widen(many[i][whole + lane]) * widen(few[r][whole + lane]);
  }

  // Every lane gets all sums, and stores one.
  T mine = 0;
#pragma unroll
  for (int i = 0; i < kRun; i++)
#pragma unroll
    for (int r = 0; r < kRows; r++) {
#pragma unroll
      for (int distance = 16; distance > 0; distance /= 2)
        sums[i][r] += __shfl_xor_sync(0xffffffffu, sums[i][r], distance);
      if (lane == i * kRows + r) mine = sums[i][r];
    }
  const int r = lane % kRows;
  const int64_t j = first + lane / kRows;
  if (lane < kRun * kRows && r < args.one.m && j < args.one.n) put(args, span, r, j, mine);
}

template <class S, int kRows>
SINTER_DEVICE void vector_wide(const GemmArgs& args) {
  using T = Compute<S>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(S)), kWarps = kVectorThreads / 32, kColumns = 32 * kPack;
  __shared__ __align__(16) T parts[kWarps][kColumns];
  const Span<S> span = span_of<S, false>(args);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int64_t column = int64_t{span.block} * kColumns + lane * kPack;
  const bool whole = column + kPack <= args.one.n;
  T sums[kRows][kPack];
#pragma unroll
  for (int r = 0; r < kRows; r++)
#pragma unroll
    for (int e = 0; e < kPack; e++) sums[r][e] = 0;

  const S* many = span.many + column;
#pragma unroll 1
  for (int k = warp * kPack; k < span.depth; k += kWarps * kPack) {
    Pack<S, kPack> x[kPack];
#pragma unroll
    for (int p = 0; p < kPack; p++) {
      if (k + p < span.depth && whole) {
        x[p] = load_pack_constant<kPack>(many + (k + p) * args.one.ldb);
      } else {
#pragma unroll
        for (int e = 0; e < kPack; e++)
          x[p].at[e] =
              k + p < span.depth && column + e < args.one.n ? many[(k + p) * args.one.ldb + e] : narrow<S>(0.f);
      }
    }
#pragma unroll
    for (int r = 0; r < kRows; r++) {
      const S* few = span.few + min(int64_t{r}, args.one.m - 1) * args.one.lda + k;
      Pack<S, kPack> w;
      if (k + kPack <= span.depth) {
        w = load_pack_constant<kPack>(few);
      } else {
#pragma unroll
        for (int p = 0; p < kPack; p++) w.at[p] = k + p < span.depth ? few[p] : narrow<S>(0.f);
      }
#pragma unroll
      for (int p = 0; p < kPack; p++)
#pragma unroll
        for (int e = 0; e < kPack; e++) sums[r][e] += widen(w.at[p]) * widen(x[p].at[e]);
    }
  }

  // Row after row of the few: the warps' sums are added.
#pragma unroll 1
  for (int r = 0; r < kRows; r++) {
    if (r >= args.one.m) break;
#pragma unroll
    for (int e = 0; e < kPack; e += 16 / static_cast<int>(sizeof(T))) {
      Pack<T, 16 / sizeof(T)> pack;
#pragma unroll
      for (int f = 0; f < 16 / static_cast<int>(sizeof(T)); f++) pack.at[f] = sums[0][e + f];
      store_pack(&parts[warp][lane * kPack + e], pack);
    }
    // The next row moves up: registers have no index.
#pragma unroll
    for (int next = 1; next < kRows; next++)
#pragma unroll
      for (int e = 0; e < kPack; e++) sums[next - 1][e] = sums[next][e];
    __syncthreads();
    const int64_t j = int64_t{span.block} * kColumns + threadIdx.x;
    if (threadIdx.x < kColumns && j < args.one.n) {
      T total = parts[0][threadIdx.x];
#pragma unroll
      for (int w = 1; w < kWarps; w++) total += parts[w][threadIdx.x];
      put(args, span, r, j, total);
    }
    __syncthreads();
  }
}

}  // namespace sinter::cuda

#define SINTER_VECTOR(S, rows)                                                               \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kVectorThreads, 2)            \
      gemm_vector_##S##_deep_##rows(const __grid_constant__ ::sinter::cuda::GemmArgs args) { \
    ::sinter::cuda::vector_deep<::sinter::cuda::S, rows>(args);                              \
  }                                                                                          \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kVectorThreads, 1)            \
      gemm_vector_##S##_wide_##rows(const __grid_constant__ ::sinter::cuda::GemmArgs args) { \
    ::sinter::cuda::vector_wide<::sinter::cuda::S, rows>(args);                              \
  }
#define SINTER_VECTORS(S) \
  SINTER_VECTOR(S, 1)     \
  SINTER_VECTOR(S, 4)     \
  SINTER_VECTOR(S, 8)
SINTER_VECTORS(f32)
SINTER_VECTORS(f64)
SINTER_VECTORS(bf16)
SINTER_VECTORS(f16)
