// What attention on the ordinary units multiplies, as it comes from memory: steps in the order in which they are used, one ahead. Place in
// the whole: scalar.cuh says what the steps are for.
#pragma once
#include "cuda/kernels/attention/scores.cuh"
#include "cuda/kernels/ptx.cuh"

namespace sinter::cuda {

enum class Pass { forward, queries, keys };

// Sizes of a block's tiles and of their steps, and which of their rows and columns a thread has.
template <class C>
struct ScalarTile {
  static constexpr int kRows = kScalarRows<C>, kEach = kRows / 16;
  static constexpr int kPack = 16 / static_cast<int>(sizeof(C)), kDepth = 32;
  static constexpr int kDeepBytes = kRows * kDepth * static_cast<int>(sizeof(C));
  static constexpr int kStageBytes = 2 * kDeepBytes;  // two deep tiles or a wide one
  static_assert(kRows * kScalarColumns * static_cast<int>(sizeof(C)) == kStageBytes);

  static SINTER_DEVICE int down() { return static_cast<int>(threadIdx.x) / 16; }
  static SINTER_DEVICE int across() { return static_cast<int>(threadIdx.x) % 16; }
};

struct ScalarStep {
  int32_t phase, at;    // 0, 1: deep, along the width; 2, 3: wide, a chunk of the result's columns
  int32_t other, head;  // first other row of the tile; head of queries
};

template <class C, Pass kPass>
struct ScalarSource : ScalarTile<C> {
  using Tile = ScalarTile<C>;
  using Tile::down, Tile::kRows, Tile::kPack, Tile::kDepth, Tile::kDeepBytes, Tile::kStageBytes;
  static constexpr bool kKeys = kPass == Pass::keys, kForward = kPass == Pass::forward;
  static constexpr int kThreads = kScalarThreads, kChunks = kScalarChunks;
  static constexpr int kDeepShift = sizeof(C) == 4 ? 3 : 4;  // chunks of 16 bytes in a row of a deep tile: 2 to the

  const AttentionArgs& args;
  const Item& item;
  ScalarStep step;
  int32_t begin, end, last_head;
  bool done;

  SINTER_DEVICE ScalarSource(const AttentionArgs& args, const Item& item, int32_t begin, int32_t end)
      : args(args), item(item), begin(begin), end(end), done(begin >= end) {
    const int32_t head = kKeys ? item.head * args.group : item.head;
    step = {0, 0, begin, head};
    last_head = kKeys ? head + args.group - 1 : head;
  }
  SINTER_DEVICE int32_t column() const { return item.slice * kChunks * kScalarColumns; }
  SINTER_DEVICE int32_t wide_end(int32_t phase) const {
    const int32_t width = kForward || (kKeys && phase == 2) ? args.e : args.d;
    return min(width, column() + kChunks * kScalarColumns);
  }
  SINTER_DEVICE void advance() {
    step.at += step.phase < 2 ? kDepth : kScalarColumns;
    int32_t last = step.phase < 2 ? (step.phase == 0 ? args.d : args.e) : wide_end(step.phase);
    // Phases that have no steps are left out.
    while (step.at >= last) {
      step.phase++;
      if (kForward && step.phase == 1) step.phase = 2;
      if (step.phase > (kKeys ? 3 : 2)) return next_tile();
      step.at = step.phase < 2 ? 0 : column();
      last = step.phase < 2 ? args.e : wide_end(step.phase);
    }
  }
  SINTER_DEVICE void next_tile() {
    step.phase = step.at = 0;
    step.other += kRows;
    if (step.other < end) return;
    step.other = begin;
    done = ++step.head > last_head;
  }

  // Copies the step's 16 KiB, two halves: own and other rows where they are deep, else the first and the last other rows. Chunks of
  // 16 bytes are exchanged where they are read across rows.
  SINTER_DEVICE void issue(uint32_t to) const {
    const bool deep = step.phase < 2, second = deep ? step.phase == 1 : kForward || (kKeys && step.phase == 2);
    const int shift = deep ? kDeepShift : kDeepShift + 1;
    const int chunk = static_cast<int>(threadIdx.x) & ((1 << shift) - 1);
    const int row = static_cast<int>(threadIdx.x) >> shift, rows = kThreads >> shift;
#pragma unroll 1
    for (int half = 0; half < 2; half++) {
      const bool keys = kKeys == (deep && half == 0);
      const HeadRows& operand = keys ? (second ? args.v : args.k) : (second ? args.g : args.q);
      const bool whole = args.aligned & (keys ? (second ? kAlignedV : kAlignedK) : (second ? kAlignedG : kAlignedQ));
      const int32_t width = second ? args.e : args.d, all = keys ? item.sequence.s : item.sequence.t;
      const KeyRows<C, kForward> from(args, operand, item.sequence, keys ? step.head / args.group : step.head, keys);
      int32_t first = row;
      if (!deep)
        first += step.other + half * (kRows / 2);
      else
        first += half == 0 ? item.first : step.other;
      const int32_t at = step.at + chunk * kPack;
      const int present = min(max(width - at, 0), kPack);
#pragma unroll
      for (int n = 0; n < 2; n++) {
        const int32_t r = first + n * rows;
        const C* x = present && r < all ? from.at(args, r) : nullptr;
        const int place = deep ? chunk ^ ((row + n * rows) & 7) : chunk;
        const uint32_t mine = to + half * kDeepBytes + ((((row + n * rows) << shift) + place) << 4);
        copy(mine, x ? x + at : from.rows.first, x ? present : 0, whole);
      }
    }
  }
  static SINTER_DEVICE void copy(uint32_t to, const C* from, int present, bool aligned) {
    constexpr int kSize = static_cast<int>(sizeof(C));
    if (aligned) {
      copy_async<16>(to, from, present * kSize);
    } else {
#pragma unroll
      for (int p = 0; p < kPack; p++)
        copy_async<kSize>(to + p * kSize, p < present ? from + p : from, p < present ? kSize : 0);
    }
  }

  // f(step, data) for every step, whose data is there while the next one's comes.
  template <class F>
  SINTER_DEVICE void each_step(const uint8_t* memory, F f) {
    const uint32_t shared = shared_address(memory);
    int stage = 0;
    if (!done) issue(shared);
    copy_async_commit();
    // A warp whose rows are not there only copies.
    const bool idle = item.first + down() / 2 * 2 >= (kKeys ? item.sequence.s : item.sequence.t);
#pragma unroll 1
    while (!done) {
      copy_async_wait<0>();
      // All threads' copies are there, and nobody reads the step before any more.
      __syncthreads();
      const ScalarStep here = step;
      advance();
      const uint8_t* data = memory + stage * kStageBytes;
      stage ^= 1;
      if (!done) issue(shared + stage * kStageBytes);
      copy_async_commit();
      if (!idle) f(here, data);
    }
  }
};

}  // namespace sinter::cuda
