// Convolution as a matrix product whose operands are gathered. Place in the whole: device code of conv_{bf16,f16,f32,f64}.cu, which export
// an instance for each tile; the products are gemm/mma.cuh's and gemm/simt.cuh's.
//
// Forward, and the gradient of the input: y (channels, pixels) = weights (channels, k) source (k, pixels), k being (tap, channel). No
// columns are made: a step of 64 bytes of k is fetched from where the taps see the source, which lies channels-last. The gradient of the
// input is one such product for each residue class modulo the strides, all in one launch.
// Gradient of the weights: gw (channels, (tap, channel)) = g (pixels, channels)^T source (pixels, (tap, channel)).
#pragma once
#include "cuda/kernels/conv/finish.cuh"
#include "cuda/kernels/conv/gather.cuh"
#include "cuda/kernels/gemm/mma.cuh"
#include "cuda/kernels/gemm/simt.cuh"

namespace sinter::cuda {

// A block's part of the whole.
struct ConvBlock {
  ClassAt which;
  int32_t group, row, column;  // first of the tile
  int32_t part;
};

// Finished sums to where they belong. A thread takes kPack of a slab's line: of pixels, or of channels where y lies channels-last.
template <class S>
struct ConvFinish {
  using T = Compute<S>;
  static constexpr int kPack = kFinishPack<S>;
  const ConvTiles& c;
  const ConvBlock& block;

  // Where the element is; -1: nowhere.
  SINTER_DEVICE int64_t place(int32_t channel, int32_t pixel) const {
    if (channel >= c.rows || pixel >= c.pixels) return -1;
    const int64_t plane = int64_t{block.group * c.rows + channel} * c.y_channel;
    if (c.straight) {
      const uint32_t image = divide(static_cast<uint32_t>(pixel), c.y_places);
      return image * c.y_image + plane + (static_cast<uint32_t>(pixel) - image * c.y_places.value) * c.y_stride[2];
    }
    const PixelAt p = pixel_at(c.axis, static_cast<uint32_t>(pixel));
    int64_t to = p.image * c.y_image + plane;
#pragma unroll
    for (int d = 0; d < 3; d++) {
      const int32_t at = p.at[d] * c.axis[d].classes + block.which.r[d];
      if (at >= c.axis[d].size) return -1;
      to += at * c.y_stride[d];
    }
    return to;
  }

