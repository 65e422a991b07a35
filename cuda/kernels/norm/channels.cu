// Normalised channels of f32, bf16 and f16. Place in the whole: device code of batch_norm.cpp and group_norm.cpp; see channels.cuh.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/norm/channels.cuh"

namespace sinter::cuda {

SINTER_CHANNELS(f32)
SINTER_CHANNELS(bf16)
SINTER_CHANNELS(f16)

}  // namespace sinter::cuda
