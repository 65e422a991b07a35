// Depthwise convolution in the plane, its gradients. Place in the whole: device code of depthwise.cpp. Bound: memory, as each element meets
// a few weights alone; what neighbours read again comes from L1.
// sinter: cubins 80 90
#include "cuda/kernels/conv/depthwise.h"
#include "cuda/kernels/conv/finish.cuh"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {

// Where position i meets the source through tap t; -1: nowhere.
SINTER_DEVICE int32_t meets(const ConvDepthwise& c, int d, int32_t i, int32_t t) {
  if (!c.backward) {
    const int32_t at = i * static_cast<int32_t>(c.stride[d].value) - c.padding[d] + t * c.dilation[d];
    return at < c.source_size[d] ? at : -1;
  }
  const int32_t reach = i + c.padding[d] - t * c.dilation[d];
  if (reach < 0) return -1;
  const uint32_t at = divide(static_cast<uint32_t>(reach), c.stride[d]);
  return at * c.stride[d].value == static_cast<uint32_t>(reach) && at < static_cast<uint32_t>(c.source_size[d])
             ? static_cast<int32_t>(at)
             : -1;
}

// kWidth: of the kernel, where windows are one next to the other and without gaps, so that a run's share their elements; 0: any.
template <class S, int kWidth>
SINTER_DEVICE void depthwise(const ConvDepthwise& c) {
  constexpr int kRun = kDepthwiseRun;
  const uint32_t i = blockIdx.x * kDepthwiseThreads + threadIdx.x;
  if (i >= c.total) return;
  const uint32_t line = divide(i, c.runs), plane = divide(line, c.height);
  const int32_t column = static_cast<int32_t>(i - line * c.runs.value) * kRun;
  const int32_t row = static_cast<int32_t>(line - plane * c.height.value);
  const uint32_t channel = plane - divide(plane, c.channels) * c.channels.value;
  const S* source =
      static_cast<const S*>(c.source) + int64_t{divide(plane, c.multiplier)} * c.source_size[0] * c.source_size[1];
  const int32_t taps = c.kernel[0] * c.kernel[1];
  const S* w = static_cast<const S*>(c.w) + int64_t{channel} * taps;
  float sum[kRun] = {};
#pragma unroll 1
  for (int32_t t = 0; t < c.kernel[0]; t++) {
    const int32_t from_row = meets(c, 0, row, t);
    if (from_row < 0) continue;
    const S* from = source + int64_t{from_row} * c.source_size[1];
    if constexpr (kWidth > 0) {
      const int32_t left = column - c.padding[1];
      const S* weights = c.flipped ? w + (taps - 1 - t * kWidth) : w + t * kWidth;
      const int step = c.flipped ? -1 : 1;
      float x[kRun + kWidth - 1];
#pragma unroll
      for (int e = 0; e < kRun + kWidth - 1; e++) {
        const bool inside = static_cast<uint32_t>(left + e) < static_cast<uint32_t>(c.source_size[1]);
        x[e] = inside ? widen(load_constant(from + left + e)) : 0.f;
      }
#pragma unroll
      for (int j = 0; j < kWidth; j++) {
        const float weight = widen(load_constant(weights + j * step));
#pragma unroll
        for (int e = 0; e < kRun; e++) sum[e] += x[e + j] * weight;
      }
    } else {
#pragma unroll 2
      for (int32_t j = 0; j < c.kernel[1]; j++) {
        const float weight = widen(load_constant(w + t * c.kernel[1] + j));
#pragma unroll
        for (int e = 0; e < kRun; e++) {
          const int32_t at = meets(c, 1, column + e, j);
          if (at >= 0) sum[e] += widen(load_constant(from + at)) * weight;
        }
      }
    }
  }
  const int64_t to = int64_t{line} * c.width + column;
  const S* bias = c.bias ? static_cast<const S*>(c.bias) + channel : nullptr;
  const S* residual = static_cast<const S*>(c.residual);
  S* y = static_cast<S*>(c.y);
  const int count = c.packs ? 1 : min(kRun, c.width - column);
#pragma unroll 1
  for (int e = 0; e < count; e++) finish_conv<S>(sum, c.packs, bias, false, residual, c.activation, y, to + e);
}

