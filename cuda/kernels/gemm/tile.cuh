// Tiles of operands in shared memory. Place in the whole: how every tiled product's kernel reads global memory, whatever it computes with.
//
// A tile is kRows of the operand's m (or n) by 64 bytes of k. Deep operands lie in it as in memory, a row of k in 64 bytes; wide
// ones as rows of m, one for each k. Either way in chunks of 16 bytes, exchanged so that the eight that are read at a time are in
// eight different places of the 128 bytes that a cycle gives:
//   deep: chunk c of row r at c ^ (r / 2 % 4)
//   wide, 16-bit elements: chunk c of row k at c ^ (k % 8)
//   wide, 64-bit elements, which are read four rows by four numbers at a time: chunk c of row k at c ^ (2 (k % 4))
//   wide, 32-bit elements are read along the row, and lie as they are.
// What is beyond the operand's edge becomes 0, also along k.
#pragma once
#include "cuda/kernels/gemm/finish.cuh"
#include "cuda/kernels/ptx.cuh"

namespace sinter::cuda {

// A part of an operand as a block sees it.
template <class S>
struct Edge {
  const S* from;  // first element of the tile's first row at the first k
  int64_t ld;
  int rows;   // that there are from there on, at most the tile's
  int depth;  // of k
  int align;
};

// kAny: `align` may be less than 16, down to an element.
template <class S, int kRows, int kThreads, bool kDeep, bool kAny>
struct Tile {
  static constexpr int kPack = 16 / static_cast<int>(sizeof(S));
  static constexpr int kDepth = kGemmStepBytes / static_cast<int>(sizeof(S));
  static constexpr int kBytes = kRows * kGemmStepBytes;
  static constexpr int kRowBytes = kDeep ? kGemmStepBytes : kRows * static_cast<int>(sizeof(S));
  static constexpr int kPerRow = kRowBytes / 16;
  static constexpr int kRowStep = kThreads / kPerRow;  // rows of the tile that all threads together take at a time
  static constexpr int kCopies = kBytes / 16 / kThreads;
  static_assert(kThreads % kPerRow == 0 && kRowStep % 8 == 0 || (!kDeep && sizeof(S) == 4) ||
                    (!kDeep && sizeof(S) == 8 && kRowStep % 4 == 0),
                "the exchange is one for all copies");
  static_assert(kCopies * kThreads * 16 == kBytes);

  // Chunk c of row r, in bytes from the tile's start.
  static SINTER_DEVICE uint32_t place(int r, int c) {
    if constexpr (kDeep)
      return r * kRowBytes + ((c ^ (r >> 1 & 3)) << 4);
    else if constexpr (sizeof(S) == 2)
      return r * kRowBytes + ((c ^ (r & 7)) << 4);
    else if constexpr (sizeof(S) == 8)
      return r * kRowBytes + ((c ^ (r & 3) << 1) << 4);
    else
      return r * kRowBytes + (c << 4);
  }

  // Starts to copy what begins at `k` to the tile at `to`.
  static SINTER_DEVICE void load(const Edge<S>& edge, int k, uint32_t to) {
    const int chunk = threadIdx.x % kPerRow, row = threadIdx.x / kPerRow;
    to += place(row, chunk);
    if constexpr (kDeep) {
      const int left = min(max(edge.depth - k - chunk * kPack, 0), kPack);
      const S* from = edge.from + row * edge.ld + (k + chunk * kPack);
#pragma unroll
      for (int i = 0; i < kCopies; i++) {
        copy(edge, from, row + i * kRowStep < edge.rows ? left : 0, to + i * kRowStep * kRowBytes);
        from += kRowStep * edge.ld;
      }
    } else {
      const int left = min(max(edge.rows - chunk * kPack, 0), kPack);
      const S* from = edge.from + (k + row) * edge.ld + chunk * kPack;
#pragma unroll
      for (int i = 0; i < kCopies; i++) {
        copy(edge, from, k + row + i * kRowStep < edge.depth ? left : 0, to + i * kRowStep * kRowBytes);
        from += kRowStep * edge.ld;
      }
    }
  }

