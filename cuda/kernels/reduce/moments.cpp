// variance, logsumexp, vectorNorm. Place in the whole: entry points of the operator table on CUDA.
//
// x (any view; f32, f64, bf16, f16), {axes, ...} -> y.
//   variance    {correction}: groups of elements take two passes in registers and are merged in double
//   logsumexp   exponentials in the type that elements are computed in, their sums in double
//   vectorNorm  {p}: (sum |x|^p)^(1/p) in double; p = inf, -inf: the largest, smallest |x|; p = 0: how many are not zero
#include <cmath>

#include "cuda/kernels/reduce/plan.h"

namespace sinter::cuda {

extern const Image image_reduce_moments;

SINTER_REDUCING_FLOATS(image_reduce_moments, variance, 24, 24)
SINTER_REDUCING_FLOATS(image_reduce_moments, logsumexp, 16, 24)
SINTER_REDUCING_FLOATS(image_reduce_moments, normOne, 8, 8)
SINTER_REDUCING_FLOATS(image_reduce_moments, normTwo, 8, 8)
SINTER_REDUCING_FLOATS(image_reduce_moments, normAny, 8, 8)
SINTER_REDUCING_FLOATS(image_reduce_moments, normMax, 4, 8)
SINTER_REDUCING_FLOATS(image_reduce_moments, normMin, 4, 8)

void count_nonzero(const Call& call, const char* name);  // sums.cpp

namespace {
void reduce_axes(const Call& call, const Reducing& op, const char* name, double parameter) {
  reduce(call, op, name, call.in[0], static_cast<uint64_t>(call.int_attr(0)), call.out[0], kFinishPlain, parameter);
}
}  // namespace

SINTER_CUDA_OP(variance) { reduce_axes(call, reducing_variance, "variance", call.attr[1]); }
SINTER_CUDA_OP(logsumexp) { reduce_axes(call, reducing_logsumexp, "logsumexp", 0); }
SINTER_CUDA_OP(vectorNorm) {
  const double p = call.attr[1];
  const DType dtype = call.in[0].dtype;
  if (!is_floating(dtype))
    fail(ErrorCode::unsupported, "vectorNorm: dtype %s is not supported on cuda", dtype_name(dtype));
  if (p == 0) return count_nonzero(call, "vectorNorm");
  const Reducing& op = std::isinf(p) ? (p > 0 ? reducing_normMax : reducing_normMin)
                       : p == 1      ? reducing_normOne
                       : p == 2      ? reducing_normTwo
                                     : reducing_normAny;
  reduce_axes(call, op, "vectorNorm", p);
}

}  // namespace sinter::cuda
