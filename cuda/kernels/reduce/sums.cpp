// sum, mean, prod, nansum, any, all, countNonzero. Place in the whole: entry points of the operator table on CUDA.
//
// x (any view), {axes} -> y, of any dtype. Floating point (f32, f64, bf16, f16) meets in double, integers and bool in i64, wrapping.
// Empty: sum 0, mean NaN, prod 1, any false, all true.
#include "cuda/kernels/reduce/plan.h"

namespace sinter::cuda {

extern const Image image_reduce_sums;

SINTER_REDUCING_REALS(image_reduce_sums, sum, 8, 8, false)
SINTER_REDUCING_REALS(image_reduce_sums, prod, 8, 8, false)
SINTER_REDUCING_REALS(image_reduce_sums, count, 8, 8, false)
SINTER_REDUCING_FLOATS(image_reduce_sums, nansum, 8, 8)

namespace {
void reduce_axes(const Call& call, const Reducing& op, const char* name, int32_t finish = kFinishPlain) {
  reduce(call, op, name, call.in[0], static_cast<uint64_t>(call.int_attr(0)), call.out[0], finish);
}
}  // namespace

void sum_axes(const Call& call, const char* name, const TensorRef& x, uint64_t axes, const TensorRef& y) {
  reduce(call, reducing_sum, name, x, axes, y);
}

void count_nonzero(const Call& call, const char* name) { reduce_axes(call, reducing_count, name); }

SINTER_CUDA_OP(sum) { reduce_axes(call, reducing_sum, "sum"); }
SINTER_CUDA_OP(mean) {
  const DType dtype = call.in[0].dtype;
  if (!is_floating(dtype)) fail(ErrorCode::unsupported, "mean: dtype %s is not supported on cuda", dtype_name(dtype));
  reduce_axes(call, reducing_sum, "mean", kFinishMean);
}
SINTER_CUDA_OP(prod) { reduce_axes(call, reducing_prod, "prod"); }
SINTER_CUDA_OP(nansum) { reduce_axes(call, reducing_nansum, "nansum"); }
SINTER_CUDA_OP(any) { reduce_axes(call, reducing_count, "any", kFinishAny); }
SINTER_CUDA_OP(all) { reduce_axes(call, reducing_count, "all", kFinishAll); }
SINTER_CUDA_OP(countNonzero) { count_nonzero(call, "countNonzero"); }

}  // namespace sinter::cuda
