#include "cuda/kernels/gemm/tiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/kernels/gemm/hopper.h"

namespace sinter::cuda {

extern const Image image_gemm_bf16;
extern const Image image_gemm_f16;
extern const Image image_gemm_f32;
extern const Image image_gemm_f64;
extern const Image image_gemm_bytes;
extern const Image image_gemm_tf32;
extern const Image image_gemm_hopper_bf16_sm90a;
extern const Image image_gemm_hopper_f16_sm90a;
extern const Image image_two_of_four;

namespace {

// By layout of a, then b (deep first); the names are those that the .cu files export.
#define SINTER_LAYOUTS(image, type, tile)                                                                      \
  {                                                                                                            \
    {image, "gemm_" type "_dd_" tile}, {image, "gemm_" type "_dw_" tile}, {image, "gemm_" type "_wd_" tile}, { \
      image, "gemm_" type "_ww_" tile                                                                          \
    }                                                                                                          \
  }
constinit Kernel bf16_large[] = SINTER_LAYOUTS(image_gemm_bf16, "bf16", "large");
constinit Kernel bf16_medium[] = SINTER_LAYOUTS(image_gemm_bf16, "bf16", "medium");
constinit Kernel bf16_small[] = SINTER_LAYOUTS(image_gemm_bf16, "bf16", "small");
constinit Kernel bf16_any[] = SINTER_LAYOUTS(image_gemm_bf16, "bf16", "any");
constinit Kernel f16_large[] = SINTER_LAYOUTS(image_gemm_f16, "f16", "large");
constinit Kernel f16_medium[] = SINTER_LAYOUTS(image_gemm_f16, "f16", "medium");
constinit Kernel f16_small[] = SINTER_LAYOUTS(image_gemm_f16, "f16", "small");
constinit Kernel f16_any[] = SINTER_LAYOUTS(image_gemm_f16, "f16", "any");
constinit Kernel f32_large[] = SINTER_LAYOUTS(image_gemm_f32, "f32", "large");
constinit Kernel f32_small[] = SINTER_LAYOUTS(image_gemm_f32, "f32", "small");
constinit Kernel f32_any[] = SINTER_LAYOUTS(image_gemm_f32, "f32", "any");
constinit Kernel f64_any[] = SINTER_LAYOUTS(image_gemm_f64, "f64", "any");
constinit Kernel bf16_hopper_large[] = SINTER_LAYOUTS(image_gemm_hopper_bf16_sm90a, "hopper_bf16", "large");
constinit Kernel bf16_hopper_medium[] = SINTER_LAYOUTS(image_gemm_hopper_bf16_sm90a, "hopper_bf16", "medium");
constinit Kernel f16_hopper_large[] = SINTER_LAYOUTS(image_gemm_hopper_f16_sm90a, "hopper_f16", "large");
constinit Kernel f16_hopper_medium[] = SINTER_LAYOUTS(image_gemm_hopper_f16_sm90a, "hopper_f16", "medium");
#undef SINTER_LAYOUTS
// Bytes and tf32 are deep on both sides.
constinit Kernel tf32_large[] = {{image_gemm_tf32, "gemm_tf32_dd_large"}};
constinit Kernel tf32_small[] = {{image_gemm_tf32, "gemm_tf32_dd_small"}};
constinit Kernel u8_large[] = {{image_gemm_bytes, "gemm_u8_large"}};
constinit Kernel u8_small[] = {{image_gemm_bytes, "gemm_u8_small"}};
constinit Kernel i8_large[] = {{image_gemm_bytes, "gemm_i8_large"}};
constinit Kernel i8_small[] = {{image_gemm_bytes, "gemm_i8_small"}};
// 2:4 is deep, the dense operand deep or wide.
constinit Kernel bf16_sparse_large[] = {{image_two_of_four, "two_of_four_bf16_d_large"},
                                        {image_two_of_four, "two_of_four_bf16_w_large"}};
constinit Kernel bf16_sparse_small[] = {{image_two_of_four, "two_of_four_bf16_d_small"},
                                        {image_two_of_four, "two_of_four_bf16_w_small"}};
constinit Kernel f16_sparse_large[] = {{image_two_of_four, "two_of_four_f16_d_large"},
                                       {image_two_of_four, "two_of_four_f16_w_large"}};
constinit Kernel f16_sparse_small[] = {{image_two_of_four, "two_of_four_f16_d_small"},
                                       {image_two_of_four, "two_of_four_f16_w_small"}};

struct Tile {
  const Kernel* kernels;
  int rows, columns, threads;
  int resident;  // blocks of a multiprocessor, by registers
  double
      efficiency;  // of the multiply-adds that the units could do, with enough warps: operands are read again for each tile
  bool any;        // takes operands of any alignment
  bool hopper = false;
};
constexpr int kMostTiles = 6;
struct Tiles {
  double rate;  // multiply-adds a cycle and multiprocessor of compute capability 8.0
  int count;
  Tile list[kMostTiles];
};

// wgmma has twice the rate of compute capability 8.0, of which some is lost to power and to waiting for operands.
constexpr double kHopperGain = 1.6;

const Tiles& tiles_of(const TileDemand& demand) {
  static const Tiles bf16{1024,
                          6,
                          {{bf16_large, 128, 128, 128, 2, 1, false},
                           {bf16_medium, 128, 64, 128, 4, 0.8, false},
                           {bf16_small, 64, 64, 64, 6, 0.6, false},
                           {bf16_any, 64, 64, 64, 6, 0.4, true},
                           {bf16_hopper_large, kHopperRows, 256, kHopperThreads, 1, kHopperGain, false, true},
                           {bf16_hopper_medium, kHopperRows, 128, kHopperThreads, 1, 0.85 * kHopperGain, false, true}}};
  static const Tiles f16{1024,
                         6,
                         {{f16_large, 128, 128, 128, 2, 1, false},
                          {f16_medium, 128, 64, 128, 4, 0.8, false},
                          {f16_small, 64, 64, 64, 6, 0.6, false},
                          {f16_any, 64, 64, 64, 6, 0.4, true},
                          {f16_hopper_large, kHopperRows, 256, kHopperThreads, 1, kHopperGain, false, true},
                          {f16_hopper_medium, kHopperRows, 128, kHopperThreads, 1, 0.85 * kHopperGain, false, true}}};
  static const Tiles f32{64,
                         3,
                         {{f32_large, 128, 128, 256, 2, 0.9, false},
                          {f32_small, 64, 64, 64, 6, 0.75, false},
                          {f32_any, 64, 64, 64, 6, 0.6, true}}};
  static const Tiles f64{64, 1, {{f64_any, 64, 64, 128, 4, 0.8, true}}};
  static const Tiles u8{2048, 2, {{u8_large, 128, 128, 128, 2, 1, false}, {u8_small, 64, 64, 64, 6, 0.6, false}}};
  static const Tiles i8{2048, 2, {{i8_large, 128, 128, 128, 2, 1, false}, {i8_small, 64, 64, 64, 6, 0.6, false}}};
  static const Tiles tf32{512, 2, {{tf32_large, 128, 128, 128, 2, 1, false}, {tf32_small, 64, 64, 64, 6, 0.6, false}}};
  // Shared memory bounds the large tile: see docs/cuda-kernels.md.
  static const Tiles bf16_sparse{
      2048, 2, {{bf16_sparse_large, 128, 128, 128, 2, 0.8, false}, {bf16_sparse_small, 64, 64, 64, 4, 0.5, false}}};
  static const Tiles f16_sparse{
      2048, 2, {{f16_sparse_large, 128, 128, 128, 2, 0.8, false}, {f16_sparse_small, 64, 64, 64, 4, 0.5, false}}};
  if (demand.two_of_four) return demand.dtype == DType::bf16 ? bf16_sparse : f16_sparse;
  if (demand.tf32) return tf32;
  switch (demand.dtype) {
    case DType::u8: return u8;
    case DType::i8: return i8;
    case DType::bf16: return bf16;
    case DType::f16: return f16;
    case DType::f32: return f32;
    default: return f64;
  }
}

constexpr double kLatency = 1500;    // cycles before the first and after the last multiply-add of a tile
constexpr double kLaunch = 4000;     // cycles of one more kernel
constexpr double kBytesACycle = 12;  // of memory, for each multiprocessor
constexpr double kFullWarps = 8;     // resident warps from which on the units are busy
constexpr int64_t kMostParts = 32, kLeastDepth = 256;

// Cycles that the whole takes: waves of blocks over the multiprocessors, and what joining the parts costs. Not measured: a model of what
// matters, so that few tiles of a long k are cut and small products take small tiles.
double cost_of(const Tiles& tiles, const Tile& tile, const TileDemand& demand, int64_t parts, int64_t multiprocessors) {
  const double units = static_cast<double>(multiprocessors);
  double blocks = 0, work = 0, longest = 0;
  for (int i = 0; i < demand.size_count; i++) {
    const TileDemand::Size& s = demand.sizes[i];
    const double count = static_cast<double>(((s.m + tile.rows - 1) / tile.rows) *
                                             ((s.n + tile.columns - 1) / tile.columns) * s.count * parts);
    const double one =
        static_cast<double>(tile.rows) * tile.columns * static_cast<double>(s.k) / static_cast<double>(parts);
    blocks += count;
    work += count * one;
    longest = std::max(longest, one);
  }
  if (blocks == 0) return 0;
  const double a_unit = std::ceil(blocks / units);  // blocks of the busiest multiprocessor
  const double resident = std::min(a_unit, static_cast<double>(tile.resident));
  const double busy = std::min(1.0, 0.4 + 0.6 * resident * tile.threads / 32 / kFullWarps);
  const double each = std::max(work / blocks * a_unit, longest);
  double cycles = each / (tiles.rate * tile.efficiency * busy) + kLatency * std::ceil(a_unit / tile.resident);
  if (parts > 1) {
    const TileDemand::Size& s = demand.sizes[0];
    const double bytes =
        static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.count * (2 * parts + 1)) * 4;
    cycles += kLaunch + bytes / (kBytesACycle * units);
  }
  return cycles;
}

}  // namespace

