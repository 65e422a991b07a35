// What pointwise kernels and their host side agree on. Place in the whole: pointwise.cuh is the kernel, launch.h launches it, and the
// list of a group's operators (unary.h, ...) is read by both: there it makes kernels, here the table that finds them.
#pragma once
#include "cuda/kernels/views.h"

namespace sinter::cuda {

constexpr int kPointwiseThreads = 256;
constexpr int kNumbers = 4;
constexpr int kNumber = 3;  // of an operand that is no tensor; the others are attributes

// Numbers in all types that operators compute in.
struct alignas(16) Numbers {
  double f64[kNumbers];
  int64_t whole[kNumbers];
  float f32[kNumbers];
};

// Elements that a thread has at once: as many as 16 bytes hold of the widest operand, one where an element is much work.
constexpr int pointwise_elements(bool costly, int widest) { return costly ? 1 : 16 / widest; }

}  // namespace sinter::cuda
