// mma.sync: dense products of 16 x K by K x 8. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_mma_sync_aligned_m16n8k8_row_col_f32_f16_f16_f32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k8_row_col_f16_f16_f16_f16(uint32_t (&d)[2], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[2]) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4}, {%5, %6};" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16(uint32_t (&d)[2], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[2]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3, %4, %5}, {%6, %7}, {%8, %9};" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]));
}
DEVICE void op_mma_sync_aligned_m16n8k8_row_col_f32_bf16_bf16_f32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k4_row_col_f32_tf32_tf32_f32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_s32_s8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_s32_s8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.s32.s8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_s32_u8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_s32_u8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_s8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.satfinite.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_s8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.satfinite.s32.s8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_u8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.satfinite.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_u8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.satfinite.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_s8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_s8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_u8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_u8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_s8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.satfinite.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_u8_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.satfinite.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_s4_s4_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_s4_u4_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s4.u4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_u4_s4_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.u4.s4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k32_row_col_s32_u4_u4_s32(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.u4.u4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k64_row_col_s32_s4_s4_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k64.row.col.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k64_row_col_s32_s4_u4_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k64.row.col.s32.s4.u4.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k64_row_col_s32_u4_s4_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k64.row.col.s32.u4.s4.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k64_row_col_s32_u4_u4_s32(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k64.row.col.s32.u4.u4.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k256_row_col_s32_b1_b1_s32_and_popc(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k256_row_col_s32_b1_b1_s32_xor_popc(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], const uint32_t (&c)[4]) {
  asm volatile("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.xor.popc {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}
DEVICE void op_mma_sync_aligned_m8n8k4_row_col_f64_f64_f64_f64(double (&d)[2], const double (&x)[4]) {
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%4, %5};" : "=d"(d[0]), "=d"(d[1]) : "d"(x[0]), "d"(x[1]), "d"(x[2]), "d"(x[3]));
}
DEVICE void op_mma_sync_aligned_m16n8k4_row_col_f64_f64_f64_f64(double (&d)[4], const double (&x)[7]) {
  asm volatile("mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};" : "=d"(d[0]), "=d"(d[1]), "=d"(d[2]), "=d"(d[3]) : "d"(x[0]), "d"(x[1]), "d"(x[2]), "d"(x[3]), "d"(x[4]), "d"(x[5]), "d"(x[6]));
}
DEVICE void op_mma_sync_aligned_m16n8k8_row_col_f64_f64_f64_f64(double (&d)[4], const double (&x)[10]) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" : "=d"(d[0]), "=d"(d[1]), "=d"(d[2]), "=d"(d[3]) : "d"(x[0]), "d"(x[1]), "d"(x[2]), "d"(x[3]), "d"(x[4]), "d"(x[5]), "d"(x[6]), "d"(x[7]), "d"(x[8]), "d"(x[9]));
}
DEVICE void op_mma_sync_aligned_m16n8k16_row_col_f64_f64_f64_f64(double (&d)[4], const double (&x)[16]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7, %8, %9, %10, %11}, {%12, %13, %14, %15}, {%16, %17, %18, %19};" : "=d"(d[0]), "=d"(d[1]), "=d"(d[2]), "=d"(d[3]) : "d"(x[0]), "d"(x[1]), "d"(x[2]), "d"(x[3]), "d"(x[4]), "d"(x[5]), "d"(x[6]), "d"(x[7]), "d"(x[8]), "d"(x[9]), "d"(x[10]), "d"(x[11]), "d"(x[12]), "d"(x[13]), "d"(x[14]), "d"(x[15]));
}

extern "C" __global__ void mma_m16n8k8_row_col_f32_f16_f16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[4] = {p[96], p[128], p[160], p[192]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k8_row_col_f32_f16_f16_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k8_row_col_f16_f16_f16_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[2] = {p[96], p[128]};
  uint32_t* q = out + blockIdx.x * 64 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sync_aligned_m16n8k8_row_col_f16_f16_f16_f16(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1];
}

extern "C" __global__ void mma_m16n8k16_row_col_f32_f16_f16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k16_row_col_f16_f16_f16_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 256 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[2] = {p[192], p[224]};
  uint32_t* q = out + blockIdx.x * 64 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1];
}

