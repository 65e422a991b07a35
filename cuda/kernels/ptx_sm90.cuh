// Instructions of compute capability 9.0 (sm_90a), one function each: mbarriers, tiles through tensor maps, wgmma. Place in the whole:
// beside ptx.cuh, whose rules hold here; for X.sm90a.cu alone. The stand-in driver has models of all of them, tested against what a
// real card computed (test/golden/ptx).
#pragma once
#include "cuda/kernels/ptx.cuh"

namespace sinter::cuda {

// ---- mbarrier: 8 bytes of shared memory that count the arrivals of a phase, and the bytes that it was told to expect. `parity` is that
// of the phase that is waited for: 0 for the first; with 1 a fresh one does not wait.
SINTER_DEVICE void barrier_init(uint32_t barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}
SINTER_DEVICE void barrier_arrive(uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}
SINTER_DEVICE void barrier_arrive_expecting(uint32_t barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}
SINTER_DEVICE bool barrier_test(uint32_t barrier, uint32_t parity) {
  uint32_t done;
  asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
               : "=r"(done)
               : "r"(barrier), "r"(parity)
               : "memory");
  return done != 0;
}
SINTER_DEVICE void barrier_wait(uint32_t barrier, uint32_t parity) {
  while (!barrier_test(barrier, parity)) {
  }
}
// What threads have stored to shared memory, and barriers made there, is there for copies and wgmma too, once other threads have met.
SINTER_DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// ---- Two numbers to shared memory that stay one store, as store_global's do.
SINTER_DEVICE void store_shared(uint32_t to, float first, float second) {
  asm volatile("st.shared.v2.f32 [%0], {%1, %2};" ::"r"(to), "f"(first), "f"(second) : "memory");
}

// ---- A box of a tensor of four dimensions to shared memory, by way of its map, whose box has the extent; the first coordinate is the
// innermost. What is outside of the tensor becomes 0, and counts among the bytes that the barrier expects.
SINTER_DEVICE void load_box(uint32_t to, const void* map, int c0, int c1, int c2, int c3, uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4, %5}], "
      "[%6];" ::"r"(to),
      "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(barrier)
      : "memory");
}

// ---- Registers that a warpgroup gives back to the multiprocessor, or takes from there: it has kCount a thread from then on.
template <int kCount>
SINTER_DEVICE void registers_give() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kCount));
}
template <int kCount>
SINTER_DEVICE void registers_take() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kCount));
}

// ---- wgmma: a warpgroup's products run behind its back, from operands in shared memory, until their group is waited for. The fence comes
// before the first one, and after registers of sums have been touched.
SINTER_DEVICE void products_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
SINTER_DEVICE void products_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int kPending>
SINTER_DEVICE void products_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}
// Sums are read from here on, and not moved about before: instructions that wait name no registers.
template <int kCount>
SINTER_DEVICE void hold(float (&d)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; i++) asm volatile("" : "+f"(d[i])::"memory");
}
// Operands lie in rows of 128 bytes, of which eight are exchanged by 16 bytes among each other (the tensor map's swizzle): `step` is from
// one eight to the next, `lead`, of operands that are wide, from 64 rows of a or columns of b to the next. Bytes; the start is at a
// multiple of 1024, but for k.
SINTER_DEVICE uint64_t matrix_at(uint32_t start, uint32_t step, uint32_t lead) {
  return uint64_t{(start & 0x3ffffu) >> 4} | uint64_t{lead >> 4} << 16 | uint64_t{step >> 4} << 32 | uint64_t{1} << 62;
}
// d (64, kColumns) += a (64, 16) b (16, kColumns), sums in f32. Of warp w, lane 4 g + t: d[4 j + e] is row 16 w + g + 8 (e / 2), column 8 j + 2 t +
// e % 2.
// `add`, known when it is compiled: to what d is; else it need not be anything.
template <class S, int kColumns, bool kDeepA, bool kDeepB>
SINTER_DEVICE void multiply_64(float (&d)[kColumns / 2], uint64_t a, uint64_t b, bool add = true) {
  static_assert(kIsHalf<S> && (kColumns == 64 || kColumns == 128 || kColumns == 256));
#define SINTER_SUMS_0_31                                                                                           \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, " \
  "%24, %25, %26, %27, %28, %29, %30, %31"
#define SINTER_SUMS_0_63                                                                                           \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, " \
  "%24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, " \
  "%46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define SINTER_SUMS_64_127                                                                                             \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, %80, %81, %82, %83, %84, %85, "     \
  "%86, %87, %88, %89, %90, %91, %92, %93, %94, %95, %96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, "   \
  "%107, %108, %109, %110, %111, %112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, " \
  "%126, %127"
#define SINTER_EIGHT_SUMS(i)                                                                                  \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), \
      "+f"(d[i + 7])
#define SINTER_32_SUMS(i) \
  SINTER_EIGHT_SUMS(i), SINTER_EIGHT_SUMS(i + 8), SINTER_EIGHT_SUMS(i + 16), SINTER_EIGHT_SUMS(i + 24)
#define SINTER_64_SUMS(i) SINTER_32_SUMS(i), SINTER_32_SUMS(i + 32)
#define SINTER_MULTIPLY_64(type)                                                                                  \
  asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %36, 0;\n\twgmma.mma_async.sync.aligned.m64n64k16.f32." type \
               "." type " {" SINTER_SUMS_0_31 "}, %32, %33, p, 1, 1, %34, %35;\n\t}"                              \
               : SINTER_32_SUMS(0)                                                                                \
               : "l"(a), "l"(b), "n"(kDeepA ? 0 : 1), "n"(kDeepB ? 0 : 1), "r"(add ? 1 : 0)                       \
               : "memory")
