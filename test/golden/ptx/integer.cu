// Integer instructions: arithmetic, carry chains, bits, permutes, dot products. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_abs_s32(uint32_t x0, uint32_t& y0) { asm("abs.s32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_neg_s32(uint32_t x0, uint32_t& y0) { asm("neg.s32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_not_b32(uint32_t x0, uint32_t& y0) { asm("not.b32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cnot_b32(uint32_t x0, uint32_t& y0) { asm("cnot.b32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_popc_b32(uint32_t x0, uint32_t& y0) { asm("popc.b32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_clz_b32(uint32_t x0, uint32_t& y0) { asm("clz.b32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_brev_b32(uint32_t x0, uint32_t& y0) { asm("brev.b32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_bfind_u32(uint32_t x0, uint32_t& y0) { asm("bfind.u32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_bfind_s32(uint32_t x0, uint32_t& y0) { asm("bfind.s32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_bfind_shiftamt_u32(uint32_t x0, uint32_t& y0) { asm("bfind.shiftamt.u32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_bfind_shiftamt_s32(uint32_t x0, uint32_t& y0) { asm("bfind.shiftamt.s32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_popc_b64(uint64_t x0, uint32_t& y0) { asm("popc.b64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_clz_b64(uint64_t x0, uint32_t& y0) { asm("clz.b64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_bfind_u64(uint64_t x0, uint32_t& y0) { asm("bfind.u64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_bfind_s64(uint64_t x0, uint32_t& y0) { asm("bfind.s64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_bfind_shiftamt_u64(uint64_t x0, uint32_t& y0) { asm("bfind.shiftamt.u64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_brev_b64(uint64_t x0, uint64_t& y0) { asm("brev.b64 %0, %1;" : "=l"(y0) : "l"(x0)); }
DEVICE void op_abs_s64(uint64_t x0, uint64_t& y0) { asm("abs.s64 %0, %1;" : "=l"(y0) : "l"(x0)); }
DEVICE void op_neg_s64(uint64_t x0, uint64_t& y0) { asm("neg.s64 %0, %1;" : "=l"(y0) : "l"(x0)); }
DEVICE void op_not_b64(uint64_t x0, uint64_t& y0) { asm("not.b64 %0, %1;" : "=l"(y0) : "l"(x0)); }
DEVICE void op_cnot_b64(uint64_t x0, uint64_t& y0) { asm("cnot.b64 %0, %1;" : "=l"(y0) : "l"(x0)); }
DEVICE void op_add_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_add_sat_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.sat.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_sub_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("sub.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_sub_sat_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("sub.sat.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_lo_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.lo.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_hi_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.hi.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_hi_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul.hi.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul24_lo_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul24.lo.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul24_hi_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul24.hi.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul24_lo_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul24.lo.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul24_hi_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("mul24.hi.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_div_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("div.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_div_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("div.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_rem_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("rem.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_rem_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("rem.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_relu_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.relu.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_relu_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.relu.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_and_b32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("and.b32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_or_b32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("or.b32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_xor_b32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("xor.b32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_s16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.s16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_s16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.s16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_u16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.u16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_u16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.u16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_min_relu_s16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("min.relu.s16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_max_relu_s16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("max.relu.s16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_add_s16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.s16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_add_u16x2(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("add.u16x2 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_wide_s32(uint32_t x0, uint32_t x1, uint64_t& y0) { asm("mul.wide.s32 %0, %1, %2;" : "=l"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_mul_wide_u32(uint32_t x0, uint32_t x1, uint64_t& y0) { asm("mul.wide.u32 %0, %1, %2;" : "=l"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_add_s16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("add.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_sub_s16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("sub.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_lo_s16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.lo.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_hi_s16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.hi.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_hi_u16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("mul.hi.u16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_min_s16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("min.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_max_u16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("max.u16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_div_s16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("div.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_div_u16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("div.u16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_rem_s16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("rem.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_rem_u16(uint16_t x0, uint16_t x1, uint16_t& y0) { asm("rem.u16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_wide_s16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("mul.wide.s16 %0, %1, %2;" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_mul_wide_u16(uint16_t x0, uint16_t x1, uint32_t& y0) { asm("mul.wide.u16 %0, %1, %2;" : "=r"(y0) : "h"(x0), "h"(x1)); }
DEVICE void op_add_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("add.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_sub_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("sub.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_mul_lo_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("mul.lo.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_mul_hi_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("mul.hi.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_mul_hi_u64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("mul.hi.u64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_div_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("div.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_div_u64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("div.u64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_rem_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("rem.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_rem_u64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("rem.u64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_min_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("min.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_max_s64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("max.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_min_u64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("min.u64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_max_u64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("max.u64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_xor_b64(uint64_t x0, uint64_t x1, uint64_t& y0) { asm("xor.b64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "l"(x1)); }
DEVICE void op_mad_lo_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad.lo.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad_hi_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad.hi.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad_hi_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad.hi.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad_hi_sat_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad.hi.sat.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad24_lo_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad24.lo.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad24_hi_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad24.hi.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad24_lo_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad24.lo.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad24_hi_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad24.hi.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad24_hi_sat_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("mad24.hi.sat.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_sad_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("sad.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_sad_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("sad.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_slct_s32_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("slct.s32.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_slct_u32_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("slct.u32.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp4a_s32_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp4a_u32_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp4a.u32.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp4a_s32_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp4a.s32.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp4a_u32_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp4a.u32.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp2a_lo_s32_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp2a.lo.s32.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp2a_hi_s32_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp2a.hi.s32.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp2a_lo_u32_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp2a.lo.u32.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp2a_hi_u32_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp2a.hi.u32.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp2a_lo_s32_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp2a.lo.s32.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_dp2a_lo_u32_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("dp2a.lo.u32.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_mad_wide_s32(uint32_t x0, uint32_t x1, uint64_t x2, uint64_t& y0) { asm("mad.wide.s32 %0, %1, %2, %3;" : "=l"(y0) : "r"(x0), "r"(x1), "l"(x2)); }
DEVICE void op_mad_wide_u32(uint32_t x0, uint32_t x1, uint64_t x2, uint64_t& y0) { asm("mad.wide.u32 %0, %1, %2, %3;" : "=l"(y0) : "r"(x0), "r"(x1), "l"(x2)); }
DEVICE void op_lop3_b32_0x00(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 0;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0x01(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 1;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0x1b(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 27;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0x3c(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 60;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0x6a(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 106;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0x80(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 128;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0x96(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 150;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xaa(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 170;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xca(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 202;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xcc(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 204;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xe8(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 232;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xf0(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 240;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xf8(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 248;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xfe(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 254;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_lop3_b32_0xff(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("lop3.b32 %0, %1, %2, %3, 255;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_shl_b32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("shl.b32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_shr_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("shr.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_shr_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("shr.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_bmsk_clamp_b32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("bmsk.clamp.b32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_bmsk_wrap_b32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("bmsk.wrap.b32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_szext_clamp_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("szext.clamp.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_szext_wrap_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("szext.wrap.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_szext_clamp_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("szext.clamp.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_szext_wrap_u32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("szext.wrap.u32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_shl_b64(uint64_t x0, uint32_t x1, uint64_t& y0) { asm("shl.b64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "r"(x1)); }
DEVICE void op_shr_u64(uint64_t x0, uint32_t x1, uint64_t& y0) { asm("shr.u64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "r"(x1)); }
DEVICE void op_shr_s64(uint64_t x0, uint32_t x1, uint64_t& y0) { asm("shr.s64 %0, %1, %2;" : "=l"(y0) : "l"(x0), "r"(x1)); }
DEVICE void op_shl_b16(uint16_t x0, uint32_t x1, uint16_t& y0) { asm("shl.b16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "r"(x1)); }
DEVICE void op_shr_u16(uint16_t x0, uint32_t x1, uint16_t& y0) { asm("shr.u16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "r"(x1)); }
DEVICE void op_shr_s16(uint16_t x0, uint32_t x1, uint16_t& y0) { asm("shr.s16 %0, %1, %2;" : "=h"(y0) : "h"(x0), "r"(x1)); }
DEVICE void op_shf_l_wrap_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("shf.l.wrap.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_shf_l_clamp_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("shf.l.clamp.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_shf_r_wrap_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("shf.r.wrap.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_shf_r_clamp_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("shf.r.clamp.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_bfe_u32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("bfe.u32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_bfe_s32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("bfe.s32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_bfe_u64(uint64_t x0, uint32_t x1, uint32_t x2, uint64_t& y0) { asm("bfe.u64 %0, %1, %2, %3;" : "=l"(y0) : "l"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_bfe_s64(uint64_t x0, uint32_t x1, uint32_t x2, uint64_t& y0) { asm("bfe.s64 %0, %1, %2, %3;" : "=l"(y0) : "l"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_bfi_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t& y0) { asm("bfi.b32 %0, %1, %2, %3, %4;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2), "r"(x3)); }
DEVICE void op_bfi_b64(uint64_t x0, uint64_t x1, uint32_t x2, uint32_t x3, uint64_t& y0) { asm("bfi.b64 %0, %1, %2, %3, %4;" : "=l"(y0) : "l"(x0), "l"(x1), "r"(x2), "r"(x3)); }
DEVICE void op_fns_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("fns.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_prmt_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("prmt.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_prmt_b32_f4e(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("prmt.b32.f4e %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_prmt_b32_b4e(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("prmt.b32.b4e %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_prmt_b32_rc8(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("prmt.b32.rc8 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_prmt_b32_ecl(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("prmt.b32.ecl %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_prmt_b32_ecr(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("prmt.b32.ecr %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_prmt_b32_rc16(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("prmt.b32.rc16 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_carry_0_add_cc_u32_0_3_5_addc_cc_u32_1_4_6_addc_u32_2_0_0(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t& y0, uint32_t& y1, uint32_t& y2) { asm("{ add.cc.u32 %0, %3, %5; addc.cc.u32 %1, %4, %6; addc.u32 %2, 0, 0; }" : "=r"(y0), "=r"(y1), "=r"(y2) : "r"(x0), "r"(x1), "r"(x2), "r"(x3)); }
DEVICE void op_carry_1_sub_cc_u32_0_3_5_subc_cc_u32_1_4_6_subc_u32_2_0_0(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t& y0, uint32_t& y1, uint32_t& y2) { asm("{ sub.cc.u32 %0, %3, %5; subc.cc.u32 %1, %4, %6; subc.u32 %2, 0, 0; }" : "=r"(y0), "=r"(y1), "=r"(y2) : "r"(x0), "r"(x1), "r"(x2), "r"(x3)); }
DEVICE void op_carry_2_mad_lo_cc_u32_0_3_5_4_madc_hi_cc_u32_1_3_5_6_addc_u32_2_0_0(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t& y0, uint32_t& y1, uint32_t& y2) { asm("{ mad.lo.cc.u32 %0, %3, %5, %4; madc.hi.cc.u32 %1, %3, %5, %6; addc.u32 %2, 0, 0; }" : "=r"(y0), "=r"(y1), "=r"(y2) : "r"(x0), "r"(x1), "r"(x2), "r"(x3)); }
DEVICE void op_carry_3_mad_hi_cc_u32_0_3_5_4_madc_lo_cc_u32_1_3_5_6_addc_u32_2_7_0(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t& y0, uint32_t& y1, uint32_t& y2) { asm("{ mad.hi.cc.u32 %0, %3, %5, %4; madc.lo.cc.u32 %1, %3, %5, %6; addc.u32 %2, 7, 0; }" : "=r"(y0), "=r"(y1), "=r"(y2) : "r"(x0), "r"(x1), "r"(x2), "r"(x3)); }
DEVICE void op_carry_4_add_cc_s32_0_3_5_subc_cc_s32_1_4_6_addc_s32_2_0_0(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t& y0, uint32_t& y1, uint32_t& y2) { asm("{ add.cc.s32 %0, %3, %5; subc.cc.s32 %1, %4, %6; addc.s32 %2, 0, 0; }" : "=r"(y0), "=r"(y1), "=r"(y2) : "r"(x0), "r"(x1), "r"(x2), "r"(x3)); }
DEVICE void op_cvt_pack_sat_u16_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("cvt.pack.sat.u16.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_cvt_pack_sat_s16_s32(uint32_t x0, uint32_t x1, uint32_t& y0) { asm("cvt.pack.sat.s16.s32 %0, %1, %2;" : "=r"(y0) : "r"(x0), "r"(x1)); }
DEVICE void op_cvt_pack_sat_u8_s32_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("cvt.pack.sat.u8.s32.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }
DEVICE void op_cvt_pack_sat_s8_s32_b32(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t& y0) { asm("cvt.pack.sat.s8.s32.b32 %0, %1, %2, %3;" : "=r"(y0) : "r"(x0), "r"(x1), "r"(x2)); }

extern "C" __global__ void unary_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint32_t y0_0; op_abs_s32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_neg_s32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_not_b32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cnot_b32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_popc_b32(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_clz_b32(x0, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_brev_b32(x0, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_bfind_u32(x0, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_bfind_s32(x0, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_bfind_shiftamt_u32(x0, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_bfind_shiftamt_s32(x0, y10_0);
  store_r(out, 10, n, i, y10_0);
}

extern "C" __global__ void unary_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  uint32_t y0_0; op_popc_b64(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_clz_b64(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_bfind_u64(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_bfind_s64(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_bfind_shiftamt_u64(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
}

extern "C" __global__ void unary_b64_wide(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  uint64_t y0_0; op_brev_b64(x0, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_abs_s64(x0, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_neg_s64(x0, y2_0);
  store_l(out, 4, n, i, y2_0);
  uint64_t y3_0; op_not_b64(x0, y3_0);
  store_l(out, 6, n, i, y3_0);
  uint64_t y4_0; op_cnot_b64(x0, y4_0);
  store_l(out, 8, n, i, y4_0);
}

extern "C" __global__ void binary_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_add_s32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_add_sat_s32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_sub_s32(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_sub_sat_s32(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_mul_lo_s32(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_mul_hi_s32(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_mul_hi_u32(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_mul24_lo_s32(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_mul24_hi_s32(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_mul24_lo_u32(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_mul24_hi_u32(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_div_s32(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_div_u32(x0, x1, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_rem_s32(x0, x1, y13_0);
  store_r(out, 13, n, i, y13_0);
  uint32_t y14_0; op_rem_u32(x0, x1, y14_0);
  store_r(out, 14, n, i, y14_0);
  uint32_t y15_0; op_min_s32(x0, x1, y15_0);
  store_r(out, 15, n, i, y15_0);
  uint32_t y16_0; op_max_s32(x0, x1, y16_0);
  store_r(out, 16, n, i, y16_0);
  uint32_t y17_0; op_min_u32(x0, x1, y17_0);
  store_r(out, 17, n, i, y17_0);
  uint32_t y18_0; op_max_u32(x0, x1, y18_0);
  store_r(out, 18, n, i, y18_0);
  uint32_t y19_0; op_min_relu_s32(x0, x1, y19_0);
  store_r(out, 19, n, i, y19_0);
  uint32_t y20_0; op_max_relu_s32(x0, x1, y20_0);
  store_r(out, 20, n, i, y20_0);
  uint32_t y21_0; op_and_b32(x0, x1, y21_0);
  store_r(out, 21, n, i, y21_0);
  uint32_t y22_0; op_or_b32(x0, x1, y22_0);
  store_r(out, 22, n, i, y22_0);
  uint32_t y23_0; op_xor_b32(x0, x1, y23_0);
  store_r(out, 23, n, i, y23_0);
  uint32_t y24_0; op_min_s16x2(x0, x1, y24_0);
  store_r(out, 24, n, i, y24_0);
  uint32_t y25_0; op_max_s16x2(x0, x1, y25_0);
  store_r(out, 25, n, i, y25_0);
  uint32_t y26_0; op_min_u16x2(x0, x1, y26_0);
  store_r(out, 26, n, i, y26_0);
  uint32_t y27_0; op_max_u16x2(x0, x1, y27_0);
  store_r(out, 27, n, i, y27_0);
  uint32_t y28_0; op_min_relu_s16x2(x0, x1, y28_0);
  store_r(out, 28, n, i, y28_0);
  uint32_t y29_0; op_max_relu_s16x2(x0, x1, y29_0);
  store_r(out, 29, n, i, y29_0);
  uint32_t y30_0; op_add_s16x2(x0, x1, y30_0);
  store_r(out, 30, n, i, y30_0);
  uint32_t y31_0; op_add_u16x2(x0, x1, y31_0);
  store_r(out, 31, n, i, y31_0);
}

extern "C" __global__ void wide(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint64_t y0_0; op_mul_wide_s32(x0, x1, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_mul_wide_u32(x0, x1, y1_0);
  store_l(out, 2, n, i, y1_0);
}

extern "C" __global__ void binary_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint16_t y0_0; op_add_s16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_sub_s16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_mul_lo_s16(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_mul_hi_s16(x0, x1, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_mul_hi_u16(x0, x1, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_min_s16(x0, x1, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_max_u16(x0, x1, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_div_s16(x0, x1, y7_0);
  store_h(out, 7, n, i, y7_0);
  uint16_t y8_0; op_div_u16(x0, x1, y8_0);
  store_h(out, 8, n, i, y8_0);
  uint16_t y9_0; op_rem_s16(x0, x1, y9_0);
  store_h(out, 9, n, i, y9_0);
  uint16_t y10_0; op_rem_u16(x0, x1, y10_0);
  store_h(out, 10, n, i, y10_0);
}

extern "C" __global__ void wide_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint16_t x1 = load_h(in, 1, n, i);
  uint32_t y0_0; op_mul_wide_s16(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_mul_wide_u16(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
}

extern "C" __global__ void binary_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  const uint64_t x1 = load_l(in, 2, n, i);
  uint64_t y0_0; op_add_s64(x0, x1, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_sub_s64(x0, x1, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_mul_lo_s64(x0, x1, y2_0);
  store_l(out, 4, n, i, y2_0);
  uint64_t y3_0; op_mul_hi_s64(x0, x1, y3_0);
  store_l(out, 6, n, i, y3_0);
  uint64_t y4_0; op_mul_hi_u64(x0, x1, y4_0);
  store_l(out, 8, n, i, y4_0);
  uint64_t y5_0; op_div_s64(x0, x1, y5_0);
  store_l(out, 10, n, i, y5_0);
  uint64_t y6_0; op_div_u64(x0, x1, y6_0);
  store_l(out, 12, n, i, y6_0);
  uint64_t y7_0; op_rem_s64(x0, x1, y7_0);
  store_l(out, 14, n, i, y7_0);
  uint64_t y8_0; op_rem_u64(x0, x1, y8_0);
  store_l(out, 16, n, i, y8_0);
  uint64_t y9_0; op_min_s64(x0, x1, y9_0);
  store_l(out, 18, n, i, y9_0);
  uint64_t y10_0; op_max_s64(x0, x1, y10_0);
  store_l(out, 20, n, i, y10_0);
  uint64_t y11_0; op_min_u64(x0, x1, y11_0);
  store_l(out, 22, n, i, y11_0);
  uint64_t y12_0; op_max_u64(x0, x1, y12_0);
  store_l(out, 24, n, i, y12_0);
  uint64_t y13_0; op_xor_b64(x0, x1, y13_0);
  store_l(out, 26, n, i, y13_0);
}

extern "C" __global__ void ternary_b32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_mad_lo_s32(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_mad_hi_s32(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_mad_hi_u32(x0, x1, x2, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_mad_hi_sat_s32(x0, x1, x2, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_mad24_lo_s32(x0, x1, x2, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_mad24_hi_s32(x0, x1, x2, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_mad24_lo_u32(x0, x1, x2, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_mad24_hi_u32(x0, x1, x2, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_mad24_hi_sat_s32(x0, x1, x2, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_sad_s32(x0, x1, x2, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_sad_u32(x0, x1, x2, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_slct_s32_s32(x0, x1, x2, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_slct_u32_s32(x0, x1, x2, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_dp4a_s32_s32(x0, x1, x2, y13_0);
  store_r(out, 13, n, i, y13_0);
  uint32_t y14_0; op_dp4a_u32_u32(x0, x1, x2, y14_0);
  store_r(out, 14, n, i, y14_0);
  uint32_t y15_0; op_dp4a_s32_u32(x0, x1, x2, y15_0);
  store_r(out, 15, n, i, y15_0);
  uint32_t y16_0; op_dp4a_u32_s32(x0, x1, x2, y16_0);
  store_r(out, 16, n, i, y16_0);
  uint32_t y17_0; op_dp2a_lo_s32_s32(x0, x1, x2, y17_0);
  store_r(out, 17, n, i, y17_0);
  uint32_t y18_0; op_dp2a_hi_s32_s32(x0, x1, x2, y18_0);
  store_r(out, 18, n, i, y18_0);
  uint32_t y19_0; op_dp2a_lo_u32_u32(x0, x1, x2, y19_0);
  store_r(out, 19, n, i, y19_0);
  uint32_t y20_0; op_dp2a_hi_u32_u32(x0, x1, x2, y20_0);
  store_r(out, 20, n, i, y20_0);
  uint32_t y21_0; op_dp2a_lo_s32_u32(x0, x1, x2, y21_0);
  store_r(out, 21, n, i, y21_0);
  uint32_t y22_0; op_dp2a_lo_u32_s32(x0, x1, x2, y22_0);
  store_r(out, 22, n, i, y22_0);
}

extern "C" __global__ void wide_mad(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint64_t x2 = load_l(in, 2, n, i);
  uint64_t y0_0; op_mad_wide_s32(x0, x1, x2, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_mad_wide_u32(x0, x1, x2, y1_0);
  store_l(out, 2, n, i, y1_0);
}

extern "C" __global__ void lop3(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_lop3_b32_0x00(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_lop3_b32_0x01(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_lop3_b32_0x1b(x0, x1, x2, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_lop3_b32_0x3c(x0, x1, x2, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_lop3_b32_0x6a(x0, x1, x2, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_lop3_b32_0x80(x0, x1, x2, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_lop3_b32_0x96(x0, x1, x2, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_lop3_b32_0xaa(x0, x1, x2, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_lop3_b32_0xca(x0, x1, x2, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_lop3_b32_0xcc(x0, x1, x2, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_lop3_b32_0xe8(x0, x1, x2, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_lop3_b32_0xf0(x0, x1, x2, y11_0);
  store_r(out, 11, n, i, y11_0);
  uint32_t y12_0; op_lop3_b32_0xf8(x0, x1, x2, y12_0);
  store_r(out, 12, n, i, y12_0);
  uint32_t y13_0; op_lop3_b32_0xfe(x0, x1, x2, y13_0);
  store_r(out, 13, n, i, y13_0);
  uint32_t y14_0; op_lop3_b32_0xff(x0, x1, x2, y14_0);
  store_r(out, 14, n, i, y14_0);
}

extern "C" __global__ void shifts(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_shl_b32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_shr_u32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_shr_s32(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_bmsk_clamp_b32(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_bmsk_wrap_b32(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_szext_clamp_s32(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_szext_wrap_s32(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_szext_clamp_u32(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_szext_wrap_u32(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
}

extern "C" __global__ void bmsk_small(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_bmsk_clamp_b32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_bmsk_wrap_b32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
}

extern "C" __global__ void shifts_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  const uint32_t x1 = load_r(in, 2, n, i);
  uint64_t y0_0; op_shl_b64(x0, x1, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_shr_u64(x0, x1, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_shr_s64(x0, x1, y2_0);
  store_l(out, 4, n, i, y2_0);
}

extern "C" __global__ void shifts_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint16_t y0_0; op_shl_b16(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_shr_u16(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_shr_s16(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
}

extern "C" __global__ void funnel(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_shf_l_wrap_b32(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_shf_l_clamp_b32(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_shf_r_wrap_b32(x0, x1, x2, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_shf_r_clamp_b32(x0, x1, x2, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void extract(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_bfe_u32(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_bfe_s32(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
}

extern "C" __global__ void extract_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  const uint32_t x1 = load_r(in, 2, n, i);
  const uint32_t x2 = load_r(in, 3, n, i);
  uint64_t y0_0; op_bfe_u64(x0, x1, x2, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_bfe_s64(x0, x1, x2, y1_0);
  store_l(out, 2, n, i, y1_0);
}

extern "C" __global__ void insert(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  const uint32_t x3 = load_r(in, 3, n, i);
  uint32_t y0_0; op_bfi_b32(x0, x1, x2, x3, y0_0);
  store_r(out, 0, n, i, y0_0);
}

extern "C" __global__ void insert_b64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  const uint64_t x1 = load_l(in, 2, n, i);
  const uint32_t x2 = load_r(in, 4, n, i);
  const uint32_t x3 = load_r(in, 5, n, i);
  uint64_t y0_0; op_bfi_b64(x0, x1, x2, x3, y0_0);
  store_l(out, 0, n, i, y0_0);
}

extern "C" __global__ void fns(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_fns_b32(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
}

extern "C" __global__ void prmt(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_prmt_b32(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_prmt_b32_f4e(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_prmt_b32_b4e(x0, x1, x2, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_prmt_b32_rc8(x0, x1, x2, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_prmt_b32_ecl(x0, x1, x2, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_prmt_b32_ecr(x0, x1, x2, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_prmt_b32_rc16(x0, x1, x2, y6_0);
  store_r(out, 6, n, i, y6_0);
}

extern "C" __global__ void carry(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  const uint32_t x3 = load_r(in, 3, n, i);
  uint32_t y0_0; uint32_t y0_1; uint32_t y0_2; op_carry_0_add_cc_u32_0_3_5_addc_cc_u32_1_4_6_addc_u32_2_0_0(x0, x1, x2, x3, y0_0, y0_1, y0_2);
  store_r(out, 0, n, i, y0_0);
  store_r(out, 1, n, i, y0_1);
  store_r(out, 2, n, i, y0_2);
  uint32_t y1_0; uint32_t y1_1; uint32_t y1_2; op_carry_1_sub_cc_u32_0_3_5_subc_cc_u32_1_4_6_subc_u32_2_0_0(x0, x1, x2, x3, y1_0, y1_1, y1_2);
  store_r(out, 3, n, i, y1_0);
  store_r(out, 4, n, i, y1_1);
  store_r(out, 5, n, i, y1_2);
  uint32_t y2_0; uint32_t y2_1; uint32_t y2_2; op_carry_2_mad_lo_cc_u32_0_3_5_4_madc_hi_cc_u32_1_3_5_6_addc_u32_2_0_0(x0, x1, x2, x3, y2_0, y2_1, y2_2);
  store_r(out, 6, n, i, y2_0);
  store_r(out, 7, n, i, y2_1);
  store_r(out, 8, n, i, y2_2);
  uint32_t y3_0; uint32_t y3_1; uint32_t y3_2; op_carry_3_mad_hi_cc_u32_0_3_5_4_madc_lo_cc_u32_1_3_5_6_addc_u32_2_7_0(x0, x1, x2, x3, y3_0, y3_1, y3_2);
  store_r(out, 9, n, i, y3_0);
  store_r(out, 10, n, i, y3_1);
  store_r(out, 11, n, i, y3_2);
  uint32_t y4_0; uint32_t y4_1; uint32_t y4_2; op_carry_4_add_cc_s32_0_3_5_subc_cc_s32_1_4_6_addc_s32_2_0_0(x0, x1, x2, x3, y4_0, y4_1, y4_2);
  store_r(out, 12, n, i, y4_0);
  store_r(out, 13, n, i, y4_1);
  store_r(out, 14, n, i, y4_2);
}

extern "C" __global__ void pack(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  uint32_t y0_0; op_cvt_pack_sat_u16_s32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_pack_sat_s16_s32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
}

extern "C" __global__ void pack8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  const uint32_t x1 = load_r(in, 1, n, i);
  const uint32_t x2 = load_r(in, 2, n, i);
  uint32_t y0_0; op_cvt_pack_sat_u8_s32_b32(x0, x1, x2, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_pack_sat_s8_s32_b32(x0, x1, x2, y1_0);
  store_r(out, 1, n, i, y1_0);
}
