// Products of f64 on tensor cores, by mma.m8n8k4 with sums in f64. Place in the whole: device code of gemm_f64.cu, which exports an
// instance for each layout.
//
// A block has a tile of y, kRows by kColumns, its warps kWarpRows by kWarpColumns of that; tiles of operands are filled ahead as in
// mma.cuh. A lane's part of a fragment is one number, lane 4 g + t's of row (or column) g and k t, read from shared memory as it is:
// ldmatrix moves 16 bits. Which row is which of mma's is free, and chosen so that half a warp meets no bank twice (`row_of`; for wide
// operands the exchange of tile.cuh does it).
#pragma once
#include "cuda/kernels/gemm/tile.cuh"

namespace sinter::cuda {

template <int kRows, int kColumns, int kWarpRows, int kWarpColumns, int kStages, bool kDeepA, bool kDeepB>
struct DoubleProduct {
  static constexpr int kWarpsAcross = kColumns / kWarpColumns, kWarpsDown = kRows / kWarpRows;
  static constexpr int kThreads = 32 * kWarpsDown * kWarpsAcross;
  static constexpr int kDown = kWarpRows / 8, kAcross = kWarpColumns / 8;  // fragments of a warp tile
  using TileA = Tile<f64, kRows, kThreads, kDeepA, true>;
  using TileB = Tile<f64, kColumns, kThreads, kDeepB, true>;
  static constexpr int kDepth = TileA::kDepth;
  static constexpr int kStageBytes = TileA::kBytes + TileB::kBytes;
  static constexpr int kSharedBytes = kStages * kStageBytes;
  static constexpr int kSlabStride = kColumns + kSlabPad<f64>;
  static constexpr int kSlabTurns = kDown / 2;  // fragments of a warp that go to the slab at a time
  static constexpr int kSlabRows = kSlabTurns * 8 * kWarpsDown;
  static_assert(kSharedBytes <= 48 * 1024 && kSlabRows * kSlabStride * 8 <= kSharedBytes);

  // The operand's row (or column) that is row g of a fragment. Deep: rows 0, 1, 4 and 5 lie in four different quarters of the banks.
  template <bool kDeep>
  static SINTER_DEVICE int row_of(int g) {
    return kDeep ? (g & 1) | (g & 2) << 1 | (g & 4) >> 1 : g;
  }
  // The lane's number of fragment i at k `step` * 4 on.
  template <class Tile, bool kDeep>
  static SINTER_DEVICE f64 number(const uint8_t* tile, int row, int step, int t) {
    const int k = 4 * step + t;
    const uint32_t at = kDeep ? Tile::place(row, k / 2) + k % 2 * 8 : Tile::place(k, row / 2) + row % 2 * 8;
    return *reinterpret_cast<const f64*>(tile + at);
  }

  static SINTER_DEVICE void run(const GemmArgs& args) {
    __shared__ __align__(1024) uint8_t memory[kSharedBytes];
    Work<f64> work;
    if (!find_work<f64, kRows, kColumns, kDeepA, kDeepB>(args, work)) return;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    const int row = warp / kWarpsAcross * kWarpRows + row_of<kDeepA>(g),
              column = warp % kWarpsAcross * kWarpColumns + row_of<kDeepB>(g);

    f64 sums[kDown][kAcross][2];
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int j = 0; j < kAcross; j++) sums[i][j][0] = sums[i][j][1] = 0;

    const auto fetch = [&](int step, uint32_t stage) {
      TileA::load(work.a, step * kDepth, stage);
      TileB::load(work.b, step * kDepth, stage + TileA::kBytes);
    };
    each_stage<kStages, kStageBytes>(memory, (work.a.depth + kDepth - 1) / kDepth, fetch, [&](const uint8_t* left) {
      const uint8_t* right = left + TileA::kBytes;
#pragma unroll
      for (int quarter = 0; quarter < kDepth / 4; quarter++) {
        f64 a[kDown], b[kAcross];
#pragma unroll
        for (int i = 0; i < kDown; i++) a[i] = number<TileA, kDeepA>(left, row + 8 * i, quarter, t);
#pragma unroll
        for (int j = 0; j < kAcross; j++) b[j] = number<TileB, kDeepB>(right, column + 8 * j, quarter, t);
#pragma unroll
        for (int i = 0; i < kDown; i++)
#pragma unroll
          for (int j = 0; j < kAcross; j++) multiply_8x8(sums[i][j], a[i], b[j]);
      }
    });
    const Target<f64> target = target_of<f64, kRows, kColumns>(args, work.place);
    const FinishSums<f64> put{args.then, target};

    // The sums go through shared memory, and from there in whole rows. A lane has row g, columns 2 t and 2 t + 1 of each fragment.
    f64* slab = reinterpret_cast<f64*>(memory);
    f64* mine = slab + (warp / kWarpsAcross * (kSlabTurns * 8) + row_of<kDeepA>(g)) * kSlabStride +
                warp % kWarpsAcross * kWarpColumns + row_of<kDeepB>(2 * t);
#pragma unroll 1
    for (int pass = 0; pass < kDown / kSlabTurns; pass++) {
      __syncthreads();
#pragma unroll
      for (int i = 0; i < kSlabTurns; i++)
#pragma unroll
        for (int j = 0; j < kAcross; j++) {
          Pack<f64, 2> pack;
          pack.at[0] = sums[i][j][0], pack.at[1] = sums[i][j][1];
          store_pack(mine + i * 8 * kSlabStride + j * 8, pack);
        }
      // The next pass's move up: registers have no index.
#pragma unroll
      for (int i = kSlabTurns; i < kDown; i++)
#pragma unroll
        for (int j = 0; j < kAcross; j++)
#pragma unroll
          for (int e = 0; e < 2; e++) sums[i - kSlabTurns][j][e] = sums[i][j][e];
      __syncthreads();
      const auto row_of_slab = [&](int r) {
        constexpr int kWarpSlab = kSlabTurns * 8;
        return r / kWarpSlab * kWarpRows + pass * kWarpSlab + r % kWarpSlab;
      };
      each_in_slab<kSlabRows, kColumns, kThreads, FinishSums<f64>::kPack>(target, slab, put.packs(), row_of_slab, put);
    }
  }
};

}  // namespace sinter::cuda

// A kernel, gemm_f64_<layout>_any, the layout d or w for a, then b; it takes operands of any alignment.
#define SINTER_DOUBLE_PRODUCT(layout, deep_a, deep_b)                                  \
  extern "C" __global__ void __launch_bounds__(                                        \
      ::sinter::cuda::DoubleProduct<64, 64, 32, 32, 4, deep_a, deep_b>::kThreads, 4)   \
      gemm_f64_##layout##_any(const __grid_constant__ ::sinter::cuda::GemmArgs args) { \
    ::sinter::cuda::DoubleProduct<64, 64, 32, 32, 4, deep_a, deep_b>::run(args);       \
  }
