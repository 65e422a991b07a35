// Strips of the dense operand, and results from strips. Place in the whole: above tile.h; product.cpp and sampled.cpp.
//
// A dense operand (depth, n), or stored (n, depth), is read as strips of `width` columns: (depth, width), in the compute
// type, side by side in memory; what lies beyond its edges reads as zero.
#pragma once
#include "cpu/copy/transpose.h"
#include "cpu/norm/row.h"
#include "cpu/simd/activation.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kPackRows = 128;
constexpr int64_t kMaxStrip = 64;

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 2, uint16_t, std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

template <class T>
SINTER_INLINE const BitsOf<T>* bits_of(const T* p) {
  return reinterpret_cast<const BitsOf<T>*>(p);
}
template <class T>
SINTER_INLINE BitsOf<T>* bits_of(T* p) {
  return reinterpret_cast<BitsOf<T>*>(p);
}

struct Dense {
  const void* data;
  int64_t depth, n;
  bool columns_first;  // stored (n, depth)
};

// Rows k0 .. k1 (at most kPackRows) of the strip that begins at column j0, `live` columns of which exist.
template <class T>
SINTER_INLINE void pack_rows(const Dense& d, int64_t k0, int64_t k1, int64_t j0, int64_t live, int64_t width,
                             Compute<T>* strip) {
  using C = Compute<T>;
  const T* data = static_cast<const T*>(d.data);
  const int64_t there = std::min(k1, d.depth);
  T turned[sizeof(T) == 2 ? kPackRows * kMaxStrip : 1];
  const T* rows = data + k0 * d.n + j0;
  int64_t stride = d.n;
  if (d.columns_first) {
    const T* from = data + j0 * d.depth + k0;
    if constexpr (sizeof(T) == 2) {
      transpose_block(bits_of(from), d.depth, bits_of(turned), width, there - k0, live);
      rows = turned, stride = width;
    } else {
      transpose_block(bits_of(from), d.depth, bits_of(strip + k0 * width), width, there - k0, live);
    }
  }
  for (int64_t k = k0; k < k1; k++) {
    C* out = strip + k * width;
    int64_t j = 0;
    if (k < there) {
      if (sizeof(T) == 2 || !d.columns_first) {
        const T* in = rows + (k - k0) * stride;
        for (; j + kStep<T> <= live; j += kStep<T>) store(out + j, get(Whole{}, in + j));
        for (; j < live; j++) out[j] = to_compute(in[j]);
      }
      j = live;
    }
    for (; j < width; j++) out[j] = C(0);
  }
}

// All strips of an operand: `wide` columns each, the last one narrower where fewer do.
struct Strips {
  int64_t depth, n, wide, last, count;  // depth: padded

  SINTER_INLINE int64_t width(int64_t s) const { return s + 1 < count ? wide : last; }
  SINTER_INLINE int64_t live(int64_t s) const { return std::min(wide, n - s * wide); }
  SINTER_INLINE int64_t elements() const { return depth * ((count - 1) * wide + last); }
  SINTER_INLINE int64_t at(int64_t s) const { return s * wide * depth; }
};

template <class T>
SINTER_INLINE void pack_strips(const Dense& d, const Strips& strips, Compute<T>* out) {
  const int64_t pieces = (strips.depth + kPackRows - 1) / kPackRows;
  // All strips of some rows at once: what one leaves of a cache line the next one takes.
  parallel_for(strips.count * pieces, strips.count, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t s = i % strips.count, k = i / strips.count * kPackRows;
      pack_rows<T>(d, k, std::min(k + kPackRows, strips.depth), s * strips.wide, strips.live(s), strips.width(s),
                   out + strips.at(s));
    }
  });
}

// ---- epilogue
// y (m, n), or stored (n, m): where a product goes, and what is done to it on the way.
template <class T>
struct Result {
  T* y;
  int64_t m, n;
  bool columns_first;
  const Compute<T>* bias;  // (m), or null

  // Rows m0 .. m0 + count of sums (count, width), `live` columns from j0 on; `turned` has room for as many elements.
  template <Activation A>
  SINTER_INLINE void put_rows(const Compute<T>* sums, int64_t m0, int64_t count, int64_t j0, int64_t live,
                              int64_t width, T* turned) const {
    for (int64_t r = 0; r < count; r++) {
      const Compute<T>* s = sums + r * width;
      const Vec<Compute<T>> b = splat(bias ? bias[m0 + r] : Compute<T>(0));
      T* to = columns_first ? turned + r * width : y + (m0 + r) * n + j0;
      each_step<T>(live, [&](int64_t i, auto part) {
        const Vec<Compute<T>> v = load(s + i);  // a strip is whole vectors wide
        put(part, to + i, activated<A>(bias ? v + b : v));
      });
    }
    if (columns_first)
      transpose_block(bits_of(const_cast<const T*>(turned)), width, bits_of(y + j0 * m + m0), m, live, count);
  }
};

}  // namespace sinter::cpu::SINTER_ISA
