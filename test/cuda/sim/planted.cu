// Kernels with one mistake each (bug_...) and the same without it (fine_...). planted.test.ts runs planted.ptx, made of this file by
//   nvcc -std=c++17 -arch=compute_80 -lineinfo -ptx planted.cu
// (with the folder taken out of its .file line), so that nobody needs nvcc. Launched with 2 blocks of 128 threads; in and out have
// n = 1024 words.
#include <cstdint>

extern __shared__ uint32_t dynamic[];

#define KERNEL(name) \
  extern "C" __global__ void __launch_bounds__(128) name(const uint32_t* in, uint32_t* out, uint32_t n)

// A neighbour's value through shared memory: a barrier is missing.
template <bool kBarrier>
__device__ void neighbour(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t tile[128];
  const uint32_t t = threadIdx.x;
  tile[t] = in[t];
  if (kBarrier) __syncthreads();
  out[blockIdx.x * 128 + t] = tile[(t + 37) % 128];
}
KERNEL(bug_missing_barrier) { neighbour<false>(in, out); }
KERNEL(fine_missing_barrier) { neighbour<true>(in, out); }

// Values are overwritten while others may still read them.
template <bool kBarrier>
__device__ void reuse(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t tile[128];
  const uint32_t t = threadIdx.x;
  tile[t] = in[t];
  __syncthreads();
  const uint32_t first = tile[(t + 37) % 128];
  if (kBarrier) __syncthreads();
  tile[t] = in[t + 128];
  __syncthreads();
  out[blockIdx.x * 128 + t] = first + tile[(t + 37) % 128];
}
KERNEL(bug_overwritten_early) { reuse<false>(in, out); }
KERNEL(fine_overwritten_early) { reuse<true>(in, out); }

// The same within a warp.
template <bool kBarrier>
__device__ void warp_neighbour(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t tile[128];
  const uint32_t t = threadIdx.x;
  tile[t] = in[t];
  if (kBarrier) __syncwarp();
  out[blockIdx.x * 128 + t] = tile[t ^ 1];
}
KERNEL(bug_missing_syncwarp) { warp_neighbour<false>(in, out); }
KERNEL(fine_missing_syncwarp) { warp_neighbour<true>(in, out); }

// A shuffle that not all lanes named come to.
KERNEL(bug_divergent_shuffle) {
  uint32_t value = in[threadIdx.x];
  if (threadIdx.x % 32 < 20) value = __shfl_xor_sync(0xFFFFFFFF, value, 16);
  out[blockIdx.x * 128 + threadIdx.x] = value;
}
KERNEL(fine_divergent_shuffle) {
  uint32_t value = in[threadIdx.x];
  const uint32_t other = __shfl_xor_sync(0xFFFFFFFF, value, 16);
  if (threadIdx.x % 32 < 20) value = other;
  out[blockIdx.x * 128 + threadIdx.x] = value;
}

// Half of the block waits at another barrier than the rest.
KERNEL(bug_barrier_deadlock) {
  if (threadIdx.x < 64)
    asm volatile("bar.sync 1, 128;" ::: "memory");
  else
    asm volatile("bar.sync 2, 128;" ::: "memory");
  out[blockIdx.x * 128 + threadIdx.x] = in[threadIdx.x];
}
KERNEL(fine_barrier_deadlock) {
  if (threadIdx.x < 64)
    asm volatile("bar.sync 1, 64;" ::: "memory");
  else
    asm volatile("bar.sync 2, 64;" ::: "memory");
  out[blockIdx.x * 128 + threadIdx.x] = in[threadIdx.x];
}

// One element too far.
KERNEL(bug_out_of_bounds) {
  for (uint32_t i = threadIdx.x; i <= n; i += 128)
    if (blockIdx.x == 0) out[i] = i;
}
KERNEL(fine_out_of_bounds) {
  for (uint32_t i = threadIdx.x; i < n; i += 128)
    if (blockIdx.x == 0) out[i] = i;
}

