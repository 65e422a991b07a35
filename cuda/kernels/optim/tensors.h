// Many tensors as one space of work. Place in the whole: what the multi-tensor kernels and their host sides agree on. The tensors' table
// is a kernel's parameter, so nothing is uploaded and a captured launch holds all it needs; what a table does not hold is another launch.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kOptimThreads = 256;
constexpr int64_t kOptimPiece = 4096;  // elements a block: 16 a thread
constexpr int64_t kNormPiece = 16384;  // of sums over tensors, so that few are left to add

// Operands of a group of steps, as in native/cpu/optim/multi_tensor.h.
constexpr int kParameter = 0, kGradient = 1, kLow = 2, kState = 3;

template <int kPointers>
struct Tensors {
  static constexpr int kBytes = 3584;  // of the 4096 that all drivers take
  struct Entry {
    int64_t numel;
    int64_t element;      // the first one's number in the command; what else a kernel says
    int32_t first_block;  // of the launch
    int32_t packed;       // 1: reads and writes of 16 bytes are aligned
    void* data[kPointers];
  };
  static constexpr int kMost = (kBytes - 16) / static_cast<int>(sizeof(Entry));
  int64_t first_block;  // of entry 0, counted over the command's launches
  int32_t count;
  Entry at[kMost];
};

}  // namespace sinter::cuda
