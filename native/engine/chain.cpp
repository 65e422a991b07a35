#include "engine/chain.h"

#include <cmath>

#include "engine/backend.h"

namespace sinter {

namespace {

[[noreturn]] void no_program(const char* why) {
  fail(ErrorCode::internal, "pointwiseChain: the attributes are no program: %s", why);
}

// A whole number from 0 to below `end`.
int index_of(double x, int end, const char* what) {
  if (!(x >= 0 && x < end) || x != std::floor(x)) no_program(what);
  return static_cast<int>(x);
}

}  // namespace

Chain chain_of(const Call& call) {
  const double *at = call.attr, *const end = call.attr + call.nattr;
  if (call.nattr < 1 + call.nout) no_program("it is cut off");
  const int count = index_of(*at++, kMaxChainValues, "too many steps");
  if (call.nin + count > kMaxChainValues) no_program("too many values");
  auto* steps = static_cast<ChainStep*>(call.host_scratch(sizeof(ChainStep) * static_cast<size_t>(count + 1)));
  const double* const results = at;
  at += call.nout;
  for (int s = 0; s < count; s++) {
    if (end - at < 4) no_program("it is cut off");
    ChainStep& step = steps[s];
    step.opcode = index_of(at[0], kMaxOpcode, "opcode");
    step.dtype = static_cast<DType>(index_of(at[1], kDTypes, "dtype"));
    step.nin = index_of(at[2], kMaxChainOperands + 1, "operands of a step");
    step.nattr = index_of(at[3], kMaxChainValues, "attributes of a step");
    step.values = at + 4;
    step.attr = step.values + step.nin;
    step.last = s;
    step.result = -1;
    if (end - step.values < step.nin + step.nattr) no_program("it is cut off");
    for (int k = 0; k < step.nin; k++)
      if (const int v = index_of(step.values[k], call.nin + s, "a value that is not there yet"); v >= call.nin)
        steps[v - call.nin].last = s;
    at = step.attr + step.nattr;
  }
  for (int r = 0; r < call.nout; r++) {
    ChainStep& step = steps[index_of(results[r] - call.nin, count, "a result that no step computes")];
    if (step.result >= 0) no_program("a result twice");
    if (step.dtype != call.out[r].dtype) no_program("a result of another dtype");
    step.result = r;
  }
  return {call.nin, count, steps};
}

}  // namespace sinter
