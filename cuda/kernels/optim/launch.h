// From a command's groups of operands to tables of tensors. Place in the whole: what the host sides of the optimizers' kernels share.
#pragma once
#include "cuda/kernels/optim/late.h"
#include "cuda/kernels/optim/rounding.h"
#include "cuda/kernels/optim/tensors.h"
#include "cuda/kernels/random/stream_of.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

// fill(i, entry, blocks) describes group i, false for one to leave out; go(table, blocks) launches, as often as tables fill up.
template <class Table, class Fill, class Go>
void each_table(int groups, Fill fill, Go go) {
  Table table{};
  int64_t blocks = 0;
  const auto flush = [&] {
    if (table.count > 0) go(table, blocks);
    table.first_block += blocks;
    table.count = 0;
    blocks = 0;
  };
  for (int i = 0; i < groups; i++) {
    typename Table::Entry entry{};
    int64_t needs = 0;
    if (!fill(i, entry, needs) || needs == 0) continue;
    if (table.count == Table::kMost || blocks + needs > INT32_MAX) flush();
    entry.first_block = static_cast<int32_t>(blocks);
    table.at[table.count++] = entry;
    blocks += needs;
  }
  flush();
}

inline int64_t pieces_of(int64_t numel, int64_t piece = kOptimPiece) { return (numel + piece - 1) / piece; }

// Whether accesses of `elements` neighbours are aligned.
inline bool is_aligned(const TensorRef& t, int elements) {
  return reinterpret_cast<uintptr_t>(t.data) % (static_cast<size_t>(elements) * dtype_size(t.dtype)) == 0;
}

// How a step rounds: its attributes end with {seedLo, seedHi, offset}, offset -1 for the nearest number.
inline Rounding rounding_of(const Call& call) {
  const int first = call.nattr - 3;
  if (call.attr[first + 2] < 0) return {};
  return {stream_of(call, first), 1};
}

// Kernels of a step: p and g of one dtype, f32 f64 bf16 f16, then p f32 with g bf16 and f16.
constexpr int kStepKernels = 6;
#define SINTER_CUDA_STEP(variable, image, name)                                                      \
  static constinit Kernel variable[kStepKernels] = {{image, name "_f32"},      {image, name "_f64"}, \
                                                    {image, name "_bf16"},     {image, name "_f16"}, \
                                                    {image, name "_f32_bf16"}, {image, name "_f32_f16"}};

// Which of them a command's dtypes ask for, of `size` operands a group, of which the state up to `states` has the parameter's dtype.
// Throws Error where operands do not agree.
int step_kernel(const Call& call, const char* op, int size, int states);

// Throws Error where one of every `size` operands is not floating.
void check_floating(const Call& call, int size, const char* op);

// What the call leaves to the device; `count` computes there what depends on the number of the step, null for a rule in which nothing
// does. Throws Error.
LateStep late_step(const Call& call, const Kernel* count);

}  // namespace sinter::cuda
