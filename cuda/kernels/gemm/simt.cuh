// Products of f32 on the ordinary units, in full precision. Place in the whole: device code of gemm_f32.cu, which exports an instance for
// each tile and layout.
//
// A block has a tile of y, kRows by kColumns, a thread kDown by kAcross of its elements: for 16 bytes of k that takes kDown + kAcross
// loads of 16 bytes from shared memory. Which elements a thread has follows from how the operand lies there, so that a warp's lanes, 4
// down by 8 across, meet no bank twice.
#pragma once
#include "cuda/kernels/gemm/tile.cuh"

namespace sinter::cuda {

template <class S, int kRows, int kColumns, int kDown, int kAcross, int kStages, bool kDeepA, bool kDeepB, bool kAny>
struct SimtProduct {
  static constexpr int kTileRows = kRows, kTileColumns = kColumns;
  static constexpr int kThreadsDown = kRows / kDown, kThreadsAcross = kColumns / kAcross;
  static constexpr int kThreads = kThreadsDown * kThreadsAcross;
  static constexpr int kPack = 16 / static_cast<int>(sizeof(S));
  using TileA = Tile<S, kRows, kThreads, kDeepA, kAny>;
  using TileB = Tile<S, kColumns, kThreads, kDeepB, kAny>;
  static constexpr int kDepth = TileA::kDepth;
  static constexpr int kStageBytes = TileA::kBytes + TileB::kBytes;
  static constexpr int kSharedBytes = kStages * kStageBytes;
  static constexpr int kSlabStride = kColumns + kSlabPad<S>;
  // Rows of a thread that go to the slab at a time: as many as there is room for.
  static constexpr int kSlabTurns =
      kRows * kSlabStride * static_cast<int>(sizeof(S)) <= kSharedBytes ? kDown : kDown / 2;
  static constexpr int kSlabRows = kSlabTurns * kThreadsDown;
  static_assert(kSharedBytes <= 48 * 1024 && kSlabRows * kSlabStride * static_cast<int>(sizeof(S)) <= kSharedBytes);
  static_assert(kThreadsAcross % 8 == 0 && kThreadsDown % 4 == 0 && kDown % kPack == 0 && kAcross % kPack == 0);

  // Row (or column) i of the thread at place `at` among `threads`.
  template <bool kDeep>
  static SINTER_DEVICE int own(int i, int at, int threads) {
    return kDeep ? i * threads + at : i / kPack * (threads * kPack) + at * kPack + i % kPack;
  }

  static SINTER_DEVICE Pack<S, kPack> chunk(const uint8_t* from) {
    return load_pack<kPack>(reinterpret_cast<const S*>(from));
  }

  // x[i][p]: the thread's row i of a tile at kPack positions of k from chunk c on.
  template <class Tile, bool kDeep, int kCount>
  static SINTER_DEVICE void load(const uint8_t* tile, int c, int at, int threads, S (&x)[kCount][kPack]) {
    if constexpr (kDeep) {
#pragma unroll
      for (int i = 0; i < kCount; i++) {
        const Pack<S, kPack> along = chunk(tile + i * threads * Tile::kRowBytes + Tile::place(at, c));
#pragma unroll
        for (int p = 0; p < kPack; p++) x[i][p] = along.at[p];
      }
    } else {
#pragma unroll
      for (int p = 0; p < kPack; p++)
#pragma unroll
        for (int i = 0; i < kCount; i += kPack) {
          const Pack<S, kPack> across = chunk(tile + Tile::place(c * kPack + p, i / kPack * threads + at));
#pragma unroll
          for (int e = 0; e < kPack; e++) x[i + e][p] = across.at[e];
        }
    }
  }

  using Sums = S[kDown][kAcross];
  static SINTER_DEVICE void multiply(const uint8_t* stage, int down, int across, Sums& sums) {
    if constexpr (!kDeepA && !kDeepB)
      multiply_wide(stage, stage + TileA::kBytes, down, across, sums);
    else
      multiply_chunks(stage, stage + TileA::kBytes, down, across, sums);
  }
  // Outer products, of one k after the other.
  static SINTER_DEVICE void multiply_wide(const uint8_t* left, const uint8_t* right, int down, int across, Sums& sums) {
#pragma unroll 2
    for (int k = 0; k < kDepth; k++) {
      Pack<S, kPack> a[kDown / kPack], b[kAcross / kPack];
#pragma unroll
      for (int i = 0; i < kDown / kPack; i++) a[i] = chunk(left + TileA::place(k, i * kThreadsDown + down));
#pragma unroll
      for (int j = 0; j < kAcross / kPack; j++) b[j] = chunk(right + TileB::place(k, j * kThreadsAcross + across));
#pragma unroll
      for (int i = 0; i < kDown; i++)
#pragma unroll
        for (int j = 0; j < kAcross; j++) sums[i][j] += a[i / kPack].at[i % kPack] * b[j / kPack].at[j % kPack];
    }
  }
  // All of a's rows at a chunk of k, with b a few registers at a time.
  static SINTER_DEVICE void multiply_chunks(const uint8_t* left, const uint8_t* right, int down, int across,
                                            Sums& sums) {
#pragma unroll 1
    for (int c = 0; c < kDepth / kPack; c++) {
      S a[kDown][kPack];
      load<TileA, kDeepA>(left, c, down, kThreadsDown, a);
      if constexpr (kDeepB) {
#pragma unroll
        for (int j = 0; j < kAcross; j++) {
          const Pack<S, kPack> b = chunk(right + j * kThreadsAcross * TileB::kRowBytes + TileB::place(across, c));
#pragma unroll
          for (int p = 0; p < kPack; p++)
#pragma unroll
            for (int i = 0; i < kDown; i++) sums[i][j] += a[i][p] * b.at[p];
        }
      } else {
#pragma unroll
        for (int p = 0; p < kPack; p++)
#pragma unroll
          for (int j = 0; j < kAcross; j += kPack) {
            const Pack<S, kPack> b = chunk(right + TileB::place(c * kPack + p, j / kPack * kThreadsAcross + across));
#pragma unroll
            for (int e = 0; e < kPack; e++)
#pragma unroll
              for (int i = 0; i < kDown; i++) sums[i][j + e] += a[i][p] * b.at[e];
          }
      }
    }
  }

