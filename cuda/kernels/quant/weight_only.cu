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
#include "cuda/kernels/ptx.cuh"
#include "cuda/kernels/quant/groups.cuh"
#include "cuda/kernels/quant/weight_only.h"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

constexpr int kStepInputs = 32;
template <class S>
constexpr int kParts = kSame<S, f32> ? 3 : 1;  // bf16 numbers that a number of x is

// ---- codes

// What a lane reads of 32 inputs.
template <int kBits>
struct Words {
  uint4 row[kBits / 4];
};
// Its word rows from `row` on, of which `words` exist.
template <int kBits>
SINTER_DEVICE Words<kBits> load_words(const uint32_t* lane_codes, int64_t row, int64_t words) {
  Words<kBits> w;
#pragma unroll
  for (int i = 0; i < kBits / 4; i++)
    w.row[i] = row + i < words ? __ldg(reinterpret_cast<const uint4*>(lane_codes + (row + i) * kGroupPanel))
                               : make_uint4(0, 0, 0, 0);
  return w;
}
SINTER_DEVICE uint32_t component(const uint4& v, int i) { return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w; }

SINTER_DEVICE uint32_t bits_of(__nv_bfloat162 v) {
  return static_cast<uint32_t>(__bfloat16_as_ushort(v.x)) | static_cast<uint32_t>(__bfloat16_as_ushort(v.y)) << 16;
}
SINTER_DEVICE __nv_bfloat162 halves_of(uint32_t bits) {
  return {__ushort_as_bfloat16(static_cast<uint16_t>(bits)), __ushort_as_bfloat16(static_cast<uint16_t>(bits >> 16))};
}

// How codes become numbers times kUnit: a code in the low bits of a number whose last bit counts 1 is added to it; one multiply-add
// takes that and the zero point away. Four bits in bf16, which has eight digits: a zero point beyond 128 (beyond the codes, which is
// allowed) takes a second step.
template <int kBits>
struct Decoder;
template <>
struct Decoder<4> {
  static constexpr float kUnit = 0x1p-4f;
  uint32_t shift, more;  // -(128 + zero) kUnit, twice, in two parts
  SINTER_DEVICE void set(int zero) {
    const int near = min(zero, 128);
    const bf16 s = __float2bfloat16_rn(static_cast<float>(128 + near) * -kUnit),
               rest = __float2bfloat16_rn(static_cast<float>(zero - near) * -kUnit);
    shift = bits_of({s, s});
    more = bits_of({rest, rest});
  }
  SINTER_DEVICE bool is_far() const { return (more & 0x7fff) != 0; }
  // Inputs p and p + 4 of component `at`; without `more`.
  SINTER_DEVICE uint32_t pair(const Words<4>& w, int at, int p) const {
    const uint32_t raised = (component(w.row[0], at) >> (4 * p) & 0x000f000fu) | 0x43004300u;
    return bits_of(__hfma2(halves_of(raised), halves_of(0x3d803d80u), halves_of(shift)));
  }
  SINTER_DEVICE uint32_t finished(uint32_t pair) const {
    return bits_of(__hfma2(halves_of(pair), halves_of(0x3f803f80u), halves_of(more)));
  }
};
template <>
struct Decoder<8> {
  static constexpr float kUnit = 0x1p-8f;
  float shift;  // -(2^23 + zero) kUnit
  SINTER_DEVICE void set(int zero) { shift = static_cast<float>((1 << 23) + zero) * -kUnit; }
  SINTER_DEVICE bool is_far() const { return false; }
  SINTER_DEVICE uint32_t finished(uint32_t pair) const { return pair; }
  SINTER_DEVICE uint32_t pair(const Words<8>& w, int at, int p) const {
    const float low = __fmaf_rn(raised(component(w.row[0], at), p), kUnit, shift);
    const float high = __fmaf_rn(raised(component(w.row[1], at), p), kUnit, shift);
    return __byte_perm(__float_as_uint(low), __float_as_uint(high), 0x7632);  // the lower halves are zero
  }

 private:
  static SINTER_DEVICE float raised(uint32_t word, int p) {
    return __uint_as_float(__byte_perm(word, 0x4b000000u, 0x7650 | p));
  }
};

// Four outputs' zero points and scales in a group, of the lane's outputs.
template <int kBits>
struct LaneGroup {
  Decoder<kBits> decoder[4];
  float scale[4];
  bool far;  // some lane's decoder takes its second step

  SINTER_DEVICE void load(const GroupedWeight& w, int64_t at) {
    const uint2 scales = __ldg(reinterpret_cast<const uint2*>(w.scales + at));
    const uint32_t zeros = w.zeros ? __ldg(reinterpret_cast<const uint32_t*>(w.zeros + at)) : 0;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const uint32_t two = i < 2 ? scales.x : scales.y;
      scale[i] = scale_of(w, static_cast<uint16_t>(i % 2 ? two >> 16 : two)) * (1 / Decoder<kBits>::kUnit);
      decoder[i].set(w.zeros ? static_cast<int>(zeros >> (8 * i) & 0xff) : 1 << (kBits - 1));
    }
    far = kBits == 4 && __any_sync(kAllLanes, decoder[0].is_far() || decoder[1].is_far() || decoder[2].is_far() ||
                                                  decoder[3].is_far());
  }
};

