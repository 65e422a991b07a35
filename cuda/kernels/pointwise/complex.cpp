// Complex numbers: arithmetic, made of and taken into parts. Place in the whole: entry points complex, polar, angle, conj and sgn of the
// operator table on CUDA, and the complex forms of operators of real numbers.
//
// complex  re?, im? (f32 or f64, any view, one shape) -> z (c64 or c128); an absent part is zero
// polar    length, angle (same) -> z = length (cos angle, sin angle)
// angle    x (c64, c128, f32, f64) -> y (f32 or f64) in [-pi, pi], as atan2 has it
// conj     z -> (re, -im);  sgn  z -> z / |z|, 0 for 0
#include "cuda/kernels/pointwise/complex.h"

#include <cstring>

namespace sinter::cuda {

extern const Image image_complex;
extern const Image image_complex_functions;

#define SINTER_OPERATION(op, Op, costly)                                                                   \
  static constinit Kernel kernels_of_##op[] = {{image_complex, #op "_c64"}, {image_complex, #op "_c128"}}; \
  SINTER_CUDA_OPERATION(op, costly, c64, 2)
SINTER_COMPLEX_UNARY(SINTER_OPERATION)
SINTER_COMPLEX_PARTS(SINTER_OPERATION)
SINTER_COMPLEX_BINARY(SINTER_OPERATION)
SINTER_COMPLEX_TESTS(SINTER_OPERATION)
SINTER_OPERATION(addInto, PlusScaled, 0)
SINTER_OPERATION(mulInto, Times, 0)
#undef SINTER_OPERATION
#define SINTER_OPERATION(op, Op, costly)                                                \
  static constinit Kernel kernels_of_##op[] = {{image_complex_functions, #op "_c64"},   \
                                               {image_complex_functions, #op "_c128"}}; \
  SINTER_CUDA_OPERATION(op, costly, c64, 2)
SINTER_COMPLEX_FUNCTIONS(SINTER_OPERATION)
SINTER_OPERATION(pow, Power, 1)
#undef SINTER_OPERATION

namespace {

#define SINTER_ENTRY(op, Op, costly) &operation_##op,
constexpr const Operation* forms[] = {SINTER_COMPLEX_UNARY(SINTER_ENTRY)      //
                                      SINTER_COMPLEX_PARTS(SINTER_ENTRY)      //
                                      SINTER_COMPLEX_BINARY(SINTER_ENTRY)     //
                                      SINTER_COMPLEX_TESTS(SINTER_ENTRY)      //
                                      SINTER_COMPLEX_FUNCTIONS(SINTER_ENTRY)  //
                                      SINTER_ENTRY(addInto, PlusScaled, 0)    //
                                      SINTER_ENTRY(mulInto, Times, 0)         //
                                      SINTER_ENTRY(pow, Power, 1)};
#undef SINTER_ENTRY

const Operation& complex_form(const Operation& op, DType dtype) {
  for (const Operation* form : forms)
    if (std::strcmp(form->name, op.name) == 0) return *form;
  fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op.name, dtype_name(dtype));
}

constinit Kernel real_angles[] = {{image_complex, "angle_f32"}, {image_complex, "angle_f64"}};
constexpr Operation real_angle{"angle", real_angles, DType::f32, 2, false};
constinit Kernel weaves[] = {{image_complex, "complex_f32"}, {image_complex, "complex_f64"}};
constinit Kernel polars[] = {{image_complex, "polar_f32"}, {image_complex, "polar_f64"}};

}  // namespace

void plain_complex(const Call& call, const Operation& op) { plain(call, complex_form(op, call.in[0].dtype)); }
void binary_complex(const Call& call, const Operation& op) { binary(call, complex_form(op, call.in[0].dtype)); }
void update_complex(const Call& call, const Operation& op) { update(call, complex_form(op, call.in[0].dtype)); }

SINTER_CUDA_OP(conj) { plain(call, operation_conj); }
SINTER_CUDA_OP(sgn) { plain(call, operation_sgn); }
SINTER_CUDA_OP(angle) { plain(call, is_complex(call.in[0].dtype) ? operation_angle : real_angle); }

SINTER_CUDA_OP(complex) {
  const bool wide = call.out[0].dtype == DType::c128;
  const TensorRef operands[2] = {call.in[0], call.opt(1)};
  run(call, weaves[wide], false, call.out[0], operands, 2, Numbers{});
}
SINTER_CUDA_OP(polar) { run(call, polars[call.out[0].dtype == DType::c128], true, call.out[0], call.in, 2, Numbers{}); }

}  // namespace sinter::cuda
