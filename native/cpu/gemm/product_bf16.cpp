// Blocked, parallel products of bf16. Place in the whole: product.cpp's counterpart where the processor has AVX512-BF16 or AMX.
//
// Sums are f32 and rounded once. k is cut into slices of kDepth, whose sums are added in order: an element's value depends on k
// alone, not on the tile it falls in nor on the threads. Subnormals count as zero (pairs.h). A tile's epilogue is computed from its
// sums as soon as they are complete, while they are in L1.
#include "cpu/gemm/product_bf16.h"

#include <algorithm>

#include "cpu/blocking.h"
#include "cpu/gemm/choice.h"
#include "cpu/gemm/matrix_tile.h"
#include "cpu/gemm/slots.h"
#include "cpu/gemm/tasks.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// Of a slice: as many bytes as one of f32, or so that both operands of a unit's tile and its sums fit L1.
constexpr int64_t kDepth = kMatrixUnit ? 256 : 2 * kKC;
constexpr int64_t kSlicePairs = kDepth / 2;
constexpr int64_t kRowBlock = kMatrixUnit ? 192 : 96;   // of a task
constexpr int64_t kChunkDepth = 4 * kDepth;             // of B, shared
constexpr double kTaskFlops = kMatrixUnit ? 1e7 : 2e6;  // a task below this (some 10 us) is not worth a hand-over
constexpr int64_t kWideTile = kPairRows * kColumns;     // elements
constexpr int64_t kStackWords = 8192;                   // a small product does not ask the engine

// B (k, n), or a part of it, packed: its slices one after the other, each as panels of columns.
struct PackedPairs {
  const uint32_t* words;
  int64_t k, padded;  // padded: its columns, whole panels
  SINTER_INLINE int64_t slices() const { return ceil_div(k, kDepth); }
  SINTER_INLINE int64_t depth(int64_t q) const { return std::min(kDepth, k - q * kDepth); }
  SINTER_INLINE int64_t at(int64_t q, int64_t j) const { return q * kSlicePairs * padded + j * padded_pairs(depth(q)); }
};

// A task's tiles of C that are not finished. One at [0] will do where each is finished at once.
SINTER_INLINE int64_t wide_elements(int64_t m, int64_t n, int64_t k) {
  return k <= kDepth ? kWideTile : ceil_div(m, kPairRows) * ceil_div(n, kColumns) * kWideTile;
}

// C rows i0 .. i0 + m, columns j0 .. j0 + n of an item, over k steps (at most kDepth) from `a` on.
struct Slice {
  int64_t item, i0, m, j0, n, k;
  const bf16* a;           // of row i0
  const uint32_t* panels;  // ceil(n / kColumns) panels of (pairs, kColumns)
  float* wide;             // tile (i, p) at (i * wide_panels + p) * kWideTile; with wide_panels 0 the same for all
  int64_t wide_panels;
  bool first, last;
};

void slice_product(const Product<bf16>& p, const Slice& s) {
  const int64_t pairs = padded_pairs(s.k), panels = ceil_div(s.n, kColumns);
  const PairRows tiles(s.m);
  bf16* c = p.c + s.item * p.batch_c + s.i0 * p.ldc + s.j0;
  const bool then = s.last && p.then;
  if (p.row_sums && s.j0 == 0) add_row_sums(s.a, p.rsa, p.csa, s.m, s.k, p.row_sums + s.i0);
  alignas(64) uint32_t a[kPairRows * kSlicePairs];
  const MatrixUnit unit;
  PairTile tile;
  tile.pairs = pairs;
  tile.a = a;
  tile.ldc = p.ldc;
  tile.first = s.first;
  tile.finished = s.last && !p.then;
  for (int64_t i = 0; i < tiles.count; i++) {
    const RowTile r = tiles[i];
    tile.rows = r.rows;
    pack_rows(s.a + r.first * p.rsa, p.rsa, p.csa, s.k, r.rows, a);
    for (int64_t q = 0; q < panels; q++) {
      tile.b = s.panels + q * pairs * kColumns;
      tile.wide = s.wide + (s.wide_panels ? i * s.wide_panels + q : 0) * kWideTile;
      tile.c = c + r.first * p.ldc + q * kColumns;
      tile.cols = static_cast<int>(std::min<int64_t>(s.n - q * kColumns, kColumns));
      tile.bias = p.col_bias ? p.col_bias + s.j0 + q * kColumns : nullptr;
      multiply_tile(tile);
      if (!then) continue;
      finish_block(*p.then, s.item * p.m + s.i0 + r.first, s.j0 + q * kColumns, r.rows, tile.cols, p.n, tile.wide,
                   kColumns);
      for (int64_t row = 0; row < r.rows; row++)
        for (int j = 0; j < tile.cols; j += kLanes<float>)
          store_rounded(tile.c + row * p.ldc + j, load(tile.wide + row * kColumns + j), lanes_of(tile.cols - j));
    }
  }
}

