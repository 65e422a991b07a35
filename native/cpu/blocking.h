// How products are cut. Place in the whole: gemm/plan.h and gemm/product_bf16.cpp; what depends on the caches' sizes
// and on the number of threads is here, compiled once. No choice made here changes an element's order of additions.
#pragma once
#include <cstdint>

namespace sinter {

constexpr int64_t kFewRowsToShare = 256;  // up to here packing B a task is as good as sharing

// Columns of B, in whole tiles, whose packed slices take that share of L2; column_bytes: of one column's slice.
int64_t columns_in_l2(int64_t column_bytes, int64_t tile, double share);

// Packed tiles of rows that take that share of L2, but no more than `most`.
int64_t tiles_in_l2(int64_t tile_bytes, double share, int64_t most);

// Columns of a chunk that is packed by all threads and stays in their part of L3, in whole steps and at least `least`, but no more
// than cover n.
int64_t chunk_columns(int64_t column_bytes, int64_t n, int64_t step, int64_t least);

// Rows and columns of C that a task makes.
struct Blocks {
  int64_t rows, cols;
};

struct Work {
  int64_t items, m, n;  // matrices C (m, n)
  double flops;         // of one element
  Blocks tile;          // of registers
  bool all_rows;        // a task makes all rows of its columns
  bool rows_first;      // rows are cut before columns: each block of columns reads, or copies, the rows of A again
  int threads;
  double task_flops;    // a task below this (5 to 10 us) is not worth a hand-over
  int64_t b_bytes = 0;  // that every block of rows reads, where rows are cut first
};
// `largest` halved until there are tasks enough for every thread to have several, as long as each is worth it.
Blocks cut_for_threads(const Work& work, Blocks largest);

// Tasks to hand over at once: several where they are small.
int64_t grain_of(const Work& work, const Blocks& blocks, int64_t tasks);

}  // namespace sinter
