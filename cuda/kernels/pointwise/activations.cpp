// Activation functions and their gradients. Place in the whole: entry points relu ... scaledElu and reluBackward ... scaledEluBackward
// of the operator table on CUDA.
//
// x (any view) -> y, or g, x or y (any views, broadcast) -> gx, contiguous. f32, f64, bf16, f16; relu, clamp and threshold also the
// integers and bool.
#include "cuda/kernels/pointwise/activations.h"

#include "cuda/kernels/pointwise/launch.h"

namespace sinter::cuda {

extern const Image image_activations;
extern const Image image_gradients;

#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_activations, op, costly)
SINTER_ACTIVATIONS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_NUMBERS(image_activations, op, costly)
SINTER_ACTIVATIONS_OF_NUMBERS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_gradients, op, costly)
SINTER_GRADIENTS(SINTER_OPERATION)
#undef SINTER_OPERATION

#define SINTER_OPERATOR(op, Op, costly) \
  SINTER_CUDA_OP(op) { plain(call, operation_##op); }
SINTER_ACTIVATIONS(SINTER_OPERATOR)
SINTER_ACTIVATIONS_OF_NUMBERS(SINTER_OPERATOR)
SINTER_GRADIENTS(SINTER_OPERATOR)
#undef SINTER_OPERATOR

}  // namespace sinter::cuda
