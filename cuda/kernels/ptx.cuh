// Instructions that CUDA C++ has no name for, one function each. Place in the whole: the only inline PTX of cuda/kernels; the
// stand-in driver has a model of each, tested against what a real card computed (test/golden/ptx).
//
// What touches memory or orders it is volatile and clobbers memory. Addresses in shared memory are 32-bit offsets (shared_address).
#pragma once
#include <cstdint>

#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

SINTER_DEVICE uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

// ---- Stores to global memory that stay whole, whatever the compiler knows of the pointer. `to` is aligned to the word.
SINTER_DEVICE void store_global(void* to, uint16_t word) {
  asm volatile("st.global.b16 [%0], %1;" ::"l"(__cvta_generic_to_global(to)), "h"(word) : "memory");
}
SINTER_DEVICE void store_global(void* to, uint32_t word) {
  asm volatile("st.global.b32 [%0], %1;" ::"l"(__cvta_generic_to_global(to)), "r"(word) : "memory");
}
SINTER_DEVICE void store_global(void* to, uint2 word) {
  asm volatile("st.global.v2.b32 [%0], {%1, %2};" ::"l"(__cvta_generic_to_global(to)), "r"(word.x), "r"(word.y)
               : "memory");
}
SINTER_DEVICE void store_global(void* to, uint4 word) {
  asm volatile("st.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(to)), "r"(word.x), "r"(word.y),
               "r"(word.z), "r"(word.w)
               : "memory");
}

// ---- cp.async: global to shared memory behind the back of the thread. Of kBytes the first `present` are read, the rest become 0;
// with none present `from` is not followed, but must be aligned all the same. 16 bytes go past L1.
template <int kBytes>
SINTER_DEVICE void copy_async(uint32_t to, const void* from, int present) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
  if constexpr (kBytes == 16)
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(__cvta_generic_to_global(from)),
                 "r"(present)
                 : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(__cvta_generic_to_global(from)),
                 "n"(kBytes), "r"(present)
                 : "memory");
}
// What was issued since the last commit is a group; waits until no more than kPending of the newest groups are in flight.
SINTER_DEVICE void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int kPending>
SINTER_DEVICE void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

// ---- 2 to the x, with a relative error below 2^-22.5; what would be subnormal is 0.
SINTER_DEVICE float exp2_flushed(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// ---- ldmatrix: four 8x8 matrices of 16-bit elements; lane 8 i + r gives the address of row r of matrix i. Lane 4 g + t gets
// elements 2 t and 2 t + 1 of row g, or of column g where transposed.
SINTER_DEVICE void load_matrices(uint32_t (&d)[4], uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
               : "r"(address)
               : "memory");
}
SINTER_DEVICE void load_matrices_transposed(uint32_t (&d)[4], uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
               : "r"(address)
               : "memory");
}

// ---- mma.m16n8k16: d (16, 8) += a (16, 16) b (16, 8), sums in f32. With lane 4 g + t: a is rows g and g + 8 at columns 2 t and 2 t + 1, then
// the same at columns 8 on; b is rows 2 t and 2 t + 1, then 8 on, of column g; d is row g, then g + 8, at columns 2 t and 2 t + 1.
template <class S>
SINTER_DEVICE void multiply_16x8(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  static_assert(kIsHalf<S>);
  if constexpr (kSame<S, bf16>)
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, "
        "%2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  else
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
        "%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The same of f32 as tf32, whose low 13 bits are cut off: d (16, 8) += a (16, 8) b (8, 8). Where two elements are above there is one here.
SINTER_DEVICE void multiply_16x8_tf32(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The same of bytes, a unsigned or signed and b signed: d (16, 8) += a (16, 32) b (32, 8), sums in i32, which wrap. Where two elements are
// above there are four here.
template <class S>
SINTER_DEVICE void multiply_16x8(int32_t (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  static_assert(kSame<S, u8> || kSame<S, i8>);
  if constexpr (kSame<S, u8>)
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
        "%3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  else
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
        "%3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// ---- mma.sp.m16n8k32: d (16, 8) += a (16, 32) b (32, 8), sums in f32, where a has two elements of every four columns: `a` is as
// multiply_16x8's, of the elements that there are; b is rows 2 t and 2 t + 1, then 8, 16 and 24 on, of column g. `positions`: nibbles, two
// ascending places of two bits for each four columns, of columns 0 .. 15 in lane 4 g + 2 kPair and 16 .. 31 in the next; the low half for
// row g, the high one for row g + 8.
template <class S, int kPair>
SINTER_DEVICE void multiply_sparse_16x8(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[4],
                                        uint32_t positions) {
  static_assert(kIsHalf<S> && (kPair == 0 || kPair == 1));
  if constexpr (kSame<S, bf16>)
    asm volatile(
        "mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, %13;"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(positions),
          "n"(kPair));
  else
    asm volatile(
        "mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, %13;"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(positions),
          "n"(kPair));
}

// ---- mma.m8n8k4 of f64: d (8, 8) += a (8, 4) b (4, 8). With lane 4 g + t: a is row g, column t; b is row t, column g; d is row g at
// columns 2 t and 2 t + 1.
SINTER_DEVICE void multiply_8x8(double (&d)[2], double a, double b) {
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
               : "+d"(d[0]), "+d"(d[1])
               : "d"(a), "d"(b));
}

}  // namespace sinter::cuda
