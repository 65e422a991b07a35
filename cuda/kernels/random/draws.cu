// Numbers that streams of random words make. Place in the whole: device code of draws.cpp; native/engine/philox.h defines the streams.
//
// A thread takes one Philox block: 4 elements of one word each, or 2 of two words. uniform, bernoulli, randint, dropout and normal in f32
// are the CPU's bits: every operation is rounded by itself, so nothing here may be contracted. What goes through f64 logarithms and
// exponentials is within their last bits. Bound: the result is written once; ten rounds are about 70 instructions a block, so that 16
// bytes of f32 and 8 of halves wait for memory on every architecture.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/random/draws.h"
#include "cuda/kernels/random/philox.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// f(words, e) is element e of the thread's kElements.
template <class T, int kElements, class F>
SINTER_DEVICE void draw(T* y, int64_t n, const Stream& stream, F f) {
  const int64_t block = static_cast<int64_t>(blockIdx.x) * kDrawThreads + threadIdx.x, i = block * kElements;
  if (i >= n) return;
  const PhiloxWords words = philox(stream, static_cast<uint64_t>(block));
  Pack<T, kElements> pack;
#pragma unroll
  for (int e = 0; e < kElements; e++) pack.at[e] = narrow<T>(f(words, e));
  store_pack_ragged<kElements>(y, i, n, pack);
}

// In (0, 1), both ends excluded.
SINTER_DEVICE double open_unit(uint64_t pair) { return (static_cast<double>(pair >> 12) + 0.5) * 0x1p-52; }

// ---- normal, by Box and Muller's transform: cpu/random/normal.h explains the polynomials

SINTER_DEVICE float times_plus(float a, float b, float c) { return __fadd_rn(__fmul_rn(a, b), c); }
template <int N>
SINTER_DEVICE float horner(float x, const float (&c)[N]) {
  float y = c[N - 1];
#pragma unroll
  for (int i = N - 2; i >= 0; i--) y = times_plus(y, x, c[i]);
  return y;
}

// -2 ln((w + 1) 2^-32)
SINTER_DEVICE float minus_twice_log(uint32_t w) {
  constexpr float p[] = {0.333333164f, -0.250008106f, 0.200022861f, -0.166245535f,
                         0.141811967f, -0.131287634f, 0.128816202f, -0.0785955191f};
  const float high = __int2float_rn(static_cast<int>(w >> 16)), low = __int2float_rn(static_cast<int>(w & 0xffff));
  const uint32_t bits = __float_as_uint(times_plus(high, 65536.f, __fadd_rn(low, 1.f)));
  const int exponent = static_cast<int>(bits - 0x3f3504f3u) >> 23;
  const float near = __fmul_rn(__int2float_rn(static_cast<int>(~w)), -0x1p-32f);
  const float f =
      exponent == 32 ? near : __fadd_rn(__uint_as_float(bits - (static_cast<uint32_t>(exponent) << 23)), -1.f);
  const float square = __fmul_rn(f, f), whole = __fmul_rn(__int2float_rn(exponent - 32), 0.693147181f);
  const float rest = __fmul_rn(__fmul_rn(square, f), horner(f, p));
  return __fmul_rn(__fadd_rn(__fsub_rn(__fadd_rn(whole, f), __fmul_rn(square, 0.5f)), rest), -2.f);
}

// sin and cos of 2 pi w 2^-32
SINTER_DEVICE void sincos_turns(uint32_t w, float& sine, float& cosine) {
  constexpr float s[] = {6.28318548f, -41.3416634f, 81.5925522f, -75.4020691f};
  constexpr float c[] = {-19.7392082f, 64.9393234f, -85.4437408f, 59.2459602f};
  const uint32_t quarter = (w + 0x20000000u) >> 30;
  const float r = __fmul_rn(__int2float_rn(static_cast<int>(w << 2) >> 2), 0x1p-32f), q = __fmul_rn(r, r);
  const float a = __fmul_rn(r, horner(q, s)), b = __fadd_rn(__fmul_rn(q, horner(q, c)), 1.f);
  const bool odd = quarter & 1;
  sine = __uint_as_float(__float_as_uint(odd ? b : a) ^ (quarter & 2) << 30);
  cosine = __uint_as_float(__float_as_uint(odd ? a : b) ^ ((quarter + 1) & 2) << 30);
}

// Numbers 2 k and 2 k + 1 of a block.
SINTER_DEVICE void normal_pair(uint32_t w0, uint32_t w1, float mean, float deviation, float& z0, float& z1) {
  const float radius = __fsqrt_rn(minus_twice_log(w0));
  float sine, cosine;
  sincos_turns(w1, sine, cosine);
  z0 = times_plus(__fmul_rn(radius, cosine), deviation, mean);
  z1 = times_plus(__fmul_rn(radius, sine), deviation, mean);
}
// sin and cos of 2 pi v, v in [0, 1): an octant to each side of the nearest quarter, then Taylor series.
SINTER_DEVICE void sincos_turns(double v, double& sine, double& cosine) {
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
  const double nearest = rint(v * 4);
  const int quarter = static_cast<int>(nearest);
  const double r = (v - nearest * 0.25) * 6.283185307179586477, q = r * r;
  double sr = s[7], cr = c[8];
#pragma unroll
  for (int i = 6; i >= 0; i--) sr = sr * q + s[i];
#pragma unroll
  for (int i = 7; i >= 0; i--) cr = cr * q + c[i];
  sr *= r;
  const bool odd = quarter & 1;
  sine = odd ? cr : sr;
  cosine = odd ? sr : cr;
  sine = quarter & 2 ? -sine : sine;
  cosine = (quarter + 1) & 2 ? -cosine : cosine;
}