// A task that packs its own slices of B.
void own_task(const Product<bf16>& p, int64_t item, int64_t i0, int64_t m, int64_t j0, int64_t n, uint32_t* region) {
  const Batch::Offsets o = p.batch.offsets(item);
  float* wide = reinterpret_cast<float*>(region);
  uint32_t* panels = region + wide_elements(m, n, p.k);
  int64_t k0 = 0;
  do {
    const int64_t k = std::min(kDepth, p.k - k0);
    pack_columns_paired(p.b + o.b + k0 * p.rsb + j0 * p.csb, p.rsb, p.csb, k, n, panels);
    slice_product(p, {item, i0, m, j0, n, k, p.a + o.a + i0 * p.rsa + k0 * p.csa, panels, wide,
                      p.k > kDepth ? ceil_div(n, kColumns) : 0, k0 == 0, k0 + k == p.k});
    k0 += k;
  } while (k0 < p.k);
}

Work work_of(const Product<bf16>& p, int64_t items, bool all_rows, int threads) {
  return {items, p.m, p.n, 2.0 * static_cast<double>(p.k), {kPairRows, kColumns}, all_rows, false, threads, kTaskFlops};
}
Blocks blocks_of(const Chosen<bf16>& chosen, const Work& work) {
  const Blocks largest{std::min(work.all_rows ? kMostOwnRows : kRowBlock, work.m),
                       std::min(pair_columns(), round_up(work.n, kColumns))};
  return chosen.blocks(cut_for_threads(work, largest), work.tile, {kMostBlock, kMostBlock});
}

// Each task packs what it needs of B.
void run_own(const Call& call, const Product<bf16>& p, const Chosen<bf16>& chosen) {
  const Work work = work_of(p, p.batch.count, true, chosen.threads);
  const Blocks blocks = blocks_of(chosen, work);
  const int64_t row_blocks = ceil_div(p.m, blocks.rows), col_blocks = ceil_div(p.n, blocks.cols);
  const int64_t tasks = p.batch.count * row_blocks * col_blocks;
  const int64_t grain = limited_grain(grain_of(work, blocks, tasks), tasks, chosen.limit);
  const int64_t words = region_words(blocks.rows, blocks.cols, p.k);
  chosen.tell(blocks, work.tile, tasks);
  Slots slots(ceil_div(tasks, grain));
  const auto run = [&](uint32_t* regions) __attribute__((always_inline)) {
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      const int slot = slots.take();
      for (int64_t t = begin; t < end; t++) {
        const int64_t j0 = t % col_blocks * blocks.cols, i0 = t / col_blocks % row_blocks * blocks.rows;
        own_task(p, t / col_blocks / row_blocks, i0, std::min(blocks.rows, p.m - i0), j0,
                 std::min(blocks.cols, p.n - j0), regions + slot * words);
      }
      slots.give(slot);
    });
  };
  if (slots.count() * words <= kStackWords) {
    alignas(64) uint32_t regions[kStackWords];
    run(regions);
  } else {
    run(call.scratch_of<uint32_t>(slots.count() * words));
  }
}

// A part of B by all threads, one group of columns of a slice a task.
void pack_part(const bf16* b, int64_t rsb, int64_t csb, int64_t n, const PackedPairs& to, uint32_t* words, int limit) {
  const int64_t groups = ceil_div(n, kPackGroup), tasks = to.slices() * groups;
  parallel_for(tasks, limited_grain(1, tasks, limit), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t q = t / groups, j = t % groups * kPackGroup;
      pack_columns_paired(b + q * kDepth * rsb + j * csb, rsb, csb, to.depth(q), std::min(kPackGroup, n - j),
                          words + to.at(q, j));
    }
  });
}

// Where tasks keep tiles that are not finished: one region a task at work, or, where other parts of k are to come after all tasks of
// this one, one for each.
struct WideTiles {
  float* first;
  int64_t elements;  // of a region
  bool kept;
};

// All tasks of a part of B: columns j0 .. j0 + n of an item, k steps from k0 on.
void multiply_part(const Product<bf16>& p, const Blocks& blocks, int64_t item, int64_t j0, int64_t n, int64_t k0,
                   const PackedPairs& part, const WideTiles& wide, Slots& slots, int limit) {
  const Batch::Offsets o = p.batch.offsets(item);
  const int64_t col_blocks = ceil_div(n, blocks.cols), tasks = ceil_div(p.m, blocks.rows) * col_blocks;
  parallel_for(tasks, limited_grain(1, tasks, limit), [&](int64_t begin, int64_t end) {
    const int slot = slots.take();
    for (int64_t t = begin; t < end; t++) {
      const int64_t i0 = t / col_blocks * blocks.rows, j = t % col_blocks * blocks.cols;
      const int64_t rows = std::min(blocks.rows, p.m - i0), cols = std::min(blocks.cols, n - j);
      float* tiles = wide.first + (wide.kept ? t : slot) * wide.elements;
      for (int64_t q = 0; q < part.slices(); q++) {
        const int64_t kk = k0 + q * kDepth, depth = part.depth(q);
        slice_product(
            p, {item, i0, rows, j0 + j, cols, depth, p.a + o.a + i0 * p.rsa + kk * p.csa, part.words + part.at(q, j),
                tiles, p.k > kDepth ? ceil_div(blocks.cols, kColumns) : 0, kk == 0, kk + depth == p.k});
      }
    }
    slots.give(slot);
  });
}

