// mma.sync of 8-bit floats: .m16n8k16 and f16 sums need PTX 8.7. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f32_e4m3_e4m3_f32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.e4m3.e4m3.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f16_e4m3_e4m3_f16(uint32_t (&d)[2], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[2]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.e4m3.e4m3.f16 {%0, %1}, {%2, %3}, {%4}, {%5, %6};" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_f32_e4m3_e4m3_f32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_f16_e4m3_e4m3_f16(uint32_t (&d)[2], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[2]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.f16.e4m3.e4m3.f16 {%0, %1}, {%2, %3, %4, %5}, {%6, %7}, {%8, %9};" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f32_e5m2_e5m2_f32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.e5m2.e5m2.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f16_e5m2_e5m2_f16(uint32_t (&d)[2], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[2]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.e5m2.e5m2.f16 {%0, %1}, {%2, %3}, {%4}, {%5, %6};" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_f32_e5m2_e5m2_f32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.f32.e5m2.e5m2.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_f16_e5m2_e5m2_f16(uint32_t (&d)[2], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[2]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.f16.e5m2.e5m2.f16 {%0, %1}, {%2, %3, %4, %5}, {%6, %7}, {%8, %9};" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_f32_e4m3_e5m2_f32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e5m2.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}

extern "C" __global__ void mma_m16n8k16_row_col_f32_e4m3_e4m3_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[4] = {p[96], p[128], p[160], p[192]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k16_row_col_f32_e4m3_e4m3_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k16_row_col_f16_e4m3_e4m3_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[2] = {p[96], p[128]};
  uint32_t* q = out + blockIdx.x * 64 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sync_aligned_m16n8k16_row_col_f16_e4m3_e4m3_f16(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1];
}

extern "C" __global__ void mma_m16n8k32_row_col_f32_e4m3_e4m3_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k32_row_col_f32_e4m3_e4m3_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k32_row_col_f16_e4m3_e4m3_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 256 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[2] = {p[192], p[224]};
  uint32_t* q = out + blockIdx.x * 64 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sync_aligned_m16n8k32_row_col_f16_e4m3_e4m3_f16(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1];
}

extern "C" __global__ void mma_m16n8k16_row_col_f32_e5m2_e5m2_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[4] = {p[96], p[128], p[160], p[192]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k16_row_col_f32_e5m2_e5m2_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k16_row_col_f16_e5m2_e5m2_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[2] = {p[96], p[128]};
  uint32_t* q = out + blockIdx.x * 64 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sync_aligned_m16n8k16_row_col_f16_e5m2_e5m2_f16(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1];
}

extern "C" __global__ void mma_m16n8k32_row_col_f32_e5m2_e5m2_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k32_row_col_f32_e5m2_e5m2_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k32_row_col_f16_e5m2_e5m2_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 256 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[2] = {p[192], p[224]};
  uint32_t* q = out + blockIdx.x * 64 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sync_aligned_m16n8k32_row_col_f16_e5m2_e5m2_f16(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1];
}

extern "C" __global__ void mma_m16n8k32_row_col_f32_e4m3_e5m2_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k32_row_col_f32_e4m3_e5m2_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}
