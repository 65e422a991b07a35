// Products on tensor cores: of bf16 and f16 by mma.m16n8k16 with sums in f32, of bytes by mma.m16n8k32 with sums in i32, of f32 as tf32 by
// mma.m16n8k8 with sums in f32. Place in the whole: device code of gemm_bf16.cu, gemm_f16.cu, gemm_bytes.cu and gemm_tf32.cu, which
// export an instance for each tile and layout. Bytes and f32 lie deep on both sides (ldmatrix transposes 16 bits), and then all is as with
// 16 bits: "32 bytes of k" is 16 of k there, 32 or 8 here.
//
// A block has a tile of y, kRows by kColumns, and its warps kWarpRows by kWarpColumns of that. Operands pass through kStages tiles in
// shared memory that cp.async fills ahead; ldmatrix takes fragments from there, those of the next 32 bytes of k while mma works on these.
// A warp tile of 64 x 64 has 32 mma for 8 ldmatrix, one of 64 x 32 has 16 for 6.
#pragma once
#include "cuda/kernels/gemm/tile.cuh"

namespace sinter::cuda {

// d += a b of 32 bytes of k.
template <class S, class Sum>
SINTER_DEVICE void multiply_fragments(Sum (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  if constexpr (kSame<S, f32>)
    multiply_16x8_tf32(d, a, b0, b1);
  else
    multiply_16x8<S>(d, a, b0, b1);
}
// f32 rounded to the digits of tf32, half away from zero: half of the last of those is added, the rest cut off. What is not finite stays.
template <int kCount>
SINTER_DEVICE void round_to_tf32(uint32_t (&x)[kCount][4]) {
#pragma unroll
  for (int i = 0; i < kCount; i++)
#pragma unroll
    for (int e = 0; e < 4; e++)
      x[i][e] = fabsf(__uint_as_float(x[i][e])) < __uint_as_float(0x7f800000u) ? x[i][e] + 0x1000u : x[i][e];
}

template <class S, int kRows, int kColumns, int kWarpRows, int kWarpColumns, int kStages, bool kDeepA, bool kDeepB,
          bool kAny>
struct TensorProduct {
  static constexpr int kTileRows = kRows, kTileColumns = kColumns;
  static constexpr int kWarpsDown = kRows / kWarpRows, kWarpsAcross = kColumns / kWarpColumns;
  static constexpr int kThreads = 32 * kWarpsDown * kWarpsAcross;
  static constexpr int kDown = kWarpRows / 16, kAcross = kWarpColumns / 16;  // fragments of a warp tile
  using Sum = Compute<S>;
  using TileA = Tile<S, kRows, kThreads, kDeepA, kAny>;
  using TileB = Tile<S, kColumns, kThreads, kDeepB, kAny>;
  static constexpr int kDepth = TileA::kDepth;
  static constexpr int kStageBytes = TileA::kBytes + TileB::kBytes;
  static constexpr int kSharedBytes = kStages * kStageBytes;
  static constexpr int kSlabStride = kColumns + kSlabPad<Sum>;
  // Fragments of a warp that go to the slab at a time: as many as there is room for.
  static constexpr int kSlabTurns = kRows * kSlabStride * 4 <= kSharedBytes ? kDown : kDown / 2;
  static constexpr int kSlabRows = kSlabTurns * 16 * kWarpsDown;
  static_assert(kSharedBytes <= 48 * 1024 && kSlabRows * kSlabStride * 4 <= kSharedBytes);

  struct Fragments {
    uint32_t a[kDown][4];
    uint32_t b[kAcross][4];  // of two blocks of 8 columns
  };

  // Where this lane's rows of the fragments lie, from a stage's start; further along k is an exclusive or, as chunks
  // are exchanged.
  struct Lanes {
    uint32_t a, b;
  };
  static SINTER_DEVICE Lanes lanes(int warp, int lane) {
    const int row = warp / kWarpsAcross * kWarpRows, column = warp % kWarpsAcross * kWarpColumns;
    const int low = lane & 7, second = lane >> 3 & 1, third = lane >> 4;
    Lanes at;
    // Matrices in the order rows 0, rows 8; the same a chunk further along k.
    if constexpr (kDeepA)
      at.a = TileA::place(row + low + 8 * second, third);
    else
      at.a = TileA::place(low + 8 * third, row / 8 + second);
    // Two chunks along k; the same for the next 8 columns.
    if constexpr (kDeepB)
      at.b = TileB::place(column + low + 8 * third, second);
    else
      at.b = TileB::place(low + 8 * second, column / 8 + third);
    at.b += TileA::kBytes;
    return at;
  }
  // kStep: the first or the second 32 bytes of k of the stage.
  template <int kStep>
  static SINTER_DEVICE void load_fragments(uint32_t stage, const Lanes& at, Fragments& f) {
    // The stage's start is a multiple of 1024, so that exclusive ors touch the chunk alone.
#pragma unroll
    for (int i = 0; i < kDown; i++) {
      if constexpr (kDeepA)
        load_matrices(f.a[i], (stage + at.a + i * 16 * TileA::kRowBytes) ^ (kStep << 5));
      else
        load_matrices_transposed(f.a[i], (stage + at.a + kStep * 16 * TileA::kRowBytes) ^ (i << 5));
    }
#pragma unroll
    for (int j = 0; j < kAcross; j++) {
      if constexpr (kDeepB)
        load_matrices(f.b[j], (stage + at.b + j * 16 * TileB::kRowBytes) ^ (kStep << 5));
      else
        load_matrices_transposed(f.b[j], (stage + at.b + kStep * 16 * TileB::kRowBytes) ^ (j << 5));
    }
    if constexpr (kSame<S, f32>) {
      static_assert(kDeepA && kDeepB);
      round_to_tf32(f.a);
      round_to_tf32(f.b);
    }
  }
  using Sums = Sum[kDown][2 * kAcross][4];
  static SINTER_DEVICE void multiply(const Fragments& f, Sums& sums) {
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int j = 0; j < kAcross; j++) {
        multiply_fragments<S>(sums[i][2 * j], f.a[i], f.b[j][0], f.b[j][1]);
        multiply_fragments<S>(sums[i][2 * j + 1], f.a[i], f.b[j][2], f.b[j][3]);
      }
  }

  // Adds up `steps` stages; fetch(step, stage) starts to copy one, and may be asked for steps beyond the last, which it leaves out.
  template <class Fetch>
  static SINTER_DEVICE void accumulate(uint8_t* memory, int steps, const Fetch& fetch_step, Sums& sums) {
    const uint32_t shared = shared_address(memory);
    const Lanes at = lanes(threadIdx.x / 32, threadIdx.x % 32);
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int j = 0; j < 2 * kAcross; j++)
#pragma unroll
        for (int e = 0; e < 4; e++) sums[i][j][e] = 0;

    const auto fetch = [&](int step, uint32_t stage) {
      if (step < steps) fetch_step(step, stage);
      copy_async_commit();  // empty at the end: groups are counted
    };
#pragma unroll
    for (int s = 0; s < kStages - 1; s++) fetch(s, shared + s * kStageBytes);
    uint32_t full = shared, free = shared + (kStages - 1) * kStageBytes;
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      copy_async_wait<kStages - 2>();
      // All threads' copies of this stage are there, and nobody reads the one before any more.
      __syncthreads();
      Fragments even, odd;
      load_fragments<0>(full, at, even);
      fetch(step + kStages - 1, free);
      load_fragments<1>(full, at, odd);
      multiply(even, sums);
      multiply(odd, sums);
      free = full;
      full += kStageBytes;
      if (full == shared + kSharedBytes) full = shared;
    }
    copy_async_wait<0>();
  }

  // The sums go through shared memory, kSlabRows rows at a time: take(slab, row_of) reads them there, row_of(r) being the tile's row that
  // slab row r holds. `turned`, where kMayTurn: the slab has a row for each column of the tile.
  static constexpr int kTurnedStride = kSlabRows + 4;
  template <bool kMayTurn = false, class Take>
  static SINTER_DEVICE void each_slab(uint8_t* memory, Sums& sums, const Take& take, bool turned = false) {
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    Sum* slab = reinterpret_cast<Sum*>(memory);
    const int row = warp / kWarpsAcross * (kSlabTurns * 16) + lane / 4;
    const int column = warp % kWarpsAcross * kWarpColumns + lane % 4 * 2;
#pragma unroll 1
    for (int pass = 0; pass < kDown / kSlabTurns; pass++) {
      __syncthreads();
      if (kMayTurn && turned) {
        static_assert(!kMayTurn || kColumns * kTurnedStride * 4 <= kSharedBytes);
        Sum* mine = slab + column * kTurnedStride + row;
#pragma unroll
        for (int i = 0; i < kSlabTurns; i++)
#pragma unroll
          for (int j = 0; j < 2 * kAcross; j++)
#pragma unroll
            for (int e = 0; e < 4; e++) mine[(j * 8 + e % 2) * kTurnedStride + i * 16 + e / 2 * 8] = sums[i][j][e];
      } else {
        Sum* mine = slab + row * kSlabStride + column;
#pragma unroll
        for (int i = 0; i < kSlabTurns; i++)
#pragma unroll
          for (int j = 0; j < 2 * kAcross; j++) {
            Pack<Sum, 2> upper, lower;
            upper.at[0] = sums[i][j][0], upper.at[1] = sums[i][j][1];
            lower.at[0] = sums[i][j][2], lower.at[1] = sums[i][j][3];
            Sum* to = mine + i * 16 * kSlabStride + j * 8;
            store_pack(to, upper);
            store_pack(to + 8 * kSlabStride, lower);
          }
      }
      // The next pass's move up: registers have no index.
#pragma unroll
      for (int i = kSlabTurns; i < kDown; i++)
#pragma unroll
        for (int j = 0; j < 2 * kAcross; j++)
#pragma unroll
          for (int e = 0; e < 4; e++) sums[i - kSlabTurns][j][e] = sums[i][j][e];
      __syncthreads();
      take(slab, [&](int r) {
        constexpr int kWarpSlab = kSlabTurns * 16;
        return r / kWarpSlab * kWarpRows + pass * kWarpSlab + r % kWarpSlab;
      });
    }
  }

  // What becomes of the sums is a Finisher's affair, made of `then` and a Target<S>.
  template <class Finisher, class Then>
  static SINTER_DEVICE void run(const GemmArgs& args, const Then& then) {
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
    const Finisher put{then, target};
    each_slab(memory, sums, [&](const Sum* slab, const auto& row_of) {
      each_in_slab<kSlabRows, kColumns, kThreads, Finisher::kPack>(target, slab, put.packs(), row_of, put);
    });
  }
};

}  // namespace sinter::cuda

