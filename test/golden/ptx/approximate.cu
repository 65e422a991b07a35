// Approximations of the special-function unit, bit for bit. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_ex2_approx_f32(float x0, float& y0) { asm("ex2.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_ex2_approx_ftz_f32(float x0, float& y0) { asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_lg2_approx_f32(float x0, float& y0) { asm("lg2.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_lg2_approx_ftz_f32(float x0, float& y0) { asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rcp_approx_f32(float x0, float& y0) { asm("rcp.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rcp_approx_ftz_f32(float x0, float& y0) { asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rsqrt_approx_f32(float x0, float& y0) { asm("rsqrt.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_rsqrt_approx_ftz_f32(float x0, float& y0) { asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sqrt_approx_f32(float x0, float& y0) { asm("sqrt.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sqrt_approx_ftz_f32(float x0, float& y0) { asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sin_approx_f32(float x0, float& y0) { asm("sin.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_sin_approx_ftz_f32(float x0, float& y0) { asm("sin.approx.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cos_approx_f32(float x0, float& y0) { asm("cos.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_cos_approx_ftz_f32(float x0, float& y0) { asm("cos.approx.ftz.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_tanh_approx_f32(float x0, float& y0) { asm("tanh.approx.f32 %0, %1;" : "=f"(y0) : "f"(x0)); }
DEVICE void op_ex2_approx_f16(uint16_t x0, uint16_t& y0) { asm("ex2.approx.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_tanh_approx_f16(uint16_t x0, uint16_t& y0) { asm("tanh.approx.f16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_ex2_approx_ftz_bf16(uint16_t x0, uint16_t& y0) { asm("ex2.approx.ftz.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_tanh_approx_bf16(uint16_t x0, uint16_t& y0) { asm("tanh.approx.bf16 %0, %1;" : "=h"(y0) : "h"(x0)); }
DEVICE void op_ex2_approx_f16x2(uint32_t x0, uint32_t& y0) { asm("ex2.approx.f16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_ex2_approx_ftz_bf16x2(uint32_t x0, uint32_t& y0) { asm("ex2.approx.ftz.bf16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_tanh_approx_f16x2(uint32_t x0, uint32_t& y0) { asm("tanh.approx.f16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }
DEVICE void op_tanh_approx_bf16x2(uint32_t x0, uint32_t& y0) { asm("tanh.approx.bf16x2 %0, %1;" : "=r"(y0) : "r"(x0)); }

extern "C" __global__ void log_exp_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  float y0_0; op_ex2_approx_f32(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_ex2_approx_ftz_f32(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_lg2_approx_f32(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_lg2_approx_ftz_f32(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
}

extern "C" __global__ void reciprocal_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  float y0_0; op_rcp_approx_f32(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_rcp_approx_ftz_f32(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_rsqrt_approx_f32(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_rsqrt_approx_ftz_f32(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_sqrt_approx_f32(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
  float y5_0; op_sqrt_approx_ftz_f32(x0, y5_0);
  store_f(out, 5, n, i, y5_0);
}

extern "C" __global__ void trigonometric_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  float y0_0; op_sin_approx_f32(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_sin_approx_ftz_f32(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_cos_approx_f32(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_cos_approx_ftz_f32(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_tanh_approx_f32(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
}

extern "C" __global__ void f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_ex2_approx_f16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_tanh_approx_f16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
}

extern "C" __global__ void bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_ex2_approx_ftz_bf16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
  uint16_t y1_0; op_tanh_approx_bf16(x0, y1_0);
  store_h(out, 1, n, i, y1_0);
}

extern "C" __global__ void packed(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint32_t x0 = load_r(in, 0, n, i);
  uint32_t y0_0; op_ex2_approx_f16x2(x0, y0_0);
  store_r(out, 0, n, i, y0_0);
  uint32_t y1_0; op_ex2_approx_ftz_bf16x2(x0, y1_0);
  store_r(out, 1, n, i, y1_0);
  uint32_t y2_0; op_tanh_approx_f16x2(x0, y2_0);
  store_r(out, 2, n, i, y2_0);
  uint32_t y3_0; op_tanh_approx_bf16x2(x0, y3_0);
  store_r(out, 3, n, i, y3_0);
}

extern "C" __global__ void period_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x0 = load_f(in, 0, n, i);
  float y0_0; op_ex2_approx_ftz_f32(x0, y0_0);
  store_f(out, 0, n, i, y0_0);
  float y1_0; op_lg2_approx_ftz_f32(x0, y1_0);
  store_f(out, 1, n, i, y1_0);
  float y2_0; op_rcp_approx_ftz_f32(x0, y2_0);
  store_f(out, 2, n, i, y2_0);
  float y3_0; op_rsqrt_approx_ftz_f32(x0, y3_0);
  store_f(out, 3, n, i, y3_0);
  float y4_0; op_sqrt_approx_ftz_f32(x0, y4_0);
  store_f(out, 4, n, i, y4_0);
}

extern "C" __global__ void every_ex2_approx_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_ex2_approx_f16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
}

extern "C" __global__ void every_tanh_approx_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_tanh_approx_f16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
}

extern "C" __global__ void every_ex2_approx_ftz_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_ex2_approx_ftz_bf16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
}

extern "C" __global__ void every_tanh_approx_bf16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const uint16_t x0 = load_h(in, 0, n, i);
  uint16_t y0_0; op_tanh_approx_bf16(x0, y0_0);
  store_h(out, 0, n, i, y0_0);
}