// mma's left operands of 32 inputs: [product][half of the inputs].
struct Left {
  uint32_t a[2][2][4];
};
template <int kBits>
SINTER_DEVICE Left decode(const Words<kBits>& w, const LaneGroup<kBits>& group) {
  Left left;
#pragma unroll
  for (int u = 0; u < 2; u++)
#pragma unroll
    for (int h = 0; h < 2; h++)
#pragma unroll
      for (int e = 0; e < 4; e++) left.a[u][h][e] = group.decoder[2 * u + e % 2].pair(w, 2 * u + e % 2, 2 * h + e / 2);
  if (group.far) {
#pragma unroll
    for (int u = 0; u < 2; u++)
#pragma unroll
      for (int h = 0; h < 2; h++)
#pragma unroll
        for (int e = 0; e < 4; e++) left.a[u][h][e] = group.decoder[2 * u + e % 2].finished(left.a[u][h][e]);
  }
  return left;
}

// ---- x

// Eight neighbours as pairs (i, i + 4) of bf16 numbers: one number or three.
template <class S>
struct Eight {
  uint4 part[kParts<S>];
};
SINTER_DEVICE uint4 paired(const uint4& v) {
  return make_uint4(__byte_perm(v.x, v.z, 0x5410), __byte_perm(v.x, v.z, 0x7632), __byte_perm(v.y, v.w, 0x5410),
                    __byte_perm(v.y, v.w, 0x7632));
}
// One after the other: rows at odd addresses, and the end of a row.
template <class S>
SINTER_DEVICE S next_of(const S* row, int64_t k, int64_t n) {
  return k < n ? __ldg(row + k) : narrow<S>(0.f);
}
// Elements k .. k + 7 of a row of n; what is beyond is zero.
SINTER_DEVICE Eight<bf16> load_eight(const bf16* row, int64_t k, int64_t n, bool aligned) {
  Pack<bf16, 8> pack;
  pack.word = make_uint4(0, 0, 0, 0);
  if (aligned && k + 8 <= n) {
    pack = load_pack_constant<8>(row + k);
  } else {
#pragma unroll 1
    for (int e = 0; e < 8; e += 2) {
      const uint32_t two = bits_of({next_of(row, k + e, n), next_of(row, k + e + 1, n)});
      pack.word = make_uint4(pack.word.y, pack.word.z, pack.word.w, two);
    }
  }
  return {{paired(pack.word)}};
}
// The upper half of a number's bits is a bf16 number, and so are those of what that leaves over, twice: 8 digits each. Infinities and
// NaNs are in the first alone.
SINTER_DEVICE float without_upper(float x) {
  const float upper = __uint_as_float(__float_as_uint(x) & 0xffff0000u);
  return fabsf(x) < __int_as_float(0x7f800000) ? x - upper : 0.f;
}
SINTER_DEVICE Eight<f32> load_eight(const f32* row, int64_t k, int64_t n, bool aligned) {
  Pack<f32, 4> pack[2];
  if (aligned && k + 8 <= n) {
    pack[0] = load_pack_constant<4>(row + k);
    pack[1] = load_pack_constant<4>(row + k + 4);
  } else {
    pack[0].word = pack[1].word = make_uint4(0, 0, 0, 0);
#pragma unroll 1
    for (int e = 0; e < 8; e++) {
      const uint4 &a = pack[0].word, &b = pack[1].word;
      pack[0].word = make_uint4(a.y, a.z, a.w, b.x);
      pack[1].word = make_uint4(b.y, b.z, b.w, __float_as_uint(next_of(row, k + e, n)));
    }
  }
  Eight<f32> eight;
#pragma unroll
  for (int part = 0; part < 3; part++) {
    uint32_t pair[4];
#pragma unroll
    for (int e = 0; e < 4; e++) {
      pair[e] = __byte_perm(__float_as_uint(pack[0].at[e]), __float_as_uint(pack[1].at[e]), 0x7632);
      pack[0].at[e] = without_upper(pack[0].at[e]);
      pack[1].at[e] = without_upper(pack[1].at[e]);
    }
    eight.part[part] = make_uint4(pair[0], pair[1], pair[2], pair[3]);
  }
  return eight;
}

// sums[product] of 16 outputs and 8 rows of x += 32 inputs
template <class S>
SINTER_DEVICE void multiply(const Left& left, const Eight<S>& x, float (&sums)[2][4]) {
#pragma unroll
  for (int p = 0; p < kParts<S>; p++)
#pragma unroll
    for (int u = 0; u < 2; u++) {
      multiply_16x8<bf16>(sums[u], left.a[u][0], x.part[p].x, x.part[p].y);
      multiply_16x8<bf16>(sums[u], left.a[u][1], x.part[p].z, x.part[p].w);
    }
}
// total += sums * scale; sums = 0
template <int kBits>
SINTER_DEVICE void scale_sums(const LaneGroup<kBits>& group, float (&sums)[2][4], float (&total)[2][4]) {
#pragma unroll
  for (int u = 0; u < 2; u++)
#pragma unroll
    for (int e = 0; e < 4; e++) {
      total[u][e] = __fmaf_rn(sums[u][e], group.scale[2 * u + e / 2], total[u][e]);
      sums[u][e] = 0;
    }
}

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
