// resample: interpolation along the last three dimensions, or its transpose. Place in the whole: device code of resample.cpp. A thread
// makes one element of the result from the windows of its three places; a weight of zero takes nothing, so that what a window only
// touches may be infinite. Bound: y is written once, x read once from memory (windows overlap, and meet in caches); filters that are
// widened against aliasing multiply taps of rows and columns.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/resample/resample.h"

namespace sinter::cuda {

template <class T>
SINTER_DEVICE void resample_element(const Resampling& r) {
  using C = Compute<T>;
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= r.total) return;
  const ResampleAxis &deep = r.axes[0], &high = r.axes[1], &wide = r.axes[2];
  const int64_t row = quotient(i, wide.outputs), ow = i - row * wide.outputs.size;
  const int64_t image = quotient(row, high.outputs), oh = row - image * high.outputs.size;
  const int64_t outer = quotient(image, deep.outputs), od = image - outer * deep.outputs.size;
  const int planes = __ldg(deep.count + od), rows = __ldg(high.count + oh), columns = __ldg(wide.count + ow);
  const int64_t z0 = __ldg(deep.start + od), y0 = __ldg(high.start + oh), x0 = __ldg(wide.start + ow);
  const T* x = static_cast<const T*>(r.x) + outer * deep.inputs * high.inputs * wide.inputs;
  C sum = 0;
#pragma unroll 1
  for (int k = 0; k < planes; k++) {
    const C of_plane = __ldg(static_cast<const C*>(deep.weights) + k * deep.outputs.size + od);
#pragma unroll 1
    for (int l = 0; l < rows; l++) {
      const C of_row = of_plane * __ldg(static_cast<const C*>(high.weights) + l * high.outputs.size + oh);
      if (of_row == C(0)) continue;
      const T* from = x + ((z0 + k) * high.inputs + y0 + l) * wide.inputs + x0;
      C line = 0;
#pragma unroll 2
      for (int m = 0; m < columns; m++) {
        const C weight = __ldg(static_cast<const C*>(wide.weights) + m * wide.outputs.size + ow);
        if (weight != C(0)) line += weight * widen(__ldg(from + m));
      }
      sum += of_row * line;
    }
  }
  static_cast<T*>(r.y)[i] = narrow<T>(sum);
}

#define SINTER_RESAMPLE(T)                                                                                         \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) resample_##T(const __grid_constant__ Resampling r) { \
    resample_element<T>(r);                                                                                        \
  }

SINTER_RESAMPLE(f32)
SINTER_RESAMPLE(f64)
SINTER_RESAMPLE(bf16)
SINTER_RESAMPLE(f16)

}  // namespace sinter::cuda
