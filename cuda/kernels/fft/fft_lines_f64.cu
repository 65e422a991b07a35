// sinter: cubins 80 90
// fft_lines.cu of f64.
#include "cuda/kernels/fft/lines.cuh"

namespace sinter::cuda {

extern "C" __global__ void __launch_bounds__(kFftThreads) fft_lines_c128(const __grid_constant__ FftPass p) {
  extern __shared__ __align__(128) uint4 memory[];
  __shared__ FftStart starts[kFftLines];
  fft_lines(p, starts, reinterpret_cast<c128*>(memory));
}

}  // namespace sinter::cuda
