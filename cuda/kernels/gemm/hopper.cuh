// Products of bf16 and f16 on the tensor cores of compute capability 9.0. Place in the whole: device code of gemm_hopper_*.sm90a.cu, which export
// an instance for each tile and layout; mma.cuh has the same products for every card, and is what these are compared with.
//
// A block stays on its multiprocessor and takes tile after tile of y, 128 rows by kColumns. One thread brings operands: boxes of 128 bytes by up to 256 rows,
// through tensor maps, into a ring of stages; edges become zeros on the way. Two warpgroups multiply, each 64 rows of the tile, by wgmma, which reads
// both operands from the ring and has its sums in registers. A stage's two mbarriers say that it is full (by the bytes that arrived) and that it is
// empty (by the eight warps that were done with it). The ring goes on from tile to tile: while sums are finished, the next tile's operands
// arrive.
//
// Deep operands lie in a stage as rows of m or n, each 128 bytes of k. Wide ones are boxes of 64 rows of k, each 128 bytes (64 elements) of m or n; wgmma
// transposes them.
#pragma once
#include "cuda/kernels/gemm/finish.cuh"
#include "cuda/kernels/gemm/hopper.h"
#include "cuda/kernels/gemm/tile.cuh"
#include "cuda/kernels/ring.cuh"

namespace sinter::cuda {

// kRows of an operand in a stage.
template <int kRows, bool kDeep>
struct HopperOperand {
  static constexpr int kBoxBytes = 64 * 128;  // of one that is wide
  static constexpr int kBytes = kRows * 128;

  // Starts to copy rows `row` on, `k` on.
  static SINTER_DEVICE void load(uint32_t to, const TensorMap& map, int row, int k, int inner, int outer,
                                 uint32_t barrier) {
    if constexpr (kDeep) {
      load_box(to, &map, k, row, inner, outer, barrier);
    } else {
#pragma unroll
      for (int i = 0; i < kRows / 64; i++) load_box(to + i * kBoxBytes, &map, row + i * 64, k, inner, outer, barrier);
    }
  }
  // Rows `row` on, a multiple of 64, of 16 numbers of k from 16 `step` on.
  static SINTER_DEVICE uint64_t at(uint32_t stage, int row, int step) {
    constexpr int kEightRows = 8 * 128;
    return matrix_at(stage + row * 128 + step * (kDeep ? 32 : 2 * kEightRows), kEightRows, kBoxBytes);
  }
};

template <class S, int kColumns, bool kDeepA, bool kDeepB>
struct HopperProduct {
  static constexpr int kStages = kHopperStages(kColumns), kStageBytes = kHopperStageBytes(kColumns);
  static constexpr int kConsumers = 2, kConsumerWarps = 4 * kConsumers;
  static constexpr int kSlabColumns = 64;
  using OperandA = HopperOperand<kHopperRows, kDeepA>;
  using OperandB = HopperOperand<kColumns, kDeepB>;
  static_assert(OperandA::kBytes + OperandB::kBytes == kStageBytes);

  // A tile of one part and item.
  struct Unit {
    TileAt tile;
    uint32_t part, item;
    int steps;
  };
  static SINTER_DEVICE Unit unit_of(const HopperArgs& args, uint32_t unit) {
    Unit it;
    const uint32_t rest = unit / args.tiles;
    it.item = rest / args.parts;
    it.part = rest - it.item * args.parts;
    it.tile = tile_at(unit - rest * args.tiles, static_cast<uint32_t>((args.m + kHopperRows - 1) / kHopperRows),
                      static_cast<uint32_t>((args.n + kColumns - 1) / kColumns));
    const int64_t left = args.k - int64_t{it.part} * args.part_depth;
    const int depth = static_cast<int>(args.parts > 1 ? min(left, int64_t{args.part_depth}) : left);
    it.steps = (depth + kHopperDepth - 1) / kHopperDepth;
    return it;
  }

  static SINTER_DEVICE void bring(const HopperArgs& args, uint32_t ring, uint32_t full, uint32_t empty) {
    const uint32_t units = args.tiles * args.parts * args.items;
    RingPlace<kStages> at;
#pragma unroll 1
    for (uint32_t i = blockIdx.x; i < units; i += gridDim.x) {
      const Unit unit = unit_of(args, i);
      const int row = unit.tile.row * kHopperRows, column = unit.tile.column * kColumns;
      const int outer = unit.item / args.batch_inner, inner = unit.item - outer * args.batch_inner;
      int k = unit.part * args.part_depth;
#pragma unroll 1
      for (int step = 0; step < unit.steps; step++, k += kHopperDepth) {
        const uint32_t stage = ring + at.stage * kStageBytes, barrier = full + at.stage * 8;
        barrier_wait(empty + at.stage * 8, at.phase ^ 1);
        barrier_arrive_expecting(barrier, kStageBytes);
        OperandA::load(stage, args.a, row, k, args.a_batch & 1 ? inner : 0, args.a_batch & 2 ? outer : 0, barrier);
        OperandB::load(stage + OperandA::kBytes, args.b, column, k, args.b_batch & 1 ? inner : 0,
                       args.b_batch & 2 ? outer : 0, barrier);
        at.advance();
      }
    }
  }

  using Sums = float[kColumns / 2];

