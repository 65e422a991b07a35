// Compiled chains. Place in the whole: between chain.cpp, which asks for the kernel of a program and a layout, and the runtime, which
// compiles its text on each device that launches it.
#pragma once
#include <memory>
#include <string>

#include "cuda/kernels/chain/layout.h"
#include "cuda/runtime/launch.h"
#include "engine/chain.h"

namespace sinter::cuda {

class CompiledChain {
 public:
  explicit CompiledChain(std::string text);
  const Kernel& kernel() const { return kernel_; }
  // Whether there is one.
  explicit operator bool() const { return !text_.empty(); }
  // A graph has it: it stays.
  bool recorded = false;

 private:
  const std::string text_;
  const Image image_;
  const Kernel kernel_;
};

// The kernel, or none; made if need be. The longest unused ones are unloaded where there are many.
std::shared_ptr<CompiledChain> compiled(const Call& call, const Chain& chain, const ChainLayout& layout);

}  // namespace sinter::cuda
