// What the kernels of attention and their host sides agree on. Place in the whole: operands.cpp fills it in, scores.cuh reads it;
// what the operators mean is said in native/cpu/attention/problem.h.
//
// A block owns some rows and goes over the others in tiles: over keys where its own are queries (y, gq), over the queries of all heads
// that share k and v where they are keys (gk, gv). So nothing is added by several blocks, and results do not depend on timing.
#pragma once
#include <cstdint>

#include "cuda/kernels/index/index.h"
#include "cuda/kernels/random/stream.h"

namespace sinter::cuda {

// An operand (b, h, rows, width), strides in elements; within a row elements are neighbours.
struct HeadRows {
  void* data;
  int64_t batch, head, row;
};

enum AttentionMask : int32_t { kNoMask, kBooleanMask, kAddedMask };

struct AttentionArgs {
  HeadRows q, k, v, g;  // g: gradient of y
  HeadRows y;           // what is computed: y; gq; gk, with gv beside
  HeadRows gv;
  void* lse;                        // (b, h, t), f32, or f64 for f64
  const void* delta;                // (b, h, t): rowsum(g y)
  int32_t b, h, group, t, s, d, e;  // h of queries, `group` of them for each of keys
  // Blocks: tile of own rows fastest, then slice of the result's columns, part of the keys, head of own rows, batch.
  uint32_t tiles, slices;
  // Of the forward pass: with several parts each has part_keys keys, and y and lse of its own, so far apart, for attention_combine; y is
  // then f32 for halves.
  uint32_t parts;
  int32_t part_keys;
  int64_t part_y, part_lse;
  int32_t aligned;                   // bits kAlignedQ...: 16 bytes divide address and strides
  double scale, cap, unit;           // unit: scale / cap where there is a cap, else scale
  int32_t left, right, first_place;  // first_place: query i stands at key i, not at i + s - t
  int32_t adjusted;                  // there are slopes or a mask
  // Added to scores: strides of (b, h, t, s).
  const void* mask;
  int64_t mask_strides[4];
  int32_t mask_kind;
  int32_t slopes_dtype;  // sinter::DType
  const void* slopes;
  int64_t slope_strides[2];
  // Element (row of the result, key) of dropout is half key % 8 of the random block row * draws + key / 8.
  Stream stream;
  int64_t draws;
  uint32_t threshold;  // 0: no dropout
  double kept;
  // Packed sequences: row r of sequence i at starts[i] + r; `sequences` of them, -1: a batch is a sequence.
  Indices q_starts, k_starts;
  int32_t sequences;
  // Pages: keys j size to (j + 1) size of sequence i are block table[i][j] of the pools k and v. Null: keys lie in rows.
  Indices table, lengths;
  int64_t table_strides[2], length_stride;
  Divisor page;
  int32_t columns;
  int64_t blocks;
  Fault* starts_fault;
  Fault* length_fault;
  Fault* block_fault;
};

constexpr int32_t kAlignedQ = 1, kAlignedK = 2, kAlignedV = 4, kAlignedG = 8;

// ---- f32 and f64 (scalar.cuh)
constexpr int kScalarThreads = 256;
constexpr int kScalarColumns = 64;  // of the result, a chunk
constexpr int kScalarChunks = 2;    // that a block keeps; of what is wider other blocks compute the same weights
template <class C>
constexpr int kScalarRows = sizeof(C) == 4 ? 64 : 32;  // own rows of a block, and other rows of a tile

// ---- bf16 and f16, d and e up to kWidth: 64, 128 or 256 (tensor.cuh, forward.cuh)
constexpr int kTensorThreads = 128;
constexpr int kTensorMostWidth = 256;
// Own rows of a block of the forward pass, as registers allow, and other rows of a tile.
constexpr int forward_rows(int width) { return width == 256 ? 64 : 128; }
constexpr int kTensorTile = 32;
// The queries, and two stages of keys and values.
constexpr int forward_shared(int width) { return (forward_rows(width) + 4 * kTensorTile) * width * 2; }

// Of the backward pass: own rows and other rows of a tile; two operands of own rows, two stages of two of others, and for blocks that
// own keys two stages of the queries' lse and delta.
constexpr int backward_rows(int width, bool keys) { return width == 64 || (width == 128 && !keys) ? 128 : 64; }
constexpr int backward_tile(int width) { return width == 256 ? 16 : 32; }
constexpr int backward_shared(int width, bool keys) {
  const int tile = backward_tile(width);
  return (2 * backward_rows(width, keys) + 4 * tile) * width * 2 + 4 * tile * 4;
}

}  // namespace sinter::cuda
