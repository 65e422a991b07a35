// The text of a chain's kernel. Place in the whole: from a program and the layout of its operands to PTX, which the driver compiles
// for its device.
#pragma once
#include <string>

#include "cuda/kernels/chain/layout.h"
#include "cuda/kernels/chain/steps.h"
#include "engine/chain.h"

namespace sinter::cuda {

constexpr const char* kChainKernel = "pointwise_chain";

// Empty where a step has no function, or the text is too long: the program then runs step by step.
std::string generate(const Steps& steps, const Chain& chain, const ChainLayout& layout, int results);

}  // namespace sinter::cuda
