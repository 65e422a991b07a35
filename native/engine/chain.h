// Programs of pointwise operators: what `pointwiseChain` runs. Place in the whole: lib/fusion writes them, and every backend reads them
// here; it computes step by step what the operators of the table would, element by element, without going through memory in between.
//
// Values are numbered: the operands first, then a value for each step, which reads values before it. As attributes of a call:
//
//   steps, value of result 0, value of result 1, ..., then for each step
//   opcode, dtype of its value, operands n, attributes m, n values, m attributes as the operator takes them (ops.def)
//
// Results are values of steps, no two of them the same one.
#pragma once
#include "engine/call.h"

namespace sinter {

// lib/fusion/program.ts has these limits too, and says so to users.
constexpr int kMaxChainValues = 512;  // operands and steps
constexpr int kMaxChainOperands = 4;  // of a step

struct ChainStep {
  int opcode;
  DType dtype;
  int nin, nattr;
  const double* values;
  const double* attr;
  int last;    // the last step that reads the value, itself where none does
  int result;  // number of the result that it is, or -1

  SINTER_INLINE int value(int k) const { return static_cast<int>(values[k]); }
};

struct Chain {
  int inputs, count;
  const ChainStep* steps;
};

// Reads a call's attributes, into memory of the call; throws Error{internal} where they are no program.
Chain chain_of(const Call& call);

}  // namespace sinter
