// Reading weights of groups. Place in the whole: shared by groups.cu and weight_only.cu.
#pragma once
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/quant/groups.h"

namespace sinter::cuda {

SINTER_DEVICE float scale_of(const GroupedWeight& w, uint16_t bits) {
  return w.bf16_scales ? __uint_as_float(static_cast<uint32_t>(bits) << 16) : __half2float(__ushort_as_half(bits));
}
SINTER_DEVICE float group_scale(const GroupedWeight& w, int64_t at) { return scale_of(w, __ldg(w.scales + at)); }

}  // namespace sinter::cuda
