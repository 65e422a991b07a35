// quantizeGroups, packGroups, unpackGroups, dequantizeGroups. Place in the whole: device code of groups.cpp.
//
// Codes and scales are the CPU's bits: what decides them is computed in f64 from the scale as it is stored. The conversions between
// rows and words turn tiles of 32 outputs by 8 words around in shared memory, so that both sides are read and written in runs.
// Bound: bytes; quantizing on cards with few f64 units, its one division an element.
// sinter: cubins 80 90
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/quant/groups.cuh"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

template <class S>
SINTER_DEVICE void quantize_groups(const GroupQuantizing& q) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kGroupThreads + threadIdx.x;
  const int lanes = q.group / kQuantizeQuad;
  // Threads beyond the last group repeat its work, for the exchanges of their warp, and store nothing.
  const int64_t at = min(thread / lanes, q.threads / lanes - 1), row = at / q.groups, g = at - row * q.groups;
  const int lane = static_cast<int>(thread % lanes);
  const int64_t k = g * q.group + lane * kQuantizeQuad;
  const S* w = static_cast<const S*>(q.w) + row * q.in;
  const Pack<S, kQuantizeQuad> pack = load_pack_ragged<kQuantizeQuad>(w, k, q.in, narrow<S>(0.f));

  float x[kQuantizeQuad], low = 0, high = 0;
  bool finite = true;
#pragma unroll
  for (int e = 0; e < kQuantizeQuad; e++) {
    x[e] = widen(pack.at[e]);
    low = x[e] < low ? x[e] : low;
    high = x[e] > high ? x[e] : high;
    finite &= x[e] - x[e] == 0;
  }
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    // All lanes exchange, those of the group combine.
    const float other_low = __shfl_xor_sync(kAllLanes, low, distance),
                other_high = __shfl_xor_sync(kAllLanes, high, distance);
    const int other_finite = __shfl_xor_sync(kAllLanes, static_cast<int>(finite), distance);
    if (distance < lanes) {
      low = min(low, other_low);
      high = max(high, other_high);
      finite = finite && other_finite;
    }
  }
  if (thread >= q.threads) return;

  const int levels = 1 << q.bits;
  double exact;
  if (q.zeros)
    exact = (static_cast<double>(high) - low) / (levels - 1);
  else if (q.bits == 4)
    exact =
        static_cast<double>(high > -low ? high : low) / -8 + 0.;  // what is largest gets the code -8; no negative zero
  else
    exact = static_cast<double>(max(high, -low)) / 127;
  const float rounded = finite ? static_cast<float>(exact) : __int_as_float(0x7fc00000);
  float stored;
  if (q.bf16_scales) {
    const bf16 scale = narrow<bf16>(rounded);
    stored = widen(scale);
    if (lane == 0) static_cast<bf16*>(q.scales)[at] = scale;
  } else {
    const f16 scale = narrow<f16>(rounded);
    stored = widen(scale);
    if (lane == 0) static_cast<f16*>(q.scales)[at] = scale;
  }

  // code = round(w / scale) + zero, half to even; a scale of zero makes all codes `zero`.
  const double scale = stored;
  int zero = 0, least = -levels / 2, most = levels / 2 - 1;
  if (q.zeros) {
    const double z = stored > 0 && finite ? rint(-static_cast<double>(low) / scale) : 0;
    zero = static_cast<int>(min(static_cast<double>(levels - 1), z));
    least = 0, most = levels - 1;
    if (lane == 0) q.zeros[at] = static_cast<u8>(zero);
  }
  const bool usable = fabsf(stored) > 0 && fabsf(stored) < __int_as_float(0x7f800000);
  Pack<u8, kQuantizeQuad> codes;
