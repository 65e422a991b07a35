// What attention needs beside its products: rowsum(g y) for gradients, y of parts of the keys put together, dropout's factors on their
// own, new rows of a paged cache. Place in the whole: device code of attention_backward.cpp, split.cpp, attention.cpp and paged.cpp. All
// are bound by memory.
// sinter: cubins 80 90
#include "cuda/kernels/attention/parts.h"
#include "cuda/kernels/attention/scores.cuh"
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/random/philox.cuh"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {
namespace {

// A warp a row.
template <class T>
SINTER_DEVICE void delta_rows(const DeltaArgs& args) {
  using C = Compute<T>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  const int64_t row = static_cast<int64_t>(blockIdx.x) * (kDeltaThreads / 32) + threadIdx.x / 32;
  if (row >= args.rows) return;
  const int64_t head = row / args.t, batch = head / args.h, i = row - head * args.t;
  const auto of = [&](const HeadRows& x) {
    return static_cast<const T*>(x.data) + batch * x.batch + (head - batch * args.h) * x.head + i * x.row;
  };
  const T *g = of(args.g), *y = of(args.y);
  C sum = 0;
#pragma unroll 1
  for (int64_t at = threadIdx.x % 32 * kPack; at < args.e; at += 32 * kPack) {
    const Pack<T, kPack> a = load_pack_ragged<kPack>(g, at, args.e, narrow<T>(C(0)));
    const Pack<T, kPack> b = load_pack_ragged<kPack>(y, at, args.e, narrow<T>(C(0)));
#pragma unroll
    for (int p = 0; p < kPack; p++) sum += widen(a.at[p]) * widen(b.at[p]);
  }
  sum = warp_reduce(sum, Plus());
  if (threadIdx.x % 32 == 0) static_cast<C*>(args.delta)[row] = sum;
}

// A warp a row. Each lane has the weights of two parts; those are added in their order.
template <class T>
SINTER_DEVICE void combine_rows(const CombineArgs& args) {
  using C = Compute<T>;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * (kDeltaThreads / 32) + threadIdx.x / 32;
  if (row >= args.rows) return;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const C* lse = static_cast<const C*>(args.part_lse) + row;
  C weight[2];
#pragma unroll
  for (int k = 0; k < 2; k++)
    weight[k] = lane + 32 * k < args.parts ? lse[(lane + 32 * k) * args.rows] : minus_infinity<C>();
  const C top = warp_reduce(max(weight[0], weight[1]), [](C a, C b) { return max(a, b); });
  const C from = top == minus_infinity<C>() ? C(0) : top;  // a query that sees no key
  C sum = 0;
#pragma unroll
  for (int k = 0; k < 2; k++) sum += weight[k] = exp_of(weight[k] - from);
  sum = warp_reduce(sum, Plus());
  if (args.lse && lane == 0) static_cast<C*>(args.lse)[row] = sum == C(0) ? minus_infinity<C>() : from + log_of(sum);
  const C factor = sum == C(0) ? C(0) : C(1) / sum;
  const int64_t head = row / args.t, batch = head / args.h, i = row - head * args.t;
  T* y = static_cast<T*>(args.y.data) + batch * args.y.batch + (head - batch * args.h) * args.y.head + i * args.y.row;
  const C* parts = static_cast<const C*>(args.part_y) + row * args.e;
#pragma unroll 1
  for (int32_t column = 0; column < args.e; column += 32) {
    const int32_t mine = column + lane;
    C total = 0;
#pragma unroll 4
    for (int32_t p = 0; p < args.parts; p++) {
      const C share = __shfl_sync(kAllLanes, p < 32 ? weight[0] : weight[1], p % 32);
      // A part that saw nothing has a weight of 0 and a y of 0.
      if (mine < args.e) total += share * parts[p * args.rows * args.e + mine];
    }
    if (mine < args.e) y[mine] = narrow<T>(total * factor);
  }
}

// A thread a random block: eight factors.
template <class C>
SINTER_DEVICE void factor_rows(C* y, int64_t blocks, int64_t draws, int64_t s, const Stream& stream, uint32_t threshold,
                               double kept) {
  const int64_t block = static_cast<int64_t>(blockIdx.x) * kDeltaThreads + threadIdx.x;
  if (block >= blocks) return;
  const int64_t row = block / draws, first = (block - row * draws) * 8;
  const PhiloxWords words = philox(stream, static_cast<uint64_t>(block));
  constexpr int kPack = 16 / static_cast<int>(sizeof(C));
#pragma unroll
  for (int at = 0; at < 8; at += kPack) {
    if (first + at >= s) break;
    Pack<C, kPack> pack;
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      const int key = at + e;
      pack.at[e] = (words.word(key >> 1) >> ((key & 1) * 16) & 0xffff) >= threshold ? static_cast<C>(kept) : C(0);
    }
    store_pack_ragged(y + row * s, first + at, s, pack);
  }
}

