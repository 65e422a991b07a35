// Tensors of numbers in a row, diagonals, triangles. Place in the whole: entry points arange, linspace, eye and tril of the operator
// table on CUDA. All dtypes, but linspace, which has those of numbers; results are contiguous.
#include <algorithm>
#include <bit>

#include "cuda/kernels/pointwise/launch.h"
#include "cuda/kernels/pointwise/move.h"

namespace sinter::cuda {

extern const Image image_create;

namespace {

#define SINTER_OF_NUMBERS(op)                                                                                  \
  {image_create, op "_f32"}, {image_create, op "_f64"}, {image_create, op "_bf16"}, {image_create, op "_f16"}, \
      {image_create, op "_i32"}, {image_create, op "_i64"}, {image_create, op "_u8"}, {image_create, op "_i8"}
#define SINTER_OF_SIZES(op) \
  {{image_create, op "_1"}, \
   {image_create, op "_2"}, \
   {image_create, op "_4"}, \
   {image_create, op "_8"}, \
   {image_create, op "_16"}}
constinit Kernel aranges[] = {SINTER_OF_NUMBERS("arange"),
                              {image_create, "arange_bool"},
                              {image_create, "arange_c64"},
                              {image_create, "arange_c128"}};
constinit Kernel linspaces[] = {SINTER_OF_NUMBERS("linspace")};
constexpr Operation operation_linspace{"linspace", linspaces, DType::f32, std::size(linspaces), false};
constinit Kernel diagonals[] = SINTER_OF_SIZES("diagonal"), triangles[] = SINTER_OF_SIZES("triangle");
constinit Kernel arange_whole{image_create, "arange_whole"};
#undef SINTER_OF_NUMBERS
#undef SINTER_OF_SIZES

const Kernel& of_size(const Kernel* table, DType dtype) { return table[std::countr_zero(dtype_size(dtype))]; }

// Blocks for n elements of 16 bytes a thread.
Dim blocks_of(const TensorRef& y) {
  const int64_t block = int64_t{kPointwiseThreads} * 16 / static_cast<int64_t>(dtype_size(y.dtype));
  return Dim((y.numel + block - 1) / block);
}

}  // namespace

SINTER_CUDA_OP(arange) {
  const TensorRef& y = call.out[0];
  const double start = call.attr[0], step = call.attr[1];
  const Dim threads(kPointwiseThreads);
  const bool whole = start == static_cast<double>(call.int_attr(0)) && step == static_cast<double>(call.int_attr(1));
  if (y.dtype == DType::i64 && whole)
    return launch(call, arange_whole, blocks_of(y), threads, 0, y.data, y.numel, call.int_attr(0), call.int_attr(1));
  launch(call, aranges[static_cast<int>(y.dtype)], blocks_of(y), threads, 0, y.data, y.numel, start, step);
}

SINTER_CUDA_OP(linspace) {
  const TensorRef& y = call.out[0];
  const double start = call.attr[0], end = call.attr[1];
  const double step = y.numel > 1 ? (end - start) / static_cast<double>(y.numel - 1) : 0;
  launch(call, kernel_of(operation_linspace, y.dtype), blocks_of(y), Dim(kPointwiseThreads), 0, y.data, y.numel, start,
         end, step);
}

SINTER_CUDA_OP(eye) {
  const TensorRef& y = call.out[0];  // (n, m)
  if (y.numel == 0) return;
  set_bytes(call, y.data, 0, static_cast<size_t>(y.numel) * dtype_size(y.dtype));
  Numbers one{};
  element_of(y.dtype, 1, 0, &one.f64[kNumbers - 2]);
  const int64_t count = std::min(y.dims[0], y.dims[1]);
  launch(call, of_size(diagonals, y.dtype), Dim((count + kPointwiseThreads - 1) / kPointwiseThreads),
         Dim(kPointwiseThreads), 0, y.data, count, y.dims[1] + 1, one);
}

SINTER_CUDA_OP(tril) {
  const TensorRef& y = call.out[0];  // (.., n, m)
  if (y.numel == 0) return;
  launch(call, of_size(triangles, y.dtype), blocks_of(y), Dim(kPointwiseThreads), 0, call.in[0].data, y.data, y.numel,
         y.dim(-2), y.dim(-1), call.int_attr(0), static_cast<int32_t>(call.attr[1] != 0));
}

}  // namespace sinter::cuda
