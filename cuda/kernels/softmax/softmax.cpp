// softmax, logSoftmax, softmaxBackward, logSoftmaxBackward. Place in the whole: entry points of the operator table on CUDA.
//
// x -> y, or g, y -> gx {axis}: contiguous; f32, f64, bf16, f16.
#include "cuda/kernels/softmax/softmax.h"

#include <algorithm>
#include <bit>

#include "cpu/rounding.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_softmax;

#define SINTER_KERNELS(name)                                        \
  static constinit Kernel name[] = {{image_softmax, #name "_f32"},  \
                                    {image_softmax, #name "_f64"},  \
                                    {image_softmax, #name "_bf16"}, \
                                    {image_softmax, #name "_f16"}};
SINTER_KERNELS(softmax_rows)
SINTER_KERNELS(softmax_columns)
SINTER_KERNELS(softmax_backward_rows)
SINTER_KERNELS(softmax_backward_columns)
#undef SINTER_KERNELS

namespace {

int32_t power_of_two(int64_t n) {
  return static_cast<int32_t>(std::bit_ceil(static_cast<uint64_t>(std::clamp<int64_t>(n, 1, kSoftmaxThreads))));
}

struct Plan {
  SoftmaxShape shape{1, 1, 1, 1, 0};
  int64_t blocks = 0;

  // `kept`: elements that a thread keeps of a row.
  Plan(const TensorRef& y, int axis, int64_t kept, bool log) {
    for (int d = 0; d < axis; d++) shape.outer *= y.dims[d];
    if (y.rank > 0) shape.n = y.dims[axis];
    for (int d = axis + 1; d < y.rank; d++) shape.inner *= y.dims[d];
    shape.log = log;
    if (shape.inner == 1) {
      // As many rows a block as keep every thread busy with half of what it can hold.
      shape.members = power_of_two(ceil_div(shape.n, std::max<int64_t>(1, kept / 2)));
      blocks = ceil_div(shape.outer, kSoftmaxThreads / shape.members);
    } else {
      const int32_t width = std::min<int32_t>(power_of_two(shape.inner), 32);
      shape.members = std::min<int32_t>(kSoftmaxThreads / width, power_of_two(ceil_div(shape.n, 4)));
      blocks = shape.outer * ceil_div(shape.inner, kSoftmaxThreads / shape.members);
    }
  }
};

void require_floating(DType dtype, const char* name) {
  if (!is_floating(dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", name, dtype_name(dtype));
}
int64_t kept_elements(DType dtype, int packs) { return packs * 16 / static_cast<int64_t>(dtype_size(dtype)); }

void forward(const Call& call, bool log, const char* name) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  require_floating(x.dtype, name);
  if (x.numel == 0) return;
  const Plan plan(x, static_cast<int>(call.int_attr(0)), kept_elements(x.dtype, kSoftmaxPacks), log);
  const auto& kernels = plan.shape.inner == 1 ? softmax_rows : softmax_columns;
  launch(call, kernels[static_cast<int>(x.dtype)], Dim(plan.blocks), Dim(kSoftmaxThreads), 0, x.data, y.data,
         plan.shape);
}
void backward(const Call& call, bool log, const char* name) {
  const TensorRef &g = call.in[0], &y = call.in[1], &gx = call.out[0];
  require_floating(y.dtype, name);
  if (y.numel == 0) return;
  const Plan plan(y, static_cast<int>(call.int_attr(0)), kept_elements(y.dtype, kSoftmaxBackwardPacks), log);
  const auto& kernels = plan.shape.inner == 1 ? softmax_backward_rows : softmax_backward_columns;
  launch(call, kernels[static_cast<int>(y.dtype)], Dim(plan.blocks), Dim(kSoftmaxThreads), 0, g.data, y.data, gx.data,
         plan.shape);
}

}  // namespace

SINTER_CUDA_OP(softmax) { forward(call, false, "softmax"); }
SINTER_CUDA_OP(logSoftmax) { forward(call, true, "logSoftmax"); }
SINTER_CUDA_OP(softmaxBackward) { backward(call, false, "softmaxBackward"); }
SINTER_CUDA_OP(logSoftmaxBackward) { backward(call, true, "logSoftmaxBackward"); }

}  // namespace sinter::cuda
