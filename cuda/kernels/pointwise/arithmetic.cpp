// Operators of two operands. Place in the whole: entry points add ... logicalXor, prelu ... xlog1py and bitwiseAnd ... lcm of the
// operator table on CUDA.
//
// a, b (any views, broadcast; or one of them a number: mode, scalar) -> y contiguous. Arithmetic and comparisons: all real dtypes, but for
// differences, quotients and powers of bool; div and the functions f32, f64, bf16, f16 (nextafter f32 and f64); bits i32, i64, u8, i8 and, but for shifts and divisors, bool. Complex
// c64 and c128 where complex.h has a function of the name.
#include "cuda/kernels/pointwise/arithmetic.h"

#include "cuda/kernels/pointwise/complex.h"
#include "cuda/kernels/pointwise/launch.h"

namespace sinter::cuda {

extern const Image image_arithmetic;
extern const Image image_compare;
extern const Image image_pairs;

#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_REALS(image_arithmetic, op, costly)
SINTER_ARITHMETIC(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_NUMBERS(image_arithmetic, op, costly)
SINTER_ARITHMETIC_OF_NUMBERS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_INTEGRALS(image_arithmetic, op, costly)
SINTER_BITS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_REALS(image_compare, op, costly)
SINTER_COMPARISONS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_FLOATS(image_pairs, op, costly)
SINTER_PAIRS(SINTER_OPERATION)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly) SINTER_CUDA_INTEGERS(image_pairs, op, costly)
SINTER_SHIFTS_AND_DIVISORS(SINTER_OPERATION)
#undef SINTER_OPERATION
static constinit Kernel kernels_of_nextafter[] = {{image_pairs, "nextafter_f32"}, {image_pairs, "nextafter_f64"}};
SINTER_CUDA_OPERATION(nextafter, 1, f32, 2)

#define SINTER_OPERATOR(op, Op, costly) \
  SINTER_CUDA_OP(op) { binary_or_complex(call, operation_##op); }
SINTER_ARITHMETIC(SINTER_OPERATOR)
SINTER_ARITHMETIC_OF_NUMBERS(SINTER_OPERATOR)
SINTER_COMPARISONS(SINTER_OPERATOR)
SINTER_PAIRS(SINTER_OPERATOR)
SINTER_BITS(SINTER_OPERATOR)
SINTER_SHIFTS_AND_DIVISORS(SINTER_OPERATOR)
#undef SINTER_OPERATOR
SINTER_CUDA_OP(nextafter) { binary(call, operation_nextafter); }

}  // namespace sinter::cuda
