// Exponentials, logarithms, circular and hyperbolic functions. Place in the whole: entry points exp ... atan of the operator table on
// CUDA.
//
// x (any view) -> y (same shape, contiguous). f32, f64, bf16, f16; c64 and c128 where complex.h has a function of the name.
#include "cuda/kernels/pointwise/elementary.h"

#include "cuda/kernels/pointwise/complex.h"
#include "cuda/kernels/pointwise/launch.h"

namespace sinter::cuda {

extern const Image image_exponential;
extern const Image image_circular;

#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_exponential, op, costly)
SINTER_EXPONENTIALS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_circular, op, costly)
SINTER_CIRCULAR(SINTER_OPERATION)
#undef SINTER_OPERATION

#define SINTER_OPERATOR(op, Op, costly) \
  SINTER_CUDA_OP(op) { plain_or_complex(call, operation_##op); }
SINTER_EXPONENTIALS(SINTER_OPERATOR)
SINTER_CIRCULAR(SINTER_OPERATOR)
#undef SINTER_OPERATOR

}  // namespace sinter::cuda
