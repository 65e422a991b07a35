// Arithmetic of two operands, and bits of integers. Place in the whole: device code of arithmetic.cpp. Integers wrap around; of bool the
// sum is or, the product and.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/arithmetic.h"
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/wrapping.cuh"

namespace sinter::cuda {

template <class V>
SINTER_DEVICE V power_of(V a, V b) {
  if constexpr (kIsInteger<V>) {
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
    V y = 1;
    for (; b; b >>= 1, a = times(a, a))
      if (b & 1) y = times(y, a);
    return y;
  } else {
    // The common exponents; -2 is no quotient by x^2, which leaves the range of normal numbers before the result does.
    if (b == V(2)) return a * a;
    if (b == V(3)) return a * a * a;
    if (b == V(0.5) && a > V(0)) return sqrt_of(a);
    if (b == V(-1)) return V(1) / a;
    if (b == V(-2)) return (V(1) / a) * (V(1) / a);
    return pow_of(a, b);
  }
}

SINTER_FUNCTOR_2(Add, false, plus(x, y))
SINTER_FUNCTOR_2(Subtract, false, minus(x, y))
SINTER_FUNCTOR_2(Multiply, false, times(x, y))
SINTER_FUNCTOR_2(Maximum, false, x > y || x != x ? x : y)
SINTER_FUNCTOR_2(Minimum, false, x < y || x != x ? x : y)
SINTER_FUNCTOR_2(LargerNumber, false, x > y || y != y ? x : y)
SINTER_FUNCTOR_2(SmallerNumber, false, x < y || y != y ? x : y)
SINTER_FUNCTOR_2(Heaviside, false, x == V(0) ? y : V(x > V(0)))
SINTER_FUNCTOR_2(TruncatedQuotient, false, truncated_quotient(x, y))
SINTER_FUNCTOR_2(FlooredRemainder, true, floored_remainder(x, y))
SINTER_FUNCTOR_2(TruncatedRemainder, true, truncated_remainder(x, y))
SINTER_FUNCTOR_2(FlooredQuotient, true, floored_quotient(x, y))
SINTER_FUNCTOR_2(Power, true, power_of(x, y))
SINTER_FUNCTOR_2(And, false, x& y)
SINTER_FUNCTOR_2(Or, false, x | y)
SINTER_FUNCTOR_2(Xor, false, x ^ y)

#define SINTER_KERNELS(op, Op, costly) SINTER_REAL_KERNELS(op, Op, SINTER_IN_2)
SINTER_ARITHMETIC(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_NUMBER_KERNELS(op, Op, SINTER_IN_2)
SINTER_ARITHMETIC_OF_NUMBERS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly) SINTER_INTEGRAL_KERNELS(op, Op, SINTER_IN_2)
SINTER_BITS(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
