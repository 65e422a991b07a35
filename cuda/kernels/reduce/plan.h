// Planning reductions. Place in the whole: the host side of reduction.cuh; the operators' files of this folder call it.
#pragma once
#include "cuda/kernels/reduce/reduction.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

// Kernels of a Reducer, in DType's order; `chunks` by the type that elements are computed in: f32, f64, i32, i64.
struct Reducing {
  const char* name;
  const Kernel* kernels;
  int count;  // 4: floating point alone; 9: all real types
  const Kernel* chunks;
  int state;  // bytes, for 4-byte and for 8-byte computing types
  int wide_state;
  bool ordered;  // elements keep their order: places are told apart
};

// The dimensions of x in the bit mask `axes` -> y, contiguous. Throws Error where there is no kernel for x's dtype.
void reduce(const Call& call, const Reducing& op, const char* name, const TensorRef& x, uint64_t axes,
            const TensorRef& y, int32_t finish = kFinishPlain, double parameter = 0);

// y = the sums of x, of any real dtype, over the dimensions in `axes`.
void sum_axes(const Call& call, const char* name, const TensorRef& x, uint64_t axes, const TensorRef& y);

}  // namespace sinter::cuda

// A Reducing named reducing_<op>, of kernels that SINTER_REDUCTION_FLOATS or _REALS exports.
#define SINTER_REDUCING_FLOATS(image, op, state, wide)                                                 \
  static constinit Kernel kernels_of_##op[] = {                                                        \
      {image, #op "_f32"}, {image, #op "_f64"}, {image, #op "_bf16"}, {image, #op "_f16"}};            \
  static constinit Kernel chunks_of_##op[] = {{image, #op "_chunks_f32"}, {image, #op "_chunks_f64"}}; \
  static constexpr Reducing reducing_##op{#op, kernels_of_##op, 4, chunks_of_##op, state, wide, false};
#define SINTER_REDUCING_REALS(image, op, state, wide, ordered)                                                         \
  static constinit Kernel kernels_of_##op[] = {{image, #op "_f32"}, {image, #op "_f64"}, {image, #op "_bf16"},         \
                                               {image, #op "_f16"}, {image, #op "_i32"}, {image, #op "_i64"},          \
                                               {image, #op "_u8"},  {image, #op "_i8"},  {image, #op "_boolean"}};     \
  static constinit Kernel chunks_of_##op[] = {                                                                         \
      {image, #op "_chunks_f32"}, {image, #op "_chunks_f64"}, {image, #op "_chunks_i32"}, {image, #op "_chunks_i64"}}; \
  static constexpr Reducing reducing_##op{#op, kernels_of_##op, 9, chunks_of_##op, state, wide, ordered};
