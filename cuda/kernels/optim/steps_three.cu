// Steps with up to three tensors of state. Place in the whole: device code of steps.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/optim/step.cuh"

namespace sinter::cuda {

SINTER_STEP(step_adam, Adam)
SINTER_STEP(step_rmsprop, RmsProp)

}  // namespace sinter::cuda
