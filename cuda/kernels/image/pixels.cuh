// Pixels as numbers, and small operands beside them. Place in the whole: shared by the image kernels. Pixels are computed in float, those
// of f64 in double; matrices and colours are few, so that their dtype is asked at run time.
#pragma once
#include "cuda/kernels/image/image.h"
#include "cuda/kernels/index/index.cuh"

namespace sinter::cuda {

SINTER_DEVICE double real_at(const Reals& t, int64_t i) {
  switch (t.dtype) {
    case 0: return __ldg(static_cast<const f32*>(t.data) + i);
    case 1: return __ldg(static_cast<const f64*>(t.data) + i);
    case 2: return widen(__ldg(static_cast<const bf16*>(t.data) + i));
    default: return widen(__ldg(static_cast<const f16*>(t.data) + i));
  }
}

namespace detail {
template <class T>
struct Pixel {
  using type = float;
};
template <>
struct Pixel<f64> {
  using type = double;
};
}  // namespace detail
template <class T>
using PixelOf = typename detail::Pixel<T>::type;

template <class T>
SINTER_DEVICE PixelOf<T> pixel(T x) {
  return static_cast<PixelOf<T>>(widen(x));
}
// Bytes take the nearest value, ties to even, of 0 to 255; NaN gives 0.
template <class T, class C>
SINTER_DEVICE T as_pixel(C x) {
  if constexpr (kSame<T, u8>) {
    x = x > C(0) ? x : C(0);
    return static_cast<u8>(static_cast<int>(rint(x < C(255) ? x : C(255))));
  } else {
    return narrow<T>(x);
  }
}

}  // namespace sinter::cuda
