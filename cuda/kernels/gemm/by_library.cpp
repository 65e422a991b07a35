// How a product is told to cuBLASLt. Rows there are columns: y (m, n), rows of n, is a matrix (n, m) whose columns are n long, so the
// library computes y^T = b^T a^T; operands are read in place as they are by our kernels.
//
// scale, bias and residual are the library's where it does the same as we (added in f32 or f64, rounded once). All else (activations,
// dropout) goes through sums in f32 or f64 and gemm_finish, so that results are those of our kernels but for the order of additions.
#include "cuda/kernels/gemm/by_library.h"

#include <algorithm>
#include <climits>

#include "cuda/runtime/precision.h"
#include "cuda/vendor/cublaslt.h"
#include "engine/error.h"

namespace sinter::cuda {

namespace {

// Batches of several strides are that many calls.
constexpr int64_t kMostCalls = 16;

// `rows` runs along k, or k runs of rows: as a column-major matrix. False: runs overlap, or go backwards.
bool read_matrix(const Operand& operand, int64_t rows, int64_t k, LtMatrix* matrix) {
  const int64_t run = operand.deep ? k : rows, runs = operand.deep ? rows : k;
  matrix->data = operand.data;
  matrix->ld = runs <= 1 ? std::max(operand.ld, run) : operand.ld;
  return matrix->ld >= run;
}

void advance(const void*& data, int64_t elements, DType dtype) {
  data = static_cast<const char*>(data) + elements * static_cast<int64_t>(dtype_size(dtype));
}

// One dimension of the batch is the library's, the largest; the others are calls.
int own_dimension(const ProductBatch& batch) {
  int own = -1;
  for (int i = 0; i < batch.rank; i++)
    if (own < 0 || batch.dims[i] > batch.dims[own]) own = i;
  return own;
}

bool multiply(const Call& call, const Product& p, int algorithm, int* algorithms) {
  const ProductBatch& batch = p.batch;
  const int own = own_dimension(batch);
  const int64_t items = batch.count(), count = own < 0 ? 1 : batch.dims[own], calls = items / count;
  if (p.k == 0 || calls > kMostCalls || std::max({p.m, p.n, p.k, count}) > INT_MAX) return false;
  const Operand a = read_operand(call, p.dtype, p.a, p.m, p.k, p.rsa, p.csa, batch, batch.a_strides);
  const Operand b = read_operand(call, p.dtype, p.b, p.n, p.k, p.csb, p.rsb, batch, batch.b_strides);

  LtProduct lt;
  lt.dtype = p.dtype;
  // cuda.matmulPrecision is for more rows and columns, whoever computes them.
  lt.tf32 = p.dtype == DType::f32 && !p.ieee && products_in_tf32() && std::min(p.m, p.n) > kVectorRows;
  lt.m = p.n, lt.n = p.m, lt.k = p.k, lt.batch = count;
  if (!read_matrix(b, p.n, p.k, &lt.a) || !read_matrix(a, p.m, p.k, &lt.b)) return false;
  lt.a.transposed = b.deep, lt.b.transposed = !a.deep;
  if (own >= 0) lt.a.step = b.strides[own], lt.b.step = a.strides[own];
  lt.d_step = p.m * p.n;
  for (int i = own + 1; own >= 0 && i < batch.rank; i++) lt.d_step *= batch.dims[i];

  // A residual that y itself holds is added once: not where one call may fail after another has been queued.
  const GemmEpilogue& then = p.then;
  const bool whole = then.activation == 0 && then.threshold == 0 &&
                     (!then.bias || (then.bias_stride == 1 && p.dtype != DType::f64)) &&
                     (then.residual != p.y || calls == 1);
  const DType sums = p.dtype == DType::f64 ? DType::f64 : DType::f32;
  const size_t elements = static_cast<size_t>(items * p.m * p.n);
  lt.result = whole ? p.dtype : sums;
  void* y = whole ? p.y : call.scratch(elements * dtype_size(sums));
  if (whole) {
    lt.alpha = then.scale;
    lt.bias = then.bias;
  }

  for (int64_t at = 0; at < calls; at++) {
    LtProduct one = lt;
    int64_t rest = at, items_on = 1, first = 0;
    for (int i = batch.rank - 1; i >= 0; i--) {
      if (i != own) {
        const int64_t place = rest % batch.dims[i];
        rest /= batch.dims[i];
        advance(one.a.data, place * b.strides[i], p.dtype);
        advance(one.b.data, place * a.strides[i], p.dtype);
        first += place * items_on;
      }
      items_on *= batch.dims[i];
    }
    const int64_t offset = first * p.m * p.n;
    one.d = static_cast<char*>(y) + offset * static_cast<int64_t>(dtype_size(one.result));
    if (whole && then.residual) {
      one.c = then.residual;
      advance(one.c, offset, p.dtype);
    }
    if (!lt_multiply(call, one, algorithm)) return false;
    if (at == 0) *algorithms = lt_algorithms(call, one);
  }
  if (!whole) finish_parts(call, p.dtype, y, p.y, items * p.m, p.n, 1, then);
  return true;
}

}  // namespace

bool run_by_library(const Call& call, const Product& product, int algorithm, int* algorithms) {
  *algorithms = 0;
  try {
    return multiply(call, product, algorithm, algorithms);
  } catch (const Error& error) {
    // Our kernels take less memory than copies and sums here.
    if (error.code != ErrorCode::out_of_memory) throw;
    return false;
  }
}

}  // namespace sinter::cuda
