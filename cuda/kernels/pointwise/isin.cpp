// Membership. Place in the whole: entry point isin of the operator table on CUDA.
//
// x, test (contiguous, one dtype: f32, f64, i32, i64) -> y bool, x's shape {invert}. Every element is compared with every value: work
// grows with the product of both sizes.
#include "cuda/kernels/pointwise/pointwise.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_isin;

static constinit Kernel isin_f32{image_isin, "isin_f32"};
static constinit Kernel isin_f64{image_isin, "isin_f64"};
static constinit Kernel isin_i32{image_isin, "isin_i32"};
static constinit Kernel isin_i64{image_isin, "isin_i64"};

static const Kernel& kernel_for(DType dtype) {
  switch (dtype) {
    case DType::f32: return isin_f32;
    case DType::f64: return isin_f64;
    case DType::i32: return isin_i32;
    case DType::i64: return isin_i64;
    default: fail(ErrorCode::unsupported, "isin: dtype %s is not supported on cuda", dtype_name(dtype));
  }
}

SINTER_CUDA_OP(isin) {
  const TensorRef &x = call.in[0], &test = call.in[1];
  launch(call, kernel_for(x.dtype), Dim((x.numel + kPointwiseThreads - 1) / kPointwiseThreads), Dim(kPointwiseThreads),
         0, x.data, test.data, call.out[0].data, x.numel, test.numel, static_cast<int32_t>(call.attr[0] != 0));
}

}  // namespace sinter::cuda
