// wgmma.mma_async of one warpgroup. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
DEVICE void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
DEVICE void wgmma_wait() { asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory"); }
DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE void op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_0_0(uint32_t (&d)[32], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %34, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]), "+r"(d[16]), "+r"(d[17]), "+r"(d[18]), "+r"(d[19]), "+r"(d[20]), "+r"(d[21]), "+r"(d[22]), "+r"(d[23]), "+r"(d[24]), "+r"(d[25]), "+r"(d[26]), "+r"(d[27]), "+r"(d[28]), "+r"(d[29]), "+r"(d[30]), "+r"(d[31]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_0_1(uint32_t (&d)[32], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %34, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, p, 1, 1, 0, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]), "+r"(d[16]), "+r"(d[17]), "+r"(d[18]), "+r"(d[19]), "+r"(d[20]), "+r"(d[21]), "+r"(d[22]), "+r"(d[23]), "+r"(d[24]), "+r"(d[25]), "+r"(d[26]), "+r"(d[27]), "+r"(d[28]), "+r"(d[29]), "+r"(d[30]), "+r"(d[31]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_1_0(uint32_t (&d)[32], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %34, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, p, 1, 1, 1, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]), "+r"(d[16]), "+r"(d[17]), "+r"(d[18]), "+r"(d[19]), "+r"(d[20]), "+r"(d[21]), "+r"(d[22]), "+r"(d[23]), "+r"(d[24]), "+r"(d[25]), "+r"(d[26]), "+r"(d[27]), "+r"(d[28]), "+r"(d[29]), "+r"(d[30]), "+r"(d[31]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_1_1(uint32_t (&d)[32], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %34, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, p, 1, 1, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]), "+r"(d[16]), "+r"(d[17]), "+r"(d[18]), "+r"(d[19]), "+r"(d[20]), "+r"(d[21]), "+r"(d[22]), "+r"(d[23]), "+r"(d[24]), "+r"(d[25]), "+r"(d[26]), "+r"(d[27]), "+r"(d[28]), "+r"(d[29]), "+r"(d[30]), "+r"(d[31]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n64k16_f32_bf16_bf16_1_1_1_1(uint32_t (&d)[32], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %34, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, p, 1, 1, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]), "+r"(d[16]), "+r"(d[17]), "+r"(d[18]), "+r"(d[19]), "+r"(d[20]), "+r"(d[21]), "+r"(d[22]), "+r"(d[23]), "+r"(d[24]), "+r"(d[25]), "+r"(d[26]), "+r"(d[27]), "+r"(d[28]), "+r"(d[29]), "+r"(d[30]), "+r"(d[31]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_1_1_0_0(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, %4, %5, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n24k16_f32_f16_f16_1_1_0_0(uint32_t (&d)[12], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %14, 0; wgmma.mma_async.sync.aligned.m64n24k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11}, %12, %13, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n256k16_f32_f16_f16_1_1_0_0(uint32_t (&d)[128], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %130, 0; wgmma.mma_async.sync.aligned.m64n256k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, %64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, %80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, %96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, %112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127}, %128, %129, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]), "+r"(d[16]), "+r"(d[17]), "+r"(d[18]), "+r"(d[19]), "+r"(d[20]), "+r"(d[21]), "+r"(d[22]), "+r"(d[23]), "+r"(d[24]), "+r"(d[25]), "+r"(d[26]), "+r"(d[27]), "+r"(d[28]), "+r"(d[29]), "+r"(d[30]), "+r"(d[31]), "+r"(d[32]), "+r"(d[33]), "+r"(d[34]), "+r"(d[35]), "+r"(d[36]), "+r"(d[37]), "+r"(d[38]), "+r"(d[39]), "+r"(d[40]), "+r"(d[41]), "+r"(d[42]), "+r"(d[43]), "+r"(d[44]), "+r"(d[45]), "+r"(d[46]), "+r"(d[47]), "+r"(d[48]), "+r"(d[49]), "+r"(d[50]), "+r"(d[51]), "+r"(d[52]), "+r"(d[53]), "+r"(d[54]), "+r"(d[55]), "+r"(d[56]), "+r"(d[57]), "+r"(d[58]), "+r"(d[59]), "+r"(d[60]), "+r"(d[61]), "+r"(d[62]), "+r"(d[63]), "+r"(d[64]), "+r"(d[65]), "+r"(d[66]), "+r"(d[67]), "+r"(d[68]), "+r"(d[69]), "+r"(d[70]), "+r"(d[71]), "+r"(d[72]), "+r"(d[73]), "+r"(d[74]), "+r"(d[75]), "+r"(d[76]), "+r"(d[77]), "+r"(d[78]), "+r"(d[79]), "+r"(d[80]), "+r"(d[81]), "+r"(d[82]), "+r"(d[83]), "+r"(d[84]), "+r"(d[85]), "+r"(d[86]), "+r"(d[87]), "+r"(d[88]), "+r"(d[89]), "+r"(d[90]), "+r"(d[91]), "+r"(d[92]), "+r"(d[93]), "+r"(d[94]), "+r"(d[95]), "+r"(d[96]), "+r"(d[97]), "+r"(d[98]), "+r"(d[99]), "+r"(d[100]), "+r"(d[101]), "+r"(d[102]), "+r"(d[103]), "+r"(d[104]), "+r"(d[105]), "+r"(d[106]), "+r"(d[107]), "+r"(d[108]), "+r"(d[109]), "+r"(d[110]), "+r"(d[111]), "+r"(d[112]), "+r"(d[113]), "+r"(d[114]), "+r"(d[115]), "+r"(d[116]), "+r"(d[117]), "+r"(d[118]), "+r"(d[119]), "+r"(d[120]), "+r"(d[121]), "+r"(d[122]), "+r"(d[123]), "+r"(d[124]), "+r"(d[125]), "+r"(d[126]), "+r"(d[127]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n128k16_f32_bf16_bf16_1_1_0_0(uint32_t (&d)[64], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %66, 0; wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, %64, %65, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]), "+r"(d[16]), "+r"(d[17]), "+r"(d[18]), "+r"(d[19]), "+r"(d[20]), "+r"(d[21]), "+r"(d[22]), "+r"(d[23]), "+r"(d[24]), "+r"(d[25]), "+r"(d[26]), "+r"(d[27]), "+r"(d[28]), "+r"(d[29]), "+r"(d[30]), "+r"(d[31]), "+r"(d[32]), "+r"(d[33]), "+r"(d[34]), "+r"(d[35]), "+r"(d[36]), "+r"(d[37]), "+r"(d[38]), "+r"(d[39]), "+r"(d[40]), "+r"(d[41]), "+r"(d[42]), "+r"(d[43]), "+r"(d[44]), "+r"(d[45]), "+r"(d[46]), "+r"(d[47]), "+r"(d[48]), "+r"(d[49]), "+r"(d[50]), "+r"(d[51]), "+r"(d[52]), "+r"(d[53]), "+r"(d[54]), "+r"(d[55]), "+r"(d[56]), "+r"(d[57]), "+r"(d[58]), "+r"(d[59]), "+r"(d[60]), "+r"(d[61]), "+r"(d[62]), "+r"(d[63]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n64k16_f16_f16_f16_1_1_0_0(uint32_t (&d)[16], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %18, 0; wgmma.mma_async.sync.aligned.m64n64k16.f16.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, %16, %17, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n32k8_f32_tf32_tf32_1_1(uint32_t (&d)[16], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %18, 0; wgmma.mma_async.sync.aligned.m64n32k8.f32.tf32.tf32 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, %16, %17, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n32k32_s32_s8_s8(uint32_t (&d)[16], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %18, 0; wgmma.mma_async.sync.aligned.m64n32k32.s32.s8.s8 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, %16, %17, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n16k32_s32_u8_u8(uint32_t (&d)[8], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %10, 0; wgmma.mma_async.sync.aligned.m64n16k32.s32.u8.u8 {%0, %1, %2, %3, %4, %5, %6, %7}, %8, %9, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n32k32_f32_e4m3_e4m3_1_1(uint32_t (&d)[16], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %18, 0; wgmma.mma_async.sync.aligned.m64n32k32.f32.e4m3.e4m3 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, %16, %17, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]), "+r"(d[8]), "+r"(d[9]), "+r"(d[10]), "+r"(d[11]), "+r"(d[12]), "+r"(d[13]), "+r"(d[14]), "+r"(d[15]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n32k32_f16_e5m2_e5m2_1_1(uint32_t (&d)[8], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %10, 0; wgmma.mma_async.sync.aligned.m64n32k32.f16.e5m2.e5m2 {%0, %1, %2, %3, %4, %5, %6, %7}, %8, %9, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]), "+r"(d[4]), "+r"(d[5]), "+r"(d[6]), "+r"(d[7]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_rs_1_1_0(uint32_t (&d)[4], const uint32_t (&a)[4], uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %9, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, p, 1, 1, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_m1_1_0_0(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, %4, %5, p, -1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_1_m1_0_0(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, %4, %5, p, 1, -1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_m1_m1_0_0(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, %4, %5, p, -1, -1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f16_f16_f16_1_1_0_0(uint32_t (&d)[2], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %4, 0; wgmma.mma_async.sync.aligned.m64n8k16.f16.f16.f16 {%0, %1}, %2, %3, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f32_bf16_bf16_1_1_0_0(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0, %1, %2, %3}, %4, %5, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k16_f32_bf16_bf16_rs_1_1_0(uint32_t (&d)[4], const uint32_t (&a)[4], uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %9, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, p, 1, 1, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k8_f32_tf32_tf32_1_1(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k8.f32.tf32.tf32 {%0, %1, %2, %3}, %4, %5, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k8_f32_tf32_tf32_rs_1_1(uint32_t (&d)[4], const uint32_t (&a)[4], uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %9, 0; wgmma.mma_async.sync.aligned.m64n8k8.f32.tf32.tf32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_1_1(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.f32.e4m3.e4m3 {%0, %1, %2, %3}, %4, %5, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_rs_1_1(uint32_t (&d)[4], const uint32_t (&a)[4], uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %9, 0; wgmma.mma_async.sync.aligned.m64n8k32.f32.e4m3.e4m3 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_m1_1(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.f32.e4m3.e4m3 {%0, %1, %2, %3}, %4, %5, p, -1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_1_m1(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.f32.e4m3.e4m3 {%0, %1, %2, %3}, %4, %5, p, 1, -1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_m1_m1(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.f32.e4m3.e4m3 {%0, %1, %2, %3}, %4, %5, p, -1, -1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e5m2_e5m2_1_1(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.f32.e5m2.e5m2 {%0, %1, %2, %3}, %4, %5, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e5m2_e5m2_rs_1_1(uint32_t (&d)[4], const uint32_t (&a)[4], uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %9, 0; wgmma.mma_async.sync.aligned.m64n8k32.f32.e5m2.e5m2 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_f16_e4m3_e4m3_1_1(uint32_t (&d)[2], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %4, 0; wgmma.mma_async.sync.aligned.m64n8k32.f16.e4m3.e4m3 {%0, %1}, %2, %3, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_s8(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.s8 {%0, %1, %2, %3}, %4, %5, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_s8_rs(uint32_t (&d)[4], const uint32_t (&a)[4], uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %9, 0; wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.s8 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_u8(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.u8 {%0, %1, %2, %3}, %4, %5, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_s32_u8_s8(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.s32.u8.s8 {%0, %1, %2, %3}, %4, %5, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_s8_satfinite(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %6, 0; wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.s8.satfinite {%0, %1, %2, %3}, %4, %5, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sp_sync_aligned_m64n8k32_f32_f16_f16_1_1_0_0(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t e, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %7, 0; wgmma.mma_async.sp.sync.aligned.m64n8k32.f32.f16.f16 {%0, %1, %2, %3}, %4, %5, %6, 0, p, 1, 1, 0, 0; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(e), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sp_sync_aligned_m64n8k64_s32_s8_s8(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t e, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %7, 0; wgmma.mma_async.sp.sync.aligned.m64n8k64.s32.s8.s8 {%0, %1, %2, %3}, %4, %5, %6, 0, p; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(e), "r"(scale_d) : "memory");
}
DEVICE void op_wgmma_mma_async_sp_sync_aligned_m64n8k16_f32_tf32_tf32_1_1(uint32_t (&d)[4], uint64_t desc_a, uint64_t desc_b, uint32_t e, uint32_t scale_d) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, %7, 0; wgmma.mma_async.sp.sync.aligned.m64n8k16.f32.tf32.tf32 {%0, %1, %2, %3}, %4, %5, %6, 0, p, 1, 1; }" : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3]) : "l"(desc_a), "l"(desc_b), "r"(e), "r"(scale_d) : "memory");
}

extern "C" __global__ void layout_f16_kk(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 4096 + blockIdx.x * 4112;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 4096; i += 128) tile[i] = in[h[6] * 4096 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[32];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 32; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 32; ++j) out[(blockIdx.x * 32 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void layout_f16_kn(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 4096 + blockIdx.x * 4112;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 4096; i += 128) tile[i] = in[h[6] * 4096 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[32];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 32; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_0_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 32; ++j) out[(blockIdx.x * 32 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void layout_f16_mk(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 4096 + blockIdx.x * 4112;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 4096; i += 128) tile[i] = in[h[6] * 4096 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[32];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 32; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_1_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 32; ++j) out[(blockIdx.x * 32 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void layout_f16_mn(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 4096 + blockIdx.x * 4112;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 4096; i += 128) tile[i] = in[h[6] * 4096 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[32];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 32; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n64k16_f32_f16_f16_1_1_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 32; ++j) out[(blockIdx.x * 32 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void layout_bf16_mn(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 4096 + blockIdx.x * 4112;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 4096; i += 128) tile[i] = in[h[6] * 4096 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[32];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 32; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n64k16_f32_bf16_bf16_1_1_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 32; ++j) out[(blockIdx.x * 32 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_f16_f32_n8(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 2304 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 2304; i += 128) tile[i] = in[h[6] * 2304 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_f16_f32_n24(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 2816 + blockIdx.x * 1552;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 2816; i += 128) tile[i] = in[h[6] * 2816 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[12];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 12; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n24k16_f32_f16_f16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 12; ++j) out[(blockIdx.x * 12 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_f16_f32_n256(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 10240 + blockIdx.x * 16400;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 10240; i += 128) tile[i] = in[h[6] * 10240 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[128];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 128; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n256k16_f32_f16_f16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 128; ++j) out[(blockIdx.x * 128 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_bf16_f32_n128(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 6144 + blockIdx.x * 8208;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 6144; i += 128) tile[i] = in[h[6] * 6144 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[64];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 64; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n128k16_f32_bf16_bf16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 64; ++j) out[(blockIdx.x * 64 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_f16_f16_n64(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 4096 + blockIdx.x * 2064;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 4096; i += 128) tile[i] = in[h[6] * 4096 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[16];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 16; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n64k16_f16_f16_f16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 16; ++j) out[(blockIdx.x * 16 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_tf32_f32_n32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3072 + blockIdx.x * 2064;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 3072; i += 128) tile[i] = in[h[6] * 3072 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[16];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 16; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n32k8_f32_tf32_tf32_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 16; ++j) out[(blockIdx.x * 16 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_s8_s32_n32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3072 + blockIdx.x * 2064;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 3072; i += 128) tile[i] = in[h[6] * 3072 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[16];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 16; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n32k32_s32_s8_s8(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 16; ++j) out[(blockIdx.x * 16 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_u8_s32_n16(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 2560 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 2560; i += 128) tile[i] = in[h[6] * 2560 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[8];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 8; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n16k32_s32_u8_u8(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 8; ++j) out[(blockIdx.x * 8 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_e4m3_f32_n32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3072 + blockIdx.x * 2064;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 3072; i += 128) tile[i] = in[h[6] * 3072 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[16];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 16; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n32k32_f32_e4m3_e4m3_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 16; ++j) out[(blockIdx.x * 16 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void shape_e5m2_f16_n32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3072 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 3072; i += 128) tile[i] = in[h[6] * 3072 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[8];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 8; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n32k32_f16_e5m2_e5m2_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 8; ++j) out[(blockIdx.x * 8 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_f16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3456 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_f16_f32_a_from_registers(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 1152 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint32_t a[4] = {p[0], p[128], p[256], p[384]};
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[512 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_rs_1_1_0(d, a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void negated_f16_np(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_m1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void negated_f16_pn(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_1_m1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void negated_f16_nn(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_f16_f16_m1_m1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_f16_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 1152 + blockIdx.x * 272;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[2];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 2; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f16_f16_f16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 2; ++j) out[(blockIdx.x * 2 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_bf16_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3456 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_bf16_bf16_1_1_0_0(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_bf16_f32_a_from_registers(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 1152 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint32_t a[4] = {p[0], p[128], p[256], p[384]};
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[512 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k16_f32_bf16_bf16_rs_1_1_0(d, a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_tf32_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3456 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k8_f32_tf32_tf32_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_tf32_f32_a_from_registers(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 1152 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint32_t a[4] = {p[0], p[128], p[256], p[384]};
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[512 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k8_f32_tf32_tf32_rs_1_1(d, a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_e4m3_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3456 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_e4m3_f32_a_from_registers(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 1152 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint32_t a[4] = {p[0], p[128], p[256], p[384]};
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[512 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_rs_1_1(d, a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void negated_e4m3_np(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_m1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void negated_e4m3_pn(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_1_m1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void negated_e4m3_nn(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e4m3_e4m3_m1_m1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_e5m2_f32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 3456 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e5m2_e5m2_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_e5m2_f32_a_from_registers(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 1152 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint32_t a[4] = {p[0], p[128], p[256], p[384]};
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[512 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f32_e5m2_e5m2_rs_1_1(d, a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void real_e4m3_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 1152 + blockIdx.x * 272;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[2];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 2; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_f16_e4m3_e4m3_1_1(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 2; ++j) out[(blockIdx.x * 2 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void int8_s8_s8(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_s8(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void int8_s8_s8_a_from_registers(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 1040;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint32_t a[4] = {p[0], p[128], p[256], p[384]};
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[512 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_s8_rs(d, a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void int8_s8_u8(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_u8(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void int8_u8_s8(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_s32_u8_s8(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void int8_s8_s8_satfinite(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 576 + blockIdx.x * 528;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 576; i += 128) tile[i] = in[h[6] * 576 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[0 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sync_aligned_m64n8k32_s32_s8_s8_satfinite(d, desc_a, desc_b, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void sparse_f16(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 640 + blockIdx.x * 656;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 640; i += 128) tile[i] = in[h[6] * 640 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
  const uint32_t e = p[0];
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[128 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sp_sync_aligned_m64n8k32_f32_f16_f16_1_1_0_0(d, desc_a, desc_b, e, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void sparse_s8(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 640 + blockIdx.x * 656;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 640; i += 128) tile[i] = in[h[6] * 640 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
  const uint32_t e = p[0];
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[128 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sp_sync_aligned_m64n8k64_s32_s8_s8(d, desc_a, desc_b, e, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}

extern "C" __global__ void sparse_tf32(const uint32_t* in, uint32_t* out, uint32_t n) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  const uint32_t* h = in + 640 + blockIdx.x * 656;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 640; i += 128) tile[i] = in[h[6] * 640 + i];
  fence_async();
  __syncthreads();
  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);
  const uint32_t* p = h + 16 + threadIdx.x;
  uint32_t d[4];
  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);
  const uint32_t e = p[0];
#pragma unroll
  for (int j = 0; j < 4; ++j) d[j] = p[128 + 128 * j];
  wgmma_fence();
  op_wgmma_mma_async_sp_sync_aligned_m64n8k16_f32_tf32_tf32_1_1(d, desc_a, desc_b, e, h[7]);
  wgmma_commit();
  wgmma_wait();
#pragma unroll
  for (int j = 0; j < 4; ++j) out[(blockIdx.x * 4 + j) * 128 + threadIdx.x] = d[j];
}
