// What clip.cu and its host side agree on.
#pragma once
#include "cuda/kernels/optim/tensors.h"

namespace sinter::cuda {

constexpr int kNormThreads = 1024;
constexpr int kCentralRows = kOptimThreads / 32;  // a block

enum NormKind : int32_t { kNormOne, kNormTwo, kNormLargest, kNormOther };

}  // namespace sinter::cuda
