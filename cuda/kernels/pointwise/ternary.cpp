// Arithmetic of three operands, and updates in place. Place in the whole: entry points lerp, addcmul, addcdiv, addInto and mulInto of the
// operator table on CUDA.
//
// x, a, b (any views, broadcast, one dtype) -> y contiguous. f32, f64, bf16, f16; addcmul also the integers.
// dst (any view without overlap), src (broadcast to dst, same dtype) {alpha}: dst += alpha src; mulInto's src may be absent: dst *=
// scalar. All real dtypes, c64 and c128. src may be dst itself, but no other view that overlaps it.
#include "cuda/kernels/pointwise/ternary.h"

#include "cuda/kernels/pointwise/complex.h"
#include "cuda/kernels/pointwise/launch.h"

namespace sinter::cuda {

extern const Image image_ternary;

#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_ternary, op, costly)
SINTER_TRIPLES(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_NUMBERS(image_ternary, op, costly)
SINTER_TRIPLES_OF_NUMBERS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_REALS(image_ternary, op, costly)
SINTER_UPDATES(SINTER_OPERATION)
#undef SINTER_OPERATION

SINTER_CUDA_OP(lerp) {
  const DType dtype = call.in[0].dtype;
  const bool has_weight = call.opt(2).present();
  const TensorRef operands[3] = {call.in[0], call.in[1], call.opt(2)};
  run(call, kernel_of(operation_lerp, dtype), false, call.out[0], operands, 3,
      numbers_of(dtype, nullptr, 0, has_weight ? 0 : call.attr[0]));
}
SINTER_CUDA_OP(addcmul) { plain(call, operation_addcmul); }
SINTER_CUDA_OP(addcdiv) { plain(call, operation_addcdiv); }

SINTER_CUDA_OP(addInto) { update_or_complex(call, operation_addInto); }
SINTER_CUDA_OP(mulInto) { update_or_complex(call, operation_mulInto); }

}  // namespace sinter::cuda