// The kernels of a type: gemm_<type>_<layout>_<tile>, the layout d or w for a, then b. The last takes operands of any alignment.
#define SINTER_TENSOR_PRODUCT(S, layout, deep_a, deep_b, tile, rows, columns, warp_rows, warp_columns, stages, blocks, \
                              any)                                                                                     \
  extern "C" __global__ void __launch_bounds__(                                                                        \
      ::sinter::cuda::TensorProduct<::sinter::cuda::S, rows, columns, warp_rows, warp_columns, stages, deep_a, deep_b, \
                                    any>::kThreads,                                                                    \
      blocks) gemm_##S##_##layout##_##tile(const __grid_constant__ ::sinter::cuda::GemmArgs args) {                    \
    ::sinter::cuda::TensorProduct<::sinter::cuda::S, rows, columns, warp_rows, warp_columns, stages, deep_a, deep_b,   \
                                  any>::run<::sinter::cuda::FinishSums<::sinter::cuda::S>>(args, args.then);           \
  }
#define SINTER_TENSOR_PRODUCTS(S, layout, deep_a, deep_b)                                \
  SINTER_TENSOR_PRODUCT(S, layout, deep_a, deep_b, large, 128, 128, 64, 64, 3, 2, false) \
  SINTER_TENSOR_PRODUCT(S, layout, deep_a, deep_b, medium, 128, 64, 64, 32, 3, 4, false) \
  SINTER_TENSOR_PRODUCT(S, layout, deep_a, deep_b, small, 64, 64, 64, 32, 4, 6, false)   \
  SINTER_TENSOR_PRODUCT(S, layout, deep_a, deep_b, any, 64, 64, 64, 32, 4, 6, true)
