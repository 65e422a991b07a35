// sinter: cubins 80 90
// lookup and equalizing: tables of a plane's 256 levels, applied and made. Place in the whole: device code of levels.cpp. A plane may begin
// anywhere: its accesses of 16 bytes begin at the first address that takes them, and what lies before and behind is read byte by byte.
// Bound: lookup, two bytes a pixel; equalizing, one, and an atomic addition in shared memory each: warps count apart, and a block's counts
// are added to the plane's once. Whole numbers: any order gives the same.
#include "cuda/kernels/image/levels.h"
#include "cuda/kernels/image/pixels.cuh"

namespace sinter::cuda {

using Sixteen = Pack<u8, kLevelBytes>;

// f(first, count, whole) for the thread's accesses of plane `plane`: bytes [first, first + count), all of a word where `whole`. `lead`:
// bytes by which the plane's beginning misses an address that is a multiple of 16.
template <class F>
SINTER_DEVICE void each_word(const Levels& p, int64_t plane, int64_t block, int lead, F f) {
#pragma unroll 1
  for (int u = 0; u < kLevelBlock; u += kImageThreads * kLevelBytes) {
    const int64_t at = block * kLevelBlock + u + static_cast<int64_t>(threadIdx.x) * kLevelBytes - lead;
    const int64_t first = max(at, INT64_C(0)), last = min(at + kLevelBytes, p.m);
    if (first < last) f(plane * p.m + first, static_cast<int>(last - first), last - first == kLevelBytes);
  }
}
SINTER_DEVICE int lead_of(const void* p) { return static_cast<int>(reinterpret_cast<uintptr_t>(p) % kLevelBytes); }

extern "C" __global__ void __launch_bounds__(kImageThreads)
    lookup_u8(const __grid_constant__ Levels p, const uint8_t* __restrict__ tables, uint8_t* __restrict__ y) {
  __shared__ uint8_t table[kLevels];
  const int64_t plane = quotient(blockIdx.x, p.blocks);
  table[threadIdx.x] = tables[plane * kLevels + threadIdx.x];
  __syncthreads();
  const int lead = lead_of(p.x + plane * p.m);
  const bool alike = lead == lead_of(y + plane * p.m);
  each_word(p, plane, blockIdx.x - plane * p.blocks.size, lead, [&](int64_t first, int count, bool whole) {
    if (whole && alike) {
      Sixteen pack = load_pack_constant<kLevelBytes>(p.x + first);
#pragma unroll
      for (int e = 0; e < kLevelBytes; e++) pack.at[e] = table[pack.at[e]];
      store_pack(y + first, pack);
    } else {
#pragma unroll 1
      for (int e = 0; e < count; e++) y[first + e] = table[__ldg(p.x + first + e)];
    }
  });
}

// counts (planes, 256) hold zeros.
extern "C" __global__ void __launch_bounds__(kImageThreads)
    count_levels(const __grid_constant__ Levels p, uint32_t* __restrict__ counts) {
  constexpr int kWarps = kImageThreads / 32;
  __shared__ uint32_t histogram[kWarps][kLevels];
#pragma unroll
  for (int w = 0; w < kWarps; w++) histogram[w][threadIdx.x] = 0;
  __syncthreads();
  const int64_t plane = quotient(blockIdx.x, p.blocks);
  uint32_t* own = histogram[threadIdx.x / 32];
  each_word(p, plane, blockIdx.x - plane * p.blocks.size, lead_of(p.x + plane * p.m),
            [&](int64_t first, int count, bool whole) {
              if (whole) {
                const Sixteen pack = load_pack_constant<kLevelBytes>(p.x + first);
#pragma unroll
                for (int e = 0; e < kLevelBytes; e++) atomicAdd(own + pack.at[e], 1u);
              } else {
#pragma unroll 1
                for (int e = 0; e < count; e++) atomicAdd(own + __ldg(p.x + first + e), 1u);
              }
            });
  __syncthreads();
  uint32_t sum = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) sum += histogram[w][threadIdx.x];
  if (sum > 0) atomicAdd(counts + plane * kLevels + threadIdx.x, sum);
}

// A block a plane, a thread a level. Definition: PIL.ImageOps.equalize; with `step` the number of pixels that are not of the brightest
// level present, over 255, level k becomes (step / 2 + pixels below k) / step, whole numbers; where step is 0, levels stay.
extern "C" __global__ void __launch_bounds__(kLevels)
    equalizing_tables(const uint32_t* __restrict__ counts, int64_t m, uint8_t* __restrict__ tables) {
  __shared__ int64_t sums[2][kLevels];
  __shared__ int64_t brightest;
  const int k = static_cast<int>(threadIdx.x);
  const int64_t count = counts[static_cast<int64_t>(blockIdx.x) * kLevels + k];
  int64_t upto = count;  // pixels of levels up to k
  sums[0][k] = upto;
  if (k == 0) brightest = 0;
  __syncthreads();
  int from = 0;
#pragma unroll 1
  for (int distance = 1; distance < kLevels; distance *= 2, from ^= 1) {
    if (k >= distance) upto += sums[from][k - distance];
    sums[from ^ 1][k] = upto;
    __syncthreads();
  }
  if (count > 0 && upto == m) brightest = count;
  __syncthreads();
  const int64_t step = (m - brightest) / (kLevels - 1);
  const int64_t level = step == 0 ? k : (step / 2 + upto - count) / step;
  tables[static_cast<int64_t>(blockIdx.x) * kLevels + k] = static_cast<uint8_t>(min(level, INT64_C(255)));
}

}  // namespace sinter::cuda
