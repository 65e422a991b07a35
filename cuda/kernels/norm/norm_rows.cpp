// layerNorm, rmsNorm and their gradients. Place in the whole: entry points of the operator table on CUDA.
//
// x (rows, n) f32, f64, bf16, f16; weight, bias (n) likewise; mean and rstd f32, f64 for f64. See native/ops.def.
#include "cuda/kernels/norm/norm_rows.h"

#include <algorithm>
#include <bit>

#include "cpu/rounding.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_norm_rows;

#define SINTER_KERNELS(name)                                          \
  static constinit Kernel name[] = {{image_norm_rows, #name "_f32"},  \
                                    {image_norm_rows, #name "_f64"},  \
                                    {image_norm_rows, #name "_bf16"}, \
                                    {image_norm_rows, #name "_f16"}};
SINTER_KERNELS(layer_norm)
SINTER_KERNELS(layer_norm_backward)
SINTER_KERNELS(layer_norm_columns)
SINTER_KERNELS(rms_norm)
SINTER_KERNELS(rms_norm_backward)
SINTER_KERNELS(rms_norm_columns)
#undef SINTER_KERNELS
static constinit Kernel layer_norm_chunks[] = {{image_norm_rows, "layer_norm_chunks_f32"},
                                               {image_norm_rows, "layer_norm_chunks_f64"}};
static constinit Kernel rms_norm_chunks[] = {{image_norm_rows, "rms_norm_chunks_f32"},
                                             {image_norm_rows, "rms_norm_chunks_f64"}};

namespace {

// Threads of a row: each with half of what it can keep.
int32_t members_of(int64_t n, DType dtype, int packs) {
  const int64_t kept = packs * 16 / static_cast<int64_t>(dtype_size(dtype));
  return static_cast<int32_t>(
      std::bit_ceil(static_cast<uint64_t>(std::clamp<int64_t>(ceil_div(n, kept / 2), 1, kNormThreads))));
}
void require_floating(DType dtype, const char* name) {
  if (!is_floating(dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", name, dtype_name(dtype));
}
DType computed_in(DType dtype) { return dtype == DType::f64 ? DType::f64 : DType::f32; }

// A weight or bias, of x's dtype; null where there is none.
const void* parameter(const TensorRef& t, DType x, const char* name) {
  if (!t.present()) return nullptr;
  if (t.dtype != x)
    fail(ErrorCode::unsupported, "%s: a weight or bias in %s for x in %s", name, dtype_name(t.dtype), dtype_name(x));
  return t.data;
}

void forward(const Call& call, bool centered, const char* name) {
  const TensorRef &x = call.in[0], weight = call.opt(1), bias = centered ? call.opt(2) : TensorRef{};
  const TensorRef residual = call.opt(centered ? 3 : 2);
  require_floating(x.dtype, name);
  const int statistics = centered ? 2 : 1;  // where rstd is
  NormForward p{};
  p.rows = call.out[statistics].numel;
  p.n = call.int_attr(1);
  p.eps = call.attr[0];
  if (p.rows == 0) return;
  p.x = x.data;
  p.weight = parameter(weight, x.dtype, name);
  p.bias = parameter(bias, x.dtype, name);
  p.y = call.out[0].data;
  p.mean = centered ? call.out[1].data : nullptr;
  p.rstd = call.out[statistics].data;
  if (residual.present()) {
    p.residual = residual.data;
    p.sum = call.out[statistics + 1].data;
  }
  p.members = members_of(p.n, x.dtype, kNormPacks);
  launch(call, (centered ? layer_norm : rms_norm)[static_cast<int>(x.dtype)],
         Dim(ceil_div(p.rows, kNormThreads / p.members)), Dim(kNormThreads), 0, p);
}

void backward(const Call& call, bool centered, const char* name) {
  const int at = centered ? 3 : 2;  // where rstd is
  const TensorRef &x = call.in[1], weight = call.opt(at + 1), gsum = call.opt(at + 2);
  require_floating(x.dtype, name);
  const int type = static_cast<int>(x.dtype);
  NormBackward p{};
  p.rows = call.in[at].numel;
  p.n = call.int_attr(0);
  if (p.n == 0) return;
  p.g = call.in[0].data;
  p.x = x.data;
  p.mean = centered ? call.in[2].data : nullptr;
  p.rstd = call.in[at].data;
  p.weight = parameter(weight, x.dtype, name);
  p.gsum = gsum.present() ? gsum.data : nullptr;
  p.gx = call.out[0].data;
  p.gweight = call.out[1].data;
  p.weight_dtype = static_cast<int32_t>(call.out[1].dtype);
  if (centered) {
    p.gbias = call.out[2].data;
    p.bias_dtype = static_cast<int32_t>(call.out[2].dtype);
  }
  p.members = members_of(p.n, x.dtype, kNormBackwardPacks);
  launch(call, (centered ? layer_norm_backward : rms_norm_backward)[type],
         Dim(ceil_div(p.rows, kNormThreads / p.members)), Dim(kNormThreads), 0, p);
  // Chunks of the rows, so many that the device is full, and no longer than 512: their sums are of the type computed in.
  const int64_t blocks = ceil_div(p.n, kNormColumns);
  const int64_t wanted = ceil_div(int64_t{device_of(call).multiprocessors} * 4, blocks);
  p.chunk = std::max(std::clamp<int64_t>(ceil_div(p.rows, wanted), 32, 512), ceil_div(p.rows, 65535));
  p.chunks = static_cast<int32_t>(ceil_div(p.rows, p.chunk));
  const int64_t sums = centered ? 2 : 1;
  p.partial =
      call.scratch(static_cast<size_t>(std::max<int64_t>(p.chunks, 1) * sums * p.n) * dtype_size(computed_in(x.dtype)));
  launch(call, (centered ? layer_norm_columns : rms_norm_columns)[type], Dim(blocks, p.chunks), Dim(kNormThreads), 0,
         p);
  launch(call, (centered ? layer_norm_chunks : rms_norm_chunks)[x.dtype == DType::f64],
         Dim(ceil_div(p.n, kNormThreads)), Dim(kNormThreads), 0, p);
}

}  // namespace

SINTER_CUDA_OP(layerNorm) { forward(call, true, "layerNorm"); }
SINTER_CUDA_OP(layerNormBackward) { backward(call, true, "layerNormBackward"); }
SINTER_CUDA_OP(rmsNorm) { forward(call, false, "rmsNorm"); }
SINTER_CUDA_OP(rmsNormBackward) { backward(call, false, "rmsNormBackward"); }

}  // namespace sinter::cuda
