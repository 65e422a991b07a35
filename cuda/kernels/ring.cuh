// A ring of stages in shared memory that copies fill and products empty. Place in the whole: the kernels of compute capability 9.0, whose
// stages have two mbarriers each: one that says it is full, one that says it is empty.
#pragma once
#include "cuda/kernels/ptx_sm90.cuh"

namespace sinter::cuda {

// Registers a thread of the warpgroup that copies, and of the two that multiply: 384 threads of 168 have 64,512, and then as many.
constexpr int kCopyingRegisters = 40, kMultiplyingRegisters = 232;

// Where somebody is in the ring. Who empties waits for the phase of full, who fills for the other one of empty.
template <int kStages>
struct RingPlace {
  int stage = 0;
  uint32_t phase = 0;
  SINTER_DEVICE void advance() {
    if (++stage == kStages) stage = 0, phase ^= 1;
  }
};

// All barriers of a ring at addresses `full` and `empty` on, of which the latter wait for `readers` arrivals. One thread; others meet it
// afterwards.
template <int kStages>
SINTER_DEVICE void init_ring(uint32_t full, uint32_t empty, int readers) {
  for (int s = 0; s < kStages; s++) {
    barrier_init(full + s * 8, 1);
    barrier_init(empty + s * 8, readers);
  }
  fence_async();
}

}  // namespace sinter::cuda
