// What of a rule depends on the number of the step, where that is known on the device alone. Place in the whole: device code of late.cpp;
// one thread, in front of the step.
// sinter: cubins 80 90
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/optim/adafactor.h"
#include "cuda/kernels/optim/late.h"

namespace sinter::cuda {

template <class Rule>
SINTER_DEVICE void count(const StepAttributes& given, const float* less, Counted* counted) {
  double a[StepAttributes::kMost];
  const double by = *less;
#pragma unroll
  for (int i = 0; i < StepAttributes::kMost; i++) a[i] = given.at[i] - (i == given.count ? by : 0);
  *counted = Rule::counted(a);
}

#define SINTER_COUNT(name, Rule)                                                                                     \
  extern "C" __global__ void __launch_bounds__(1)                                                                    \
      count_##name(const __grid_constant__ StepAttributes attributes, const float* __restrict__ less, Counted* to) { \
    count<Rule>(attributes, less, to);                                                                               \
  }

SINTER_COUNT(sgd, Sgd<f64>)
SINTER_COUNT(adagrad, Adagrad<f64>)
SINTER_COUNT(moments, Moments<f64>)
SINTER_COUNT(radam, RAdam<f64>)
SINTER_COUNT(adamax, Adamax<f64>)
SINTER_COUNT(adafactor, Adafactor)

}  // namespace sinter::cuda
