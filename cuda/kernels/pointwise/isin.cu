// Membership. Place in the whole: device code of isin.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/pointwise/pointwise.h"

namespace sinter::cuda {

// y[i] = (x[i] is among the m values of `test`) != invert. Every block reads `test` once, a tile at a time, through shared memory. NaN is
// in no set.
template <class T>
SINTER_DEVICE void is_in(const T* __restrict__ x, const T* __restrict__ test, boolean* __restrict__ y, int64_t n,
                         int64_t m, int32_t invert) {
  __shared__ T tile[kPointwiseThreads];
  const int64_t i = int64_t{blockIdx.x} * kPointwiseThreads + threadIdx.x;
  const T value = i < n ? x[i] : T(0);
  bool found = false;
  for (int64_t begin = 0; begin < m; begin += kPointwiseThreads) {
    __syncthreads();
    if (begin + threadIdx.x < m) tile[threadIdx.x] = test[begin + threadIdx.x];
    __syncthreads();
    const int count = static_cast<int>(min(m - begin, int64_t{kPointwiseThreads}));
    for (int k = 0; k < count; k++) found |= tile[k] == value;
  }
  if (i < n) y[i] = boolean{static_cast<uint8_t>(found != (invert != 0))};
}

#define SINTER_MEMBERSHIP(T)                                                                  \
  extern "C" __global__ void __launch_bounds__(kPointwiseThreads)                             \
      isin_##T(const T* x, const T* test, boolean* y, int64_t n, int64_t m, int32_t invert) { \
    is_in(x, test, y, n, m, invert);                                                          \
  }
SINTER_MEMBERSHIP(f32)
SINTER_MEMBERSHIP(f64)
SINTER_MEMBERSHIP(i32)
SINTER_MEMBERSHIP(i64)

}  // namespace sinter::cuda
