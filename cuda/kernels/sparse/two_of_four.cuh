// Products of 2:4 matrices with 16-bit elements on tensor cores: mma.sp.m16n8k32, whose left operand has two of every four columns and the
// places of these. Place in the whole: device code of two_of_four.cpp, exported by two_of_four.cu.
//
// A block has a tile of y, kRows of S by kColumns of the dense operand, and its warps 64 rows by kWarpColumns of that. A stage of shared
// memory has 64 of k: half as many values a row (a Tile as of any product), the dense operand's (two Tiles), and positions. Those are
// read as the format has them: a word has the eight nibbles of a row's 32 columns, which is what mma.sp wants of a row, but for rows g
// and g + 8 lane by lane: lower halves in the first of a pair of lanes, upper halves in the second. One selection of bytes makes that of two
// words. Lanes 0 and 1 of four have the stage's first 32 columns, 2 and 3 the others, and mma.sp is told which pair to read.
//
// Words of 64 rows lie as the lanes read them, 32 bytes for each: (row % 8, word, row / 16, row / 8 % 2).
#pragma once
#include "cuda/kernels/gemm/mma.cuh"
#include "cuda/kernels/sparse/sparse.cuh"
#include "cuda/kernels/sparse/two_of_four.h"

namespace sinter::cuda {

template <class S, int kRows, int kColumns, int kWarpColumns, bool kDeep>
struct TwoOfFour {
  static constexpr int kWarpRows = 64, kDown = kWarpRows / 16, kAcross = kWarpColumns / 8;
  // Whose sums lie in registers as these: they leave by its way. It counts on less shared memory than there is.
  using Output = TensorProduct<S, kRows, kColumns, kWarpRows, kWarpColumns, 3, true, true, false>;
  using Sums = typename Output::Sums;
  static constexpr int kThreads = Output::kThreads, kWarpsAcross = Output::kWarpsAcross;
  using Values = Tile<S, kRows, kThreads, true, false>;
  using Dense = Tile<S, kColumns, kThreads, kDeep, false>;
  static constexpr int kHalf = Dense::kDepth;  // of k that a Tile of the dense operand has, and an mma.sp takes
  static constexpr int kPositionsAt = Values::kBytes + 2 * Dense::kBytes;
  static constexpr int kStageBytes = two_of_four_stage_bytes(kRows, kColumns);
  static constexpr int kNumbersAt = kTwoOfFourStages * kStageBytes;
  // Exclusive ors touch chunks alone: stages begin at multiples of rows.
  static_assert(kStageBytes % Dense::kRowBytes == 0 && kStageBytes == kPositionsAt + kRows * 8);
  static_assert(kThreads % (Output::kSlabRows / 4) == 0 && kThreads % (kColumns / 4) == 0);
  static_assert(2 * kHalf == kTwoOfFourDepth && Output::kSharedBytes <= kNumbersAt && 2 * kRows % kThreads == 0);

  struct Block {
    int32_t row, first_depth, depth, first_word;
    int64_t column;
    uint32_t part;
  };
  static SINTER_DEVICE Block find_block(const TwoOfFourProduct& p) {
    const uint32_t tiles = p.tiles_down * p.tiles_across;
    Block b;
    b.part = blockIdx.x / tiles;
    const TileAt tile = tile_at(blockIdx.x - b.part * tiles, p.tiles_down, p.tiles_across);
    b.row = static_cast<int32_t>(tile.row) * kRows;
    b.column = int64_t{tile.column} * kColumns;
    b.first_depth = static_cast<int32_t>(b.part) * p.part_depth;
    b.depth = min(p.depth - b.first_depth, p.part_depth);
    b.first_word = b.first_depth / 32;
    return b;
  }

