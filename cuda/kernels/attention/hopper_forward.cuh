// y and lse of halves on the tensor cores of compute capability 9.0. Place in the whole: device code of attention_hopper_*.sm90a.cu; forward.cuh
// has the same for every card, and is what these are compared with.
//
// A block has 128 queries. One thread brings them, then tiles of 128 keys and of their values in turn, through tensor maps into a ring of
// tiles. Two warpgroups have 64 queries each: scores by wgmma from shared memory, softened in registers as forward.cuh does it (a warp has 16 rows in
// the same fragments), and times the values by wgmma with the weights from registers. While one softens, the other multiplies. Tiles
// that none of a warpgroup's queries sees are only released.
#pragma once
#include "cuda/kernels/attention/hopper.h"
#include "cuda/kernels/attention/hopper_panels.cuh"
#include "cuda/kernels/attention/soften.cuh"
#include "cuda/kernels/ring.cuh"

namespace sinter::cuda {

template <class T, int kWidth>
struct HopperForward {
  static constexpr int kTile = kHopperKeys, kWarps = 8;
  using Queries = Panels<kHopperOwnRows, kWidth>;
  using Keys = Panels<kTile, kWidth>;
  static constexpr int kSlabBytes = 16 * kWidth * 2;
  static_assert(Queries::kBytes + kHopperTiles * Keys::kBytes + kWarps * kSlabBytes + (2 * kHopperTiles + 1) * 8 +
                    1024 ==
                hopper_attention_shared(kWidth));
  using Ring = RingPlace<kHopperTiles>;

  // Addresses in shared memory.
  struct Places {
    uint32_t queries, ring, slabs, full, empty, queries_full;
  };

  static SINTER_DEVICE void bring(const HopperAttentionArgs& args, const Item& item, const KeyRange& range,
                                  const Places& at) {
    const int batch = item.sequence.batch, head = item.head / args.all.group;
    barrier_arrive_expecting(at.queries_full, Queries::kBytes);
    Queries::load(at.queries, args.q, item.first, item.head, batch, at.queries_full);
    Ring place;
#pragma unroll 1
    for (int32_t j = range.begin; j < range.end; j += kTile)
#pragma unroll 1
      for (int i = 0; i < 2; i++) {
        const uint32_t full = at.full + place.stage * 8;
        barrier_wait(at.empty + place.stage * 8, place.phase ^ 1);
        barrier_arrive_expecting(full, Keys::kBytes);
        Keys::load(at.ring + place.stage * Keys::kBytes, i == 0 ? args.k : args.v, j, head, batch, full);
        place.advance();
      }
  }

  static SINTER_DEVICE void attend(const HopperAttentionArgs& args, const Item& item, const KeyRange& range,
                                   const Places& at, uint8_t* slab, int group, int warp) {
    const Sequence& sequence = item.sequence;
    const Sight sight(args.all, sequence);
    Scoring<T> scoring(args.all, sequence, sight);
    scoring.set_head(sequence, item.head);
    const bool first_lane = threadIdx.x % 32 == 0;
    const int32_t rows = item.first + group * 64, own = rows + warp * 16;
    // The keys that any of the warpgroup's queries sees.
    const int32_t begin = sight.first(rows), end = rows < sequence.t ? sight.end(min(rows + 64, sequence.t) - 1) : 0;

    float y[1][kWidth / 8][4];
    clear(y);
    float top[1][2], sum[1][2];
    top[0][0] = top[0][1] = minus_infinity<float>();
    sum[0][0] = sum[0][1] = 0;
    barrier_wait(at.queries_full, 0);
    Ring place;
    const auto full = [&] {
      barrier_wait(at.full + place.stage * 8, place.phase);
      return at.ring + place.stage * Keys::kBytes;
    };
    const auto release = [&] {
      if (first_lane) barrier_arrive(at.empty + place.stage * 8);
      place.advance();
    };
#pragma unroll 1
    for (int32_t j = range.begin; j < range.end; j += kTile) {
      const bool seen = j < end && j + kTile > begin;
      const uint32_t keys = full();
      float x[1][kTile / 8][4];
      if (seen) {
        products_fence();
#pragma unroll
        for (int k = 0; k < kWidth / 16; k++)
          multiply_64<T, kTile, true, true>(flat(x), Queries::along_width(at.queries, group * 64, k),
                                            Keys::along_width(keys, 0, k), k > 0);
        products_commit();
        products_wait<0>();
        hold(flat(x));
      }
      release();
      if (seen) soften<T, 1, kTile, kWidth, false>(scoring, sight, own, j, x, y, top, sum);
      const uint32_t values = full();
      if (seen) {
        uint32_t weights[kTile / 16][4];
        pack_weights<T, kTile>(x, weights);
        products_fence();
        start_values<T, kTile>(weights, values, y);
        products_commit();
        products_wait<0>();
        hold(flat(y));
      }
      release();
    }
    float factor[1][2];
    close_rows(args.all, scoring.row, own, sequence.t, top, sum, factor);
    const RowsOf<T> to(args.all.y, sequence.batch, item.head, sequence.q0);
    store_rows<T, kWidth, 1>(y, factor, slab, to, own, sequence.t, args.all.e);
  }

  static SINTER_DEVICE void run(const HopperAttentionArgs& args) {
    extern __shared__ uint8_t memory[];
    // Eight rows of 128 bytes are exchanged by the bits of their addresses.
    Places at;
    at.queries = (shared_address(memory) + 1023) & ~1023u;
    at.ring = at.queries + Queries::kBytes;
    at.slabs = at.ring + kHopperTiles * Keys::kBytes;
    at.full = at.slabs + kWarps * kSlabBytes;
    at.empty = at.full + kHopperTiles * 8;
    at.queries_full = at.empty + kHopperTiles * 8;
    Item item;
    if (!find_item<false, kHopperOwnRows, Layout::batches>(args.all, item)) return;
    const KeyRange range = keys_of<kTile, false>(args.all, item, Sight(args.all, item.sequence), kHopperOwnRows);
    if (threadIdx.x == 0) {
      barrier_init(at.queries_full, 1);
      init_ring<kHopperTiles>(at.full, at.empty, kWarps);
    }
    __syncthreads();
    const int group = static_cast<int>(threadIdx.x) / 128;
    if (group == 0) {
      registers_give<kCopyingRegisters>();
      if (threadIdx.x == 0) bring(args, item, range, at);
      return;
    }
    registers_take<kMultiplyingRegisters>();
    const int warp = static_cast<int>(threadIdx.x) / 32 - 4;
    attend(args, item, range, at, memory + (at.slabs - shared_address(memory)) + warp * kSlabBytes, group - 1,
           warp % 4);
  }
};

}  // namespace sinter::cuda

#define SINTER_HOPPER_ATTENTION(S, width)                                                                \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kHopperAttentionThreads, 1)               \
      attention_hopper_##S##_##width(const __grid_constant__ ::sinter::cuda::HopperAttentionArgs args) { \
    ::sinter::cuda::HopperForward<::sinter::cuda::S, width>::run(args);                                  \
  }
