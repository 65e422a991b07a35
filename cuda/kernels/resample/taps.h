// Sorted taps added up: the second half of gridSampleBackward and warpTransposed. Place in the whole: host side of grid_image_* in
// grid_sample.cu.
#pragma once
#include "cuda/kernels/index/combine.h"
#include "engine/call.h"

namespace sinter::cuda {

// g (n, c, ...), y (n, c, ...) of zeros. A position of g has `taps` of them, neighbours in `weights` (f64 for f64, else f32); a tap's key
// is sample * plane + pixel of y, or `limit`, which is nowhere.
void add_taps(const Call& call, const TensorRef& g, const TensorRef& y, const Sorted& order, int64_t limit,
              int64_t taps, const void* weights);

}  // namespace sinter::cuda
