#include "cuda/kernels/optim/launch.h"

namespace sinter::cuda {

int step_kernel(const Call& call, const char* op, int size, int states) {
  const DType p = call.in[kParameter].dtype, g = call.in[kGradient].dtype;
  for (int i = 0; i < call.nin; i++) {
    const int k = i % size;
    if (!call.in[i].present() || k >= kState + states) continue;
    const DType expected = k == kGradient || k == kLow ? g : p;
    if (call.in[i].dtype != expected)
      fail(ErrorCode::unsupported, "%s: operand %d of a group is %s, not %s", op, k, dtype_name(call.in[i].dtype),
           dtype_name(expected));
  }
  if (p == g) {
    if (!is_floating(p)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(p));
    return static_cast<int>(p);
  }
  if (p == DType::f32 && g == DType::bf16) return 4;
  if (p == DType::f32 && g == DType::f16) return 5;
  fail(ErrorCode::unsupported, "%s: gradients in %s for parameters in %s", op, dtype_name(g), dtype_name(p));
}

void check_floating(const Call& call, int size, const char* op) {
  for (int i = 0; i < call.nin; i += size)
    if (!is_floating(call.in[i].dtype))
      fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", op, dtype_name(call.in[i].dtype));
}

}  // namespace sinter::cuda