  // What a slab has: `lines` of `length` sums, a power of two, `stride` apart; a line is a pixel's where y lies channels-last.
  template <int kThreads, class RowOf>
  SINTER_DEVICE void take(const T* slab, int lines, int length, int stride, const RowOf& row_of) const {
    const int step = c.packs ? kPack : 1, a_line = length / step, shift = 31 - __clz(a_line);
#pragma unroll 1
    for (int i = threadIdx.x; i < lines * a_line; i += kThreads) {
      const int line = i >> shift, along = (i & (a_line - 1)) * step;
      const int32_t channel = block.row + row_of(c.last ? along : line);
      const int64_t to = place(channel, block.column + (c.last ? line : along));
      if (to < 0) continue;
      Pack<T, kPack> sums;
      if (c.packs)
        sums = load_pack<kPack>(slab + line * stride + along);
      else
        sums.at[0] = slab[line * stride + along];
      if (c.partial) {
        T* part = static_cast<T*>(c.partial) + block.part * c.total + to;
        if (c.packs)
          store_global(part, sums.word);
        else
          *part = sums.at[0];
        continue;
      }
      const S* bias = c.bias ? static_cast<const S*>(c.bias) + block.group * c.rows + channel : nullptr;
      finish_conv<S>(sums.at, c.packs, bias, c.last, static_cast<const S*>(c.residual), c.activation,
                     static_cast<S*>(c.y), to);
    }
  }
};

template <class S, class Product>
SINTER_DEVICE void conv_tiles(const ConvTiles& c) {
  using TileA = typename Product::TileA;
  using TileB = typename Product::TileB;
  __shared__ __align__(1024) uint8_t memory[Product::kSharedBytes];
  ConvBlock block;
  int32_t taps[3], all_taps = 1;
  {
    const uint32_t tiles = static_cast<uint32_t>(c.row_tiles) * static_cast<uint32_t>(c.column_tiles);
    uint32_t rest = blockIdx.x / tiles;
    const TileAt at = tile_at(blockIdx.x - rest * tiles, c.row_tiles, c.column_tiles);
    block.row = static_cast<int32_t>(at.row) * Product::kTileRows;
    block.column = static_cast<int32_t>(at.column) * Product::kTileColumns;
    uint32_t next = rest / c.parts;
    block.part = static_cast<int32_t>(rest - next * c.parts);
    rest = next;
    next = rest / c.groups;
    block.group = static_cast<int32_t>(rest - next * c.groups);
    rest = next;
#pragma unroll
    for (int d = 2; d >= 0; d--) {
      const uint32_t above = rest / c.axis[d].classes;
      block.which.r[d] = static_cast<int32_t>(rest - above * c.axis[d].classes);
      rest = above;
      taps[d] = c.axis[d].of[block.which.r[d]].taps;
      all_taps *= taps[d];
    }
  }
  // The steps of this part.
  constexpr int kPack = TileA::kPack, kDepth = TileA::kDepth;
  const int32_t all_steps = (all_taps * c.depth + kDepth - 1) / kDepth;
  const int32_t part_steps = (all_steps + c.parts - 1) / c.parts;
  const int32_t first_step = min(block.part * part_steps, all_steps);
  const int32_t steps = min(part_steps, all_steps - first_step);

  PixelRows<S, TileB> pixels;
  pixels.find(c, block.which, block.column);
  const int chunk = threadIdx.x % TileA::kPerRow, row = threadIdx.x / TileA::kPerRow;
  TapAt at;
  at.start(c, taps, first_step * kDepth + chunk * kPack);

  const int64_t weight_row = int64_t{c.axis[0].kernel} * c.axis[1].kernel * c.axis[2].kernel * c.depth;
  const int32_t rows_left = c.rows - block.row - row;
  int32_t first_weight = 0;
#pragma unroll
  for (int d = 0; d < 3; d++) first_weight = first_weight * c.axis[d].kernel + c.axis[d].of[block.which.r[d]].first;
  const S* weights = static_cast<const S*>(c.weights) + (int64_t{block.group} * c.rows + block.row + row) * weight_row +
                     int64_t{first_weight} * c.depth;
  const S* source = static_cast<const S*>(c.source) + int64_t{block.group} * c.depth;
  const auto fetch = [&](int, uint32_t stage) {
    const bool there = at.t[0] < taps[0];
    const uint32_t bits = 1u << at.t[2] | 1u << (taps[2] + at.t[1]) | 1u << (taps[2] + taps[1] + at.t[0]);
    int32_t weight = 0, tap = 0;
#pragma unroll
    for (int d = 0; d < 3; d++) {
      const ConvGrid& axis = c.axis[d];
      weight = weight * axis.kernel + at.t[d] * axis.weight_step;
      tap = tap * axis.source + at.t[d] * axis.tap_step;
    }
    stage += TileA::place(row, chunk);
    const S* from = weights + int64_t{weight} * c.depth + at.channel;
#pragma unroll
    for (int i = 0; i < TileA::kCopies; i++) {
      const bool present = there && i * TileA::kRowStep < rows_left;
      copy_async<16>(stage + i * TileA::kRowStep * TileA::kRowBytes, present ? from : static_cast<const S*>(c.weights),
                     present ? 16 : 0);
      from += TileA::kRowStep * weight_row;
    }
    stage += TileA::kBytes;
    from = source + at.channel;
#pragma unroll
    for (int i = 0; i < TileB::kCopies; i++) {
      const bool present = there && (pixels.inside[i] & bits) == bits;
      copy_async<16>(stage + i * TileB::kRowStep * TileB::kRowBytes,
                     present ? from + (pixels.from[i] + tap) * c.pixel_stride : static_cast<const S*>(c.source),
                     present ? 16 : 0);
    }
    at.advance(c, taps, kDepth);
  };
  typename Product::Sums sums;
  Product::accumulate(memory, steps, fetch, sums);

  const ConvFinish<S> finish{c, block};
  Product::template each_slab<true>(
      memory, sums,
      [&](const Compute<S>* slab, const auto& row_of) {
        constexpr int kRows = Product::kSlabRows, kColumns = Product::kTileColumns;
        finish.template take<Product::kThreads>(slab, c.last ? kColumns : kRows, c.last ? kRows : kColumns,
                                                c.last ? Product::kTurnedStride : Product::kSlabStride, row_of);
      },
      c.last);
}

// Sums as they are.
template <class S>
struct StoreSums {
  const Target<S>& to;
  template <int N>
  SINTER_DEVICE void operator()(const Pack<Compute<S>, N>& x, int64_t row, int64_t column) const {
    store_global(to.partial + row * to.n + column, x.word);
  }
};

template <class S, class Product>
SINTER_DEVICE void conv_weight_tiles(const ConvWeightTiles& c) {
  using TileA = typename Product::TileA;
  using TileB = typename Product::TileB;
  __shared__ __align__(1024) uint8_t memory[Product::kSharedBytes];
  const uint32_t tiles = static_cast<uint32_t>(c.row_tiles) * static_cast<uint32_t>(c.column_tiles);
  const uint32_t item = blockIdx.x / tiles;  // (part, group)
  const TileAt tile = tile_at(blockIdx.x - item * tiles, c.row_tiles, c.column_tiles);
  const int32_t part = static_cast<int32_t>(item) / c.groups, group = static_cast<int32_t>(item) - part * c.groups;
  const int32_t first = part * c.part_pixels, count = min(c.pixels - first, c.part_pixels);
  const int32_t tile_row = static_cast<int32_t>(tile.row) * Product::kTileRows;
  const int32_t tile_column = static_cast<int32_t>(tile.column) * Product::kTileColumns;
  const Edge<S> g{static_cast<const S*>(c.g) + first * c.g_stride + group * c.g_depth + tile_row, c.g_stride,
                  min(c.g_depth - tile_row, Product::kTileRows), count, 16};

  // This thread's chunk of a row: channels of x through a tap.
  const int chunk = threadIdx.x % TileB::kPerRow, row = threadIdx.x / TileB::kPerRow;
  const int32_t column = tile_column + chunk * TileB::kPack;
  const uint32_t tap = divide(static_cast<uint32_t>(column), c.depth);
  const uint32_t tap_row = divide(tap, c.kernel[1]), tap_plane = divide(tap_row, c.kernel[0]);
  const int32_t t[3] = {static_cast<int32_t>(tap_plane), static_cast<int32_t>(tap_row - tap_plane * c.kernel[0].value),
                        static_cast<int32_t>(tap - tap_row * c.kernel[1].value)};
  int32_t start[3];
#pragma unroll
  for (int d = 0; d < 3; d++) start[d] = c.axis[d].of[0].base + t[d] * c.axis[d].tap_step;
  const S* x = static_cast<const S*>(c.x) + (static_cast<uint32_t>(column) - tap * c.depth.value) +
               int64_t{group} * c.depth.value;
  const auto fetch = [&](int step, uint32_t stage) {
    TileA::load(g, step * TileA::kDepth, stage);
    stage += TileA::kBytes + TileB::place(row, chunk);
#pragma unroll
    for (int i = 0; i < TileB::kCopies; i++) {
      const int32_t k = step * TileA::kDepth + row + i * TileB::kRowStep;
      bool present = k < count && column < c.columns;
      const PixelAt p = pixel_at(c.axis, static_cast<uint32_t>(first + k));
      int32_t at = p.image;
#pragma unroll
      for (int d = 0; d < 3; d++) {
        const int32_t position = p.at[d] * c.axis[d].step + start[d];
        present = present && static_cast<uint32_t>(position) < static_cast<uint32_t>(c.axis[d].source);
        at = at * c.axis[d].source + position;
      }
      copy_async<16>(stage + i * TileB::kRowStep * TileB::kRowBytes,
                     present ? x + at * c.x_stride : static_cast<const S*>(c.x), present ? 16 : 0);
    }
  };
  typename Product::Sums sums;
  Product::accumulate(memory, (count + TileA::kDepth - 1) / TileA::kDepth, fetch, sums);

  using T = Compute<S>;
  const Target<S> to{nullptr,  static_cast<T*>(c.partial) + int64_t{item} * c.rows * c.columns,
                     tile_row, tile_column,
                     c.rows,   c.columns,
                     0};
  const StoreSums<S> put{to};
  Product::each_slab(memory, sums, [&](const T* slab, const auto& row_of) {
    each_in_slab<Product::kSlabRows, Product::kTileColumns, Product::kThreads, kFinishPack<S>>(to, slab, true, row_of,
                                                                                               put);
  });
}

}  // namespace sinter::cuda

