// Small operands of any floating dtype for the image kernels. Place in the whole: host side of pixels.cuh.
#pragma once
#include "cuda/kernels/image/image.h"
#include "engine/call.h"

namespace sinter::cuda {

static_assert(DType::f32 == DType{0} && DType::f64 == DType{1} && DType::bf16 == DType{2} && DType::f16 == DType{3});

inline Reals reals_of(const TensorRef& t) { return {t.data, static_cast<int32_t>(t.dtype)}; }

}  // namespace sinter::cuda
