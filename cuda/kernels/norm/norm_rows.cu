// layerNorm, rmsNorm and their gradients. Place in the whole: device code of norm_rows.cpp.
//
// A group of threads has a row, and a thread keeps its part of it: x is read once and y written once, for rows of up to 4,096 elements
// of f32, 8,192 of halves; what is longer is read again, from L2 as a rule. Moments take two passes, in sums of double. The gradients
// of weight and bias read g and x a second time, by columns, and meet in partial sums: no atomics.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/norm/norm_rows.h"
#include "cuda/kernels/rows.cuh"
#include "cuda/kernels/store_number.cuh"

namespace sinter::cuda {

// kPack elements of a weight or bias from i on; `otherwise` where there is none.
template <class T, int kPack>
SINTER_DEVICE void parameters_at(const void* p, int64_t i, int64_t n, Compute<T> otherwise,
                                 Compute<T> (&values)[kPack]) {
#pragma unroll
  for (int e = 0; e < kPack; e++) values[e] = otherwise;
  if (!p) return;
  const Pack<T, kPack> pack = load_pack_ragged<kPack>(static_cast<const T*>(p), i, n, narrow<T>(Compute<T>(0)));
#pragma unroll
  for (int e = 0; e < kPack; e++) values[e] = widen(pack.at[e]);
}

template <class T, bool kCentered>
SINTER_DEVICE void norm_rows(const NormForward& p) {
  using V = Compute<T>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  using Elements = Pack<T, kPack>;
  __shared__ double partial[kNormThreads / kWarp];
  const int member = threadIdx.x % p.members;
  const int64_t r = int64_t{blockIdx.x} * (kNormThreads / p.members) + threadIdx.x / p.members;
  const bool present = r < p.rows;
  const int64_t first = present ? r * p.n : 0, n = present ? p.n : 0;
  RowShare<T, kNormPacks> row(static_cast<const T*>(p.x) + first, n, member, p.members, narrow<T>(V(0)));
  if (p.residual) {
    const T* residual = static_cast<const T*>(p.residual) + first;
    T* sums = static_cast<T*>(p.sum) + first;
    const auto add = [&](int64_t i, Elements pack) {
      const Elements other = load_pack_ragged<kPack>(residual, i, n, narrow<T>(V(0)));
#pragma unroll
      for (int e = 0; e < kPack; e++) pack.at[e] = narrow<T>(widen(pack.at[e]) + widen(other.at[e]));
      store_pack_ragged(sums, i, n, pack);
      return pack;
    };
#pragma unroll
    for (int k = 0; k < kNormPacks; k++)
      if (row.place(k) < n) row.kept[k] = add(row.place(k), row.kept[k]);
#pragma unroll 1
    for (int64_t i = row.place(kNormPacks); i < n; i += int64_t{p.members} * kPack) add(i, row.pack_at(i));
    row.x = sums;
  }
  V mean = 0;
  if constexpr (kCentered) {
    double total = 0;
    row.each([&](int64_t, const Elements& pack) {
      V part = 0;
#pragma unroll
      for (int e = 0; e < kPack; e++) part += widen(pack.at[e]);
      total += part;
    });
    mean = static_cast<V>(group_reduce(total, p.members, partial, Plus()) / static_cast<double>(p.n));
  }
  double squares = 0;
  row.each([&](int64_t i, const Elements& pack) {
    V part = 0;
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      const V d = widen(pack.at[e]) - mean;
      if (i + e < n) part += d * d;
    }
    squares += part;
  });
  squares = group_reduce(squares, p.members, partial, Plus());
  const V rstd = static_cast<V>(1 / sqrt_of(squares / static_cast<double>(p.n) + p.eps));
  if (present && member == 0) {
    if constexpr (kCentered) static_cast<V*>(p.mean)[r] = mean;
    static_cast<V*>(p.rstd)[r] = rstd;
  }
  T* y = static_cast<T*>(p.y) + first;
  row.each([&](int64_t i, const Elements& pack) {
    V weight[kPack], bias[kPack] = {};
    parameters_at<T, kPack>(p.weight, i, n, V(1), weight);
    if constexpr (kCentered) parameters_at<T, kPack>(p.bias, i, n, V(0), bias);
    Elements result;
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      const V v = (widen(pack.at[e]) - mean) * rstd * weight[e];
      result.at[e] = narrow<T>(kCentered ? v + bias[e] : v);
    }
    store_pack_ragged(y, i, n, result);
  });
}