 private:
  // One chunk, of which `present` elements are there.
  static SINTER_DEVICE void copy(const Edge<S>& edge, const S* from, int present, uint32_t to) {
    constexpr int kSize = static_cast<int>(sizeof(S));
    if constexpr (!kAny) {
      copy_async<16>(to, present ? from : edge.from, present * kSize);
    } else {
      if (edge.align == 16)
        copy_async<16>(to, present ? from : edge.from, present * kSize);
      else if (edge.align == 8)
        pieces<8>(edge, from, present, to);
      else if (edge.align == 4)
        pieces<4>(edge, from, present, to);
      else if constexpr (kSize == 2)
        elements(from, present, to);
    }
  }
  template <int kPiece>
  static SINTER_DEVICE void pieces(const Edge<S>& edge, const S* from, int present, uint32_t to) {
    constexpr int kSize = static_cast<int>(sizeof(S)), kElements = kPiece / kSize;
    if constexpr (kElements > 0) {
#pragma unroll
      for (int p = 0; p < 16 / kPiece; p++) {
        const int mine = min(max(present - p * kElements, 0), kElements);
        copy_async<kPiece>(to + p * kPiece, mine ? from + p * kElements : edge.from, mine * kSize);
      }
    }
  }
  // No cp.async is that small: through registers.
  static SINTER_DEVICE void elements(const S* from, int present, uint32_t to) {
    Pack<S, kPack> pack;
#pragma unroll
    for (int e = 0; e < kPack; e++) pack.at[e] = e < present ? from[e] : narrow<S>(0.f);
    *static_cast<uint4*>(__cvta_shared_to_generic(to)) = pack.word;
  }
};

// Column after column of at most kBand tiles, so that blocks that run together share operands in L2.
constexpr uint32_t kBand = 8;
struct TileAt {
  uint32_t row, column;
};
SINTER_DEVICE TileAt tile_at(uint32_t tile, uint32_t rows, uint32_t columns) {
  const uint32_t band = tile / (kBand * columns), in_band = tile - band * (kBand * columns);
  const uint32_t height = min(rows - band * kBand, kBand);
  return {band * kBand + in_band % height, in_band / height};
}

// What a block computes, in few registers: those of the sums are needed meanwhile.
struct Place {
  TileAt tile;
  uint32_t item, part;
  int entry;  // of the table
};
template <class S>
struct Work {
  Edge<S> a, b;
  Place place;
};

SINTER_DEVICE GemmProblem problem_of(const GemmArgs& args, const Place& place) {
  if (args.table) return args.table[place.entry];
  return args.one;
}

// This block's; false: there is none.
template <class S, int kRows, int kColumns, bool kDeepA, bool kDeepB>
SINTER_DEVICE bool find_work(const GemmArgs& args, Work<S>& work) {
  uint32_t tile = blockIdx.x;
  Place& place = work.place;
  place = {{0, 0}, 0, 0, 0};
  if (args.table) {
    // The last product that begins at or before this tile.
    if (tile >= args.table[args.table_size].first_tile) return false;
    int high = args.table_size;
    while (high - place.entry > 1) {
      const int middle = (place.entry + high) / 2;
      if (args.table[middle].first_tile <= tile)
        place.entry = middle;
      else
        high = middle;
    }
    tile -= args.table[place.entry].first_tile;
  } else {
    const uint32_t rest = tile / args.tiles;
    tile -= rest * args.tiles;
    place.item = rest / args.parts;
    place.part = rest - place.item * args.parts;
  }
  const GemmProblem problem = problem_of(args, place);
  const S* a = static_cast<const S*>(problem.a);
  const S* b = static_cast<const S*>(problem.b);
  uint32_t i = place.item;
#pragma unroll 1
  for (int d = 0; d < args.batch_rank; d++) {
    const uint32_t next = i / args.batch_dims[d], at = i - next * args.batch_dims[d];
    a += at * args.a_strides[d];
    b += at * args.b_strides[d];
    i = next;
  }
  place.tile = tile_at(tile, static_cast<uint32_t>((problem.m + kRows - 1) / kRows),
                       static_cast<uint32_t>((problem.n + kColumns - 1) / kColumns));
  const int64_t row = int64_t{place.tile.row} * kRows, column = int64_t{place.tile.column} * kColumns;
  const int64_t k = int64_t{place.part} * args.part_depth;
  const int depth = static_cast<int>(args.parts > 1 ? min(problem.k - k, int64_t{args.part_depth}) : problem.k);
  work.a = {a + (kDeepA ? row * problem.lda + k : k * problem.lda + row), problem.lda,
            static_cast<int>(min(problem.m - row, int64_t{kRows})), depth, args.align_a};
  work.b = {b + (kDeepB ? column * problem.ldb + k : k * problem.ldb + column), problem.ldb,
            static_cast<int>(min(problem.n - column, int64_t{kColumns})), depth, args.align_b};
  return true;
}

// Where the sums go.
template <class S, int kRows, int kColumns>
SINTER_DEVICE Target<S> target_of(const GemmArgs& args, const Place& place) {
  const GemmProblem problem = problem_of(args, place);
  Compute<S>* partial = nullptr;
  if (args.parts > 1)
    partial = static_cast<Compute<S>*>(args.partial) +
              (int64_t{place.part} * args.items + place.item) * problem.m * problem.n;
  return {static_cast<S*>(problem.y),
          partial,
          int64_t{place.tile.row} * kRows,
          int64_t{place.tile.column} * kColumns,
          problem.m,
          problem.n,
          place.item * problem.m};
}

// use(stage) for every step, whose copies have landed there, while those of the next kStages - 1 are under way: fetch(step, stage) issues
// a step's. `use` reads shared memory as it is addressed by pointers, `fetch` writes it by addresses.
template <int kStages, int kStageBytes, class Fetch, class Use>
SINTER_DEVICE void each_stage(const uint8_t* memory, int steps, const Fetch& fetch, const Use& use) {
  const uint32_t shared = shared_address(memory);
  const auto issue = [&](int step, int stage) {
    if (step < steps) fetch(step, shared + stage * kStageBytes);
    copy_async_commit();  // empty at the end: groups are counted
  };
#pragma unroll
  for (int s = 0; s < kStages - 1; s++) issue(s, s);
  int full = 0, free = kStages - 1;
#pragma unroll 1
  for (int step = 0; step < steps; step++) {
    copy_async_wait<kStages - 2>();
    // All threads' copies of this stage are there, and nobody reads the one before any more.
    __syncthreads();
    issue(step + kStages - 1, free);
    use(memory + full * kStageBytes);
    free = full;
    full = full + 1 == kStages ? 0 : full + 1;
  }
  copy_async_wait<0>();
}

}  // namespace sinter::cuda
