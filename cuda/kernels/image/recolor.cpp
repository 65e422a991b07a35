// recolor. Place in the whole: host side of recolor.cu; contract as in native/cpu/image/recolor.cpp.
#include "cuda/kernels/image/recolor.h"

#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_recolor;
extern const Image image_recolor_f64;

namespace {

constinit Kernel f32_kernel{image_recolor, "recolor_f32"};
constinit Kernel f64_kernel{image_recolor_f64, "recolor_f64"};
constinit Kernel bf16_kernel{image_recolor, "recolor_bf16"};
constinit Kernel f16_kernel{image_recolor, "recolor_f16"};
constinit Kernel u8_kernel{image_recolor, "recolor_u8"};
constinit Kernel mean_kernel{image_recolor, "recolor_means"};

const Kernel& kernel_of(DType dtype) {
  switch (dtype) {
    case DType::f32: return f32_kernel;
    case DType::f64: return f64_kernel;
    case DType::bf16: return bf16_kernel;
    case DType::f16: return f16_kernel;
    case DType::u8: return u8_kernel;
    default: fail(ErrorCode::unsupported, "recolor: dtype %s is not supported on cuda", dtype_name(dtype));
  }
}

}  // namespace

SINTER_CUDA_OP(recolor) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  const Kernel& kernel = kernel_of(x.dtype);
  if (y.numel == 0) return;
  if (call.nattr > kMaxColorSteps)
    fail(ErrorCode::unsupported, "recolor: %d steps, at most %d", call.nattr, kMaxColorSteps);
  Recolor p{};
  p.x = x.data, p.y = y.data;
  p.steps = call.nattr;
  if (p.steps > 0) {
    if (call.in[1].dtype != DType::f64)
      fail(ErrorCode::unsupported, "recolor: factors of dtype %s are not supported on cuda",
           dtype_name(call.in[1].dtype));
    p.factors = call.in[1].as<double>();
  }
  p.plane = x.dims[2] * x.dims[3];
  p.channels = static_cast<int32_t>(x.dims[1]), p.kept = static_cast<int32_t>(y.dims[1]);
  const int64_t n = x.dims[0], pixels = kImageThreads * color_pixels(static_cast<int>(dtype_size(x.dtype)));
  p.blocks = split_of((p.plane + pixels - 1) / pixels);
  bool contrast = false;
  for (int s = 0; s < p.steps; s++) {
    p.step[s] = static_cast<int32_t>(call.int_attr(s));
    contrast |= p.step[s] == kContrast;
    if (x.dtype == DType::u8 && (p.step[s] == kToHsv || p.step[s] == kFromHsv))
      fail(ErrorCode::unsupported, "recolor: hues and saturations of dtype %s are not supported on cuda",
           dtype_name(x.dtype));
  }
  if (contrast) {
    p.sums = call.scratch_of<double>(n * p.blocks.size);
    p.means = call.scratch_of<double>(n * p.steps);
  }
  for (int32_t s = 0; s < p.steps; s++) {
    if (p.step[s] != kContrast) continue;
    launch(call, kernel, Dim(n * p.blocks.size), Dim(kImageThreads), 0, p, s);
    launch(call, mean_kernel, Dim(n), Dim(kImageThreads), 0, p, s);
  }
  launch(call, kernel, Dim(n * p.blocks.size), Dim(kImageThreads), 0, p, int32_t{-1});
}

}  // namespace sinter::cuda
