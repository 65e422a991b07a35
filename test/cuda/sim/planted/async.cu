// Pipelines of asynchronous copies, right and with one mistake each, for async.test.ts: the simulator must tell them apart.
// async.ptx.gz is made of it, without the folder's name:
//   nvcc -std=c++17 -O3 -lineinfo -arch=compute_90a -ptx async.cu -o - | sed 's#"/.*/#"#' | gzip -9n > async.ptx.gz
//
// Every kernel is (in, out, n): one block of 64 threads brings n stages of 64 x 4 words through shared memory. Thread t stores
// the sum of stage k's words that thread 63 - t, or a bulk copy, has brought: out[64 k + t].
#include <cstdint>

#define DEVICE __device__ __forceinline__

constexpr int kThreads = 64, kStageBytes = kThreads * 16;

DEVICE uint32_t shared(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }
DEVICE void copy16(uint32_t to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}
DEVICE void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N>
DEVICE void wait_group() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}
DEVICE void init(uint64_t* bar, uint32_t count) {
  asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(shared(bar)), "r"(count) : "memory");
}
DEVICE void expect(uint64_t* bar, uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" ::"r"(shared(bar)), "r"(bytes) : "memory");
}
DEVICE void arrive(uint64_t* bar) { asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(shared(bar)) : "memory"); }
DEVICE void wait(uint64_t* bar, uint32_t parity) {
  uint32_t done = 0;
  while (!done)
    asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
                 : "=r"(done)
                 : "r"(shared(bar)), "r"(parity)
                 : "memory");
}
DEVICE void load(void* to, const void* from, uint32_t bytes, uint64_t* bar) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(shared(to)),
      "l"(from), "r"(bytes), "r"(shared(bar))
      : "memory");
}
DEVICE void store(void* to, const void* from, uint32_t bytes) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(to), "r"(shared(from)), "r"(bytes)
               : "memory");
}
DEVICE void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
DEVICE void bulk_wait_read() { asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory"); }
DEVICE void bulk_wait() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }
DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
DEVICE uint32_t sum(uint4 x) { return x.x + x.y + x.z + x.w; }

enum class Bug {
  kNone,
  kWeakWait,
  kNoBarrier,
  kParity,
  kNoExpect,
  kNoWait,
  kNoEmpty,
  kNoReadWait,
  kNoCommit,
  kNeverWaits
};

// Two stages of cp.async: the next one is on its way while this one is read.
template <Bug kBug>
DEVICE void copies(const uint4* in, uint32_t* out, uint32_t n) {
  __shared__ uint4 stages[2][kThreads];
  const uint32_t t = threadIdx.x;
  copy16(shared(&stages[0][t]), in + t);
  commit();
#pragma unroll 1
  for (uint32_t k = 0; k < n; ++k) {
    if (k + 1 < n) copy16(shared(&stages[(k + 1) % 2][t]), in + (k + 1) * kThreads + t);
    commit();
    wait_group<kBug == Bug::kWeakWait ? 2 : 1>();
    __syncthreads();
    out[k * kThreads + t] = sum(stages[k % 2][63 - t]);
    if (kBug != Bug::kNoBarrier) __syncthreads();  // the next copy goes where others may still be reading
  }
}

// Two stages of bulk copies: thread 0 fills, all read; full and empty barriers.
template <Bug kBug>
DEVICE void ring(const uint4* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint4 stages[2][kThreads];
  __shared__ __align__(8) uint64_t full[2], empty[2];
  const uint32_t t = threadIdx.x;
  if (t == 0)
    for (int s = 0; s < 2; ++s) init(&full[s], 1), init(&empty[s], kThreads);
  fence_async();
  __syncthreads();
  const auto fill = [&](uint32_t k) {
    if (kBug == Bug::kNoExpect)
      arrive(&full[k % 2]);
    else
      expect(&full[k % 2], kStageBytes);
    load(stages[k % 2], in + k * kThreads, kStageBytes, &full[k % 2]);
  };
  if (t == 0)
    for (uint32_t k = 0; k < 2 && k < n; ++k) fill(k);
#pragma unroll 1
  for (uint32_t k = 0; k < n; ++k) {
    if (kBug != Bug::kNoWait) wait(&full[k % 2], kBug == Bug::kParity ? 0 : k / 2 % 2);
    out[k * kThreads + t] = sum(stages[k % 2][63 - t]);
    arrive(&empty[k % 2]);
    if (t == 0 && k + 2 < n) {
      if (kBug != Bug::kNoEmpty) wait(&empty[k % 2], k / 2 % 2);
      fill(k + 2);
    }
  }
}

