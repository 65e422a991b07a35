// Normalisation of rows: what host and kernels agree on. Place in the whole: norm_rows.cpp launches, norm_rows.cu computes.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kNormThreads = 256;
constexpr int kNormPacks = 4;          // of 16 bytes, kept by a thread between the passes over a row
constexpr int kNormBackwardPacks = 2;  // of each of two operands
constexpr int kNormColumns = 32;       // of a block that sums over rows

// Contiguous operands of x's type; those that are absent are null. V: the type that elements are computed in.
struct NormForward {
  const void *x, *residual, *weight, *bias;
  void *y, *sum, *mean, *rstd;  // sum: x + residual; mean, rstd of V
  int64_t rows, n;
  double eps;
  int32_t members;
};
struct NormBackward {
  const void *g, *x, *mean, *rstd, *weight, *gsum;
  void *gx, *gweight, *gbias;  // gweight, gbias: of dtypes
  void* partial;               // [chunk][1 or 2][n] of V
  int64_t rows, n, chunk;      // chunk: rows of a block that sums
  int32_t members, chunks, weight_dtype, bias_dtype;
};

}  // namespace sinter::cuda
