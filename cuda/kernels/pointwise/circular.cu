// Circular functions and their inverses. Place in the whole: device code of elementary.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/pointwise/elementary.h"
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

// sin(pi x) / (pi x). The sine is taken of the distance to an even number, folded to [-1/2, 1/2], so that zeros are exact.
template <class V>
SINTER_DEVICE V sinc_of(V x) {
  constexpr V pi = static_cast<V>(3.14159265358979323846), whole = sizeof(V) == 4 ? V(0x1p23) : V(0x1p52);
  if (x == V(0)) return 1;
  if (abs_of(x) >= whole) return 0;
  V r = x - V(2) * ::rint(x * V(0.5));
  r = r > V(0.5) ? V(1) - r : r < V(-0.5) ? V(-1) - r : r;
  return sin_near_of(pi * r) / (pi * x);
}

SINTER_FUNCTOR(Sin, true, sin_of(x))
SINTER_FUNCTOR(Cos, true, cos_of(x))
SINTER_FUNCTOR(Tan, true, tan_of(x))
// No number of f16 comes near 2^20.
SINTER_FUNCTOR(NearSin, true, lanes::vsin_near(lanes::Lane<V>(x)).v)
SINTER_FUNCTOR(NearCos, true, lanes::vcos_near(lanes::Lane<V>(x)).v)
SINTER_FUNCTOR(NearTan, true, lanes::vtan_near(lanes::Lane<V>(x)).v)
SINTER_FORM(Sin, f16, NearSin)
SINTER_FORM(Cos, f16, NearCos)
SINTER_FORM(Tan, f16, NearTan)
SINTER_FUNCTOR(Sinc, true, sinc_of(x))
SINTER_FUNCTOR(Asin, false, asin_of(x))
SINTER_FUNCTOR(Acos, false, acos_of(x))
SINTER_FUNCTOR(Atan, false, atan_of(x))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_1)
SINTER_CIRCULAR(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
