// What steps of chains compute, as PTX. Place in the whole: made by the build of steps/steps.cu, pasted into kernels by the generator.
//
// The text of a function has `@0`, `@1`, ... for its operands and numbers, which may be constants, and `@y` for the register of its
// result. Its own registers begin with %, its labels with $: whoever pastes it twice gives them other names.
#pragma once
#include <string>
#include <string_view>

namespace sinter::cuda {

// The function of a name of steps.cu ("tanh_f32", "convert_f32_bf16", "read_f16"); empty where there is none.
std::string step_function(std::string_view name);

}  // namespace sinter::cuda
