// ldmatrix, stmatrix, movmatrix. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_ldmatrix_sync_aligned_m8n8_x1_shared_b16(uint32_t (&d)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(d[0]) : "r"(row) : "memory");
}
DEVICE void op_ldmatrix_sync_aligned_m8n8_x1_trans_shared_b16(uint32_t (&d)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];" : "=r"(d[0]) : "r"(row) : "memory");
}
DEVICE void op_ldmatrix_sync_aligned_m8n8_x2_shared_b16(uint32_t (&d)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];" : "=r"(d[0]), "=r"(d[1]) : "r"(row) : "memory");
}
DEVICE void op_ldmatrix_sync_aligned_m8n8_x2_trans_shared_b16(uint32_t (&d)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];" : "=r"(d[0]), "=r"(d[1]) : "r"(row) : "memory");
}
DEVICE void op_ldmatrix_sync_aligned_m8n8_x4_shared_b16(uint32_t (&d)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(row) : "memory");
}
DEVICE void op_ldmatrix_sync_aligned_m8n8_x4_trans_shared_b16(uint32_t (&d)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(row) : "memory");
}
DEVICE void op_stmatrix_sync_aligned_m8n8_x1_shared_b16(uint32_t row, const uint32_t (&d)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x1.shared.b16 [%0], {%1};" :: "r"(row), "r"(d[0]) : "memory");
}
DEVICE void op_stmatrix_sync_aligned_m8n8_x1_trans_shared_b16(uint32_t row, const uint32_t (&d)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%0], {%1};" :: "r"(row), "r"(d[0]) : "memory");
}
DEVICE void op_stmatrix_sync_aligned_m8n8_x2_shared_b16(uint32_t row, const uint32_t (&d)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%0], {%1, %2};" :: "r"(row), "r"(d[0]), "r"(d[1]) : "memory");
}
DEVICE void op_stmatrix_sync_aligned_m8n8_x2_trans_shared_b16(uint32_t row, const uint32_t (&d)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [%0], {%1, %2};" :: "r"(row), "r"(d[0]), "r"(d[1]) : "memory");
}
DEVICE void op_stmatrix_sync_aligned_m8n8_x4_shared_b16(uint32_t row, const uint32_t (&d)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" :: "r"(row), "r"(d[0]), "r"(d[1]), "r"(d[2]), "r"(d[3]) : "memory");
}
DEVICE void op_stmatrix_sync_aligned_m8n8_x4_trans_shared_b16(uint32_t row, const uint32_t (&d)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1, %2, %3, %4};" :: "r"(row), "r"(d[0]), "r"(d[1]), "r"(d[2]), "r"(d[3]) : "memory");
}
DEVICE uint32_t op_movmatrix(uint32_t a) {
  uint32_t d;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(d) : "r"(a));
  return d;
}

extern "C" __global__ void ldmatrix(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[512];
  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = in[i];
  __syncwarp();
  const uint32_t row = shared(tile) + in[512 + blockIdx.x * 32 + threadIdx.x];
  uint32_t d[4], *q = out + blockIdx.x * 448 + threadIdx.x;
  op_ldmatrix_sync_aligned_m8n8_x1_shared_b16(d, row);
  q[0] = d[0];
  op_ldmatrix_sync_aligned_m8n8_x1_trans_shared_b16(d, row);
  q[32] = d[0];
  op_ldmatrix_sync_aligned_m8n8_x2_shared_b16(d, row);
  q[64] = d[0]; q[96] = d[1];
  op_ldmatrix_sync_aligned_m8n8_x2_trans_shared_b16(d, row);
  q[128] = d[0]; q[160] = d[1];
  op_ldmatrix_sync_aligned_m8n8_x4_shared_b16(d, row);
  q[192] = d[0]; q[224] = d[1]; q[256] = d[2]; q[288] = d[3];
  op_ldmatrix_sync_aligned_m8n8_x4_trans_shared_b16(d, row);
  q[320] = d[0]; q[352] = d[1]; q[384] = d[2]; q[416] = d[3];
}

extern "C" __global__ void stmatrix_m8n8_x1_shared_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[512];
  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t d[4] = {p[32], p[64], p[96], p[128]};
  op_stmatrix_sync_aligned_m8n8_x1_shared_b16(shared(tile) + p[0], d);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 512; i += 32) out[blockIdx.x * 512 + i] = tile[i];
}

extern "C" __global__ void stmatrix_m8n8_x1_trans_shared_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[512];
  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t d[4] = {p[32], p[64], p[96], p[128]};
  op_stmatrix_sync_aligned_m8n8_x1_trans_shared_b16(shared(tile) + p[0], d);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 512; i += 32) out[blockIdx.x * 512 + i] = tile[i];
}

extern "C" __global__ void stmatrix_m8n8_x2_shared_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[512];
  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t d[4] = {p[32], p[64], p[96], p[128]};
  op_stmatrix_sync_aligned_m8n8_x2_shared_b16(shared(tile) + p[0], d);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 512; i += 32) out[blockIdx.x * 512 + i] = tile[i];
}

extern "C" __global__ void stmatrix_m8n8_x2_trans_shared_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[512];
  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t d[4] = {p[32], p[64], p[96], p[128]};
  op_stmatrix_sync_aligned_m8n8_x2_trans_shared_b16(shared(tile) + p[0], d);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 512; i += 32) out[blockIdx.x * 512 + i] = tile[i];
}

extern "C" __global__ void stmatrix_m8n8_x4_shared_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[512];
  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t d[4] = {p[32], p[64], p[96], p[128]};
  op_stmatrix_sync_aligned_m8n8_x4_shared_b16(shared(tile) + p[0], d);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 512; i += 32) out[blockIdx.x * 512 + i] = tile[i];
}

extern "C" __global__ void stmatrix_m8n8_x4_trans_shared_b16(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[512];
  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t d[4] = {p[32], p[64], p[96], p[128]};
  op_stmatrix_sync_aligned_m8n8_x4_trans_shared_b16(shared(tile) + p[0], d);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 512; i += 32) out[blockIdx.x * 512 + i] = tile[i];
}

extern "C" __global__ void movmatrix(const uint32_t* in, uint32_t* out, uint32_t n) {
  out[threadIdx.x] = op_movmatrix(in[threadIdx.x]);
}