// kMost: rows and columns of the kernel at most.
template <class S, int kMost>
SINTER_DEVICE void depthwise_weights(const ConvDepthwiseWeights& c) {
  constexpr int kWarps = kDepthwiseThreads / kWarp;
  __shared__ float warps[kWarps][kMost * kMost];
  const uint32_t part = divide(blockIdx.x, c.outputs);
  const int32_t output = static_cast<int32_t>(blockIdx.x - part * c.outputs.value);
  const int32_t channel = output / c.multiplier;
  const uint32_t plane = c.width.value * c.height.value, end = min(c.pixels, (part + 1) * c.part_pixels);
  float sum[kMost][kMost];
#pragma unroll
  for (int y = 0; y < kMost; y++)
#pragma unroll
    for (int x = 0; x < kMost; x++) sum[y][x] = 0;
#pragma unroll 1
  for (uint32_t i = part * c.part_pixels + threadIdx.x; i < end; i += kDepthwiseThreads) {
    const uint32_t line = divide(i, c.width), image = divide(line, c.height);
    const int32_t column = static_cast<int32_t>(i - line * c.width.value);
    const int32_t row = static_cast<int32_t>(line - image * c.height.value);
    const float g = widen(load_constant(static_cast<const S*>(c.g) +
                                        (int64_t{image} * c.outputs.value + output) * plane + (i - image * plane)));
    const S* x = static_cast<const S*>(c.x) + (int64_t{image} * c.channels + channel) * c.x_size[0] * c.x_size[1];
    const int32_t top = row * c.stride[0] - c.padding[0], left = column * c.stride[1] - c.padding[1];
#pragma unroll
    for (int ty = 0; ty < kMost; ty++) {
      const int32_t at_row = top + ty * c.dilation[0];
      if (ty >= c.kernel[0] || static_cast<uint32_t>(at_row) >= static_cast<uint32_t>(c.x_size[0])) continue;
      const S* from = x + int64_t{at_row} * c.x_size[1];
#pragma unroll
      for (int tx = 0; tx < kMost; tx++) {
        const int32_t at = left + tx * c.dilation[1];
        if (tx < c.kernel[1] && static_cast<uint32_t>(at) < static_cast<uint32_t>(c.x_size[1]))
          sum[ty][tx] += widen(load_constant(from + at)) * g;
      }
    }
  }
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
#pragma unroll
  for (int y = 0; y < kMost; y++)
#pragma unroll
    for (int x = 0; x < kMost; x++) {
      const float all = warp_reduce(sum[y][x], Plus{});
      if (lane == 0) warps[warp][y * kMost + x] = all;
    }
  __syncthreads();
  const int y = threadIdx.x / kMost, x = threadIdx.x % kMost;
  if (y >= c.kernel[0] || x >= c.kernel[1]) return;
  float all = warps[0][threadIdx.x];
#pragma unroll
  for (int w = 1; w < kWarps; w++) all += warps[w][threadIdx.x];
  static_cast<float*>(c.partial)[int64_t{blockIdx.x} * (c.kernel[0] * c.kernel[1]) + y * c.kernel[1] + x] = all;
}

#define SINTER_DEPTHWISE(S, name, width)                                     \
  extern "C" __global__ void __launch_bounds__(kDepthwiseThreads, 4)         \
      conv_depthwise_##S##_##name(const __grid_constant__ ConvDepthwise c) { \
    depthwise<S, width>(c);                                                  \
  }
#define SINTER_DEPTHWISE_WEIGHTS(S, most)                                                   \
  extern "C" __global__ void __launch_bounds__(kDepthwiseThreads)                           \
      conv_depthwise_weights_##S##_##most(const __grid_constant__ ConvDepthwiseWeights c) { \
    depthwise_weights<S, most>(c);                                                          \
  }
#define SINTER_DEPTHWISE_KERNELS(S) \
  SINTER_DEPTHWISE(S, any, 0)       \
  SINTER_DEPTHWISE(S, 3, 3)         \
  SINTER_DEPTHWISE(S, 5, 5)         \
  SINTER_DEPTHWISE(S, 7, 7) SINTER_DEPTHWISE_WEIGHTS(S, 3) SINTER_DEPTHWISE_WEIGHTS(S, 7)
SINTER_DEPTHWISE_KERNELS(f32)
SINTER_DEPTHWISE_KERNELS(bf16)
SINTER_DEPTHWISE_KERNELS(f16)

}  // namespace sinter::cuda
