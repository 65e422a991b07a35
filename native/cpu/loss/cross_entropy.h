// What cross entropy's two directions share. Place in the whole: loss/. With w the class weights (1 where absent), W
// their sum, t a row's target and e the smoothing,
//   loss = (1 - e) w_t (lse - x_t) + e / c * sum_j w_j (lse - x_j),   0 where t is ignoreIndex
//   mean = sum of the losses / total,   total = sum of w_t over the rows that are not ignored
// which is PyTorch's definition, smoothing and weights together included.
#pragma once
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {

enum Reduction : int { kNone = 0, kMean = 1, kSum = 2 };

struct LossAttributes {
  int reduction;
  int64_t ignore_index;
  double smoothing;
  explicit LossAttributes(const Call& c)
      : reduction(static_cast<int>(c.attr[0])), ignore_index(c.int_attr(1)), smoothing(c.attr[2]) {}
};

}  // namespace sinter::cpu::SINTER_ISA
