// What follows a convolution's sums. Place in the whole: every way of conv applies it while a run of results is in cache:
//
//   y = activation(sum + bias + residual)
//
// in the computing dtype, rounded once. The bias is the way's own.
#pragma once
#include "cpu/conv/problem.h"
#include "cpu/simd/activation.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

// x[0, n) are sums with their bias, to be stored at `place` in the target (x itself, where the dtypes are the same).
template <class S>
static void finish_run(const Target& t, Compute<S>* x, const S* place, int64_t n) {
  using T = Compute<S>;
  constexpr int kL = kLanes<T>;
  const S* residual =
      t.residual ? static_cast<const S*>(t.residual) + (place - static_cast<const S*>(t.data)) : nullptr;
  const auto residual_at = [=](int64_t i, int count) __attribute__((always_inline)) {
    if constexpr (std::is_same_v<S, T>) {
      return count == kL ? load(residual + i) : load_n(residual + i, count);
    } else {
      if (count == kL) return load_f32(residual + i);
      S lanes[kL] = {};
      for (int j = 0; j < count; j++) lanes[j] = residual[i + j];
      return load_f32(lanes);
    }
  };
  with_activation(t.activation, [&](auto is) {
    const auto finish = [&](Vec<T> v, int64_t i, int count) __attribute__((always_inline)) {
      if (residual) v += residual_at(i, count);
      return activated<decltype(is)::value>(v);
    };
    int64_t i = 0;
    for (; i + kL <= n; i += kL) store(x + i, finish(load(x + i), i, kL));
    if (i < n) {
      const int rest = static_cast<int>(n - i);
      store_n(x + i, finish(load_n(x + i, rest), i, rest), rest);
    }
  });
}

}  // namespace sinter::cpu::SINTER_ISA
