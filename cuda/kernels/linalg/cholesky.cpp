// choleskyFactor on CUDA, by cuSOLVER; contract as in native/cpu/linalg/cholesky.cpp. Place in the whole: beside cusolver.h.
//
// Row-major x is column-major x^T, whose upper triangle is x's lower one: x^T = U^H U says x = U^T (U^T)^H, and column-major U is
// row-major U^T. So nothing is transposed.
#include "cuda/kernels/linalg/cusolver.h"
#include "cuda/kernels/linalg/factors.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_factors;

namespace {

// Of elements of 4, 8 and 16 bytes.
constinit Kernel clear_kernels[] = {
    {image_factors, "clear_upper_4"}, {image_factors, "clear_upper_8"}, {image_factors, "clear_upper_16"}};

void report_minor(const ReportRecord& r, char* text, size_t size) {
  std::snprintf(
      text, size,
      "the matrix of batch entry %lld is not positive definite: its leading minor of order %lld is not positive",
      static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
}

}  // namespace

SINTER_CUDA_OP(choleskyFactor) {
  const TensorRef &x = call.in[0], &l = call.out[0];
  const Solver solver(call, "choleskyFactor", x.dtype);
  const int64_t n = x.dim(-1), batch = batch_of(x, 2);
  int32_t* info = call.out[1].as<int32_t>();
  if (x.numel == 0) return set_bytes(call, info, 0, static_cast<size_t>(batch) * sizeof(int32_t));
  const int order = solver.size(n);
  const size_t bytes = dtype_size(x.dtype);
  copy_bytes(call, l.data, x.data, static_cast<size_t>(x.numel) * bytes);
  int elements = 0;
  solver.check(
      solver.functions.cholesky_size[solver.type](solver.handle, FillMode::upper, order, l.data, order, &elements));
  void* work = solver.room(elements);
  for (int64_t b = 0; b < batch; b++)
    solver.check(solver.functions.cholesky[solver.type](
        solver.handle, FillMode::upper, order, item_of(l.data, x.dtype, b, n * n), order, work, elements, info + b));
  const int64_t a_block = kFactorThreads * kFactorItems;
  launch(call,
         clear_kernels[bytes == 4   ? 0
                       : bytes == 8 ? 1
                                    : 2],
         Dim((x.numel + a_block - 1) / a_block), Dim(kFactorThreads), 0, l.data, n, x.numel);
  if (call.attr[0] != 0) report_info(call, info, nullptr, batch, report_minor);
}

}  // namespace sinter::cuda
