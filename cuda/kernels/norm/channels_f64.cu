// Normalised channels of f64. Place in the whole: device code of batch_norm.cpp and group_norm.cpp; see channels.cuh.
// sinter: cubins 80 90
#include "cuda/kernels/norm/channels.cuh"

namespace sinter::cuda {

SINTER_CHANNELS(f64)

}  // namespace sinter::cuda
