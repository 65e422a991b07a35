// Launches of the kernels of normalised channels. Place in the whole: what batch_norm.cpp and group_norm.cpp share.
#pragma once
#include "cpu/rounding.h"
#include "cuda/kernels/norm/channels.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

constexpr int kChannelWarps = kChannelThreads / 32;

// x (n, c, s) of a tensor (n, c, ...), none of which is empty where it is read.
struct ChannelShape {
  int64_t n, c, s;
  explicit ChannelShape(const TensorRef& x);
  int64_t count() const { return n * s; }
};

// Throws Error where x's dtype is no floating-point one.
void require_floating(const char* op, DType dtype);
// The type that elements are computed in.
inline DType computed_in(DType dtype) { return dtype == DType::f64 ? DType::f64 : DType::f32; }
// A contiguous operand as kernels read it, at a multiple of 16 bytes: a copy where it is not.
const void* aligned(const Call& call, const TensorRef& t);
const void* converted(const Call& call, const TensorRef& t, DType dtype);
void* table_for(const Call& call, DType dtype, int64_t entries);

// How the sums of channels are cut: parts [slice][c].
struct ChannelPlan {
  ChannelSums sums{};
  bool by_columns;
  int64_t slices;
  Dim grid;
  ChannelPlan(const Call& call, DType dtype, int64_t n, int64_t c, int64_t s, bool by_columns);
};
// Operands are in plan.sums; makes plan.sums.parts.
void sum_moments(const Call& call, ChannelPlan& plan, DType dtype);
void sum_gradients(const Call& call, ChannelPlan& plan, DType dtype);

// y, or with `gradient` gx; p has operands and their size: runs of s elements, whose entries are the table's c in turn.
void apply_table(const Call& call, ChannelApply p, DType dtype, int64_t s, int64_t c, bool gradient);

}  // namespace sinter::cuda
