// Pixels: images of bytes and of floating-point numbers, read and written as lanes of the compute type (f32 for bytes, f32, bf16 and
// f16; f64 for f64). Place in the whole: shared by the image kernels, beside norm/row.h, which knows no bytes.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

typedef uint8_t VbQuarter __attribute__((vector_size(kVecBytes / 4)));  // as many lanes as Vf

// To the nearest whole number, ties to even, for |x| below 2^22 (f64: 2^51); beyond, near x.
SINTER_INLINE Vf vround_even(Vf x) { return (x + 0x1.8p23f) - 0x1.8p23f; }
SINTER_INLINE Vd vround_even(Vd x) { return (x + 0x1.8p52) - 0x1.8p52; }
template <class V>
SINTER_INLINE V vfloor_small(V x) {  // same range
  const V r = vround_even(x);
  return r > x ? r - 1 : r;
}

SINTER_INLINE Vf get_pixels(Whole, const uint8_t* p) {
  VbQuarter b;
  std::memcpy(&b, p, sizeof b);
  return __builtin_convertvector(__builtin_convertvector(b, Vi), Vf);
}
SINTER_INLINE Vf get_pixels(Part part, const uint8_t* p) {
  VbQuarter b = {};
  std::memcpy(&b, p, static_cast<size_t>(part.n));
  return __builtin_convertvector(__builtin_convertvector(b, Vi), Vf);
}
template <class P, class T>
SINTER_INLINE Vec<Compute<T>> get_pixels(P part, const T* p) {
  return get(part, p);
}

// Bytes: whole numbers from 0 to 255.
SINTER_INLINE void put_pixels(Whole, uint8_t* p, Vf v) {
  const VbQuarter b = __builtin_convertvector(__builtin_convertvector(v, Vi), VbQuarter);
  std::memcpy(p, &b, sizeof b);
}
SINTER_INLINE void put_pixels(Part part, uint8_t* p, Vf v) {
  const VbQuarter b = __builtin_convertvector(__builtin_convertvector(v, Vi), VbQuarter);
  std::memcpy(p, &b, static_cast<size_t>(part.n));
}
template <class P, class T>
SINTER_INLINE void put_pixels(P part, T* p, Vec<Compute<T>> v) {
  put(part, p, v);
}

// What a byte holds of v: the nearest value; NaN gives 0.
SINTER_INLINE Vf nearest_byte(Vf v) {
  v = v > 0.f ? v : Vf{};
  return vround_even(v < 255.f ? v : Vf{} + 255.f);
}
// The same for any pixel type: only bytes are rounded and bounded.
template <class T, class V>
SINTER_INLINE V as_pixels(V v) {
  if constexpr (sizeof(T) == 1)
    return nearest_byte(v);
  else
    return v;
}

SINTER_INLINE float pixel(uint8_t x) { return x; }
template <class T>
SINTER_INLINE Compute<T> pixel(T x) {
  return to_compute(x);
}

// f(T{}) with the element type of an image.
template <class F>
SINTER_INLINE void with_pixels(DType d, const char* op, F f) {
  if (d == DType::u8) return f(uint8_t{});
  with_floating(d, op, f);
}

}  // namespace sinter::cpu::SINTER_ISA
