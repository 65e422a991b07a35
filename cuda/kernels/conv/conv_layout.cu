// Images and weights as a convolution's tiles want them, and what is left to do with sums of parts. Place in the whole: device code of implicit.cpp.
// Bound: memory, each element is read and written once.
// sinter: cubins 80 90
#include "cuda/kernels/conv/finish.cuh"
#include "cuda/kernels/conv/implicit.h"
#include "cuda/kernels/index/index.cuh"

namespace sinter::cuda {

// Words of 4 bytes from one channel's places to the next's in shared memory, so that neither the way in nor the way out meets a bank more
// often than it must.
template <class W>
constexpr int kTurnStride = kLayoutPlaces * static_cast<int>(sizeof(W)) / 4 + (sizeof(W) == 2   ? 1
                                                                               : sizeof(W) == 4 ? 2
                                                                                                : 8);

// A block turns a tile of kLayoutPlaces by 128 bytes of channels: rows of places come in, rows of channels go out.
template <class W>
SINTER_DEVICE void turn(const ConvTurn& c) {
  constexpr int kSize = static_cast<int>(sizeof(W)), kPack = 16 / kSize, kChannels = 128 / kSize;
  constexpr int kStride = kTurnStride<W>;
  __shared__ uint32_t tile[kChannels * kStride];
  const auto at = [&](int channel, int place) { return reinterpret_cast<W*>(tile + channel * kStride) + place; };
  int64_t item = blockIdx.x / c.place_tiles;
  const int64_t place = (blockIdx.x - item * c.place_tiles) * kLayoutPlaces;
  const int64_t above = item / c.channel_tiles, channel = (item - above * c.channel_tiles) * kChannels;
  item = above;
  const int places = static_cast<int>(min(c.places - place, int64_t{kLayoutPlaces}));
  const int channels = static_cast<int>(max(min(c.channels - channel, int64_t{kChannels}), int64_t{0}));
  const W* from = static_cast<const W*>(c.from) + (item * c.channels + channel) * c.places + place;
  if (c.packs) {
    // A warp takes eight packs of four channels.
    constexpr int kAcross = kLayoutPlaces / kPack, kDown = kLayoutThreads / 8;
    const int pack = threadIdx.x % 8, row = threadIdx.x / 8;
#pragma unroll
    for (int i = 0; i < kChannels * kAcross / kLayoutThreads; i++) {
      const int ch = (row + i * kDown) % kChannels, p = ((row + i * kDown) / kChannels * 8 + pack) * kPack;
      Pack<W, kPack> x;
      x.word = uint4{0, 0, 0, 0};
      if (ch < channels && p < places) x = load_pack_constant<kPack>(from + ch * c.places + p);
      uint32_t* to = tile + ch * kStride + p * kSize / 4;
      to[0] = x.word.x, to[1] = x.word.y, to[2] = x.word.z, to[3] = x.word.w;
    }
  } else {
    constexpr int kDown = kLayoutThreads / kLayoutPlaces;
    const int p = threadIdx.x % kLayoutPlaces, row = threadIdx.x / kLayoutPlaces;
#pragma unroll 8
    for (int i = 0; i < kChannels / kDown; i++) {
      const int ch = row + i * kDown;
      *at(ch, p) = ch < channels && p < places ? from[ch * c.places + p] : W{};
    }
  }
  __syncthreads();
  // A warp has eight places and four chunks of channels.
  const int64_t image = item / c.groups, group = item - image * c.groups;
  W* to = static_cast<W*>(c.to) + (image * c.places + place) * c.pixel_stride + group * c.depth + channel;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
#pragma unroll
  for (int i = warp; i < kLayoutPlaces / 8 * 2; i += kLayoutThreads / 32) {
    const int p = i / 2 * 8 + lane % 8, ch = (i % 2 * 4 + lane / 8) * kPack;
    if (p >= places || channel + ch >= c.depth) continue;
    Pack<W, kPack> x;
#pragma unroll
    for (int e = 0; e < kPack; e++) x.at[e] = *at(ch + e, p);
    store_global(to + p * c.pixel_stride + ch, x.word);
  }
}

template <class W>
SINTER_DEVICE void arrange(const ConvWeights& c) {
  constexpr int kPack = 16 / static_cast<int>(sizeof(W));
  const int64_t i = int64_t{blockIdx.x} * kLayoutThreads + threadIdx.x;
  if (i >= c.total) return;
  const int32_t chunks = c.depth / kPack, inner = c.rows_inside ? c.rows : chunks;
  int64_t rest = i / c.taps;
  const int32_t tap = static_cast<int32_t>(i - rest * c.taps);
  int64_t above = rest / inner;
  const int32_t inside = static_cast<int32_t>(rest - above * inner);
  const int32_t outer = c.rows_inside ? chunks : c.rows;
  rest = above / outer;  // group
  const int32_t outside = static_cast<int32_t>(above - rest * outer);
  const int32_t row = c.rows_inside ? inside : outside, first = (c.rows_inside ? outside : inside) * kPack;
  const W* from = static_cast<const W*>(c.from) + rest * c.group_stride + row * c.row_stride + tap;
  Pack<W, kPack> x;
#pragma unroll
  for (int e = 0; e < kPack; e++)
    x.at[e] = first + e < c.channels ? load_constant(from + (first + e) * c.channel_stride) : W{};
  store_global(static_cast<W*>(c.to) + ((rest * c.rows + row) * c.taps + tap) * c.depth + first, x.word);
}

// A thread an element, neighbours along the channels: the parts are what there is most of.
template <class S>
SINTER_DEVICE void add_weight_parts(const ConvWeightParts& c) {
  const int64_t i = int64_t{blockIdx.x} * kLayoutThreads + threadIdx.x;
  if (i >= c.total) return;
  const int64_t above = i / c.depth, row = above / c.taps;
  const int32_t channel = static_cast<int32_t>(i - above * c.depth), tap = static_cast<int32_t>(above - row * c.taps);
  if (channel >= c.channels) return;
  const Compute<S>* from = static_cast<const Compute<S>*>(c.partial) + i;
  Compute<S> sum = 0;
#pragma unroll 4
  for (int32_t part = 0; part < c.parts; part++) sum += load_constant(from + part * c.total);
  static_cast<S*>(c.gw)[(row * c.channels + channel) * c.taps + tap] = narrow<S>(sum);
}

template <class S>
SINTER_DEVICE void finish_parts(const ConvParts& c) {
  using T = Compute<S>;
  constexpr int kPack = kSame<S, f64> ? 2 : 4;
  int64_t i = int64_t{blockIdx.x} * kLayoutThreads + threadIdx.x;
  if (c.packs) i *= kPack;
  if (i >= c.total) return;
  const T* from = static_cast<const T*>(c.partial) + i;
  T x[kPack];
#pragma unroll
  for (int e = 0; e < kPack; e++) x[e] = 0;
  if (c.packs) {
#pragma unroll 4
    for (int32_t part = 0; part < c.parts; part++) {
      const Pack<T, kPack> sums = load_pack_constant<kPack>(from + part * c.total);
#pragma unroll
      for (int e = 0; e < kPack; e++) x[e] += sums.at[e];
    }
  } else {
#pragma unroll 4
    for (int32_t part = 0; part < c.parts; part++) x[0] += load_constant(from + part * c.total);
  }
  const uint32_t above = divide(static_cast<uint32_t>(i), c.together);
  const uint32_t channel = above - divide(above, c.channels) * c.channels.value;
  const S* bias = c.bias ? static_cast<const S*>(c.bias) + channel : nullptr;
  finish_conv<S>(x, c.packs, bias, c.together.value == 1, static_cast<const S*>(c.residual), c.activation,
                 static_cast<S*>(c.y), i);
}

#define SINTER_LAYOUT(bytes, W)                                                                                        \
  extern "C" __global__ void __launch_bounds__(kLayoutThreads) conv_turn_##bytes(const __grid_constant__ ConvTurn c) { \
    turn<W>(c);                                                                                                        \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kLayoutThreads)                                                         \
      conv_arrange_##bytes(const __grid_constant__ ConvWeights c) {                                                    \
    arrange<W>(c);                                                                                                     \
  }
SINTER_LAYOUT(2, uint16_t)
SINTER_LAYOUT(4, uint32_t)
SINTER_LAYOUT(8, uint2)

#define SINTER_CONV_PARTS(S)                                             \
  extern "C" __global__ void __launch_bounds__(kLayoutThreads)           \
      conv_weight_parts_##S(const __grid_constant__ ConvWeightParts c) { \
    add_weight_parts<S>(c);                                              \
  }                                                                      \
  extern "C" __global__ void __launch_bounds__(kLayoutThreads, 4)        \
      conv_finish_##S(const __grid_constant__ ConvParts c) {             \
    finish_parts<S>(c);                                                  \
  }
SINTER_CONV_PARTS(f32)
SINTER_CONV_PARTS(f64)
SINTER_CONV_PARTS(bf16)
SINTER_CONV_PARTS(f16)

}  // namespace sinter::cuda
