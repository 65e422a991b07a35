// Steps whose state is one tensor of the parameter's size. Place in the whole: device code of steps.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/optim/step.cuh"

namespace sinter::cuda {

SINTER_STEP(step_sgd, Sgd)
SINTER_STEP(step_adagrad, Adagrad)
SINTER_STEP(step_lion, Lion)

}  // namespace sinter::cuda
