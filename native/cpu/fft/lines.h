// Lines of tensors into blocks and back. Place in the whole: the memory side of the Fourier family.
#pragma once
#include <algorithm>

#include "cpu/fft/block.h"

namespace sinter::cpu::SINTER_ISA {

// Up to kLanes<T> lines; offsets and stride in T, so that a complex element counts two.
template <class T>
struct Lines {
  T* base;
  int64_t offset[kLanes<T>];
  int64_t stride;
  int count;          // lanes in use
  bool side_by_side;  // lane l + 1 lies right behind lane l
};

template <class T, int H, int... I>
SINTER_INLINE void exchange_pairs(Vec<T>& a, Vec<T>& b, std::integer_sequence<int, I...>) {
  constexpr int lanes = kLanes<T>;
  const Vec<T> low = __builtin_shufflevector(a, b, (I / 2 & H ? lanes + I - 2 * H : I)...);
  b = __builtin_shufflevector(a, b, (I / 2 & H ? lanes + I : I + 2 * H)...);
  a = low;
}
// A square of kLanes / 2 rows of as many pairs.
template <class T, int H = kLanes<T> / 4>
SINTER_INLINE void transpose_pairs(Vec<T>* rows) {
  if constexpr (H > 0) {
#pragma GCC unroll 8
    for (int i = 0; i < kLanes<T> / 2; i++)
      if (!(i & H)) exchange_pairs<T, H>(rows[i], rows[i + H], LaneList<T>());
    transpose_pairs<T, H / 2>(rows);
  }
}

template <class T>
SINTER_INLINE void zero_rows(T* plane, int64_t from, int64_t to) {
  if (to > from) std::memset(plane + from * kLanes<T>, 0, static_cast<size_t>(to - from) * kVecBytes);
}

// The first n lanes, up to all of them.
template <class T>
SINTER_INLINE Vec<T> some(const T* from, int n) {
  return n == kLanes<T> ? load(from) : n > 0 ? load_n(from, n) : Vec<T>{};
}
template <class T>
SINTER_INLINE void store_some(T* to, Vec<T> v, int n) {
  if (n == kLanes<T>)
    store(to, v);
  else if (n > 0)
    store_n(to, v, n);
}

// Rows 0 .. count-1 from complex lines; rows up to n become zero.
template <class T>
SINTER_INLINE void load_complex(const Lines<const T>& x, int64_t count, int64_t n, T* re, T* im) {
  constexpr int lanes = kLanes<T>, width = lanes / 2;
  int64_t j = 0;
  if (x.side_by_side) {
    const T* from = x.base + x.offset[0];
    const int used = 2 * x.count, in_low = std::min(used, lanes), in_high = used - in_low;
    for (; j < count; j++, from += x.stride) {
      const Vec<T> low = some<T>(from, in_low), high = some<T>(from + lanes, in_high);
      store(re + j * lanes, part_of<T, 0>(low, high));
      store(im + j * lanes, part_of<T, 1>(low, high));
    }
  } else if (x.count == lanes && x.stride == 2) {
    for (; j + width <= count; j += width) {
      Vec<T> low[width], high[width];
#pragma GCC unroll 8
      for (int i = 0; i < width; i++) {
        low[i] = load(x.base + x.offset[i] + 2 * j);
        high[i] = load(x.base + x.offset[width + i] + 2 * j);
      }
      transpose_pairs<T>(low);
      transpose_pairs<T>(high);
#pragma GCC unroll 8
      for (int i = 0; i < width; i++) {
        store(re + (j + i) * lanes, part_of<T, 0>(low[i], high[i]));
        store(im + (j + i) * lanes, part_of<T, 1>(low[i], high[i]));
      }
    }
  }
  for (; j < count; j++)
    for (int l = 0; l < lanes; l++) {
      const T* from = x.base + x.offset[l < x.count ? l : 0] + j * x.stride;
      re[j * lanes + l] = from[0];
      im[j * lanes + l] = from[1];
    }
  zero_rows(re, count, n);
  zero_rows(im, count, n);
}

// Complex lines of `total` elements: scale times rows 0 .. count-1, then zeros.
template <class T>
SINTER_INLINE void store_complex(const Lines<T>& y, int64_t count, int64_t total, const T* re, const T* im, T scale_re,
                                 T scale_im) {
  constexpr int lanes = kLanes<T>, width = lanes / 2;
  int64_t j = 0;
  if (y.side_by_side) {
    T* to = y.base + y.offset[0];
    const int used = 2 * y.count, in_low = std::min(used, lanes), in_high = used - in_low;
    for (; j < count; j++, to += y.stride) {
      const Vec<T> a = load(re + j * lanes) * scale_re, b = load(im + j * lanes) * scale_im;
      store_some<T>(to, woven<T, 0>(a, b), in_low);
      store_some<T>(to + lanes, woven<T, 1>(a, b), in_high);
    }
  } else if (y.count == lanes && y.stride == 2) {
    for (; j + width <= count; j += width) {
      Vec<T> low[width], high[width];
#pragma GCC unroll 8
      for (int i = 0; i < width; i++) {
        const Vec<T> a = load(re + (j + i) * lanes) * scale_re, b = load(im + (j + i) * lanes) * scale_im;
        low[i] = woven<T, 0>(a, b);
        high[i] = woven<T, 1>(a, b);
      }
      transpose_pairs<T>(low);
      transpose_pairs<T>(high);
#pragma GCC unroll 8
      for (int i = 0; i < width; i++) {
        store(y.base + y.offset[i] + 2 * j, low[i]);
        store(y.base + y.offset[width + i] + 2 * j, high[i]);
      }
    }
  }
  for (; j < total; j++)
    for (int l = 0; l < y.count; l++) {
      T* to = y.base + y.offset[l] + j * y.stride;
      to[0] = j < count ? re[j * lanes + l] * scale_re : T(0);
      to[1] = j < count ? im[j * lanes + l] * scale_im : T(0);
    }
}

// Row j: element first + step j of real lines that hold `length` elements, zero beyond them.
template <class T>
SINTER_INLINE void load_real(const Lines<const T>& x, int64_t first, int64_t step, int64_t length, int64_t rows,
                             T* plane) {
  constexpr int lanes = kLanes<T>;
  int64_t j = 0;
  for (int64_t at = first; j < rows && at < length; j++, at += step) {
    if (x.count == lanes && x.side_by_side) {
      store(plane + j * lanes, load(x.base + x.offset[0] + at * x.stride));
    } else {
      for (int l = 0; l < lanes; l++) plane[j * lanes + l] = x.base[x.offset[l < x.count ? l : 0] + at * x.stride];
    }
  }
  zero_rows(plane, j, rows);
}

// Element first + step j of real lines of `length` elements: scale times row j.
template <class T>
SINTER_INLINE void store_real(const Lines<T>& y, int64_t first, int64_t step, int64_t length, int64_t rows,
                              const T* plane, T scale) {
  constexpr int lanes = kLanes<T>;
  int64_t j = 0;
  for (int64_t at = first; j < rows && at < length; j++, at += step) {
    if (y.count == lanes && y.side_by_side) {
      store(y.base + y.offset[0] + at * y.stride, Vec<T>(load(plane + j * lanes) * scale));
    } else {
      for (int l = 0; l < y.count; l++) y.base[y.offset[l] + at * y.stride] = plane[j * lanes + l] * scale;
    }
  }
}

}  // namespace sinter::cpu::SINTER_ISA
