// Between real lines and complex transforms of half their length. Place in the whole: blocks and long lines share the formulas.
//
// With h = N / 2, z_j = x_{2j} + i x_{2j+1} and Z its transform of length h, the even and odd elements have the transforms
// E_k = (Z_k + conj Z_{h-k}) / 2 and O_k = -i (Z_k - conj Z_{h-k}) / 2, and X_k = E_k + exp(-2 pi i k / N) O_k, k = 0 .. h.
#pragma once
#include "cpu/fft/block.h"

namespace sinter::cpu::SINTER_ISA {

// X_k from Z_k = z and Z_{h-k} = c; V is a vector or a number, (wr, wi) = exp(-2 pi i k / N).
template <class V, class T>
SINTER_INLINE void unpack(V zr, V zi, V cr, V ci, T wr, T wi, V& xr, V& xi) {
  const T half = T(0.5);
  const V even_re = (zr + cr) * half, even_im = (zi - ci) * half, odd_re = (zi + ci) * half, odd_im = (cr - zr) * half;
  xr = even_re + odd_re * wr - odd_im * wi;
  xi = even_im + odd_re * wi + odd_im * wr;
}
// 2 Z_k from X_k = x and X_{h-k} = c: its unscaled inverse transform is N x.
template <class V, class T>
SINTER_INLINE void pack(V xr, V xi, V cr, V ci, T wr, T wi, V& zr, V& zi) {
  const V sum_re = xr + cr, sum_im = xi - ci, re = xr - cr, im = xi + ci;
  // i conj(w) (re + i im)
  zr = sum_re + re * wi - im * wr;
  zi = sum_im + re * wr + im * wi;
}

// Z in rows 0 .. h-1 becomes X in rows 0 .. h.
template <class T>
SINTER_INLINE void unpack_rows(Block<T>& b, int64_t h, const T* roots) {
  constexpr int64_t lanes = kLanes<T>;
  for (int64_t k = 0; k <= h; k++) {
    const int64_t z = (k == h ? 0 : k) * lanes, c = (k == 0 ? 0 : h - k) * lanes;
    Vec<T> re, im;
    unpack(load(b.re + z), load(b.im + z), load(b.re + c), load(b.im + c), roots[2 * k], roots[2 * k + 1], re, im);
    store(b.spare_re + k * lanes, re);
    store(b.spare_im + k * lanes, im);
  }
  b.swap_planes();
}
// And back, twice Z.
template <class T>
SINTER_INLINE void pack_rows(Block<T>& b, int64_t h, const T* roots) {
  constexpr int64_t lanes = kLanes<T>;
  for (int64_t k = 0; k < h; k++) {
    const int64_t x = k * lanes, c = (h - k) * lanes;
    Vec<T> re, im;
    pack(load(b.re + x), load(b.im + x), load(b.re + c), load(b.im + c), roots[2 * k], roots[2 * k + 1], re, im);
    store(b.spare_re + x, re);
    store(b.spare_im + x, im);
  }
  b.swap_planes();
}

}  // namespace sinter::cpu::SINTER_ISA
