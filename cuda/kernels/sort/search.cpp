// Host side of search.cu; contracts as in native/cpu/sort/search.cpp.
#include "cuda/kernels/sort/search.h"

#include <algorithm>

#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/launch.h"

namespace sinter::cuda {

extern const Image image_search;

namespace {

constinit Kernel search_kernels[] = {{image_search, "search_f32"},
                                     {image_search, "search_f64"},
                                     {image_search, "search_i32"},
                                     {image_search, "search_i64"}};
constinit Kernel check_kernel{image_search, "search_check_sorter"};
constinit Kernel count_kernel{image_search, "bin_count"};
constinit Kernel bin_key_kernel{image_search, "bin_keys"};
constinit Kernel widen_kernel{image_search, "bin_widen"};
constinit Kernel narrow_kernel{image_search, "bin_narrow"};

int search_of(DType d) {
  switch (d) {
    case DType::f32: return 0;
    case DType::f64: return 1;
    case DType::i32: return 2;
    case DType::i64: return 3;
    default: fail(ErrorCode::unsupported, "searchSorted: dtype %s is not supported on cuda", dtype_name(d));
  }
}

void require_floating(DType d, const char* what) {
  if (!is_floating(d))
    fail(ErrorCode::unsupported, "binCount: %s of dtype %s are not supported on cuda", what, dtype_name(d));
}

// sums (n), f64: the weights of each bin in their order.
void sum_weights(const Call& call, const TensorRef& bins, const TensorRef& weights, TensorRef sums) {
  if (sums.numel > INT32_MAX)
    fail(ErrorCode::unsupported, "binCount: %lld weighted bins; on cuda there may be 2147483647",
         static_cast<long long>(sums.numel));
  const Keys keys = make_keys(call, bins.numel, sums.numel, "binCount", true);
  launch(call, bin_key_kernel, blocks_of(bins.numel), Dim(kIndexThreads), 0, bins.data, bins.numel, sums.numel,
         keys.data);
  TensorRef wide = weights;
  if (weights.dtype != DType::f64) {
    wide.dtype = DType::f64;
    wide.data = call.scratch_of<double>(weights.numel);
    launch(call, widen_kernel, blocks_of(weights.numel, 1), Dim(kIndexThreads), 0, weights.data,
           static_cast<int32_t>(weights.dtype), weights.numel, wide.data);
  }
  combine(call, "binCount", sorted(call, keys), sums, wide, {1, sums.numel, 1, bins.numel, kSum, true, 1, false});
}

}  // namespace

SINTER_CUDA_OP(searchSorted) {
  const TensorRef &line = call.in[0], &values = call.in[1], sorter = call.opt(2), &y = call.out[0];
  const int kernel = search_of(line.dtype);
  if (y.numel == 0) return;
  const int64_t n = line.dim(-1);
  if (sorter.present()) {
    ReportRecord* fault =
        call.report(ErrorCode::index_out_of_range, [](const ReportRecord& r, char* message, size_t size) {
          std::snprintf(message, size, "searchSorted: the sorter's index %lld is out of range for %lld elements",
                        static_cast<long long>(r.value[0]), static_cast<long long>(r.value[1]));
        });
    launch(call, check_kernel, blocks_of(sorter.numel), Dim(kIndexThreads), 0, sorter.data, sorter.numel, n, fault);
  }
  const int64_t m = values.rank ? values.dim(-1) : 1;
  const SearchShape shape{n, values.numel, split_of(m), line.rank == 1, call.attr[0] != 0, y.dtype == DType::i32};
  launch(call, search_kernels[kernel], blocks_of(values.numel, 1), Dim(kIndexThreads), 0, shape, line.data, sorter.data,
         values.data, y.data);
}

SINTER_CUDA_OP(binCount) {
  const TensorRef &bins = call.in[0], weights = call.opt(1), &y = call.out[0];
  const int64_t n = y.numel;
  const bool weighted = weights.present();
  if (weighted) require_floating(weights.dtype, "weights");
  if (weighted || y.dtype != DType::i64) require_floating(y.dtype, "counts");
  if (n == 0) return;
  TensorRef sums = y;
  sums.dtype = weighted ? DType::f64 : DType::i64;
  if (sums.dtype != y.dtype) sums.data = call.scratch_of<int64_t>(n);
  set_bytes(call, sums.data, 0, static_cast<size_t>(n) * 8);
  if (weighted && bins.numel > 0) {
    sum_weights(call, bins, weights, sums);
  } else if (bins.numel > 0) {
    const int64_t blocks = std::min<int64_t>((bins.numel + 4 * kBinThreads - 1) / (4 * kBinThreads), kBinBlocks);
    launch(call, count_kernel, Dim(blocks), Dim(kBinThreads), 0, bins.data, bins.numel, n, sums.data);
  }
  if (sums.data != y.data)
    launch(call, narrow_kernel, blocks_of(n, 1), Dim(kIndexThreads), 0, sums.data, static_cast<int32_t>(!weighted),
           static_cast<int32_t>(y.dtype), n, y.data);
}

}  // namespace sinter::cuda
