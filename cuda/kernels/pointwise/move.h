// Copies and fills, of any dtypes and strides. Place in the whole: move.cpp; other families use them too.
#pragma once
#include "engine/call.h"

namespace sinter::cuda {

// dst[...] = src, broadcast and cast.
void copy_to(const Call& call, const TensorRef& dst, const TensorRef& src);
// dst[...] = value
void fill_with(const Call& call, const TensorRef& dst, double value, double imaginary = 0);
// `value` as an element of dtype, at most 16 bytes.
void element_of(DType dtype, double value, double imaginary, void* bytes);

}  // namespace sinter::cuda
