// Products of bytes: what gemm_bytes.cu and bytes.cpp agree on. Place in the whole: see bytes.cpp.
//
// Both operands lie along k at multiples of 16 bytes. Sums are of what the bytes are; zero points come in afterwards:
//   sum (a - za) (b - zb) = sum a b - za sum b - zb sum a + k za zb, modulo 2^32.
#pragma once
#include "cuda/kernels/gemm/gemm.h"

namespace sinter::cuda {

// Zero points of rows (or of columns): `values` or, without, `value` for all; and the sums of the operand's rows along k, which the
// other side's zero points are multiplied with.
struct ByteZeros {
  const int32_t* values;
  int64_t step;
  int32_t value;
  const int32_t* sums;      // null: the other side has no zero points
  int64_t sums_of_an_item;  // 0: the same for all items
};

enum class ByteResult : int32_t { i32, f32, bf16, u8, i8 };

// i32: the sum. Others: activation(sum * (row scale * column scale) + bias), and of that as bytes round(x * inverse) + zero, saturated.
struct ByteEpilogue {
  ByteZeros a, b;
  ByteResult result;
  int32_t k;
  const float* row_scales;  // null: row_scale
  float row_scale;
  const float* column_scales;
  int64_t column_step;
  const void* bias;  // null, or of f32 (bf16 where the result is)
  int32_t bias_is_bf16;
  int32_t activation;
  float inverse, low, high;
  int32_t zero;
};
struct ByteArgs {
  GemmArgs product;
  ByteEpilogue then;
};

// Sums of rows along k, of `items` operands: one warp a row.
constexpr int kByteSumThreads = 256;
struct ByteSumArgs {
  const void* data;
  int32_t* sums;  // (items, rows)
  int64_t rows, k, ld;
  uint32_t items;
  int32_t batch_rank;
  uint32_t batch_dims[kGemmBatchRank];
  int64_t strides[kGemmBatchRank];
};

constexpr int kQuantizeThreads = 256;

}  // namespace sinter::cuda
