// Steps of which the device alone knows whether they happen, and which in number they are: under loss scaling (engine/late.h). Place in
// the whole: an argument of every kernel of a step; late.cu computes what depends on the number.
#pragma once
#include "cuda/kernels/optim/rules.h"

namespace sinter::cuda {

struct LateStep {
  const float* unless = nullptr;     // not zero: the step does not happen
  const Counted* counted = nullptr;  // in place of what the host counted; null: that is true

#ifdef __CUDACC__
  __device__ __forceinline__ bool leaves_out() const { return unless && *unless != 0; }
  template <class Rule>
  __device__ __forceinline__ Rule of(const Rule& host) const {
    Rule rule = host;
    if constexpr (Rule::kCounts)
      if (counted) rule.take(*counted);
    return rule;
  }
#endif
};

struct StepAttributes {
  static constexpr int kMost = 12;
  double at[kMost];
  int count;  // which of them is the number of the step
};

}  // namespace sinter::cuda