TileChoice choose_tile(const Call& call, const TileDemand& demand) {
  const Tiles& tiles = tiles_of(demand);
  const int64_t multiprocessors = std::max(1, device_of(call).multiprocessors);
  const int layout = (demand.deep_a ? 0 : 2) + (demand.deep_b ? 0 : 1);
  TileChoice best{};
  double least = std::numeric_limits<double>::infinity();
  for (int t = 0; t < tiles.count; t++) {
    const Tile& tile = tiles.list[t];
    if ((!tile.any && !demand.aligned) || (tile.hopper && !demand.hopper)) continue;
    for (int64_t parts = 1; parts <= kMostParts; parts += parts < 4 ? 1 : parts / 2) {
      const int64_t k = demand.size_count == 1 ? demand.sizes[0].k : 0;
      if (parts > 1 && (!demand.may_cut || k / parts < kLeastDepth)) break;
      const double cost = cost_of(tiles, tile, demand, parts, multiprocessors);
      if (!(cost < least)) continue;
      least = cost;
      best.tile = {&tile.kernels[layout], tile.rows, tile.columns, tile.threads, tile.hopper};
      best.parts = parts;
    }
  }
  if (demand.may_cut) {
    // Kernels count k of a part in 32 bits.
    constexpr int64_t kMostDepth = int64_t{1} << 30;
    const int64_t k = demand.sizes[0].k;
    best.parts = std::max(best.parts, (k + kMostDepth - 1) / kMostDepth);
    const int64_t depth = (k + best.parts - 1) / std::max<int64_t>(1, best.parts);
    best.part_depth = (depth + kGemmPartDepth - 1) / kGemmPartDepth * kGemmPartDepth;
    best.parts = k == 0 ? 1 : (k + best.part_depth - 1) / best.part_depth;
  } else {
    best.parts = 1;
  }
  return best;
}

}  // namespace sinter::cuda
