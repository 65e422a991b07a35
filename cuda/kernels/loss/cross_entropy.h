// Cross entropy: what host and kernels agree on. Place in the whole: cross_entropy.cpp launches, cross_entropy.cu computes; the formula
// and its symbols are in native/cpu/loss/cross_entropy.h.
#pragma once
#include <cstdint>

#include "cuda/kernels/fault.h"

namespace sinter::cuda {

constexpr int kLossThreads = 256;
constexpr int kLossPacks = 4;  // of 16 bytes, kept by a thread between the passes over a row
// Where loss and gradient need registers for both.
template <int kBytes>
constexpr int kLossIntoPacks = kBytes == 8 ? 1 : 2;

enum : int32_t { kLossNone = 0, kLossMean = 1, kLossSum = 2 };

// Contiguous operands; those that are absent are null. V: the type that logits are computed in.
struct CrossEntropy {
  const void* logits;
  const void* target;
  const void* weight;  // of V
  const void* g;       // backward: of g_dtype; into: the scale, of V
  void* lse;           // of V: written by the loss, read by its gradient
  void* total;         // of V, likewise
  void* loss;          // of loss_dtype, unless losses are reduced
  void* gradient;
  double *losses, *counted;  // scratch: a row's loss and its target's weight
  Fault* fault;
  int64_t rows, classes, ignored;
  double smoothing, share;                                     // share: smoothing over classes
  int32_t members, wide, reduction, loss_dtype, g_dtype, one;  // wide: targets are i64; one: g is one number
};

}  // namespace sinter::cuda
