// Philox words in bulk. Place in the whole: the vector form of engine/philox.h's generator, under every operator of
// this family.
#pragma once
#include "cpu/copy/transpose.h"
#include "engine/call.h"
#include "engine/philox.h"

namespace sinter::cpu::SINTER_ISA {

// The stream of one call: {seedLo, seedHi, offset} in front of its other attributes.
struct Stream {
  uint32_t key0, key1;
  uint64_t offset;
  Stream(uint32_t low, uint32_t high, uint64_t from) : key0(low), key1(high), offset(from) {}
  explicit Stream(const Call& c)
      : key0(static_cast<uint32_t>(c.int_attr(0))), key1(static_cast<uint32_t>(c.int_attr(1))),
        offset(static_cast<uint64_t>(c.int_attr(2))) {}
};

// The full product of the low halves of each lane.
SINTER_INLINE Vul multiply_wide(Vul a, Vul b) {
#if defined(__AVX512F__)
  return (Vul)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (Vul)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  return (Vul)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & 0xffffffffull) * (b & 0xffffffffull);
#endif
}

// What the rounds mix in, ready to be broadcast from memory: from general registers it would cost more than the multiplication.
struct PhiloxKeys {
  uint64_t first[10], second[10];
  PhiloxKeys(uint32_t key0, uint32_t key1) {
    for (int round = 0; round < 10; round++, key0 += 0x9E3779B9u, key1 += 0xBB67AE85u) {
      first[round] = key0;
      second[round] = key1;
    }
  }
};

// One block for each lane's counter, each of its words in the low half of a lane, zeros in the high one. Between rounds the high
// halves hold what the next products do not read.
SINTER_INLINE void philox_lanes(Vul counter, const PhiloxKeys& keys, Vul& c0, Vul& c1, Vul& c2, Vul& c3) {
  const Vul low = Vul{} + 0xffffffffull, m0 = Vul{} + 0xD2511F53ull, m1 = Vul{} + 0xCD9E8D57ull;
  c0 = counter, c1 = counter >> 32, c2 = Vul{}, c3 = Vul{};
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    Vul p0 = multiply_wide(m0, c0), p1 = multiply_wide(m1, c2);
    c0 = (p1 >> 32) ^ c1 ^ keys.first[round];
    c2 = (p0 >> 32) ^ c3 ^ keys.second[round];
    c1 = p1;
    c3 = p0;
  }
  for (Vul* c : {&c0, &c1, &c2, &c3}) *c &= low;
}

// words[0 .. 4 * blocks) of the blocks from `first` on.
static inline void philox_words(const Stream& s, int64_t first, int64_t blocks, uint32_t* words) {
  constexpr int lanes = kLanes<int64_t>;
  const PhiloxKeys keys(s.key0, s.key1);
  uint64_t counter = s.offset + static_cast<uint64_t>(first);
  Vul lane;
  for (int i = 0; i < lanes; i++) lane[i] = static_cast<uint64_t>(i);
  int64_t b = 0;
  for (; b + lanes <= blocks; b += lanes, counter += lanes) {
    Vul c0, c1, c2, c3;
    philox_lanes(lane + counter, keys, c0, c1, c2, c3);
    Vul first_pair = c0 | (c1 << 32), second_pair = c2 | (c3 << 32);  // little-endian: c0 comes first
    Vul out[2] = {interleave<0, Vul, Vul>(first_pair, second_pair), interleave<1, Vul, Vul>(first_pair, second_pair)};
    std::memcpy(words + 4 * b, out, sizeof out);
  }
  for (; b < blocks; b++, counter++) {
    PhiloxBlock block = philox(s.key0, s.key1, counter);
    std::memcpy(words + 4 * b, block.w, sizeof block.w);
  }
}

}  // namespace sinter::cpu::SINTER_ISA