#define SINTER_CONV(S, tile, blocks, ...)                                       \
  extern "C" __global__ void __launch_bounds__((__VA_ARGS__::kThreads), blocks) \
      conv_##S##_##tile(const __grid_constant__ ::sinter::cuda::ConvTiles c) {  \
    ::sinter::cuda::conv_tiles<::sinter::cuda::S, __VA_ARGS__>(c);              \
  }
#define SINTER_CONV_WEIGHTS(S, tile, blocks, ...)                                            \
  extern "C" __global__ void __launch_bounds__((__VA_ARGS__::kThreads), blocks)              \
      conv_##S##_weights_##tile(const __grid_constant__ ::sinter::cuda::ConvWeightTiles c) { \
    ::sinter::cuda::conv_weight_tiles<::sinter::cuda::S, __VA_ARGS__>(c);                    \
  }
// Tiles on tensor cores: rows and columns of a block, of a warp; stages; blocks of a multiprocessor.
#define SINTER_TENSOR_CONV(S, tile, rows, columns, warp_rows, warp_columns, stages, blocks)                          \
  SINTER_CONV(S, tile, blocks,                                                                                       \
              ::sinter::cuda::TensorProduct<::sinter::cuda::S, rows, columns, warp_rows, warp_columns, stages, true, \
                                            true, false>)
