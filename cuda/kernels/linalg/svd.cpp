// svd on CUDA, by cuSOLVER; contract as in native/cpu/linalg/svd.cpp. Place in the whole: beside cusolver.h.
//
// The library takes matrices with at least as many rows as columns. Row-major x is column-major x^T = V S U^T: where x is wide or square
// that is such a matrix, its left vectors as columns are vh's rows, and its right ones, transposed as they come, are u. A tall x is
// transposed, and so are its vectors.
#include <algorithm>
#include <vector>

#include "cuda/kernels/linalg/cusolver.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

void report_no_convergence(const ReportRecord& r, char* text, size_t size) {
  std::snprintf(
      text, size,
      "the singular values of batch entry %lld did not converge: its elements are not finite, or too many are equal",
      static_cast<long long>(r.value[0]));
}

// Of a matrix without elements the full vectors are those of the identity.
void set_identity(const Call& call, const TensorRef& to, int64_t batch) {
  const int64_t n = to.dim(-1);
  if (to.numel == 0 || to.dim(-2) != n) return;
  const auto upload = [&](auto one) {
    std::vector<decltype(one)> data(static_cast<size_t>(to.numel), 0);
    for (int64_t i = 0; i < batch * n; i++) data[static_cast<size_t>(i / n * n * n + i % n * (n + 1))] = one;
    call.queue->upload(to.data, data.data(), data.size() * sizeof(one));
  };
  to.dtype == DType::f64 ? upload(1.0) : upload(1.0f);
}

}  // namespace

SINTER_CUDA_OP(svd) {
  const TensorRef &x = call.in[0], &s = call.out[0];
  const Solver solver(call, "svd", x.dtype);
  const int64_t m = x.dim(-2), n = x.dim(-1), k = std::min(m, n), batch = batch_of(x, 2);
  const bool full = call.attr[0] != 0, vectors = call.nout > 1, tall = m > n;
  if (k == 0) {
    for (int i = 1; i < call.nout; i++) set_identity(call, call.out[i], batch);
    return;
  }
  if (batch == 0) return;
  const int64_t most = std::max(m, n), lefts = full ? most : k;
  const int rows = solver.size(most), columns = solver.size(k);
  const int32_t* broken = find_not_finite(call, x.dtype, x.data, batch, m, n, Part::all);
  void* a = solver.room(x.numel);
  if (tall)
    transpose_items(call, x.dtype, x.data, a, batch, m, n);
  else
    copy_bytes(call, a, x.data, static_cast<size_t>(x.numel) * dtype_size(x.dtype));
  // What the library calls left has `most` elements a vector.
  void *left = nullptr, *right = nullptr;
  if (vectors) {
    left = tall ? solver.room(batch * most * lefts) : call.out[2].data;
    right = tall ? solver.room(batch * k * k) : call.out[1].data;
  }
  int elements = 0;
  solver.check(solver.functions.singular_size[solver.type](solver.handle, rows, columns, &elements));
  void *work = solver.room(elements), *rest = solver.room(k);
  int* info = call.scratch_of<int>(batch);
  const signed char left_job = !vectors ? 'N' : full ? 'A' : 'S', right_job = vectors ? 'A' : 'N';
  for (int64_t b = 0; b < batch; b++)
    solver.check(solver.functions.singular[solver.type](
        solver.handle, left_job, right_job, rows, columns, item_of(a, x.dtype, b, m * n), rows,
        item_of(s.data, x.dtype, b, k), vectors ? item_of(left, x.dtype, b, most * lefts) : nullptr, rows,
        vectors ? item_of(right, x.dtype, b, k * k) : nullptr, columns, work, elements, rest, info + b));
  if (vectors && tall) {
    transpose_items(call, x.dtype, left, call.out[1].data, batch, lefts, most);
    transpose_items(call, x.dtype, right, call.out[2].data, batch, k, k);
  }
  report_info(call, info, broken, batch, report_no_convergence);
}

}  // namespace sinter::cuda
