// Vectors of interleaved (re, im) pairs. Place in the whole: the complex and Fourier families compute on them.
#pragma once
#include "cpu/simd/math.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
using LaneList = std::make_integer_sequence<int, kLanes<T>>;

// (im, re) of every pair.
template <class T, int... I>
SINTER_INLINE Vec<T> swapped_lanes(Vec<T> v, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(v, v, (I ^ 1)...);
}
template <class T>
SINTER_INLINE Vec<T> swapped(Vec<T> v) {
  return swapped_lanes<T>(v, LaneList<T>());
}

// (re, re) or (im, im) of every pair.
template <class T, int Part, int... I>
SINTER_INLINE Vec<T> doubled_lanes(Vec<T> v, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(v, v, ((I & ~1) + Part)...);
}
template <class T>
SINTER_INLINE Vec<T> doubled_re(Vec<T> v) {
  return doubled_lanes<T, 0>(v, LaneList<T>());
}
template <class T>
SINTER_INLINE Vec<T> doubled_im(Vec<T> v) {
  return doubled_lanes<T, 1>(v, LaneList<T>());
}

// One pair in every place.
template <class T, int... I>
SINTER_INLINE Vec<T> splat_pair_lanes(T re, T im, std::integer_sequence<int, I...>) {
  return Vec<T>{(I & 1 ? im : re)...};
}
template <class T>
SINTER_INLINE Vec<T> splat_pair(T re, T im) {
  return splat_pair_lanes<T>(re, im, LaneList<T>());
}

// The real (Part 0) or imaginary parts of the pairs of two vectors, and back.
template <class T, int Part, int... I>
SINTER_INLINE Vec<T> part_lanes(Vec<T> low, Vec<T> high, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(low, high, (2 * I + Part)...);
}
template <class T, int Part>
SINTER_INLINE Vec<T> part_of(Vec<T> low, Vec<T> high) {
  return part_lanes<T, Part>(low, high, LaneList<T>());
}
template <class T, int Half, int... I>
SINTER_INLINE Vec<T> woven_lanes(Vec<T> re, Vec<T> im, std::integer_sequence<int, I...>) {
  constexpr int lanes = kLanes<T>;
  return __builtin_shufflevector(re, im, ((I & 1) * lanes + Half * lanes / 2 + I / 2)...);
}
// Half 0: the pairs of the lower lanes, 1: those of the upper ones.
template <class T, int Half>
SINTER_INLINE Vec<T> woven(Vec<T> re, Vec<T> im) {
  return woven_lanes<T, Half>(re, im, LaneList<T>());
}

template <class T>
SINTER_INLINE Vec<T> pair_product(Vec<T> a, Vec<T> b) {
  return doubled_re<T>(a) * b + splat_pair<T>(-1, 1) * (doubled_im<T>(a) * swapped<T>(b));
}
// a / b with b scaled by its larger part, so that nothing overflows that the quotient does not; by parts where b is 0. What is finite
// is 0 divided by what is infinite (C11, annex G): the direction of b is then that of its infinite parts.
template <class T>
SINTER_INLINE Vec<T> pair_quotient(Vec<T> a, Vec<T> b) {
  const Vec<T> infinity = Vec<T>{} + std::numeric_limits<T>::infinity();
  const Vec<T> size = vabs(b), endless = size == infinity ? infinity : Vec<T>{}, ends = endless + swapped<T>(endless);
  const Vec<T> scale = ends == infinity ? infinity : vmax(size, swapped<T>(size));
  const Vec<T> direction = endless == infinity ? with_sign(Vec<T>{} + T(1), b) : Vec<T>{};
  const Vec<T> c = scale == Vec<T>{}   ? with_sign(splat_pair<T>(1, 0), b)
                   : scale == infinity ? direction
                                       : b / scale,
               squares = c * c;
  const Vec<T> top = doubled_re<T>(c) * a + splat_pair<T>(1, -1) * (doubled_im<T>(c) * swapped<T>(a));
  return top / (squares + swapped<T>(squares)) / scale;
}

}  // namespace sinter::cpu::SINTER_ISA