  struct Spot {
    int down, across;
  };
  static SINTER_DEVICE Spot spot() {
    constexpr int kWarpsAcross = kThreadsAcross / 8;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    return {warp / kWarpsAcross * 4 + lane / 8, warp % kWarpsAcross * 8 + lane % 8};
  }

  // As TensorProduct's.
  template <class Fetch>
  static SINTER_DEVICE void accumulate(uint8_t* memory, int steps, const Fetch& fetch_step, Sums& sums) {
    const Spot at = spot();
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int j = 0; j < kAcross; j++) sums[i][j] = 0;

    each_stage<kStages, kStageBytes>(memory, steps, fetch_step,
                                     [&](const uint8_t* stage) { multiply(stage, at.down, at.across, sums); });
  }

  static constexpr int kTurnedStride = kSlabRows + 4;
  template <bool kMayTurn = false, class Take>
  static SINTER_DEVICE void each_slab(uint8_t* memory, Sums& sums, const Take& take, bool turned = false) {
    const auto [down, across] = spot();
    S* slab = reinterpret_cast<S*>(memory);
#pragma unroll 1
    for (int pass = 0; pass < kDown / kSlabTurns; pass++) {
      __syncthreads();
      if (kMayTurn && turned) {
        static_assert(!kMayTurn || kColumns * kTurnedStride * static_cast<int>(sizeof(S)) <= kSharedBytes);
#pragma unroll
        for (int turn = 0; turn < kSlabTurns; turn++)
#pragma unroll
          for (int j = 0; j < kAcross; j++)
            slab[own<kDeepB>(j, across, kThreadsAcross) * kTurnedStride + turn * kThreadsDown + down] = sums[turn][j];
      } else {
#pragma unroll
        for (int turn = 0; turn < kSlabTurns; turn++) {
          S* mine = slab + (turn * kThreadsDown + down) * kSlabStride;
          if constexpr (kDeepB) {
#pragma unroll
            for (int j = 0; j < kAcross; j++) mine[own<true>(j, across, kThreadsAcross)] = sums[turn][j];
          } else {
#pragma unroll
            for (int j = 0; j < kAcross; j += kPack) {
              Pack<S, kPack> pack;
#pragma unroll
              for (int e = 0; e < kPack; e++) pack.at[e] = sums[turn][j + e];
              store_pack(mine + own<false>(j, across, kThreadsAcross), pack);
            }
          }
        }
      }
      // The next pass's move up: registers have no index.
#pragma unroll
      for (int i = kSlabTurns; i < kDown; i++)
#pragma unroll
        for (int j = 0; j < kAcross; j++) sums[i - kSlabTurns][j] = sums[i][j];
      __syncthreads();
      take(slab,
           [&](int r) { return own<kDeepA>(pass * kSlabTurns + r / kThreadsDown, r % kThreadsDown, kThreadsDown); });
    }
  }

  static SINTER_DEVICE void run(const GemmArgs& args) {
    __shared__ __align__(1024) uint8_t memory[kSharedBytes];
    Work<S> work;
    if (!find_work<S, kRows, kColumns, kDeepA, kDeepB>(args, work)) return;
    const auto fetch = [&](int step, uint32_t stage) {
      TileA::load(work.a, step * kDepth, stage);
      TileB::load(work.b, step * kDepth, stage + TileA::kBytes);
    };
    Sums sums;
    accumulate(memory, (work.a.depth + kDepth - 1) / kDepth, fetch, sums);
    const Target<S> target = target_of<S, kRows, kColumns>(args, work.place);
    const FinishSums<S> put{args.then, target};
    each_slab(memory, sums, [&](const S* slab, const auto& row_of) {
      each_in_slab<kSlabRows, kColumns, kThreads, kFinishPack<S>>(target, slab, put.packs(), row_of, put);
    });
  }
};

}  // namespace sinter::cuda

// A kernel, gemm_<type>_<layout>_<tile>, the layout d or w for a, then b; `any`: operands of any alignment.
#define SINTER_SIMT_PRODUCT(S, layout, deep_a, deep_b, tile, rows, columns, down, across, stages, blocks, any)     \
  extern "C" __global__ void __launch_bounds__(                                                                    \
      ::sinter::cuda::SimtProduct<::sinter::cuda::S, rows, columns, down, across, stages, deep_a, deep_b,          \
                                  any>::kThreads,                                                                  \
      blocks) gemm_##S##_##layout##_##tile(const __grid_constant__ ::sinter::cuda::GemmArgs args) {                \
    ::sinter::cuda::SimtProduct<::sinter::cuda::S, rows, columns, down, across, stages, deep_a, deep_b, any>::run( \
        args);                                                                                                     \
  }
