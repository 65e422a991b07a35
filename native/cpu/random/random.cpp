// uniform, normal, bernoulli, randint, randperm, dropout. Place in the whole: entry points; the streams are those that
// engine/philox.h defines, bit for bit, so they depend on nothing but seed and offset.
//
// Results contiguous. uniform, normal: f32, f64, bf16, f16; bernoulli, randint, randperm: any real dtype; dropout:
// floating.
#include "cpu/random/normal.h"

namespace sinter::cpu::SINTER_ISA {

// low + u (high - low), u the numbers that unit(place) makes, a vector at a time; each operation rounded.
template <class T, class U>
SINTER_INLINE void between(T low, T high, int64_t n, T* y, U unit) {
  const Vec<T> span = splat(static_cast<T>(high - low));
  for (int64_t i = 0; i < n; i += kLanes<T>) store(y + i, times(unit(i), span) + low);
}

void uniform(const Call& c) {
  const TensorRef& y = drawn(c);
  require_floating(y.dtype, "uniform");
  const double low = c.attr[3], high = c.attr[4];
  if (y.dtype == DType::f64)
    return generate<double>(c, y, DType::f64, 2, [=](uint32_t* words, int64_t, int64_t n, double* u) {
      clear_beyond(words, 2 * n);
      between(low, high, n, u, [&](int64_t i) {
        Vul pair;
        std::memcpy(&pair, words + 2 * i, sizeof pair);
        const Vl bits = (Vl)(((pair & 0xffffffff) >> 5 << 26) + (pair >> 38));
        return __builtin_convertvector(bits, Vd) * 0x1p-53;
      });
    });
  generate<float>(c, y, DType::f32, 1, [=](uint32_t* words, int64_t, int64_t n, float* u) {
    clear_beyond(words, n);
    between(static_cast<float>(low), static_cast<float>(high), n, u, [&](int64_t i) {
      Vu word;
      std::memcpy(&word, words + i, sizeof word);
      return __builtin_convertvector((Vi)(word >> 8), Vf) * 0x1p-24f;
    });
  });
}

void normal(const Call& c) {
  const TensorRef& y = drawn(c);
  require_floating(y.dtype, "normal");
  const double mean = c.attr[3], deviation = c.attr[4];
  const auto fill = [&](auto zero, DType made) {
    using T = decltype(zero);
    generate<T>(c, y, made, 1, [=](uint32_t* words, int64_t, int64_t n, T* z) {
      normals(words, n, static_cast<T>(mean), static_cast<T>(deviation), z);
    });
  };
  y.dtype == DType::f64 ? fill(0.0, DType::f64) : fill(0.0f, DType::f32);
}

void bernoulli(const Call& c) {
  const double threshold = c.attr[3] * 0x1p32;
  generate<uint8_t>(c, drawn(c), DType::boolean, 1, [=](const uint32_t* words, int64_t, int64_t n, uint8_t* y) {
    for (int64_t i = 0; i < n; i++) y[i] = static_cast<double>(words[i]) < threshold;
  });
}

void randint(const Call& c) {
  const int64_t low = c.int_attr(3);
  const uint64_t span = static_cast<uint64_t>(c.int_attr(4)) - static_cast<uint64_t>(low);
  if (drawn(c).numel > 0 && span == 0) fail(ErrorCode::internal, "randint: the range is empty");
  generate<int64_t>(c, drawn(c), DType::i64, 2, [=](const uint32_t* words, int64_t, int64_t n, int64_t* y) {
    for (int64_t i = 0; i < n; i++) y[i] = static_cast<int64_t>(static_cast<uint64_t>(low) + wide(words, i) % span);
  });
}

void randperm(const Call& c) {
  const TensorRef& y = c.out[0];
  const int64_t n = y.numel;
  const Stream stream(c);
  int64_t* order = y.dtype == DType::i64 ? y.as<int64_t>() : c.scratch_of<int64_t>(n);
  for (int64_t i = 0; i < n; i++) order[i] = i;
  alignas(64) uint32_t words[2 * kRandomBlock];
  for (int64_t k = 0; k < n - 1; k++) {
    int64_t in_block = k % kRandomBlock;
    if (in_block == 0) philox_words(stream, k / 2, (std::min(kRandomBlock, n - 1 - k) + 1) / 2, words);
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
