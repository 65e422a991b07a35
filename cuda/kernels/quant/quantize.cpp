// Host side of quantize.cu; contract as in native/cpu/quant/quantize.cpp.
#include "cuda/kernels/quant/quantize.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_quantize;

namespace {

constexpr int64_t kElements = 4;  // a thread

constinit Kernel quantize_kernels[] = {{image_quantize, "quantize_f32"},
                                       {image_quantize, "quantize_f64"},
                                       {image_quantize, "quantize_bf16"},
                                       {image_quantize, "quantize_f16"}};
// f32, bf16, f16
constinit Kernel dequantize_kernels[] = {
    {image_quantize, "dequantize_f32"}, {image_quantize, "dequantize_bf16"}, {image_quantize, "dequantize_f16"}};

void run(const Call& call, const Kernel& kernel, DType bytes) {
  const TensorRef &x = call.in[0], scales = call.opt(1), zeros = call.opt(2);
  const int64_t axis = call.int_attr(0);
  int64_t inner = 1, channels = 1;
  for (int d = 0; d < x.rank; d++) {
    if (d > axis) inner *= x.dims[d];
    if (d == axis) channels = x.dims[d];
  }
  Quantizing q{};
  q.x = x.data, q.y = call.out[0].data;
  q.scales = scales.as<float>(), q.zeros = zeros.as<int32_t>();
  q.inner = split_of(inner), q.channels = split_of(channels);
  q.total = x.numel;
  q.scale = static_cast<float>(call.attr[1]), q.zero = static_cast<int32_t>(call.attr[2]);
  q.is_signed = bytes == DType::i8;
  launch(call, kernel, blocks_of(q.total, kElements), Dim(kIndexThreads), 0, q);
}

}  // namespace

SINTER_CUDA_OP(quantizeLinear) {
  const DType d = call.in[0].dtype;
  if (!is_floating(d)) fail(ErrorCode::unsupported, "quantizeLinear: dtype %s is not supported on cuda", dtype_name(d));
  run(call, quantize_kernels[static_cast<int>(d)], call.out[0].dtype);
}

SINTER_CUDA_OP(dequantizeLinear) {
  const DType d = call.out[0].dtype;
  if (!is_floating(d) || d == DType::f64)
    fail(ErrorCode::unsupported, "dequantizeLinear: dtype %s is not supported on cuda", dtype_name(d));
  run(call, dequantize_kernels[d == DType::f32 ? 0 : d == DType::bf16 ? 1 : 2], call.in[0].dtype);
}

}  // namespace sinter::cuda
