// sinter: cubins 80 90
// Fourier transforms of f32. Place in the whole: device code of plan.cpp; how is said in lines.cuh.
#include "cuda/kernels/fft/lines.cuh"

namespace sinter::cuda {

extern "C" __global__ void __launch_bounds__(kFftThreads) fft_lines_c64(const __grid_constant__ FftPass p) {
  extern __shared__ __align__(128) uint4 memory[];
  __shared__ FftStart starts[kFftLines];
  fft_lines(p, starts, reinterpret_cast<c64*>(memory));
}

}  // namespace sinter::cuda
