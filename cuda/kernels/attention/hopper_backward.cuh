// Gradients of attention of halves on the tensor cores of compute capability 9.0, where scores are not changed. Place in the whole: device
// code of attention_hopper_backward_*.sm90a.cu; backward.cuh has the same for every card, says what is computed, and is what these are
// compared with.
//
// A block has 128 own rows, 64 a warpgroup, and as in hopper_forward.cuh a warp that brings tiles of other rows through tensor maps into a
// ring: a stage has the two operands' tiles, and of queries their lse and delta, which that warp reads itself. Scores, and products of g and
// v, are a row each of own rows; of queries these stay in registers, of keys, whose two results have the registers, in shared memory.
// Weights and dscores are then left sides of products with the tiles from registers.
#pragma once
#include "cuda/kernels/attention/adjust.cuh"
#include "cuda/kernels/attention/hopper.h"
#include "cuda/kernels/attention/hopper_panels.cuh"
#include "cuda/kernels/ring.cuh"

namespace sinter::cuda {

template <class T, int kWidth, bool kKeys>
struct HopperBackward {
  static constexpr int kTile = hopper_backward_tile(kWidth), kWarps = 8;
  using Own = Panels<kHopperOwnRows, kWidth>;
  using Other = Panels<kTile, kWidth>;
  static constexpr int kStageBytes = 2 * Other::kBytes, kSlabBytes = 16 * kWidth * 2, kLineBytes = 2 * kTile * 4;
  static constexpr int kStages = kHopperBackwardStages;
  static_assert(2 * Own::kBytes + kStages * (kStageBytes + kLineBytes + 16) + kWarps * kSlabBytes + 8 + 1024 ==
                hopper_backward_shared(kWidth));
  using Scores = FragmentScores<T, 1, kTile, kKeys>;
  using Fragments = float[1][kTile / 8][4];
  using Result = float[1][kWidth / 8][4];
  static constexpr int kSteps = kWidth / 16;
  // Own queries, and their g, as left sides.
  struct OwnRows {
    uint32_t at[2][kKeys ? 1 : kSteps][4];
  };

  // Addresses in shared memory.
  struct Places {
    uint32_t own, ring, slabs, lines, full, empty, own_full;
  };
  // The tiles: of each of the heads of queries, or of the one of keys, those from begin to end.
  struct Tiles {
    int32_t head, end_head, begin, end;
  };

  static SINTER_DEVICE void bring(const HopperBackwardArgs& args, const Item& item, const Tiles& tiles,
                                  const Places& at, uint8_t* memory) {
    const int lane = static_cast<int>(threadIdx.x), batch = item.sequence.batch;
    const bool first = lane == 0;
    if (first) {
      barrier_arrive_expecting(at.own_full, 2 * Own::kBytes);
#pragma unroll
      for (int i = 0; i < 2; i++)
        Own::load(at.own + i * Own::kBytes, args.own[i], item.first, item.head, batch, at.own_full);
    }
    RingPlace<kStages> place;
#pragma unroll 1
    for (int32_t head = tiles.head; head < tiles.end_head; head++)
#pragma unroll 1
      for (int32_t row = tiles.begin; row < tiles.end; row += kTile) {
        float lines[2][kTile / 32];
        if constexpr (kKeys) {
          const int64_t at_row = (int64_t{batch} * args.all.h + head) * args.all.t + row + lane;
          const int32_t there = item.sequence.t - row - lane;
#pragma unroll
          for (int i = 0; i < kTile / 32; i++) {
            const bool is = 32 * i < there;
            lines[0][i] = is ? base_of(static_cast<const float*>(args.all.lse)[at_row + 32 * i]) : 0.f;
            lines[1][i] = is ? static_cast<const float*>(args.all.delta)[at_row + 32 * i] : 0.f;
          }
        }
        barrier_wait(at.empty + place.stage * 8, place.phase ^ 1);
        const uint32_t full = at.full + place.stage * 8;
        if constexpr (kKeys) {
          float* to = lines_of(at, memory, place.stage) + lane;
#pragma unroll
          for (int i = 0; i < kTile / 32; i++) to[32 * i] = lines[0][i], to[kTile + 32 * i] = lines[1][i];
          __syncwarp();
        }
        if (first) {
          barrier_arrive_expecting(full, kStageBytes);
#pragma unroll
          for (int i = 0; i < 2; i++)
            Other::load(at.ring + place.stage * kStageBytes + i * Other::kBytes, args.other[i], row,
                        kKeys ? head : head / args.all.group, batch, full);
        }
        place.advance();
      }
  }

