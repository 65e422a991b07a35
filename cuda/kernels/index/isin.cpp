// Host side of isin.cu; contract as in native/cpu/pointwise/isin.cpp.
#include "cuda/kernels/index/launch.h"
#include "cuda/kernels/index/radix_pairs.h"

namespace sinter::cuda {

extern const Image image_isin;

namespace {

// f32, f64, i32, i64
constinit Kernel order_kernels[] = {{image_isin, "isin_orders_f32"},
                                    {image_isin, "isin_orders_f64"},
                                    {image_isin, "isin_orders_i32"},
                                    {image_isin, "isin_orders_i64"}};
constinit Kernel look_up_kernels[] = {
    {image_isin, "isin_f32"}, {image_isin, "isin_f64"}, {image_isin, "isin_i32"}, {image_isin, "isin_i64"}};

int kernel_of_dtype(DType d) {
  switch (d) {
    case DType::f32: return 0;
    case DType::f64: return 1;
    case DType::i32: return 2;
    case DType::i64: return 3;
    default: fail(ErrorCode::unsupported, "isin: dtype %s is not supported on cuda", dtype_name(d));
  }
}

}  // namespace

SINTER_CUDA_OP(isin) {
  const TensorRef &x = call.in[0], &test = call.in[1], &y = call.out[0];
  const int k = kernel_of_dtype(x.dtype);
  if (test.numel > INT32_MAX)
    fail(ErrorCode::unsupported, "isin: a set of %lld values; on cuda there may be 2147483647",
         static_cast<long long>(test.numel));
  if (x.numel == 0) return;
  const int64_t size = static_cast<int64_t>(dtype_size(x.dtype));
  void* orders = call.scratch(static_cast<size_t>(test.numel * size));
  launch(call, order_kernels[k], blocks_of(test.numel), Dim(kIndexThreads), 0, test.data, test.numel, orders);
  const SortedPairs sorted = PairSorter(call, size == 8, test.numel).sort(call, orders, static_cast<int>(8 * size));
  launch(call, look_up_kernels[k], blocks_of(x.numel, 1), Dim(kIndexThreads), 0, x.data, x.numel, sorted.keys,
         test.numel, static_cast<int32_t>(call.attr[0] != 0), y.data);
}

}  // namespace sinter::cuda
