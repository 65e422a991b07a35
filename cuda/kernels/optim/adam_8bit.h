// What adam_8bit.cu and its host side agree on: the codes of native/cpu/optim/dynamic_map.h.
#pragma once
#include "cuda/kernels/optim/late.h"
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

// {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize}
struct Adam8bitRule {
  static constexpr bool kCounts = true;
  Moments<float> moments;
  Decay<float> decay;
  float lr, sign;

  static Adam8bitRule of(const double* a) {
    return {Moments<float>::of(a), Decay<float>::of(a[0], a[4], a[6] != 0), static_cast<float>(a[0]),
            a[7] != 0 ? -1.0f : 1.0f};
  }
  SINTER_STEP_FUNCTION void take(const Counted& n) { moments.take(n); }
};

struct Codes {
  NearestCode signed_codes, unsigned_codes;
  const float* values;  // 256 of the signed codes, 256 of the unsigned ones
};

}  // namespace sinter::cuda
