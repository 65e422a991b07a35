// Weights of groups as the operators get them. Place in the whole: shared by groups.cpp and weight_only.cpp.
#pragma once
#include "cuda/kernels/quant/groups.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// The operands {codes, scales, zeros?} from `first` on, of a weight (out, in); the attributes begin {bits, group}.
GroupedWeight read_groups(const Call& call, int first, int64_t out, int64_t in);

// y (out, in), f32, bf16 or f16, contiguous. `rest`, null or as a y of bf16: what its rounding leaves over.
void dequantize(const Call& call, const GroupedWeight& w, DType dtype, void* y, void* rest);

}  // namespace sinter::cuda