// gx = rstd (u - offset) - (x - mean) slope with u = g weight: what nearly cancels does so before it is scaled.
template <class T, bool kCentered>
SINTER_DEVICE void norm_backward_rows(const NormBackward& p) {
  using V = Compute<T>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  using Elements = Pack<T, kPack>;
  __shared__ double partial[kNormThreads / kWarp];
  const int member = threadIdx.x % p.members;
  const int64_t r = int64_t{blockIdx.x} * (kNormThreads / p.members) + threadIdx.x / p.members;
  const bool present = r < p.rows;
  const int64_t first = present ? r * p.n : 0, n = present ? p.n : 0;
  const T zero = narrow<T>(V(0));
  const RowShare<T, kNormBackwardPacks> gs(static_cast<const T*>(p.g) + first, n, member, p.members, zero);
  const RowShare<T, kNormBackwardPacks> xs(static_cast<const T*>(p.x) + first, n, member, p.members, zero);
  const V mean = kCentered && present ? static_cast<const V*>(p.mean)[r] : V(0);
  const V rstd = present ? static_cast<const V*>(p.rstd)[r] : V(0);
  double total = 0, product = 0;
  each_pair(gs, xs, [&](int64_t i, const Elements& g, const Elements& x) {
    V weight[kPack], part = 0, of_products = 0;
    parameters_at<T, kPack>(p.weight, i, n, V(1), weight);
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      const V u = widen(g.at[e]) * weight[e];
      part += u;
      of_products += u * (widen(x.at[e]) - mean);
    }
    total += part;
    product += of_products;
  });
  product = group_reduce(product, p.members, partial, Plus());
  if constexpr (kCentered) total = group_reduce(total, p.members, partial, Plus());
  const double count = static_cast<double>(p.n), scale = rstd;
  const V slope = static_cast<V>(scale * scale * scale * product / count);
  const V offset = kCentered ? static_cast<V>(total / count) : V(0);
  T* gx = static_cast<T*>(p.gx) + first;
  const T* gsum = p.gsum ? static_cast<const T*>(p.gsum) + first : nullptr;
  each_pair(gs, xs, [&](int64_t i, const Elements& g, const Elements& x) {
    V weight[kPack];
    parameters_at<T, kPack>(p.weight, i, n, V(1), weight);
    Elements more, result;
    if (gsum) more = load_pack_ragged<kPack>(gsum, i, n, zero);
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      const V own = (widen(g.at[e]) * weight[e] - offset) * rstd - (widen(x.at[e]) - mean) * slope;
      result.at[e] = narrow<T>(gsum ? own + widen(more.at[e]) : own);
    }
    store_pack_ragged(gx, i, n, result);
  });
}

