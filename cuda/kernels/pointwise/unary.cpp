// Arithmetic, rounding and tests of one operand. Place in the whole: entry points neg ... bitwiseNot of the operator table on CUDA.
//
// x (any view) -> y (same shape, contiguous). f32, f64, bf16, f16; neg, abs, square, sign and the tests also i32, i64, u8, i8, and sign and the tests bool;
// rounding an integer copies it. Complex c64 and c128 where complex.h has a function of the name.
#include "cuda/kernels/pointwise/unary.h"

#include "cuda/kernels/pointwise/complex.h"
#include "cuda/kernels/pointwise/launch.h"
#include "cuda/kernels/pointwise/move.h"

namespace sinter::cuda {

extern const Image image_unary;

#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_REALS(image_unary, op, costly)
SINTER_UNARY_REALS(SINTER_OPERATION)
SINTER_UNARY_TESTS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_NUMBERS(image_unary, op, costly)
SINTER_UNARY_NUMBERS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_unary, op, costly)
SINTER_UNARY_FLOATS(SINTER_OPERATION)
SINTER_UNARY_ROUNDINGS(SINTER_OPERATION)
#undef SINTER_OPERATION
SINTER_CUDA_INTEGERS(image_unary, bitwiseNot, 0)

#define SINTER_OPERATOR(op, Op, costly) \
  SINTER_CUDA_OP(op) { plain_or_complex(call, operation_##op); }
SINTER_UNARY_REALS(SINTER_OPERATOR)
SINTER_UNARY_NUMBERS(SINTER_OPERATOR)
SINTER_UNARY_FLOATS(SINTER_OPERATOR)
SINTER_UNARY_TESTS(SINTER_OPERATOR)
#undef SINTER_OPERATOR
#define SINTER_OPERATOR(op, Op, costly)                                                                             \
  SINTER_CUDA_OP(op) {                                                                                              \
    const DType dtype = call.in[0].dtype;                                                                           \
    is_floating(dtype) || is_complex(dtype) ? plain(call, operation_##op) : copy_to(call, call.out[0], call.in[0]); \
  }
SINTER_UNARY_ROUNDINGS(SINTER_OPERATOR)
#undef SINTER_OPERATOR
SINTER_CUDA_OP(bitwiseNot) { plain(call, operation_bitwiseNot); }

}  // namespace sinter::cuda
