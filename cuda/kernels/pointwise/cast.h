// The dtypes that cast.cu and move.cpp make casts between: the suffixes of kernels' names, in the order of DType.
#pragma once

#define SINTER_CASTS_FROM(F, from) \
  F(from, f32)                     \
  F(from, f64)                     \
  F(from, bf16)                    \
  F(from, f16)                     \
  F(from, i32)                     \
  F(from, i64)                     \
  F(from, u8)                      \
  F(from, i8)                      \
  F(from, boolean)                 \
  F(from, c64)                     \
  F(from, c128)
#define SINTER_CASTS(F)         \
  SINTER_CASTS_FROM(F, f32)     \
  SINTER_CASTS_FROM(F, f64)     \
  SINTER_CASTS_FROM(F, bf16)    \
  SINTER_CASTS_FROM(F, f16)     \
  SINTER_CASTS_FROM(F, i32)     \
  SINTER_CASTS_FROM(F, i64)     \
  SINTER_CASTS_FROM(F, u8)      \
  SINTER_CASTS_FROM(F, i8)      \
  SINTER_CASTS_FROM(F, boolean) \
  SINTER_CASTS_FROM(F, c64)     \
  SINTER_CASTS_FROM(F, c128)
