// What attention's forward pass on compute capability 9.0 and its host side agree on. Place in the whole: hopper.cpp launches, hopper_forward.cuh
// computes.
#pragma once
#include "cuda/kernels/attention/attention.h"
#include "cuda/runtime/tensor_map.h"

namespace sinter::cuda {

constexpr int kHopperQueries = 128;           // of a block: 64 a warpgroup
constexpr int kHopperKeys = 128;              // of a tile
constexpr int kHopperAttentionThreads = 384;  // a warpgroup that copies, two that multiply
constexpr int kHopperTiles = 4;               // of keys and values, in turn, that there is room for
// Queries, tiles, results of 8 warps on their way, two barriers a tile and one of the queries, and what it takes to begin at a multiple of
// 1024.
constexpr int hopper_attention_shared(int width) {
  return (kHopperQueries + kHopperTiles * kHopperKeys + 8 * 16) * width * 2 + (2 * kHopperTiles + 1) * 8 + 1024;
}

struct HopperAttentionArgs {
  TensorMap q, k, v;  // (width, rows, heads, batches)
  AttentionArgs all;
};

}  // namespace sinter::cuda
