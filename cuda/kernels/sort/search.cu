// searchSorted, binCount. Place in the whole: device code of search.cpp.
//
// A search is a thread's: log2(n) elements of the line, whose first steps all searches share in caches. Without weights bins are counted
// by integers, each block's in shared memory where they fit. With weights they are sorted and summed in order (index/combine.h).
// sinter: cubins 80 90
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/sort/search.h"

namespace sinter::cuda {

// What lies outside a line is reported by check_sorter; the search itself stays inside.
SINTER_DEVICE int64_t line_place(const int64_t* sorter, int64_t i, int64_t n) {
  if (!sorter) return i;
  const int64_t place = __ldg(sorter + i);
  return in_range(place, n) ? place : 0;
}

extern "C" __global__ void __launch_bounds__(kIndexThreads)
    search_check_sorter(const int64_t* __restrict__ sorter, int64_t count, int64_t n, Fault* fault) {
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (item_of(u) < count && !in_range(sorter[item_of(u)], n)) report(fault, 0, sorter[item_of(u)], n);
}

// The steps are the CPU's, so that lines which are not sorted give the same places.
template <class T>
SINTER_DEVICE void search(const SearchShape& shape, const T* sorted, const int64_t* sorter, const T* values,
                          void* places) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= shape.count) return;
  const int64_t line = shape.shared ? 0 : quotient(i, shape.m) * shape.n;
  sorted += line;
  if (sorter) sorter += line;
  const T value = values[i];
  auto before = [&](int64_t at) {
    const T x = __ldg(sorted + line_place(sorter, at, shape.n));
    return shape.right ? !(x > value) : !(x >= value);
  };
  int64_t at = 0, length = shape.n;
  for (; length > 1; length -= length / 2)
    if (before(at + length / 2 - 1)) at += length / 2;
  if (length == 1 && before(at)) at++;
  if (shape.narrow)
    static_cast<int32_t*>(places)[i] = static_cast<int32_t>(at);
  else
    static_cast<int64_t*>(places)[i] = at;
}

#define SINTER_SEARCH(T)                                                                                        \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                   \
      search_##T(const __grid_constant__ SearchShape shape, const T* __restrict__ sorted,                       \
                 const int64_t* __restrict__ sorter, const T* __restrict__ values, void* __restrict__ places) { \
    search(shape, sorted, sorter, values, places);                                                              \
  }
SINTER_SEARCH(f32)
SINTER_SEARCH(f64)
SINTER_SEARCH(i32)
SINTER_SEARCH(i64)

// ---- bins

// counts (n), zeroed
extern "C" __global__ void __launch_bounds__(kBinThreads)
    bin_count(const int64_t* __restrict__ bins, int64_t count, int64_t n, unsigned long long* __restrict__ counts) {
  __shared__ uint32_t own[kSharedBins];
  const int64_t step = static_cast<int64_t>(gridDim.x) * kBinThreads;
  const int64_t first = static_cast<int64_t>(blockIdx.x) * kBinThreads + threadIdx.x;
  if (n > kSharedBins) {
#pragma unroll 4
    for (int64_t i = first; i < count; i += step)
      if (in_range(bins[i], n)) atomicAdd(counts + bins[i], 1ull);
    return;
  }
  for (int b = threadIdx.x; b < n; b += kBinThreads) own[b] = 0;
  __syncthreads();
#pragma unroll 4
  for (int64_t i = first; i < count; i += step)
    if (in_range(bins[i], n)) atomicAdd(own + bins[i], 1u);
  __syncthreads();
  for (int b = threadIdx.x; b < n; b += kBinThreads)
    if (own[b] > 0) atomicAdd(counts + b, static_cast<unsigned long long>(own[b]));
}

// Bins as keys below n; n itself stands for what is left out.
extern "C" __global__ void __launch_bounds__(kIndexThreads)
    bin_keys(const int64_t* __restrict__ bins, int64_t count, int64_t n, uint32_t* __restrict__ keys) {
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (item_of(u) < count)
      keys[item_of(u)] = static_cast<uint32_t>(in_range(bins[item_of(u)], n) ? bins[item_of(u)] : n);
}

// Numbers of a floating-point dtype (its code in native/engine/dtype.h) from and to double; counts from integers. What is double
// needs no widening.
extern "C" __global__ void __launch_bounds__(kIndexThreads)
    bin_widen(const void* __restrict__ x, int32_t dtype, int64_t n, double* __restrict__ y) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= n) return;
  if (dtype == 0)
    y[i] = static_cast<const float*>(x)[i];
  else if (dtype == 2)
    y[i] = widen(static_cast<const bf16*>(x)[i]);
  else
    y[i] = widen(static_cast<const f16*>(x)[i]);
}
extern "C" __global__ void __launch_bounds__(kIndexThreads)
    bin_narrow(const void* __restrict__ x, int32_t integers, int32_t dtype, int64_t n, void* __restrict__ y) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= n) return;
  const double value =
      integers ? static_cast<double>(static_cast<const int64_t*>(x)[i]) : static_cast<const double*>(x)[i];
  if (dtype == 0)
    static_cast<float*>(y)[i] = static_cast<float>(value);
  else if (dtype == 1)
    static_cast<double*>(y)[i] = value;
  else if (dtype == 2)
    static_cast<bf16*>(y)[i] = narrow<bf16>(value);
  else
    static_cast<f16*>(y)[i] = narrow<f16>(value);
}

}  // namespace sinter::cuda