// gweight = sum over rows of g (x - mean) rstd, gbias that of g: a chunk of the rows, 32 columns a block.
template <class T, bool kCentered>
SINTER_DEVICE void norm_backward_columns(const NormBackward& p) {
  using V = Compute<T>;
  constexpr int kMembers = kNormThreads / kNormColumns;
  __shared__ V weights[kNormThreads], biases[kNormThreads];
  const int member = threadIdx.x / kNormColumns;
  const int64_t column = int64_t{blockIdx.x} * kNormColumns + threadIdx.x % kNormColumns;
  const int64_t begin = blockIdx.y * p.chunk, end = min(begin + p.chunk, p.rows);
  const T *g = static_cast<const T*>(p.g), *x = static_cast<const T*>(p.x);
  V weight = 0, bias = 0;
  if (column < p.n) {
#pragma unroll 4
    for (int64_t r = begin + member; r < end; r += kMembers) {
      const V gv = widen(g[r * p.n + column]), mean = kCentered ? static_cast<const V*>(p.mean)[r] : V(0);
      weight += gv * ((widen(x[r * p.n + column]) - mean) * static_cast<const V*>(p.rstd)[r]);
      bias += gv;
    }
  }
  weights[threadIdx.x] = weight;
  biases[threadIdx.x] = bias;
  __syncthreads();
  if (member != 0 || column >= p.n) return;
#pragma unroll
  for (int m = 1; m < kMembers; m++) {
    weight += weights[threadIdx.x + m * kNormColumns];
    bias += biases[threadIdx.x + m * kNormColumns];
  }
  V* partial = static_cast<V*>(p.partial) + blockIdx.y * (kCentered ? 2 : 1) * p.n;
  partial[column] = weight;
  if constexpr (kCentered) partial[p.n + column] = bias;
}
template <class V, bool kCentered>
SINTER_DEVICE void norm_chunks(const NormBackward& p) {
  const int64_t column = int64_t{blockIdx.x} * kNormThreads + threadIdx.x;
  if (column >= p.n) return;
  constexpr int kSums = kCentered ? 2 : 1;
  const V* partial = static_cast<const V*>(p.partial) + column;
  double weight = 0, bias = 0;
#pragma unroll 4
  for (int64_t k = 0; k < p.chunks; k++) {
    weight += partial[k * kSums * p.n];
    if constexpr (kCentered) bias += partial[(k * kSums + 1) * p.n];
  }
  using Elements = typename ElementsIn<V>::Type;
  store_number(Elements{}, p.gweight, p.weight_dtype, column, weight);
  if constexpr (kCentered) store_number(Elements{}, p.gbias, p.bias_dtype, column, bias);
}

#define SINTER_NORM_KERNEL(name, Parameters, ...)                                                         \
  extern "C" __global__ void __launch_bounds__(kNormThreads) name(const __grid_constant__ Parameters p) { \
    __VA_ARGS__(p);                                                                                       \
  }
// One block a multiprocessor is enough here: asked for nothing, ptxas spills registers to have more.
#define SINTER_LARGE_NORM_KERNEL(name, ...)                                                                   \
  extern "C" __global__ void __launch_bounds__(kNormThreads, 1) name(const __grid_constant__ NormForward p) { \
    __VA_ARGS__(p);                                                                                           \
  }
#define SINTER_NORM(T)                                                                     \
  SINTER_LARGE_NORM_KERNEL(rms_norm_##T, norm_rows<T, false>)                              \
  SINTER_NORM_KERNEL(layer_norm_backward_##T, NormBackward, norm_backward_rows<T, true>)   \
  SINTER_NORM_KERNEL(rms_norm_backward_##T, NormBackward, norm_backward_rows<T, false>)    \
  SINTER_NORM_KERNEL(layer_norm_columns_##T, NormBackward, norm_backward_columns<T, true>) \
  SINTER_NORM_KERNEL(rms_norm_columns_##T, NormBackward, norm_backward_columns<T, false>)
SINTER_NORM(f32)
SINTER_NORM(f64)
SINTER_NORM(bf16)
SINTER_NORM(f16)
SINTER_NORM_KERNEL(layer_norm_f32, NormForward, norm_rows<f32, true>)
SINTER_NORM_KERNEL(layer_norm_f64, NormForward, norm_rows<f64, true>)
SINTER_LARGE_NORM_KERNEL(layer_norm_bf16, norm_rows<bf16, true>)
SINTER_LARGE_NORM_KERNEL(layer_norm_f16, norm_rows<f16, true>)
SINTER_NORM_KERNEL(layer_norm_chunks_f32, NormBackward, norm_chunks<f32, true>)
SINTER_NORM_KERNEL(layer_norm_chunks_f64, NormBackward, norm_chunks<f64, true>)
SINTER_NORM_KERNEL(rms_norm_chunks_f32, NormBackward, norm_chunks<f32, false>)
SINTER_NORM_KERNEL(rms_norm_chunks_f64, NormBackward, norm_chunks<f64, false>)

}  // namespace sinter::cuda
