// Whole blocks of a length. Place in the whole: kernels cut their work by them.
#pragma once
#include <cstdint>

#include "engine/call.h"

namespace sinter {

// a >= 0, b > 0: blocks of b that cover a, and what they cover.
SINTER_INLINE int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
SINTER_INLINE int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

}  // namespace sinter