#define SINTER_TENSOR_CONV_WEIGHTS(S, tile, rows, columns, warp_rows, warp_columns, stages, blocks)                    \
  SINTER_CONV_WEIGHTS(S, tile, blocks,                                                                                 \
                      ::sinter::cuda::TensorProduct<::sinter::cuda::S, rows, columns, warp_rows, warp_columns, stages, \
                                                    false, false, false>)
#define SINTER_TENSOR_CONVS(S)                                 \
  SINTER_TENSOR_CONV(S, large, 128, 128, 64, 64, 3, 2)         \
  SINTER_TENSOR_CONV(S, medium, 64, 128, 32, 64, 3, 4)         \
  SINTER_TENSOR_CONV(S, small, 64, 64, 64, 32, 4, 6)           \
  SINTER_TENSOR_CONV_WEIGHTS(S, large, 128, 128, 64, 64, 3, 2) \
  SINTER_TENSOR_CONV_WEIGHTS(S, small, 64, 64, 64, 32, 4, 6)
// Tiles on the ordinary units: rows and columns of a block, of a thread; stages; blocks.
#define SINTER_SIMT_CONV(S, tile, rows, columns, down, across, stages, blocks)                                        \
  SINTER_CONV(S, tile, blocks,                                                                                        \
              ::sinter::cuda::SimtProduct<::sinter::cuda::S, rows, columns, down, across, stages, true, true, false>) \
  SINTER_CONV_WEIGHTS(                                                                                                \
      S, tile, blocks,                                                                                                \
      ::sinter::cuda::SimtProduct<::sinter::cuda::S, rows, columns, down, across, stages, false, false, false>)
