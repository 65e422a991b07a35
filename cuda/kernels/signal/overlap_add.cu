// sinter: cubins 80 90
// overlapAdd: windows of signals, added up where they overlap. Place in the whole: device code of signal.cpp. A thread makes one element from
// its windows in their order, so that results do not depend on timing. Bound: every window's element is read once, y written once.
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/signal/signal.h"

namespace sinter::cuda {

template <class T>
SINTER_DEVICE void overlap_add(const Overlap& p, const T* __restrict__ x, T* __restrict__ y) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kSignalThreads + threadIdx.x;
  if (i >= p.total) return;
  const int64_t signal = quotient(i, p.length), t = i - signal * p.length.size;
  const int64_t first = t < p.size ? 0 : quotient(t - p.size, p.hop) + 1, last = min(p.count - 1, quotient(t, p.hop));
  const T* windows = x + signal * p.count * p.size + t;
  T sum = 0;
#pragma unroll 4
  for (int64_t f = first; f <= last; f++) sum += __ldg(windows + f * (p.size - p.hop.size));
  y[i] = sum;
}

extern "C" __global__ void __launch_bounds__(kSignalThreads)
    overlap_add_f32(const __grid_constant__ Overlap p, const f32* __restrict__ x, f32* __restrict__ y) {
  overlap_add(p, x, y);
}
extern "C" __global__ void __launch_bounds__(kSignalThreads)
    overlap_add_f64(const __grid_constant__ Overlap p, const f64* __restrict__ x, f64* __restrict__ y) {
  overlap_add(p, x, y);
}

}  // namespace sinter::cuda
