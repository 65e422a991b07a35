// Convolution and its gradients one sum at a time. Place in the whole: device code of direct.cpp, for groups too thin for tiles and for
// geometries that tiles do not count. Bound: depthwise, memory; neighbouring threads have neighbouring windows, which meet in L1.
// sinter: cubins 80 90
#include "cuda/kernels/conv/direct.h"
#include "cuda/kernels/conv/finish.cuh"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {

SINTER_DEVICE int64_t places_of(int64_t i, const Split (&sizes)[3], int64_t (&at)[3]) {
#pragma unroll
  for (int d = 2; d >= 0; d--) {
    const int64_t above = quotient(i, sizes[d]);
    at[d] = i - above * sizes[d].size;
    i = above;
  }
  return i;
}

// The taps begin, ..., end - 1 of a window that starts at `start`, which lie within [0, size).
struct Taps {
  int64_t begin, end;
};
SINTER_DEVICE Taps taps_within(int64_t start, int64_t size, int64_t taps, const Split& dilation) {
  const int64_t begin = start < 0 ? quotient(-start + dilation.size - 1, dilation) : 0;
  const int64_t end = start < size ? quotient(size - start + dilation.size - 1, dilation) : 0;
  return {begin, min(end, taps)};
}

// Where the result's element i lies, its channel and its image.
struct Spot {
  int64_t at[3], channel, image, offset;
};
SINTER_DEVICE Spot spot_of(const ConvDirect& c, int64_t i) {
  Spot s;
  const int64_t plane = places_of(i, c.size, s.at);
  s.image = quotient(plane, c.channels);
  s.channel = plane - s.image * c.channels.size;
  s.offset = s.image * c.y_image + s.channel * c.y_channel + s.at[0] * c.y_stride[0] + s.at[1] * c.y_stride[1] +
             s.at[2] * c.y_stride[2];
  return s;
}

template <class S>
SINTER_DEVICE void finish_sum(const ConvDirect& c, const Spot& s, Compute<S> sum, int32_t activation) {
  Compute<S> x[1] = {sum};
  finish_conv<S>(x, true, c.bias ? static_cast<const S*>(c.bias) + s.channel : nullptr, false,
                 static_cast<const S*>(c.residual), activation, static_cast<S*>(c.y), s.offset);
}

template <class S>
SINTER_DEVICE void forward(const ConvDirect& c) {
  using T = Compute<S>;
  const int64_t i = int64_t{blockIdx.x} * kDirectThreads + threadIdx.x;
  if (i >= c.total) return;
  const Spot s = spot_of(c, i);
  int64_t start[3];
  Taps taps[3];
#pragma unroll
  for (int d = 0; d < 3; d++) {
    start[d] = s.at[d] * c.stride[d].size - c.padding[d];
    taps[d] = taps_within(start[d], c.source_size[d], c.kernel[d], c.dilation[d]);
  }
  const S* x = static_cast<const S*>(c.source) + s.image * c.source_image +
               quotient(s.channel, c.channels_group) * c.depth * c.source_channel;
  const S* w = static_cast<const S*>(c.w) + s.channel * c.depth * (c.kernel[0] * c.kernel[1] * c.kernel[2]);
  const int64_t step = c.dilation[2].size * c.source_stride[2];
  T sum = 0;
#pragma unroll 1
  for (int64_t k = 0; k < c.depth; k++, x += c.source_channel, w += c.kernel[0] * c.kernel[1] * c.kernel[2])
#pragma unroll 1
    for (int64_t tz = taps[0].begin; tz < taps[0].end; tz++)
#pragma unroll 1
      for (int64_t ty = taps[1].begin; ty < taps[1].end; ty++) {
        const S* row = x + (start[0] + tz * c.dilation[0].size) * c.source_stride[0] +
                       (start[1] + ty * c.dilation[1].size) * c.source_stride[1] + start[2] * c.source_stride[2];
        const S* weights = w + (tz * c.kernel[1] + ty) * c.kernel[2];
#pragma unroll 4
        for (int64_t tx = taps[2].begin; tx < taps[2].end; tx++)
          sum += widen(load_constant(row + tx * step)) * widen(load_constant(weights + tx));
      }
  finish_sum<S>(c, s, sum, c.activation);
}

// Through tap t, input position i meets output position (i + padding - t * dilation) / stride, where that is whole and there.
SINTER_DEVICE int64_t position_through(const ConvDirect& c, int d, int64_t i, int64_t t) {
  const int64_t reach = i + c.padding[d] - t * c.dilation[d].size;
  if (reach < 0) return -1;
  const int64_t position = quotient(reach, c.stride[d]);
  return position * c.stride[d].size == reach && position < c.source_size[d] ? position : -1;
}

