// Stochastic rounding of parameters to bf16 and f16 (Gupta et al., "Deep learning with limited numerical precision", 2015): to one of the
// two numbers beside a value, the nearer one as much more often as it is nearer, so that the mean is the value and an update far
// below the spacing of 16 bits is not lost. Place in the whole: optimizer steps write parameters through each_rounded. Their commands'
// attributes end with {seedLo, seedHi, offset}: offset -1 stands for the nearest number, else element i of the command takes word i % 4
// of Philox's block offset + i / 4 (engine/philox.h), whatever the threads and vectors.
#pragma once
#include "cpu/norm/row.h"
#include "cpu/random/words.h"

namespace sinter::cpu::SINTER_ISA {

struct Nearest {};

constexpr int kRoundingAttributes = 3;

// Whether a command asks for stochastic rounding.
SINTER_INLINE bool is_stochastic(const Call& c) { return c.attr[c.nattr - 1] >= 0; }
SINTER_INLINE Stream rounding_stream(const Call& c) {
  const double* a = c.attr + c.nattr - kRoundingAttributes;
  return Stream(static_cast<uint32_t>(a[0]), static_cast<uint32_t>(a[1]), static_cast<uint64_t>(a[2]));
}

// A number of T beside v, chosen by 32 random bits; infinities and NaNs stay.
template <class T>
SINTER_INLINE Vf beside(Vf v, Vu random) {
  static_assert(sizeof(T) == 2);
  const Vu u = (Vu)v;
  if constexpr (kDTypeOf<T> == DType::bf16) {
    const Vf chosen = (Vf)((u + (random >> 16)) & 0xffff0000u);
    return v - v == Vf{} ? chosen : v;
  } else {
    const Vf normal = (Vf)((u + (random >> 19)) & 0xffffe000u);
    // Below 2^-14 the spacing is 2^-24; 20 bits of the fraction decide.
    const Vf magnitude = (Vf)(u & 0x7fffffffu);
    const Vf scaled = (magnitude < 0x1p-14f ? magnitude : Vf{}) * 0x1p44f;
    const Vi steps = (__builtin_convertvector(scaled, Vi) + (Vi)(random >> 12)) >> 20;
    const Vf small = (Vf)((Vu)(__builtin_convertvector(steps, Vf) * 0x1p-24f) | (u & 0x80000000u));
    return v - v == Vf{} ? (magnitude < 0x1p-14f ? small : normal) : v;
  }
}

// f(i, part, round) over n elements of a command, the first of which is `element`; round(v) is what put then stores.
template <class T, class F>
SINTER_INLINE void each_rounded(Nearest, int64_t, int64_t n, F f) {
  each_step<T>(n, [&](int64_t i, auto part) { f(i, part, [](auto v) { return v; }); });
}
template <class T, class F>
SINTER_INLINE void each_rounded(const Stream& stream, int64_t element, int64_t n, F f) {
  constexpr int64_t run = 512;
  alignas(64) uint32_t words[run + 4 + kLanes<float>];
  for (int64_t at = 0; at < n; at += run) {
    const int64_t count = std::min(run, n - at), first = element + at, skip = first % 4;
    philox_words(stream, first / 4, (skip + count + 3) / 4, words);
    each_step<T>(count, [&](int64_t i, auto part) {
      Vu random;
      std::memcpy(&random, words + skip + i, sizeof random);
      f(at + i, part, [&](Vf v) { return beside<T>(v, random); });
    });
  }
}

// f(rounding): Nearest, or the command's stream where parameters are stored in 16 bits.
template <class T, class F>
SINTER_INLINE void with_rounding(const Call& c, F f) {
  if constexpr (sizeof(T) == 2) {
    if (is_stochastic(c)) return f(rounding_stream(c));
  }
  f(Nearest{});
}

}  // namespace sinter::cpu::SINTER_ISA
