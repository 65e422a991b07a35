// ldlSolve on CUDA; contract as in native/cpu/linalg/ldl.cpp. Place in the whole: host side of ldl.cu.
//
// The packed form leaves rows of L's columns where they were when later blocks exchanged theirs. With the exchanges carried out on L,
// P^T L D L^T P x = b is: rows ordered, a triangle solved, blocks of D, its transpose solved, rows put back.
#include "cuda/kernels/linalg/ldl.h"
#include "cuda/kernels/linalg/solve.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_ldl;

namespace {

constinit Kernel read_kernel{image_ldl, "ldl_read_pivots"};
// By dtype: f32, f64.
constinit Kernel spread_kernels[] = {{image_ldl, "ldl_spread_f32"}, {image_ldl, "ldl_spread_f64"}};
constinit Kernel move_kernels[] = {{image_ldl, "ldl_move_rows_f32"}, {image_ldl, "ldl_move_rows_f64"}};
constinit Kernel block_kernels[] = {{image_ldl, "ldl_solve_blocks_f32"}, {image_ldl, "ldl_solve_blocks_f64"}};

int64_t blocks_for(int64_t threads) { return (threads + kLdlThreads - 1) / kLdlThreads; }

void report_pivot(const ReportRecord& r, char* text, size_t size) {
  std::snprintf(text, size, "ldlSolve: pivot %lld is out of range: 1 to %lld", static_cast<long long>(r.value[0]),
                static_cast<long long>(r.value[1]));
}

}  // namespace

SINTER_CUDA_OP(ldlSolve) {
  const TensorRef &ld = call.in[0], &b = call.in[2];
  if (b.dtype != DType::f32 && b.dtype != DType::f64)
    fail(ErrorCode::unsupported, "ldlSolve: dtype %s is not supported on cuda", dtype_name(b.dtype));
  if (b.numel == 0) return;
  const int type = b.dtype == DType::f64 ? 1 : 0;
  const int64_t n = b.dim(-2), k = b.dim(-1), batch = batch_of(b, 2), total = b.numel, groups = blocks_for(n);
  const size_t size = dtype_size(b.dtype);
  int32_t *exchanges = call.scratch_of<int32_t>(batch * n), *blocks = call.scratch_of<int32_t>(batch * n);
  int64_t* order = call.scratch_of<int64_t>(batch * n);
  void *l = call.scratch(static_cast<size_t>(batch * n * n) * size),
       *x = call.scratch(static_cast<size_t>(total) * size);
  launch(call, read_kernel, Dim(blocks_for(batch)), Dim(kLdlThreads), 0, static_cast<const void*>(call.in[1].data),
         exchanges, blocks, n, batch, call.report(ErrorCode::index_out_of_range, report_pivot));
  launch(call, spread_kernels[type], Dim(groups * batch), Dim(kLdlThreads), 0, static_cast<const void*>(ld.data),
         exchanges, blocks, l, n, groups);
  order_rows(call, exchanges, order, batch, n, n);
  launch(call, move_kernels[type], Dim(blocks_for(total)), Dim(kLdlThreads), 0, static_cast<const void*>(b.data), order,
         x, n, k, total, int32_t{0});
  Triangles lower{b.dtype, l, batch, n, false, true, false};
  solve_triangles(call, lower, x, x, k);
  launch(call, block_kernels[type], Dim(blocks_for(total)), Dim(kLdlThreads), 0, static_cast<const void*>(ld.data),
         blocks, x, n, k, total);
  lower.transposed = true;
  solve_triangles(call, lower, x, x, k);
  launch(call, move_kernels[type], Dim(blocks_for(total)), Dim(kLdlThreads), 0, static_cast<const void*>(x), order,
         call.out[0].data, n, k, total, int32_t{1});
}

}  // namespace sinter::cuda
