// Between the lanes of a warp: shuffle, vote, match, reduce, elect. Written by make_kernels.py; README.md says what is recorded.
#include "common.cuh"

DEVICE uint32_t shfl_up(uint32_t a, uint32_t b, uint32_t c, uint32_t mask, uint32_t& ok) {
  uint32_t d;
  asm volatile("{ .reg .pred p; shfl.sync.up.b32 %0|p, %2, %3, %4, %5; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "r"(a), "r"(b), "r"(c), "r"(mask));
  return d;
}
DEVICE uint32_t shfl_down(uint32_t a, uint32_t b, uint32_t c, uint32_t mask, uint32_t& ok) {
  uint32_t d;
  asm volatile("{ .reg .pred p; shfl.sync.down.b32 %0|p, %2, %3, %4, %5; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "r"(a), "r"(b), "r"(c), "r"(mask));
  return d;
}
DEVICE uint32_t shfl_bfly(uint32_t a, uint32_t b, uint32_t c, uint32_t mask, uint32_t& ok) {
  uint32_t d;
  asm volatile("{ .reg .pred p; shfl.sync.bfly.b32 %0|p, %2, %3, %4, %5; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "r"(a), "r"(b), "r"(c), "r"(mask));
  return d;
}
DEVICE uint32_t shfl_idx(uint32_t a, uint32_t b, uint32_t c, uint32_t mask, uint32_t& ok) {
  uint32_t d;
  asm volatile("{ .reg .pred p; shfl.sync.idx.b32 %0|p, %2, %3, %4, %5; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "r"(a), "r"(b), "r"(c), "r"(mask));
  return d;
}
DEVICE uint32_t vote_all(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("{ .reg .pred p, q; setp.ne.u32 p, %1, 0; vote.sync.all.pred q, p, %2; selp.u32 %0, 1, 0, q; }" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t vote_any(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("{ .reg .pred p, q; setp.ne.u32 p, %1, 0; vote.sync.any.pred q, p, %2; selp.u32 %0, 1, 0, q; }" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t vote_uni(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("{ .reg .pred p, q; setp.ne.u32 p, %1, 0; vote.sync.uni.pred q, p, %2; selp.u32 %0, 1, 0, q; }" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t vote_ballot(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("{ .reg .pred p; setp.ne.u32 p, %1, 0; vote.sync.ballot.b32 %0, p, %2; }" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t match_any_b32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("match.any.sync.b32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t match_all_b32(uint32_t x, uint32_t mask, uint32_t& ok) {
  uint32_t d;
  asm volatile("{ .reg .pred p; match.all.sync.b32 %0|p, %2, %3; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t match_any_b64(uint64_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("match.any.sync.b64 %0, %1, %2;" : "=r"(d) : "l"(x), "r"(mask));
  return d;
}
DEVICE uint32_t match_all_b64(uint64_t x, uint32_t mask, uint32_t& ok) {
  uint32_t d;
  asm volatile("{ .reg .pred p; match.all.sync.b64 %0|p, %2, %3; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "l"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_add_u32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.add.u32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_add_s32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.add.s32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_min_u32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.min.u32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_min_s32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.min.s32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_max_u32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.max.u32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_max_s32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.max.s32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_and_b32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.and.b32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_or_b32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.or.b32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t redux_xor_b32(uint32_t x, uint32_t mask) {
  uint32_t d;
  asm volatile("redux.sync.xor.b32 %0, %1, %2;" : "=r"(d) : "r"(x), "r"(mask));
  return d;
}
DEVICE uint32_t elect(uint32_t mask, uint32_t& ok) {
  uint32_t d;
  asm volatile("{ .reg .pred p; elect.sync %0|p, %2; selp.u32 %1, 1, 0, p; }" : "=r"(d), "=r"(ok) : "r"(mask));
  return d;
}

extern "C" __global__ void shfl_uniform(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 96 + threadIdx.x;
  uint32_t* q = out + blockIdx.x * 512 + threadIdx.x;
  uint32_t ok;
  q[0] = shfl_up(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[32] = ok;
  q[64] = shfl_down(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[96] = ok;
  q[128] = shfl_bfly(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[160] = ok;
  q[192] = shfl_idx(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[224] = ok;
  if (threadIdx.x & 1) {
    for (int j = 0; j < 8; ++j) q[256 + 32 * j] = 0;
  } else {
    q[256] = shfl_up(p[0], p[32] & ~1u, 0x1F, 0x55555555, ok);
    q[288] = ok;
    q[320] = shfl_down(p[0], p[32] & ~1u, 0x1F, 0x55555555, ok);
    q[352] = ok;
    q[384] = shfl_bfly(p[0], p[32] & ~1u, 0x1F, 0x55555555, ok);
    q[416] = ok;
    q[448] = shfl_idx(p[0], p[32] & ~1u, 0x1F, 0x55555555, ok);
    q[480] = ok;
  }
}

extern "C" __global__ void shfl_per_lane(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 96 + threadIdx.x;
  uint32_t* q = out + blockIdx.x * 256 + threadIdx.x;
  uint32_t ok;
  q[0] = shfl_up(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[32] = ok;
  q[64] = shfl_down(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[96] = ok;
  q[128] = shfl_bfly(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[160] = ok;
  q[192] = shfl_idx(p[0], p[32], p[64], 0xFFFFFFFF, ok);
  q[224] = ok;
}

extern "C" __global__ void vote_match_redux(const uint32_t* in, uint32_t* out, uint32_t n) {
  const uint32_t* p = in + blockIdx.x * 96 + threadIdx.x;
  uint32_t* q = out + blockIdx.x * 672 + threadIdx.x;
  const uint32_t mask = __ballot_sync(0xFFFFFFFF, p[64]);
  if (!p[64]) {
    for (int j = 0; j < 672 / 32; ++j) q[32 * j] = 0;
    return;
  }
  const uint64_t wide = p[0] | static_cast<uint64_t>(p[0] & 1) << 32;
  uint32_t ok;
  q[0] = vote_all(p[32], mask);
  q[32] = vote_any(p[32], mask);
  q[64] = vote_uni(p[32], mask);
  q[96] = vote_ballot(p[32], mask);
  q[128] = match_any_b32(p[0], mask);
  q[160] = match_all_b32(p[0], mask, ok);
  q[192] = ok;
  q[224] = match_any_b64(wide, mask);
  q[256] = match_all_b64(wide, mask, ok);
  q[288] = ok;
  q[320] = redux_add_u32(p[0], mask);
  q[352] = redux_add_s32(p[0], mask);
  q[384] = redux_min_u32(p[0], mask);
  q[416] = redux_min_s32(p[0], mask);
  q[448] = redux_max_u32(p[0], mask);
  q[480] = redux_max_s32(p[0], mask);
  q[512] = redux_and_b32(p[0], mask);
  q[544] = redux_or_b32(p[0], mask);
  q[576] = redux_xor_b32(p[0], mask);
  q[608] = elect(mask, ok);
  q[640] = ok;
}
