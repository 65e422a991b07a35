// Exponentials, logarithms, hyperbolic functions and the error function. Place in the whole: device code of elementary.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/pointwise/elementary.h"
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

SINTER_FUNCTOR(Exp, false, exp_of(x))
SINTER_FUNCTOR(Expm1, false, expm1_of(x))
SINTER_FUNCTOR(Log, false, log_of(x))
SINTER_FUNCTOR(Log1p, false, log1p_of(x))
SINTER_FUNCTOR(Exp2, false, exp2_of(x))
SINTER_FUNCTOR(Log2, false, log2_of(x))
SINTER_FUNCTOR(Log10, false, log10_of(x))
SINTER_FUNCTOR(Tanh, false, tanh_of(x))
SINTER_FUNCTOR(Sigmoid, false, sigmoid_of(x))
SINTER_FUNCTOR(Erf, false, erf_of(x))
SINTER_FUNCTOR(Erfc, true, erfc_of(x))
SINTER_FUNCTOR(Sinh, true, sinh_of(x))
SINTER_FUNCTOR(Cosh, true, cosh_of(x))
SINTER_FUNCTOR(Asinh, true, asinh_of(x))
SINTER_FUNCTOR(Acosh, true, acosh_of(x))
SINTER_FUNCTOR(Atanh, true, atanh_of(x))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_1)
SINTER_EXPONENTIALS(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
