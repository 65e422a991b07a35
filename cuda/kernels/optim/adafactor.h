// What adafactor.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"
#include "cuda/kernels/optim/late.h"
#include "cuda/kernels/optim/tensors.h"

namespace sinter::cuda {

constexpr int64_t kFactorRows = 64;  // whose squares a thread adds for its column
constexpr int kFactorWarps = kOptimThreads / 32;

// Operands of a group behind the first three; what is made in scratch memory: a factor for each row, sums of columns for each
// kFactorRows rows, both in the computing type.
constexpr int kRows = kState, kColumns = kState + 1, kVariance = kState + 2, kFactors = kState + 3,
              kColumnSums = kState + 4;
constexpr int kFactorPointers = kState + 5, kFactorOperands = kState + 3;

struct FactoredTensors {
  struct Entry {
    int64_t numel;
    int64_t element;  // the first one's number in the command
    int32_t first_block;
    void* data[kFactorPointers];
    double share;         // 1 / numel
    Split height, width;  // of a matrix; a vector is one row
    Split tiles, parts;   // of kOptimThreads columns, of kFactorRows rows
  };
  static constexpr int kMost = 16;
  int64_t first_block;  // of entry 0, counted over the command's launches
  int32_t count;
  int32_t first;  // the tensor that entry 0 is
  Entry at[kMost];
};
static_assert(sizeof(FactoredTensors) <= 3840);

// {lr, beta2Decay, eps1, eps2, d, weightDecay, step, maximize}
struct Adafactor {
  static constexpr bool kCounts = true;
  double most, eps1, eps2, per_d, keep, sign, weight;  // most: min(lr, 1 / sqrt(step)); per_d: 1 / d

  SINTER_RULE_FUNCTION static Counted counted(const double* a) {
    const double most = 1 / std::sqrt(a[6]);
    return {a[0] < most ? a[0] : most, detail::power(a[6], a[1])};
  }
  static Adafactor of(const double* a) {
    const Counted n = counted(a);
    return {n.first, a[2], a[3], 1 / a[4], 1 - a[0] * a[5], a[7] != 0 ? -1.0 : 1.0, n.second};
  }
  SINTER_STEP_FUNCTION void take(const Counted& n) {
    most = n.first;
    weight = n.second;
  }
};

}  // namespace sinter::cuda
