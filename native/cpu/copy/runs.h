// Contiguous and strided runs of raw elements: cast, gather, scatter, fill, stream. Place in the whole: the innermost
// loops of every kernel that meets another layout or dtype than its own.
#pragma once
#include "cpu/simd/streaming.h"
#include "cpu/simd/vec.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// dst[i] = src[i] cast: to bool by != 0, from floating to integer by truncation (saturating; NaN gives 0), between
// integers modulo 2^bits, from complex by the real part (to bool: either part). Contiguous, not overlapping.
void convert_run(DType from, const void* src, DType to, void* dst, int64_t n);
// dst[i] = src[i * stride], elements of `size` bytes (1, 2, 4, 8 or 16).
void gather_run(size_t size, const void* src, int64_t stride, void* dst, int64_t n);
// dst[i * stride] = src[i]
void scatter_run(size_t size, const void* src, void* dst, int64_t stride, int64_t n);
void fill_run(size_t size, const void* value, void* dst, int64_t n);
// memcpy with stores that bypass the caches; worth it only from kStreamBytes (simd/streaming.h) on in all.
void stream_copy(void* dst, const void* src, int64_t bytes);
void stream_fence();

// A number in the storage format of a dtype.
struct Scalar {
  alignas(16) unsigned char bytes[16];
};
inline Scalar scalar_of(DType dtype, double value) {
  Scalar s;
  convert_run(DType::f64, &value, dtype, s.bytes, 1);
  return s;
}

}  // namespace sinter::cpu::SINTER_ISA