  // Rows and words that do not exist are the last one: mma.sp takes no positions that are not.
  static SINTER_DEVICE void load_positions(const TwoOfFourProduct& p, const Block& b, int step, uint32_t to) {
#pragma unroll
    for (int i = 0; i < 2 * kRows / kThreads; i++) {
      const int at = static_cast<int>(threadIdx.x) + i * kThreads;
      const int row = at / 128 * 64 + (at / 2 & 3) * 16 + (at & 1) * 8 + (at / 16 & 7);
      const int word = b.first_word + step * 2 + (at / 8 & 1);
      copy_async<4>(to + at * 4, p.positions + int64_t{min(b.row + row, p.rows - 1)} * p.words + min(word, p.words - 1),
                    4);
    }
  }

  // For this lane's rows of the fragments, of the stage's both halves. `groups`: of four columns, that there are from the stage on.
  static SINTER_DEVICE void positions_of(const uint8_t* words, int groups, uint32_t (&positions)[kDown]) {
    const int lane = threadIdx.x % 32, half = lane / 2 & 1;
    const uint4* from =
        reinterpret_cast<const uint4*>(words + threadIdx.x / 32 / kWarpsAcross * 512 + (lane / 4 * 2 + half) * 32);
    const uint4 low = from[0], high = from[1];
    uint32_t word[2 * kDown] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
    if (groups < kTwoOfFourDepth / 4) {
      // What a word has behind the last group is anything, and meets zeros: the first two of four.
      const int mine = min(max(groups - half * 8, 0), 8);
      const uint32_t kept = mine == 8 ? ~0u : (1u << 4 * mine) - 1;
#pragma unroll
      for (int i = 0; i < 2 * kDown; i++) word[i] = (word[i] & kept) | (0x44444444u & ~kept);
    }
    const uint32_t bytes = lane & 1 ? 0x7632 : 0x5410;
#pragma unroll
    for (int i = 0; i < kDown; i++) positions[i] = __byte_perm(word[2 * i], word[2 * i + 1], bytes);
  }

  // Where this lane's rows of matrices lie, from a stage's start.
  static SINTER_DEVICE uint32_t values_at(int warp, int lane) {
    return Values::place(warp / kWarpsAcross * kWarpRows + (lane & 15), lane >> 4);
  }
  // Four chunks along k of 8 columns.
  static SINTER_DEVICE uint32_t dense_at(int warp, int lane) {
    const int column = warp % kWarpsAcross * kWarpColumns;
    return Values::kBytes + (kDeep ? Dense::place(column + (lane & 7), lane >> 3) : Dense::place(lane, column / 8));
  }
  static SINTER_DEVICE void load_values(uint32_t from, int half, uint32_t (&a)[kDown][4]) {
#pragma unroll
    for (int i = 0; i < kDown; i++) load_matrices(a[i], (from + i * 16 * Values::kRowBytes) ^ (half << 5));
  }
  static SINTER_DEVICE void load_dense(uint32_t from, int half, int j, uint32_t (&b)[4]) {
    from += half * Dense::kBytes;
    if constexpr (kDeep)
      load_matrices(b, from + j * 8 * Dense::kRowBytes);
    else
      load_matrices_transposed(b, from ^ (j << 4));
  }
  template <int kHalfOfStage>
  static SINTER_DEVICE void multiply(const uint32_t (&a)[kDown][4], const uint32_t (&b)[4],
                                     const uint32_t (&positions)[kDown], int j, Sums& sums) {
#pragma unroll
    for (int i = 0; i < kDown; i++) multiply_sparse_16x8<S, kHalfOfStage>(sums[i][j], a[i], b, positions[i]);
  }

