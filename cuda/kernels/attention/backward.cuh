// Gradients of attention of halves on tensor cores. Place in the whole: device code of attention_backward_bf16.cu and
// attention_backward_f16.cu; attention.h says why there are two kernels.
//
// As in forward.cuh, four warps with own rows each and tiles of others that come a tile ahead. Where own rows are keys, weights and dscores
// are computed transposed, so that they are left sides of products as they lie in registers:
//   own queries   gq = scale dS k
//   own keys      gv = P^T g, gk = scale dS^T q      (of width 256 in two blocks, one result each: registers)
// With P = exp(scores - lse) and dS = P (factors g v - delta). Of width 64 a warp has 32 own rows, and takes 2.67 mma for each ldmatrix.x4,
// 3 where own rows are queries and scores are not changed; of width 128 queries have 32 rows, 2.4, keys, which have two results, 16, 1.6.
#pragma once
#include "cuda/kernels/attention/adjust.cuh"

namespace sinter::cuda {

// kGeneral: a cap, slopes, a mask or dropout, which take registers.
template <class T, int kWidth, bool kKeys, bool kGeneral>
struct TensorBackward {
  static constexpr int kRows = backward_rows(kWidth, kKeys), kTile = backward_tile(kWidth);
  static constexpr int kWarpRows = kRows / 4, kDown = kWarpRows / 16;
  static constexpr bool kApart = kKeys && kWidth == 256;  // gv and gk in blocks of their own: slices 0 and 1
  using Tile = HalfTile<T, kWidth>;
  static constexpr int kTileBytes = kTile * Tile::kRowBytes, kOwnBytes = kRows * Tile::kRowBytes;
  static constexpr int kLines = 2 * kOwnBytes + 4 * kTileBytes;  // where lse and delta of the tiles' queries lie
  static_assert(kLines + 4 * kTile * 4 == backward_shared(kWidth, kKeys));
  // Steps along q or k of own rows whose fragments stay in registers; the others are read again for every tile.
  static constexpr int kHeld = kKeys ? 0 : kWidth == 64 ? (kGeneral ? 2 : 4) : 0;
  using Scores = FragmentScores<T, kDown, kTile, kKeys>;
  using Fragments = float[kDown][kTile / 8][4];
  using Result = float[kDown][kWidth / 8][4];

  // Where the tiles are: other rows from `row` on; of queries, those of a head.
  struct Cursor {
    int32_t head, row;
  };

