// Copies from one type to another. Place in the whole: device code of move.cpp; dtype.cuh says how numbers are converted.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/cast.h"
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

SINTER_FUNCTOR(Same, false, x)

#define SINTER_CAST(from, to) SINTER_POINTWISE(cast_##from##_##to, Same, to, from)
SINTER_CASTS(SINTER_CAST)
#undef SINTER_CAST

}  // namespace sinter::cuda
