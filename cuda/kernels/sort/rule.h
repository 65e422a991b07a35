// The order of a dtype's elements, for kernels that see bits. Place in the whole: host side of keys.cuh.
#pragma once
#include "cuda/kernels/sort/sort.h"
#include "engine/dtype.h"

namespace sinter::cuda {

inline KeyRule rule_of(DType d, bool descending) {
  KeyRule rule{};
  rule.bytes = static_cast<int32_t>(dtype_size(d));
  rule.floating = is_floating(d);
  rule.sign = d == DType::i8 || d == DType::i32 || d == DType::i64;
  rule.descending = descending;
  rule.infinity = d == DType::f16    ? 0x7c00
                  : d == DType::bf16 ? 0x7f80
                  : d == DType::f32  ? 0x7f800000
                                     : UINT64_C(0x7ff0000000000000);
  return rule;
}

}  // namespace sinter::cuda
