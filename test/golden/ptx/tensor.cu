// cp.async.bulk.tensor: tiles of tensors through a tensor map. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void mbar_init(uint32_t bar, uint32_t count) { asm volatile("mbarrier.init.shared.b64 [%0], %1;" :: "r"(bar), "r"(count) : "memory"); }
DEVICE void fence_mbar_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE void mbar_arrive_expect(uint32_t bar, uint32_t bytes) { asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" :: "r"(bar), "r"(bytes) : "memory"); }
DEVICE uint32_t mbar_try_parity(uint32_t bar, uint32_t parity) {
  uint32_t d;
  asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }" : "=r"(d) : "r"(bar), "r"(parity) : "memory");
  return d;
}
DEVICE void mbar_wait(uint32_t bar, uint32_t parity) {
  while (!mbar_try_parity(bar, parity)) {
  }
}
DEVICE void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
DEVICE void bulk_wait() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }
DEVICE void tensormap_prefetch(const void* map) { asm volatile("prefetch.tensormap [%0];" :: "l"(map)); }
struct alignas(64) TensorMap {
  uint64_t opaque[16];
};
DEVICE void tensor_load_1d(uint32_t d, const void* map, int32_t c0, uint32_t bar) { asm volatile("cp.async.bulk.tensor.1d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2}], [%3];" :: "r"(d), "l"(map), "r"(c0), "r"(bar) : "memory"); }
DEVICE void tensor_store_1d(const void* map, int32_t c0, uint32_t s) { asm volatile("cp.async.bulk.tensor.1d.global.shared::cta.bulk_group [%1, {%2}], [%0];" :: "r"(s), "l"(map), "r"(c0) : "memory"); }
DEVICE void tensor_reduce_1d(const void* map, int32_t c0, uint32_t s) { asm volatile("cp.reduce.async.bulk.tensor.1d.global.shared::cta.add.bulk_group [%1, {%2}], [%0];" :: "r"(s), "l"(map), "r"(c0) : "memory"); }
DEVICE void tensor_load_2d(uint32_t d, const void* map, int32_t c0, int32_t c1, uint32_t bar) { asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(bar) : "memory"); }
DEVICE void tensor_store_2d(const void* map, int32_t c0, int32_t c1, uint32_t s) { asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%1, {%2, %3}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1) : "memory"); }
DEVICE void tensor_reduce_2d(const void* map, int32_t c0, int32_t c1, uint32_t s) { asm volatile("cp.reduce.async.bulk.tensor.2d.global.shared::cta.add.bulk_group [%1, {%2, %3}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1) : "memory"); }
DEVICE void tensor_load_3d(uint32_t d, const void* map, int32_t c0, int32_t c1, int32_t c2, uint32_t bar) { asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], [%5];" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(bar) : "memory"); }
DEVICE void tensor_store_3d(const void* map, int32_t c0, int32_t c1, int32_t c2, uint32_t s) { asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%1, {%2, %3, %4}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1), "r"(c2) : "memory"); }
DEVICE void tensor_reduce_3d(const void* map, int32_t c0, int32_t c1, int32_t c2, uint32_t s) { asm volatile("cp.reduce.async.bulk.tensor.3d.global.shared::cta.add.bulk_group [%1, {%2, %3, %4}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1), "r"(c2) : "memory"); }
DEVICE void tensor_load_4d(uint32_t d, const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, uint32_t bar) { asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4, %5}], [%6];" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(bar) : "memory"); }
DEVICE void tensor_store_4d(const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, uint32_t s) { asm volatile("cp.async.bulk.tensor.4d.global.shared::cta.bulk_group [%1, {%2, %3, %4, %5}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3) : "memory"); }
DEVICE void tensor_reduce_4d(const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, uint32_t s) { asm volatile("cp.reduce.async.bulk.tensor.4d.global.shared::cta.add.bulk_group [%1, {%2, %3, %4, %5}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3) : "memory"); }
DEVICE void tensor_load_5d(uint32_t d, const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, int32_t c4, uint32_t bar) { asm volatile("cp.async.bulk.tensor.5d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4, %5, %6}], [%7];" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(c4), "r"(bar) : "memory"); }
DEVICE void tensor_store_5d(const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, int32_t c4, uint32_t s) { asm volatile("cp.async.bulk.tensor.5d.global.shared::cta.bulk_group [%1, {%2, %3, %4, %5, %6}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(c4) : "memory"); }
DEVICE void tensor_reduce_5d(const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, int32_t c4, uint32_t s) { asm volatile("cp.reduce.async.bulk.tensor.5d.global.shared::cta.add.bulk_group [%1, {%2, %3, %4, %5, %6}], [%0];" :: "r"(s), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(c4) : "memory"); }
DEVICE void tensor_load_im2col_4d(uint32_t d, const void* map, int32_t c0, int32_t c1, int32_t c2, int32_t c3, uint16_t o0, uint16_t o1, uint32_t bar) { asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4, %5}], [%6], {%7, %8};" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(bar), "h"(o0), "h"(o1) : "memory"); }
DEVICE void tensor_load_2d_multicast(uint32_t d, const void* map, int32_t c0, int32_t c1, uint16_t mask, uint32_t bar) { asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%2, %3}], [%4], %5;" :: "r"(d), "l"(map), "r"(c0), "r"(c1), "r"(bar), "h"(mask) : "memory"); }
DEVICE void cluster_sync() { asm volatile("barrier.cluster.arrive.aligned;\n\tbarrier.cluster.wait.aligned;" ::: "memory"); }

extern "C" __global__ void load_1d_u32(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 64; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 64);
    tensor_load_1d(base, &map, static_cast<int32_t>(h[0]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 64; i += 32) out[blockIdx.x * 65 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 65 + 64] = ok;
}

extern "C" __global__ void load_1d_u8(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 64; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 32);
    tensor_load_1d(base, &map, static_cast<int32_t>(h[0]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 64; i += 32) out[blockIdx.x * 65 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 65 + 64] = ok;
}

extern "C" __global__ void load_2d_none(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 160; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 512);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 160; i += 32) out[blockIdx.x * 161 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 161 + 160] = ok;
}

extern "C" __global__ void load_2d_swizzle_32(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 160; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 512);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 160; i += 32) out[blockIdx.x * 161 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 161 + 160] = ok;
}

extern "C" __global__ void load_2d_swizzle_64(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 288; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 1024);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 288; i += 32) out[blockIdx.x * 289 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 289 + 288] = ok;
}

