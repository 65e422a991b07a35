// uniform, normal, bernoulli, randint, randperm, dropout. Place in the whole: entry points; the streams are those that
// engine/philox.h defines, bit for bit, so they depend on nothing but seed and offset.
//
// Results contiguous. uniform, normal: f32, f64, bf16, f16; bernoulli, randint, randperm: any real dtype; dropout:
// floating.
#include <algorithm>

#include "cpu/copy/runs.h"
#include "cpu/random/words.h"
#include "cpu/simd/math.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kBlock = 512;    // elements made at once; a multiple of 4
constexpr int64_t kGrain = 16384;  // a multiple of kBlock

void require_floating(DType d, const char* name) {
  if (!is_floating(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", name, dtype_name(d));
}

// Calls make(words, begin, count, values) for blocks of the result, which writes `count` values of dtype `made`, and
// casts them to y. An element takes `per` words (1 or 2).
template <class T, class F>
void generate(const Call& c, const TensorRef& y, DType made, int64_t per, F make) {
  const Stream stream(c);
  const int64_t size = static_cast<int64_t>(dtype_size(y.dtype));
  parallel_for(y.numel, kGrain, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t words[2 * kBlock];
    alignas(64) T values[kBlock];
    for (int64_t i = begin; i < end; i += kBlock) {
      int64_t count = std::min(kBlock, end - i);
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
void box_muller(const uint32_t* words, int64_t pairs, double mean, double deviation, double* z) {
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

SINTER_INLINE uint64_t wide(const uint32_t* words, int64_t k) {
  return uint64_t{words[2 * k]} << 32 | words[2 * k + 1];
}

}  // namespace

void uniform(const Call& c) {
  const TensorRef& y = c.out[0];
  require_floating(y.dtype, "uniform");
  const double low = c.attr[3], high = c.attr[4];
  if (y.dtype == DType::f64) {
    return generate<double>(c, y, DType::f64, 2, [=](const uint32_t* words, int64_t, int64_t n, double* u) {
      for (int64_t i = 0; i < n; i++)
        u[i] = static_cast<double>((uint64_t{words[2 * i] >> 5} << 26) + (words[2 * i + 1] >> 6)) * 0x1p-53;
      rescale(u, n, low, high);
    });
  }
  generate<float>(c, y, DType::f32, 1, [=](const uint32_t* words, int64_t, int64_t n, float* u) {
    for (int64_t i = 0; i < n; i++) u[i] = static_cast<float>(static_cast<int32_t>(words[i] >> 8)) * 0x1p-24f;
    rescale(u, n, static_cast<float>(low), static_cast<float>(high));
  });
}

void normal(const Call& c) {
  const TensorRef& y = c.out[0];
  require_floating(y.dtype, "normal");
  const double mean = c.attr[3], deviation = c.attr[4];
  generate<double>(c, y, DType::f64, 1, [=](uint32_t* words, int64_t, int64_t n, double* z) {
    constexpr int64_t lanes = kLanes<double>;
    int64_t pairs = ((n + 1) / 2 + lanes - 1) / lanes * lanes;
    for (int64_t i = (n + 3) / 4 * 4; i < 2 * pairs; i++) words[i] = 0;  // no value is taken from these
    box_muller(words, pairs, mean, deviation, z);
  });
}

void bernoulli(const Call& c) {
  const double threshold = c.attr[3] * 0x1p32;
  generate<uint8_t>(c, c.out[0], DType::boolean, 1, [=](const uint32_t* words, int64_t, int64_t n, uint8_t* y) {
    for (int64_t i = 0; i < n; i++) y[i] = static_cast<double>(words[i]) < threshold;
  });
}

void randint(const Call& c) {
  const int64_t low = c.int_attr(3);
  const uint64_t span = static_cast<uint64_t>(c.int_attr(4)) - static_cast<uint64_t>(low);
  if (c.out[0].numel > 0 && span == 0) fail(ErrorCode::internal, "randint: the range is empty");
  generate<int64_t>(c, c.out[0], DType::i64, 2, [=](const uint32_t* words, int64_t, int64_t n, int64_t* y) {
    for (int64_t i = 0; i < n; i++) y[i] = static_cast<int64_t>(static_cast<uint64_t>(low) + wide(words, i) % span);
  });
}

void randperm(const Call& c) {
  const TensorRef& y = c.out[0];
  const int64_t n = y.numel;
  const Stream stream(c);
  int64_t* order = y.dtype == DType::i64 ? y.as<int64_t>() : c.scratch_of<int64_t>(n);
  for (int64_t i = 0; i < n; i++) order[i] = i;
  alignas(64) uint32_t words[2 * kBlock];
  for (int64_t k = 0; k < n - 1; k++) {
    int64_t in_block = k % kBlock;
    if (in_block == 0) philox_words(stream, k / 2, (std::min(kBlock, n - 1 - k) + 1) / 2, words);
    int64_t i = n - 1 - k, j = static_cast<int64_t>(wide(words, in_block) % static_cast<uint64_t>(i + 1));
    int64_t t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
  if (y.dtype != DType::i64) convert_run(DType::i64, order, y.dtype, y.data, n);
}

void dropout(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  require_floating(x.dtype, "dropout");
  // word >= p 2^32 is word >= ceil(p 2^32), a comparison of integers; p = 1 keeps nothing.
  const uint64_t threshold = static_cast<uint64_t>(std::ceil(c.attr[3] * 0x1p32));
  const double kept = 1 - c.attr[3];
  auto apply = [&](auto zero, DType compute) {
    using T = decltype(zero);
    generate<T>(c, y, compute, 1, [&](const uint32_t* words, int64_t begin, int64_t n, T* values) {
      convert_run(x.dtype, x.as<char>() + begin * static_cast<int64_t>(dtype_size(x.dtype)), compute, values, n);
      const T divisor = static_cast<T>(kept);
      if (threshold > UINT32_MAX) {
        for (int64_t i = 0; i < n; i++) values[i] = 0;
        return;
      }
      const uint32_t limit = static_cast<uint32_t>(threshold);
      for (int64_t i = 0; i < n; i++) {
        T scaled = values[i] / divisor;
        values[i] = words[i] >= limit ? scaled : T(0);
      }
    });
  };
  x.dtype == DType::f64 ? apply(0.0, DType::f64) : apply(0.0f, DType::f32);
}

}  // namespace sinter::cpu::SINTER_ISA
