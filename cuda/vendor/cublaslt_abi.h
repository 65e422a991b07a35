// cuBLASLt's types and numbers, as far as they are used. Place in the whole: below cublaslt.h; nothing of the build includes a header of
// the library, so facts of its ABI stand here once, as cublasLt.h, cublas_api.h and library_types.h of CUDA 12.6 have them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "cuda/runtime/abi.h"

namespace sinter::cuda {

using LtHandle = struct LtContext*;
using LtLayout = struct LtLayoutHandle*;
using LtOperation = struct LtOperationHandle*;
using LtPreference = struct LtPreferenceHandle*;

enum class LtStatus : int {
  success = 0,
  not_initialized = 1,
  alloc_failed = 3,
  invalid_value = 7,
  arch_mismatch = 8,
  execution_failed = 13,
  internal_error = 14,
  not_supported = 15,
};
enum class LtType : int { f32 = 0, f64 = 1, f16 = 2, bf16 = 14 };        // cudaDataType
enum class LtCompute : int { f32 = 68, f64 = 70, f32_fast_tf32 = 77 };   // cublasComputeType_t
enum class LtLayoutAttribute : int { batch_count = 5, batch_step = 6 };  // int32, int64
enum class LtOperationAttribute : int {
  transpose_a = 3,
  transpose_b = 4,
  epilogue = 7,
  bias = 8
};  // int32 twice, uint32, pointer
enum class LtPreferenceAttribute : int {
  workspace = 1,         // uint64, bytes at most
  reduction_scheme = 3,  // uint32, a mask
  align_a = 5,           // uint32, bytes; and the next three
  align_b = 6,
  align_c = 7,
  align_d = 8,
};
constexpr int32_t kLtKeep = 0, kLtTranspose = 1;              // cublasOperation_t
constexpr uint32_t kLtEpilogueNone = 1, kLtEpilogueBias = 4;  // cublasLtEpilogue_t
// cublasLtReductionScheme_t: parts of k are summed in the computing type, not in the result's, or there are none.
constexpr uint32_t kLtReduceInComputeType = 2;

struct LtAlgorithm {
  uint64_t data[8];
};
struct LtHeuristic {
  LtAlgorithm algorithm;
  size_t workspace;
  LtStatus state;
  float waves;
  int reserved[4];
};
static_assert(sizeof(LtHeuristic) == 96);

}  // namespace sinter::cuda