extern "C" __global__ void load_2d_swizzle_128(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 544; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 2048);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 544; i += 32) out[blockIdx.x * 545 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 545 + 544] = ok;
}

extern "C" __global__ void load_2d_swizzle_128_f32(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 544; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 2048);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 544; i += 32) out[blockIdx.x * 545 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 545 + 544] = ok;
}

extern "C" __global__ void load_2d_swizzle_128_u8(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 544; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 2048);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 544; i += 32) out[blockIdx.x * 545 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 545 + 544] = ok;
}

extern "C" __global__ void load_2d_swizzle_128_narrow_box(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 544; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 768);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 544; i += 32) out[blockIdx.x * 545 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 545 + 544] = ok;
}

extern "C" __global__ void load_2d_fill_nan_f16(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 160; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 512);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 160; i += 32) out[blockIdx.x * 161 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 161 + 160] = ok;
}

extern "C" __global__ void load_2d_fill_nan_bf16(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 160; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 512);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 160; i += 32) out[blockIdx.x * 161 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 161 + 160] = ok;
}

extern "C" __global__ void load_2d_fill_nan_f32(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 160; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 512);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 160; i += 32) out[blockIdx.x * 161 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 161 + 160] = ok;
}

extern "C" __global__ void load_2d_strided(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 96; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 192);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 96; i += 32) out[blockIdx.x * 97 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 97 + 96] = ok;
}

extern "C" __global__ void load_2d_strided_innermost_too(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 96; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 192);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 96; i += 32) out[blockIdx.x * 97 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 97 + 96] = ok;
}

extern "C" __global__ void load_3d_none(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 64; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 96);
    tensor_load_3d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 64; i += 32) out[blockIdx.x * 65 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 65 + 64] = ok;
}

extern "C" __global__ void load_3d_swizzle_128(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 416; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 1536);
    tensor_load_3d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 416; i += 32) out[blockIdx.x * 417 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 417 + 416] = ok;
}

extern "C" __global__ void load_3d_swizzle_64(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 224; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 768);
    tensor_load_3d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 224; i += 32) out[blockIdx.x * 225 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 225 + 224] = ok;
}

extern "C" __global__ void load_4d_none(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 288);
    tensor_load_4d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), static_cast<int32_t>(h[3]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 128; i += 32) out[blockIdx.x * 129 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 129 + 128] = ok;
}

extern "C" __global__ void load_offset_by_4_bytes(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 64; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 64);
    tensor_load_1d(base, &map, static_cast<int32_t>(h[0]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 64; i += 32) out[blockIdx.x * 65 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 65 + 64] = ok;
}

extern "C" __global__ void load_offset_by_8_bytes(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 64; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 64);
    tensor_load_1d(base, &map, static_cast<int32_t>(h[0]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 64; i += 32) out[blockIdx.x * 65 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 65 + 64] = ok;
}

extern "C" __global__ void load_offset_by_minus_8_bytes(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 64; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 64);
    tensor_load_1d(base, &map, static_cast<int32_t>(h[0]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 64; i += 32) out[blockIdx.x * 65 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 65 + 64] = ok;
}

extern "C" __global__ void load_offset_by_8_bytes_u8(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 64; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 32);
    tensor_load_1d(base, &map, static_cast<int32_t>(h[0]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 64; i += 32) out[blockIdx.x * 65 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 65 + 64] = ok;
}

extern "C" __global__ void load_offset_by_8_bytes_f16_swizzled(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 544; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 2048);
    tensor_load_2d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 544; i += 32) out[blockIdx.x * 545 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 545 + 544] = ok;
}

