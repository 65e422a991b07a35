// geqrf on CUDA, by cuSOLVER; contract as in native/cpu/linalg/qr.cpp. Place in the whole: beside cusolver.h.
#include <algorithm>

#include "cuda/kernels/linalg/cusolver.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

SINTER_CUDA_OP(geqrf) {
  const TensorRef &x = call.in[0], &tau = call.out[1];
  const Solver solver(call, "geqrf", x.dtype);
  if (x.numel == 0) return;
  const int64_t m = x.dim(-2), n = x.dim(-1), k = std::min(m, n), batch = batch_of(x, 2);
  const int rows = solver.size(m), columns = solver.size(n);
  void* a = solver.room(x.numel);
  transpose_items(call, x.dtype, x.data, a, batch, m, n);
  int elements = 0;
  solver.check(solver.functions.qr_size[solver.type](solver.handle, rows, columns, a, rows, &elements));
  void* work = solver.room(elements);
  int* info = call.scratch_of<int>(1);  // says only whether arguments were valid
  for (int64_t b = 0; b < batch; b++)
    solver.check(solver.functions.qr[solver.type](solver.handle, rows, columns, item_of(a, x.dtype, b, m * n), rows,
                                                  item_of(tau.data, x.dtype, b, k), work, elements, info));
  transpose_items(call, x.dtype, a, call.out[0].data, batch, n, m);
}

}  // namespace sinter::cuda
