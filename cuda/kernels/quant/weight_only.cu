// weightOnlyLinear. Place in the whole: device code of weight_only.cpp.
//
// Tensor cores multiply codes as they are: the weight is the left operand of mma.m16n8k16, 16 outputs by 16 inputs, rows of x the right
// one. A lane reads 16 bytes of a word row, which are the same inputs of four outputs; which input stands where in mma's k is free, as
// long as x is put there too, and so is which output is which of mma's rows. So codes go from global memory to mma's registers without
// shared memory or exchanges:
//
//   lane 4 g + t has word t (8 bits: words 2 t, 2 t + 1) of every 32 inputs, inputs 8 t .. 8 t + 7, of outputs 4 g .. 4 g + 3
//   mma's rows g and g + 8 are outputs 4 g + 2 u and 4 g + 2 u + 1 in product u; its columns are rows of x
//   inputs i and i + 4 of the eight share a register
//
// code - zero is a bf16 number without rounding, times kUnit, below 1, so that sums of a group do not overflow before those of the
// result. A group's sum is multiplied by its scale in f32. f32 x is the sum of three bf16 numbers, without rounding; each meets the codes, and the sums are as good as f32's.
//
//   weight_few   up to 8 rows: a block has a panel of 32 outputs, its warps share the inputs; bound by reading codes
//   weight_many  a block has 4 panels and 64 (f32: 32) rows; x by way of shared memory, 64 inputs at a time; bound by mma
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/activations.cuh"
#include "cuda/kernels/quant/weight_only.cuh"

