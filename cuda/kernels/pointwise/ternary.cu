// Arithmetic of three operands and updates in place. Place in the whole: device code of ternary.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/ternary.h"
#include "cuda/kernels/pointwise/wrapping.cuh"

namespace sinter::cuda {

// From the nearer end, so that weights 0 and 1 give the ends exactly.
template <class V>
SINTER_DEVICE V between(V a, V b, V weight) {
  const V d = b - a;
  return weight < V(0.5) ? a + weight * d : b - d * (V(1) - weight);
}

SINTER_FUNCTOR_3_TAKING(4, Between, false, between(x, y, z))
SINTER_FUNCTOR_3_OF_TENSORS(PlusProduct, false, plus(x, times(times(y, z), number<V>(p, 0))))
SINTER_FUNCTOR_3_OF_TENSORS(PlusQuotient, false, x + number<V>(p, 0) * y / z)
SINTER_UPDATE_TAKING(0, PlusScaled, plus(x, times(y, number<V>(p, 0))))
SINTER_UPDATE_TAKING(2, Times, times(x, y))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_3)
SINTER_TRIPLES(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_NUMBER_KERNELS(op, Op, SINTER_IN_3)
SINTER_TRIPLES_OF_NUMBERS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_REAL_KERNELS(op, Op, SINTER_IN_2)
SINTER_UPDATES(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
