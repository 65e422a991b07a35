// Convolution at few positions, into many channels (few_pixels.cpp): which problems it takes, and what they cost it.
#pragma once
#include "cpu/conv/problem.h"
#include "cpu/gemm/gemm.h"

namespace sinter::cpu::SINTER_ISA {

// So few positions that tasks are made of channels; the patches have to stay in the caches while they are multiplied.
SINTER_INLINE bool has_few_pixels(const Problem& p, const Target& target) {
  constexpr int64_t kPatchBytes = 3 << 20;
  return target.channels >= 48 && p.depth() >= 48 &&
         p.images * p.pixels() * p.groups * p.depth() * static_cast<int64_t>(sizeof(float)) <= kPatchBytes;
}

// Up to so many positions behind the last whole vector are summed along the depth: what the registers hold sums for.
constexpr int kMostRest = kMR > 6 ? 4 : 2;

// How many of a line's positions are.
template <class T>
SINTER_INLINE int64_t rest_of_line(int64_t line) {
  const int64_t rest = line % kLanes<T>;
  return rest <= kMostRest ? rest : 0;
}

}  // namespace sinter::cpu::SINTER_ISA
