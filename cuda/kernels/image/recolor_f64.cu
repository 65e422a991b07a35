// sinter: cubins 80 90
// recolor.cu of images in double.
#include "cuda/kernels/image/recolor.cuh"

namespace sinter::cuda {

SINTER_RECOLOR(f64)

}  // namespace sinter::cuda
