// What a row normalization reads: a row of x, or the sum of a row of x and one of a residual, written on the way. Place
// in the whole: layer and RMS normalization.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

// A row's sum on its way past the caches, which the following passes read.
template <class T>
struct RowBuffer {
  static constexpr int64_t kElements = 4096;
  alignas(64) T row[kElements];
};

template <class T>
struct Residual {
  const T* x;
  const T* residual;  // or null
  T* sum;

  Residual(const TensorRef& input, const TensorRef& other, T* result)
      : x(input.as<T>()), residual(other.present() ? other.as<T>() : nullptr), sum(result) {}

  // Row r of n elements. Results too large for the caches go past them; longer rows than the buffer do not, since they
  // are read again.
  SINTER_INLINE const T* row(int64_t r, int64_t n, bool stream, RowBuffer<T>& buffer) const {
    const T* xr = x + r * n;
    if (!residual) return xr;
    const T* other = residual + r * n;
    T* result = sum + r * n;
    const bool past = stream && n <= RowBuffer<T>::kElements;
    write_row(result, n, past, [&](int64_t i, auto part) {
      const Vec<Compute<T>> v = get(part, xr + i) + get(part, other + i);
      if (past) put(part, buffer.row + i, v);
      return v;
    });
    return past ? buffer.row : result;
  }
};

}  // namespace sinter::cpu::SINTER_ISA
