// Comparisons and logic: bool of two operands. Place in the whole: device code of arithmetic.cpp. Logic reads every value that is not
// zero, NaN included, as true.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/arithmetic.h"
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/wrapping.cuh"

namespace sinter::cuda {

// Numbers: relative tolerance, absolute tolerance, whether NaN equals NaN. Integers are compared as doubles.
template <class V>
SINTER_DEVICE bool close(const Numbers& p, V x, V y) {
  if constexpr (kIsInteger<V>) {
    return x == y || close(p, static_cast<double>(x), static_cast<double>(y));
  } else {
    const V gap = abs_of(x - y), allowed = number<V>(p, 1) + abs_of(number<V>(p, 0) * y);
    const bool near = gap <= allowed && gap < static_cast<V>(__builtin_huge_val());
    return x == y || near || (number<V>(p, 2) != V(0) && x != x && y != y);
  }
}

SINTER_FUNCTOR_2(Equal, false, x == y)
SINTER_FUNCTOR_2(NotEqual, false, x != y)
SINTER_FUNCTOR_2(Less, false, x < y)
SINTER_FUNCTOR_2(LessOrEqual, false, x <= y)
SINTER_FUNCTOR_2(Greater, false, x > y)
SINTER_FUNCTOR_2(GreaterOrEqual, false, x >= y)
SINTER_FUNCTOR_2(Both, false, x != V(0) && y != V(0))
SINTER_FUNCTOR_2(Either, false, x != V(0) || y != V(0))
SINTER_FUNCTOR_2(OneOf, false, (x != V(0)) != (y != V(0)))
SINTER_FUNCTOR_2(Close, false, close(p, x, y))

#define SINTER_KERNELS(op, Op, costly) SINTER_TEST_KERNELS(op, Op, SINTER_IN_2)
SINTER_COMPARISONS(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
