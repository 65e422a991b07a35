// A multiply-add that stays where it is. Place in the whole: inner loops with many accumulators (the gemm family).
#pragma once
#include <type_traits>

#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

// acc += x * y in acc's own register. Left to itself GCC 12 moves accumulators about in unrolled loops, and a copy for every few
// multiply-adds is a fifth of the speed where the core's dispatch is the limit.
template <class V>
SINTER_INLINE void fma_into(V& acc, V x, V y) {
#if defined(__FMA__) && !defined(__clang__)
  if constexpr (std::is_same_v<V, Vf>)
    asm("vfmadd231ps %2, %1, %0" : "+v"(acc) : "v"(x), "v"(y));
  else if constexpr (std::is_same_v<V, Vd>)
    asm("vfmadd231pd %2, %1, %0" : "+v"(acc) : "v"(x), "v"(y));
  else
    acc += x * y;
#else
  acc += x * y;
#endif
}

}  // namespace sinter::cpu::SINTER_ISA
