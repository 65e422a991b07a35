// What adafactor.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"
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

struct Adafactor {
  double most, eps1, eps2, per_d, keep, sign, weight;  // most: min(lr, 1 / sqrt(step)); per_d: 1 / d
};

}  // namespace sinter::cuda
