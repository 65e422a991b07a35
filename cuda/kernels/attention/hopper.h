// What attention's kernels of compute capability 9.0 and their host side agree on. Place in the whole: hopper.cpp launches,
// hopper_forward.cuh and hopper_backward.cuh compute.
#pragma once
#include "cuda/kernels/attention/attention.h"
#include "cuda/runtime/tensor_map.h"

namespace sinter::cuda {

constexpr int kHopperOwnRows = 128;           // of a block, queries or keys: 64 a warpgroup
constexpr int kHopperKeys = 128;              // of a tile
constexpr int kHopperAttentionThreads = 384;  // a warpgroup that copies, two that multiply
constexpr int kHopperTiles = 4;               // of keys and values, in turn, that there is room for
// Queries, tiles, results of 8 warps on their way, two barriers a tile and one of the queries, and what it takes to begin at a multiple of
// 1024.
constexpr int hopper_attention_shared(int width) {
  return (kHopperOwnRows + kHopperTiles * kHopperKeys + 8 * 16) * width * 2 + (2 * kHopperTiles + 1) * 8 + 1024;
}

struct HopperAttentionArgs {
  TensorMap q, k, v;  // (width, rows, heads, batches)
  AttentionArgs all;
};

// ---- gradients
constexpr int kHopperBackwardStages = 3;  // of two tiles each
constexpr int hopper_backward_tile(int width) { return width == 64 ? 128 : 64; }
// Two operands of own rows, the stages with lse and delta of a tile's queries and two barriers each, results on their way, a barrier.
constexpr int hopper_backward_shared(int width) {
  const int tile = hopper_backward_tile(width);
  return (2 * kHopperOwnRows + kHopperBackwardStages * 2 * tile + 8 * 16) * width * 2 +
         kHopperBackwardStages * (2 * tile * 4 + 16) + 8 + 1024;
}

struct HopperBackwardArgs {
  TensorMap own[2], other[2];  // q and g, k and v; or the other way round
  AttentionArgs all;
};

}  // namespace sinter::cuda