extern "C" __global__ void mma_m16n8k8_row_col_f32_bf16_bf16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[4] = {p[96], p[128], p[160], p[192]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k8_row_col_f32_bf16_bf16_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k16_row_col_f32_bf16_bf16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k4_row_col_f32_tf32_tf32_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[4] = {p[96], p[128], p[160], p[192]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k4_row_col_f32_tf32_tf32_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k8_row_col_f32_tf32_tf32_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_m16n8k16_int8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[4] = {p[96], p[128], p[160], p[192]};
  uint32_t* q = out + blockIdx.x * 1024 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k16_row_col_s32_s8_s8_s32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sync_aligned_m16n8k16_row_col_s32_s8_u8_s32(d1, a, b, c);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sync_aligned_m16n8k16_row_col_s32_u8_s8_s32(d2, a, b, c);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sync_aligned_m16n8k16_row_col_s32_u8_u8_s32(d3, a, b, c);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
  uint32_t d4[4];
  op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_s8_s8_s32(d4, a, b, c);
  q[512] = d4[0]; q[544] = d4[1]; q[576] = d4[2]; q[608] = d4[3];
  uint32_t d5[4];
  op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_s8_u8_s32(d5, a, b, c);
  q[640] = d5[0]; q[672] = d5[1]; q[704] = d5[2]; q[736] = d5[3];
  uint32_t d6[4];
  op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_u8_s8_s32(d6, a, b, c);
  q[768] = d6[0]; q[800] = d6[1]; q[832] = d6[2]; q[864] = d6[3];
  uint32_t d7[4];
  op_mma_sync_aligned_m16n8k16_row_col_satfinite_s32_u8_u8_s32(d7, a, b, c);
  q[896] = d7[0]; q[928] = d7[1]; q[960] = d7[2]; q[992] = d7[3];
}

extern "C" __global__ void mma_m16n8k32_int8(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 1024 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_s8_s8_s32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_s8_u8_s32(d1, a, b, c);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_u8_s8_s32(d2, a, b, c);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_u8_u8_s32(d3, a, b, c);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
  uint32_t d4[4];
  op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_s8_s32(d4, a, b, c);
  q[512] = d4[0]; q[544] = d4[1]; q[576] = d4[2]; q[608] = d4[3];
  uint32_t d5[4];
  op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_u8_s32(d5, a, b, c);
  q[640] = d5[0]; q[672] = d5[1]; q[704] = d5[2]; q[736] = d5[3];
  uint32_t d6[4];
  op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_s8_s32(d6, a, b, c);
  q[768] = d6[0]; q[800] = d6[1]; q[832] = d6[2]; q[864] = d6[3];
  uint32_t d7[4];
  op_mma_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_u8_s32(d7, a, b, c);
  q[896] = d7[0]; q[928] = d7[1]; q[960] = d7[2]; q[992] = d7[3];
}

extern "C" __global__ void mma_m16n8k32_int4(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[1] = {p[64]};
  const uint32_t c[4] = {p[96], p[128], p[160], p[192]};
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_s4_s4_s32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_s4_u4_s32(d1, a, b, c);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_u4_s4_s32(d2, a, b, c);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sync_aligned_m16n8k32_row_col_s32_u4_u4_s32(d3, a, b, c);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_m16n8k64_int4(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k64_row_col_s32_s4_s4_s32(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sync_aligned_m16n8k64_row_col_s32_s4_u4_s32(d1, a, b, c);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sync_aligned_m16n8k64_row_col_s32_u4_s4_s32(d2, a, b, c);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sync_aligned_m16n8k64_row_col_s32_u4_u4_s32(d3, a, b, c);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_m16n8k256_b1(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 320 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[2] = {p[128], p[160]};
  const uint32_t c[4] = {p[192], p[224], p[256], p[288]};
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sync_aligned_m16n8k256_row_col_s32_b1_b1_s32_and_popc(d0, a, b, c);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sync_aligned_m16n8k256_row_col_s32_b1_b1_s32_xor_popc(d1, a, b, c);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
}

extern "C" __global__ void mma_m8n8k4_row_col_f64_f64_f64_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const double* p = reinterpret_cast<const double*>(in) + blockIdx.x * 128 + threadIdx.x;
  const double x[4] = {p[0], p[32], p[64], p[96]};
  double d[2];
  op_mma_sync_aligned_m8n8k4_row_col_f64_f64_f64_f64(d, x);
  double* q = reinterpret_cast<double*>(out) + blockIdx.x * 64 + threadIdx.x;
  q[0] = d[0]; q[32] = d[1];
}

extern "C" __global__ void mma_m16n8k4_row_col_f64_f64_f64_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const double* p = reinterpret_cast<const double*>(in) + blockIdx.x * 224 + threadIdx.x;
  const double x[7] = {p[0], p[32], p[64], p[96], p[128], p[160], p[192]};
  double d[4];
  op_mma_sync_aligned_m16n8k4_row_col_f64_f64_f64_f64(d, x);
  double* q = reinterpret_cast<double*>(out) + blockIdx.x * 128 + threadIdx.x;
  q[0] = d[0]; q[32] = d[1]; q[64] = d[2]; q[96] = d[3];
}

extern "C" __global__ void mma_m16n8k8_row_col_f64_f64_f64_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const double* p = reinterpret_cast<const double*>(in) + blockIdx.x * 320 + threadIdx.x;
  const double x[10] = {p[0], p[32], p[64], p[96], p[128], p[160], p[192], p[224], p[256], p[288]};
  double d[4];
  op_mma_sync_aligned_m16n8k8_row_col_f64_f64_f64_f64(d, x);
  double* q = reinterpret_cast<double*>(out) + blockIdx.x * 128 + threadIdx.x;
  q[0] = d[0]; q[32] = d[1]; q[64] = d[2]; q[96] = d[3];
}

extern "C" __global__ void mma_m16n8k16_row_col_f64_f64_f64_f64(const uint32_t* in, uint32_t* out, uint32_t n) {
  const double* p = reinterpret_cast<const double*>(in) + blockIdx.x * 512 + threadIdx.x;
  const double x[16] = {p[0], p[32], p[64], p[96], p[128], p[160], p[192], p[224], p[256], p[288], p[320], p[352], p[384], p[416], p[448], p[480]};
  double d[4];
  op_mma_sync_aligned_m16n8k16_row_col_f64_f64_f64_f64(d, x);
  double* q = reinterpret_cast<double*>(out) + blockIdx.x * 128 + threadIdx.x;
  q[0] = d[0]; q[32] = d[1]; q[64] = d[2]; q[96] = d[3];
}
