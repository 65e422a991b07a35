// eigh on CUDA, by cuSOLVER; contract as in native/cpu/linalg/eigh.cpp. Place in the whole: beside cusolver.h.
//
// A symmetric matrix is its own transpose, but the triangle that is read has the other name in column-major order. Eigenvectors come as
// columns, that is as rows of what is row-major.
#include "cuda/kernels/linalg/cusolver.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

void report_no_convergence(const ReportRecord& r, char* text, size_t size) {
  std::snprintf(
      text, size,
      "the eigenvalues of batch entry %lld did not converge: its elements are not finite, or too many are equal",
      static_cast<long long>(r.value[0]));
}

}  // namespace

SINTER_CUDA_OP(eigh) {
  const TensorRef &x = call.in[0], &w = call.out[0];
  const Solver solver(call, "eigh", x.dtype);
  if (x.numel == 0) return;
  const int64_t n = x.dim(-1), batch = batch_of(x, 2);
  const bool upper = call.attr[0] != 0, vectors = call.nout > 1;
  const int order = solver.size(n);
  const EigenMode mode = vectors ? EigenMode::vectors : EigenMode::values;
  const FillMode fill = upper ? FillMode::lower : FillMode::upper;
  const int32_t* broken = find_not_finite(call, x.dtype, x.data, batch, n, n, upper ? Part::upper : Part::lower);
  void* a = solver.room(x.numel);
  copy_bytes(call, a, x.data, static_cast<size_t>(x.numel) * dtype_size(x.dtype));
  int elements = 0;
  solver.check(solver.functions.eigen_size[solver.type](solver.handle, mode, fill, order, a, order, w.data, &elements));
  void* work = solver.room(elements);
  int* info = call.scratch_of<int>(batch);
  for (int64_t b = 0; b < batch; b++)
    solver.check(solver.functions.eigen[solver.type](solver.handle, mode, fill, order, item_of(a, x.dtype, b, n * n),
                                                     order, item_of(w.data, x.dtype, b, n), work, elements, info + b));
  if (vectors) transpose_items(call, x.dtype, a, call.out[1].data, batch, n, n);
  report_info(call, info, broken, batch, report_no_convergence);
}

}  // namespace sinter::cuda