KERNEL(bug_shared_out_of_bounds) {
  dynamic[threadIdx.x + 1] = in[threadIdx.x];
  __syncthreads();
  out[blockIdx.x * 128 + threadIdx.x] = dynamic[threadIdx.x + 1];
}
KERNEL(fine_shared_out_of_bounds) {
  dynamic[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[blockIdx.x * 128 + threadIdx.x] = dynamic[threadIdx.x];
}

// Eight bytes at an address that is a multiple of four.
KERNEL(bug_misaligned) {
  *reinterpret_cast<uint2*>(out + blockIdx.x * 256 + 2 * threadIdx.x + 1) = make_uint2(in[threadIdx.x], 0);
}
KERNEL(fine_misaligned) {
  *reinterpret_cast<uint2*>(out + blockIdx.x * 256 + 2 * threadIdx.x) = make_uint2(in[threadIdx.x], 0);
}

// Shared memory that only half of the block has filled.
template <bool kAll>
__device__ void partly_filled(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t tile[128];
  const uint32_t t = threadIdx.x;
  if (kAll || t < 64) tile[t] = in[t];
  __syncthreads();
  out[blockIdx.x * 128 + t] = tile[127 - t];
}
KERNEL(bug_uninitialised_shared) { partly_filled<false>(in, out); }
KERNEL(fine_uninitialised_shared) { partly_filled<true>(in, out); }

// Adds to what nobody has written.
KERNEL(bug_uninitialised_global) { out[blockIdx.x * 128 + threadIdx.x] += in[threadIdx.x]; }
KERNEL(fine_uninitialised_global) { out[blockIdx.x * 128 + threadIdx.x] = in[threadIdx.x]; }

// Blocks add to one place.
KERNEL(bug_race_between_blocks) {
  if (blockIdx.x == 0 && threadIdx.x == 0) out[0] = 0;
  if (blockIdx.x == 1 && threadIdx.x == 0) out[0] = in[0];
}
KERNEL(fine_race_between_blocks) {
  if (threadIdx.x == 0) out[blockIdx.x] = in[0];
}

// A neighbour's value through global memory.
template <bool kBarrier>
__device__ void global_neighbour(const uint32_t* in, uint32_t* out) {
  volatile uint32_t* own = out + blockIdx.x * 128;
  const uint32_t t = threadIdx.x;
  own[t] = in[t];
  if (kBarrier) __syncthreads();
  const uint32_t other = own[(t + 37) % 128];
  out[256 + blockIdx.x * 128 + t] = other;
}
KERNEL(bug_global_race) { global_neighbour<false>(in, out); }
KERNEL(fine_global_race) { global_neighbour<true>(in, out); }

// Loads past the coherent caches what the launch has stored.
template <bool kCoherent>
__device__ void stale(const uint32_t* in, uint32_t* out) {
  uint32_t* own = out + blockIdx.x * 128 + threadIdx.x;
  *own = in[threadIdx.x];
  __threadfence();
  out[256 + blockIdx.x * 128 + threadIdx.x] = kCoherent ? *static_cast<volatile uint32_t*>(own) : __ldg(own);
}
KERNEL(bug_stale_load) { stale<false>(in, out); }
KERNEL(fine_stale_load) { stale<true>(in, out); }

// Reads what in pointed to: the test has freed it for the bug.
KERNEL(bug_use_after_free) { out[blockIdx.x * 128 + threadIdx.x] = in[threadIdx.x]; }
KERNEL(fine_use_after_free) { out[blockIdx.x * 128 + threadIdx.x] = in[threadIdx.x]; }

// The block that comes last adds up what all have left: ordered by an atomic, and without it not.
template <bool kAtomic>
__device__ void last_block(const uint32_t* in, uint32_t* out) {
  __shared__ uint32_t ticket;
  uint32_t* counter = const_cast<uint32_t*>(in) + 1023;  // 1023 there: counts from it
  volatile uint32_t* parts = out + 1;
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = in[blockIdx.x];
    __threadfence();
    ticket = kAtomic ? atomicAdd(counter, 1) - 1023 : blockIdx.x;
  }
  __syncthreads();
  if (ticket == 1 && threadIdx.x == 0) out[0] = parts[0] + parts[1];
}
KERNEL(bug_last_block) { last_block<false>(in, out); }
KERNEL(fine_last_block) { last_block<true>(in, out); }

// The last thread of each block waits for a value that nobody stores.
template <bool kStored>
__device__ void wait_for_flag(const uint32_t* in, uint32_t* out) {
  if (threadIdx.x < 127) {
    out[blockIdx.x * 128 + threadIdx.x] = in[threadIdx.x];
    return;
  }
  while (*reinterpret_cast<const volatile uint32_t*>(in + 5) != (kStored ? 5 : 6)) {
  }
}
KERNEL(bug_endless) { wait_for_flag<false>(in, out); }
KERNEL(fine_endless) { wait_for_flag<true>(in, out); }