  // x = own rows of operand i times those of a stage's tile.
  static SINTER_DEVICE void multiply(const OwnRows& held, const Places& at, int own_row, uint32_t stage, int i,
                                     Fragments& x) {
    const uint32_t tile = stage + i * Other::kBytes;
#pragma unroll
    for (int k = 0; k < kSteps; k++) {
      const uint64_t other = Other::along_width(tile, 0, k);
      if constexpr (kKeys)
        multiply_64<T, kTile, true, true>(flat(x), Own::along_width(at.own + i * Own::kBytes, own_row, k), other,
                                          k > 0);
      else
        multiply_64<T, kTile, true>(flat(x), held.at[i][k], other, k > 0);
    }
    products_commit();
  }

  static SINTER_DEVICE void differentiate(const HopperBackwardArgs& args, const Item& item, const Tiles& tiles,
                                          const Places& at, uint8_t* memory, int group, int index) {
    const AttentionArgs& all = args.all;
    const Sequence& sequence = item.sequence;
    const Sight sight(all, sequence);
    Scoring<T> scoring(all, sequence, sight);
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = index % 4, own_row = group * 64;
    const int32_t own_all = kKeys ? sequence.s : sequence.t;
    const int32_t rows = item.first + own_row, own = rows + warp * 16, last = min(rows + 64, own_all);
    // Of the warpgroup.
    const int32_t begin = kKeys ? sight.first_query(rows) : sight.first(rows);
    const int32_t end = rows >= own_all ? 0 : kKeys ? sight.end_query(last) : sight.end(last - 1);

    barrier_wait(at.own_full, 0);
    OwnRows held;
    float base[2], delta[2];
    if constexpr (!kKeys) {
#pragma unroll
      for (int k = 0; k < kSteps; k++)
#pragma unroll
        for (int i = 0; i < 2; i++) Own::left(held.at[i][k], at.own + i * Own::kBytes, own_row + warp * 16, k);
      scoring.set_head(sequence, item.head);
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int32_t query = own + 8 * half + lane / 4;
        const bool there = query < sequence.t;
        base[half] = there ? base_of(static_cast<const float*>(all.lse)[scoring.row + query]) : 0.f;
        delta[half] = there ? static_cast<const float*>(all.delta)[scoring.row + query] : 0.f;
      }
    }
    Result first, second;  // gq; or gk and gv
    clear(first);
    clear(second);
    RingPlace<kStages> place;
    int32_t head = tiles.head;
#pragma unroll 1
    do {
#pragma unroll 1
      for (int32_t row = tiles.begin; row < tiles.end; row += kTile) {
        barrier_wait(at.full + place.stage * 8, place.phase);
        if (row < end && row + kTile > begin) {
          const uint32_t tile = at.ring + place.stage * kStageBytes;
          Fragments x, pull;
          products_fence();
          multiply(held, at, own_row, tile, 0, x);
          multiply(held, at, own_row, tile, 1, pull);
          products_wait<1>();
          hold(flat(x));
          const float* lines = lines_of(at, memory, place.stage) + lane % 4 * 2;
          const auto line = [&](int which, int n, int m) {
            if constexpr (kKeys)
              return lines[which * kTile + 8 * n + m % 2];
            else
              return (which ? delta : base)[m / 2];
          };
          const Scores scores(scoring, sight, own, row);
          scores.scale(x);
          scores.hide(x, own, row);
          Scores::each([&](int i, int n, int m) { x[i][n][m] = exp2_flushed(x[i][n][m] - line(0, n, m)); });
          products_wait<0>();
          hold(flat(pull));
          Scores::each([&](int i, int n, int m) { pull[i][n][m] = (pull[i][n][m] - line(1, n, m)) * x[i][n][m]; });
          uint32_t dscores[kTile / 16][4], weights[kTile / 16][4];
          pack_weights<T, kTile>(pull, dscores);
          if constexpr (kKeys) pack_weights<T, kTile>(x, weights);
          products_fence();
          start_values<T, kTile>(dscores, tile, first);
          if constexpr (kKeys) start_values<T, kTile>(weights, tile + Other::kBytes, second);
          products_commit();
          products_wait<0>();
          hold(flat(first));
          if constexpr (kKeys) hold(flat(second));
        }
        if (lane == 0) barrier_arrive(at.empty + place.stage * 8);
        place.advance();
      }
    } while (++head < tiles.end_head);

