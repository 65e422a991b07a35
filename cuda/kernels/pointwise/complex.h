// The complex forms of operators that real numbers have too. Place in the whole: complex.cu has the kernels, complex.cpp finds them,
// and the files of the real forms ask here. The lists are read by both: operator, functor, costly.
#pragma once
#if !defined(__CUDACC__)
#include "cuda/kernels/pointwise/launch.h"
#endif

#define SINTER_COMPLEX_UNARY(F) \
  F(neg, Negated, 0)            \
  F(square, Square, 0)          \
  F(reciprocal, Reciprocal, 0)  \
  F(conj, Conjugate, 0)         \
  F(sgn, Direction, 0)

// Of a real result: of c64 f32, of c128 f64.
#define SINTER_COMPLEX_PARTS(F) \
  F(abs, Length, 0)             \
  F(angle, Argument, 1)

#define SINTER_COMPLEX_BINARY(F) \
  F(add, Add, 0)                 \
  F(sub, Subtract, 0)            \
  F(mul, Multiply, 0)            \
  F(div, Divide, 0)

#define SINTER_COMPLEX_TESTS(F) \
  F(eq, Equal, 0)               \
  F(ne, NotEqual, 0)

// Of complex_functions.cu, computed in double.
#define SINTER_COMPLEX_FUNCTIONS(F) \
  F(sqrt, Sqrt, 1)                  \
  F(rsqrt, InverseSqrt, 1)          \
  F(exp2, Exp2, 1)                  \
  F(expm1, Expm1, 1)                \
  F(log1p, Log1p, 1)                \
  F(log2, Log2, 1)                  \
  F(log10, Log10, 1)                \
  F(sin, Sin, 1)                    \
  F(cos, Cos, 1)                    \
  F(tan, Tan, 1)                    \
  F(asin, Asin, 1)                  \
  F(acos, Acos, 1)                  \
  F(atan, Atan, 1)                  \
  F(sinh, Sinh, 1)                  \
  F(cosh, Cosh, 1)                  \
  F(tanh, Tanh, 1)                  \
  F(asinh, Asinh, 1)                \
  F(acosh, Acosh, 1)                \
  F(atanh, Atanh, 1)                \
  F(sigmoid, Sigmoid, 1)

#if !defined(__CUDACC__)

namespace sinter::cuda {

// Runs the form for c64 and c128 of the operator named as `op`; an error where there is none.
void plain_complex(const Call& call, const Operation& op);
void binary_complex(const Call& call, const Operation& op);
void update_complex(const Call& call, const Operation& op);

// As launch.h's, but for complex operands.
inline void plain_or_complex(const Call& call, const Operation& op) {
  is_complex(call.in[0].dtype) ? plain_complex(call, op) : plain(call, op);
}
inline void binary_or_complex(const Call& call, const Operation& op) {
  is_complex(call.in[0].dtype) ? binary_complex(call, op) : binary(call, op);
}

inline void update_or_complex(const Call& call, const Operation& op) {
  is_complex(call.in[0].dtype) ? update_complex(call, op) : update(call, op);
}

}  // namespace sinter::cuda
#endif
