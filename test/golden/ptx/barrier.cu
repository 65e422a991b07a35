// Barriers of a block. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE void bar_sync(uint32_t id, uint32_t threads) { asm volatile("barrier.sync %0, %1;" :: "r"(id), "r"(threads) : "memory"); }
DEVICE void bar_arrive(uint32_t id, uint32_t threads) { asm volatile("barrier.arrive %0, %1;" :: "r"(id), "r"(threads) : "memory"); }
DEVICE uint32_t bar_red_popc(uint32_t id, uint32_t threads, uint32_t x) {
  uint32_t d;
  asm volatile("{ .reg .pred p; setp.ne.u32 p, %3, 0; barrier.red.popc.u32 %0, %1, %2, p; }" : "=r"(d) : "r"(id), "r"(threads), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t bar_red_and(uint32_t id, uint32_t threads, uint32_t x) {
  uint32_t d;
  asm volatile("{ .reg .pred p, q; setp.ne.u32 p, %3, 0; barrier.red.and.pred q, %1, %2, p; selp.u32 %0, 1, 0, q; }" : "=r"(d) : "r"(id), "r"(threads), "r"(x) : "memory");
  return d;
}
DEVICE uint32_t bar_red_or(uint32_t id, uint32_t threads, uint32_t x) {
  uint32_t d;
  asm volatile("{ .reg .pred p, q; setp.ne.u32 p, %3, 0; barrier.red.or.pred q, %1, %2, p; selp.u32 %0, 1, 0, q; }" : "=r"(d) : "r"(id), "r"(threads), "r"(x) : "memory");
  return d;
}
DEVICE void warp_sync(uint32_t mask) { asm volatile("bar.warp.sync %0;" :: "r"(mask) : "memory"); }

extern "C" __global__ void reduce(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t x = in[blockIdx.x * 128 + threadIdx.x];
  uint32_t* q = out + blockIdx.x * 640 + threadIdx.x;
  q[0] = bar_red_popc(0, 128, x);
  q[128] = bar_red_and(1, 128, x);
  q[256] = bar_red_or(2, 128, x);
  const uint32_t half = threadIdx.x / 64;
  q[384] = bar_red_popc(3 + half, 64, x);
  q[512] = bar_red_or(15 - half, 64, x);
}

extern "C" __global__ void producer_consumer(const uint32_t* in, uint32_t* out, uint32_t n) {
  // Warps 0 and 1 fill a buffer of two stages, warps 2 and 3 read it: arrive on full, sync on empty and the reverse.
  __shared__ uint32_t stage[2][64];
  const uint32_t t = threadIdx.x % 64;
  const bool producer = threadIdx.x < 64;
  for (uint32_t k = 0; k < 8; ++k) {
    const uint32_t s = k & 1;
    if (producer) {
      if (k >= 2) bar_sync(3 + s, 128);
      stage[s][t] = in[k * 64 + t] + t;
      bar_arrive(1 + s, 128);
    } else {
      bar_sync(1 + s, 128);
      out[k * 64 + t] = stage[s][63 - t];
      if (k < 6) bar_arrive(3 + s, 128);
    }
  }
}

extern "C" __global__ void warp(const uint32_t* in, uint32_t* out, uint32_t n) {
  __shared__ uint32_t tile[32];
  const uint32_t t = threadIdx.x;
  tile[t] = in[t];
  warp_sync(0xFFFFFFFF);
  uint32_t x = tile[31 - t];
  if (t < 16) {
    warp_sync(0x0000FFFF);
    tile[t] = x + 1;
    warp_sync(0x0000FFFF);
    x = tile[15 - t];
  }
  out[t] = x;
}
