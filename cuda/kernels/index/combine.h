// Elements or slices of y replaced by those of a source, or combined with them, at indices. Place in the whole: the host side that
// scatters, index reductions and embeddings' gradients share; combine.cu are its kernels.
#pragma once
#include "cuda/kernels/index/index.h"

#ifndef __CUDACC__
#include "cuda/kernels/index/radix_pairs.h"
#include "engine/call.h"
#endif

namespace sinter::cuda {

// {mode} of native/ops.def.
enum CombineMode : int32_t { kReplace, kSum, kProduct, kMean, kLargest, kSmallest };

// Sources of one element are combined in runs that end at multiples of this many sorted places, then run by run.
constexpr int kCombineRun = 64;

// y (outer, n, inner), source (outer, k, inner): slice `place` of the source belongs to slice `key` of y. Sizes in packs of the kernel.
struct Slices {
  Split width;  // outer * inner
  Split inner;
  int64_t n, k;
};

struct Sorted {
  Indices keys;            // rising
  const uint32_t* places;  // of a key, rising
  int64_t count;
};

#ifndef __CUDACC__
// Keys in scratch memory, ready for sort_pairs: keys below `limit` name what is written, `limit` itself stands for nothing.
struct Keys {
  void* data;
  bool wide;
  int64_t count, limit;
};

// `narrow`: always of 32 bits, for a kernel that writes no others; the limit is below 2^31.
Keys make_keys(const Call& call, int64_t count, int64_t limit, const char* op, bool narrow = false);
Sorted sorted(const Call& call, const Keys& keys);

// outer, n, inner, k as in Slices, in elements. source: one element for all where `single`.
struct Combination {
  int64_t outer, n, inner, k;
  CombineMode mode;
  bool self;     // what y holds counts too
  double alpha;  // times the source
  bool single;
};

// y holds what it begins with. Throws Error where the dtype has no such arithmetic.
void combine(const Call& call, const char* op, const Sorted& order, const TensorRef& y, const TensorRef& source,
             const Combination& how);

// Keys of slices: the indices themselves; `left_out` names nothing.
Keys slice_keys(const Call& call, const char* op, const TensorRef& indices, int64_t n, int64_t left_out,
                ReportRecord* report);
#endif

}  // namespace sinter::cuda
