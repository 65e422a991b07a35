// What the two ways of maxPool share. Place in the whole: max_pool.cpp is the operator and computes integers,
// max_pool_columns.cpp floating-point numbers.
#pragma once
#include <limits>

#include "cpu/pool/sweep.h"

namespace sinter::cpu::SINTER_ISA {

// Whether v takes the place of the best so far: no number is greater than a NaN, and the first of equal ones stays.
template <class V>
SINTER_INLINE auto takes_over(V best, V v) {
  return (v > best) | (v != v);
}

// The first place of a window that is no padding.
SINTER_INLINE int64_t first_inside(int64_t at, const PoolAxis& k) {
  return at < 0 ? at + ceil_div(-at, k.dilation) * k.dilation : at;
}

// False where the dtype is not floating-point.
bool max_pool_columns(const Call& c, const PoolGeometry& k);

}  // namespace sinter::cpu::SINTER_ISA
