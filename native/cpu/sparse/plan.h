// The order in which a sparse matrix is multiplied. Place in the whole: lib/sparse/plan.ts makes plans, once a pattern
// and direction; the kernels of this folder read them, and the reference backend does without.
//
// op(S) (rows, depth) is cut into tiles of tile_rows x tile_depth, so that the part of the dense operand that a tile
// needs stays in the first-level cache. A tile is a list of lines. A line of kind 1 is one row and its elements; a line
// of kind 4 is four rows that have elements in the same columns. A run is `run` neighbouring columns, given by the first
// one's offset in the tile; a line has `count` runs, a run has kind * run slots, column by column. slots hold the values
// (order: where each comes from, -1 where there is none). Lines without runs are left out; a line of kind 4 with fewer
// than four rows repeats the row `tile_rows`, whose sums nobody reads.
//
//   words: 16 of header | (tiles + 1) x {first line, first run, first slot} | lines | offsets (u16) | order
//   line of kind 1: row | count << 16;  of kind 4: row0 | row1 << 16, row2 | row3 << 16, count
#pragma once
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

struct Plan {
  int64_t kind, run, rows, depth, tile_rows, tile_depth, row_tiles, depth_tiles, slots;
  const int32_t* tiles;
  const uint32_t* lines;
  const uint16_t* offsets;
  const int32_t* order;

  SINTER_INLINE explicit Plan(const TensorRef& t) {
    const int32_t* w = t.as<int32_t>();
    kind = w[0], run = w[1], rows = w[2], depth = w[3], tile_rows = w[4], tile_depth = w[5];
    row_tiles = (rows + tile_rows - 1) / tile_rows, depth_tiles = (depth + tile_depth - 1) / tile_depth;
    const int64_t count = row_tiles * depth_tiles;
    tiles = w + 16;
    lines = reinterpret_cast<const uint32_t*>(tiles + 3 * (count + 1));
    const int64_t line_words = tiles[3 * count] * (kind == 1 ? 1 : 3), runs = tiles[3 * count + 1];
    slots = tiles[3 * count + 2];
    offsets = reinterpret_cast<const uint16_t*>(lines + line_words);
    order = reinterpret_cast<const int32_t*>(offsets + (runs + 1) / 2 * 2);
    if (t.numel != order + slots - w) fail(ErrorCode::internal, "sparse plan: %lld words", (long long)t.numel);
  }
  SINTER_INLINE int64_t rows_in(int64_t row_tile) const {
    const int64_t left = rows - row_tile * tile_rows;
    return left < tile_rows ? left : tile_rows;
  }
};

// One tile's lists.
struct PlanTile {
  const uint32_t *line, *lines_end;
  const uint16_t* offset;
  int64_t slot;

  SINTER_INLINE PlanTile(const Plan& p, int64_t tile) {
    const int32_t* t = p.tiles + 3 * tile;
    const int64_t words = p.kind == 1 ? 1 : 3;
    line = p.lines + t[0] * words;
    lines_end = p.lines + t[3] * words;
    offset = p.offsets + t[1];
    slot = t[2];
  }
};

}  // namespace sinter::cpu::SINTER_ISA