// A block has kept_rows rows of all heads. It looks at all slots: whether one is none of the cache's, and then nobody writes anything,
// and whether a later row takes a place of its own.
template <class W>
SINTER_DEVICE void write_pages(const PagedWriteArgs& args) {
  __shared__ uint32_t dead;
  if (threadIdx.x == 0) dead = 0;
  __syncthreads();
  const auto slot_of = [&](int64_t row) {
    const int64_t batch = row / args.t;
    return index_at(args.slots, batch * args.slot_strides[0] + (row - batch * args.t) * args.slot_strides[1]);
  };
  const int64_t first = static_cast<int64_t>(blockIdx.x) * args.rows;
  bool bad = false;
#pragma unroll 1
  for (int64_t row = threadIdx.x; row < args.all; row += kDeltaThreads) {
    const int64_t slot = slot_of(row);
    if (slot < -1 || slot >= args.places) {
      bad = true;
      report(args.fault, 0, slot, args.places);
    }
    uint32_t late = 0;
#pragma unroll 1
    for (int r = 0; r < args.rows; r++)
      if (row > first + r && first + r < args.all && slot_of(first + r) == slot) late |= 1u << r;
    if (late) atomicOr(&dead, late);
  }
  if (__syncthreads_or(bad)) return;
  const int64_t each = args.hk * args.words;
#pragma unroll 1
  for (int r = 0; r < args.rows && first + r < args.all; r++) {
    const int64_t row = first + r, slot = slot_of(row);
    if (slot < 0 || dead >> r & 1) continue;
    const int64_t batch = row / args.t, i = row - batch * args.t, block = slot / args.size;
#pragma unroll 1
    for (int64_t w = threadIdx.x; w < each; w += kDeltaThreads) {
      const int64_t head = w / args.words, word = w - head * args.words;
      const bool value = word >= args.key_words;
      const PagedSide& side = value ? args.v : args.k;
      const int64_t at = value ? word - args.key_words : word;
      static_cast<W*>(side.pool)[block * side.to[0] + head * side.to[1] + (slot - block * args.size) * side.to[2] +
                                 at * side.to[3]] =
          static_cast<const W*>(
              side.x)[batch * side.from[0] + head * side.from[1] + i * side.from[2] + at * side.from[3]];
    }
  }
}

}  // namespace
}  // namespace sinter::cuda

#define SINTER_DELTA(S)                                                             \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kDeltaThreads)       \
      attention_delta_##S(const __grid_constant__ ::sinter::cuda::DeltaArgs args) { \
    ::sinter::cuda::delta_rows<::sinter::cuda::S>(args);                            \
  }
SINTER_DELTA(f32)
SINTER_DELTA(f64)
SINTER_DELTA(bf16)
SINTER_DELTA(f16)

#define SINTER_COMBINE(S)                                                               \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kDeltaThreads)           \
      attention_combine_##S(const __grid_constant__ ::sinter::cuda::CombineArgs args) { \
    ::sinter::cuda::combine_rows<::sinter::cuda::S>(args);                              \
  }
SINTER_COMBINE(f32)
SINTER_COMBINE(f64)
SINTER_COMBINE(bf16)
SINTER_COMBINE(f16)

#define SINTER_FACTORS(S)                                                                     \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kDeltaThreads)                 \
      attention_factors_##S(::sinter::cuda::S* y, int64_t blocks, int64_t draws, int64_t s,   \
                            ::sinter::cuda::Stream stream, uint32_t threshold, double kept) { \
    ::sinter::cuda::factor_rows(y, blocks, draws, s, stream, threshold, kept);                \
  }
SINTER_FACTORS(f32)
SINTER_FACTORS(f64)

#define SINTER_PAGED_WRITE(bytes)                                                        \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kDeltaThreads)            \
      paged_write_##bytes(const __grid_constant__ ::sinter::cuda::PagedWriteArgs args) { \
    ::sinter::cuda::write_pages<::sinter::cuda::raw##bytes>(args);                       \
  }
SINTER_PAGED_WRITE(2)
SINTER_PAGED_WRITE(4)
SINTER_PAGED_WRITE(8)
SINTER_PAGED_WRITE(16)
