// Reference backend: programs of pointwise operators (native/engine/chain.h), each step by its reference over whole tensors.
#include "engine/chain.h"

#include "engine/backend.h"
#include "reference/elements.h"

namespace sinter::reference {

void pointwiseChain(const Call& c) {
  const Chain chain = chain_of(c);
  const Kernel* const kernels = reference_backend()->kernels;
  const auto room = [&](DType dtype) {
    TensorRef y = c.out[0];
    y.dtype = dtype;
    y.data = c.scratch(static_cast<size_t>(y.numel) * dtype_size(dtype));
    return y;
  };
  std::vector<TensorRef> values;
  for (int k = 0; k < c.nin; k++) {
    const TensorRef y = room(c.in[k].dtype);
    kernels[16 /* copy */]({&c.in[k], &y, nullptr, 1, 1, 0, c.workspace});
    values.push_back(y);
  }
  for (int s = 0; s < chain.count; s++) {
    const ChainStep& step = chain.steps[s];
    const TensorRef y = step.result >= 0 ? c.out[step.result] : room(step.dtype);
    std::vector<TensorRef> operands;
    for (int k = 0; k < step.nin; k++) operands.push_back(values[static_cast<size_t>(step.value(k))]);
    kernels[step.opcode]({operands.data(), &y, step.attr, step.nin, 1, step.nattr, c.workspace});
    values.push_back(y);
  }
}

}  // namespace sinter::reference
