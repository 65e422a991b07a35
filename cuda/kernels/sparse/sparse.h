// What the kernels of sparse matrices and their host side agree on. Place in the whole: native/ops.def has the formats.
//
// op(S) (rows, depth) is read as rows of blocks, `tall` rows by `long` columns: CSR and 2:4 have blocks of one element. A product with
// S itself goes by the pattern, one with its transpose by a plan, which on a device is what the pattern is for S (lib/sparse/plan.ts):
//   pointers (rows of blocks + 1) | columns of blocks | which block of S each one is (CSR, 2:4: which value)
// There are less than 2^31 values, rows and columns.
#pragma once
#include <cstdint>

namespace sinter::cuda {

struct SparsePattern {
  const int32_t* pointers;  // null: 2:4, whose rows have `width` values
  const int32_t* columns;   // 2:4: words of positions, `words` a row
  int32_t rows, depth;
  int32_t width, words;
  int32_t tall_shift, long_shift;
};

// Numbers of any of the types f32, f64, bf16, f16, i8; null: there are none.
struct Numbers {
  const void* data;
  int32_t type;  // DType's number
};

// y[r, j] = activation(scale[r] * sum over op(S)'s row r of value * dense[column, j] + bias[r])
struct SparseProduct {
  SparsePattern s;
  Numbers values;       // blocks row-major, in the order of op(S)
  const float* scales;  // null: there are none
  Numbers bias;
  const void* dense;
  void* y;
  int64_t n;
  int64_t dense_row, dense_column;  // steps in elements; many columns: rows of whole packs, at multiples of 16 bytes
  int64_t y_row, y_column;
  int32_t activation;
  // Lanes that have a row. Few columns: 2^lanes_shift, at least as many as columns. Many: `lanes`. In blocks of 16 rows: 2^lanes_shift
  // warps of a block of threads share a row of blocks.
  int32_t lanes_shift, lanes;
  uint32_t row_blocks;
};

// packed = S's values in the transpose's order, times the factors of S's rows.
struct SparsePacking {
  Numbers values;
  const float* scales;  // null: there are none
  const int32_t* columns;
  const int32_t* order;
  void* packed;
  int32_t slots;
  int32_t rows;  // of S, as far as it has scales
  int32_t tall_shift, long_shift;
};

// values[e] = sum over j of a[row of e, j] b[column of e, j], 0 for what lies beyond the matrix. Rows of a and b are whole packs at
// multiples of 16 bytes, filled up with zeros.
struct SparseSampling {
  SparsePattern s;
  const void* a;
  const void* b;
  void* values;
  int64_t n, a_row, b_row;
  int32_t count;
};

constexpr int kSparseThreads = 256;
constexpr int kSparseFewColumns = 8;
constexpr int kTallThreads = 128;
constexpr int kTallColumns = 64;  // of y that a warp of sparse_tall has
constexpr int kSampledLanes = 8;  // have an element's sum
constexpr int kSampledRun = 4;    // neighbouring values that a group of lanes has: their row is looked for once

}  // namespace sinter::cuda
