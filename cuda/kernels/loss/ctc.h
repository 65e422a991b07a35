// Connectionist temporal classification: what host and kernels agree on. Place in the whole: ctc.cpp launches, ctc.cu computes;
// native/cpu/loss/ctc.h has the lattice: 2 l + 1 states of a sample, blank, l1, blank, ..., blank.
#pragma once
#include <cstdint>

#include "cuda/kernels/fault.h"

namespace sinter::cuda {

constexpr int kCtcThreads = 256;
constexpr int kCtcShared = 48 << 10;  // bytes of shared memory for two rows of a lattice, at most

struct CtcProblem {
  const void* log_probs;  // (frames, n, classes) of `dtype`
  const int64_t *targets, *input_lengths, *target_lengths;
  int64_t frames, n, classes, blank;
  int64_t targets_numel, row;  // row: of targets (n, row); -1: one sample's after the other's
  double* alpha;               // a sample's (frames, states) after the other's; the backward pass reads it
  int32_t dtype, zero_infinity;
  int32_t room;  // numbers of dynamic shared memory
  Fault* fault;
  // Forward.
  void* losses;  // (n) of `dtype`
  // Backward.
  const void* g;    // (n) of g_dtype
  double* beta;     // as alpha
  double* loss;     // (n)
  int64_t* begins;  // (n): where targets begin; -1: the sample has errors
  int32_t* next;    // of each target the next one of its sample that is the same, or -1
  int32_t* leads;   // 1: it is the first of these, and not blank
  void* gx;         // (frames, n, classes) of `dtype`
  int32_t g_dtype;
};

}  // namespace sinter::cuda
