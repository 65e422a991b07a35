// The one strided copy. Place in the whole: copy, copyInto, concat and the kernels that need a dense operand call it.
#pragma once
#include "cpu/copy/view.h"

namespace sinter::cpu::SINTER_ISA {

// dst[...] = src[...], cast, over nest.dims: operand 0 is dst (no two positions may coincide), operand 1 is src.
// Parallel.
void strided_copy(Nest<2> nest, DType dst_dtype, void* dst, DType src_dtype, const void* src);

}  // namespace sinter::cpu::SINTER_ISA
