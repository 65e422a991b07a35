// Gradients as a whole: their norm, clipping, bounds, averages, loss scales. Place in the whole: device code of clip.cpp; contracts
// as in native/cpu/optim/clip.cpp, average.cpp and loss_scale.cpp. Bound: every tensor is read once and, where it changes, written once.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/optim/clip.h"
#include "cuda/kernels/optim/tensors.cuh"

namespace sinter::cuda {

template <class T>
constexpr int kPackOf = 16 / static_cast<int>(sizeof(T));

// The larger of two, or a NaN.
SINTER_DEVICE double larger(double a, double b) { return a >= b || a != a ? a : b; }

SINTER_DEVICE double norm_both(int kind, double a, double b) { return kind == kNormLargest ? larger(a, b) : a + b; }

SINTER_DEVICE double warp_norm(int kind, double v) {
#pragma unroll
  for (int d = 16; d > 0; d /= 2) v = norm_both(kind, v, __shfl_down_sync(0xffffffffu, v, d));
  return v;
}

// In f64: squares of f32 may be beyond it.
template <class T>
struct NormPart {
  const T* x;
  int kind;
  double p, sum;

  template <int E>
  SINTER_DEVICE void run(int64_t i) {
    const Pack<T, E> pack = load_pack_constant<E>(x + i);
#pragma unroll
    for (int e = 0; e < E; e++) {
      const double v = fabs(static_cast<double>(widen(pack.at[e])));
      sum = norm_both(kind, sum, kind == kNormTwo ? v * v : kind == kNormOther ? pow_of(v, p) : v);
    }
  }
};

template <class T>
SINTER_DEVICE void norm_parts(const Tensors<1>& tensors, int kind, double p, double* parts) {
  __shared__ double warps[kOptimThreads / 32];
  const auto& t = tensors.at[entry_of_block(tensors)];
  NormPart<T> body{static_cast<const T*>(t.data[0]), kind, p, 0};
  each_pack<kPackOf<T>, kNormPiece>(t, body);
  const double sum = warp_norm(kind, body.sum);
  if ((threadIdx.x & 31) == 0) warps[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return;
  double total = 0;
  for (int w = 0; w < kOptimThreads / 32; w++) total = norm_both(kind, total, warps[w]);
  parts[tensors.first_block + blockIdx.x] = total;
}

// One block.
extern "C" __global__ void __launch_bounds__(kNormThreads)
    norm_total(const double* __restrict__ parts, int64_t count, int32_t kind, double p, float* single, double* twice,
               Fault* fault) {
  __shared__ double warps[kNormThreads / 32];
  double v = 0;
  for (int64_t i = threadIdx.x; i < count; i += kNormThreads) v = norm_both(kind, v, parts[i]);
  v = warp_norm(kind, v);
  if ((threadIdx.x & 31) == 0) warps[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x != 0) return;
  double total = 0;
  for (int w = 0; w < kNormThreads / 32; w++) total = norm_both(kind, total, warps[w]);
  const double norm = kind == kNormTwo ? sqrt(total) : kind == kNormOther ? pow_of(total, 1 / p) : total;
  if (single)
    *single = static_cast<float>(norm);
  else
    *twice = norm;
  if (fault && !(norm - norm == 0)) report(fault, 0, __double_as_longlong(p), __double_as_longlong(norm));
}

// x = change(x), element by element.
template <class T, class Change>
struct Changing {
  T* x;
  const Change& change;

  template <int E>
  SINTER_DEVICE void run(int64_t i) {
    Pack<T, E> pack = load_pack<E>(x + i);
#pragma unroll
    for (int e = 0; e < E; e++) pack.at[e] = narrow<T>(change(widen(pack.at[e])));
    store_pack(x + i, pack);
  }
};
template <class T, class Change>
SINTER_DEVICE void change_all(const Tensors<1>& tensors, const Change& change) {
  const auto& t = tensors.at[entry_of_block(tensors)];
  Changing<T, Change> body{static_cast<T*>(t.data[0]), change};
  each_pack<kPackOf<T>>(t, body);
}

// A number of a floating dtype, numbered as DType is.
SINTER_DEVICE double number_of(const void* x, int dtype) {
  switch (dtype) {
    case 0: return *static_cast<const f32*>(x);
    case 1: return *static_cast<const f64*>(x);
    case 2: return widen(*static_cast<const bf16*>(x));
    default: return widen(*static_cast<const f16*>(x));
  }
}

// Gradients within the bound are not touched.
template <class T>
SINTER_DEVICE void clip(const Tensors<1>& tensors, const void* norm, int dtype, double most) {
  __shared__ double shared;
  if (threadIdx.x == 0) shared = most / (number_of(norm, dtype) + 1e-6);
  __syncthreads();
  if (shared >= 1) return;
  const Compute<T> factor = static_cast<Compute<T>>(shared);
  change_all<T>(tensors, [=](Compute<T> v) { return v * factor; });
}

template <class T>
SINTER_DEVICE void clamp(const Tensors<1>& tensors, Compute<T> low, Compute<T> high) {
  change_all<T>(tensors, [=](Compute<T> v) {
    v = v < low ? low : v;
    return v > high ? high : v;
  });
}

template <class T>
struct Unscaling {
  T* g;
  Compute<T> inverse;
  bool bad;

  template <int E>
  SINTER_DEVICE void run(int64_t i) {
    Pack<T, E> pack = load_pack<E>(g + i);
#pragma unroll
    for (int e = 0; e < E; e++) {
      const Compute<T> v = widen(pack.at[e]);
      bad |= !(v - v == 0);
      pack.at[e] = narrow<T>(v * inverse);
    }
    store_pack(g + i, pack);
  }
};
template <class T>
SINTER_DEVICE void unscale(const Tensors<1>& tensors, const float* scale, float* found) {
  const auto& t = tensors.at[entry_of_block(tensors)];
  // PyTorch's inverse: the quotient in f64, rounded to f32.
  const float inverse = static_cast<float>(1 / static_cast<double>(*scale));
  Unscaling<T> body{static_cast<T*>(t.data[0]), static_cast<Compute<T>>(inverse), false};
  each_pack<kPackOf<T>>(t, body);
  if (__syncthreads_or(body.bad) && threadIdx.x == 0) atomicExch(found, 1.0f);
}

extern "C" __global__ void __launch_bounds__(32)
    update_scale(float* scale, float* tracker, const float* found, double growth, double backoff, double interval) {
  if (threadIdx.x != 0) return;
  if (*found != 0) {
    *scale = static_cast<float>(*scale * backoff);
    *tracker = 0;
    return;
  }
  const double successes = static_cast<double>(*tracker) + 1;
  const bool grows = successes == interval;
  const float grown = static_cast<float>(*scale * growth);
  if (grows && grown - grown == 0) *scale = grown;
  *tracker = grows ? 0.0f : static_cast<float>(successes);
}

// average += weight (value - average)
template <class T, class G>
struct Averaging {
  static constexpr int kElements = sizeof(T) == 8 ? 2 : 4;
  T* average;
  const G* value;
  Compute<T> weight;
  bool whole;

  template <int E>
  SINTER_DEVICE void run(int64_t i) {
    Pack<T, E> to = load_pack<E>(average + i);
    const Pack<G, E> from = load_pack_constant<E>(value + i);
#pragma unroll
    for (int e = 0; e < E; e++) {
      const Compute<T> v = widen(from.at[e]), a = widen(to.at[e]);
      to.at[e] = narrow<T>(whole ? v : a + weight * (v - a));
    }
    store_pack(average + i, to);
  }
};
template <class T, class G>
SINTER_DEVICE void average(const Tensors<2>& tensors, double weight) {
  const auto& t = tensors.at[entry_of_block(tensors)];
  Averaging<T, G> body{static_cast<T*>(t.data[0]), static_cast<const G*>(t.data[1]), static_cast<Compute<T>>(weight),
                       weight == 1};
  each_pack<Averaging<T, G>::kElements>(t, body);
}

// Rows without their means; a warp a row. numel: rows, element: columns of the entry.
template <class T>
SINTER_DEVICE void centralize(const Tensors<1>& tensors) {
  const auto& t = tensors.at[entry_of_block(tensors)];
  const int64_t row = (static_cast<int64_t>(blockIdx.x) - t.first_block) * kCentralRows + threadIdx.x / 32,
                n = t.element;
  if (row >= t.numel) return;
  T* g = static_cast<T*>(t.data[0]) + row * n;
  double sum = 0;
#pragma unroll 4
  for (int64_t i = threadIdx.x & 31; i < n; i += 32) sum += static_cast<double>(widen(g[i]));
#pragma unroll
  for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, d);
  const Compute<T> mean = static_cast<Compute<T>>(sum / static_cast<double>(n));
#pragma unroll 4
  for (int64_t i = threadIdx.x & 31; i < n; i += 32) g[i] = narrow<T>(widen(g[i]) - mean);
}

#define SINTER_GRADIENTS(T)                                                                                \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                              \
      norm_parts_##T(const __grid_constant__ Tensors<1> tensors, int32_t kind, double p, double* parts) {  \
    norm_parts<T>(tensors, kind, p, parts);                                                                \
  }                                                                                                        \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                              \
      clip_##T(const __grid_constant__ Tensors<1> tensors, const void* norm, int32_t dtype, double most) { \
    clip<T>(tensors, norm, dtype, most);                                                                   \
  }                                                                                                        \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                              \
      clamp_##T(const __grid_constant__ Tensors<1> tensors, double low, double high) {                     \
    clamp<T>(tensors, static_cast<Compute<T>>(low), static_cast<Compute<T>>(high));                        \
  }                                                                                                        \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                              \
      unscale_##T(const __grid_constant__ Tensors<1> tensors, const float* scale, float* found) {          \
    unscale<T>(tensors, scale, found);                                                                     \
  }                                                                                                        \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                              \
      centralize_##T(const __grid_constant__ Tensors<1> tensors) {                                         \
    centralize<T>(tensors);                                                                                \
  }
#define SINTER_AVERAGE(name, T, G)                                                \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                     \
      average_##name(const __grid_constant__ Tensors<2> tensors, double weight) { \
    average<T, G>(tensors, weight);                                               \
  }

SINTER_GRADIENTS(f32)
SINTER_GRADIENTS(f64)
SINTER_GRADIENTS(bf16)
SINTER_GRADIENTS(f16)

SINTER_AVERAGE(f32, f32, f32)
SINTER_AVERAGE(f64, f64, f64)
SINTER_AVERAGE(bf16, bf16, bf16)
SINTER_AVERAGE(f16, f16, f16)
SINTER_AVERAGE(f32_bf16, f32, bf16)
SINTER_AVERAGE(f32_f16, f32, f16)

}  // namespace sinter::cuda
