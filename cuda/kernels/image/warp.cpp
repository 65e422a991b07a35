// warp, warpTransposed. Place in the whole: host side of warp.cu; contract as in native/cpu/image/warp.cpp. Back, taps are sorted by the
// pixel that they read and added up in order, by the kernels of gridSampleBackward.
#include "cuda/kernels/image/warp.h"

#include "cuda/kernels/image/reals.h"
#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/resample/grid_sample.h"
#include "cuda/kernels/resample/taps.h"

namespace sinter::cuda {

extern const Image image_warp;
extern const Image image_warp_f64;

namespace {

constinit Kernel map_kernel{image_warp, "warp_maps"};
// In the order of GridMode.
#define SINTER_CUDA_WARP(variable, image, name) \
  constinit Kernel variable[] = {{image, name "_bilinear"}, {image, name "_nearest"}, {image, name "_bicubic"}};
SINTER_CUDA_WARP(f32_kernels, image_warp, "warp_f32")
SINTER_CUDA_WARP(f64_kernels, image_warp_f64, "warp_f64")
SINTER_CUDA_WARP(bf16_kernels, image_warp, "warp_bf16")
SINTER_CUDA_WARP(f16_kernels, image_warp, "warp_f16")
SINTER_CUDA_WARP(u8_kernels, image_warp, "warp_u8")
SINTER_CUDA_WARP(key_kernels, image_warp, "warp_keys_f32")
SINTER_CUDA_WARP(key_f64_kernels, image_warp_f64, "warp_keys_f64")

const Kernel& kernel_of(DType dtype, int64_t mode, const char* op) {
  switch (dtype) {
    case DType::f32: return f32_kernels[mode];
    case DType::f64: return f64_kernels[mode];
    case DType::bf16: return bf16_kernels[mode];
    case DType::f16: return f16_kernels[mode];
    case DType::u8: return u8_kernels[mode];
    default: fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(dtype));
  }
}

// The problem, its matrices on the way to pixels. Neither image has no pixels.
Warp warp_of(const Call& call, const TensorRef& image, const TensorRef& warped) {
  Warp p{};
  p.matrix = reals_of(call.in[1]);
  p.n = image.dims[0], p.channels = image.dims[1], p.h = image.dims[2], p.w = image.dims[3];
  p.lines = split_of(warped.dims[2]), p.columns = split_of(warped.dims[3]);
  p.groups = split_of((p.channels + kWarpChannels - 1) / kWarpChannels);
  p.rows = static_cast<int32_t>(call.in[1].dims[1]);
  p.padding = static_cast<int32_t>(call.int_attr(1)), p.align = call.attr[2] != 0;
  p.maps = call.scratch_of<PixelMap>(p.n);
  launch(call, map_kernel, Dim((p.n + kImageThreads - 1) / kImageThreads), Dim(kImageThreads), 0, p);
  return p;
}

template <class C>
void transposed(const Call& call, Warp p, const Kernel& kernel, int64_t taps) {
  const int64_t count = p.total * taps, limit = p.n * p.h * p.w;
  const Keys keys = make_keys(call, count, limit, "warpTransposed");
  C* weights = call.scratch_of<C>(count);
  launch(call, kernel, blocks_of(p.total, 1), Dim(kImageThreads), 0, p, limit, static_cast<int32_t>(keys.wide),
         keys.data, weights);
  add_taps(call, call.in[0], call.out[0], sorted(call, keys), limit, taps, weights);
}

}  // namespace

SINTER_CUDA_OP(warp) {
  const TensorRef &x = call.in[0], &y = call.out[0], fill = call.opt(2);
  const int64_t mode = call.int_attr(0);
  const Kernel& kernel = kernel_of(x.dtype, mode, "warp");
  if (y.numel == 0) return;
  Warp p = warp_of(call, x, y);
  p.x = x.data, p.y = y.data;
  if (fill.present()) p.fill = reals_of(fill);
  p.total = p.n * p.groups.size * p.lines.size * p.columns.size;
  launch(call, kernel, blocks_of(p.total, 1), Dim(kImageThreads), 0, p);
}

SINTER_CUDA_OP(warpTransposed) {
  const TensorRef &g = call.in[0], &gx = call.out[0];
  if (!is_floating(g.dtype))
    fail(ErrorCode::unsupported, "warpTransposed: dtype %s is not supported on cuda", dtype_name(g.dtype));
  if (gx.numel == 0) return;
  set_bytes(call, gx.data, 0, static_cast<size_t>(gx.numel) * dtype_size(gx.dtype));
  if (g.numel == 0) return;
  const int64_t mode = call.int_attr(0), taps = mode == kNearest ? 1 : mode == kBilinear ? 4 : 16;
  Warp p = warp_of(call, gx, g);
  p.total = p.n * p.lines.size * p.columns.size;
  if (g.dtype == DType::f64)
    transposed<double>(call, p, key_f64_kernels[mode], taps);
  else
    transposed<float>(call, p, key_kernels[mode], taps);
}

}  // namespace sinter::cuda
