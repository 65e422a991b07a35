// What the products of compute capability 9.0 and their host side agree on, and what product.cpp asks of them. Place in the whole: hopper.cpp
// launches, hopper.cuh computes.
#pragma once
#include "cuda/kernels/gemm/gemm.h"
#include "cuda/runtime/tensor_map.h"

namespace sinter::cuda {

constexpr int kHopperRows = 128;     // of a tile; its columns are the kernel's
constexpr int kHopperDepth = 64;     // of k a stage: 128 bytes
constexpr int kHopperThreads = 384;  // a warpgroup that brings operands, two that multiply
constexpr int kHopperStages(int columns) { return columns == 256 ? 4 : 6; }
constexpr int kHopperStageBytes(int columns) { return (kHopperRows + columns) * kHopperDepth * 2; }
// A warp's 16 rows by 64 columns of sums on their way to memory.
constexpr int kHopperSlabBytes = 16 * 64 * 4;
// Stages, slabs, two barriers a stage, and what it takes to begin at a multiple of 1024.
constexpr int kHopperSharedBytes(int columns) {
  return kHopperStages(columns) * (kHopperStageBytes(columns) + 16) + 8 * kHopperSlabBytes + 1024;
}

struct HopperArgs {
  TensorMap a, b;  // (inner, outer, two dimensions of the batch)
  void* y;
  int64_t m, n, k;
  void* partial;  // with several parts: (parts, items, m, n) sums, for gemm_finish
  // As in GemmArgs: the tile fastest, then the part of k, then the item.
  uint32_t tiles, parts, items;
  int32_t part_depth;
  uint32_t batch_inner;      // items of the inner dimension of the batch
  int32_t a_batch, b_batch;  // bit i: the operand has dimension i of the batch, else it is the same for all
  GemmEpilogue then;
};

}  // namespace sinter::cuda