#pragma unroll
  for (int e = 0; e < kQuantizeQuad; e++) {
    int code = zero;
    if (usable) {
      const double quotient = rint(static_cast<double>(x[e]) / scale) + zero;
      code = static_cast<int>(min(max(quotient, static_cast<double>(least)), static_cast<double>(most)));
    }
    codes.at[e] = static_cast<u8>(code);
  }
  store_pack_ragged<kQuantizeQuad>(static_cast<u8*>(q.codes) + row * q.in, k, q.in, codes);
}

// A tile of words, (kGroupWords, 32), turned between threads that have an output each side by side and threads that have a word each.
struct WordTile {
  uint32_t at[kGroupWords][kGroupPanel + 1];
};
struct WordPlace {
  int64_t panel, word0;
};
SINTER_DEVICE WordPlace place_of(int64_t words) {
  const uint32_t across = static_cast<uint32_t>((words + kGroupWords - 1) / kGroupWords), panel = blockIdx.x / across;
  return {panel, static_cast<int64_t>(blockIdx.x - panel * across) * kGroupWords};
}

template <int kBits>
SINTER_DEVICE void pack_groups(const GroupPacking& p) {
  constexpr int kPer = 32 / kBits, kMask = (1 << kBits) - 1;
  __shared__ WordTile tile;
  const auto [panel, word0] = place_of(p.words);
  const int word = threadIdx.x % kGroupWords, output = threadIdx.x / kGroupWords;
  const int64_t o = panel * kGroupPanel + output, k = (word0 + word) * kPer;
  uint32_t packed = 0;
  if (o < p.out && k < p.in) {
    const Pack<u8, kPer> codes = load_pack_ragged<kPer>(static_cast<const u8*>(p.from) + o * p.in, k, p.in, u8{0});
#pragma unroll
    for (int e = 0; e < kPer; e++) {
      if (k + e >= p.in) break;
      const int code = (p.offset ? static_cast<int>(static_cast<i8>(codes.at[e])) : codes.at[e]) + p.offset;
      // All bytes are codes of 8 bits.
      if constexpr (kBits < 8)
        if (code < 0 || code > kMask) report(p.fault, kBits * 2 + (p.offset != 0), code - p.offset, o, k + e);
      packed |= static_cast<uint32_t>(code & kMask) << (kBits * e);
    }
  }
  tile.at[word][output] = packed;
  __syncthreads();
  const int64_t down = word0 + threadIdx.x / kGroupPanel;
  if (down < p.words)
    static_cast<uint32_t*>(p.to)[(panel * p.words + down) * kGroupPanel + threadIdx.x % kGroupPanel] =
        tile.at[threadIdx.x / kGroupPanel][threadIdx.x % kGroupPanel];
}

// This thread's word of the tile: of output threadIdx.x / kGroupWords, word threadIdx.x % kGroupWords.
SINTER_DEVICE uint32_t turned_word(WordTile& tile, const uint32_t* codes, int64_t words, int64_t word0, int64_t panel) {
  const int64_t down = word0 + threadIdx.x / kGroupPanel;
  uint32_t mine = 0;
  if (down < words) mine = __ldg(codes + (panel * words + down) * kGroupPanel + threadIdx.x % kGroupPanel);
  tile.at[threadIdx.x / kGroupPanel][threadIdx.x % kGroupPanel] = mine;
  __syncthreads();
  return tile.at[threadIdx.x % kGroupWords][threadIdx.x / kGroupWords];
}

template <int kBits>
SINTER_DEVICE void unpack_groups(const GroupPacking& p) {
  constexpr int kPer = 32 / kBits, kMask = (1 << kBits) - 1;
  __shared__ WordTile tile;
  const auto [panel, word0] = place_of(p.words);
  const uint32_t packed = turned_word(tile, static_cast<const uint32_t*>(p.from), p.words, word0, panel);
  const int64_t o = panel * kGroupPanel + threadIdx.x / kGroupWords, k = (word0 + threadIdx.x % kGroupWords) * kPer;
  if (o >= p.out || k >= p.in) return;
  Pack<u8, kPer> codes;
#pragma unroll
  for (int e = 0; e < kPer; e++)
    codes.at[e] = static_cast<u8>(static_cast<int>(packed >> (kBits * e) & kMask) - p.offset);
  store_pack_ragged<kPer>(static_cast<u8*>(p.to) + o * p.in, k, p.in, codes);
}

