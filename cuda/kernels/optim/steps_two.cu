// Steps with two tensors of state. Place in the whole: device code of steps.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/optim/step.cuh"

namespace sinter::cuda {

SINTER_STEP(step_nadam, NAdam)
SINTER_STEP(step_radam, RAdam)
SINTER_STEP(step_adadelta, Adadelta)
SINTER_STEP(step_adamax, Adamax)

}  // namespace sinter::cuda
