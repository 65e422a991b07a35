// f16 and bf16 arithmetic, scalar and packed. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_add_rn_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("add.rn.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_add_rn_sat_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("add.rn.sat.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_add_rn_ftz_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("add.rn.ftz.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_add_rn_ftz_sat_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("add.rn.ftz.sat.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_sub_rn_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("sub.rn.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_sub_rn_sat_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("sub.rn.sat.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_sub_rn_ftz_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("sub.rn.ftz.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_sub_rn_ftz_sat_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("sub.rn.ftz.sat.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_rn_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.rn.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_rn_sat_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.rn.sat.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_rn_ftz_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.rn.ftz.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_rn_ftz_sat_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.rn.ftz.sat.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_add_rn_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.rn.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_add_rn_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.rn.sat.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_add_rn_ftz_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.rn.ftz.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_add_rn_ftz_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.rn.ftz.sat.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_sub_rn_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_sub_rn_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("sub.rn.sat.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_sub_rn_ftz_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("sub.rn.ftz.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_sub_rn_ftz_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("sub.rn.ftz.sat.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_rn_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_rn_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.rn.sat.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_rn_ftz_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.rn.ftz.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_rn_ftz_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.rn.ftz.sat.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_fma_rn_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_relu_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.relu.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_sat_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.sat.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_ftz_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.ftz.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_ftz_relu_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.ftz.relu.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_ftz_sat_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.ftz.sat.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_oob_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.oob.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_oob_relu_f16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.oob.relu.f16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_relu_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.relu.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.sat.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_ftz_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.ftz.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_ftz_relu_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.ftz.relu.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_ftz_sat_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.ftz.sat.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_oob_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.oob.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_oob_relu_f16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.oob.relu.f16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_min_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_NaN_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.NaN.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_NaN_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.NaN.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_ftz_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.ftz.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_ftz_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.ftz.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_ftz_NaN_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.ftz.NaN.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_ftz_NaN_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.ftz.NaN.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_NaN_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.NaN.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_NaN_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.NaN.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_ftz_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.ftz.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_ftz_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.ftz.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_ftz_NaN_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.ftz.NaN.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_ftz_NaN_xorsign_abs_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.ftz.NaN.xorsign.abs.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_NaN_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.NaN.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_NaN_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.NaN.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_ftz_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.ftz.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_ftz_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.ftz.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_ftz_NaN_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.ftz.NaN.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_ftz_NaN_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.ftz.NaN.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_NaN_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.NaN.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_NaN_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.NaN.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_ftz_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.ftz.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_ftz_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.ftz.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_ftz_NaN_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.ftz.NaN.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_ftz_NaN_xorsign_abs_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.ftz.NaN.xorsign.abs.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_abs_f16(uint16_t x0, uint16_t& y0) { asm("abs.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_neg_f16(uint16_t x0, uint16_t& y0) { asm("neg.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_abs_ftz_f16(uint16_t x0, uint16_t& y0) { asm("abs.ftz.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_neg_ftz_f16(uint16_t x0, uint16_t& y0) { asm("neg.ftz.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_abs_f16x2(uint32_t x0, uint32_t& y0) { asm("abs.f16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_neg_f16x2(uint32_t x0, uint32_t& y0) { asm("neg.f16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_add_rn_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("add.rn.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_sub_rn_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("sub.rn.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_rn_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.rn.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_add_rn_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.rn.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_sub_rn_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("sub.rn.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_rn_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.rn.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_fma_rn_bf16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.bf16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_relu_bf16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.relu.bf16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_oob_bf16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.oob.bf16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_oob_relu_bf16(uint16_t x0, uint16_t x1, uint16_t x2, uint16_t& y0) { asm("fma.rn.oob.relu.bf16 %0, %1, %2, %3;" : "=h"(y0) : "h"(x0), "h"(x1), "h"(x2)); }
DEVICE void op_fma_rn_bf16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_relu_bf16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.relu.bf16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_oob_bf16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.oob.bf16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_fma_rn_oob_relu_bf16x2(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fma.rn.oob.relu.bf16x2 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_min_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_xorsign_abs_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.xorsign.abs.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_NaN_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.NaN.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_NaN_xorsign_abs_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.NaN.xorsign.abs.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_xorsign_abs_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.xorsign.abs.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_NaN_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.NaN.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_NaN_xorsign_abs_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.NaN.xorsign.abs.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_xorsign_abs_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.xorsign.abs.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_NaN_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.NaN.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_NaN_xorsign_abs_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.NaN.xorsign.abs.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_xorsign_abs_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.xorsign.abs.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_NaN_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.NaN.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_NaN_xorsign_abs_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.NaN.xorsign.abs.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_abs_bf16(uint16_t x0, uint16_t& y0) { asm("abs.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_neg_bf16(uint16_t x0, uint16_t& y0) { asm("neg.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_abs_bf16x2(uint32_t x0, uint32_t& y0) { asm("abs.bf16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_neg_bf16x2(uint32_t x0, uint32_t& y0) { asm("neg.bf16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }

extern "C" __global__ void binary_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint16_t y0_0; op_add_rn_f16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_add_rn_sat_f16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_add_rn_ftz_f16(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_add_rn_ftz_sat_f16(x0, x1, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_sub_rn_f16(x0, x1, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_sub_rn_sat_f16(x0, x1, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_sub_rn_ftz_f16(x0, x1, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_sub_rn_ftz_sat_f16(x0, x1, y7_0);
  store_h(out, 7, n, i, y7_0);
  uint16_t y8_0; op_mul_rn_f16(x0, x1, y8_0);
  store_h(out, 8, n, i, y8_0);
  uint16_t y9_0; op_mul_rn_sat_f16(x0, x1, y9_0);
  store_h(out, 9, n, i, y9_0);
  uint16_t y10_0; op_mul_rn_ftz_f16(x0, x1, y10_0);
  store_h(out, 10, n, i, y10_0);
  uint16_t y11_0; op_mul_rn_ftz_sat_f16(x0, x1, y11_0);
  store_h(out, 11, n, i, y11_0);
}

extern "C" __global__ void binary_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_add_rn_f16x2(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_add_rn_sat_f16x2(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_add_rn_ftz_f16x2(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_add_rn_ftz_sat_f16x2(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_sub_rn_f16x2(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_sub_rn_sat_f16x2(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_sub_rn_ftz_f16x2(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_sub_rn_ftz_sat_f16x2(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_mul_rn_f16x2(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_mul_rn_sat_f16x2(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_mul_rn_ftz_f16x2(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_mul_rn_ftz_sat_f16x2(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
}

extern "C" __global__ void fma_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  const uint16_t x2 = load_h(in, 2, n, i);
  uint16_t y0_0; op_fma_rn_f16(x0, x1, x2, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_fma_rn_relu_f16(x0, x1, x2, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_fma_rn_sat_f16(x0, x1, x2, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_fma_rn_ftz_f16(x0, x1, x2, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_fma_rn_ftz_relu_f16(x0, x1, x2, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_fma_rn_ftz_sat_f16(x0, x1, x2, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_fma_rn_oob_f16(x0, x1, x2, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_fma_rn_oob_relu_f16(x0, x1, x2, y7_0);
  store_h(out, 7, n, i, y7_0);
}

extern "C" __global__ void fma_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_fma_rn_f16x2(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_fma_rn_relu_f16x2(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_fma_rn_sat_f16x2(x0, x1, x2, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_fma_rn_ftz_f16x2(x0, x1, x2, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_fma_rn_ftz_relu_f16x2(x0, x1, x2, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_fma_rn_ftz_sat_f16x2(x0, x1, x2, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_fma_rn_oob_f16x2(x0, x1, x2, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_fma_rn_oob_relu_f16x2(x0, x1, x2, y7_0);
  store_r(out, 7, n, i, y7_0);
}

extern "C" __global__ void minmax_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint16_t y0_0; op_min_f16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_min_xorsign_abs_f16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_min_NaN_f16(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_min_NaN_xorsign_abs_f16(x0, x1, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_min_ftz_f16(x0, x1, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_min_ftz_xorsign_abs_f16(x0, x1, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_min_ftz_NaN_f16(x0, x1, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_min_ftz_NaN_xorsign_abs_f16(x0, x1, y7_0);
  store_h(out, 7, n, i, y7_0);
  uint16_t y8_0; op_max_f16(x0, x1, y8_0);
  store_h(out, 8, n, i, y8_0);
  uint16_t y9_0; op_max_xorsign_abs_f16(x0, x1, y9_0);
  store_h(out, 9, n, i, y9_0);
  uint16_t y10_0; op_max_NaN_f16(x0, x1, y10_0);
  store_h(out, 10, n, i, y10_0);
  uint16_t y11_0; op_max_NaN_xorsign_abs_f16(x0, x1, y11_0);
  store_h(out, 11, n, i, y11_0);
  uint16_t y12_0; op_max_ftz_f16(x0, x1, y12_0);
  store_h(out, 12, n, i, y12_0);
  uint16_t y13_0; op_max_ftz_xorsign_abs_f16(x0, x1, y13_0);
  store_h(out, 13, n, i, y13_0);
  uint16_t y14_0; op_max_ftz_NaN_f16(x0, x1, y14_0);
  store_h(out, 14, n, i, y14_0);
  uint16_t y15_0; op_max_ftz_NaN_xorsign_abs_f16(x0, x1, y15_0);
  store_h(out, 15, n, i, y15_0);
}

extern "C" __global__ void minmax_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_min_f16x2(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_min_xorsign_abs_f16x2(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_min_NaN_f16x2(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_min_NaN_xorsign_abs_f16x2(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_min_ftz_f16x2(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_min_ftz_xorsign_abs_f16x2(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_min_ftz_NaN_f16x2(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_min_ftz_NaN_xorsign_abs_f16x2(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_max_f16x2(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_max_xorsign_abs_f16x2(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_max_NaN_f16x2(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_max_NaN_xorsign_abs_f16x2(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_max_ftz_f16x2(x0, x1, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_max_ftz_xorsign_abs_f16x2(x0, x1, y13_0);
  store_r(out, 13, n, i, y13_0);
  uint32_t y14_0; op_max_ftz_NaN_f16x2(x0, x1, y14_0);
  store_r(out, 14, n, i, y14_0);
  uint32_t y15_0; op_max_ftz_NaN_xorsign_abs_f16x2(x0, x1, y15_0);
  store_r(out, 15, n, i, y15_0);
}

extern "C" __global__ void unary_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_abs_f16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_neg_f16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_abs_ftz_f16(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_neg_ftz_f16(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void unary_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint32_t y0_0; op_abs_f16x2(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_neg_f16x2(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
}

extern "C" __global__ void binary_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint16_t y0_0; op_add_rn_bf16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_sub_rn_bf16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_mul_rn_bf16(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
}

extern "C" __global__ void binary_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_add_rn_bf16x2(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_sub_rn_bf16x2(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_mul_rn_bf16x2(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
}

extern "C" __global__ void fma_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  const uint16_t x2 = load_h(in, 2, n, i);
  uint16_t y0_0; op_fma_rn_bf16(x0, x1, x2, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_fma_rn_relu_bf16(x0, x1, x2, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_fma_rn_oob_bf16(x0, x1, x2, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_fma_rn_oob_relu_bf16(x0, x1, x2, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void fma_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_fma_rn_bf16x2(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_fma_rn_relu_bf16x2(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_fma_rn_oob_bf16x2(x0, x1, x2, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_fma_rn_oob_relu_bf16x2(x0, x1, x2, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void minmax_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint16_t y0_0; op_min_bf16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_min_xorsign_abs_bf16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_min_NaN_bf16(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_min_NaN_xorsign_abs_bf16(x0, x1, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_max_bf16(x0, x1, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_max_xorsign_abs_bf16(x0, x1, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_max_NaN_bf16(x0, x1, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_max_NaN_xorsign_abs_bf16(x0, x1, y7_0);
  store_h(out, 7, n, i, y7_0);
}

extern "C" __global__ void minmax_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_min_bf16x2(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_min_xorsign_abs_bf16x2(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_min_NaN_bf16x2(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_min_NaN_xorsign_abs_bf16x2(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_max_bf16x2(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_max_xorsign_abs_bf16x2(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_max_NaN_bf16x2(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_max_NaN_xorsign_abs_bf16x2(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
}

extern "C" __global__ void unary_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_abs_bf16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_neg_bf16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
}

extern "C" __global__ void unary_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint32_t y0_0; op_abs_bf16x2(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_neg_bf16x2(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
}