// Bulk stores from one buffer, written again for each stage.
template <Bug kBug>
DEVICE void stores(const uint4* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint32_t stage[kThreads];
  const uint32_t t = threadIdx.x;
#pragma unroll 1
  for (uint32_t k = 0; k < n; ++k) {
    stage[t] = sum(in[k * kThreads + 63 - t]);
    fence_async();
    __syncthreads();
    if (t == 0) {
      store(out + k * kThreads, stage, kThreads * 4);
      bulk_commit();
      if (kBug != Bug::kNoReadWait) bulk_wait_read();
    }
    __syncthreads();
  }
  if (t == 0) bulk_wait();
}

// A product of a warpgroup whose operands are written again: after the wait, or before it. B is A's first 8 rows. Or it is in no
// group that could be waited for, or nobody ever waits.
template <Bug kBug>
DEVICE void products(const uint4* in, uint32_t* out, uint32_t n) {
  __shared__ __align__(128) uint4 stage[128];  // 64 x 16 f16: 8 x 8 matrices, rows of them 256 bytes apart
  const uint32_t t = threadIdx.x;
  float d[4] = {};
#pragma unroll 1
  for (uint32_t k = 0; k < n; ++k) {
    const uint4 x = in[k * kThreads + t / 2];
    stage[t] = make_uint4(x.x & 0x3C003C00, x.y & 0x3C003C00, x.z & 0x3C003C00, x.w & 0x3C003C00);
    fence_async();
    __syncthreads();
    const uint64_t matrix = shared(stage) >> 4 | uint64_t{128 >> 4} << 16 | uint64_t{256 >> 4} << 32;
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
    asm volatile(
        "{ .reg .pred p; setp.ne.b32 p, 1, 0;\n"
        "wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, %4, %4, p, 1, 1, 0, 0; }"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "l"(matrix)
        : "memory");
    if (kBug != Bug::kNoCommit) asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    if (kBug != Bug::kNoWait && kBug != Bug::kNeverWaits) asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
    __syncthreads();
  }
  if (kBug != Bug::kNeverWaits) asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  if (t < kThreads)
    for (uint32_t k = 0; k < n; ++k) out[k * kThreads + t] = __float_as_uint(k % 2 ? d[0] : d[3]);
}

#define KERNEL(name, body, bug)                                                                       \
  extern "C" __global__ void __launch_bounds__(64) name(const uint4* in, uint32_t* out, uint32_t n) { \
    body<Bug::bug>(in, out, n);                                                                       \
  }
KERNEL(copies, copies, kNone)
KERNEL(copies_weak_wait, copies, kWeakWait)
KERNEL(copies_no_barrier, copies, kNoBarrier)
KERNEL(ring, ring, kNone)
KERNEL(ring_wrong_parity, ring, kParity)
KERNEL(ring_no_expect_tx, ring, kNoExpect)
KERNEL(ring_no_wait, ring, kNoWait)
KERNEL(ring_no_empty_wait, ring, kNoEmpty)
KERNEL(stores, stores, kNone)
KERNEL(stores_no_read_wait, stores, kNoReadWait)
extern "C" __global__ void __launch_bounds__(128) products(const uint4* in, uint32_t* out, uint32_t n) {
  products<Bug::kNone>(in, out, n);
}
extern "C" __global__ void __launch_bounds__(128) products_no_wait(const uint4* in, uint32_t* out, uint32_t n) {
  products<Bug::kNoWait>(in, out, n);
}
extern "C" __global__ void __launch_bounds__(128) products_no_commit(const uint4* in, uint32_t* out, uint32_t n) {
  products<Bug::kNoCommit>(in, out, n);
}
extern "C" __global__ void __launch_bounds__(128) products_never_waited(const uint4* in, uint32_t* out, uint32_t n) {
  products<Bug::kNeverWaits>(in, out, n);
}
