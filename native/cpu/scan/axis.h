// A contiguous operand seen from one axis. Place in the whole: shared by scans and sorts, which also need the runs of
// the copy family.
#pragma once
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// (outer, n, inner), n the axis; a tensor of rank 0 is one line of one element.
struct LineAxis {
  int64_t outer = 1, n = 1, inner = 1;

  SINTER_INLINE LineAxis(const TensorRef& t, int64_t axis) {
    if (t.rank == 0) return;
    if (axis < 0) axis += t.rank;
    for (int64_t i = 0; i < t.rank; i++) (i < axis ? outer : i == axis ? n : inner) *= t.dims[i];
  }
};

}  // namespace sinter::cpu::SINTER_ISA
