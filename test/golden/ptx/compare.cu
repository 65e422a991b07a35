// Comparisons and selections. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_setp_eq_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.eq.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_ne_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ne.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_lt_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_le_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.le.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_gt_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gt.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_ge_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ge.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_equ_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.equ.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_neu_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.neu.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_ltu_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ltu.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_leu_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.leu.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_gtu_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gtu.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_geu_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.geu.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_num_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.num.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_nan_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.nan.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_eq_ftz_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.eq.ftz.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_lt_ftz_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.ftz.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_gtu_ftz_f32(float x0, float x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gtu.ftz.f32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_eq_u32_f32(float x0, float x1, uint32_t& y0) { asm("set.eq.u32.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_lt_u32_f32(float x0, float x1, uint32_t& y0) { asm("set.lt.u32.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_geu_u32_f32(float x0, float x1, uint32_t& y0) { asm("set.geu.u32.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_num_u32_f32(float x0, float x1, uint32_t& y0) { asm("set.num.u32.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_nan_u32_f32(float x0, float x1, uint32_t& y0) { asm("set.nan.u32.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_lt_ftz_u32_f32(float x0, float x1, uint32_t& y0) { asm("set.lt.ftz.u32.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_neu_s32_f32(float x0, float x1, uint32_t& y0) { asm("set.neu.s32.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_eq_f32_f32(float x0, float x1, float& y0) { asm("set.eq.f32.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_lt_f32_f32(float x0, float x1, float& y0) { asm("set.lt.f32.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_set_geu_f32_f32(float x0, float x1, float& y0) { asm("set.geu.f32.f32 %0, %1, %2;" : "=f"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_setp_lt_and_f32_p_q(float x0, float x1, uint32_t x2, uint32_t& y0, uint32_t& y1) { asm("{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.lt.and.f32 p|q, %2, %3, c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }" : "=r"(y0), "=r"(y1) : "f"(x0), "f"(x1), "r"(x2)); }
DEVICE void op_setp_lt_or_f32_p_q(float x0, float x1, uint32_t x2, uint32_t& y0, uint32_t& y1) { asm("{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.lt.or.f32 p|q, %2, %3, c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }" : "=r"(y0), "=r"(y1) : "f"(x0), "f"(x1), "r"(x2)); }
DEVICE void op_setp_lt_xor_f32_p_q(float x0, float x1, uint32_t x2, uint32_t& y0, uint32_t& y1) { asm("{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.lt.xor.f32 p|q, %2, %3, c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }" : "=r"(y0), "=r"(y1) : "f"(x0), "f"(x1), "r"(x2)); }
DEVICE void op_setp_geu_and_f32_p_q(float x0, float x1, uint32_t x2, uint32_t& y0, uint32_t& y1) { asm("{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.geu.and.f32 p|q, %2, %3, c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }" : "=r"(y0), "=r"(y1) : "f"(x0), "f"(x1), "r"(x2)); }
DEVICE void op_setp_nan_xor_f32_p_q(float x0, float x1, uint32_t x2, uint32_t& y0, uint32_t& y1) { asm("{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.nan.xor.f32 p|q, %2, %3, c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }" : "=r"(y0), "=r"(y1) : "f"(x0), "f"(x1), "r"(x2)); }
DEVICE void op_setp_lt_and_f32_p_q_c(float x0, float x1, uint32_t x2, uint32_t& y0, uint32_t& y1) { asm("{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.lt.and.f32 p|q, %2, %3, !c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }" : "=r"(y0), "=r"(y1) : "f"(x0), "f"(x1), "r"(x2)); }
DEVICE void op_setp_eq_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.eq.s32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_ne_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ne.s32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_lt_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.s32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_le_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.le.s32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_gt_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gt.s32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_ge_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ge.s32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_lt_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_le_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.le.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_gt_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gt.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_ge_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ge.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_lo_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lo.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_ls_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ls.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_hi_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.hi.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_hs_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.hs.u32 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_lt_s16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.s16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_lt_u16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.u16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_eq_b16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.eq.b16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_lt_s64(uint64_t x0, uint64_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.s64 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_setp_lt_u64(uint64_t x0, uint64_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.u64 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_setp_eq_b64(uint64_t x0, uint64_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.eq.b64 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_setp_lt_f64(double x0, double x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.f64 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_setp_geu_f64(double x0, double x1, uint32_t& y0) { asm("{ .reg .pred p; setp.geu.f64 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_setp_neu_f64(double x0, double x1, uint32_t& y0) { asm("{ .reg .pred p; setp.neu.f64 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_setp_nan_f64(double x0, double x1, uint32_t& y0) { asm("{ .reg .pred p; setp.nan.f64 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "d"(x0), "d"(x1)); }
DEVICE void op_slct_f32_f32(float x0, float x1, float x2, float& y0) { asm("slct.f32.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_slct_ftz_f32_f32(float x0, float x1, float x2, float& y0) { asm("slct.ftz.f32.f32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "f"(x2)); }
DEVICE void op_slct_f32_s32(float x0, float x1, uint32_t x2, float& y0) { asm("slct.f32.s32 %0, %1, %2, %3;" : "=f"(y0) : "f"(x0), "f"(x1), "r"(x2)); }
DEVICE void op_testp_finite_f32(float x0, uint32_t& y0) { asm("{ .reg .pred p; testp.finite.f32 p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0)); }
DEVICE void op_testp_infinite_f32(float x0, uint32_t& y0) { asm("{ .reg .pred p; testp.infinite.f32 p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0)); }
DEVICE void op_testp_number_f32(float x0, uint32_t& y0) { asm("{ .reg .pred p; testp.number.f32 p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0)); }
DEVICE void op_testp_notanumber_f32(float x0, uint32_t& y0) { asm("{ .reg .pred p; testp.notanumber.f32 p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0)); }
DEVICE void op_testp_normal_f32(float x0, uint32_t& y0) { asm("{ .reg .pred p; testp.normal.f32 p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0)); }
DEVICE void op_testp_subnormal_f32(float x0, uint32_t& y0) { asm("{ .reg .pred p; testp.subnormal.f32 p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "f"(x0)); }
DEVICE void op_setp_eq_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.eq.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_ne_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ne.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_lt_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_le_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.le.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_gt_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gt.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_ge_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ge.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_equ_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.equ.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_neu_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.neu.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_ltu_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ltu.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_leu_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.leu.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_gtu_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gtu.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_geu_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.geu.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_num_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.num.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_nan_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.nan.f16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_lt_f16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.lt.f16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_geu_f16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.geu.f16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_neu_f16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.neu.f16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_num_f16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.num.f16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_lt_f16x2_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("set.lt.f16x2.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_geu_f16x2_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("set.geu.f16x2.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_nan_f16x2_f16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("set.nan.f16x2.f16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_lt_u32_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("set.lt.u32.f16 %0, %1, %2;" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_set_neu_u32_f16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("set.neu.u32.f16 %0, %1, %2;" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_set_lt_f16_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("set.lt.f16.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_set_neu_f16_f16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("set.neu.f16.f16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_eq_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.eq.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_ne_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ne.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_lt_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.lt.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_le_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.le.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_gt_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gt.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_ge_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ge.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_equ_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.equ.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_neu_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.neu.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_ltu_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.ltu.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_leu_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.leu.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_gtu_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.gtu.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_geu_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.geu.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_num_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.num.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_nan_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("{ .reg .pred p; setp.nan.bf16 p, %1, %2; selp.u32 %0, 1, 0, p; }" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_setp_lt_bf16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.lt.bf16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_geu_bf16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.geu.bf16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_neu_bf16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.neu.bf16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_setp_num_bf16x2_p_q(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("{ .reg .pred p, q; setp.num.bf16x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_lt_bf16x2_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("set.lt.bf16x2.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_geu_bf16x2_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("set.geu.bf16x2.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_nan_bf16x2_bf16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("set.nan.bf16x2.bf16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_set_lt_u32_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("set.lt.u32.bf16 %0, %1, %2;" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_set_neu_u32_bf16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("set.neu.u32.bf16 %0, %1, %2;" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_set_lt_bf16_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("set.lt.bf16.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_set_neu_bf16_bf16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("set.neu.bf16.bf16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }

extern "C" __global__ void setp_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  uint32_t y0_0; op_setp_eq_f32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_ne_f32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_lt_f32(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_setp_le_f32(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_setp_gt_f32(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_setp_ge_f32(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_setp_equ_f32(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_setp_neu_f32(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_setp_ltu_f32(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_setp_leu_f32(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_setp_gtu_f32(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_setp_geu_f32(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_setp_num_f32(x0, x1, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_setp_nan_f32(x0, x1, y13_0);
  store_r(out, 13, n, i, y13_0);
  uint32_t y14_0; op_setp_eq_ftz_f32(x0, x1, y14_0);
  store_r(out, 14, n, i, y14_0);
  uint32_t y15_0; op_setp_lt_ftz_f32(x0, x1, y15_0);
  store_r(out, 15, n, i, y15_0);
  uint32_t y16_0; op_setp_gtu_ftz_f32(x0, x1, y16_0);
  store_r(out, 16, n, i, y16_0);
}

extern "C" __global__ void set_u32_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  uint32_t y0_0; op_set_eq_u32_f32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_set_lt_u32_f32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_set_geu_u32_f32(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_set_num_u32_f32(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_set_nan_u32_f32(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_set_lt_ftz_u32_f32(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_set_neu_s32_f32(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
}

extern "C" __global__ void set_f32_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  float y0_0; op_set_eq_f32_f32(x0, x1, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_set_lt_f32_f32(x0, x1, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_set_geu_f32_f32(x0, x1, y2_0);
  store_f(out, 2, n, i, y2_0);
}

extern "C" __global__ void setp_two(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; uint32_t y0_1; op_setp_lt_and_f32_p_q(x0, x1, x2, y0_0, y0_1);
  store_r(out, 0, n, i, y0_0);
  store_r(out, 1, n, i, y0_1);
  uint32_t y1_0; uint32_t y1_1; op_setp_lt_or_f32_p_q(x0, x1, x2, y1_0, y1_1);
  store_r(out, 2, n, i, y1_0);
  store_r(out, 3, n, i, y1_1);
  uint32_t y2_0; uint32_t y2_1; op_setp_lt_xor_f32_p_q(x0, x1, x2, y2_0, y2_1);
  store_r(out, 4, n, i, y2_0);
  store_r(out, 5, n, i, y2_1);
  uint32_t y3_0; uint32_t y3_1; op_setp_geu_and_f32_p_q(x0, x1, x2, y3_0, y3_1);
  store_r(out, 6, n, i, y3_0);
  store_r(out, 7, n, i, y3_1);
  uint32_t y4_0; uint32_t y4_1; op_setp_nan_xor_f32_p_q(x0, x1, x2, y4_0, y4_1);
  store_r(out, 8, n, i, y4_0);
  store_r(out, 9, n, i, y4_1);
  uint32_t y5_0; uint32_t y5_1; op_setp_lt_and_f32_p_q_c(x0, x1, x2, y5_0, y5_1);
  store_r(out, 10, n, i, y5_0);
  store_r(out, 11, n, i, y5_1);
}

extern "C" __global__ void setp_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_setp_eq_s32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_ne_s32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_lt_s32(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_setp_le_s32(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_setp_gt_s32(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_setp_ge_s32(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_setp_lt_u32(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_setp_le_u32(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_setp_gt_u32(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_setp_ge_u32(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_setp_lo_u32(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_setp_ls_u32(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_setp_hi_u32(x0, x1, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_setp_hs_u32(x0, x1, y13_0);
  store_r(out, 13, n, i, y13_0);
}

extern "C" __global__ void setp_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint32_t y0_0; op_setp_lt_s16(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_lt_u16(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_eq_b16(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
}

extern "C" __global__ void setp_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  const uint64_t x1 = load_l(in, 2, n, i);
  uint32_t y0_0; op_setp_lt_s64(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_lt_u64(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_eq_b64(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
}

extern "C" __global__ void setp_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  const double x1 = load_d(in, 2, n, i);
  uint32_t y0_0; op_setp_lt_f64(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_geu_f64(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_neu_f64(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_setp_nan_f64(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void slct_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  const float x2 = load_f(in, 2, n, i);
  float y0_0; op_slct_f32_f32(x0, x1, x2, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_slct_ftz_f32_f32(x0, x1, x2, y1_0);
  store_f(out, 1, n, i, y1_0);
}

extern "C" __global__ void slct_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  float y0_0; op_slct_f32_s32(x0, x1, x2, y0_0);
  store_f(out, 0, n, i, y0_0);
}

extern "C" __global__ void testp(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint32_t y0_0; op_testp_finite_f32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_testp_infinite_f32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_testp_number_f32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_testp_notanumber_f32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_testp_normal_f32(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_testp_subnormal_f32(x0, y5_0);
  store_r(out, 5, n, i, y5_0);
}

extern "C" __global__ void setp_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint32_t y0_0; op_setp_eq_f16(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_ne_f16(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_lt_f16(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_setp_le_f16(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_setp_gt_f16(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_setp_ge_f16(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_setp_equ_f16(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_setp_neu_f16(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_setp_ltu_f16(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_setp_leu_f16(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_setp_gtu_f16(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_setp_geu_f16(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_setp_num_f16(x0, x1, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_setp_nan_f16(x0, x1, y13_0);
  store_r(out, 13, n, i, y13_0);
}

extern "C" __global__ void set_f16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_setp_lt_f16x2_p_q(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_geu_f16x2_p_q(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_neu_f16x2_p_q(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_setp_num_f16x2_p_q(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_set_lt_f16x2_f16x2(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_set_geu_f16x2_f16x2(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_set_nan_f16x2_f16x2(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
}

extern "C" __global__ void set_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint32_t y0_0; op_set_lt_u32_f16(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_set_neu_u32_f16(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
}

extern "C" __global__ void set_f16_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint16_t y0_0; op_set_lt_f16_f16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_set_neu_f16_f16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
}

extern "C" __global__ void setp_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint32_t y0_0; op_setp_eq_bf16(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_ne_bf16(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_lt_bf16(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_setp_le_bf16(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_setp_gt_bf16(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_setp_ge_bf16(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_setp_equ_bf16(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_setp_neu_bf16(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_setp_ltu_bf16(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_setp_leu_bf16(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_setp_gtu_bf16(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_setp_geu_bf16(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_setp_num_bf16(x0, x1, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_setp_nan_bf16(x0, x1, y13_0);
  store_r(out, 13, n, i, y13_0);
}

extern "C" __global__ void set_bf16x2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_setp_lt_bf16x2_p_q(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_setp_geu_bf16x2_p_q(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_setp_neu_bf16x2_p_q(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_setp_num_bf16x2_p_q(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_set_lt_bf16x2_bf16x2(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_set_geu_bf16x2_bf16x2(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_set_nan_bf16x2_bf16x2(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
}

extern "C" __global__ void set_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint32_t y0_0; op_set_lt_u32_bf16(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_set_neu_u32_bf16(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
}

extern "C" __global__ void set_bf16_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint16_t y0_0; op_set_lt_bf16_bf16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_set_neu_bf16_bf16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
}
