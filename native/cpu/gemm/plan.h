// A product's plan: where the panels of B come from, what a task makes, what is kept in which cache. Place in the whole: product.cpp runs
// what is planned here. What a measurement chose for a shape (cpu/tuning.h) takes the place of the estimates.
//
// No choice that changes an element's order of additions (slices, pieces) depends on threads, caches or measurements.
#pragma once
#include "cpu/gemm/choice.h"
#include "cpu/gemm/tasks.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kTaskFlops = 5e5;           // a task below this (some 5 us) is not worth a hand-over
constexpr int64_t kPieceTiles = 8;           // C of at most so many 12 x 32 tiles ...
constexpr int64_t kPiece = 2048;             // ... with a k of at least two of these is cut along k
constexpr int64_t kSmallOperand = 16 << 10;  // elements of B: up to here reading it in place is as good as packing
constexpr int64_t kNearOperand = 3 << 20;    // bytes of B: up to here two tiles of rows read it in place as fast
constexpr int64_t kLongDepth = 1024;  // steps of k: beyond, one thread is faster with shared panels than with its own
constexpr int64_t kChunkSlices = 4;   // of B, shared

template <class S>
static Source choose_source(const Product<S>& p) {
  constexpr bool native = sizeof(S) == sizeof(Compute<S>);
  if (p.packed_b) return Source::ready;
  if (native && p.csb == 1 && p.rsb > 0) {
    // Both tiles of few rows read B: from a cache, if it is small; rows of a large one lie so far apart that they meet in few sets.
    const bool near = p.n * p.k * static_cast<int64_t>(sizeof(S)) <= kNearOperand;
    if (p.n * p.k <= kSmallOperand || (p.m <= 2 * kMR && near)) return Source::in_place;
  }
  if (p.m <= kFewRowsToShare) return Source::own;
  // Up to twice as many as long as there are columns or items enough for tasks: no task waits for others' packing then.
  // Where rows are summed the source is part of the order of additions, and does not depend on threads.
  const bool alone = p.k > kLongDepth && pool_threads() == 1 && !p.row_sums;
  if (p.m <= 2 * kFewRowsToShare && ((p.n >= 2 * kFewRowsToShare && !alone) || p.batch.count > 1)) return Source::own;
  return Source::shared;
}

// Sources that a choice may ask for, bit i for Source i. The sums of A's rows are added slice by slice where B is shared, at once
// where it is not: there the source is part of the order of additions.
template <class S>
static unsigned legal_sources(const Product<S>& p, int64_t pieces, Source usual) {
  constexpr bool native = sizeof(S) == sizeof(Compute<S>);
  if (p.packed_b || p.row_sums) return source_bit(usual);
  return source_bit(Source::own) | (pieces == 1 ? source_bit(Source::shared) : 0) |
         (native && p.csb == 1 && p.rsb > 0 ? source_bit(Source::in_place) : 0);
}

template <class S>
static Plan make_plan(const Product<S>& p) {
  using T = Compute<S>;
  constexpr bool native = sizeof(S) == sizeof(T);
  Plan plan{};
  plan.pieces = ceil_div(p.m, 12) * ceil_div(p.n, 32) <= kPieceTiles && p.k >= 2 * kPiece && !p.packed_b
                    ? ceil_div(p.k, kPiece)
                    : 1;
  Source usual = choose_source(p);
  if (plan.pieces > 1 && usual == Source::shared) usual = Source::own;
  const Chosen<S> chosen(p, usual, legal_sources(p, plan.pieces, usual));
  plan.source = chosen.source;
  plan.limit = chosen.limit;
  plan.slices = slices_of<T>(plan.pieces > 1 ? kPiece : p.k);

  const bool macro = plan.source == Source::shared || plan.source == Source::ready;
  Blocks largest, most;  // of the usual choice, and of any
  if (macro) {
    const int64_t slice = plan.slices.depth * static_cast<int64_t>(sizeof(T));
    plan.chunk_slices = plan.source == Source::ready ? plan.slices.count : std::min(plan.slices.count, kChunkSlices);
    plan.chunk_cols = plan.source == Source::ready ? round_up(p.n, kNR<T>)
                                                   : chunk_columns(slice * plan.chunk_slices, p.n, kNR<T>, 512);
    most = {macro_tiles<T>() * kMR, plan.chunk_cols};
    largest = {round_up(ceil_div(p.m, ceil_div(p.m, most.rows)), kMR), plan.chunk_cols};
  } else {
    most = {kMostBlock, kMostBlock};
    largest = {plan.source == Source::own ? std::min(kMostOwnRows, p.m) : std::min(round_up(96, kMR), p.m),
               std::min(l2_columns<T>(), round_up(p.n, kNR<T>))};
  }
  const Work work{(macro ? 1 : p.batch.count) * plan.pieces,
                  p.m,
                  macro ? std::min(plan.chunk_cols, p.n) : p.n,
                  2.0 * static_cast<double>(p.k) / static_cast<double>(plan.pieces),
                  {kMR, kNR<T>},
                  plan.source == Source::own,
                  macro,
                  chosen.threads,
                  kTaskFlops,
                  p.n * p.k * static_cast<int64_t>(sizeof(T))};
  const Blocks blocks = chosen.blocks(cut_for_threads(work, largest), work.tile, most);
  plan.row_block = blocks.rows;
  plan.col_block = blocks.cols;
  plan.row_blocks = ceil_div(p.m, plan.row_block);
  plan.col_blocks = ceil_div(p.n, plan.col_block);
  plan.tasks = work.items * plan.row_blocks * plan.col_blocks;
  plan.grain = macro ? 1 : limited_grain(grain_of(work, blocks, plan.tasks), plan.tasks, plan.limit);
  chosen.tell(blocks, work.tile, plan.tasks);
  if (macro) {
    plan.region = ceil_div(plan.row_block, kMR) * kCopySize<T>;
  } else {
    plan.tile_elements = native ? 0 : plan.row_block * plan.col_block;
    plan.region = plan.tile_elements;
    if (plan.source == Source::own)
      plan.region += plan.slices.depth * plan.col_block;
    else if (p.n % kLanes<T>)
      plan.region += plan.slices.depth * kNR<T>;
  }
  plan.region = round_up(plan.region, 64 / static_cast<int64_t>(sizeof(T)));
  return plan;
}

}  // namespace sinter::cpu::SINTER_ISA