  static SINTER_DEVICE void run(const AttentionArgs& args) {
    extern __shared__ __align__(1024) uint8_t memory[];
    Item item;
    if (!find_item<kKeys, kRows, Layout::packed>(args, item)) return;
    // Registers are short: the loop, and what follows it, take it from shared memory.
    __shared__ Item block;
    __shared__ typename Scoring<T>::Head head;  // where own rows are queries
    if (threadIdx.x == 0) block = item;
    __syncthreads();
    const Sequence& parked = block.sequence;
    const Sequence& sequence = item.sequence;
    const Sight sight(args, sequence);
    Scoring<T> scoring(args, sequence, sight);
    const int32_t own_all = kKeys ? sequence.s : sequence.t;
    const int32_t own_end = min(item.first + kRows, own_all);
    const int32_t begin = (kKeys ? sight.first_query(item.first) : sight.first(item.first)) / kTile * kTile;
    const int32_t end = kKeys ? sight.end_query(own_end) : sight.end(own_end - 1);
    const int32_t first_head = kKeys ? item.head * args.group : item.head;
    const int32_t end_head = begin < end ? first_head + (kKeys ? args.group : 1) : first_head;
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    const uint32_t shared = shared_address(memory);

    const auto operand = [&](const HeadRows& x, int32_t head, bool keys) {
      return KeyRows<T, false>(args, x, parked, keys ? head / args.group : head, keys);
    };
    const auto fetch = [&](const Cursor& at, int stage) {
      if (at.head < end_head) {
        const int32_t all = kKeys ? parked.t : parked.s;
        const uint32_t to = shared + 2 * kOwnBytes + stage * 2 * kTileBytes;
        Tile::template load<kTile>(args, to, operand(kKeys ? args.q : args.k, at.head, !kKeys), at.row, all, args.d);
        Tile::template load<kTile>(args, to + kTileBytes, operand(kKeys ? args.g : args.v, at.head, !kKeys), at.row,
                                   all, args.e);
        if (kKeys && threadIdx.x < 2 * kTile) {
          const int line = static_cast<int>(threadIdx.x) / kTile, i = static_cast<int>(threadIdx.x) % kTile;
          const auto* from = static_cast<const float*>(line ? args.delta : args.lse);
          const int64_t row = (int64_t{parked.batch} * args.h + at.head) * args.t + parked.q0 + at.row + i;
          const bool there = at.row + i < all;
          copy_async<4>(shared + kLines + (stage * 2 * kTile + static_cast<int>(threadIdx.x)) * 4,
                        there ? from + row : from, there ? 4 : 0);
        }
      }
      copy_async_commit();
    };
    const auto advance = [&](Cursor& at) {
      at.row += kTile;
      if (at.row >= end) at.row = begin, at.head++;
    };

    if (first_head < end_head) {
      Tile::template load<kRows>(args, shared, operand(kKeys ? args.k : args.q, first_head, kKeys), item.first, own_all,
                                 args.d);
      Tile::template load<kRows>(args, shared + kOwnBytes, operand(kKeys ? args.v : args.g, first_head, kKeys),
                                 item.first, own_all, args.e);
    }
    copy_async_commit();
    const int32_t own = item.first + warp * kWarpRows;
    float base[kDown][2], delta[kDown][2];  // of own queries
    if constexpr (!kKeys) {
      scoring.set_head(sequence, first_head);
      if (threadIdx.x == 0) head = scoring;
      const auto* lse = static_cast<const float*>(args.lse) + scoring.row;
      const auto* deltas = static_cast<const float*>(args.delta) + scoring.row;
#pragma unroll
      for (int i = 0; i < kDown; i++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const int32_t query = own + 16 * i + 8 * half + lane / 4;
          base[i][half] = query < sequence.t ? base_of(lse[query]) : 0.f;
          delta[i][half] = query < sequence.t ? deltas[query] : 0.f;
        }
    }

    Result first, second;  // gq; or gk and gv; or one of these
    clear(first);
    clear(second);
    const uint32_t left = shared + warp * kWarpRows * Tile::kRowBytes + Tile::left(lane);
    HeldRows<kDown, kHeld> held;
    Cursor at{first_head, begin - kTile}, next{first_head, begin};
    int stage = 1;
#pragma unroll 1
    while (at.head < end_head) {
      copy_async_wait<0>();
      // All threads' copies are there, and nobody reads the tile before any more.
      __syncthreads();
      stage ^= 1;
      fetch(next, stage);
      const Cursor here = at;
      at = next;
      advance(next);
      if (here.row < begin) {  // the first tile is under way, own rows are there
        if constexpr (kHeld > 0) hold_rows<T, kWidth>(left, held);
        continue;
      }
      const uint32_t tile = shared + 2 * kOwnBytes + (stage ^ 1) * 2 * kTileBytes;
      if constexpr (kKeys) scoring.set_head(parked, here.head);
      Fragments x, pull;
      clear(x);
      clear(pull);
      multiply_rows<T, kWidth, kDown, kTile>(left, tile + Tile::right(lane), x, held);
      multiply_rows<T, kWidth, kDown, kTile>(left + kOwnBytes, tile + kTileBytes + Tile::right(lane), pull);
      const Sight seen(args, parked);
      if constexpr (!kKeys) scoring.take(head);
      const Scores scores(scoring, seen, own, here.row);
      const float* lines = reinterpret_cast<const float*>(memory + kLines) + (stage ^ 1) * 2 * kTile + lane % 4 * 2;
      const auto base_at = [&](int i, int n, int m) {
        if constexpr (kKeys)
          return base_of(lines[8 * n + m % 2]);
        else
          return base[i][m / 2];
      };
      const auto delta_at = [&](int i, int n, int m) {
        if constexpr (kKeys)
          return lines[kTile + 8 * n + m % 2];
        else
          return delta[i][m / 2];
      };
      differentiate(scores, own, here.row, x, pull, base_at, delta_at);
      const uint32_t right = tile + Tile::across(lane);
      if constexpr (kApart) {
        if (item.slice == 0) Scores::each([&](int i, int n, int m) { pull[i][n][m] = x[i][n][m]; });
        multiply_weights<T, kWidth, kDown, kTile>(pull, item.slice == 0 ? right + kTileBytes : right, first);
      } else {
        multiply_weights<T, kWidth, kDown, kTile>(pull, right, first);
        if constexpr (kKeys) multiply_weights<T, kWidth, kDown, kTile>(x, right + kTileBytes, second);
      }
    }

    // A warp's own rows are read by nobody else.
    uint8_t* slab = memory + warp * kWarpRows * Tile::kRowBytes;
    const int32_t row0 = kKeys ? parked.k0 : parked.q0, all_rows = kKeys ? parked.s : parked.t;
    const int32_t first_row = block.first + warp * kWarpRows;
    const RowsOf<T> to_y(args.y, parked.batch, block.head, row0);
    const float scale = static_cast<float>(args.scale);
    if constexpr (kApart) {
      const bool values = block.slice == 0;
      RowsOf<T> to = to_y;
      if (values) to = RowsOf<T>(args.gv, parked.batch, block.head, row0);
      deliver(first, values ? 1.f : scale, slab, to, first_row, all_rows, values ? args.e : args.d);
    } else {
      deliver(first, scale, slab, to_y, first_row, all_rows, args.d);
      if constexpr (kKeys) {
        const RowsOf<T> to_gv(args.gv, parked.batch, block.head, row0);
        deliver(second, 1.f, slab + kOwnBytes, to_gv, first_row, all_rows, args.e);
      }
    }
  }

