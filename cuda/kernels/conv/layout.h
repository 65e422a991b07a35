// Operands in the layout that a convolution's tiles are made of, and what becomes of sums of parts. Place in the whole: host side of
// conv_layout.cu; implicit.cpp and depthwise.cpp use it.
#pragma once
#include "cuda/kernels/conv/geometry.h"

namespace sinter::cuda {

struct Turned {
  const void* data;
  int64_t depth, stride;  // channels of a group, padded to 16 bytes; from pixel to pixel
};
// An image (images, channels, places), or channels-last, as (pixel, group, depth): in place where it lies so.
Turned turned(const Call& call, const ConvGeometry& g, const void* data, int64_t channels, int64_t places);
// Channels padded to 16 bytes.
int64_t padded_channels(int64_t channels, DType dtype);

// w (outputs, channels / groups, taps) as (group, row, tap, depth): rows are outputs, or, `swapped`, channels.
const void* arranged(const Call& call, const ConvGeometry& g, const void* w, int64_t depth, bool swapped);

// y = then(the sums of parts), each `total` sums in the order of y; y has `channels`, of each of which `together` elements lie together.
void finish_parts(const Call& call, DType dtype, const void* partial, int64_t parts, int64_t total, int64_t together,
                  int64_t channels, const ConvEpilogue& then, void* y);
// gw = the sums of parts, each (outputs, taps, depth).
void finish_weight_parts(const Call& call, const ConvGeometry& g, const void* partial, int64_t parts, int64_t depth,
                         void* gw);

}  // namespace sinter::cuda
