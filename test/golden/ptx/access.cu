// Loads and stores: widths, cache hints, shared and cluster addresses. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void op_ld_global_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_nc_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.nc.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_nc_L1_no_allocate_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_L1_evict_last_L2_128B_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.L1::evict_last.L2::128B.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_nc_L1_no_allocate_L2_256B_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_cg_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.cg.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_cs_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.cs.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_lu_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.lu.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_global_cv_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.global.cv.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_volatile_global_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.volatile.global.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_weak_global_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.weak.global.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_ld_v4_u32(uint32_t (&x)[4], const uint32_t* p) {
  asm volatile("ld.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p) : "memory");
}
DEVICE void op_st_global_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE void op_st_global_L1_no_allocate_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.global.L1::no_allocate.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE void op_st_global_wb_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.global.wb.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE void op_st_global_cg_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.global.cg.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE void op_st_global_cs_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.global.cs.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE void op_st_global_wt_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.global.wt.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE void op_st_volatile_global_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.volatile.global.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE void op_st_v4_u32(uint32_t* p, const uint32_t (&x)[4]) {
  asm volatile("st.v4.u32 [%0], {%1, %2, %3, %4};" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}
DEVICE uint64_t policy_evict_first() {
  uint64_t d;
  asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(d));
  return d;
}
DEVICE void ld_hinted(uint32_t (&x)[4], const uint32_t* p, uint64_t policy) {
  asm volatile("ld.global.nc.L1::no_allocate.L2::cache_hint.v4.u32 {%0, %1, %2, %3}, [%4], %5;" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "l"(p), "l"(policy) : "memory");
}
DEVICE void st_hinted(uint32_t* p, const uint32_t (&x)[4], uint64_t policy) {
  asm volatile("st.global.L2::cache_hint.v4.u32 [%0], {%1, %2, %3, %4}, %5;" :: "l"(p), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "l"(policy) : "memory");
}
DEVICE void ld_v2_b64(uint64_t (&x)[2], const uint32_t* p) { asm volatile("ld.global.v2.u64 {%0, %1}, [%2];" : "=l"(x[0]), "=l"(x[1]) : "l"(p) : "memory"); }
DEVICE void st_v2_b64(uint32_t* p, const uint64_t (&x)[2]) { asm volatile("st.global.v2.u64 [%0], {%1, %2};" :: "l"(p), "l"(x[0]), "l"(x[1]) : "memory"); }
DEVICE void prefetch(const uint32_t* p) { asm volatile("prefetch.global.L2 [%0];" :: "l"(p)); }
DEVICE uint32_t ld_u8(uint64_t p) {
  uint32_t d;
  asm volatile("ld.global.u8 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE uint32_t ld_s8(uint64_t p) {
  uint32_t d;
  asm volatile("ld.global.s8 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE uint32_t ld_u16(uint64_t p) {
  uint32_t d;
  asm volatile("ld.global.u16 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE uint32_t ld_s16(uint64_t p) {
  uint32_t d;
  asm volatile("ld.global.s16 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE void st_u8(uint64_t p, uint32_t x) { asm volatile("st.global.u8 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE void st_u16(uint64_t p, uint32_t x) { asm volatile("st.global.u16 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t op_ld_acquire_gpu_global_u32(uint64_t p) {
  uint32_t d;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE uint32_t op_ld_relaxed_sys_global_u32(uint64_t p) {
  uint32_t d;
  asm volatile("ld.relaxed.sys.global.u32 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE uint32_t op_ld_acquire_cta_global_u32(uint64_t p) {
  uint32_t d;
  asm volatile("ld.acquire.cta.global.u32 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE uint32_t op_ld_mmio_relaxed_sys_global_u32(uint64_t p) {
  uint32_t d;
  asm volatile("ld.mmio.relaxed.sys.global.u32 %0, [%1];" : "=r"(d) : "l"(p) : "memory");
  return d;
}
DEVICE void op_st_release_gpu_global_u32(uint64_t p, uint32_t x) { asm volatile("st.release.gpu.global.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE void op_st_relaxed_cluster_global_u32(uint64_t p, uint32_t x) { asm volatile("st.relaxed.cluster.global.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE void op_st_release_sys_global_u32(uint64_t p, uint32_t x) { asm volatile("st.release.sys.global.u32 [%0], %1;" :: "l"(p), "r"(x) : "memory"); }
DEVICE uint32_t isspacep_global(uint64_t p) {
  uint32_t d;
  asm volatile("{ .reg .pred p; isspacep.global p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "l"(p));
  return d;
}
DEVICE uint32_t isspacep_shared(uint64_t p) {
  uint32_t d;
  asm volatile("{ .reg .pred p; isspacep.shared p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "l"(p));
  return d;
}
DEVICE uint32_t isspacep_local(uint64_t p) {
  uint32_t d;
  asm volatile("{ .reg .pred p; isspacep.local p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "l"(p));
  return d;
}
DEVICE uint32_t isspacep_const(uint64_t p) {
  uint32_t d;
  asm volatile("{ .reg .pred p; isspacep.const p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "l"(p));
  return d;
}
DEVICE uint32_t isspacep_shared_cta(uint64_t p) {
  uint32_t d;
  asm volatile("{ .reg .pred p; isspacep.shared::cta p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "l"(p));
  return d;
}
DEVICE uint32_t isspacep_shared_cluster(uint64_t p) {
  uint32_t d;
  asm volatile("{ .reg .pred p; isspacep.shared::cluster p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "l"(p));
  return d;
}
DEVICE uint32_t isspacep_param(uint64_t p) {
  uint32_t d;
  asm volatile("{ .reg .pred p; isspacep.param p, %1; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "l"(p));
  return d;
}
DEVICE uint32_t mapa(uint32_t a, uint32_t rank) {
  uint32_t d;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(rank));
  return d;
}
DEVICE uint32_t getctarank(uint32_t a) {
  uint32_t d;
  asm volatile("getctarank.shared::cluster.u32 %0, %1;" : "=r"(d) : "r"(a));
  return d;
}
DEVICE void cluster_arrive() { asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory"); }
DEVICE void cluster_wait() { asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory"); }
DEVICE uint32_t ld_cluster(uint32_t a) {
  uint32_t d;
  asm volatile("ld.shared::cluster.u32 %0, [%1];" : "=r"(d) : "r"(a) : "memory");
  return d;
}
DEVICE void st_cluster(uint32_t a, uint32_t x) { asm volatile("st.shared::cluster.u32 [%0], %1;" :: "r"(a), "r"(x) : "memory"); }
DEVICE uint32_t atom_cluster(uint32_t a, uint32_t x) {
  uint32_t d;
  asm volatile("atom.shared::cluster.add.u32 %0, [%1], %2;" : "=r"(d) : "r"(a), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t cluster_rank() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(d));
  return d;
}
DEVICE void launch_dependents() { asm volatile("griddepcontrol.launch_dependents;" ::: "memory"); }
DEVICE void grid_wait() { asm volatile("griddepcontrol.wait;" ::: "memory"); }
DEVICE void nanosleep(uint32_t ns) { asm volatile("nanosleep.u32 %0;" :: "r"(ns)); }

extern "C" __global__ void vector_hints(const uint32_t* in, uint32_t* out, uint32_t n) {
  uint32_t x[4];
  op_ld_global_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_v4_u32(out + 0 + 4 * threadIdx.x, x);
  op_ld_global_nc_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_L1_no_allocate_v4_u32(out + 256 + 4 * threadIdx.x, x);
  op_ld_global_nc_L1_no_allocate_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_wb_v4_u32(out + 512 + 4 * threadIdx.x, x);
  op_ld_global_L1_evict_last_L2_128B_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_cg_v4_u32(out + 768 + 4 * threadIdx.x, x);
  op_ld_global_nc_L1_no_allocate_L2_256B_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_cs_v4_u32(out + 1024 + 4 * threadIdx.x, x);
  op_ld_global_cg_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_wt_v4_u32(out + 1280 + 4 * threadIdx.x, x);
  op_ld_global_cs_v4_u32(x, in + 4 * threadIdx.x);
  op_st_volatile_global_v4_u32(out + 1536 + 4 * threadIdx.x, x);
  op_ld_global_lu_v4_u32(x, in + 4 * threadIdx.x);
  op_st_v4_u32(out + 1792 + 4 * threadIdx.x, x);
  op_ld_global_cv_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_v4_u32(out + 2048 + 4 * threadIdx.x, x);
  op_ld_volatile_global_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_L1_no_allocate_v4_u32(out + 2304 + 4 * threadIdx.x, x);
  op_ld_weak_global_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_wb_v4_u32(out + 2560 + 4 * threadIdx.x, x);
  op_ld_v4_u32(x, in + 4 * threadIdx.x);
  op_st_global_cg_v4_u32(out + 2816 + 4 * threadIdx.x, x);
}

extern "C" __global__ void policy(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint64_t policy = policy_evict_first();
  uint32_t x[4];
  uint64_t y[2];
  prefetch(in + 4 * threadIdx.x);
  ld_hinted(x, in + 4 * threadIdx.x, policy);
  st_hinted(out + 4 * threadIdx.x, x, policy);
  ld_v2_b64(y, in + 4 * threadIdx.x);
  st_v2_b64(out + 256 + 4 * threadIdx.x, y);
}

extern "C" __global__ void narrow_and_ordered(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint8_t* p = reinterpret_cast<const uint8_t*>(in);
  uint32_t* q = out + threadIdx.x;
  q[0] = ld_u8(reinterpret_cast<uint64_t>(p + 1 * threadIdx.x));
  q[64] = ld_s8(reinterpret_cast<uint64_t>(p + 1 * threadIdx.x));
  q[128] = ld_u16(reinterpret_cast<uint64_t>(p + 2 * threadIdx.x));
  q[192] = ld_s16(reinterpret_cast<uint64_t>(p + 2 * threadIdx.x));
  out[256 + threadIdx.x] = 0xEEEEEEEE;
  __syncthreads();
  st_u8(reinterpret_cast<uint64_t>(reinterpret_cast<uint8_t*>(out + 256) + 4 * threadIdx.x + 1), in[threadIdx.x]);
  out[320 + threadIdx.x] = 0xEEEEEEEE;
  __syncthreads();
  st_u16(reinterpret_cast<uint64_t>(reinterpret_cast<uint8_t*>(out + 320) + 4 * threadIdx.x + 2), in[threadIdx.x]);
  q[384] = op_ld_acquire_gpu_global_u32(reinterpret_cast<uint64_t>(in + threadIdx.x));
  q[448] = op_ld_relaxed_sys_global_u32(reinterpret_cast<uint64_t>(in + threadIdx.x));
  q[512] = op_ld_acquire_cta_global_u32(reinterpret_cast<uint64_t>(in + threadIdx.x));
  q[576] = op_ld_mmio_relaxed_sys_global_u32(reinterpret_cast<uint64_t>(in + threadIdx.x));
  op_st_release_gpu_global_u32(reinterpret_cast<uint64_t>(q + 640), in[threadIdx.x]);
  op_st_relaxed_cluster_global_u32(reinterpret_cast<uint64_t>(q + 704), in[threadIdx.x]);
  op_st_release_sys_global_u32(reinterpret_cast<uint64_t>(q + 768), in[threadIdx.x]);
}

extern "C" __global__ void spaces(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ uint32_t tile[4];
  uint32_t stack[2];
  asm volatile("" :: "l"(stack) : "memory");
  const uint64_t addresses[3] = {reinterpret_cast<uint64_t>(in), reinterpret_cast<uint64_t>(tile), reinterpret_cast<uint64_t>(stack)};
#pragma unroll
  for (int k = 0; k < 3; ++k) {
    const uint64_t a = addresses[k];
    uint32_t* q = out + 8 * k;
    q[0] = isspacep_global(a); q[1] = isspacep_shared(a); q[2] = isspacep_local(a); q[3] = isspacep_const(a); q[4] = isspacep_shared_cta(a); q[5] = isspacep_shared_cluster(a); q[6] = isspacep_param(a);
    q[7] = 0;
  }
}

extern "C" __global__ void cluster(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ uint32_t tile[64], counter;
  const uint32_t t = threadIdx.x, rank = cluster_rank();
  tile[t] = in[blockIdx.x * 32 + t];
  tile[t + 32] = 0;
  if (t == 0) counter = 0;
  cluster_arrive();
  cluster_wait();
  const uint32_t next = mapa(shared(tile), (rank + 1) % 4);
  uint32_t* q = out + blockIdx.x * 160 + t;
  q[0] = ld_cluster(next + 4 * t);
  st_cluster(next + 4 * (32 + t), rank * 1000 + t);
  q[32] = getctarank(next);
  q[64] = next - shared(tile);  // how far apart the windows of two blocks are; not a promise
  atom_cluster(mapa(shared(&counter), 0), rank + 1);
  cluster_arrive();
  cluster_wait();
  q[96] = tile[32 + t];
  q[128] = counter;
  cluster_arrive();
  cluster_wait();
}

extern "C" __global__ void dependent_launch(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  launch_dependents();
  nanosleep(2000);
  grid_wait();
  out[i] = (out[i] == 0xA5A5A5A5 ? 1 : out[i] * 3) + in[i];
}