namespace sinter::cuda {

template <class S>
SINTER_DEVICE bool rows_aligned(const WeightOnly& args) {
  return (args.w.in % (16 / static_cast<int>(sizeof(S))) | reinterpret_cast<uintptr_t>(args.x) % 16) == 0;
}
struct BlockAt {
  uint32_t rows, columns, part;
};
SINTER_DEVICE BlockAt block_at(const WeightOnly& args) {
  const uint32_t rest = blockIdx.x / args.row_blocks, part = rest / args.column_blocks;
  return {blockIdx.x - rest * args.row_blocks, rest - part * args.column_blocks, part};
}

// N neighbouring outputs from `o` on, of which `count` exist, of row `i`.
template <class S, int N>
SINTER_DEVICE void finish_outputs(const WeightOnly& args, uint32_t part, int64_t i, int64_t o, float (&x)[N]) {
  const int64_t at = i * args.w.out + o;
  if (args.partial) {
    Pack<float, N> pack;
#pragma unroll
    for (int e = 0; e < N; e++) pack.at[e] = x[e];
    store_pack_ragged<N>(args.partial + part * args.m * args.w.out + at - o, o, args.w.out, pack);
    return;
  }
#pragma unroll
  for (int e = 0; e < N; e++)
    if (args.bias && o + e < args.w.out) x[e] += widen(static_cast<const S*>(args.bias)[o + e]);
  if (args.activation) {
    // One after the other, in a ring: the functions are there once.
#pragma unroll 1
    for (int turn = 0; turn < N; turn++) {
      const float first = activation_of(args.activation, x[0]);
#pragma unroll
      for (int e = 1; e < N; e++) x[e - 1] = x[e];
      x[N - 1] = first;
    }
  }
  Pack<S, N> pack;
#pragma unroll
  for (int e = 0; e < N; e++) pack.at[e] = narrow<S>(x[e]);
  store_pack_ragged<N>(static_cast<S*>(args.y) + at - o, o, args.w.out, pack);
}

template <int kBits, class S>
SINTER_DEVICE void weight_few(const WeightOnly& args) {
  constexpr int kWarps = kWeightFewThreads / 32, kChunkSteps = kWeightChunk / kStepInputs;
  constexpr int kStepWords = kStepInputs * kBits / 32, kAhead = 16 / kBits;
  __shared__ __align__(16) float sums[kWarps][kWeightFewRows][kGroupPanel];
  const GroupedWeight& w = args.w;
  const BlockAt at = block_at(args);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const bool aligned = rows_aligned<S>(args);
  const S* x = static_cast<const S*>(args.x) + min(static_cast<int64_t>(g), args.m - 1) * w.in;
  const uint32_t* codes = w.codes + at.columns * w.words * kGroupPanel + 4 * g;
  const int64_t groups = at.columns * w.groups * kGroupPanel + 4 * g;
  const int64_t begin = static_cast<int64_t>(at.part) * args.part_depth, end = min(begin + args.part_depth, w.in);
  const int inside = (1 << w.group_shift) - 1;  // a group starts where these bits of an input are zero

  // The warp's steps, in chunks of 128 inputs; what it reads of codes is on its way kAhead steps before.
  const int64_t mine = begin + warp * kWeightChunk;
  const auto input_of = [&](int step) {
    return mine + static_cast<int64_t>(step / kChunkSteps) * (kWarps * kWeightChunk) + step % kChunkSteps * kStepInputs;
  };
  Words<kBits> words[kAhead];
  const auto fetch = [&](int step) {
    const int64_t k = input_of(step);
    return load_words<kBits>(codes, k / kStepInputs * kStepWords + t * (kBits / 4), k < end ? w.words : 0);
  };
#pragma unroll
  for (int s = 0; s < kAhead; s++) words[s] = fetch(s);
  float total[2][4] = {}, part[2][4] = {};
  LaneGroup<kBits> group;
#pragma unroll 1
  for (int step = 0; mine + static_cast<int64_t>(step / kChunkSteps) * (kWarps * kWeightChunk) < end; step++) {
    const Words<kBits> now = words[0];
#pragma unroll
    for (int s = 1; s < kAhead; s++) words[s - 1] = words[s];
    words[kAhead - 1] = fetch(step + kAhead);
    const int64_t k = input_of(step);
    if (k >= end) continue;
    if ((k & inside) == 0) group.load(w, groups + (k >> w.group_shift) * kGroupPanel);
    multiply<S>(decode<kBits>(now, group), load_eight(x, k + 8 * t, w.in, aligned), part);
    if (((k + kStepInputs) & inside) == 0 || k + kStepInputs >= end) scale_sums<kBits>(group, part, total);
  }

  // The warps' sums are added in their order.
#pragma unroll
  for (int column = 0; column < 2; column++) {
    Pack<float, 4> pack;
#pragma unroll
    for (int o = 0; o < 4; o++) pack.at[o] = total[o / 2][o % 2 * 2 + column];
    store_pack(&sums[warp][2 * t + column][4 * g], pack);
  }
  __syncthreads();
  float sum[1] = {sums[0][warp][lane]};
#pragma unroll
  for (int other = 1; other < kWarps; other++) sum[0] += sums[other][warp][lane];
  if (warp < args.m)
    finish_outputs<S, 1>(args, at.part, warp, static_cast<int64_t>(at.columns) * kGroupPanel + lane, sum);
}

// A tile of x, (kRows, 64) in each part: chunks of 8 numbers, those of odd rows in the other half of 128 bytes, so that eight lanes
// that read at a time meet no bank twice.
template <int kRows, int kTileParts>
struct RowsTile {
  static constexpr int kInputs = 64, kChunks = kInputs / 8;
  uint4 at[kTileParts][kRows][kChunks];
  static SINTER_DEVICE int place(int row, int chunk) { return chunk ^ ((row & 1) << 2); }
};

template <int kBits, class S, int kTiles>
SINTER_DEVICE void weight_many(const WeightOnly& args) {
  constexpr int kRows = 8 * kTiles, kStepWords = kStepInputs * kBits / 32;
  using Tile = RowsTile<kRows, kParts<S>>;
  constexpr int kSteps = 2, kPerPass = kWeightThreads / Tile::kChunks;
  constexpr int kPasses = kRows / kPerPass;
  static_assert(kSteps * kStepInputs == Tile::kInputs);
  __shared__ Tile tiles[2];
  const GroupedWeight& w = args.w;
  const BlockAt at = block_at(args);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const int64_t row0 = static_cast<int64_t>(at.rows) * kRows;
  // A panel beyond the last is computed as the last again, and not stored.
  const int64_t own = static_cast<int64_t>(at.columns) * kWeightPanels + warp;
  const int64_t panel = min(own, (w.out + kGroupPanel - 1) / kGroupPanel - 1);
  const uint32_t* codes = w.codes + panel * w.words * kGroupPanel + 4 * g;
  const int64_t groups = panel * w.groups * kGroupPanel + 4 * g;
  const int64_t begin = static_cast<int64_t>(at.part) * args.part_depth, end = min(begin + args.part_depth, w.in);
  const int inside = (1 << w.group_shift) - 1;  // a group starts where these bits of an input are zero
  const int live = static_cast<int>((min(args.m - row0, static_cast<int64_t>(kRows)) + 7) / 8);  // of the tiles

  const bool aligned = rows_aligned<S>(args);
  const int chunk = threadIdx.x % Tile::kChunks, row = threadIdx.x / Tile::kChunks;
  Eight<S> ahead[kPasses];
  Words<kBits> words[kSteps];
  const auto fetch = [&](int64_t k) {
#pragma unroll
    for (int i = 0; i < kPasses; i++) {
      const int64_t r = min(row0 + row + i * kPerPass, args.m - 1);
      ahead[i] = load_eight(static_cast<const S*>(args.x) + r * w.in, k + chunk * 8, w.in, aligned);
    }
#pragma unroll
    for (int s = 0; s < kSteps; s++)
      words[s] = load_words<kBits>(codes, (k / kStepInputs + s) * kStepWords + t * (kBits / 4), w.words);
  };

  float total[kTiles][2][4] = {}, part[kTiles][2][4] = {};
  LaneGroup<kBits> group;
  int buffer = 0;
  // The first round only fetches.
#pragma unroll 1
  for (int64_t k = begin - Tile::kInputs; k < end; k += Tile::kInputs) {
    Words<kBits> now[kSteps];
    Tile& tile = tiles[buffer];
    if (k >= begin) {
      // The buffer was last read before the previous round's barrier.
#pragma unroll
      for (int i = 0; i < kPasses; i++)
#pragma unroll
        for (int p = 0; p < kParts<S>; p++) tile.at[p][row + i * kPerPass][Tile::place(row, chunk)] = ahead[i].part[p];
      __syncthreads();
#pragma unroll
      for (int s = 0; s < kSteps; s++) now[s] = words[s];
      buffer ^= 1;
    }
    if (k + Tile::kInputs < end) fetch(k + Tile::kInputs);
    if (k < begin) continue;
#pragma unroll 1
    for (int s = 0; s < kSteps; s++) {
      const int64_t first = k + s * kStepInputs;
      if (first >= end) break;
      if ((first & inside) == 0) group.load(w, groups + (first >> w.group_shift) * kGroupPanel);
      const Left left = decode<kBits>(now[0], group);
      now[0] = now[1];
      const bool last = ((first + kStepInputs) & inside) == 0 || first + kStepInputs >= end;
#pragma unroll
      for (int j = 0; j < kTiles; j++) {
        if (j >= live) break;
        Eight<S> x;
#pragma unroll
        for (int p = 0; p < kParts<S>; p++) x.part[p] = tile.at[p][8 * j + g][Tile::place(g, 4 * s + t)];
        multiply<S>(left, x, part[j]);
        if (last) scale_sums<kBits>(group, part[j], total[j]);
      }
    }
  }

  if (own != panel) return;
  const int64_t o = panel * kGroupPanel + 4 * g;
  if (o >= w.out) return;
#pragma unroll 1
  for (int64_t i = row0 + 2 * t; i < args.m && i < row0 + kRows; i += 8) {
#pragma unroll 1
    for (int column = 0; column < 2; column++) {
      float outputs[4];
#pragma unroll
      for (int e = 0; e < 4; e++) outputs[e] = total[0][e / 2][e % 2 * 2];
      if (i + column < args.m) finish_outputs<S, 4>(args, at.part, i + column, o, outputs);
      // The next column's and, after two, the next tile's move up: registers have no index.
#pragma unroll
      for (int e = 0; e < 8; e += 2) total[0][e / 4][e % 4] = total[0][e / 4][e % 4 + 1];
    }
#pragma unroll
    for (int j = 1; j < kTiles; j++)
#pragma unroll
      for (int e = 0; e < 8; e++) total[j - 1][e / 4][e % 4] = total[j][e / 4][e % 4];
  }
}

#define SINTER_WEIGHT_ONLY(bits, S, rows)                                 \
  extern "C" __global__ void __launch_bounds__(kWeightFewThreads, 2)      \
      weight_few_##bits##_##S(const __grid_constant__ WeightOnly args) {  \
    weight_few<bits, S>(args);                                            \
  }                                                                       \
  extern "C" __global__ void __launch_bounds__(kWeightThreads, 2)         \
      weight_many_##bits##_##S(const __grid_constant__ WeightOnly args) { \
    weight_many<bits, S, rows / 8>(args);                                 \
  }
SINTER_WEIGHT_ONLY(4, f32, 32)
SINTER_WEIGHT_ONLY(8, f32, 32)
SINTER_WEIGHT_ONLY(4, bf16, 64)
SINTER_WEIGHT_ONLY(8, bf16, 64)

}  // namespace sinter::cuda
