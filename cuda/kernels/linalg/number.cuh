// Arithmetic of real and complex numbers under one name. Place in the whole: the kernels of this folder that take both.
#pragma once
#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

// rest - x y, nothing conjugated
template <class T>
SINTER_DEVICE T minus_product(T rest, T x, T y) {
  if constexpr (kIsComplex<T>)
    return {rest.re - x.re * y.re + x.im * y.im, rest.im - x.re * y.im - x.im * y.re};
  else
    return rest - x * y;
}

// A complex divisor is scaled by its larger part, so that nothing overflows that the quotient does not; by parts where it is 0.
template <class T>
SINTER_DEVICE T divided(T x, T y) {
  if constexpr (kIsComplex<T>) {
    const auto size = ::fmax(::fabs(y.re), ::fabs(y.im));
    if (size == 0) return {x.re / size, x.im / size};
    const auto c = y.re / size, d = y.im / size, length = (c * c + d * d) * size;
    return {(x.re * c + x.im * d) / length, (x.im * c - x.re * d) / length};
  } else {
    return x / y;
  }
}

template <class T>
SINTER_DEVICE T one() {
  if constexpr (kIsComplex<T>)
    return {1, 0};
  else
    return 1;
}

// The value of another lane; the whole warp calls.
template <class T>
SINTER_DEVICE T from_lane(T x, int lane) {
  if constexpr (kIsComplex<T>)
    return {__shfl_sync(0xffffffffu, x.re, lane), __shfl_sync(0xffffffffu, x.im, lane)};
  else
    return __shfl_sync(0xffffffffu, x, lane);
}

}  // namespace sinter::cuda