// Parts of B are packed by all threads, then used by all tasks.
void run_shared(const Call& call, const Product<bf16>& p, const Chosen<bf16>& chosen) {
  const Work work = work_of(p, 1, false, chosen.threads);
  const Blocks blocks = blocks_of(chosen, work);
  const int64_t row_blocks = ceil_div(p.m, blocks.rows);
  chosen.tell(blocks, work.tile, row_blocks * ceil_div(p.n, blocks.cols));
  WideTiles wide{nullptr, wide_elements(blocks.rows, blocks.cols, p.k), false};
  if (p.packed_b) {
    Slots slots(row_blocks * ceil_div(p.n, blocks.cols));
    wide.first = call.scratch_of<float>(slots.count() * wide.elements);
    const PackedPairs whole{reinterpret_cast<const uint32_t*>(p.packed_b), p.k, round_up(p.n, kColumns)};
    return multiply_part(p, blocks, 0, 0, p.n, 0, whole, wide, slots, chosen.limit);
  }
  const int64_t depth = std::min(p.k, kChunkDepth);
  const int64_t cols = chunk_columns(depth * static_cast<int64_t>(sizeof(bf16)), p.n, blocks.cols, blocks.cols);
  const int64_t tasks = row_blocks * ceil_div(cols, blocks.cols);
  Slots slots(tasks);
  wide.kept = depth < p.k;
  wide.first = call.scratch_of<float>((wide.kept ? tasks : slots.count()) * wide.elements);
  uint32_t* words = call.scratch_of<uint32_t>(padded_pairs(depth) * cols);
  for (int64_t item = 0; item < p.batch.count; item++) {
    const bf16* b = p.b + p.batch.offsets(item).b;
    for (int64_t j0 = 0; j0 < p.n; j0 += cols) {
      const int64_t n = std::min(cols, p.n - j0);
      for (int64_t k0 = 0; k0 < p.k; k0 += depth) {
        const PackedPairs part{words, std::min(depth, p.k - k0), round_up(n, kColumns)};
        pack_part(b + k0 * p.rsb + j0 * p.csb, p.rsb, p.csb, n, part, words, chosen.limit);
        multiply_part(p, blocks, item, j0, n, k0, part, wide, slots, chosen.limit);
      }
    }
  }
}

}  // namespace

int64_t pair_columns() { return columns_in_l2(kDepth * static_cast<int64_t>(sizeof(bf16)), kColumns, 0.75); }

int64_t packed_words(int64_t k, int64_t n) {
  return (k / kDepth * kSlicePairs + padded_pairs(k % kDepth)) * round_up(n, kColumns);
}

void pack_whole_pairs(const bf16* b, int64_t rsb, int64_t csb, int64_t k, int64_t n, uint32_t* packed) {
  pack_part(b, rsb, csb, n, {packed, k, round_up(n, kColumns)}, packed, 0);
}

int64_t region_words(int64_t m, int64_t n, int64_t k) {
  return round_up(wide_elements(m, n, k) + padded_pairs(std::min(k, kDepth)) * round_up(n, kColumns), 16);
}

void run_pairs_task(const Product<bf16>& p, int64_t i0, int64_t m, int64_t j0, int64_t n, uint32_t* region) {
  own_task(p, 0, i0, m, j0, n, region);
}

void run_pairs(const Call& call, const Product<bf16>& p) {
  if (p.row_sums) std::fill_n(p.row_sums, p.m, 0.f);
  // Items of a batch that are large products by themselves share their panels one item at a time.
  const bool large = p.m > 2 * kFewRowsToShare || (p.m > kFewRowsToShare && p.n > 4 * kFewRowsToShare);
  const bool shared = large || (p.m > kFewRowsToShare && p.batch.count == 1);
  const Source usual = p.packed_b ? Source::ready : shared ? Source::shared : Source::own;
  const Chosen<bf16> chosen(p, usual,
                            p.packed_b ? source_bit(usual) : source_bit(Source::own) | source_bit(Source::shared));
  if (chosen.source == Source::own)
    run_own(call, p, chosen);
  else
    run_shared(call, p, chosen);
}

}  // namespace sinter::cpu::SINTER_ISA
