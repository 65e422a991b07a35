// Products of integers and complex numbers: what gemm_plain.cu and plain.cpp agree on. Place in the whole: see gemm_plain.cu.
#pragma once
#include "cuda/kernels/gemm/gemm.h"

namespace sinter::cuda {

constexpr int kPlainTile = 32;
constexpr int kPlainThreads = 256;

struct PlainArgs {
  const void* a;
  const void* b;
  const void* bias;
  void* y;
  int64_t m, n, k, rsa, csa, rsb, csb, bias_stride;
  uint32_t tiles, tiles_across;  // of an item
  int32_t batch_rank;
  uint32_t batch_dims[kGemmBatchRank];  // innermost first
  int64_t a_strides[kGemmBatchRank], b_strides[kGemmBatchRank];
};

}  // namespace sinter::cuda
