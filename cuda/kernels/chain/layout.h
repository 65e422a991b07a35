// How the operands of a chain lie, as far as its kernel's text depends on it. Place in the whole: between a call and the generator.
#pragma once
#include "cuda/kernels/walk.h"
#include "engine/call.h"

namespace sinter::cuda {

constexpr int kChainThreads = 256;
constexpr int kChainOperands = 16;  // results and operands
constexpr int kChainRank = 6;       // after dimensions that all walk as one have been joined

enum class Way : char {
  flat,      // at the index
  single,    // one element for all
  rows,      // by strides; a pack's elements are neighbours
  constant,  // by strides; one element for a pack
};

struct ChainLayout {
  Walk walk{TensorRef{}};  // results first
  DType dtypes[kChainOperands];
  Way ways[kChainOperands];
  int elements;  // a thread has, and every access is of: 16 bytes of the widest operand, or one element

  int operands() const { return walk.operands; }
};

// False where there are more operands, dimensions or elements than a kernel takes, or elements without a kernel.
bool layout_of(const Call& call, ChainLayout& layout);
// Of elements one at a time, wherever they lie.
ChainLayout one_by_one(const ChainLayout& layout);

// A kernel's parameter: the number of elements; two words a dimension, innermost first: its size and, above it, the factor to divide by,
// then the shift; for each operand its address and, but for those at the index and single ones, strides in bytes.
struct ChainWords {
  uint64_t at[160];
};
ChainWords words_of(const ChainLayout& layout, int64_t begin, int64_t count);
// Where an operand's words are.
int word_of(const ChainLayout& layout, int operand);
inline bool has_strides(Way way) { return way == Way::rows || way == Way::constant; }

}  // namespace sinter::cuda
