// Philox4x32-10 on the device: the generator of native/engine/philox.h, word for word. Place in the whole: whatever draws numbers or
// rounds stochastically.
#pragma once
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/random/stream.h"

namespace sinter::cuda {

struct PhiloxWords {
  uint32_t w0, w1, w2, w3;
  // Word i, 0 <= i < 4.
  SINTER_DEVICE uint32_t word(int i) const { return i < 2 ? (i == 0 ? w0 : w1) : (i == 2 ? w2 : w3); }
  // Number i of two words, 0 <= i < 2: as randint takes it, and as the distributions take it.
  SINTER_DEVICE uint64_t first_high(int i) const {
    return i == 0 ? static_cast<uint64_t>(w0) << 32 | w1 : static_cast<uint64_t>(w2) << 32 | w3;
  }
  SINTER_DEVICE uint64_t first_low(int i) const {
    return i == 0 ? static_cast<uint64_t>(w1) << 32 | w0 : static_cast<uint64_t>(w3) << 32 | w2;
  }
};

// Block `block` of a stream. Rounds in loops of kUnroll take fewer registers, for kernels that have none to spare.
template <int kUnroll = 10>
SINTER_DEVICE PhiloxWords philox(const Stream& stream, uint64_t block, uint32_t attempt = 0) {
  uint64_t counter = stream.offset + block;
  uint32_t key0 = stream.key0, key1 = stream.key1;
  if (stream.late) {
    counter += stream.late->offset;
    key0 = stream.late->key0;
    key1 = stream.late->key1;
  }
  uint32_t c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32), c2 = attempt, c3 = 0;
#pragma unroll kUnroll
  for (int round = 0; round < 10; round++) {
    const uint32_t high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
    const uint32_t high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ key0;
    c2 = high0 ^ c3 ^ key1;
    c1 = low1;
    c3 = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

}  // namespace sinter::cuda
