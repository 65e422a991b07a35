// Products and quotients of complex numbers. Place in the whole: under complex.cu, in an element's own type, and complex_functions.cu,
// which computes in double.
#pragma once
#include "cuda/kernels/math.cuh"

namespace sinter::cuda {

template <class Z>
using PartOf = decltype(Z::re);

template <class Z>
SINTER_DEVICE Z product(Z a, Z b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
// Of a part of what is infinite.
template <class T>
SINTER_DEVICE T direction_of_part(T x) {
  return abs_of(x) == static_cast<T>(__builtin_huge_val()) ? ::copysign(T(1), x) : T(0);
}
// b scaled by its larger part, so that nothing overflows that the quotient does not; by parts where b is 0. What is finite is 0 divided by
// what is infinite (C11, annex G): the direction of b is then that of its infinite parts.
template <class Z>
SINTER_DEVICE Z quotient(Z a, Z b) {
  using T = PartOf<Z>;
  const bool none = b.re == T(0) && b.im == T(0);
  const T infinity = static_cast<T>(__builtin_huge_val());
  const bool ends = abs_of(b.re) == infinity || abs_of(b.im) == infinity;
  const T size = ends ? infinity : abs_of(b.re) > abs_of(b.im) ? abs_of(b.re) : abs_of(b.im);
  const T c = none ? ::copysign(T(1), b.re) : ends ? direction_of_part(b.re) : b.re / size;
  const T d = none ? T(0) : ends ? direction_of_part(b.im) : b.im / size, length = c * c + d * d;
  return {(a.re * c + a.im * d) / length / size, (a.im * c - a.re * d) / length / size};
}

}  // namespace sinter::cuda
