// luFactor on CUDA, by cuSOLVER; contract as in native/cpu/linalg/lu.cpp. Place in the whole: beside cusolver.h.
#include <algorithm>

#include "cuda/kernels/linalg/cusolver.h"
#include "cuda/kernels/linalg/factors.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_factors;

namespace {

constinit Kernel in_place_kernel{image_factors, "pivots_in_place"};

void report_singular(const ReportRecord& r, char* text, size_t size) {
  std::snprintf(text, size, "the matrix of batch entry %lld is singular: pivot %lld of its LU factorization is zero",
                static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
}

}  // namespace

SINTER_CUDA_OP(luFactor) {
  const TensorRef& x = call.in[0];
  const Solver solver(call, "luFactor", x.dtype);
  const int64_t m = x.dim(-2), n = x.dim(-1), k = std::min(m, n), batch = batch_of(x, 2);
  int32_t *pivots = call.out[1].as<int32_t>(), *info = call.out[2].as<int32_t>();
  if (x.numel == 0) return set_bytes(call, info, 0, static_cast<size_t>(batch) * sizeof(int32_t));
  const int rows = solver.size(m), columns = solver.size(n);
  const bool exchange = call.attr[0] != 0;
  void* a = solver.room(x.numel);
  transpose_items(call, x.dtype, x.data, a, batch, m, n);
  int elements = 0;
  solver.check(solver.functions.lu_size[solver.type](solver.handle, rows, columns, a, rows, &elements));
  void* work = solver.room(elements);
  for (int64_t b = 0; b < batch; b++)
    solver.check(solver.functions.lu[solver.type](solver.handle, rows, columns, item_of(a, x.dtype, b, m * n), rows,
                                                  work, exchange ? pivots + b * k : nullptr, info + b));
  if (!exchange)
    launch(call, in_place_kernel, Dim((batch * k + kFactorThreads - 1) / kFactorThreads), Dim(kFactorThreads), 0,
           pivots, k, batch * k);
  transpose_items(call, x.dtype, a, call.out[0].data, batch, n, m);
  if (call.attr[1] != 0) report_info(call, info, nullptr, batch, report_singular);
}

}  // namespace sinter::cuda
