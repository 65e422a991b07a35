// Host side of unique_rows.cu; contracts as in native/cpu/sort/unique.cpp.
#include "cuda/kernels/sort/unique.h"

#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/index/radix_pairs.h"
#include "cuda/kernels/sort/rule.h"

namespace sinter::cuda {

extern const Image image_unique_rows;

namespace {

constinit Kernel find_kernels[] = {{image_unique_rows, "runs_find_f32"},
                                   {image_unique_rows, "runs_find_f64"},
                                   {image_unique_rows, "runs_find_i32"},
                                   {image_unique_rows, "runs_find_i64"}};
constinit Kernel sums_kernel{image_unique_rows, "runs_sums"};
constinit Kernel number_kernel{image_unique_rows, "runs_number"};
constinit Kernel lengths_kernel{image_unique_rows, "runs_lengths"};
constinit Kernel key_kernels[] = {{image_unique_rows, "column_keys_u32"}, {image_unique_rows, "column_keys_u64"}};
constinit Kernel widen_kernel{image_unique_rows, "widen_places"};

int kind_of(DType d, const char* op) {
  switch (d) {
    case DType::f32: return 0;
    case DType::f64: return 1;
    case DType::i32: return 2;
    case DType::i64: return 3;
    default: fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(d));
  }
}

}  // namespace

SINTER_CUDA_OP(uniqueRuns) {
  const TensorRef &x = call.in[0], order = call.opt(1);
  const int64_t n = x.dims[0], w = x.dims[1], tiles = (n + kRunTile - 1) / kRunTile;
  int64_t *first = call.out[0].as<int64_t>(), *inverse = call.out[1].as<int64_t>(), *counts = call.out[2].as<int64_t>(),
          *total = call.out[3].as<int64_t>();
  auto* begins = call.scratch_of<uint8_t>(n);
  auto *before = call.scratch_of<int64_t>(tiles), *starts = call.scratch_of<int64_t>(n);
  launch(call, find_kernels[kind_of(x.dtype, "uniqueRuns")], Dim(tiles), Dim(kIndexThreads), 0, x.data, order.data, n,
         w, begins, before);
  launch(call, sums_kernel, Dim(1), Dim(kRunSumThreads), 0, before, tiles, total);
  launch(call, number_kernel, Dim(tiles), Dim(kIndexThreads), 0, begins, order.data, n, before, starts, first, inverse);
  launch(call, lengths_kernel, blocks_of(n, 1), Dim(kIndexThreads), 0, starts, total, n, first, counts);
}

// By the last column first: sorts are stable.
SINTER_CUDA_OP(sortRows) {
  const TensorRef &x = call.in[0], &y = call.out[0];
  kind_of(x.dtype, "sortRows");
  const int64_t n = x.dims[0], w = x.dims[1];
  if (n > UINT32_MAX)
    fail(ErrorCode::unsupported, "sortRows: %lld rows; on cuda there may be 4294967295", static_cast<long long>(n));
  if (n == 0) return;
  const KeyRule rule = rule_of(x.dtype, false);
  const bool wide = rule.bytes == 8;
  const PairSorter sorter(call, wide, n);
  void* keys = call.scratch(static_cast<size_t>(n) * (wide ? 8 : 4));
  auto* places = call.scratch_of<uint32_t>(n);
  const uint32_t* sorted = nullptr;
  for (int64_t column = w - 1; column >= 0; column--) {
    launch(call, key_kernels[wide], blocks_of(n), Dim(kIndexThreads), 0, x.data, n, w, column, rule, sorted, keys,
           places);
    sorted = sorter.sort(call, keys, 8 * rule.bytes, places).places;
  }
  launch(call, widen_kernel, blocks_of(n), Dim(kIndexThreads), 0, sorted, n, y.data);
}

}  // namespace sinter::cuda
