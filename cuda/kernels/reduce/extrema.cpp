// amax, amin, argmax, argmin. Place in the whole: entry points of the operator table on CUDA.
//
// x (any view, any real dtype), {axes} -> y. A NaN wins; places are those of the first of equals, in row-major order of the reduced
// dimensions.
#include "cuda/kernels/reduce/plan.h"

namespace sinter::cuda {

extern const Image image_reduce_extrema;

SINTER_REDUCING_REALS(image_reduce_extrema, amax, 4, 8, false)
SINTER_REDUCING_REALS(image_reduce_extrema, amin, 4, 8, false)
SINTER_REDUCING_REALS(image_reduce_extrema, argmax, 16, 24, true)
SINTER_REDUCING_REALS(image_reduce_extrema, argmin, 16, 24, true)

#define SINTER_EXTREME(op)                                                                              \
  SINTER_CUDA_OP(op) {                                                                                  \
    reduce(call, reducing_##op, #op, call.in[0], static_cast<uint64_t>(call.int_attr(0)), call.out[0]); \
  }
SINTER_EXTREME(amax)
SINTER_EXTREME(amin)
SINTER_EXTREME(argmax)
SINTER_EXTREME(argmin)
#undef SINTER_EXTREME

}  // namespace sinter::cuda
