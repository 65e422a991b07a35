// Elements chosen by a condition, numbered in row-major order. Place in the whole: shared by nonzero, maskedSelect and
// maskedScatter. A first pass counts each block's chosen elements; their running sum tells every block the number of
// its first one, so that blocks are independent of each other and of the threads.
#pragma once
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kSelectBlock = 8192;

// Numbers of the blocks' first chosen elements, followed by the total. count(begin, end): chosen ones in a range.
template <class F>
SINTER_INLINE const int64_t* first_of_blocks(const Call& c, int64_t n, F count) {
  const int64_t blocks = (n + kSelectBlock - 1) / kSelectBlock;
  int64_t* first = c.scratch_of<int64_t>(blocks + 1);
  parallel_for(blocks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) first[b + 1] = count(b * kSelectBlock, std::min(n, (b + 1) * kSelectBlock));
  });
  first[0] = 0;
  for (int64_t b = 0; b < blocks; b++) first[b + 1] += first[b];
  return first;
}

// f(begin, end, number of the first chosen element) for every block.
template <class F>
SINTER_INLINE void each_block(int64_t n, const int64_t* first, F f) {
  parallel_for((n + kSelectBlock - 1) / kSelectBlock, 4, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) f(b * kSelectBlock, std::min(n, (b + 1) * kSelectBlock), first[b]);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
