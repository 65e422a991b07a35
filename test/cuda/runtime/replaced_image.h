// Device code of the test module, which a test may have from a file instead. Place in the whole: what the build makes of each .cu for
// the test module (cmake/CudaImage.cpp.in) goes through here; scripts/cuda-mutate.mjs tries changed kernels so, without linking.
#pragma once
#include "cuda/runtime/image.h"

namespace sinter::cuda {

// Where the environment's SINTER_CUDA_IMAGES names a folder that has <name>.ptx: that text; else [image].
Image replaced(Image image);

}  // namespace sinter::cuda
