// Reductions: what host and kernels agree on. Place in the whole: reduction.cpp plans a launch, reduction.cuh carries it out, the .cu
// files of this folder state what is reduced.
#pragma once
#include <cstdint>

#include "cuda/kernels/views.h"

namespace sinter::cuda {

constexpr int kReduceThreads = 256;
constexpr int kReduceAligned = 16;  // elements that a chunk begins at a multiple of: the largest pack

// Dimensions that are counted through as one, innermost first.
struct Extents {
  int64_t count;  // their product
  int32_t rank;
  int32_t wide;  // count is 2^31 or more: quotients by `inverse` instead of `dims`
  Divisor dims[kMaxViewRank];
  int64_t sizes[kMaxViewRank];
  double inverse[kMaxViewRank];
  int64_t strides[kMaxViewRank];  // in elements
};

struct Reduction {
  const void* x;
  void* y;
  void* partial;  // states [result][chunk]; null where one block sees all of a result
  Extents kept, reduced;
  int64_t chunk;    // reduced elements of a block; gridDim.y of them
  int32_t members;  // threads that share a result, a power of two
  int32_t columns;  // neighbouring threads have neighbouring results, not neighbouring elements of one
  int32_t packed;   // elements are read 16 bytes a thread
  int32_t dtype;    // of y
  int32_t finish;   // the operator's own
  int32_t chunks;
  double parameter;
};

// Elements that a thread reads at once along a row, for kernels that fold at most `most` at once.
constexpr int reduce_pack(int bytes, int most) { return 16 / bytes < most ? 16 / bytes : most; }

// Reduction::finish
enum : int32_t {
  kFinishPlain = 0,
  kFinishMean = 1,  // sum: over the number of elements
  kFinishAny = 2,   // count: of what is not zero
  kFinishAll = 3,
};

}  // namespace sinter::cuda
