// Asynchronous copies and mbarrier. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void cp_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
DEVICE void cp_wait_all() { asm volatile("cp.async.wait_all;" ::: "memory"); }
template <int N> DEVICE void cp_wait_group() { asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory"); }
DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE void mbar_init(uint32_t bar, uint32_t count) { asm volatile("mbarrier.init.shared.b64 [%0], %1;" :: "r"(bar), "r"(count) : "memory"); }
DEVICE void mbar_inval(uint32_t bar) { asm volatile("mbarrier.inval.shared.b64 [%0];" :: "r"(bar) : "memory"); }
DEVICE void fence_mbar_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
DEVICE uint64_t mbar_arrive(uint32_t bar) {
  uint64_t d;
  asm volatile("mbarrier.arrive.shared.b64 %0, [%1];" : "=l"(d) : "r"(bar) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_count(uint32_t bar, uint32_t count) {
  uint64_t d;
  asm volatile("mbarrier.arrive.shared.b64 %0, [%1], %2;" : "=l"(d) : "r"(bar), "r"(count) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_expect(uint32_t bar, uint32_t bytes) {
  uint64_t d;
  asm volatile("mbarrier.arrive.expect_tx.shared.b64 %0, [%1], %2;" : "=l"(d) : "r"(bar), "r"(bytes) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_no_complete(uint32_t bar, uint32_t count) {
  uint64_t d;
  asm volatile("mbarrier.arrive.noComplete.shared.b64 %0, [%1], %2;" : "=l"(d) : "r"(bar), "r"(count) : "memory");
  return d;
}
DEVICE uint64_t mbar_arrive_drop(uint32_t bar) {
  uint64_t d;
  asm volatile("mbarrier.arrive_drop.shared.b64 %0, [%1];" : "=l"(d) : "r"(bar) : "memory");
  return d;
}
DEVICE void mbar_expect(uint32_t bar, uint32_t bytes) { asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" :: "r"(bar), "r"(bytes) : "memory"); }
DEVICE void mbar_complete(uint32_t bar, uint32_t bytes) { asm volatile("mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%0], %1;" :: "r"(bar), "r"(bytes) : "memory"); }
DEVICE uint32_t mbar_test(uint32_t bar, uint64_t state) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.test_wait.shared.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "l"(state) : "memory");
  return d;
}
DEVICE uint32_t mbar_test_parity(uint32_t bar, uint32_t parity) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.test_wait.parity.shared.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "r"(parity) : "memory");
  return d;
}
DEVICE uint32_t mbar_try_parity(uint32_t bar, uint32_t parity) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared.b64 p, [%1], %2, 1000; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "r"(parity) : "memory");
  return d;
}
DEVICE uint32_t mbar_pending(uint64_t state) {
  uint32_t d;
  asm volatile("mbarrier.pending_count.b64 %0, %1;" : "=r"(d) : "l"(state));
  return d;
}
DEVICE void mbar_wait(uint32_t bar, uint32_t parity) {
  while (!mbar_try_parity(bar, parity)) {
  }
}
DEVICE void op_cp_async_ca_shared_global_4_plain(uint32_t d, uint64_t s) { asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" :: "r"(d), "l"(s) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_4_size(uint32_t d, uint64_t s, uint32_t bytes) { asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" :: "r"(d), "l"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_4_ignore(uint32_t d, uint64_t s, uint32_t x) { asm volatile("{ .reg .pred p; setp.ne.u32 p, %2, 0; cp.async.ca.shared.global [%0], [%1], 4, p; }" :: "r"(d), "l"(s), "r"(x) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_8_plain(uint32_t d, uint64_t s) { asm volatile("cp.async.ca.shared.global [%0], [%1], 8;" :: "r"(d), "l"(s) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_8_size(uint32_t d, uint64_t s, uint32_t bytes) { asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" :: "r"(d), "l"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_8_ignore(uint32_t d, uint64_t s, uint32_t x) { asm volatile("{ .reg .pred p; setp.ne.u32 p, %2, 0; cp.async.ca.shared.global [%0], [%1], 8, p; }" :: "r"(d), "l"(s), "r"(x) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_16_plain(uint32_t d, uint64_t s) { asm volatile("cp.async.ca.shared.global [%0], [%1], 16;" :: "r"(d), "l"(s) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_16_size(uint32_t d, uint64_t s, uint32_t bytes) { asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" :: "r"(d), "l"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_async_ca_shared_global_16_ignore(uint32_t d, uint64_t s, uint32_t x) { asm volatile("{ .reg .pred p; setp.ne.u32 p, %2, 0; cp.async.ca.shared.global [%0], [%1], 16, p; }" :: "r"(d), "l"(s), "r"(x) : "memory"); }
DEVICE void op_cp_async_cg_shared_global_16_plain(uint32_t d, uint64_t s) { asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" :: "r"(d), "l"(s) : "memory"); }
DEVICE void op_cp_async_cg_shared_global_16_size(uint32_t d, uint64_t s, uint32_t bytes) { asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(d), "l"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_async_cg_shared_global_16_ignore(uint32_t d, uint64_t s, uint32_t x) { asm volatile("{ .reg .pred p; setp.ne.u32 p, %2, 0; cp.async.cg.shared.global [%0], [%1], 16, p; }" :: "r"(d), "l"(s), "r"(x) : "memory"); }
DEVICE void op_cp_async_cg_shared_global_L2_128B_16_plain(uint32_t d, uint64_t s) { asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16;" :: "r"(d), "l"(s) : "memory"); }
DEVICE void op_cp_async_cg_shared_global_L2_128B_16_size(uint32_t d, uint64_t s, uint32_t bytes) { asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" :: "r"(d), "l"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_async_cg_shared_global_L2_128B_16_ignore(uint32_t d, uint64_t s, uint32_t x) { asm volatile("{ .reg .pred p; setp.ne.u32 p, %2, 0; cp.async.cg.shared.global.L2::128B [%0], [%1], 16, p; }" :: "r"(d), "l"(s), "r"(x) : "memory"); }
DEVICE void cp_async_arrive(uint32_t bar) { asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" :: "r"(bar) : "memory"); }
DEVICE void bulk_load(uint32_t d, uint64_t s, uint32_t bytes, uint32_t bar) { asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" :: "r"(d), "l"(s), "r"(bytes), "r"(bar) : "memory"); }
DEVICE void bulk_store(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void bulk_between(uint32_t d, uint32_t s, uint32_t bytes, uint32_t bar) { asm volatile("cp.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" :: "r"(d), "r"(s), "r"(bytes), "r"(bar) : "memory"); }
DEVICE void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
DEVICE void bulk_wait() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }
DEVICE void bulk_wait_read() { asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_u32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.u32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_s32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.s32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_u64(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.u64 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_min_u32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.min.u32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_min_s32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.min.s32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_max_s32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.max.s32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_max_u32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.max.u32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_inc_u32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.inc.u32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_dec_u32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.dec.u32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_and_b32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.and.b32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_or_b32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.or.b32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_xor_b32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.xor.b32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_f32(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f32 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_f64(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f64 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_noftz_f16(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.noftz.f16 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_noftz_bf16(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.noftz.bf16 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_min_f16(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.min.f16 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE void op_cp_reduce_async_bulk_global_shared_cta_bulk_group_max_bf16(uint64_t d, uint32_t s, uint32_t bytes) { asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.max.bf16 [%0], [%1], %2;" :: "l"(d), "r"(s), "r"(bytes) : "memory"); }
DEVICE uint32_t cluster_rank() {
  uint32_t d;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(d));
  return d;
}
DEVICE uint32_t mapa(uint32_t a, uint32_t rank) {
  uint32_t d;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(rank));
  return d;
}
DEVICE void cluster_sync() { asm volatile("barrier.cluster.arrive.aligned;\n\tbarrier.cluster.wait.aligned;" ::: "memory"); }
DEVICE void arrive_remote(uint32_t bar) { asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" :: "r"(bar) : "memory"); }
DEVICE void st_async(uint32_t a, uint32_t x, uint32_t bar) { asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.u32 [%0], %1, [%2];" :: "r"(a), "r"(x), "r"(bar) : "memory"); }
DEVICE void red_async(uint32_t a, uint32_t x, uint32_t bar) { asm volatile("red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx::bytes.add.u32 [%0], %1, [%2];" :: "r"(a), "r"(x), "r"(bar) : "memory"); }

extern "C" __global__ void cp_async_ca_shared_global_4_plain(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_4_plain(target, source);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_4_size(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_4_size(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_4_ignore(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_4_ignore(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_8_plain(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_8_plain(target, source);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_8_size(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_8_size(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_8_ignore(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_8_ignore(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_16_plain(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_16_plain(target, source);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_16_size(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_16_size(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_ca_shared_global_16_ignore(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_ca_shared_global_16_ignore(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_cg_shared_global_16_plain(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_cg_shared_global_16_plain(target, source);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_cg_shared_global_16_size(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_cg_shared_global_16_size(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_cg_shared_global_16_ignore(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_cg_shared_global_16_ignore(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_cg_shared_global_L2_128B_16_plain(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_cg_shared_global_L2_128B_16_plain(target, source);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_cg_shared_global_L2_128B_16_size(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_cg_shared_global_L2_128B_16_size(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_cg_shared_global_L2_128B_16_ignore(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  const uint32_t* h = in + 1024 + blockIdx.x * 96 + threadIdx.x;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  __syncwarp();
  const uint64_t source = reinterpret_cast<uint64_t>(in) + h[0];
  const uint32_t target = shared(tile) + h[32];
  op_cp_async_cg_shared_global_L2_128B_16_ignore(target, source, h[64]);
  cp_commit();
  cp_wait_group<0>();
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
}

extern "C" __global__ void cp_async_mbarrier(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[128];
  __shared__ __align__(8) uint64_t bar;
  if (threadIdx.x == 0) mbar_init(shared(&bar), 32);
  __syncwarp();
  op_cp_async_ca_shared_global_16_plain(shared(tile + 4 * threadIdx.x), reinterpret_cast<uint64_t>(in + 4 * threadIdx.x));
  cp_async_arrive(shared(&bar));
  mbar_wait(shared(&bar), 0);
  for (int j = 0; j < 4; ++j) out[32 * j + threadIdx.x] = tile[32 * j + threadIdx.x];
}

extern "C" __global__ void mbarrier_states(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(8) uint64_t word;
  const uint32_t bar = shared(&word);
  uint64_t state = 0;
  uint32_t* q = out;
  mbar_init(bar, 3);  // init 3
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  state = mbar_arrive(bar);  // arrive
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive(bar);  // arrive
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive(bar);  // arrive, which completes the phase
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive_count(bar, 2);  // arrive 2
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  mbar_expect(bar, 100);  // expect_tx 100
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  state = mbar_arrive(bar);  // arrive: none pending but bytes
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  mbar_complete(bar, 60);  // complete_tx 60
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  mbar_complete(bar, 40);  // complete_tx 40, which completes the phase
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  state = mbar_arrive_expect(bar, 4096);  // arrive.expect_tx 4096
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  mbar_complete(bar, 4096);  // complete_tx 4096
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  state = mbar_arrive_count(bar, 2);  // arrive 2
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive(bar);  // arrive
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive_no_complete(bar, 1);  // arrive.noComplete 1
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive(bar);  // arrive
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive_drop(bar);  // arrive_drop: 2 expected from the next phase on
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive(bar);  // arrive
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  state = mbar_arrive(bar);  // arrive, which completes the phase
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  mbar_complete(bar, 8);  // complete_tx 8 before it is expected
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  mbar_expect(bar, 8);  // expect_tx 8
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  state = mbar_arrive_count(bar, 2);  // arrive 2
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  mbar_inval(bar), mbar_init(bar, 1048575);  // inval, init 1048575
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
  state = mbar_arrive(bar);  // arrive
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = mbar_test(bar, state);
  q[4] = mbar_pending(state);
  q[5] = state >> 32;
  q += 6;
  mbar_expect(bar, 1048575);  // expect_tx 1048575
  q[0] = mbar_test_parity(bar, 0);
  q[1] = mbar_test_parity(bar, 1);
  q[2] = mbar_try_parity(bar, 0);
  q[3] = q[4] = q[5] = 0;
  q += 6;
}

extern "C" __global__ void bulk(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[256];
  __shared__ __align__(8) uint64_t bar;
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) mbar_init(shared(&bar), 1);
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 16 + 320);
    bulk_load(shared(tile), reinterpret_cast<uint64_t>(in + 8), 16, shared(&bar));
    bulk_load(shared(tile + 64), reinterpret_cast<uint64_t>(in + 100), 320, shared(&bar));
  }
  mbar_wait(shared(&bar), 0);
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[i] = tile[i];
  tile[200 + threadIdx.x] = threadIdx.x;
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    bulk_store(reinterpret_cast<uint64_t>(out + 256), shared(tile + 60), 640);
    bulk_commit();
    bulk_wait_read();
    bulk_wait();
  }
}

extern "C" __global__ void bulk_reduce(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[32];
  const uint32_t t = threadIdx.x;
  tile[t] = in[0 + t];
  out[0 + t] = in[32 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_u32(reinterpret_cast<uint64_t>(out + 0), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[64 + t];
  out[32 + t] = in[96 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_s32(reinterpret_cast<uint64_t>(out + 32), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[128 + t];
  out[64 + t] = in[160 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_u64(reinterpret_cast<uint64_t>(out + 64), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[192 + t];
  out[96 + t] = in[224 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_min_u32(reinterpret_cast<uint64_t>(out + 96), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[256 + t];
  out[128 + t] = in[288 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_min_s32(reinterpret_cast<uint64_t>(out + 128), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[320 + t];
  out[160 + t] = in[352 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_max_s32(reinterpret_cast<uint64_t>(out + 160), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[384 + t];
  out[192 + t] = in[416 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_max_u32(reinterpret_cast<uint64_t>(out + 192), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[448 + t];
  out[224 + t] = in[480 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_inc_u32(reinterpret_cast<uint64_t>(out + 224), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[512 + t];
  out[256 + t] = in[544 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_dec_u32(reinterpret_cast<uint64_t>(out + 256), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[576 + t];
  out[288 + t] = in[608 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_and_b32(reinterpret_cast<uint64_t>(out + 288), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[640 + t];
  out[320 + t] = in[672 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_or_b32(reinterpret_cast<uint64_t>(out + 320), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[704 + t];
  out[352 + t] = in[736 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_xor_b32(reinterpret_cast<uint64_t>(out + 352), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[768 + t];
  out[384 + t] = in[800 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_f32(reinterpret_cast<uint64_t>(out + 384), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[832 + t];
  out[416 + t] = in[864 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_f64(reinterpret_cast<uint64_t>(out + 416), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[896 + t];
  out[448 + t] = in[928 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_noftz_f16(reinterpret_cast<uint64_t>(out + 448), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[960 + t];
  out[480 + t] = in[992 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_add_noftz_bf16(reinterpret_cast<uint64_t>(out + 480), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[1024 + t];
  out[512 + t] = in[1056 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_min_f16(reinterpret_cast<uint64_t>(out + 512), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
  tile[t] = in[1088 + t];
  out[544 + t] = in[1120 + t];
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  __syncwarp();
  if (t == 0) {
    op_cp_reduce_async_bulk_global_shared_cta_bulk_group_max_bf16(reinterpret_cast<uint64_t>(out + 544), shared(tile), 128);
    bulk_commit();
    bulk_wait();
  }
  __syncwarp();
}

extern "C" __global__ void bulk_cluster(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t tile[128];
  __shared__ __align__(8) uint64_t bars[2];
  const uint32_t t = threadIdx.x, other = cluster_rank() ^ 1;
  tile[t] = in[blockIdx.x * 32 + t];
  tile[t + 32] = tile[t + 64] = 0xEEEEEEEE;
  tile[t + 96] = t;
  if (t == 0) {
    mbar_init(shared(&bars[0]), 2);
    mbar_init(shared(&bars[1]), 1);
    fence_mbar_init();
    mbar_arrive_expect(shared(&bars[0]), 128);
    mbar_arrive_expect(shared(&bars[1]), 256);
  }
  fence_async();
  cluster_sync();
  if (t == 0) {
    arrive_remote(mapa(shared(&bars[0]), other));
    bulk_between(mapa(shared(tile + 32), other), shared(tile), 128, mapa(shared(&bars[0]), other));
  }
  st_async(mapa(shared(tile + 64 + t), other), 7000 + t, mapa(shared(&bars[1]), other));
  red_async(mapa(shared(tile + 96 + t), other), 100, mapa(shared(&bars[1]), other));
  mbar_wait(shared(&bars[0]), 0);
  mbar_wait(shared(&bars[1]), 0);
  for (int j = 0; j < 4; ++j) out[blockIdx.x * 128 + 32 * j + t] = tile[32 * j + t];
  cluster_sync();
}