SINTER_DEVICE void normal_pair(uint32_t w0, uint32_t w1, double mean, double deviation, double& z0, double& z1) {
  const double radius = sqrt(-2 * log_of((static_cast<double>(w0) + 1) * 0x1p-32));
  double sine, cosine;
  sincos_turns(static_cast<double>(w1) * 0x1p-32, sine, cosine);
  z0 = mean + deviation * (radius * cosine);
  z1 = mean + deviation * (radius * sine);
}

// z of type V, exponentiated for logNormal, rounded to T.
template <class T, class V, bool kExponential>
SINTER_DEVICE void draw_normal(T* y, int64_t n, const Stream& stream, V mean, V deviation) {
  // Two at a time: halves of a block, so that few numbers of f64 are in registers.
  const int64_t pair = static_cast<int64_t>(blockIdx.x) * kDrawThreads + threadIdx.x, i = pair * 2;
  if (i >= n) return;
  const PhiloxWords words = philox(stream, static_cast<uint64_t>(pair / 2));
  const bool second = pair & 1;
  V z0, z1;
  normal_pair(second ? words.w2 : words.w0, second ? words.w3 : words.w1, mean, deviation, z0, z1);
  if constexpr (kExponential) z0 = exp_of(z0), z1 = exp_of(z1);
  Pack<T, 2> pack;
  pack.at[0] = narrow<T>(z0);
  pack.at[1] = narrow<T>(z1);
  store_pack_ragged<2>(y, i, n, pack);
}
// f32 and what it is rounded to: a block a thread.
template <class T>
SINTER_DEVICE void draw_normal_single(T* y, int64_t n, const Stream& stream, float mean, float deviation) {
  const int64_t block = static_cast<int64_t>(blockIdx.x) * kDrawThreads + threadIdx.x, i = block * 4;
  if (i >= n) return;
  const PhiloxWords words = philox(stream, static_cast<uint64_t>(block));
  float z[4];
  normal_pair(words.w0, words.w1, mean, deviation, z[0], z[1]);
  normal_pair(words.w2, words.w3, mean, deviation, z[2], z[3]);
  Pack<T, 4> pack;
#pragma unroll
  for (int e = 0; e < 4; e++) pack.at[e] = narrow<T>(z[e]);
  store_pack_ragged<4>(y, i, n, pack);
}

// ---- one word an element

template <class T>
SINTER_DEVICE void draw_uniform(T* y, int64_t n, const Stream& stream, double low, double high) {
  if constexpr (kSame<T, f64>) {
    const double span = high - low;
    draw<T, 2>(y, n, stream, [=](const PhiloxWords& w, int e) {
      const uint64_t pair = w.first_high(e);
      const uint64_t bits = (pair >> 37 << 26) + (static_cast<uint32_t>(pair) >> 6);
      return __dadd_rn(__dmul_rn(static_cast<double>(bits) * 0x1p-53, span), low);
    });
  } else {
    const float from = static_cast<float>(low), span = __fsub_rn(static_cast<float>(high), from);
    draw<T, 4>(y, n, stream, [=](const PhiloxWords& w, int e) {
      return times_plus(static_cast<float>(w.word(e) >> 8) * 0x1p-24f, span, from);
    });
  }
}

// limit: words below it give 1.
template <class T>
SINTER_DEVICE void draw_bernoulli(T* y, int64_t n, const Stream& stream, uint64_t limit) {
  constexpr int kElements = sizeof(T) == 8 ? 2 : 4;
  if constexpr (kElements == 4) {
    draw<T, 4>(y, n, stream, [=](const PhiloxWords& w, int e) { return static_cast<int>(w.word(e) < limit); });
  } else {
    const int64_t half = static_cast<int64_t>(blockIdx.x) * kDrawThreads + threadIdx.x, i = half * 2;
    if (i >= n) return;
    const PhiloxWords words = philox(stream, static_cast<uint64_t>(half / 2));
    Pack<T, 2> pack;
    pack.at[0] = narrow<T>(static_cast<int>((half & 1 ? words.w2 : words.w0) < limit));
    pack.at[1] = narrow<T>(static_cast<int>((half & 1 ? words.w3 : words.w1) < limit));
    store_pack_ragged<2>(y, i, n, pack);
  }
}