  // Adds up `steps` stages from `at` on; `row`: this warpgroup's first.
  static SINTER_DEVICE void accumulate(Sums& sums, int steps, int row, RingPlace<kStages>& at, uint32_t ring,
                                       uint32_t full, uint32_t empty) {
#pragma unroll
    for (int i = 0; i < kColumns / 2; i++) sums[i] = 0;
    const bool first_lane = threadIdx.x % 32 == 0;
    uint32_t before = 0;  // the barrier of the stage that products are still reading
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      const uint32_t stage = ring + at.stage * kStageBytes;
      barrier_wait(full + at.stage * 8, at.phase);
      products_fence();
#pragma unroll
      for (int k = 0; k < kHopperDepth / 16; k++)
        multiply_64<S, kColumns, kDeepA, kDeepB>(sums, OperandA::at(stage, row, k),
                                                 OperandB::at(stage + OperandA::kBytes, 0, k));
      products_commit();
      products_wait<1>();
      if (first_lane && step > 0) barrier_arrive(before);
      before = empty + at.stage * 8;
      at.advance();
    }
    products_wait<0>();
    hold(sums);
    if (first_lane) barrier_arrive(before);
  }

  // Sums of a warp go through its slab, 64 columns at a time: rows of 256 bytes, in which row r has the eight columns 8 j on at j ^ (r % 8).
  static SINTER_DEVICE void store(const HopperArgs& args, const Unit& unit, Sums& sums, float* slab, int row) {
    float* partial = nullptr;
    if (args.parts > 1)
      partial = static_cast<float*>(args.partial) + (int64_t{unit.part} * args.items + unit.item) * args.m * args.n;
    const Target<S> to{static_cast<S*>(args.y),
                       partial,
                       int64_t{unit.tile.row} * kHopperRows + row,
                       int64_t{unit.tile.column} * kColumns,
                       args.m,
                       args.n,
                       unit.item * args.m};
    const FinishSums<S> put{args.then, to};
    const bool packs = put.packs();
    const uint32_t own = shared_address(slab);
    const int lane = threadIdx.x % 32, low = lane / 4, pair = lane % 4 * 2;
#pragma unroll 1
    for (int first = 0; first < kColumns && to.column + first < to.n; first += kSlabColumns) {
      __syncwarp();
#pragma unroll
      for (int j = 0; j < 8; j++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
          store_shared(own + (low + 8 * half) * kSlabColumns * 4 + (j ^ low) * 32 + pair * 4, sums[4 * j + 2 * half],
                       sums[4 * j + 2 * half + 1]);
        }
      // The next ones move up: registers have no index.
#pragma unroll
      for (int i = 32; i < kColumns / 2; i++) sums[i - 32] = sums[i];
      __syncwarp();
      if (packs) {
#pragma unroll 1
        for (int c = lane; c < 16 * kSlabColumns / 4; c += 32) {
          const int r = c / 16, four = c % 16;
          const int64_t at_row = to.row + r, column = to.column + first + four * 4;
          if (at_row >= to.m || column >= to.n) continue;
          Pack<float, 4> sum = load_pack<4>(slab + r * kSlabColumns + (four / 2 ^ r % 8) * 8 + four % 2 * 4);
          put(sum, at_row, column);
        }
      } else {
#pragma unroll 1
        for (int c = lane; c < 16 * kSlabColumns; c += 32) {
          const int r = c / kSlabColumns, j = c % kSlabColumns;
          const int64_t at_row = to.row + r, column = to.column + first + j;
          if (at_row >= to.m || column >= to.n) continue;
          Pack<float, 1> sum;
          sum.at[0] = slab[r * kSlabColumns + (j / 8 ^ r % 8) * 8 + j % 8];
          put(sum, at_row, column);
        }
      }
    }
  }

  static SINTER_DEVICE void run(const HopperArgs& args) {
    extern __shared__ uint8_t memory[];
    // Eight rows of 128 bytes are exchanged by the bits of their addresses.
    const uint32_t ring = (shared_address(memory) + 1023) & ~1023u, slabs = ring + kStages * kStageBytes;
    const uint32_t full = slabs + kConsumerWarps * kHopperSlabBytes, empty = full + kStages * 8;
    if (threadIdx.x == 0) init_ring<kStages>(full, empty, kConsumerWarps);
    __syncthreads();
    const int group = threadIdx.x / 128;
    if (group == 0) {
      registers_give<kCopyingRegisters>();
      if (threadIdx.x == 0) bring(args, ring, full, empty);
      return;
    }
    registers_take<kMultiplyingRegisters>();
    const int warp = threadIdx.x / 32 - 4, row = (group - 1) * 64;
    float* slab = reinterpret_cast<float*>(memory + (slabs - shared_address(memory)) + warp * kHopperSlabBytes);
    const uint32_t units = args.tiles * args.parts * args.items;
    RingPlace<kStages> at;
#pragma unroll 1
    for (uint32_t i = blockIdx.x; i < units; i += gridDim.x) {
      const Unit unit = unit_of(args, i);
      Sums sums;
      accumulate(sums, unit.steps, row, at, ring, full, empty);
      store(args, unit, sums, slab, row + warp % 4 * 16);
    }
  }
};

}  // namespace sinter::cuda

// The kernels of a type: gemm_hopper_<type>_<layout>_<tile>, the layout d or w for a, then b.
#define SINTER_HOPPER_PRODUCT(S, layout, deep_a, deep_b, tile, columns)                              \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kHopperThreads, 1)                    \
      gemm_hopper_##S##_##layout##_##tile(const __grid_constant__ ::sinter::cuda::HopperArgs args) { \
    ::sinter::cuda::HopperProduct<::sinter::cuda::S, columns, deep_a, deep_b>::run(args);            \
  }
#define SINTER_HOPPER_PRODUCTS(S, layout, deep_a, deep_b)      \
  SINTER_HOPPER_PRODUCT(S, layout, deep_a, deep_b, large, 256) \
  SINTER_HOPPER_PRODUCT(S, layout, deep_a, deep_b, medium, 128)
