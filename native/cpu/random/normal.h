// Normal numbers from words by Box and Muller's transform ("A note on the generation of random normal deviates", 1958). Place in the
// whole: what normal and logNormal share; engine/philox.h defines which words make a number.
#pragma once
#include "cpu/random/generate.h"

namespace sinter::cpu::SINTER_ISA {

// ---- f64

// z[2k], z[2k + 1] from words 2k, 2k + 1; pairs a multiple of the lanes.
static inline void box_muller(const uint32_t* words, int64_t pairs, double mean, double deviation, double* z) {
  constexpr int lanes = kLanes<double>;
  for (int64_t k = 0; k < pairs; k += lanes) {
    Vul pair;
    std::memcpy(&pair, words + 2 * k, sizeof pair);
    Vul u_bits = (pair & 0xffffffffull) | 0x4330000000000000ull, v_bits = (pair >> 32) | 0x4330000000000000ull;
    Vd u = ((Vd)u_bits - 0x1p52 + 1.) * 0x1p-32, v = ((Vd)v_bits - 0x1p52) * 0x1p-32;
    Vd radius = vsqrt(-2. * vlog(u)), sine, cosine;
    sincos_turns(v, sine, cosine);
    Vd z0 = mean + deviation * (radius * cosine), z1 = mean + deviation * (radius * sine);
    Vd out[2] = {interleave<0, Vd, Vl>(z0, z1), interleave<1, Vd, Vl>(z0, z1)};
    std::memcpy(z + 2 * k, out, sizeof out);
  }
}

// ---- f32. Arithmetic of single precision, each operation rounded by itself, so that all instruction sets make the same bits.

template <int N>
SINTER_INLINE Vf horner(Vf x, const float (&c)[N]) {
  Vf y = Vf{} + c[N - 1];
#pragma GCC unroll 8
  for (int i = N - 2; i >= 0; i--) y = times(y, x) + c[i];
  return y;
}

// -2 ln((w + 1) 2^-32), relative error about 2^-22. With u = m 2^e, m from sqrt(1/2) to sqrt(2), and f = m - 1:
// ln u = e ln 2 + f - f^2 / 2 + f^3 p(f). Near u = 1 f comes from 1 - u = ~w 2^-32, which conversion does not cancel.
SINTER_INLINE Vf minus_twice_log(Vu w) {
  constexpr float p[] = {0.333333164f, -0.250008106f, 0.200022861f, -0.166245535f,
                         0.141811967f, -0.131287634f, 0.128816202f, -0.0785955191f};
  const Vf high = __builtin_convertvector((Vi)(w >> 16), Vf), low = __builtin_convertvector((Vi)(w & 0xffff), Vf);
  const Vu bits = (Vu)(high * 65536.f + (low + 1.f));  // the product is exact: fused or not, one rounding
  const Vi exponent = (Vi)(bits - 0x3f3504f3u) >> 23;
  const Vf near = __builtin_convertvector((Vi)~w, Vf) * -0x1p-32f;
  const Vf f = exponent == 32 ? near : (Vf)(bits - ((Vu)exponent << 23)) - 1.f;
  const Vf square = times(f, f), whole = times(__builtin_convertvector(exponent - 32, Vf), Vf{} + 0.693147181f);
  return ((whole + f) - square * 0.5f + times(times(square, f), horner(f, p))) * -2.f;
}

// sin and cos of 2 pi w 2^-32: quarters of a turn, and an eighth to each side.
SINTER_INLINE void sincos_turns(Vu w, Vf& sine, Vf& cosine) {
  constexpr float s[] = {6.28318548f, -41.3416634f, 81.5925522f, -75.4020691f};
  constexpr float c[] = {-19.7392082f, 64.9393234f, -85.4437408f, 59.2459602f};
  const Vu quarter = (w + 0x20000000u) >> 30;
  const Vf r = __builtin_convertvector((Vi)(w << 2) >> 2, Vf) * 0x1p-32f, q = times(r, r);
  const Vf a = times(r, horner(q, s)), b = times(q, horner(q, c)) + 1.f;
  const Vi odd = (quarter & 1) != 0;
  sine = (Vf)((Vu)(odd ? b : a) ^ (quarter & 2) << 30);
  cosine = (Vf)((Vu)(odd ? a : b) ^ ((quarter + 1) & 2) << 30);
}

// Pairs side by side as two vectors, and back, within 16 bytes: the same elements stand in the same lanes of both.
template <class V, int... I>
SINTER_INLINE void apart(V& x, V& y, std::integer_sequence<int, I...>) {
  constexpr int n = sizeof...(I);
  const V even = __builtin_shufflevector(x, y, (I / 4 * 4 + I % 2 * 2 + (I % 4 < 2 ? 0 : n))...);
  y = __builtin_shufflevector(x, y, (I / 4 * 4 + I % 2 * 2 + 1 + (I % 4 < 2 ? 0 : n))...);
  x = even;
}
template <class V, int... I>
SINTER_INLINE void side_by_side(V& x, V& y, std::integer_sequence<int, I...>) {
  constexpr int n = sizeof...(I);
  const V first = __builtin_shufflevector(x, y, (I / 4 * 4 + I % 4 / 2 + (I % 2 ? n : 0))...);
  y = __builtin_shufflevector(x, y, (I / 4 * 4 + I % 4 / 2 + 2 + (I % 2 ? n : 0))...);
  x = first;
}

static inline void box_muller(const uint32_t* words, int64_t pairs, float mean, float deviation, float* z) {
  constexpr int lanes = kLanes<float>;
  constexpr auto all = std::make_integer_sequence<int, lanes>();
  for (int64_t k = 0; k < pairs; k += lanes) {
    Vu u, v;
    std::memcpy(&u, words + 2 * k, sizeof u);
    std::memcpy(&v, words + 2 * k + lanes, sizeof v);
    apart(u, v, all);
    const Vf radius = vsqrt(minus_twice_log(u));
    Vf sine, cosine;
    sincos_turns(v, sine, cosine);
    Vf z0 = times(times(radius, cosine), Vf{} + deviation) + mean,
       z1 = times(times(radius, sine), Vf{} + deviation) + mean;
    side_by_side(z0, z1, all);
    store(z + 2 * k, z0);
    store(z + 2 * k + lanes, z1);
  }
}

// n normals from n words; both arrays have room for whole vectors.
template <class T>
void normals(uint32_t* words, int64_t n, T mean, T deviation, T* z) {
  constexpr int64_t lanes = kLanes<T>;
  clear_beyond(words, n);
  const int64_t pairs = ((n + 1) / 2 + lanes - 1) / lanes * lanes;
  box_muller(words, pairs, mean, deviation, z);
}

}  // namespace sinter::cpu::SINTER_ISA