template <class S>
SINTER_DEVICE void input_grad(const ConvDirect& c) {
  using T = Compute<S>;
  const int64_t i = int64_t{blockIdx.x} * kDirectThreads + threadIdx.x;
  if (i >= c.total) return;
  const Spot s = spot_of(c, i);
  const int64_t group = quotient(s.channel, c.channels_group), taps = c.kernel[0] * c.kernel[1] * c.kernel[2];
  const S* source = static_cast<const S*>(c.source) + s.image * c.source_image + group * c.depth * c.source_channel;
  // w (groups, o / groups, c / groups, taps), of which the result's channel is the third.
  const S* w = static_cast<const S*>(c.w) +
               (group * c.depth * c.channels_group.size + (s.channel - group * c.channels_group.size)) * taps;
  T sum = 0;
#pragma unroll 1
  for (int64_t tz = 0; tz < c.kernel[0]; tz++) {
    const int64_t z = position_through(c, 0, s.at[0], tz);
    if (z < 0) continue;
#pragma unroll 1
    for (int64_t ty = 0; ty < c.kernel[1]; ty++) {
      const int64_t y = position_through(c, 1, s.at[1], ty);
      if (y < 0) continue;
#pragma unroll 1
      for (int64_t tx = 0; tx < c.kernel[2]; tx++) {
        const int64_t x = position_through(c, 2, s.at[2], tx);
        if (x < 0) continue;
        const S* from = source + z * c.source_stride[0] + y * c.source_stride[1] + x * c.source_stride[2];
        const S* weight = w + (tz * c.kernel[1] + ty) * c.kernel[2] + tx;
#pragma unroll 4
        for (int64_t k = 0; k < c.depth; k++)
          sum += widen(load_constant(from + k * c.source_channel)) *
                 widen(load_constant(weight + k * c.channels_group.size * taps));
      }
    }
  }
  finish_sum<S>(c, s, sum, 0);
}

// A block an element of gw (o, c / groups, kernel...).
template <class S>
SINTER_DEVICE void weight_grad(const ConvDirect& c) {
  using T = Compute<S>;
  __shared__ T partial[kDirectThreads / kWarp];
  int64_t tap[3];
  const int64_t pair = places_of(blockIdx.x, c.size, tap), o = quotient(pair, c.channels);
  const int64_t channel = quotient(o, c.channels_group) * c.channels.size + (pair - o * c.channels.size);
  const int64_t plane = c.places[0].size * c.places[1].size * c.places[2].size;
  T sum = 0;
#pragma unroll 1
  for (int64_t i = threadIdx.x; i < c.images * plane; i += kDirectThreads) {
    int64_t at[3];
    const int64_t image = places_of(i, c.places, at);
    bool inside = true;
#pragma unroll
    for (int d = 0; d < 3; d++) {
      at[d] = at[d] * c.stride[d].size - c.padding[d] + tap[d] * c.dilation[d].size;
      inside = inside && in_range(at[d], c.x_size[d]);
    }
    if (!inside) continue;
    const int64_t place = i - image * plane;
    sum +=
        widen(load_constant(static_cast<const S*>(c.source) + image * c.source_image + o * c.source_channel + place)) *
        widen(load_constant(static_cast<const S*>(c.w) + image * c.y_image + channel * c.y_channel +
                            at[0] * c.y_stride[0] + at[1] * c.y_stride[1] + at[2]));
  }
  sum = block_reduce<kDirectThreads>(sum, partial, Plus{});
  if (threadIdx.x == 0) static_cast<S*>(c.y)[blockIdx.x] = narrow<S>(sum);
}

#define SINTER_DIRECT(name, S)                                    \
  extern "C" __global__ void __launch_bounds__(kDirectThreads, 2) \
      conv_##name##_##S(const __grid_constant__ ConvDirect c) {   \
    name<S>(c);                                                   \
  }
#define SINTER_DIRECT_KERNELS(S) SINTER_DIRECT(forward, S) SINTER_DIRECT(input_grad, S) SINTER_DIRECT(weight_grad, S)
SINTER_DIRECT_KERNELS(f32)
SINTER_DIRECT_KERNELS(f64)
SINTER_DIRECT_KERNELS(bf16)
SINTER_DIRECT_KERNELS(f16)

}  // namespace sinter::cuda
