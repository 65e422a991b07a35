// mma.sp::ordered_metadata: sparse products, every selector. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_2(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x2;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_3(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x3;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_0(uint32_t (&d)[2], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[2], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4, %5}, {%6, %7}, %8, 0x0;" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_1(uint32_t (&d)[2], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[2], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4, %5}, {%6, %7}, %8, 0x1;" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_2(uint32_t (&d)[2], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[2], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4, %5}, {%6, %7}, %8, 0x2;" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_3(uint32_t (&d)[2], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[2], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4, %5}, {%6, %7}, %8, 0x3;" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_f16_f16_f32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_f16_f16_f32_1(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f16_f16_f16_f16_0(uint32_t (&d)[2], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[2], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3, %4, %5}, {%6, %7, %8, %9}, {%10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f16_f16_f16_f16_1(uint32_t (&d)[2], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[2], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3, %4, %5}, {%6, %7, %8, %9}, {%10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_2(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x2;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_3(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x3;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_bf16_bf16_f32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_bf16_bf16_f32_1(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_2(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x2;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_3(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x3;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_tf32_tf32_f32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_tf32_tf32_f32_1(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_s8_s8_s32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_s8_s8_s32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_s8_s32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_s8_s32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_s32_s8_s8_s32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_satfinite_s32_s8_s8_s32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.satfinite.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_u8_u8_s32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_u8_u8_s32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_u8_s32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.satfinite.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_u8_s32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.satfinite.s32.u8.u8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_f32_e4m3_e4m3_f32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.f32.e4m3.e4m3.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_f32_e5m2_e5m2_f32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.f32.e5m2.e5m2.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_s32_s4_s4_s32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_s32_s4_s4_s32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_satfinite_s32_s4_s4_s32_0(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.satfinite.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_satfinite_s32_s4_s4_s32_1(uint32_t (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[2], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k64.row.col.satfinite.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%8, %9, %10, %11}, %12, 0x1;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k128_row_col_s32_s4_s4_s32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k128.row.col.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}
DEVICE void op_mma_sp_ordered_metadata_sync_aligned_m16n8k128_row_col_satfinite_s32_s4_s4_s32_0(uint32_t (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4], const uint32_t (&c)[4], uint32_t e) {
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k128.row.col.satfinite.s32.s4.s4.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%12, %13, %14, %15}, %16, 0x0;" : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]), "r"(e));
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k16_row_col_f32_f16_f16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 288 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[2] = {p[64], p[96]};
  const uint32_t c[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t e = p[256];
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_2(d2, a, b, c, e);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_f16_f16_f32_3(d3, a, b, c, e);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k16_row_col_f16_f16_f16_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 224 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[2] = {p[64], p[96]};
  const uint32_t c[2] = {p[128], p[160]};
  const uint32_t e = p[192];
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1];
  uint32_t d1[2];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_1(d1, a, b, c, e);
  q[64] = d1[0]; q[96] = d1[1];
  uint32_t d2[2];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_2(d2, a, b, c, e);
  q[128] = d2[0]; q[160] = d2[1];
  uint32_t d3[2];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f16_f16_f16_f16_3(d3, a, b, c, e);
  q[192] = d3[0]; q[224] = d3[1];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k32_row_col_f32_f16_f16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 416 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[4] = {p[256], p[288], p[320], p[352]};
  const uint32_t e = p[384];
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_f16_f16_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_f16_f16_f32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k32_row_col_f16_f16_f16_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 352 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[2] = {p[256], p[288]};
  const uint32_t e = p[320];
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[2];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f16_f16_f16_f16_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1];
  uint32_t d1[2];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f16_f16_f16_f16_1(d1, a, b, c, e);
  q[64] = d1[0]; q[96] = d1[1];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k16_row_col_f32_bf16_bf16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 288 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[2] = {p[64], p[96]};
  const uint32_t c[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t e = p[256];
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_2(d2, a, b, c, e);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_bf16_bf16_f32_3(d3, a, b, c, e);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k32_row_col_f32_bf16_bf16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 416 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[4] = {p[256], p[288], p[320], p[352]};
  const uint32_t e = p[384];
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_bf16_bf16_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_f32_bf16_bf16_f32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k8_row_col_f32_tf32_tf32_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 288 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[2] = {p[64], p[96]};
  const uint32_t c[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t e = p[256];
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_2(d2, a, b, c, e);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k8_row_col_f32_tf32_tf32_f32_3(d3, a, b, c, e);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k16_row_col_f32_tf32_tf32_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 416 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[4] = {p[256], p[288], p[320], p[352]};
  const uint32_t e = p[384];
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_tf32_tf32_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k16_row_col_f32_tf32_tf32_f32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k32_row_col_s32_s8_s8_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 288 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[2] = {p[64], p[96]};
  const uint32_t c[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t e = p[256];
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_s8_s8_s32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_s8_s8_s32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_s8_s32_0(d2, a, b, c, e);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_s8_s8_s32_1(d3, a, b, c, e);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k64_row_col_s32_s8_s8_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 416 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[4] = {p[256], p[288], p[320], p[352]};
  const uint32_t e = p[384];
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_s32_s8_s8_s32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_satfinite_s32_s8_s8_s32_0(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k32_row_col_s32_u8_u8_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 288 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[2] = {p[64], p[96]};
  const uint32_t c[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t e = p[256];
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_u8_u8_s32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_s32_u8_u8_s32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_u8_s32_0(d2, a, b, c, e);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k32_row_col_satfinite_s32_u8_u8_s32_1(d3, a, b, c, e);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k64_row_col_f32_e4m3_e4m3_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 416 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[4] = {p[256], p[288], p[320], p[352]};
  const uint32_t e = p[384];
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_f32_e4m3_e4m3_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k64_row_col_f32_e5m2_e5m2_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 416 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[4] = {p[256], p[288], p[320], p[352]};
  const uint32_t e = p[384];
  uint32_t* q = out + blockIdx.x * 128 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_f32_e5m2_e5m2_f32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k64_row_col_s32_s4_s4_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 288 + threadIdx.x;
  const uint32_t a[2] = {p[0], p[32]};
  const uint32_t b[2] = {p[64], p[96]};
  const uint32_t c[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t e = p[256];
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_s32_s4_s4_s32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_s32_s4_s4_s32_1(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
  uint32_t d2[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_satfinite_s32_s4_s4_s32_0(d2, a, b, c, e);
  q[256] = d2[0]; q[288] = d2[1]; q[320] = d2[2]; q[352] = d2[3];
  uint32_t d3[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k64_row_col_satfinite_s32_s4_s4_s32_1(d3, a, b, c, e);
  q[384] = d3[0]; q[416] = d3[1]; q[448] = d3[2]; q[480] = d3[3];
}

extern "C" __global__ void mma_sp_ordered_metadata_m16n8k128_row_col_s32_s4_s4_s32(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 416 + threadIdx.x;
  const uint32_t a[4] = {p[0], p[32], p[64], p[96]};
  const uint32_t b[4] = {p[128], p[160], p[192], p[224]};
  const uint32_t c[4] = {p[256], p[288], p[320], p[352]};
  const uint32_t e = p[384];
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t d0[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k128_row_col_s32_s4_s4_s32_0(d0, a, b, c, e);
  q[0] = d0[0]; q[32] = d0[1]; q[64] = d0[2]; q[96] = d0[3];
  uint32_t d1[4];
  op_mma_sp_ordered_metadata_sync_aligned_m16n8k128_row_col_satfinite_s32_s4_s4_s32_0(d1, a, b, c, e);
  q[128] = d1[0]; q[160] = d1[1]; q[192] = d1[2]; q[224] = d1[3];
}