#define SINTER_MULTIPLY_128(type)                                                                                  \
  asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %68, 0;\n\twgmma.mma_async.sync.aligned.m64n128k16.f32." type \
               "." type " {" SINTER_SUMS_0_63 "}, %64, %65, p, 1, 1, %66, %67;\n\t}"                               \
               : SINTER_64_SUMS(0)                                                                                 \
               : "l"(a), "l"(b), "n"(kDeepA ? 0 : 1), "n"(kDeepB ? 0 : 1), "r"(add ? 1 : 0)                        \
               : "memory")
#define SINTER_MULTIPLY_256(type)                                                                                   \
  asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %132, 0;\n\twgmma.mma_async.sync.aligned.m64n256k16.f32." type \
               "." type " {" SINTER_SUMS_0_63 ", " SINTER_SUMS_64_127 "}, %128, %129, p, 1, 1, %130, %131;\n\t}"    \
               : SINTER_64_SUMS(0), SINTER_64_SUMS(64)                                                              \
               : "l"(a), "l"(b), "n"(kDeepA ? 0 : 1), "n"(kDeepB ? 0 : 1), "r"(add ? 1 : 0)                         \
               : "memory")
  if constexpr (kColumns == 64) {
    if constexpr (kSame<S, bf16>)
      SINTER_MULTIPLY_64("bf16");
    else
      SINTER_MULTIPLY_64("f16");
  } else if constexpr (kColumns == 128) {
    if constexpr (kSame<S, bf16>)
      SINTER_MULTIPLY_128("bf16");
    else
      SINTER_MULTIPLY_128("f16");
  } else {
    if constexpr (kSame<S, bf16>)
      SINTER_MULTIPLY_256("bf16");
    else
      SINTER_MULTIPLY_256("f16");
  }
#undef SINTER_MULTIPLY_256
#undef SINTER_MULTIPLY_128
#undef SINTER_MULTIPLY_64
#undef SINTER_SUMS_64_127
#undef SINTER_SUMS_0_63
}

// d (64, kColumns) += a (64, 16) b (16, kColumns), where a warp has its 16 rows of a in registers as for multiply_16x8, which nobody may
// change before the wait.
template <class S, int kColumns, bool kDeepB>
SINTER_DEVICE void multiply_64(float (&d)[kColumns / 2], const uint32_t (&a)[4], uint64_t b, bool add = true) {
  static_assert(kIsHalf<S> && (kColumns == 64 || kColumns == 128));
#define SINTER_SUMS_32_63                                                                                          \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, " \
  "%54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
#define SINTER_MULTIPLY_64(type)                                                                                  \
  asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %38, 0;\n\twgmma.mma_async.sync.aligned.m64n64k16.f32." type \
               "." type " {" SINTER_SUMS_0_31 "}, {%32, %33, %34, %35}, %36, p, 1, 1, %37;\n\t}"                  \
               : SINTER_32_SUMS(0)                                                                                \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "n"(kDeepB ? 0 : 1), "r"(add ? 1 : 0)        \
               : "memory")
#define SINTER_MULTIPLY_128(type)                                                                                  \
  asm volatile("{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %70, 0;\n\twgmma.mma_async.sync.aligned.m64n128k16.f32." type \
               "." type " {" SINTER_SUMS_0_31 ", " SINTER_SUMS_32_63                                               \
               "}, {%64, %65, %66, %67}, %68, p, 1, 1, %69;\n\t}"                                                  \
               : SINTER_64_SUMS(0)                                                                                 \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "n"(kDeepB ? 0 : 1), "r"(add ? 1 : 0)         \
               : "memory")
  if constexpr (kColumns == 64) {
    if constexpr (kSame<S, bf16>)
      SINTER_MULTIPLY_64("bf16");
    else
      SINTER_MULTIPLY_64("f16");
  } else {
    if constexpr (kSame<S, bf16>)
      SINTER_MULTIPLY_128("bf16");
    else
      SINTER_MULTIPLY_128("f16");
  }
#undef SINTER_MULTIPLY_128
#undef SINTER_MULTIPLY_64
#undef SINTER_SUMS_32_63
#undef SINTER_SUMS_0_31
}
#undef SINTER_64_SUMS
#undef SINTER_32_SUMS
#undef SINTER_EIGHT_SUMS

}  // namespace sinter::cuda
