// What the two ways of maxPool share. Place in the whole: max_pool.cpp finds maxima with their indices, max_pool_values.cpp
// maxima alone.
#pragma once
#include <limits>

#include "cpu/pool/sweep.h"

namespace sinter::cpu::SINTER_ISA {

// Whether v takes the place of the best so far: no number is greater than a NaN, and the first of equal ones stays.
template <class V>
SINTER_INLINE auto takes_over(V best, V v) {
  return (v > best) | (v != v);
}

void max_pool_values(const Call& c, const PoolGeometry& k);

}  // namespace sinter::cpu::SINTER_ISA