extern "C" __global__ void load_5d_none(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 96; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    tensormap_prefetch(&map);
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 256);
    tensor_load_5d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), static_cast<int32_t>(h[3]), static_cast<int32_t>(h[4]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 96; i += 32) out[blockIdx.x * 97 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 97 + 96] = ok;
}

extern "C" __global__ void load_im2col_3x3(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 384);
    tensor_load_im2col_4d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), static_cast<int32_t>(h[3]), static_cast<uint16_t>(h[4]), static_cast<uint16_t>(h[5]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 128; i += 32) out[blockIdx.x * 129 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 129 + 128] = ok;
}

extern "C" __global__ void load_im2col_3x3_stride_2_swizzle_32(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  const uint32_t* h = in + n + 8 * blockIdx.x;
  for (uint32_t i = threadIdx.x; i < 224; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
  }
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    mbar_arrive_expect(shared(&bar), 768);
    tensor_load_im2col_4d(base, &map, static_cast<int32_t>(h[0]), static_cast<int32_t>(h[1]), static_cast<int32_t>(h[2]), static_cast<int32_t>(h[3]), static_cast<uint16_t>(h[4]), static_cast<uint16_t>(h[5]), shared(&bar));
  }
  uint32_t ok = 0;
  for (int tries = 0; tries < 2000 && !ok; ++tries) ok = mbar_try_parity(shared(&bar), 0);
  __syncwarp();
  for (uint32_t i = threadIdx.x; i < 224; i += 32) out[blockIdx.x * 225 + i] = tile[i];
  if (threadIdx.x == 0) out[blockIdx.x * 225 + 224] = ok;
}

extern "C" __global__ void load_2d_multicast(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  __shared__ __align__(8) uint64_t bar;
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = 0xEEEEEEEE;
  if (threadIdx.x == 0) {
    mbar_init(shared(&bar), 1);
    fence_mbar_init();
    mbar_arrive_expect(shared(&bar), blockIdx.x == 1 ? 512 : 1024);
  }
  fence_async();
  cluster_sync();
  // Block 0 loads the first half for blocks 0, 1 and 3; block 2 the second half for blocks 0, 2 and 3, block 3 the first for 2.
  if (threadIdx.x == 0 && blockIdx.x == 0) tensor_load_2d_multicast(base, &map, 0, 2, 0xB, shared(&bar));
  if (threadIdx.x == 0 && blockIdx.x == 2) tensor_load_2d_multicast(base + 512, &map, 8, 5, 0xD, shared(&bar));
  if (threadIdx.x == 0 && blockIdx.x == 3) tensor_load_2d_multicast(base, &map, 0, 3, 0x4, shared(&bar));
  mbar_wait(shared(&bar), 0);
  for (uint32_t i = threadIdx.x; i < 256; i += 32) out[blockIdx.x * 256 + i] = tile[i];
  cluster_sync();
}

extern "C" __global__ void store_2d(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 2; ++k) {
      tensor_store_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void store_2d_left(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 1; ++k) {
      tensor_store_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void store_2d_above(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 1; ++k) {
      tensor_store_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void store_2d_past(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 2; ++k) {
      tensor_store_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void store_2d_offset_by_8_bytes(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 1; ++k) {
      tensor_store_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void reduce_2d_left(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0x3F803F80;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 1; ++k) {
      tensor_reduce_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void store_2d_swizzle_128(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 256; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 768; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 2; ++k) {
      tensor_store_2d(&map, static_cast<int32_t>(in[256 + 8 * k + 0]), static_cast<int32_t>(in[256 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void reduce_2d_f32(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0x3F803F80;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 2; ++k) {
      tensor_reduce_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void reduce_2d_bf16(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 128; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 480; i += 32) out[i] = 0x3F803F80;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 1; ++k) {
      tensor_reduce_2d(&map, static_cast<int32_t>(in[128 + 8 * k + 0]), static_cast<int32_t>(in[128 + 8 * k + 1]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void store_3d(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 48; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 240; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 2; ++k) {
      tensor_store_3d(&map, static_cast<int32_t>(in[48 + 8 * k + 0]), static_cast<int32_t>(in[48 + 8 * k + 1]), static_cast<int32_t>(in[48 + 8 * k + 2]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}

extern "C" __global__ void store_1d(const uint32_t* in, uint32_t* out, uint32_t n, const __grid_constant__ TensorMap map) {
  extern __shared__ uint8_t raw[];
  const uint32_t base = (shared(raw) + 1023) & ~1023u;
  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));
  for (uint32_t i = threadIdx.x; i < 16; i += 32) tile[i] = in[i];
  for (uint32_t i = threadIdx.x; i < 100; i += 32) out[i] = 0xEEEEEEEE;
  __threadfence();
  asm volatile("fence.proxy.async;" ::: "memory");
  fence_async();
  __syncwarp();
  if (threadIdx.x == 0) {
    for (int k = 0; k < 2; ++k) {
      tensor_store_1d(&map, static_cast<int32_t>(in[16 + 8 * k + 0]), base);
      bulk_commit();
      bulk_wait();
    }
  }
}
