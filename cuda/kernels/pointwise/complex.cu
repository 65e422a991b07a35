// Complex numbers: arithmetic, and their parts. Place in the whole: device code of complex.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/pointwise/complex.h"
#include "cuda/kernels/pointwise/complex_numbers.cuh"
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

// Without overflow on the way; infinite where a part is.
template <class Z>
SINTER_DEVICE PartOf<Z> length_of(Z z) {
  using T = PartOf<Z>;
  const T infinity = static_cast<T>(__builtin_huge_val()), re = abs_of(z.re), im = abs_of(z.im);
  if (re == infinity || im == infinity) return infinity;
  const T large = re > im ? re : im, small = re > im ? im : re;
  if (large == T(0)) return large + small;
  const T ratio = small / large;
  return large * sqrt_of(ratio * ratio + T(1));
}
SINTER_DEVICE float argument_of(float re, float im) { return ::atan2f(im, re); }
SINTER_DEVICE double argument_of(double re, double im) { return lanes::vatan2(lanes::Vd(im), lanes::Vd(re)).v; }
// Divided by the larger part first: its length then lies between 1 and sqrt(2).
template <class Z>
SINTER_DEVICE Z direction_of(Z z) {
  using T = PartOf<Z>;
  const T re = abs_of(z.re), im = abs_of(z.im), large = re > im ? re : im, scale = large == T(0) ? T(1) : large;
  const T a = z.re / scale, b = z.im / scale, length = large == T(0) ? T(1) : sqrt_of(a * a + b * b);
  return {a / length, b / length};
}
template <class T>
SINTER_DEVICE T real_argument(T x) {
  return x != x ? x : x < T(0) ? static_cast<T>(3.14159265358979323846) : T(0);
}
// (re, im) as the complex number of their type.
SINTER_DEVICE c64 woven(float re, float im) { return {re, im}; }
SINTER_DEVICE c128 woven(double re, double im) { return {re, im}; }

SINTER_FUNCTOR(Negated, false, V{-x.re, -x.im})
SINTER_FUNCTOR(Square, false, product(x, x))
SINTER_FUNCTOR(Reciprocal, false, quotient(V{1, 0}, x))
SINTER_FUNCTOR(Conjugate, false, V{x.re, -x.im})
SINTER_FUNCTOR(Direction, false, direction_of(x))
SINTER_FUNCTOR(Length, false, length_of(x))
SINTER_FUNCTOR(Argument, true, argument_of(x.re, x.im))
SINTER_FUNCTOR(RealArgument, false, real_argument(x))
SINTER_FUNCTOR_2(Add, false, V{x.re + y.re, x.im + y.im})
SINTER_FUNCTOR_2(Subtract, false, V{x.re - y.re, x.im - y.im})
SINTER_FUNCTOR_2(Multiply, false, product(x, y))
SINTER_FUNCTOR_2(Divide, false, quotient(x, y))
SINTER_FUNCTOR_2(Equal, false, x.re == y.re && x.im == y.im)
SINTER_FUNCTOR_2(NotEqual, false, !(x.re == y.re && x.im == y.im))
// The factor is real.
template <class Z>
SINTER_DEVICE Z plus_scaled(const Numbers& p, Z x, Z y) {
  const PartOf<Z> factor = number<PartOf<Z>>(p, 0);
  return {x.re + factor * y.re, x.im + factor * y.im};
}
SINTER_UPDATE_TAKING(0, PlusScaled, plus_scaled(p, x, y))
SINTER_UPDATE_TAKING(2, Times, product(x, y))
SINTER_FUNCTOR_2(Weave, false, woven(x, y))
SINTER_FUNCTOR_2_OF_TENSORS(Polar, true, woven(x* cos_of(y), x* sin_of(y)))

#define SINTER_KERNELS(op, Op, costly)     \
  SINTER_POINTWISE(op##_c64, Op, c64, c64) \
  SINTER_POINTWISE(op##_c128, Op, c128, c128)
SINTER_COMPLEX_UNARY(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly)     \
  SINTER_POINTWISE(op##_c64, Op, f32, c64) \
  SINTER_POINTWISE(op##_c128, Op, f64, c128)
SINTER_COMPLEX_PARTS(SINTER_KERNELS)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly)          \
  SINTER_POINTWISE(op##_c64, Op, c64, c64, c64) \
  SINTER_POINTWISE(op##_c128, Op, c128, c128, c128)
SINTER_COMPLEX_BINARY(SINTER_KERNELS)
SINTER_POINTWISE(addInto_c64, PlusScaled, c64, c64, c64)
SINTER_POINTWISE(addInto_c128, PlusScaled, c128, c128, c128)
SINTER_POINTWISE(mulInto_c64, Times, c64, c64, c64)
SINTER_POINTWISE(mulInto_c128, Times, c128, c128, c128)
#undef SINTER_KERNELS
#define SINTER_KERNELS(op, Op, costly)              \
  SINTER_POINTWISE(op##_c64, Op, boolean, c64, c64) \
  SINTER_POINTWISE(op##_c128, Op, boolean, c128, c128)
SINTER_COMPLEX_TESTS(SINTER_KERNELS)
#undef SINTER_KERNELS
SINTER_POINTWISE(angle_f32, RealArgument, f32, f32)
SINTER_POINTWISE(angle_f64, RealArgument, f64, f64)
SINTER_POINTWISE(complex_f32, Weave, c64, f32, f32)
SINTER_POINTWISE(complex_f64, Weave, c128, f64, f64)
SINTER_POINTWISE(polar_f32, Polar, c64, f32, f32)
SINTER_POINTWISE(polar_f64, Polar, c128, f64, f64)

}  // namespace sinter::cuda
