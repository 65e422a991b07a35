// sinter: cubins 80 90
// warp.cu of images in double.
#include "cuda/kernels/image/warp.cuh"

namespace sinter::cuda {

SINTER_WARP_MODES(SINTER_WARP, f64)
SINTER_WARP_MODES(SINTER_WARP_KEYS, f64)

}  // namespace sinter::cuda
