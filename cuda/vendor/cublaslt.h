// NVIDIA's cuBLASLt, where it is installed. Place in the whole: a second way to compute a product (cuda/kernels/gemm/by_library.cpp);
// without it everything is computed by kernels of our own. choices.h says which products it gets.
#pragma once
#include <string>

#include "cuda/runtime/launch.h"
#include "cuda/vendor/choices.h"
#include "cuda/vendor/cublaslt_abi.h"

namespace sinter::cuda {

// Opened on first use, at most once a process: libcublasLt.so.13 where the driver can run it, or .12, or what SINTER_CUBLASLT names.
struct LtLibrary {
#define LT(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "cuda/vendor/cublaslt.def"
#undef LT
  std::string missing;  // why it is not there; empty: it is
  size_t version = 0;   // 120604: 12.6.4; 0: not there
};
const LtLibrary& lt_library();

// Column-major matrices. An operand lies as (n, k) or (k, m) where it is `transposed`; steps are elements to the batch's next matrix.
struct LtMatrix {
  const void* data = nullptr;
  bool transposed = false;
  int64_t ld = 0, step = 0;
};
// d (m, n) = alpha op(a) op(b) + bias (m) + c; c and d lie alike, c is absent, another tensor, or d.
struct LtProduct {
  DType dtype = DType::f32, result = DType::f32;  // of a and b, of c and d
  bool tf32 = false;                              // f32 may be rounded to it
  int64_t m = 0, n = 0, k = 0, batch = 1;
  LtMatrix a, b;
  const void* bias = nullptr;
  const void* c = nullptr;
  void* d = nullptr;
  int64_t d_step = 0;
  double alpha = 1;
};

// Queues the product on the call's queue, by the library's algorithm of that number, or its first where it names fewer. False: nothing
// was queued, as the library is not there, does not take the product (which is said once a process), or memory is short.
bool lt_multiply(const Call& call, const LtProduct& product, int algorithm);
// How many algorithms the library named for the product; 0: none, or it was not asked yet.
int lt_algorithms(const Call& call, const LtProduct& product);

}  // namespace sinter::cuda
