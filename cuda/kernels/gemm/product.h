// Products of floating-point matrices, planned and launched. Place in the whole: the operators of this folder say what is multiplied;
// product.cpp chooses kernels, cuts k where there are too few tiles, and copies what no kernel reads in place.
#pragma once
#include "cuda/kernels/gemm/gemm.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// matmul's flags.
constexpr int64_t kTransposeA = 1, kTransposeB = 2, kPacked = 4;

// The batch of a product, outermost first; strides in elements, 0 where an operand is the same for all.
struct ProductBatch {
  int rank = 0;
  int64_t dims[kMaxRank], a_strides[kMaxRank], b_strides[kMaxRank];
  int64_t count() const;
};

// y (items, m, n), contiguous = then(a b), a (m, k) and b (k, n) with any strides.
struct Product {
  DType dtype;
  int64_t m, n, k;
  const void* a;
  int64_t rsa, csa;
  const void* b;
  int64_t rsb, csb;
  void* y;
  ProductBatch batch;
  GemmEpilogue then;
  bool ieee = false;  // whatever cuda.matmulPrecision allows
};

// Of operands of any dtype; without an epilogue. `join`: batches that are rows of one product become that.
Product read_product(const TensorRef& a, const TensorRef& b, const TensorRef& y, int64_t flags, bool join = true);

// f32, f64, bf16, f16.
void run_product(const Call& call, const Product& product);

// y = then(the sum of parts), `rows` rows of n; partial: (parts, rows, n) sums, f64 for f64, else f32.
void finish_parts(const Call& call, DType dtype, const void* partial, void* y, int64_t rows, int64_t n, int64_t parts,
                  const GemmEpilogue& then);

// Integers and complex numbers; with matmul's bias.
void run_plain(const Call& call, const Product& product);

// An operand as kernels take it: `rows` runs along k (deep), or runs of rows, one for each k (wide).
struct Operand {
  const void* data;
  bool deep;
  int64_t ld;
  int align;                  // bytes, 16 at most
  int64_t strides[kMaxRank];  // along the batch
};
// In place where a stride is 1, else copied to scratch; `pack`: also where it is not deep at multiples of 16 bytes.
Operand read_operand(const Call& call, DType dtype, const void* data, int64_t rows, int64_t k, int64_t row_stride,
                     int64_t k_stride, const ProductBatch& batch, const int64_t* batch_strides, bool pack = false);

// The batch as kernels walk it.
void set_batch(GemmArgs& args, const ProductBatch& batch, const Operand& a, const Operand& b);

// y[j] = the sums of x's columns, in f32 for bf16 and f16.
void sum_columns(const Call& call, const TensorRef& x, const TensorRef& y);

}  // namespace sinter::cuda
