// The tiles of convolutions, and a model of what each costs. Place in the whole: see tiles.h.
#include "cuda/kernels/conv/tiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/rounding.h"

namespace sinter::cuda {

extern const Image image_conv_bf16;
extern const Image image_conv_f16;
extern const Image image_conv_f32;
extern const Image image_conv_f64;

namespace {

constinit Kernel bf16_large{image_conv_bf16, "conv_bf16_large"};
constinit Kernel bf16_medium{image_conv_bf16, "conv_bf16_medium"};
constinit Kernel bf16_small{image_conv_bf16, "conv_bf16_small"};
constinit Kernel bf16_weights_large{image_conv_bf16, "conv_bf16_weights_large"};
constinit Kernel bf16_weights_small{image_conv_bf16, "conv_bf16_weights_small"};
constinit Kernel f16_large{image_conv_f16, "conv_f16_large"};
constinit Kernel f16_medium{image_conv_f16, "conv_f16_medium"};
constinit Kernel f16_small{image_conv_f16, "conv_f16_small"};
constinit Kernel f16_weights_large{image_conv_f16, "conv_f16_weights_large"};
constinit Kernel f16_weights_small{image_conv_f16, "conv_f16_weights_small"};
constinit Kernel f32_large{image_conv_f32, "conv_f32_large"};
constinit Kernel f32_small{image_conv_f32, "conv_f32_small"};
constinit Kernel f32_weights_large{image_conv_f32, "conv_f32_weights_large"};
constinit Kernel f32_weights_small{image_conv_f32, "conv_f32_weights_small"};
constinit Kernel f64_small{image_conv_f64, "conv_f64_small"};
constinit Kernel f64_weights_small{image_conv_f64, "conv_f64_weights_small"};

struct Tile {
  const Kernel* kernel;
  ConvTile shape;
  int resident;       // blocks of a multiprocessor
  double efficiency;  // of the multiply-adds that the units could do
};
struct Tiles {
  double rate;  // multiply-adds a cycle and multiprocessor
  int count, weight_count;
  Tile list[3], weights[2];
};

const Tiles& tiles_of(DType dtype) {
  static const Tiles bf16{
      1024,
      3,
      2,
      {{&bf16_large, kConvLarge, 2, 1}, {&bf16_medium, kConvMedium, 4, 0.8}, {&bf16_small, kConvSmall, 6, 0.6}},
      {{&bf16_weights_large, kConvLarge, 2, 1}, {&bf16_weights_small, kConvSmall, 6, 0.6}}};
  static const Tiles f16{
      1024,
      3,
      2,
      {{&f16_large, kConvLarge, 2, 1}, {&f16_medium, kConvMedium, 4, 0.8}, {&f16_small, kConvSmall, 6, 0.6}},
      {{&f16_weights_large, kConvLarge, 2, 1}, {&f16_weights_small, kConvSmall, 6, 0.6}}};
  static const Tiles f32{64,
                         2,
                         2,
                         {{&f32_large, kConvSimtLarge, 2, 0.9}, {&f32_small, kConvSimtSmall, 6, 0.75}},
                         {{&f32_weights_large, kConvSimtLarge, 2, 0.9}, {&f32_weights_small, kConvSimtSmall, 6, 0.75}}};
  static const Tiles f64{32, 1, 1, {{&f64_small, kConvDouble, 2, 0.8}}, {{&f64_weights_small, kConvDouble, 2, 0.8}}};
  switch (dtype) {
    case DType::bf16: return bf16;
    case DType::f16: return f16;
    case DType::f32: return f32;
    default: return f64;
  }
}

constexpr double kLatency = 1500;    // cycles before the first and after the last multiply-add of a tile
constexpr double kBytesACycle = 12;  // of memory, for each multiprocessor
constexpr double kFullWarps = 8;     // resident warps from which on the units are busy
constexpr double kLaunch = 4000;     // cycles of one more kernel
constexpr int64_t kMostParts = 256;

// Waves of blocks over the multiprocessors, as gemm/tiles.cpp has them. Parts have at least `least_depth`; `always`: sums go through memory
// even if there is one part. Not measured.
ConvChoice choose(const Call& call, const Tile* list, int count, double rate, const ConvDemand& demand,
                  int64_t least_depth, bool always) {
  const int64_t units = std::max(1, device_of(call).multiprocessors);
  ConvChoice best{};
  double least = std::numeric_limits<double>::infinity();
  for (const Tile* tile = list; tile != list + count; tile++) {
    const int64_t down = ceil_div(demand.rows, tile->shape.rows);
    const int64_t across = ceil_div(demand.columns, tile->shape.columns);
    for (int64_t parts = 1; parts <= kMostParts; parts *= 2) {
      if (parts > 1 && demand.depth / parts < least_depth) break;
      const double a_unit = static_cast<double>(ceil_div(down * across * demand.items * parts, units));
      const double resident = std::min(a_unit, static_cast<double>(tile->resident));
      const double busy = std::min(1.0, 0.4 + 0.6 * resident * tile->shape.threads / 32 / kFullWarps);
      const double one = static_cast<double>(tile->shape.rows) * tile->shape.columns *
                         static_cast<double>(ceil_div(demand.depth, parts));
      double cycles = a_unit * one / (rate * tile->efficiency * busy) + kLatency * std::ceil(a_unit / tile->resident);
      if (parts > 1 || always)
        cycles += kLaunch + static_cast<double>(demand.rows * demand.columns * demand.items * 2 * parts * 4) /
                                (kBytesACycle * static_cast<double>(units));
      if (!(cycles < least)) continue;
      least = cycles;
      best = {tile->kernel, tile->shape.threads, down, across, parts};
    }
  }
  return best;
}

}  // namespace

ConvChoice choose_conv(const Call& call, const ConvDemand& demand) {
  constexpr int64_t kLeastDepth = 256;
  const Tiles& tiles = tiles_of(demand.dtype);
  return choose(call, tiles.list, tiles.count, tiles.rate, demand, kLeastDepth, false);
}

ConvChoice choose_conv_weights(const Call& call, const ConvDemand& demand) {
  constexpr int64_t kLeastPixels = 512;
  const Tiles& tiles = tiles_of(demand.dtype);
  return choose(call, tiles.weights, tiles.weight_count, tiles.rate, demand, kLeastPixels, true);
}

}  // namespace sinter::cuda
