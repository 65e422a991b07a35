// Small operands of any floating dtype: matrices, factors, colours. Place in the whole: shared by the image kernels, which read a few
// of these numbers beside many pixels, so that the dtype is asked at run time.
#pragma once
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/image/warp.h"
#include "engine/dtype.h"

namespace sinter::cuda {

SINTER_DEVICE double real_at(const Reals& t, int64_t i) {
  switch (static_cast<DType>(t.dtype)) {
    case DType::f64: return __ldg(static_cast<const f64*>(t.data) + i);
    case DType::f32: return __ldg(static_cast<const f32*>(t.data) + i);
    case DType::bf16: return widen(__ldg(static_cast<const bf16*>(t.data) + i));
    default: return widen(__ldg(static_cast<const f16*>(t.data) + i));
  }
}

// Pixels are computed in float, those of f64 in double.
template <class T>
using PixelType = decltype(detail::Computing<T>::type{} + 0.f);

}  // namespace sinter::cuda
