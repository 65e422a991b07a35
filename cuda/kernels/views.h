// Several strided operands walked as one: what host and kernel agree on. Place in the whole: views.cpp makes them of a call's
// tensors, indexing.cuh reads them in kernels.
//
// Dimensions are collapsed as far as all operands allow, the innermost first. A launch covers fewer than 2^31 elements, so that a
// kernel counts in 32 bits; what is larger is cut into several launches on the host. Offsets of elements are 64 bits.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kMaxViewRank = 16;

// n / d for n below 2^31 by a multiplication: Granlund and Montgomery, "Division by invariant integers using multiplication",
// PLDI 1994, figure 4.1.
struct Divisor {
  uint32_t value, factor, shift;
};

template <int kOperands>
struct Views {
  void* data[kOperands];  // null: the operand is a number
  uint32_t numel;
  int32_t rank;
  // Bit k: operand k's offset is the index itself; all reads and writes of operand k take whole packs of the kernel's size, of
  // neighbours or of one element; operand k is one element along the innermost dimension.
  uint32_t flat, packed, constant;
  Divisor dims[kMaxViewRank];
  int64_t strides[kOperands][kMaxViewRank];  // in elements
};

}  // namespace sinter::cuda
