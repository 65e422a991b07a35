// What the kernels of matrix products and their host sides agree on. Place in the whole: product.cpp plans and launches, the .cu files
// of this folder compute.
//
// y (m, n) = then(a (m, k) b (k, n)) for each item of a batch, or for each product of a table. An operand is "deep" where its elements
// lie together along k, "wide" where they do along m or n; `lda` and `ldb` are what is from one such run to the next. Deep or wide is a
// matter of the kernel (its name says it), so the other strides are free: negative, zero, anything.
#pragma once
#include <cstdint>

#include "cuda/kernels/random/stream.h"

namespace sinter::cuda {

// dropout(activation(scale * sum + bias[j])) + residual, in f32 or f64, rounded once (native/cpu/gemm/epilogue.h). Element i of the
// whole result is dropped where word i of the stream of engine/philox.h is below `threshold`; 0: dropout is off.
struct GemmEpilogue {
  const void* bias = nullptr;
  int64_t bias_stride = 0;
  const void* residual = nullptr;  // laid out as y; may be y
  double scale = 1, kept = 1;
  uint64_t threshold = 0;
  Stream stream{};
  int32_t activation = 0;
};

struct GemmProblem {
  const void* a = nullptr;
  const void* b = nullptr;
  void* y = nullptr;
  int64_t m = 0, n = 0, k = 0;
  int64_t lda = 0, ldb = 0;
  uint32_t first_tile = 0;  // of a table: rising; the entry after the last has their number
};

constexpr int kGemmBatchRank = 14;

struct GemmArgs {
  GemmProblem one;
  const GemmProblem* table = nullptr;  // on the device, instead of `one`
  int32_t table_size = 0;
  // A block is tile, part of k, item: the tile fastest.
  uint32_t tiles = 1, parts = 1;
  int32_t part_depth = 0;   // k of a part: a multiple of every kernel's step
  void* partial = nullptr;  // with several parts: (parts, items, m, n) sums in f32 or f64, for gemm_finish
  uint32_t items = 1;
  int32_t batch_rank = 0;
  uint32_t batch_dims[kGemmBatchRank] = {};  // innermost first
  int64_t a_strides[kGemmBatchRank] = {}, b_strides[kGemmBatchRank] = {};
  // Bytes that every run of a or b begins and steps by a multiple of, up to 16: what one copy may take.
  int32_t align_a = 16, align_b = 16;
  int32_t swapped = 0;  // of gemm_vector: y is (n, m)
  GemmEpilogue then;
};

struct Fault;

// expert_table: products whose rows or whose k are the groups of `ends`, a tensor on the device. Steps are bytes.
struct ExpertArgs {
  const void* ends;
  int64_t ends_stride;
  Fault* fault;
  GemmProblem* table;  // groups + 2 entries: the groups, what belongs to none, and the number of tiles
  int32_t groups;
  int32_t weights;  // 0: rows of a and y are grouped, b has a matrix a group; 1: k is grouped, y has a matrix a group
  int64_t rows, n, k;
  const void* a;
  const void* b;
  void* y;
  int64_t lda, ldb;
  int64_t a_step, b_step, y_step;  // of a row that is grouped, or of a group
  uint32_t tile_rows, tiles_across;
};

// ---- tiles, by the rows of a and the columns of b that a block has
constexpr int kGemmStepBytes = 64;   // of k at a time
constexpr int kGemmPartDepth = 128;  // parts of k are multiples of this: of every kernel's step

// gemm_vector: one operand has at most so many rows.
constexpr int kVectorRows = 8;
constexpr int kVectorThreads = 256;
// Deep: rows of the long operand that a warp has, by how many rows the kernel takes of the other.
template <int kRows>
constexpr int kVectorRun = kRows == 8 ? 1 : 2;
constexpr int kFinishThreads = 256;
constexpr int kColumnRows = 128;  // column_sums: rows that a block adds up

}  // namespace sinter::cuda