  static SINTER_DEVICE void run(const TwoOfFourProduct& p) {
    extern __shared__ __align__(1024) uint8_t memory[];
    const Block block = find_block(p);
    float* numbers = reinterpret_cast<float*>(memory + kNumbersAt);
#pragma unroll 1
    for (int r = threadIdx.x; r < kRows; r += kThreads) {
      const int64_t row = min(block.row + r, p.rows - 1);
      numbers[r] = p.scales ? p.scales[row] : 1;
      if constexpr (kDeep) numbers[kRows + r] = p.bias.data ? number_at<float>(Types<S>{}, p.bias, row) : 0;
    }

    const Edge<S> values{static_cast<const S*>(p.values) + block.row * p.value_row + block.first_depth / 2, p.value_row,
                         min(p.rows - block.row, kRows), (block.depth + 3) / 4 * 2, 16};
    const Edge<S> dense{static_cast<const S*>(p.dense) + (kDeep ? block.column * p.dense_run + block.first_depth
                                                                : block.first_depth * p.dense_run + block.column),
                        p.dense_run, static_cast<int>(min(p.n - block.column, int64_t{kColumns})), block.depth, 16};
    const auto fetch = [&](int step, uint32_t stage) {
      Values::load(values, step * (kTwoOfFourDepth / 2), stage);
      Dense::load(dense, step * kTwoOfFourDepth, stage + Values::kBytes);
      Dense::load(dense, step * kTwoOfFourDepth + kHalf, stage + Values::kBytes + Dense::kBytes);
      load_positions(p, block, step, stage + kPositionsAt);
    };

    Sums sums;
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int j = 0; j < kAcross; j++)
#pragma unroll
        for (int e = 0; e < 4; e++) sums[i][j][e] = 0;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const uint32_t a_at = values_at(warp, lane), b_at = dense_at(warp, lane);
    int groups = (block.depth + 3) / 4;
    const int steps = (block.depth + kTwoOfFourDepth - 1) / kTwoOfFourDepth;
    int full = 0, free = 0;
    // Steps before the first only fetch: so the code for that is there once, and there are some.
    int step = 1 - kTwoOfFourStages;
#pragma unroll 1
    do {
      if (step >= 0) {
        copy_async_wait<kTwoOfFourStages - 2>();
        // All threads' copies of this stage are there, and nobody reads the one before any more.
        __syncthreads();
      }
      if (step + kTwoOfFourStages - 1 < steps)
        fetch(step + kTwoOfFourStages - 1, shared_address(memory) + free * kStageBytes);
      copy_async_commit();  // empty at the end: groups are counted
      free = free + 1 == kTwoOfFourStages ? 0 : free + 1;
      if (step >= 0) {
        const uint8_t* stage = memory + full * kStageBytes;
        const uint32_t at = shared_address(stage);
        uint32_t positions[kDown], first[kDown][4], second[kDown][4], b[kAcross][4];
        positions_of(stage + kPositionsAt, groups, positions);
        groups -= kTwoOfFourDepth / 4;
        load_values(at + a_at, 0, first);
#pragma unroll
        for (int j = 0; j < kAcross; j++) load_dense(at + b_at, 0, j, b[j]);
        load_values(at + a_at, 1, second);
        // The second half's columns come where the first half's are done with.
#pragma unroll
        for (int j = 0; j < kAcross; j++) {
          multiply<0>(first, b[j], positions, j, sums);
          load_dense(at + b_at, 1, j, b[j]);
        }
#pragma unroll
        for (int j = 0; j < kAcross; j++) multiply<1>(second, b[j], positions, j, sums);
        full = full + 1 == kTwoOfFourStages ? 0 : full + 1;
      }
    } while (++step < steps);
    copy_async_wait<0>();
    Output::template each_slab<kDeep>(
        memory, sums, [&](float* slab, const auto& row_of) { put(p, block, numbers, slab, row_of); }, kDeep);
  }

