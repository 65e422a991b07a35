// Launching pointwise kernels. Place in the whole: what the host sides of this family's operators share.
#pragma once
#include "cuda/kernels/pointwise/pointwise.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

// An operator's kernels, one for each of `count` dtypes of its operands from `first` on, in DType's order.
struct Operation {
  const char* name;
  const Kernel* kernels;
  DType first;
  int count;
  bool costly;
};

// The kernel for a dtype; throws Error where there is none.
const Kernel& kernel_of(const Operation& op, DType dtype);

// Attributes and the number among the operands, as kernels of a dtype take them.
Numbers numbers_of(DType dtype, const double* attributes, int count, double number = 0);

// y[i] = kernel(in...), broadcast to the shape of y; an absent input is a number.
void run(const Call& call, const Kernel& kernel, bool costly, const TensorRef& y, const TensorRef* in, int nin,
         const Numbers& numbers);

// Operands -> y {attributes}
void plain(const Call& call, const Operation& op);
// dst, src? -> {number}: dst[...] = kernel(dst, src)
void update(const Call& call, const Operation& op);
// a, b? -> y {mode, scalar, attributes}; see ops.def.
void binary(const Call& call, const Operation& op);

}  // namespace sinter::cuda

// The kernels of an operator, an Operation named operation_<op>; and the operator itself, run by `plain` or `binary`.
#define SINTER_CUDA_OPERATION(op, costly, first, count) \
  static constexpr Operation operation_##op{#op, kernels_of_##op, DType::first, count, costly != 0};
#define SINTER_CUDA_FLOATS(image, op, costly)                                               \
  static constinit Kernel kernels_of_##op[] = {                                             \
      {image, #op "_f32"}, {image, #op "_f64"}, {image, #op "_bf16"}, {image, #op "_f16"}}; \
  SINTER_CUDA_OPERATION(op, costly, f32, 4)
#define SINTER_CUDA_REALS(image, op, costly)                                                                    \
  static constinit Kernel kernels_of_##op[] = {{image, #op "_f32"}, {image, #op "_f64"}, {image, #op "_bf16"},  \
                                               {image, #op "_f16"}, {image, #op "_i32"}, {image, #op "_i64"},   \
                                               {image, #op "_u8"},  {image, #op "_i8"},  {image, #op "_bool"}}; \
  SINTER_CUDA_OPERATION(op, costly, f32, 9)
#define SINTER_CUDA_NUMBERS(image, op, costly)                                                                 \
  static constinit Kernel kernels_of_##op[] = {{image, #op "_f32"}, {image, #op "_f64"}, {image, #op "_bf16"}, \
                                               {image, #op "_f16"}, {image, #op "_i32"}, {image, #op "_i64"},  \
                                               {image, #op "_u8"},  {image, #op "_i8"}};                       \
  SINTER_CUDA_OPERATION(op, costly, f32, 8)
#define SINTER_CUDA_INTEGERS(image, op, costly)                                          \
  static constinit Kernel kernels_of_##op[] = {                                          \
      {image, #op "_i32"}, {image, #op "_i64"}, {image, #op "_u8"}, {image, #op "_i8"}}; \
  SINTER_CUDA_OPERATION(op, costly, i32, 4)
#define SINTER_CUDA_INTEGRALS(image, op, costly)                                                               \
  static constinit Kernel kernels_of_##op[] = {                                                                \
      {image, #op "_i32"}, {image, #op "_i64"}, {image, #op "_u8"}, {image, #op "_i8"}, {image, #op "_bool"}}; \
  SINTER_CUDA_OPERATION(op, costly, i32, 5)
