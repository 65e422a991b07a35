// Conversions. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_cvt_rn_f16_f32(float x0, uint16_t& y0) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_relu_f16_f32(float x0, uint16_t& y0) { asm("cvt.rn.relu.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_satfinite_f16_f32(float x0, uint16_t& y0) { asm("cvt.rn.satfinite.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_relu_satfinite_f16_f32(float x0, uint16_t& y0) { asm("cvt.rn.relu.satfinite.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_f16_f32(float x0, uint16_t& y0) { asm("cvt.rz.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_relu_f16_f32(float x0, uint16_t& y0) { asm("cvt.rz.relu.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_satfinite_f16_f32(float x0, uint16_t& y0) { asm("cvt.rz.satfinite.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_relu_satfinite_f16_f32(float x0, uint16_t& y0) { asm("cvt.rz.relu.satfinite.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_relu_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rn.relu.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_satfinite_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rn.satfinite.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_relu_satfinite_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rn.relu.satfinite.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rz.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_relu_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rz.relu.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_satfinite_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rz.satfinite.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_relu_satfinite_bf16_f32(float x0, uint16_t& y0) { asm("cvt.rz.relu.satfinite.bf16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rm_f16_f32(float x0, uint16_t& y0) { asm("cvt.rm.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rp_f16_f32(float x0, uint16_t& y0) { asm("cvt.rp.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_ftz_f16_f32(float x0, uint16_t& y0) { asm("cvt.rn.ftz.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_sat_f16_f32(float x0, uint16_t& y0) { asm("cvt.rn.sat.f16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_f16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_relu_f16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rn.relu.f16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_satfinite_f16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rn.satfinite.f16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rz_f16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rz.f16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rz_relu_f16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rz.relu.f16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rz_satfinite_f16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rz.satfinite.f16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_bf16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_relu_bf16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rn.relu.bf16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_satfinite_bf16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rn.satfinite.bf16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rz_bf16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rz.bf16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rz_relu_bf16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rz.relu.bf16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rz_satfinite_bf16x2_f32(float x0, float x1, uint32_t& y0) { asm("cvt.rz.satfinite.bf16x2.f32 %0, %1, %2;" : "=r"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rna_tf32_f32(float x0, uint32_t& y0) { asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rna_satfinite_tf32_f32(float x0, uint32_t& y0) { asm("cvt.rna.satfinite.tf32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_tf32_f32(float x0, uint32_t& y0) { asm("cvt.rn.tf32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_tf32_f32(float x0, uint32_t& y0) { asm("cvt.rz.tf32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_relu_tf32_f32(float x0, uint32_t& y0) { asm("cvt.rn.relu.tf32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rz_relu_tf32_f32(float x0, uint32_t& y0) { asm("cvt.rz.relu.tf32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rn_satfinite_e4m3x2_f32(float x0, float x1, uint16_t& y0) { asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_satfinite_relu_e4m3x2_f32(float x0, float x1, uint16_t& y0) { asm("cvt.rn.satfinite.relu.e4m3x2.f32 %0, %1, %2;" : "=h"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_satfinite_e5m2x2_f32(float x0, float x1, uint16_t& y0) { asm("cvt.rn.satfinite.e5m2x2.f32 %0, %1, %2;" : "=h"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_satfinite_relu_e5m2x2_f32(float x0, float x1, uint16_t& y0) { asm("cvt.rn.satfinite.relu.e5m2x2.f32 %0, %1, %2;" : "=h"(y0) : "f"(x0), "f"(x1)); }
DEVICE void op_cvt_rn_satfinite_e4m3x2_f16x2(uint32_t x0, uint16_t& y0) { asm("cvt.rn.satfinite.e4m3x2.f16x2 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_satfinite_relu_e4m3x2_f16x2(uint32_t x0, uint16_t& y0) { asm("cvt.rn.satfinite.relu.e4m3x2.f16x2 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_satfinite_e5m2x2_f16x2(uint32_t x0, uint16_t& y0) { asm("cvt.rn.satfinite.e5m2x2.f16x2 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_satfinite_relu_e5m2x2_f16x2(uint32_t x0, uint16_t& y0) { asm("cvt.rn.satfinite.relu.e5m2x2.f16x2 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f16x2_e4m3x2(uint16_t x0, uint32_t& y0) { asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_relu_f16x2_e4m3x2(uint16_t x0, uint32_t& y0) { asm("cvt.rn.relu.f16x2.e4m3x2 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_f16x2_e5m2x2(uint16_t x0, uint32_t& y0) { asm("cvt.rn.f16x2.e5m2x2 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_relu_f16x2_e5m2x2(uint16_t x0, uint32_t& y0) { asm("cvt.rn.relu.f16x2.e5m2x2 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_f32_f16(uint16_t x0, float& y0) { asm("cvt.f32.f16 %0, %1;" : "=f"(y0) : "h"(x0)); }
DEVICE void op_cvt_ftz_f32_f16(uint16_t x0, float& y0) { asm("cvt.ftz.f32.f16 %0, %1;" : "=f"(y0) : "h"(x0)); }
DEVICE void op_cvt_sat_f32_f16(uint16_t x0, float& y0) { asm("cvt.sat.f32.f16 %0, %1;" : "=f"(y0) : "h"(x0)); }
DEVICE void op_cvt_f32_bf16(uint16_t x0, float& y0) { asm("cvt.f32.bf16 %0, %1;" : "=f"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_s32_f32(float x0, uint32_t& y0) { asm("cvt.rni.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_ftz_s32_f32(float x0, uint32_t& y0) { asm("cvt.rni.ftz.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_s32_f32(float x0, uint32_t& y0) { asm("cvt.rzi.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_ftz_s32_f32(float x0, uint32_t& y0) { asm("cvt.rzi.ftz.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_s32_f32(float x0, uint32_t& y0) { asm("cvt.rmi.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_ftz_s32_f32(float x0, uint32_t& y0) { asm("cvt.rmi.ftz.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_s32_f32(float x0, uint32_t& y0) { asm("cvt.rpi.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_ftz_s32_f32(float x0, uint32_t& y0) { asm("cvt.rpi.ftz.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_sat_s32_f32(float x0, uint32_t& y0) { asm("cvt.rni.sat.s32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_s32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rni.s32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_s32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rzi.s32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_s32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rmi.s32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_s32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rpi.s32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_s32_f64(double x0, uint32_t& y0) { asm("cvt.rni.s32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rzi_s32_f64(double x0, uint32_t& y0) { asm("cvt.rzi.s32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rmi_s32_f64(double x0, uint32_t& y0) { asm("cvt.rmi.s32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rpi_s32_f64(double x0, uint32_t& y0) { asm("cvt.rpi.s32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rni_s32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rni.s32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_s32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rzi.s32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_s32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rmi.s32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_s32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rpi.s32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_u32_f32(float x0, uint32_t& y0) { asm("cvt.rni.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_ftz_u32_f32(float x0, uint32_t& y0) { asm("cvt.rni.ftz.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_u32_f32(float x0, uint32_t& y0) { asm("cvt.rzi.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_ftz_u32_f32(float x0, uint32_t& y0) { asm("cvt.rzi.ftz.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_u32_f32(float x0, uint32_t& y0) { asm("cvt.rmi.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_ftz_u32_f32(float x0, uint32_t& y0) { asm("cvt.rmi.ftz.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_u32_f32(float x0, uint32_t& y0) { asm("cvt.rpi.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_ftz_u32_f32(float x0, uint32_t& y0) { asm("cvt.rpi.ftz.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_sat_u32_f32(float x0, uint32_t& y0) { asm("cvt.rni.sat.u32.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_u32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rni.u32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_u32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rzi.u32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_u32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rmi.u32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_u32_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rpi.u32.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_u32_f64(double x0, uint32_t& y0) { asm("cvt.rni.u32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rzi_u32_f64(double x0, uint32_t& y0) { asm("cvt.rzi.u32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rmi_u32_f64(double x0, uint32_t& y0) { asm("cvt.rmi.u32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rpi_u32_f64(double x0, uint32_t& y0) { asm("cvt.rpi.u32.f64 %0, %1;" : "=r"(y0) : "d"(x0)); }
DEVICE void op_cvt_rni_u32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rni.u32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_u32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rzi.u32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_u32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rmi.u32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_u32_bf16(uint16_t x0, uint32_t& y0) { asm("cvt.rpi.u32.bf16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_s16_f32(float x0, uint16_t& y0) { asm("cvt.rni.s16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_s16_f32(float x0, uint16_t& y0) { asm("cvt.rzi.s16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_s16_f32(float x0, uint16_t& y0) { asm("cvt.rmi.s16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_s16_f32(float x0, uint16_t& y0) { asm("cvt.rpi.s16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_s16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rni.s16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_s16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rzi.s16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_s16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rmi.s16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_s16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rpi.s16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_u16_f32(float x0, uint16_t& y0) { asm("cvt.rni.u16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_u16_f32(float x0, uint16_t& y0) { asm("cvt.rzi.u16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_u16_f32(float x0, uint16_t& y0) { asm("cvt.rmi.u16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_u16_f32(float x0, uint16_t& y0) { asm("cvt.rpi.u16.f32 %0, %1;" : "=h"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_u16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rni.u16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_u16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rzi.u16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_u16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rmi.u16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_u16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rpi.u16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_s8_f32(float x0, uint32_t& y0) { asm("cvt.rni.s8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_s8_f32(float x0, uint32_t& y0) { asm("cvt.rzi.s8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_s8_f32(float x0, uint32_t& y0) { asm("cvt.rmi.s8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_s8_f32(float x0, uint32_t& y0) { asm("cvt.rpi.s8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_s8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rni.s8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_s8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rzi.s8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_s8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rmi.s8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_s8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rpi.s8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_u8_f32(float x0, uint32_t& y0) { asm("cvt.rni.u8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_u8_f32(float x0, uint32_t& y0) { asm("cvt.rzi.u8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_u8_f32(float x0, uint32_t& y0) { asm("cvt.rmi.u8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_u8_f32(float x0, uint32_t& y0) { asm("cvt.rpi.u8.f32 %0, %1;" : "=r"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_u8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rni.u8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_u8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rzi.u8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_u8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rmi.u8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_u8_f16(uint16_t x0, uint32_t& y0) { asm("cvt.rpi.u8.f16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_s64_f32(float x0, uint64_t& y0) { asm("cvt.rni.s64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_s64_f32(float x0, uint64_t& y0) { asm("cvt.rzi.s64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_s64_f32(float x0, uint64_t& y0) { asm("cvt.rmi.s64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_s64_f32(float x0, uint64_t& y0) { asm("cvt.rpi.s64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_s64_f64(double x0, uint64_t& y0) { asm("cvt.rni.s64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rzi_s64_f64(double x0, uint64_t& y0) { asm("cvt.rzi.s64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rmi_s64_f64(double x0, uint64_t& y0) { asm("cvt.rmi.s64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rpi_s64_f64(double x0, uint64_t& y0) { asm("cvt.rpi.s64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rni_u64_f32(float x0, uint64_t& y0) { asm("cvt.rni.u64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_u64_f32(float x0, uint64_t& y0) { asm("cvt.rzi.u64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_u64_f32(float x0, uint64_t& y0) { asm("cvt.rmi.u64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_u64_f32(float x0, uint64_t& y0) { asm("cvt.rpi.u64.f32 %0, %1;" : "=l"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_u64_f64(double x0, uint64_t& y0) { asm("cvt.rni.u64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rzi_u64_f64(double x0, uint64_t& y0) { asm("cvt.rzi.u64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rmi_u64_f64(double x0, uint64_t& y0) { asm("cvt.rmi.u64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rpi_u64_f64(double x0, uint64_t& y0) { asm("cvt.rpi.u64.f64 %0, %1;" : "=l"(y0) : "d"(x0)); }
DEVICE void op_cvt_rn_f32_s32(uint32_t x0, float& y0) { asm("cvt.rn.f32.s32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rz_f32_s32(uint32_t x0, float& y0) { asm("cvt.rz.f32.s32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rm_f32_s32(uint32_t x0, float& y0) { asm("cvt.rm.f32.s32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rp_f32_s32(uint32_t x0, float& y0) { asm("cvt.rp.f32.s32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f32_u32(uint32_t x0, float& y0) { asm("cvt.rn.f32.u32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rz_f32_u32(uint32_t x0, float& y0) { asm("cvt.rz.f32.u32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rm_f32_u32(uint32_t x0, float& y0) { asm("cvt.rm.f32.u32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rp_f32_u32(uint32_t x0, float& y0) { asm("cvt.rp.f32.u32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_sat_f32_s32(uint32_t x0, float& y0) { asm("cvt.rn.sat.f32.s32 %0, %1;" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rn.f16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rz_f16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rz.f16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rm_f16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rm.f16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rp_f16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rp.f16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rn.f16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rz_f16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rz.f16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rm_f16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rm.f16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rp_f16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rp.f16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_bf16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rn.bf16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rz_bf16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rz.bf16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rm_bf16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rm.bf16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rp_bf16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.rp.bf16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_bf16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rn.bf16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rz_bf16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rz.bf16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rm_bf16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rm.bf16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rp_bf16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.rp.bf16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f16_s16(uint16_t x0, uint16_t& y0) { asm("cvt.rn.f16.s16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_f16_u16(uint16_t x0, uint16_t& y0) { asm("cvt.rn.f16.u16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_bf16_s16(uint16_t x0, uint16_t& y0) { asm("cvt.rn.bf16.s16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_bf16_u16(uint16_t x0, uint16_t& y0) { asm("cvt.rn.bf16.u16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_f32_s64(uint64_t x0, float& y0) { asm("cvt.rn.f32.s64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rz_f32_s64(uint64_t x0, float& y0) { asm("cvt.rz.f32.s64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rm_f32_s64(uint64_t x0, float& y0) { asm("cvt.rm.f32.s64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rp_f32_s64(uint64_t x0, float& y0) { asm("cvt.rp.f32.s64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rn_f32_u64(uint64_t x0, float& y0) { asm("cvt.rn.f32.u64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rz_f32_u64(uint64_t x0, float& y0) { asm("cvt.rz.f32.u64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rm_f32_u64(uint64_t x0, float& y0) { asm("cvt.rm.f32.u64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rp_f32_u64(uint64_t x0, float& y0) { asm("cvt.rp.f32.u64 %0, %1;" : "=f"(y0) : "l"(x0)); }
DEVICE void op_cvt_rn_f64_s64(uint64_t x0, double& y0) { asm("cvt.rn.f64.s64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rz_f64_s64(uint64_t x0, double& y0) { asm("cvt.rz.f64.s64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rm_f64_s64(uint64_t x0, double& y0) { asm("cvt.rm.f64.s64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rp_f64_s64(uint64_t x0, double& y0) { asm("cvt.rp.f64.s64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rn_f64_u64(uint64_t x0, double& y0) { asm("cvt.rn.f64.u64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rz_f64_u64(uint64_t x0, double& y0) { asm("cvt.rz.f64.u64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rm_f64_u64(uint64_t x0, double& y0) { asm("cvt.rm.f64.u64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rp_f64_u64(uint64_t x0, double& y0) { asm("cvt.rp.f64.u64 %0, %1;" : "=d"(y0) : "l"(x0)); }
DEVICE void op_cvt_rn_f64_s32(uint32_t x0, double& y0) { asm("cvt.rn.f64.s32 %0, %1;" : "=d"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f64_u32(uint32_t x0, double& y0) { asm("cvt.rn.f64.u32 %0, %1;" : "=d"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f32_f64(double x0, float& y0) { asm("cvt.rn.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rn_ftz_f32_f64(double x0, float& y0) { asm("cvt.rn.ftz.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rz_f32_f64(double x0, float& y0) { asm("cvt.rz.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rz_ftz_f32_f64(double x0, float& y0) { asm("cvt.rz.ftz.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rm_f32_f64(double x0, float& y0) { asm("cvt.rm.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rm_ftz_f32_f64(double x0, float& y0) { asm("cvt.rm.ftz.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rp_f32_f64(double x0, float& y0) { asm("cvt.rp.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rp_ftz_f32_f64(double x0, float& y0) { asm("cvt.rp.ftz.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rn_sat_f32_f64(double x0, float& y0) { asm("cvt.rn.sat.f32.f64 %0, %1;" : "=f"(y0) : "d"(x0)); }
DEVICE void op_cvt_rn_f16_f64(double x0, uint16_t& y0) { asm("cvt.rn.f16.f64 %0, %1;" : "=h"(y0) : "d"(x0)); }
DEVICE void op_cvt_rz_f16_f64(double x0, uint16_t& y0) { asm("cvt.rz.f16.f64 %0, %1;" : "=h"(y0) : "d"(x0)); }
DEVICE void op_cvt_rm_f16_f64(double x0, uint16_t& y0) { asm("cvt.rm.f16.f64 %0, %1;" : "=h"(y0) : "d"(x0)); }
DEVICE void op_cvt_rp_f16_f64(double x0, uint16_t& y0) { asm("cvt.rp.f16.f64 %0, %1;" : "=h"(y0) : "d"(x0)); }
DEVICE void op_cvt_rn_bf16_f64(double x0, uint16_t& y0) { asm("cvt.rn.bf16.f64 %0, %1;" : "=h"(y0) : "d"(x0)); }
DEVICE void op_cvt_f64_f32(float x0, double& y0) { asm("cvt.f64.f32 %0, %1;" : "=d"(y0) : "f"(x0)); }
DEVICE void op_cvt_ftz_f64_f32(float x0, double& y0) { asm("cvt.ftz.f64.f32 %0, %1;" : "=d"(y0) : "f"(x0)); }
DEVICE void op_cvt_sat_f64_f32(float x0, double& y0) { asm("cvt.sat.f64.f32 %0, %1;" : "=d"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_f32_f32(float x0, float& y0) { asm("cvt.rni.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_ftz_f32_f32(float x0, float& y0) { asm("cvt.rni.ftz.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_sat_f32_f32(float x0, float& y0) { asm("cvt.rni.sat.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_f32_f32(float x0, float& y0) { asm("cvt.rzi.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_ftz_f32_f32(float x0, float& y0) { asm("cvt.rzi.ftz.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rzi_sat_f32_f32(float x0, float& y0) { asm("cvt.rzi.sat.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_f32_f32(float x0, float& y0) { asm("cvt.rmi.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_ftz_f32_f32(float x0, float& y0) { asm("cvt.rmi.ftz.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rmi_sat_f32_f32(float x0, float& y0) { asm("cvt.rmi.sat.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_f32_f32(float x0, float& y0) { asm("cvt.rpi.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_ftz_f32_f32(float x0, float& y0) { asm("cvt.rpi.ftz.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rpi_sat_f32_f32(float x0, float& y0) { asm("cvt.rpi.sat.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_ftz_f32_f32(float x0, float& y0) { asm("cvt.ftz.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_sat_f32_f32(float x0, float& y0) { asm("cvt.sat.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_ftz_sat_f32_f32(float x0, float& y0) { asm("cvt.ftz.sat.f32.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cvt_rni_f16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rni.f16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_f16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rzi.f16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_f16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rmi.f16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_f16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rpi.f16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_sat_f16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.sat.f16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_bf16_bf16(uint16_t x0, uint16_t& y0) { asm("cvt.rni.bf16.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rzi_bf16_bf16(uint16_t x0, uint16_t& y0) { asm("cvt.rzi.bf16.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rmi_bf16_bf16(uint16_t x0, uint16_t& y0) { asm("cvt.rmi.bf16.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rpi_bf16_bf16(uint16_t x0, uint16_t& y0) { asm("cvt.rpi.bf16.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_bf16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rn.bf16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rz_bf16_f16(uint16_t x0, uint16_t& y0) { asm("cvt.rz.bf16.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_f16_bf16(uint16_t x0, uint16_t& y0) { asm("cvt.rn.f16.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rz_f16_bf16(uint16_t x0, uint16_t& y0) { asm("cvt.rz.f16.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_cvt_rni_f64_f64(double x0, double& y0) { asm("cvt.rni.f64.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_cvt_rzi_f64_f64(double x0, double& y0) { asm("cvt.rzi.f64.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_cvt_rmi_f64_f64(double x0, double& y0) { asm("cvt.rmi.f64.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_cvt_rpi_f64_f64(double x0, double& y0) { asm("cvt.rpi.f64.f64 %0, %1;" : "=d"(y0) : "d"(x0)); }
DEVICE void op_cvt_sat_s8_s32(uint32_t x0, uint32_t& y0) { asm("cvt.sat.s8.s32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_u8_s32(uint32_t x0, uint32_t& y0) { asm("cvt.sat.u8.s32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_u8_u32(uint32_t x0, uint32_t& y0) { asm("cvt.sat.u8.u32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_s8_u32(uint32_t x0, uint32_t& y0) { asm("cvt.sat.s8.u32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_u32_s32(uint32_t x0, uint32_t& y0) { asm("cvt.sat.u32.s32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_s32_u32(uint32_t x0, uint32_t& y0) { asm("cvt.sat.s32.u32 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_s32_s8(uint32_t x0, uint32_t& y0) { asm("cvt.s32.s8 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_u32_u8(uint32_t x0, uint32_t& y0) { asm("cvt.u32.u8 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_s32_u8(uint32_t x0, uint32_t& y0) { asm("cvt.s32.u8 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_u32_s8(uint32_t x0, uint32_t& y0) { asm("cvt.u32.s8 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_s16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.sat.s16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_u16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.sat.u16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_u16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.sat.u16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_s16_s8(uint32_t x0, uint16_t& y0) { asm("cvt.s16.s8 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_u16_u8(uint32_t x0, uint16_t& y0) { asm("cvt.u16.u8 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_u16_u32(uint32_t x0, uint16_t& y0) { asm("cvt.u16.u32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_s16_s32(uint32_t x0, uint16_t& y0) { asm("cvt.s16.s32 %0, %1;" : "=h"(y0) : "r"(x0)); }
DEVICE void op_cvt_s64_s32(uint32_t x0, uint64_t& y0) { asm("cvt.s64.s32 %0, %1;" : "=l"(y0) : "r"(x0)); }
DEVICE void op_cvt_u64_u32(uint32_t x0, uint64_t& y0) { asm("cvt.u64.u32 %0, %1;" : "=l"(y0) : "r"(x0)); }
DEVICE void op_cvt_s64_u32(uint32_t x0, uint64_t& y0) { asm("cvt.s64.u32 %0, %1;" : "=l"(y0) : "r"(x0)); }
DEVICE void op_cvt_u64_s32(uint32_t x0, uint64_t& y0) { asm("cvt.u64.s32 %0, %1;" : "=l"(y0) : "r"(x0)); }
DEVICE void op_cvt_sat_u64_s32(uint32_t x0, uint64_t& y0) { asm("cvt.sat.u64.s32 %0, %1;" : "=l"(y0) : "r"(x0)); }
DEVICE void op_cvt_u32_u64(uint64_t x0, uint32_t& y0) { asm("cvt.u32.u64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_cvt_sat_s32_s64(uint64_t x0, uint32_t& y0) { asm("cvt.sat.s32.s64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_cvt_sat_u32_s64(uint64_t x0, uint32_t& y0) { asm("cvt.sat.u32.s64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_cvt_sat_u32_u64(uint64_t x0, uint32_t& y0) { asm("cvt.sat.u32.u64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_cvt_sat_s8_s64(uint64_t x0, uint32_t& y0) { asm("cvt.sat.s8.s64 %0, %1;" : "=r"(y0) : "l"(x0)); }
DEVICE void op_cvt_s32_s16(uint16_t x0, uint32_t& y0) { asm("cvt.s32.s16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_u32_u16(uint16_t x0, uint32_t& y0) { asm("cvt.u32.u16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_u32_s16(uint16_t x0, uint32_t& y0) { asm("cvt.u32.s16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_s32_u16(uint16_t x0, uint32_t& y0) { asm("cvt.s32.u16 %0, %1;" : "=r"(y0) : "h"(x0)); }
DEVICE void op_cvt_rn_f32_u8_of_the_low_byte(uint32_t x0, float& y0) { asm("{ .reg .b8 b; cvt.u8.u32 b, %1; cvt.rn.f32.u8 %0, b; }" : "=f"(y0) : "r"(x0)); }
DEVICE void op_cvt_rn_f32_s8_of_the_low_byte(uint32_t x0, float& y0) { asm("{ .reg .b8 b; cvt.u8.u32 b, %1; cvt.rn.f32.s8 %0, b; }" : "=f"(y0) : "r"(x0)); }

extern "C" __global__ void f32_to_half(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint16_t y0_0; op_cvt_rn_f16_f32(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rn_relu_f16_f32(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rn_satfinite_f16_f32(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rn_relu_satfinite_f16_f32(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_cvt_rz_f16_f32(x0, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_cvt_rz_relu_f16_f32(x0, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_cvt_rz_satfinite_f16_f32(x0, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_cvt_rz_relu_satfinite_f16_f32(x0, y7_0);
  store_h(out, 7, n, i, y7_0);
  uint16_t y8_0; op_cvt_rn_bf16_f32(x0, y8_0);
  store_h(out, 8, n, i, y8_0);
  uint16_t y9_0; op_cvt_rn_relu_bf16_f32(x0, y9_0);
  store_h(out, 9, n, i, y9_0);
  uint16_t y10_0; op_cvt_rn_satfinite_bf16_f32(x0, y10_0);
  store_h(out, 10, n, i, y10_0);
  uint16_t y11_0; op_cvt_rn_relu_satfinite_bf16_f32(x0, y11_0);
  store_h(out, 11, n, i, y11_0);
  uint16_t y12_0; op_cvt_rz_bf16_f32(x0, y12_0);
  store_h(out, 12, n, i, y12_0);
  uint16_t y13_0; op_cvt_rz_relu_bf16_f32(x0, y13_0);
  store_h(out, 13, n, i, y13_0);
  uint16_t y14_0; op_cvt_rz_satfinite_bf16_f32(x0, y14_0);
  store_h(out, 14, n, i, y14_0);
  uint16_t y15_0; op_cvt_rz_relu_satfinite_bf16_f32(x0, y15_0);
  store_h(out, 15, n, i, y15_0);
  uint16_t y16_0; op_cvt_rm_f16_f32(x0, y16_0);
  store_h(out, 16, n, i, y16_0);
  uint16_t y17_0; op_cvt_rp_f16_f32(x0, y17_0);
  store_h(out, 17, n, i, y17_0);
  uint16_t y18_0; op_cvt_rn_ftz_f16_f32(x0, y18_0);
  store_h(out, 18, n, i, y18_0);
  uint16_t y19_0; op_cvt_rn_sat_f16_f32(x0, y19_0);
  store_h(out, 19, n, i, y19_0);
}

extern "C" __global__ void f32_to_half2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  uint32_t y0_0; op_cvt_rn_f16x2_f32(x0, x1, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rn_relu_f16x2_f32(x0, x1, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rn_satfinite_f16x2_f32(x0, x1, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rz_f16x2_f32(x0, x1, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_cvt_rz_relu_f16x2_f32(x0, x1, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_cvt_rz_satfinite_f16x2_f32(x0, x1, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_cvt_rn_bf16x2_f32(x0, x1, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_cvt_rn_relu_bf16x2_f32(x0, x1, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_cvt_rn_satfinite_bf16x2_f32(x0, x1, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_cvt_rz_bf16x2_f32(x0, x1, y9_0);
  store_r(out, 9, n, i, y9_0);
  uint32_t y10_0; op_cvt_rz_relu_bf16x2_f32(x0, x1, y10_0);
  store_r(out, 10, n, i, y10_0);
  uint32_t y11_0; op_cvt_rz_satfinite_bf16x2_f32(x0, x1, y11_0);
  store_r(out, 11, n, i, y11_0);
}

extern "C" __global__ void f32_to_tf32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint32_t y0_0; op_cvt_rna_tf32_f32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rna_satfinite_tf32_f32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rn_tf32_f32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rz_tf32_f32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_cvt_rn_relu_tf32_f32(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_cvt_rz_relu_tf32_f32(x0, y5_0);
  store_r(out, 5, n, i, y5_0);
}

extern "C" __global__ void f32_to_fp8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  uint16_t y0_0; op_cvt_rn_satfinite_e4m3x2_f32(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rn_satfinite_relu_e4m3x2_f32(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rn_satfinite_e5m2x2_f32(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rn_satfinite_relu_e5m2x2_f32(x0, x1, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void f32_to_fp8_near(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  const float x1 = load_f(in, 1, n, i);
  uint16_t y0_0; op_cvt_rn_satfinite_e4m3x2_f32(x0, x1, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rn_satfinite_relu_e4m3x2_f32(x0, x1, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rn_satfinite_e5m2x2_f32(x0, x1, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rn_satfinite_relu_e5m2x2_f32(x0, x1, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void f16_to_fp8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint16_t y0_0; op_cvt_rn_satfinite_e4m3x2_f16x2(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rn_satfinite_relu_e4m3x2_f16x2(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rn_satfinite_e5m2x2_f16x2(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rn_satfinite_relu_e5m2x2_f16x2(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void fp8_to_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_rn_f16x2_e4m3x2(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rn_relu_f16x2_e4m3x2(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rn_f16x2_e5m2x2(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rn_relu_f16x2_e5m2x2(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void half_to_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  float y0_0; op_cvt_f32_f16(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_cvt_ftz_f32_f16(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_cvt_sat_f32_f16(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_cvt_f32_bf16(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
}

extern "C" __global__ void every_f16_to_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  float y0_0; op_cvt_f32_f16(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
}

extern "C" __global__ void every_bf16_to_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  float y0_0; op_cvt_f32_bf16(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
}

extern "C" __global__ void every_f16_to_e4m3(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint16_t y0_0; op_cvt_rn_satfinite_e4m3x2_f16x2(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
}

extern "C" __global__ void every_f16_to_e5m2(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint16_t y0_0; op_cvt_rn_satfinite_e5m2x2_f16x2(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
}

extern "C" __global__ void f32_to_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_s32_f32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rni_ftz_s32_f32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rzi_s32_f32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rzi_ftz_s32_f32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_cvt_rmi_s32_f32(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_cvt_rmi_ftz_s32_f32(x0, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_cvt_rpi_s32_f32(x0, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_cvt_rpi_ftz_s32_f32(x0, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_cvt_rni_sat_s32_f32(x0, y8_0);
  store_r(out, 8, n, i, y8_0);
}

extern "C" __global__ void f16_to_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_s32_f16(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_s32_f16(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_s32_f16(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_s32_f16(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f64_to_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_s32_f64(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_s32_f64(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_s32_f64(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_s32_f64(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void bf16_to_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_s32_bf16(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_s32_bf16(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_s32_bf16(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_s32_bf16(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f32_to_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_u32_f32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rni_ftz_u32_f32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rzi_u32_f32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rzi_ftz_u32_f32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_cvt_rmi_u32_f32(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_cvt_rmi_ftz_u32_f32(x0, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_cvt_rpi_u32_f32(x0, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_cvt_rpi_ftz_u32_f32(x0, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_cvt_rni_sat_u32_f32(x0, y8_0);
  store_r(out, 8, n, i, y8_0);
}

extern "C" __global__ void f16_to_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_u32_f16(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_u32_f16(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_u32_f16(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_u32_f16(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f64_to_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_u32_f64(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_u32_f64(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_u32_f64(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_u32_f64(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void bf16_to_u32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_u32_bf16(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_u32_bf16(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_u32_bf16(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_u32_bf16(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f32_to_s16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint16_t y0_0; op_cvt_rni_s16_f32(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rzi_s16_f32(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rmi_s16_f32(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rpi_s16_f32(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void f16_to_s16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_cvt_rni_s16_f16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rzi_s16_f16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rmi_s16_f16(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rpi_s16_f16(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void f32_to_u16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint16_t y0_0; op_cvt_rni_u16_f32(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rzi_u16_f32(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rmi_u16_f32(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rpi_u16_f32(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void f16_to_u16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_cvt_rni_u16_f16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rzi_u16_f16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rmi_u16_f16(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rpi_u16_f16(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void f32_to_s8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_s8_f32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_s8_f32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_s8_f32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_s8_f32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f16_to_s8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_s8_f16(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_s8_f16(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_s8_f16(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_s8_f16(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f32_to_u8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_u8_f32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_u8_f32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_u8_f32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_u8_f32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f16_to_u8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_rni_u8_f16(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_rzi_u8_f16(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_rmi_u8_f16(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_rpi_u8_f16(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void f32_to_s64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint64_t y0_0; op_cvt_rni_s64_f32(x0, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_cvt_rzi_s64_f32(x0, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_cvt_rmi_s64_f32(x0, y2_0);
  store_l(out, 4, n, i, y2_0);
  uint64_t y3_0; op_cvt_rpi_s64_f32(x0, y3_0);
  store_l(out, 6, n, i, y3_0);
}

extern "C" __global__ void f64_to_s64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  uint64_t y0_0; op_cvt_rni_s64_f64(x0, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_cvt_rzi_s64_f64(x0, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_cvt_rmi_s64_f64(x0, y2_0);
  store_l(out, 4, n, i, y2_0);
  uint64_t y3_0; op_cvt_rpi_s64_f64(x0, y3_0);
  store_l(out, 6, n, i, y3_0);
}

extern "C" __global__ void f32_to_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  uint64_t y0_0; op_cvt_rni_u64_f32(x0, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_cvt_rzi_u64_f32(x0, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_cvt_rmi_u64_f32(x0, y2_0);
  store_l(out, 4, n, i, y2_0);
  uint64_t y3_0; op_cvt_rpi_u64_f32(x0, y3_0);
  store_l(out, 6, n, i, y3_0);
}

extern "C" __global__ void f64_to_u64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  uint64_t y0_0; op_cvt_rni_u64_f64(x0, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_cvt_rzi_u64_f64(x0, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_cvt_rmi_u64_f64(x0, y2_0);
  store_l(out, 4, n, i, y2_0);
  uint64_t y3_0; op_cvt_rpi_u64_f64(x0, y3_0);
  store_l(out, 6, n, i, y3_0);
}

extern "C" __global__ void int_to_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  float y0_0; op_cvt_rn_f32_s32(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_cvt_rz_f32_s32(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_cvt_rm_f32_s32(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_cvt_rp_f32_s32(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_cvt_rn_f32_u32(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_cvt_rz_f32_u32(x0, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_cvt_rm_f32_u32(x0, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_cvt_rp_f32_u32(x0, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_cvt_rn_sat_f32_s32(x0, y8_0);
  store_f(out, 8, n, i, y8_0);
}

extern "C" __global__ void int_to_half(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint16_t y0_0; op_cvt_rn_f16_s32(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rz_f16_s32(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rm_f16_s32(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rp_f16_s32(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_cvt_rn_f16_u32(x0, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_cvt_rz_f16_u32(x0, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_cvt_rm_f16_u32(x0, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_cvt_rp_f16_u32(x0, y7_0);
  store_h(out, 7, n, i, y7_0);
  uint16_t y8_0; op_cvt_rn_bf16_s32(x0, y8_0);
  store_h(out, 8, n, i, y8_0);
  uint16_t y9_0; op_cvt_rz_bf16_s32(x0, y9_0);
  store_h(out, 9, n, i, y9_0);
  uint16_t y10_0; op_cvt_rm_bf16_s32(x0, y10_0);
  store_h(out, 10, n, i, y10_0);
  uint16_t y11_0; op_cvt_rp_bf16_s32(x0, y11_0);
  store_h(out, 11, n, i, y11_0);
  uint16_t y12_0; op_cvt_rn_bf16_u32(x0, y12_0);
  store_h(out, 12, n, i, y12_0);
  uint16_t y13_0; op_cvt_rz_bf16_u32(x0, y13_0);
  store_h(out, 13, n, i, y13_0);
  uint16_t y14_0; op_cvt_rm_bf16_u32(x0, y14_0);
  store_h(out, 14, n, i, y14_0);
  uint16_t y15_0; op_cvt_rp_bf16_u32(x0, y15_0);
  store_h(out, 15, n, i, y15_0);
}

extern "C" __global__ void int16_to_half(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_cvt_rn_f16_s16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rn_f16_u16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rn_bf16_s16(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rn_bf16_u16(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
}

extern "C" __global__ void int64_to_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  float y0_0; op_cvt_rn_f32_s64(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_cvt_rz_f32_s64(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_cvt_rm_f32_s64(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_cvt_rp_f32_s64(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_cvt_rn_f32_u64(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_cvt_rz_f32_u64(x0, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_cvt_rm_f32_u64(x0, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_cvt_rp_f32_u64(x0, y7_0);
  store_f(out, 7, n, i, y7_0);
}

extern "C" __global__ void int64_to_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  double y0_0; op_cvt_rn_f64_s64(x0, y0_0);
  store_d(out, 0, n, i, y0_0);
  double y1_0; op_cvt_rz_f64_s64(x0, y1_0);
  store_d(out, 2, n, i, y1_0);
  double y2_0; op_cvt_rm_f64_s64(x0, y2_0);
  store_d(out, 4, n, i, y2_0);
  double y3_0; op_cvt_rp_f64_s64(x0, y3_0);
  store_d(out, 6, n, i, y3_0);
  double y4_0; op_cvt_rn_f64_u64(x0, y4_0);
  store_d(out, 8, n, i, y4_0);
  double y5_0; op_cvt_rz_f64_u64(x0, y5_0);
  store_d(out, 10, n, i, y5_0);
  double y6_0; op_cvt_rm_f64_u64(x0, y6_0);
  store_d(out, 12, n, i, y6_0);
  double y7_0; op_cvt_rp_f64_u64(x0, y7_0);
  store_d(out, 14, n, i, y7_0);
}

extern "C" __global__ void int_to_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  double y0_0; op_cvt_rn_f64_s32(x0, y0_0);
  store_d(out, 0, n, i, y0_0);
  double y1_0; op_cvt_rn_f64_u32(x0, y1_0);
  store_d(out, 2, n, i, y1_0);
}

extern "C" __global__ void f64_to_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  float y0_0; op_cvt_rn_f32_f64(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_cvt_rn_ftz_f32_f64(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_cvt_rz_f32_f64(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_cvt_rz_ftz_f32_f64(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_cvt_rm_f32_f64(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_cvt_rm_ftz_f32_f64(x0, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_cvt_rp_f32_f64(x0, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_cvt_rp_ftz_f32_f64(x0, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_cvt_rn_sat_f32_f64(x0, y8_0);
  store_f(out, 8, n, i, y8_0);
}

extern "C" __global__ void f64_to_half(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  uint16_t y0_0; op_cvt_rn_f16_f64(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rz_f16_f64(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rm_f16_f64(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rp_f16_f64(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_cvt_rn_bf16_f64(x0, y4_0);
  store_h(out, 4, n, i, y4_0);
}

extern "C" __global__ void f32_to_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  double y0_0; op_cvt_f64_f32(x0, y0_0);
  store_d(out, 0, n, i, y0_0);
  double y1_0; op_cvt_ftz_f64_f32(x0, y1_0);
  store_d(out, 2, n, i, y1_0);
  double y2_0; op_cvt_sat_f64_f32(x0, y2_0);
  store_d(out, 4, n, i, y2_0);
}

extern "C" __global__ void round_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  float y0_0; op_cvt_rni_f32_f32(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_cvt_rni_ftz_f32_f32(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_cvt_rni_sat_f32_f32(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_cvt_rzi_f32_f32(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_cvt_rzi_ftz_f32_f32(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_cvt_rzi_sat_f32_f32(x0, y5_0);
  store_f(out, 5, n, i, y5_0);
  float y6_0; op_cvt_rmi_f32_f32(x0, y6_0);
  store_f(out, 6, n, i, y6_0);
  float y7_0; op_cvt_rmi_ftz_f32_f32(x0, y7_0);
  store_f(out, 7, n, i, y7_0);
  float y8_0; op_cvt_rmi_sat_f32_f32(x0, y8_0);
  store_f(out, 8, n, i, y8_0);
  float y9_0; op_cvt_rpi_f32_f32(x0, y9_0);
  store_f(out, 9, n, i, y9_0);
  float y10_0; op_cvt_rpi_ftz_f32_f32(x0, y10_0);
  store_f(out, 10, n, i, y10_0);
  float y11_0; op_cvt_rpi_sat_f32_f32(x0, y11_0);
  store_f(out, 11, n, i, y11_0);
  float y12_0; op_cvt_ftz_f32_f32(x0, y12_0);
  store_f(out, 12, n, i, y12_0);
  float y13_0; op_cvt_sat_f32_f32(x0, y13_0);
  store_f(out, 13, n, i, y13_0);
  float y14_0; op_cvt_ftz_sat_f32_f32(x0, y14_0);
  store_f(out, 14, n, i, y14_0);
}

extern "C" __global__ void round_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_cvt_rni_f16_f16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rzi_f16_f16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rmi_f16_f16(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rpi_f16_f16(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_cvt_sat_f16_f16(x0, y4_0);
  store_h(out, 4, n, i, y4_0);
}

extern "C" __global__ void round_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_cvt_rni_bf16_bf16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_rzi_bf16_bf16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_rmi_bf16_bf16(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_rpi_bf16_bf16(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_cvt_rn_bf16_f16(x0, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_cvt_rz_bf16_f16(x0, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_cvt_rn_f16_bf16(x0, y6_0);
  store_h(out, 6, n, i, y6_0);
  uint16_t y7_0; op_cvt_rz_f16_bf16(x0, y7_0);
  store_h(out, 7, n, i, y7_0);
}

extern "C" __global__ void round_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const double x0 = load_d(in, 0, n, i);
  double y0_0; op_cvt_rni_f64_f64(x0, y0_0);
  store_d(out, 0, n, i, y0_0);
  double y1_0; op_cvt_rzi_f64_f64(x0, y1_0);
  store_d(out, 2, n, i, y1_0);
  double y2_0; op_cvt_rmi_f64_f64(x0, y2_0);
  store_d(out, 4, n, i, y2_0);
  double y3_0; op_cvt_rpi_f64_f64(x0, y3_0);
  store_d(out, 6, n, i, y3_0);
}

extern "C" __global__ void int_to_int(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint32_t y0_0; op_cvt_sat_s8_s32(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_sat_u8_s32(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_sat_u8_u32(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_sat_s8_u32(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_cvt_sat_u32_s32(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
  uint32_t y5_0; op_cvt_sat_s32_u32(x0, y5_0);
  store_r(out, 5, n, i, y5_0);
  uint32_t y6_0; op_cvt_s32_s8(x0, y6_0);
  store_r(out, 6, n, i, y6_0);
  uint32_t y7_0; op_cvt_u32_u8(x0, y7_0);
  store_r(out, 7, n, i, y7_0);
  uint32_t y8_0; op_cvt_s32_u8(x0, y8_0);
  store_r(out, 8, n, i, y8_0);
  uint32_t y9_0; op_cvt_u32_s8(x0, y9_0);
  store_r(out, 9, n, i, y9_0);
}

extern "C" __global__ void int_to_int16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint16_t y0_0; op_cvt_sat_s16_s32(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_cvt_sat_u16_s32(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
  uint16_t y2_0; op_cvt_sat_u16_u32(x0, y2_0);
  store_h(out, 2, n, i, y2_0);
  uint16_t y3_0; op_cvt_s16_s8(x0, y3_0);
  store_h(out, 3, n, i, y3_0);
  uint16_t y4_0; op_cvt_u16_u8(x0, y4_0);
  store_h(out, 4, n, i, y4_0);
  uint16_t y5_0; op_cvt_u16_u32(x0, y5_0);
  store_h(out, 5, n, i, y5_0);
  uint16_t y6_0; op_cvt_s16_s32(x0, y6_0);
  store_h(out, 6, n, i, y6_0);
}

extern "C" __global__ void int_widen(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint64_t y0_0; op_cvt_s64_s32(x0, y0_0);
  store_l(out, 0, n, i, y0_0);
  uint64_t y1_0; op_cvt_u64_u32(x0, y1_0);
  store_l(out, 2, n, i, y1_0);
  uint64_t y2_0; op_cvt_s64_u32(x0, y2_0);
  store_l(out, 4, n, i, y2_0);
  uint64_t y3_0; op_cvt_u64_s32(x0, y3_0);
  store_l(out, 6, n, i, y3_0);
  uint64_t y4_0; op_cvt_sat_u64_s32(x0, y4_0);
  store_l(out, 8, n, i, y4_0);
}

extern "C" __global__ void int_narrow(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint64_t x0 = load_l(in, 0, n, i);
  uint32_t y0_0; op_cvt_u32_u64(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_sat_s32_s64(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_sat_u32_s64(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_sat_u32_u64(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
  uint32_t y4_0; op_cvt_sat_s8_s64(x0, y4_0);
  store_r(out, 4, n, i, y4_0);
}

extern "C" __global__ void int16_widen(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint32_t y0_0; op_cvt_s32_s16(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_cvt_u32_u16(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_cvt_u32_s16(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_cvt_s32_u16(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void byte_to_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  float y0_0; op_cvt_rn_f32_u8_of_the_low_byte(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_cvt_rn_f32_s8_of_the_low_byte(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
}
