// sinter: cubins 80 90
// recolor, of every pixel but f64's. Place in the whole: device code of recolor.cpp; the steps are in recolor.cuh. A step of contrast needs
// the mean of what comes before it: one more reading of x, whose sums are taken block by block and added up in order.
// Bound: x read once, and once more for each contrast, and y written, at 2.0 (A100) or 3.35 TB/s (H100); a hue takes some 40 instructions.
#include "cuda/kernels/image/recolor.cuh"

namespace sinter::cuda {

SINTER_RECOLOR(u8)
SINTER_RECOLOR(f32)
SINTER_RECOLOR(bf16)
SINTER_RECOLOR(f16)

// A block an image: the mean for step `s`.
extern "C" __global__ void __launch_bounds__(kImageThreads)
    recolor_means(const __grid_constant__ Recolor p, int32_t s) {
  __shared__ double partial[kImageThreads / kWarp];
  const int64_t image = blockIdx.x;
  double sum = 0;
#pragma unroll 1
  for (int64_t b = threadIdx.x; b < p.blocks.size; b += kImageThreads) sum += p.sums[image * p.blocks.size + b];
  sum = block_reduce<kImageThreads>(sum, partial, Plus());
  if (threadIdx.x == 0) p.means[image * p.steps + s] = sum / static_cast<double>(p.plane);
}

}  // namespace sinter::cuda
