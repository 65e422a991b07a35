// Special functions of two operands, computed in double, an element at a time. Place in the whole: device code of special.cpp.
// sinter: cubins 80 90
#include "cpu/pointwise/special_gamma.h"
#include "cpu/pointwise/special_polynomial.h"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/special.h"

namespace sinter::cuda {

SINTER_FUNCTOR_2(Zeta, true, static_cast<V>(lanes::zeta_of(x, y)))
SINTER_FUNCTOR_2(LowerGamma, true, static_cast<V>(lanes::igamma_of(x, y, false)))
SINTER_FUNCTOR_2(UpperGamma, true, static_cast<V>(lanes::igamma_of(x, y, true)))
// A large parameter beside f16 is a number, and the other operand below 2^17.
SINTER_FUNCTOR_2(NearLowerGamma, true, static_cast<V>(lanes::igamma_of<false>(x, y, false)))
SINTER_FUNCTOR_2(NearUpperGamma, true, static_cast<V>(lanes::igamma_of<false>(x, y, true)))
SINTER_FORM(LowerGamma, f16, NearLowerGamma)
SINTER_FORM(UpperGamma, f16, NearUpperGamma)
SINTER_FUNCTOR_2(Polynomial, true, static_cast<V>(lanes::polynomial_of(static_cast<int>(p.f64[0]), x, y)))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_2)
SINTER_SPECIAL_PAIRS(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