// y (out, in) = (code - zero) * scale, rounded once. `rest`, bf16's alone: what that leaves over, rounded too, or null.
template <int kBits, class S>
SINTER_DEVICE void dequantize_groups(const GroupedWeight& w, S* y, S* rest) {
  constexpr int kPer = 32 / kBits, kMask = (1 << kBits) - 1, kMost = 16 / static_cast<int>(sizeof(S));
  constexpr int kPack = kPer < kMost ? kPer : kMost;
  __shared__ WordTile tile;
  const auto [panel, word0] = place_of(w.words);
  const uint32_t packed = turned_word(tile, w.codes, w.words, word0, panel);
  const int output = threadIdx.x / kGroupWords;
  const int64_t o = panel * kGroupPanel + output, k = (word0 + threadIdx.x % kGroupWords) * kPer;
  if (o >= w.out || k >= w.in) return;
  const int64_t at = (panel * w.groups + (k >> w.group_shift)) * kGroupPanel + output;
  const float scale = group_scale(w, at);
  const int zero = w.zeros ? __ldg(w.zeros + at) : 1 << (kBits - 1);
#pragma unroll
  for (int first = 0; first < kPer; first += kPack) {
    Pack<S, kPack> pack;
    float exact[kPack];
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      exact[e] = static_cast<float>(static_cast<int>(packed >> (kBits * (first + e)) & kMask) - zero) * scale;
      pack.at[e] = narrow<S>(exact[e]);
    }
    store_pack_ragged<kPack>(y + o * w.in, k + first, w.in, pack);
    if constexpr (kSame<S, bf16>) {
      if (!rest) continue;
#pragma unroll
      for (int e = 0; e < kPack; e++) pack.at[e] = narrow<S>(exact[e] - widen(pack.at[e]));
      store_pack_ragged<kPack>(rest + o * w.in, k + first, w.in, pack);
    }
  }
}

#define SINTER_QUANTIZE_GROUPS(S)                                      \
  extern "C" __global__ void __launch_bounds__(kGroupThreads)          \
      quantize_groups_##S(const __grid_constant__ GroupQuantizing q) { \
    quantize_groups<S>(q);                                             \
  }
SINTER_QUANTIZE_GROUPS(f32)
SINTER_QUANTIZE_GROUPS(bf16)
SINTER_QUANTIZE_GROUPS(f16)

#define SINTER_DEQUANTIZE_GROUPS(bits, S)                                                      \
  extern "C" __global__ void __launch_bounds__(kGroupThreads)                                  \
      dequantize_groups_##bits##_##S(const __grid_constant__ GroupedWeight w, S* y, S* rest) { \
    dequantize_groups<bits>(w, y, rest);                                                       \
  }
#define SINTER_GROUPS(bits)                                          \
  extern "C" __global__ void __launch_bounds__(kGroupThreads)        \
      pack_groups_##bits(const __grid_constant__ GroupPacking p) {   \
    pack_groups<bits>(p);                                            \
  }                                                                  \
  extern "C" __global__ void __launch_bounds__(kGroupThreads)        \
      unpack_groups_##bits(const __grid_constant__ GroupPacking p) { \
    unpack_groups<bits>(p);                                          \
  }                                                                  \
  SINTER_DEQUANTIZE_GROUPS(bits, f32)                                \
  SINTER_DEQUANTIZE_GROUPS(bits, bf16)                               \
  SINTER_DEQUANTIZE_GROUPS(bits, f16)
SINTER_GROUPS(4)
SINTER_GROUPS(8)

}  // namespace sinter::cuda
