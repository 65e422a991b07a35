// What conv_depthwise.cu and its host side agree on.
#pragma once
#include "cuda/kernels/views.h"

namespace sinter::cuda {

constexpr int kDepthwiseThreads = 256;
constexpr int kDepthwiseRun = 4;  // neighbours along a row that a thread makes

// One channel to one, or, forward, to `multiplier` of them. Along each dimension (height, width) of the result, position i and tap t meet
// the source at i * stride - padding + t * dilation; `backward`: at (i + padding - t * dilation) / stride, where that is whole.
struct ConvDepthwise {
  const void* source;
  const void* w;
  const void* bias;
  const void* residual;
  void* y;
  Divisor runs, height, channels, multiplier;  // of the result's planes: runs of a row, rows, channels
  Divisor stride[2];
  int32_t padding[2], dilation[2], kernel[2], source_size[2];
  int32_t width;
  uint32_t total;  // runs of the whole result
  int32_t backward;
  int32_t flipped;  // weights are read from the last to the first
  int32_t activation;
  int32_t packs;  // runs are whole, and aligned
};

// gw (outputs, height, width of the kernel) in parts: a block has one output channel and one part of the pixels.
struct ConvDepthwiseWeights {
  const void* g;
  const void* x;
  void* partial;                   // (parts, outputs, taps)
  Divisor outputs, width, height;  // width and height: of g's planes
  int32_t channels, multiplier;
  int32_t stride[2], padding[2], dilation[2], kernel[2], x_size[2];
  uint32_t pixels, part_pixels;  // images * plane; of a part
};

}  // namespace sinter::cuda
