#include "cpu/gemm/epilogue.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cpu/random/words.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kRun = 512;  // elements of a row at a time

template <class T, class F>
SINTER_INLINE void each_vector(T* x, int64_t n, F f) {
  constexpr int lanes = kLanes<T>;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) store(x + i, f(load(x + i), i, lanes));
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    store_n(x + i, f(load_n(x + i, rest), i, rest), rest);
  }
}

template <class T>
SINTER_INLINE Vec<T> some(const T* p, int n) {
  return n == kLanes<T> ? load(p) : load_n(p, n);
}

template <class T>
void activate(Activation activation, T* x, int64_t n) {
  if (activation == Activation::none) return;
  with_activation(activation, [&](auto is) {
    each_vector(x, n, [](Vec<T> v, int64_t, int) { return activated<decltype(is)::value>(v); });
  });
}
template <class S>
void activate_with_slope(Activation activation, Compute<S>* x, int64_t n, S* slopes) {
  using T = Compute<S>;
  with_activation(activation, [&](auto is) {
    each_vector(x, n, [slopes](Vec<T> v, int64_t k, int lanes) {
      Vec<T> slope;
      v = activated<decltype(is)::value>(v, slope);
      if constexpr (sizeof(S) == sizeof(T)) {
        store_n(slopes + k, slope, lanes);
      } else {
        S rounded[kLanes<T>];
        store_f32(rounded, slope);
        std::memcpy(slopes + k, rounded, sizeof(S) * static_cast<size_t>(lanes));
      }
      return v;
    });
  });
}

// Elements first .. first + n of the result, n <= kRun.
template <class S>
void drop(const Epilogue<S>& e, int64_t first, int64_t n, Compute<S>* x) {
  using T = Compute<S>;
  uint32_t words[kRun + 8];
  const int64_t block = first / 4;
  philox_words(Stream(e.seed_low, e.seed_high, e.offset), block, (first + n + 3) / 4 - block, words);
  const uint32_t* mine = words + first % 4;
  const uint64_t threshold = static_cast<uint64_t>(std::ceil(e.dropout * 0x1p32));
  const T kept = static_cast<T>(1 - e.dropout);
  for (int64_t i = 0; i < n; i++) x[i] = mine[i] >= threshold ? x[i] / kept : T(0);
}

}  // namespace

template <class S>
void finish_block(const Epilogue<S>& e, int64_t row, int64_t j0, int64_t m, int64_t n, int64_t columns,
                  Compute<S>* tile, int64_t ld) {
  using T = Compute<S>;
  for (int64_t i = 0; i < m; i++) {
    const int64_t at = (row + i) * columns + j0;  // in the result
    for (int64_t j = 0; j < n; j += kRun) {
      const int64_t count = std::min(kRun, n - j);
      T* x = tile + i * ld + j;
      if (e.scale != T(1) || e.bias) {
        const T* bias = e.bias ? e.bias + j0 + j : nullptr;
        const Vec<T> scale = splat(e.scale);
        each_vector(x, count, [&](Vec<T> v, int64_t k, int lanes) {
          return bias ? v * scale + some(bias + k, lanes) : v * scale;
        });
      }
      if (e.slope)
        activate_with_slope(e.activation, x, count, e.slope + at + j);
      else
        activate(e.activation, x, count);
      if (e.dropout > 0) drop(e, at + j, count, x);
      if (e.residual) {
        const S* residual = e.residual + at + j;
        each_vector(x, count, [&](Vec<T> v, int64_t k, int lanes) {
          return v + (lanes == kLanes<T> ? load_wide(residual + k) : load_wide_n(residual + k, lanes));
        });
      }
    }
  }
}

#define SINTER_INSTANTIATE(S) \
  template void finish_block(const Epilogue<S>&, int64_t, int64_t, int64_t, int64_t, int64_t, Compute<S>*, int64_t);
SINTER_INSTANTIATE(float)
SINTER_INSTANTIATE(double)
SINTER_INSTANTIATE(bf16)
SINTER_INSTANTIATE(f16)
#undef SINTER_INSTANTIATE

}  // namespace sinter::cpu::SINTER_ISA