 private:
  // Products of q and k -> weights with dropout's factors; of g and v -> dscores.
  template <class Base, class Delta>
  static SINTER_DEVICE void differentiate(const Scores& scores, int32_t own, int32_t other, Fragments& x,
                                          Fragments& pull, Base base, Delta delta) {
    const AttentionArgs& args = scores.scoring.args;
    const float kept = static_cast<float>(args.kept);
    const bool drops = kGeneral && args.threshold;
    const uint32_t bits = drops ? scores.drawn() : 0;
    if (drops) Scores::each([&](int i, int n, int m) { pull[i][n][m] *= Scores::stays(bits, i, n, m) ? kept : 0.f; });
    Scores::each([&](int i, int n, int m) { pull[i][n][m] -= delta(i, n, m); });
    scores.scale(x);
    if constexpr (kGeneral) scores.add(x, &pull);
    scores.hide(x, own, other);
    Scores::each([&](int i, int n, int m) {
      x[i][n][m] = exp2_flushed(x[i][n][m] - base(i, n, m));
      pull[i][n][m] *= x[i][n][m];
    });
    if (kKeys && drops)
      Scores::each([&](int i, int n, int m) { x[i][n][m] *= Scores::stays(bits, i, n, m) ? kept : 0.f; });
  }
  static SINTER_DEVICE void deliver(const Result& y, float factor, uint8_t* slab, const RowsOf<T>& to, int32_t first,
                                    int32_t all, int32_t width) {
    float factors[kDown][2];
#pragma unroll
    for (int i = 0; i < kDown; i++) factors[i][0] = factors[i][1] = factor;
    store_rows<T, kWidth, kDown>(y, factors, slab, to, first, all, width);
  }
};

}  // namespace sinter::cuda

// `name` is the width, with _general where there are plain ones of it too.
#define SINTER_TENSOR_BACKWARD(S, width, name, general)                                            \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kTensorThreads, 2)                  \
      attention_queries_##S##_##name(const __grid_constant__ ::sinter::cuda::AttentionArgs args) { \
    ::sinter::cuda::TensorBackward<::sinter::cuda::S, width, false, general>::run(args);           \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kTensorThreads, 2)                  \
      attention_keys_##S##_##name(const __grid_constant__ ::sinter::cuda::AttentionArgs args) {    \
    ::sinter::cuda::TensorBackward<::sinter::cuda::S, width, true, general>::run(args);            \
  }
