// What conv_direct.cu and its host side agree on: a convolution whose sums a thread, or a block, makes one at a time.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kDirectThreads = 256;

// Missing dimensions have size 1, in front. Strides are in elements, of the source as it lies.
struct ConvDirect {
  const void* source;    // x; g for the input's gradient
  const void* w;         // (o, c / groups, kernel...); x for the weights' gradient
  const void* bias;      // null: none
  const void* residual;  // null: none; like the result
  void* y;
  // Places of the result: of y, of gx, or of gw; where one is modulo the steps of the windows.
  Split size[3], stride[3], dilation[3];
  Split channels,
      channels_group;  // of the result, and of one group; of the weights' gradient: c / groups, and o / groups
  int64_t total;       // elements of the result
  int64_t source_size[3], source_stride[3], source_channel, source_image;
  int64_t y_stride[3], y_channel, y_image;
  int64_t kernel[3], padding[3];
  int64_t depth;  // channels of the source that meet one of the result
  // Of the weights' gradient: places of g, images, x.
  Split places[3];
  int64_t images, x_size[3];
  int32_t activation;
};

}  // namespace sinter::cuda
