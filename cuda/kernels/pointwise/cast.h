// The dtypes that cast.cu and move.cpp make casts between: the suffixes of kernels' names, from and to in the order of DType, without those
// from a dtype to itself, which move.cu copies.
#pragma once

// clang-format off
#define SINTER_CASTS(F)                                                            \
  F(f32, f64) F(f32, bf16) F(f32, f16) F(f32, i32) F(f32, i64)                     \
    F(f32, u8) F(f32, i8) F(f32, boolean) F(f32, c64) F(f32, c128)                 \
  F(f64, f32) F(f64, bf16) F(f64, f16) F(f64, i32) F(f64, i64)                     \
    F(f64, u8) F(f64, i8) F(f64, boolean) F(f64, c64) F(f64, c128)                 \
  F(bf16, f32) F(bf16, f64) F(bf16, f16) F(bf16, i32) F(bf16, i64)                 \
    F(bf16, u8) F(bf16, i8) F(bf16, boolean) F(bf16, c64) F(bf16, c128)            \
  F(f16, f32) F(f16, f64) F(f16, bf16) F(f16, i32) F(f16, i64)                     \
    F(f16, u8) F(f16, i8) F(f16, boolean) F(f16, c64) F(f16, c128)                 \
  F(i32, f32) F(i32, f64) F(i32, bf16) F(i32, f16) F(i32, i64)                     \
    F(i32, u8) F(i32, i8) F(i32, boolean) F(i32, c64) F(i32, c128)                 \
  F(i64, f32) F(i64, f64) F(i64, bf16) F(i64, f16) F(i64, i32)                     \
    F(i64, u8) F(i64, i8) F(i64, boolean) F(i64, c64) F(i64, c128)                 \
  F(u8, f32) F(u8, f64) F(u8, bf16) F(u8, f16) F(u8, i32)                          \
    F(u8, i64) F(u8, i8) F(u8, boolean) F(u8, c64) F(u8, c128)                     \
  F(i8, f32) F(i8, f64) F(i8, bf16) F(i8, f16) F(i8, i32)                          \
    F(i8, i64) F(i8, u8) F(i8, boolean) F(i8, c64) F(i8, c128)                     \
  F(boolean, f32) F(boolean, f64) F(boolean, bf16) F(boolean, f16) F(boolean, i32) \
    F(boolean, i64) F(boolean, u8) F(boolean, i8) F(boolean, c64) F(boolean, c128) \
  F(c64, f32) F(c64, f64) F(c64, bf16) F(c64, f16) F(c64, i32)                     \
    F(c64, i64) F(c64, u8) F(c64, i8) F(c64, boolean) F(c64, c128)                 \
  F(c128, f32) F(c128, f64) F(c128, bf16) F(c128, f16) F(c128, i32)                \
    F(c128, i64) F(c128, u8) F(c128, i8) F(c128, boolean) F(c128, c64)
// clang-format on
