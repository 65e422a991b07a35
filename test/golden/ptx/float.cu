// f32 and f64 arithmetic. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_add_rn_f32(float x0, float x1, float& y0) { asm("add.rn.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rn_ftz_f32(float x0, float x1, float& y0) { asm("add.rn.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rz_f32(float x0, float x1, float& y0) { asm("add.rz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rz_ftz_f32(float x0, float x1, float& y0) { asm("add.rz.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rm_f32(float x0, float x1, float& y0) { asm("add.rm.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rm_ftz_f32(float x0, float x1, float& y0) { asm("add.rm.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rp_f32(float x0, float x1, float& y0) { asm("add.rp.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rp_ftz_f32(float x0, float x1, float& y0) { asm("add.rp.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rn_sat_f32(float x0, float x1, float& y0) { asm("add.rn.sat.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_add_rn_ftz_sat_f32(float x0, float x1, float& y0) { asm("add.rn.ftz.sat.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rn_f32(float x0, float x1, float& y0) { asm("sub.rn.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rn_ftz_f32(float x0, float x1, float& y0) { asm("sub.rn.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rz_f32(float x0, float x1, float& y0) { asm("sub.rz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rz_ftz_f32(float x0, float x1, float& y0) { asm("sub.rz.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rm_f32(float x0, float x1, float& y0) { asm("sub.rm.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rm_ftz_f32(float x0, float x1, float& y0) { asm("sub.rm.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rp_f32(float x0, float x1, float& y0) { asm("sub.rp.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rp_ftz_f32(float x0, float x1, float& y0) { asm("sub.rp.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rn_sat_f32(float x0, float x1, float& y0) { asm("sub.rn.sat.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_sub_rn_ftz_sat_f32(float x0, float x1, float& y0) { asm("sub.rn.ftz.sat.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rn_f32(float x0, float x1, float& y0) { asm("mul.rn.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rn_ftz_f32(float x0, float x1, float& y0) { asm("mul.rn.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rz_f32(float x0, float x1, float& y0) { asm("mul.rz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rz_ftz_f32(float x0, float x1, float& y0) { asm("mul.rz.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rm_f32(float x0, float x1, float& y0) { asm("mul.rm.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rm_ftz_f32(float x0, float x1, float& y0) { asm("mul.rm.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rp_f32(float x0, float x1, float& y0) { asm("mul.rp.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rp_ftz_f32(float x0, float x1, float& y0) { asm("mul.rp.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rn_sat_f32(float x0, float x1, float& y0) { asm("mul.rn.sat.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_mul_rn_ftz_sat_f32(float x0, float x1, float& y0) { asm("mul.rn.ftz.sat.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_fma_rn_f32(float x0, float x1, float x2, float& y0) { asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rn_ftz_f32(float x0, float x1, float x2, float& y0) { asm("fma.rn.ftz.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rz_f32(float x0, float x1, float x2, float& y0) { asm("fma.rz.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rz_ftz_f32(float x0, float x1, float x2, float& y0) { asm("fma.rz.ftz.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rm_f32(float x0, float x1, float x2, float& y0) { asm("fma.rm.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rm_ftz_f32(float x0, float x1, float x2, float& y0) { asm("fma.rm.ftz.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rp_f32(float x0, float x1, float x2, float& y0) { asm("fma.rp.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rp_ftz_f32(float x0, float x1, float x2, float& y0) { asm("fma.rp.ftz.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rn_sat_f32(float x0, float x1, float x2, float& y0) { asm("fma.rn.sat.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_fma_rn_ftz_sat_f32(float x0, float x1, float x2, float& y0) { asm("fma.rn.ftz.sat.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_mad_rn_f32(float x0, float x1, float x2, float& y0) { asm("mad.rn.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_div_rn_f32(float x0, float x1, float& y0) { asm("div.rn.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_rz_f32(float x0, float x1, float& y0) { asm("div.rz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_rm_f32(float x0, float x1, float& y0) { asm("div.rm.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_rp_f32(float x0, float x1, float& y0) { asm("div.rp.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_rn_ftz_f32(float x0, float x1, float& y0) { asm("div.rn.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_full_f32(float x0, float x1, float& y0) { asm("div.full.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_full_ftz_f32(float x0, float x1, float& y0) { asm("div.full.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_approx_f32(float x0, float x1, float& y0) { asm("div.approx.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_div_approx_ftz_f32(float x0, float x1, float& y0) { asm("div.approx.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_f32(float x0, float x1, float& y0) { asm("min.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_xorsign_abs_f32(float x0, float x1, float& y0) { asm("min.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_NaN_f32(float x0, float x1, float& y0) { asm("min.NaN.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_NaN_xorsign_abs_f32(float x0, float x1, float& y0) { asm("min.NaN.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_ftz_f32(float x0, float x1, float& y0) { asm("min.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_ftz_xorsign_abs_f32(float x0, float x1, float& y0) { asm("min.ftz.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_ftz_NaN_f32(float x0, float x1, float& y0) { asm("min.ftz.NaN.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_min_ftz_NaN_xorsign_abs_f32(float x0, float x1, float& y0) { asm("min.ftz.NaN.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_f32(float x0, float x1, float& y0) { asm("max.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_xorsign_abs_f32(float x0, float x1, float& y0) { asm("max.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_NaN_f32(float x0, float x1, float& y0) { asm("max.NaN.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_NaN_xorsign_abs_f32(float x0, float x1, float& y0) { asm("max.NaN.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_ftz_f32(float x0, float x1, float& y0) { asm("max.ftz.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_ftz_xorsign_abs_f32(float x0, float x1, float& y0) { asm("max.ftz.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_ftz_NaN_f32(float x0, float x1, float& y0) { asm("max.ftz.NaN.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_max_ftz_NaN_xorsign_abs_f32(float x0, float x1, float& y0) { asm("max.ftz.NaN.xorsign.abs.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_copysign_f32(float x0, float x1, float& y0) { asm("copysign.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_abs_f32(float x0, float& y0) { asm("abs.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_abs_ftz_f32(float x0, float& y0) { asm("abs.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_neg_f32(float x0, float& y0) { asm("neg.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_neg_ftz_f32(float x0, float& y0) { asm("neg.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rcp_rn_f32(float x0, float& y0) { asm("rcp.rn.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rcp_rz_f32(float x0, float& y0) { asm("rcp.rz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rcp_rm_f32(float x0, float& y0) { asm("rcp.rm.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rcp_rp_f32(float x0, float& y0) { asm("rcp.rp.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sqrt_rn_f32(float x0, float& y0) { asm("sqrt.rn.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sqrt_rz_f32(float x0, float& y0) { asm("sqrt.rz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sqrt_rm_f32(float x0, float& y0) { asm("sqrt.rm.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sqrt_rp_f32(float x0, float& y0) { asm("sqrt.rp.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rcp_rn_ftz_f32(float x0, float& y0) { asm("rcp.rn.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sqrt_rn_ftz_f32(float x0, float& y0) { asm("sqrt.rn.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_add_rn_f64(double x0, double x1, double& y0) { asm("add.rn.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_add_rz_f64(double x0, double x1, double& y0) { asm("add.rz.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_add_rm_f64(double x0, double x1, double& y0) { asm("add.rm.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_add_rp_f64(double x0, double x1, double& y0) { asm("add.rp.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_mul_rn_f64(double x0, double x1, double& y0) { asm("mul.rn.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_mul_rz_f64(double x0, double x1, double& y0) { asm("mul.rz.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_mul_rm_f64(double x0, double x1, double& y0) { asm("mul.rm.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_mul_rp_f64(double x0, double x1, double& y0) { asm("mul.rp.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_div_rn_f64(double x0, double x1, double& y0) { asm("div.rn.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_div_rz_f64(double x0, double x1, double& y0) { asm("div.rz.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_div_rm_f64(double x0, double x1, double& y0) { asm("div.rm.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_div_rp_f64(double x0, double x1, double& y0) { asm("div.rp.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_min_f64(double x0, double x1, double& y0) { asm("min.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_max_f64(double x0, double x1, double& y0) { asm("max.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_sub_rn_f64(double x0, double x1, double& y0) { asm("sub.rn.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_copysign_f64(double x0, double x1, double& y0) { asm("copysign.f64 %0, %1, %2;" : "=d"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_fma_rn_f64(double x0, double x1, double x2, double& y0) { asm("fma.rn.f64 %0, %1, %2, %3;" : "=d"(y0) : "d"(x0), "d"(x1), "d"(x2)); }
DEVICE void op_fma_rz_f64(double x0, double x1, double x2, double& y0) { asm("fma.rz.f64 %0, %1, %2, %3;" : "=d"(y0) : "d"(x0), "d"(x1), "d"(x2)); }
DEVICE void op_fma_rm_f64(double x0, double x1, double x2, double& y0) { asm("fma.rm.f64 %0, %1, %2, %3;" : "=d"(y0) : "d"(x0), "d"(x1), "d"(x2)); }
DEVICE void op_fma_rp_f64(double x0, double x1, double x2, double& y0) { asm("fma.rp.f64 %0, %1, %2, %3;" : "=d"(y0) : "d"(x0), "d"(x1), "d"(x2)); }
DEVICE void op_sqrt_rn_f64(double x0, double& y0) { asm("sqrt.rn.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_rcp_rn_f64(double x0, double& y0) { asm("rcp.rn.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_abs_f64(double x0, double& y0) { asm("abs.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_neg_f64(double x0, double& y0) { asm("neg.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_rcp_approx_ftz_f64(double x0, double& y0) { asm("rcp.approx.ftz.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_rsqrt_approx_f64(double x0, double& y0) { asm("rsqrt.approx.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_rsqrt_approx_ftz_f64(double x0, double& y0) { asm("rsqrt.approx.ftz.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }

extern "C" __global__ void add_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  float y0_0; op_add_rn_f32(x0, x1, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_add_rn_ftz_f32(x0, x1, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_add_rz_f32(x0, x1, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_add_rz_ftz_f32(x0, x1, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_add_rm_f32(x0, x1, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_add_rm_ftz_f32(x0, x1, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_add_rp_f32(x0, x1, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_add_rp_ftz_f32(x0, x1, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_add_rn_sat_f32(x0, x1, y8_0);
  store_f(out, 8, n, i, y8_0);
  float y9_0; op_add_rn_ftz_sat_f32(x0, x1, y9_0);
  store_f(out, 9, n, i, y9_0);
}

extern "C" __global__ void sub_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  float y0_0; op_sub_rn_f32(x0, x1, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_sub_rn_ftz_f32(x0, x1, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_sub_rz_f32(x0, x1, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_sub_rz_ftz_f32(x0, x1, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_sub_rm_f32(x0, x1, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_sub_rm_ftz_f32(x0, x1, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_sub_rp_f32(x0, x1, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_sub_rp_ftz_f32(x0, x1, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_sub_rn_sat_f32(x0, x1, y8_0);
  store_f(out, 8, n, i, y8_0);
  float y9_0; op_sub_rn_ftz_sat_f32(x0, x1, y9_0);
  store_f(out, 9, n, i, y9_0);
}

extern "C" __global__ void mul_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  float y0_0; op_mul_rn_f32(x0, x1, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_mul_rn_ftz_f32(x0, x1, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_mul_rz_f32(x0, x1, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_mul_rz_ftz_f32(x0, x1, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_mul_rm_f32(x0, x1, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_mul_rm_ftz_f32(x0, x1, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_mul_rp_f32(x0, x1, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_mul_rp_ftz_f32(x0, x1, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_mul_rn_sat_f32(x0, x1, y8_0);
  store_f(out, 8, n, i, y8_0);
  float y9_0; op_mul_rn_ftz_sat_f32(x0, x1, y9_0);
  store_f(out, 9, n, i, y9_0);
}

extern "C" __global__ void fma_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  const float x2 = load_f(in, 2, n, i);
  float y0_0; op_fma_rn_f32(x0, x1, x2, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_fma_rn_ftz_f32(x0, x1, x2, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_fma_rz_f32(x0, x1, x2, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_fma_rz_ftz_f32(x0, x1, x2, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_fma_rm_f32(x0, x1, x2, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_fma_rm_ftz_f32(x0, x1, x2, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_fma_rp_f32(x0, x1, x2, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_fma_rp_ftz_f32(x0, x1, x2, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_fma_rn_sat_f32(x0, x1, x2, y8_0);
  store_f(out, 8, n, i, y8_0);
  float y9_0; op_fma_rn_ftz_sat_f32(x0, x1, x2, y9_0);
  store_f(out, 9, n, i, y9_0);
  float y10_0; op_mad_rn_f32(x0, x1, x2, y10_0);
  store_f(out, 10, n, i, y10_0);
}

extern "C" __global__ void div_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  float y0_0; op_div_rn_f32(x0, x1, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_div_rz_f32(x0, x1, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_div_rm_f32(x0, x1, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_div_rp_f32(x0, x1, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_div_rn_ftz_f32(x0, x1, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_div_full_f32(x0, x1, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_div_full_ftz_f32(x0, x1, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_div_approx_f32(x0, x1, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_div_approx_ftz_f32(x0, x1, y8_0);
  store_f(out, 8, n, i, y8_0);
}

extern "C" __global__ void minmax_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  float y0_0; op_min_f32(x0, x1, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_min_xorsign_abs_f32(x0, x1, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_min_NaN_f32(x0, x1, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_min_NaN_xorsign_abs_f32(x0, x1, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_min_ftz_f32(x0, x1, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_min_ftz_xorsign_abs_f32(x0, x1, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_min_ftz_NaN_f32(x0, x1, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_min_ftz_NaN_xorsign_abs_f32(x0, x1, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_max_f32(x0, x1, y8_0);
  store_f(out, 8, n, i, y8_0);
  float y9_0; op_max_xorsign_abs_f32(x0, x1, y9_0);
  store_f(out, 9, n, i, y9_0);
  float y10_0; op_max_NaN_f32(x0, x1, y10_0);
  store_f(out, 10, n, i, y10_0);
  float y11_0; op_max_NaN_xorsign_abs_f32(x0, x1, y11_0);
  store_f(out, 11, n, i, y11_0);
  float y12_0; op_max_ftz_f32(x0, x1, y12_0);
  store_f(out, 12, n, i, y12_0);
  float y13_0; op_max_ftz_xorsign_abs_f32(x0, x1, y13_0);
  store_f(out, 13, n, i, y13_0);
  float y14_0; op_max_ftz_NaN_f32(x0, x1, y14_0);
  store_f(out, 14, n, i, y14_0);
  float y15_0; op_max_ftz_NaN_xorsign_abs_f32(x0, x1, y15_0);
  store_f(out, 15, n, i, y15_0);
  float y16_0; op_copysign_f32(x0, x1, y16_0);
  store_f(out, 16, n, i, y16_0);
}

extern "C" __global__ void unary_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  float y0_0; op_abs_f32(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_abs_ftz_f32(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_neg_f32(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_neg_ftz_f32(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_rcp_rn_f32(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_rcp_rz_f32(x0, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_rcp_rm_f32(x0, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_rcp_rp_f32(x0, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_sqrt_rn_f32(x0, y8_0);
  store_f(out, 8, n, i, y8_0);
  float y9_0; op_sqrt_rz_f32(x0, y9_0);
  store_f(out, 9, n, i, y9_0);
  float y10_0; op_sqrt_rm_f32(x0, y10_0);
  store_f(out, 10, n, i, y10_0);
  float y11_0; op_sqrt_rp_f32(x0, y11_0);
  store_f(out, 11, n, i, y11_0);
  float y12_0; op_rcp_rn_ftz_f32(x0, y12_0);
  store_f(out, 12, n, i, y12_0);
  float y13_0; op_sqrt_rn_ftz_f32(x0, y13_0);
  store_f(out, 13, n, i, y13_0);
}

extern "C" __global__ void binary_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  const double x1 = load_d(in, 2, n, i);
  double y0_0; op_add_rn_f64(x0, x1, y0_0);
  store_d(out, 0, n, i, y0_0);
  double y1_0; op_add_rz_f64(x0, x1, y1_0);
  store_d(out, 2, n, i, y1_0);
  double y2_0; op_add_rm_f64(x0, x1, y2_0);
  store_d(out, 4, n, i, y2_0);
  double y3_0; op_add_rp_f64(x0, x1, y3_0);
  store_d(out, 6, n, i, y3_0);
  double y4_0; op_mul_rn_f64(x0, x1, y4_0);
  store_d(out, 8, n, i, y4_0);
  double y5_0; op_mul_rz_f64(x0, x1, y5_0);
  store_d(out, 10, n, i, y5_0);
  double y6_0; op_mul_rm_f64(x0, x1, y6_0);
  store_d(out, 12, n, i, y6_0);
  double y7_0; op_mul_rp_f64(x0, x1, y7_0);
  store_d(out, 14, n, i, y7_0);
  double y8_0; op_div_rn_f64(x0, x1, y8_0);
  store_d(out, 16, n, i, y8_0);
  double y9_0; op_div_rz_f64(x0, x1, y9_0);
  store_d(out, 18, n, i, y9_0);
  double y10_0; op_div_rm_f64(x0, x1, y10_0);
  store_d(out, 20, n, i, y10_0);
  double y11_0; op_div_rp_f64(x0, x1, y11_0);
  store_d(out, 22, n, i, y11_0);
  double y12_0; op_min_f64(x0, x1, y12_0);
  store_d(out, 24, n, i, y12_0);
  double y13_0; op_max_f64(x0, x1, y13_0);
  store_d(out, 26, n, i, y13_0);
  double y14_0; op_sub_rn_f64(x0, x1, y14_0);
  store_d(out, 28, n, i, y14_0);
  double y15_0; op_copysign_f64(x0, x1, y15_0);
  store_d(out, 30, n, i, y15_0);
}

extern "C" __global__ void fma_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  const double x1 = load_d(in, 2, n, i);
  const double x2 = load_d(in, 4, n, i);
  double y0_0; op_fma_rn_f64(x0, x1, x2, y0_0);
  store_d(out, 0, n, i, y0_0);
  double y1_0; op_fma_rz_f64(x0, x1, x2, y1_0);
  store_d(out, 2, n, i, y1_0);
  double y2_0; op_fma_rm_f64(x0, x1, x2, y2_0);
  store_d(out, 4, n, i, y2_0);
  double y3_0; op_fma_rp_f64(x0, x1, x2, y3_0);
  store_d(out, 6, n, i, y3_0);
}

extern "C" __global__ void unary_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  double y0_0; op_sqrt_rn_f64(x0, y0_0);
  store_d(out, 0, n, i, y0_0);
  double y1_0; op_rcp_rn_f64(x0, y1_0);
  store_d(out, 2, n, i, y1_0);
  double y2_0; op_abs_f64(x0, y2_0);
  store_d(out, 4, n, i, y2_0);
  double y3_0; op_neg_f64(x0, y3_0);
  store_d(out, 6, n, i, y3_0);
  double y4_0; op_rcp_approx_ftz_f64(x0, y4_0);
  store_d(out, 8, n, i, y4_0);
  double y5_0; op_rsqrt_approx_f64(x0, y5_0);
  store_d(out, 10, n, i, y5_0);
  double y6_0; op_rsqrt_approx_ftz_f64(x0, y6_0);
  store_d(out, 12, n, i, y6_0);
}
