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

// What a command draws: its result, or the operand that it fills.
SINTER_INLINE const TensorRef& drawn(const Call& c) { return c.nout > 0 ? c.out[0] : c.in[0]; }

// Zeros behind the first n words, up to whole vectors of pairs: no number is taken from those.
static inline void clear_beyond(uint32_t* words, int64_t n) {
  constexpr int64_t whole = 2 * kLanes<float>;
  for (int64_t i = (n + 3) / 4 * 4; i < (n + whole - 1) / whole * whole; i++) words[i] = 0;
}

// Calls make(words, begin, count, values) for blocks of the result, which writes `count` values of dtype `made`, up to whole
// vectors, and casts them to y. An element takes `per` words (1 or 2).
template <class T, class F>
void generate(const Call& c, const TensorRef& y, DType made, int64_t per, F make) {
  const Stream stream(c);
  const int64_t size = static_cast<int64_t>(dtype_size(y.dtype));
  const bool streaming = made == y.dtype && y.numel * size >= kStreamBytes;
  parallel_for(y.numel, kRandomGrain, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t words[2 * kRandomBlock];
    alignas(64) T values[kRandomBlock];
    for (int64_t i = begin; i < end; i += kRandomBlock) {
      int64_t count = std::min(kRandomBlock, end - i);
      philox_words(stream, i * per / 4, (count * per + 3) / 4, words);
      char* to = y.as<char>() + i * size;
      if (made == y.dtype && count == kRandomBlock && !streaming) {
        make(words, i, count, reinterpret_cast<T*>(to));
        continue;
      }
      make(words, i, count, values);
      if (streaming)
        stream_copy(to, values, count * size);
      else
        convert_run(made, values, y.dtype, to, count);
    }
    if (streaming) stream_fence();
  });
}

// A product to which nothing is fused: an FMA would make the numbers depend on the instruction set.
template <class V>
SINTER_INLINE V times(V a, V b) {
  V product = a * b;
#if defined(__x86_64__)
  asm("" : "+v"(product));
#else
  asm("" : "+w"(product));
#endif
  return product;
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
