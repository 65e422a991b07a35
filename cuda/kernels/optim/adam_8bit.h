// What adam_8bit.cu and its host side agree on: the codes of native/cpu/optim/dynamic_map.h.
#pragma once
#include "cuda/kernels/optim/rules.h"
#include "cuda/kernels/optim/tensors.h"

namespace sinter::cuda {

constexpr int kCodeBlock = 256;  // elements that share a scale: a warp's work
constexpr int kDecades = 7;
constexpr int kCodeWarps = kOptimThreads / 32;

// Operands of a group behind the first three: codes of m and v, their scales.
constexpr int kCodes = kState, kScales = kState + 2, kCodeOperands = kState + 4;

// Finds the number, counted from zero upwards, of the value nearest to a magnitude in [0, 1].
struct NearestCode {
  float threshold[kDecades + 1], scale[kDecades], offset[kDecades], last[kDecades];
};

struct Adam8bit {
  Moments<float> moments;
  float lr, keep, decay, sign;
  NearestCode signed_codes, unsigned_codes;
  const float* values;  // 256 of the signed codes, 256 of the unsigned ones
};

}  // namespace sinter::cuda
