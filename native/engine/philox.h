// Philox4x32-10, the counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011). Place in the whole: the one definition of randomness, shared by every backend.
//
// The stream of one operator call: key = (seedLo, seedHi); element i of the result takes word i % 4 of the block with counter
// (lo32(b), hi32(b), 0, 0), b = offset + floor(i / 4). A call that makes n elements advances the generator's offset by
// ceil(n / 4) (normal: as below). So the numbers depend neither on threads, nor on vector width, nor on the device.
//
//   uniform f32   (word >> 8) * 2^-24 in [0, 1), then low + u * (high - low), in f32; bf16/f16 round that
//   uniform f64   two words an element (a block gives 2): ((w0 >> 5) * 2^26 + (w1 >> 6)) * 2^-53
//   normal f32    Box-Muller on word pairs of a block: (w0, w1) -> z0, z1, (w2, w3) -> z2, z3 with
//                 u = (w0 + 1) * 2^-32 in (0, 1] and v = w1 * 2^-32:
//                 z0 = sqrt(-2 ln u) cos(2 pi v), z1 = sqrt(-2 ln u) sin(2 pi v), computed in f32 without fused operations,
//                 so that the bits are the same everywhere (cpu/random/normal.h); bf16 and f16 round that; f64 in f64
//   bernoulli     word < p * 2^32, compared in f64 (also dropout's keep decision: keep when word >= p * 2^32)
//   randint       two words an element (a block gives 2): low + ((w0 * 2^32 + w1) mod (high - low)), in unsigned 64-bit
//   exponential,  two words an element, as u = (((w1 * 2^32 + w0) >> 12) + 1/2) * 2^-52 in (0, 1): -ln(u) / rate,
//   cauchy,       median - scale * cos(pi u) / sin(pi u),
//   geometric     ceil(ln(u) / ln(1 - p)), at least 1
//   logNormal     exp of normal
//   bernoulliOf   as bernoulli, with each element's p
//   poisson       element i takes whole blocks of its own: (lo32(b), hi32(b), a, 0), b = offset + i, a = 0, 1, ... as often as
//                 needed; a call advances the offset by n. Words 0 and 1 give u, words 2 and 3 v, as for exponential.
//                 rate < 10: the smallest k with u < P(X <= k); else Hoermann's transformed rejection (PTRS; "The transformed
//                 rejection method for generating Poisson random variables", 1993), an attempt a block
//   multinomial   pairs of words as u above. With replacement: draw j of row r takes pair r * k + j, and is the
//                 first category whose cumulative weight exceeds u * total. Without: category i of row r takes pair r * n + i,
//                 and the categories with the k smallest -ln(u) / weight are drawn, in that order
//   randperm      Fisher-Yates from the end: for i = n-1 .. 1: swap(i, r mod (i + 1)), r the 64-bit number k = n-1-i drawn
//                 as for randint's element k
#pragma once
#include <cstdint>

namespace sinter {

struct PhiloxBlock {
  uint32_t w[4];
};

inline __attribute__((always_inline)) PhiloxBlock philox(uint32_t key0, uint32_t key1, uint64_t counter,
                                                         uint32_t attempt = 0) {
  uint32_t c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32), c2 = attempt, c3 = 0;
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = 0xD2511F53ull * c0, p1 = 0xCD9E8D57ull * c2;
    uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ key0, n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ key1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace sinter