template <class T>
SINTER_DEVICE void drop(const T* x, T* y, int64_t n, const Stream& stream, uint64_t limit, Compute<T> kept) {
  const int64_t block = static_cast<int64_t>(blockIdx.x) * kDrawThreads + threadIdx.x;
  constexpr int kHalf = sizeof(T) == 8 ? 2 : 4;  // elements an access
#pragma unroll
  for (int64_t i = block * 4; i < block * 4 + 4; i += kHalf) {
    if (i >= n) return;
    const PhiloxWords words = philox(stream, static_cast<uint64_t>(block));
    Pack<T, kHalf> pack = load_pack_ragged<kHalf>(x, i, n, T{});
#pragma unroll
    for (int e = 0; e < kHalf; e++) {
      const bool keep = words.word(static_cast<int>(i & 3) + e) >= limit;
      pack.at[e] = narrow<T>(keep ? widen(pack.at[e]) / kept : Compute<T>(0));
    }
    store_pack_ragged<kHalf>(y, i, n, pack);
  }
}

// ---- two words an element

template <class T>
SINTER_DEVICE void draw_integers(T* y, int64_t n, const Stream& stream, int64_t low, uint64_t span) {
  draw<T, 2>(y, n, stream, [=](const PhiloxWords& w, int e) {
    return static_cast<int64_t>(static_cast<uint64_t>(low) + w.first_high(e) % span);
  });
}

// u in (0, 1): ln(u) scale; with `whole` rounded up, at least 1.
template <class T>
SINTER_DEVICE void draw_logarithms(T* y, int64_t n, const Stream& stream, double scale, bool whole) {
  draw<T, 2>(y, n, stream, [=](const PhiloxWords& w, int e) {
    const double v = log_of(open_unit(w.first_low(e))) * scale;
    return whole ? ceil(v < 1 ? 1 : v) : v;
  });
}

template <class T>
SINTER_DEVICE void draw_cauchy(T* y, int64_t n, const Stream& stream, double median, double scale) {
  draw<T, 2>(y, n, stream, [=](const PhiloxWords& w, int e) {
    double sine, cosine;
    sincos_turns(open_unit(w.first_low(e)) * 0.5, sine, cosine);
    return median - scale * (cosine / sine);
  });
}

#define SINTER_DRAW(name, T, parameters, ...)                                             \
  extern "C" __global__ void __launch_bounds__(kDrawThreads)                              \
      name##_##T(T* __restrict__ y, int64_t n, Stream stream, SINTER_UNPACK parameters) { \
    __VA_ARGS__;                                                                          \
  }
#define SINTER_UNPACK(...) __VA_ARGS__
#define SINTER_DRAW_FLOATING(T)                                                                                        \
  SINTER_DRAW(uniform, T, (double low, double high), draw_uniform(y, n, stream, low, high))                            \
  SINTER_DRAW(log_normal, T, (double mean, double deviation),                                                          \
              draw_normal<T, double, true>(y, n, stream, mean, deviation))                                             \
  SINTER_DRAW(logarithm, T, (double scale), draw_logarithms(y, n, stream, scale, false))                               \
  SINTER_DRAW(cauchy, T, (double median, double scale), draw_cauchy(y, n, stream, median, scale))                      \
  extern "C" __global__ void __launch_bounds__(kDrawThreads)                                                           \
      dropout_##T(const T* __restrict__ x, T* __restrict__ y, int64_t n, Stream stream, uint64_t limit, double kept) { \
    drop(x, y, n, stream, limit, static_cast<Compute<T>>(kept));                                                       \
  }
#define SINTER_DRAW_REAL(T)                                                                      \
  SINTER_DRAW(bernoulli, T, (uint64_t limit), draw_bernoulli(y, n, stream, limit))               \
  SINTER_DRAW(integers, T, (int64_t low, uint64_t span), draw_integers(y, n, stream, low, span)) \
  SINTER_DRAW(geometric, T, (double scale), draw_logarithms(y, n, stream, scale, true))

SINTER_DRAW_FLOATING(f32)
SINTER_DRAW_FLOATING(f64)
SINTER_DRAW_FLOATING(bf16)
SINTER_DRAW_FLOATING(f16)
SINTER_DRAW(normal, f32, (double mean, double deviation),
            draw_normal_single(y, n, stream, static_cast<float>(mean), static_cast<float>(deviation)))
SINTER_DRAW(normal, bf16, (double mean, double deviation),
            draw_normal_single(y, n, stream, static_cast<float>(mean), static_cast<float>(deviation)))
SINTER_DRAW(normal, f16, (double mean, double deviation),
            draw_normal_single(y, n, stream, static_cast<float>(mean), static_cast<float>(deviation)))
SINTER_DRAW(normal, f64, (double mean, double deviation),
            draw_normal<f64, double, false>(y, n, stream, mean, deviation))

SINTER_DRAW_REAL(f32)
SINTER_DRAW_REAL(f64)
SINTER_DRAW_REAL(bf16)
SINTER_DRAW_REAL(f16)
SINTER_DRAW_REAL(i32)
SINTER_DRAW_REAL(i64)
SINTER_DRAW_REAL(u8)
SINTER_DRAW_REAL(i8)
SINTER_DRAW_REAL(boolean)

}  // namespace sinter::cuda
