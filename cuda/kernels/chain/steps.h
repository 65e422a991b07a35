// What steps of chains compute, as PTX. Place in the whole: made by the build of steps/steps.cu, pasted into kernels by the generator. The
// texts are an image (cuda/runtime/image.h) that is no kernel: the module for users has them packed, as it has kernels.
#pragma once
#include <string_view>
#include <unordered_map>

#include "cuda/runtime/device.h"

namespace sinter::cuda {

class Steps {
 public:
  // Names and texts in turn, a zero byte behind each and an empty name at the end, of which views are kept.
  explicit Steps(const char* table);

  // The function of a name of steps.cu ("tanh_f32", "convert_f32_bf16", "read_f16"); empty where there is none. Its text has `@0`, `@1`, ...
  // for its operands and numbers, which may be constants, and `@y` for the register of its result. Its own registers begin with %, its
  // labels with $: whoever pastes it twice gives them other names. Variables that it reads are named `steps_0`, `steps_1`, ..., each of
  // which has a text too: what a module that has the function declares.
  std::string_view text(std::string_view name) const;

 private:
  std::unordered_map<std::string_view, std::string_view> texts_;
};
constexpr std::string_view kStepsVariable = "steps_";

// The build's.
const Steps& steps_of(Device& device);

}  // namespace sinter::cuda