  // Stores what of y's lines is in the slab, four neighbours of a line a thread.
  template <class RowOf>
  static SINTER_DEVICE void put(const TwoOfFourProduct& p, const Block& block, const float* numbers, const float* slab,
                                const RowOf& row_of) {
    constexpr int kLines = kDeep ? kColumns : Output::kSlabRows, kPacks = (kDeep ? Output::kSlabRows : kColumns) / 4;
    constexpr int kStride = kDeep ? Output::kTurnedStride : Output::kSlabStride;
    const int64_t length = kDeep ? p.rows : p.n, count = kDeep ? p.n : p.rows;
    const int64_t first_line = kDeep ? block.column : block.row, first = kDeep ? block.row : block.column;
    // Whole rounds of the threads are whole lines.
    const int i = static_cast<int>(threadIdx.x) % kPacks * 4;
#pragma unroll 1
    for (int l = static_cast<int>(threadIdx.x) / kPacks; l < kLines; l += kThreads / kPacks) {
      const int row = row_of(kDeep ? i : l);
      const int64_t line = first_line + (kDeep ? l : row), at = first + (kDeep ? row : i);
      if (line >= count || at >= length) continue;
      Pack<float, 4> sum = load_pack<4>(slab + l * kStride + i);
      if (p.partial) {
        store_four(p.partial + (block.part * count + line) * length, at, length, sum);
        continue;
      }
      if constexpr (kDeep) {
        const Pack<float, 4> scale = load_pack<4>(numbers + row), bias = load_pack<4>(numbers + kRows + row);
#pragma unroll
        for (int e = 0; e < 4; e++) sum.at[e] = sum.at[e] * scale.at[e] + bias.at[e];
        if (p.activation) {
          each_in_turn(sum, [&](float x) { return activation_of(p.activation, x); });
        }
      } else {
        const float scale = numbers[row];
#pragma unroll
        for (int e = 0; e < 4; e++) sum.at[e] *= scale;
      }
      Pack<S, 4> pack;
#pragma unroll
      for (int e = 0; e < 4; e++) pack.at[e] = narrow<S>(sum.at[e]);
      store_four(static_cast<S*>(p.y) + line * length, at, length, pack);
    }
  }
};

// y = activation(scale * sum of the parts, in their order, + bias).
template <class S>
SINTER_DEVICE void finish_two_of_four(const TwoOfFourProduct& p) {
  const int64_t length = p.deep ? p.rows : p.n, total = p.rows * p.n;
  const int64_t i = (int64_t{blockIdx.x} * kSparseThreads + threadIdx.x) * 4;
  if (i >= total) return;
  Pack<float, 4> sum = load_pack_ragged<4>(p.partial, i, total, 0.f);
#pragma unroll 4
  for (int32_t part = 1; part < p.parts; part++) {
    const Pack<float, 4> more = load_pack_ragged<4>(p.partial + part * total, i, total, 0.f);
#pragma unroll
    for (int e = 0; e < 4; e++) sum.at[e] += more.at[e];
  }
  int64_t line = i / length, at = i - line * length;
  each_in_turn(sum, [&](float x) {
    const int64_t row = min(p.deep ? at : line, int64_t{p.rows - 1});
    if (++at == length) at = 0, line++;
    return finished<S>(p, row, x);
  });
  Pack<S, 4> pack;
#pragma unroll
  for (int e = 0; e < 4; e++) pack.at[e] = narrow<S>(sum.at[e]);
  store_four(static_cast<S*>(p.y), i, total, pack);
}

}  // namespace sinter::cuda

#define SINTER_TWO_OF_FOUR_TILE(S, layout, deep, tile, rows, columns, warp_columns, blocks)                \
  extern "C" __global__ void __launch_bounds__(                                                            \
      ::sinter::cuda::TwoOfFour<::sinter::cuda::S, rows, columns, warp_columns, deep>::kThreads, blocks)   \
      two_of_four_##S##_##layout##_##tile(const __grid_constant__ ::sinter::cuda::TwoOfFourProduct args) { \
    ::sinter::cuda::TwoOfFour<::sinter::cuda::S, rows, columns, warp_columns, deep>::run(args);            \
  }
// By the layout of the dense operand: deep or wide. Asked for fewer blocks, ptxas takes more registers for the small wide tile.
#define SINTER_TWO_OF_FOUR(S)                                  \
  SINTER_TWO_OF_FOUR_TILE(S, d, true, large, 128, 128, 64, 2)  \
  SINTER_TWO_OF_FOUR_TILE(S, w, false, large, 128, 128, 64, 2) \
  SINTER_TWO_OF_FOUR_TILE(S, d, true, small, 64, 64, 32, 4)    \
  SINTER_TWO_OF_FOUR_TILE(S, w, false, small, 64, 64, 32, 6)   \
  SINTER_SPARSE_KERNEL(two_of_four_finish_##S, 4, TwoOfFourProduct, finish_two_of_four<S>)
