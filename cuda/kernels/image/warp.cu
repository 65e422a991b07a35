// sinter: cubins 80 90
// warp and the first half of its transpose, of every pixel but f64's. Place in the whole: device code of warp.cpp; how is said in warp.cuh.
// Bound: y is written once, and x read once from memory where neighbours come from neighbours; a place takes 6 multiply-adds in double.
#include "cuda/kernels/image/warp.cuh"

namespace sinter::cuda {

extern "C" __global__ void __launch_bounds__(kImageThreads) warp_maps(const __grid_constant__ Warp p) {
  const int64_t sample = static_cast<int64_t>(blockIdx.x) * kImageThreads + threadIdx.x;
  if (sample < p.n) make_pixel_map(p, sample);
}

SINTER_WARP_MODES(SINTER_WARP, u8)
SINTER_WARP_MODES(SINTER_WARP, f32)
SINTER_WARP_MODES(SINTER_WARP, bf16)
SINTER_WARP_MODES(SINTER_WARP, f16)
SINTER_WARP_MODES(SINTER_WARP_KEYS, f32)

}  // namespace sinter::cuda
