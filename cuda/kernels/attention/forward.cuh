// y and lse of halves on tensor cores. Place in the whole: device code of attention_bf16.cu and attention_f16.cu.
//
// FlashAttention-2 (Dao 2023) by mma.m16n8k16: four warps with 32 queries each (16 of width 256) go over tiles of keys and values that
// cp.async fetches a tile ahead. Scores, weights and sums stay in registers; scores become the left side of the second product as
// they are. A tile of 32 keys takes 4 mma for each ldmatrix.x4 of width 64, whose queries stay in registers too, 2.67 of width 128, and 1.6
// of width 256, whose sums leave no registers for more rows.
#pragma once
#include "cuda/kernels/attention/soften.cuh"

namespace sinter::cuda {

// kGeneral: a cap, slopes, a mask, dropout, or keys in several parts.
template <class T, int kWidth, bool kGeneral>
struct TensorForward {
  static constexpr int kRows = forward_rows(kWidth), kTile = kTensorTile;
  static constexpr int kWarpRows = kRows / 4, kDown = kWarpRows / 16;
  using Tile = HalfTile<T, kWidth>;
  // Steps along the queries' width whose fragments stay in registers; the others are read again for every tile.
  static constexpr int kHeld = kWidth == 64 ? 4 : 0;
  static constexpr int kTileBytes = kTile * Tile::kRowBytes, kQueryBytes = kRows * Tile::kRowBytes;
  static_assert(kQueryBytes + 4 * kTileBytes == forward_shared(kWidth));

  static SINTER_DEVICE void run(const AttentionArgs& args) {
    extern __shared__ __align__(1024) uint8_t memory[];
    Item item;
    if (!find_item<false, kRows, Layout::pages>(args, item)) return;
    // Registers are short: a tile's scores, and what follows the loop, take it from shared memory.
    __shared__ Item parked;
    __shared__ typename Scoring<T>::Head parked_head;
    const Sequence& sequence = item.sequence;
    const Sight sight(args, sequence);
    Scoring<T> scoring(args, sequence, sight);
    scoring.set_head(sequence, item.head);
    if (threadIdx.x == 0) {
      parked = item;
      parked_head = scoring;
    }
    const KeyRange range = keys_of<kTile, kGeneral>(args, item, sight, kRows);
    const int32_t begin = range.begin, end = range.end;
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    const uint32_t shared = shared_address(memory);

    const auto fetch = [&](int32_t j0, uint32_t to) {
      if (j0 < end) {
        const int32_t kv = item.head / args.group;
        Tile::template load<kTile>(args, to, KeyRows<T, true>(args, args.k, sequence, kv, true), j0, sequence.s,
                                   args.d);
        Tile::template load<kTile>(args, to + kTileBytes, KeyRows<T, true>(args, args.v, sequence, kv, true), j0,
                                   sequence.s, args.e);
      }
      copy_async_commit();
    };
    Tile::template load<kRows>(args, shared, KeyRows<T, false>(args, args.q, sequence, item.head, false), item.first,
                               sequence.t, args.d);
    copy_async_commit();

    float y[kDown][kWidth / 8][4];
    clear(y);
    float top[kDown][2], sum[kDown][2];
#pragma unroll
    for (int i = 0; i < kDown; i++) top[i][0] = top[i][1] = minus_infinity<float>(), sum[i][0] = sum[i][1] = 0;
    const int32_t own = item.first + warp * kWarpRows;
    const uint32_t queries = shared + warp * kWarpRows * Tile::kRowBytes + Tile::left(lane);
    HeldRows<kDown, kHeld> held;
    uint32_t flip = 2 * kTileBytes;  // the stages in turn
    int32_t j0 = begin - kTile;      // in the first round tiles are only fetched, if there are any
#pragma unroll 1
    do {
      copy_async_wait<0>();
      // All threads' copies are there, and nobody reads the tile before any more.
      __syncthreads();
      flip ^= 2 * kTileBytes;
      fetch(j0 + kTile, shared + kQueryBytes + flip);
      if (j0 < begin) {  // the first tile is under way, the queries are there
        if constexpr (kHeld > 0) hold_rows<T, kWidth>(queries, held);
        continue;
      }
      if (own >= sequence.t) continue;  // a warp whose queries are not there only copies
      const uint32_t here = shared + kQueryBytes + (flip ^ 2 * kTileBytes);
      float x[kDown][kTile / 8][4];
      clear(x);
      multiply_rows<T, kWidth, kDown, kTile>(queries, here + Tile::right(lane), x, held);
      if constexpr (kGeneral) scoring.take(parked_head);
      soften<T, kDown, kTile, kWidth, kGeneral>(scoring, sight, own, j0, x, y, top, sum);
      multiply_weights<T, kWidth, kDown, kTile>(x, here + kTileBytes + Tile::across(lane), y);
    } while ((j0 += kTile) < end);
    copy_async_wait<0>();

    const Sequence& rows = parked.sequence;
    const int64_t row = Scoring<T>::row_of(args, rows, parked.head) + (kGeneral ? parked.part * args.part_lse : 0);
    float factor[kDown][2];
    close_rows(args, row, own, sequence.t, top, sum, factor);
    if (kGeneral && args.parts > 1) return store_part(args, parked, own, y, factor);
    const RowsOf<T> to(args.y, rows.batch, parked.head, rows.q0);
    // A warp's queries are read by nobody else.
    store_rows<T, kWidth, kDown>(y, factor, memory + warp * kWarpRows * Tile::kRowBytes, to, own, sequence.t, args.e);
  }

  // A part's y, in f32: four lanes write 32 bytes of a row.
  static SINTER_DEVICE void store_part(const AttentionArgs& args, const Item& item, int32_t own,
                                       const float (&y)[kDown][kWidth / 8][4], const float (&factor)[kDown][2]) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const RowsOf<float> to(args.y, item.sequence.batch, item.head, item.sequence.q0);
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int32_t query = own + 16 * i + 8 * half + lane / 4;
        if (query >= item.sequence.t) continue;
        float* row = const_cast<float*>(to.at(query)) + item.part * args.part_y;
#pragma unroll
        for (int n = 0; n < kWidth / 8; n++) {
          Pack<float, 2> pair;
          pair.at[0] = y[i][n][2 * half] * factor[i][half];
          pair.at[1] = y[i][n][2 * half + 1] * factor[i][half];
          store_pack_ragged(row, 8 * n + lane % 4 * 2, args.e, pair);
        }
      }
  }
};

}  // namespace sinter::cuda

// `name` is the width, with _general where there is a plain one of it too.
#define SINTER_TENSOR_FORWARD(S, width, name, general)                                     \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kTensorThreads, 2)          \
      attention_##S##_##name(const __grid_constant__ ::sinter::cuda::AttentionArgs args) { \
    ::sinter::cuda::TensorForward<::sinter::cuda::S, width, general>::run(args);           \
  }
