// convWeightGrad: g (n, o, ...), x (n, c, ...) -> gw (o, c/groups, ...), gb (o), gb being the sums of g. Place in the
// whole: states the work as the forward Problem and picks the way to compute it.
#include "cpu/conv/weight_grad.h"
#include "cpu/conv/winograd_cost.h"

namespace sinter::cpu::SINTER_ISA {

void convWeightGrad(const Call& c) {
  const TensorRef &g = c.in[0], &x = c.in[1], &gw = c.out[0], &gb = c.out[1];
  if (!is_floating(gw.dtype))
    fail(ErrorCode::unsupported, "convWeightGrad: dtype %s is not supported on cpu", dtype_name(gw.dtype));
  if (g.numel == 0 || gw.numel == 0) {  // no images, or no outputs
    if (gw.numel) std::memset(gw.data, 0, gw.numel * dtype_size(gw.dtype));
    if (gb.numel) std::memset(gb.data, 0, gb.numel * dtype_size(gb.dtype));
    return;
  }
  ConvAttributes a(c);
  Problem p = forward_problem(c, a, x, Volume(gw), Volume(g));
  WeightGrad out{g.data, gw.dim(0) / a.groups, gw.data, gb.data};
  if (a.fast && gw.dtype != DType::f64 && winograd_weight_grad_pays(p, out))
    winograd_weight_grad(c, gw.dtype, p, out);
  else if (is_thin(a.groups, gw.dim(1), out.channels))
    thin_weight_grad(c, gw.dtype, p, out);
  else
    gemm_weight_grad(c, gw.dtype, p, out);
}

}  // namespace sinter::cpu::SINTER_ISA