    uint8_t* slab = memory + (at.slabs - shared_address(memory)) + index * kSlabBytes;
    deliver(first, static_cast<float>(all.scale), slab, RowsOf<T>(all.y, sequence.batch, item.head, 0), own, own_all,
            all.d);
    if constexpr (kKeys)
      deliver(second, 1.f, slab, RowsOf<T>(all.gv, sequence.batch, item.head, 0), own, own_all, all.e);
  }

  static SINTER_DEVICE void run(const HopperBackwardArgs& args) {
    extern __shared__ uint8_t memory[];
    // Eight rows of 128 bytes are exchanged by the bits of their addresses.
    Places at;
    at.own = (shared_address(memory) + 1023) & ~1023u;
    at.ring = at.own + 2 * Own::kBytes;
    at.slabs = at.ring + kStages * kStageBytes;
    at.lines = at.slabs + kWarps * kSlabBytes;
    at.full = at.lines + kStages * kLineBytes;
    at.empty = at.full + kStages * 8;
    at.own_full = at.empty + kStages * 8;
    Item item;
    if (!find_item<kKeys, kHopperOwnRows, Layout::batches>(args.all, item)) return;
    const Tiles tiles = tiles_of(args.all, item);
    if (threadIdx.x == 0) {
      barrier_init(at.own_full, 1);
      init_ring<kStages>(at.full, at.empty, kWarps);
    }
    __syncthreads();
    const int group = static_cast<int>(threadIdx.x) / 128;
    if (group == 0) {
      registers_give<kCopyingRegisters>();
      if (threadIdx.x < 32) bring(args, item, tiles, at, memory);
      return;
    }
    registers_take<kMultiplyingRegisters>();
    differentiate(args, item, tiles, at, memory, group - 1, static_cast<int>(threadIdx.x) / 32 - 4);
  }

 private:
  static SINTER_DEVICE Tiles tiles_of(const AttentionArgs& args, const Item& item) {
    const Sight sight(args, item.sequence);
    const int32_t end = min(item.first + kHopperOwnRows, kKeys ? item.sequence.s : item.sequence.t);
    const int32_t begin = (kKeys ? sight.first_query(item.first) : sight.first(item.first)) / kTile * kTile;
    const int32_t head = kKeys ? item.head * args.group : item.head;
    return {head, head + (kKeys ? args.group : 1), begin, kKeys ? sight.end_query(end) : sight.end(end - 1)};
  }
  // Of a stage lse, then delta.
  static SINTER_DEVICE float* lines_of(const Places& at, uint8_t* memory, int stage) {
    return reinterpret_cast<float*>(memory + (at.lines - shared_address(memory)) + stage * kLineBytes);
  }
  static SINTER_DEVICE void deliver(const Result& y, float factor, uint8_t* slab, const RowsOf<T>& to, int32_t first,
                                    int32_t all, int32_t width) {
    const float factors[1][2] = {{factor, factor}};
    store_rows<T, kWidth, 1>(y, factors, slab, to, first, all, width);
  }
};

}  // namespace sinter::cuda

#define SINTER_HOPPER_BACKWARD(S, width, owner, keys)                                                             \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kHopperAttentionThreads, 1)                        \
      attention_hopper_##owner##_##S##_##width(const __grid_constant__ ::sinter::cuda::HopperBackwardArgs args) { \
    ::sinter::cuda::HopperBackward<::sinter::cuda::S, width, keys>::run(args);                                    \
  }
