// Blocks of random values, and the transforms that several distributions share. Place in the whole: between the words
// (words.h) and the operators (random.cpp, continuous.cpp, weighted.cpp).
#pragma once
#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/random/words.h"
#include "cpu/simd/math.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kRandomBlock = 512;    // elements made at once; a multiple of 4
constexpr int64_t kRandomGrain = 16384;  // a multiple of kRandomBlock

static inline void require_floating(DType d, const char* name) {
  if (!is_floating(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", name, dtype_name(d));
}

// Calls make(words, begin, count, values) for blocks of the result, which writes `count` values of dtype `made`, and
// casts them to y. An element takes `per` words (1 or 2).
template <class T, class F>
void generate(const Call& c, const TensorRef& y, DType made, int64_t per, F make) {
  const Stream stream(c);
  const int64_t size = static_cast<int64_t>(dtype_size(y.dtype));
  parallel_for(y.numel, kRandomGrain, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t words[2 * kRandomBlock];
    alignas(64) T values[kRandomBlock];
    for (int64_t i = begin; i < end; i += kRandomBlock) {
      int64_t count = std::min(kRandomBlock, end - i);
      philox_words(stream, i * per / 4, (count * per + 3) / 4, words);
      make(words, i, count, values);
      convert_run(made, values, y.dtype, y.as<char>() + i * size, count);
    }
  });
}

// low + u * (high - low) with two roundings: an FMA would make the numbers depend on the instruction set.
template <class T>
SINTER_INLINE void rescale(T* u, int64_t n, T low, T high) {
  const T span = high - low;
  for (int64_t i = 0; i < n; i++) u[i] *= span;
  asm volatile("" : : "r"(u) : "memory");
  for (int64_t i = 0; i < n; i++) u[i] += low;
}

// sin and cos of 2 pi v, v in [0, 1): an octant to each side of the nearest quarter, then Taylor series.
SINTER_INLINE void sincos_turns(Vd v, Vd& sine, Vd& cosine) {
  constexpr double s[] = {1.,          -1. / 6,        1. / 120,          -1. / 5040,
                          1. / 362880, -1. / 39916800, 1. / 6227020800.0, -1. / 1307674368000.0};
  constexpr double c[] = {1.,
                          -1. / 2,
                          1. / 24,
                          -1. / 720,
                          1. / 40320,
                          -1. / 3628800,
                          1. / 479001600.0,
                          -1. / 87178291200.0,
                          1. / 20922789888000.0};
  const double magic = 0x1.8p52;
  Vd t = v * 4. + magic;
  Vl quarter = (Vl)t;
  Vd r = (v - (t - magic) * 0.25) * 6.283185307179586477, q = r * r;
  Vd sr = r * polynomial(q, s), cr = polynomial(q, c);
  Vl odd = (quarter & 1) != 0;
  sine = odd ? cr : sr;
  cosine = odd ? sr : cr;
  sine = (quarter & 2) != 0 ? -sine : sine;
  cosine = ((quarter + 1) & 2) != 0 ? -cosine : cosine;
}

// Box-Muller over `pairs` pairs of words, z[2k], z[2k + 1] from words 2k, 2k + 1; pairs a multiple of the lanes.
static inline void box_muller(const uint32_t* words, int64_t pairs, double mean, double deviation, double* z) {
  constexpr int lanes = kLanes<double>;
  for (int64_t k = 0; k < pairs; k += lanes) {
    Vul pair;
    std::memcpy(&pair, words + 2 * k, sizeof pair);
    Vul u_bits = (pair & 0xffffffffull) | 0x4330000000000000ull, v_bits = (pair >> 32) | 0x4330000000000000ull;
    Vd u = ((Vd)u_bits - 0x1p52 + 1.) * 0x1p-32, v = ((Vd)v_bits - 0x1p52) * 0x1p-32;
    Vd square = -2. * vlog(u), sine, cosine;
    for (int i = 0; i < lanes; i++) square[i] = __builtin_sqrt(square[i]);
    sincos_turns(v, sine, cosine);
    Vd z0 = mean + deviation * (square * cosine), z1 = mean + deviation * (square * sine);
    Vd out[2] = {interleave<0, Vd, Vl>(z0, z1), interleave<1, Vd, Vl>(z0, z1)};
    std::memcpy(z + 2 * k, out, sizeof out);
  }
}

// n standard normals z * deviation + mean from n words; both arrays have room for whole vectors.
static inline void normals(uint32_t* words, int64_t n, double mean, double deviation, double* z) {
  constexpr int64_t lanes = kLanes<double>;
  int64_t pairs = ((n + 1) / 2 + lanes - 1) / lanes * lanes;
  for (int64_t i = (n + 3) / 4 * 4; i < 2 * pairs; i++) words[i] = 0;  // no value is taken from these
  box_muller(words, pairs, mean, deviation, z);
}

// Uniform in (0, 1), both ends excluded, from a pair of words: (52 bits + 1/2) 2^-52.
SINTER_INLINE Vd open_unit(const uint32_t* words) {
  Vul pair;
  std::memcpy(&pair, words, sizeof pair);
  return ((Vd)((pair >> 12) | 0x4330000000000000ull) - 0x1p52 + 0.5) * 0x1p-52;
}

// Number k of a call's 64-bit numbers.
SINTER_INLINE uint64_t wide(const uint32_t* words, int64_t k) {
  return uint64_t{words[2 * k]} << 32 | words[2 * k + 1];
}

}  // namespace sinter::cpu::SINTER_ISA
