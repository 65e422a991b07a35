// The vector types of native/cpu/simd with one lane, for device code. Place in the whole: included by cpu/simd/lanes.h under nvcc, so
// that elementary and special functions have one text, with one accuracy, on CPU and GPU.
//
// What the compiler's vector extensions do on the CPU: comparisons give masks of all or no bits, `mask ? a : b` selects, and casts
// between vectors keep the bits.
#pragma once
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

#define SINTER_ISA device
#define SINTER_INLINE __device__ __forceinline__
#define SINTER_APART SINTER_INLINE

namespace sinter::cpu::SINTER_ISA {

template <class T>
struct Lane;
using Vf = Lane<float>;
using Vd = Lane<double>;
using Vi = Lane<int32_t>;
using Vu = Lane<uint32_t>;
using Vl = Lane<int64_t>;
using Vul = Lane<uint64_t>;

namespace detail {
template <int kBytes>
struct MaskOf {
  using type = int32_t;
};
template <>
struct MaskOf<8> {
  using type = int64_t;
};
template <class To, class From>
SINTER_INLINE To bits_as(From x) {
  static_assert(sizeof(To) == sizeof(From));
  To y;
  memcpy(&y, &x, sizeof y);
  return y;
}
}  // namespace detail

template <class T>
struct Lane {
  using Mask = Lane<typename detail::MaskOf<sizeof(T)>::type>;
  T v = 0;

  Lane() = default;
  SINTER_INLINE constexpr Lane(T x) : v(x) {}
  template <class U, std::enable_if_t<std::is_arithmetic_v<U> && !std::is_same_v<U, T>, int> = 0>
  SINTER_INLINE constexpr Lane(U x) : v(static_cast<T>(x)) {}

  // Casts between vectors keep the bits (masks of floats become such of doubles); a mask is a condition.
  template <class U>
  SINTER_INLINE explicit operator Lane<U>() const {
    if constexpr (sizeof(U) == sizeof(T))
      return detail::bits_as<U>(v);
    else
      return static_cast<U>(v);
  }
  SINTER_INLINE explicit operator bool() const { return v != 0; }
  SINTER_INLINE T& operator[](int) { return v; }

#define SINTER_LANE_OPERATOR(op)                                                     \
  friend SINTER_INLINE Lane operator op(Lane a, Lane b) { return Lane(a.v op b.v); } \
  SINTER_INLINE Lane& operator op##=(Lane b) {                                       \
    v = v op b.v;                                                                    \
    return *this;                                                                    \
  }
  SINTER_LANE_OPERATOR(+)
  SINTER_LANE_OPERATOR(-)
  SINTER_LANE_OPERATOR(*)
  SINTER_LANE_OPERATOR(/)
  SINTER_LANE_OPERATOR(&)
  SINTER_LANE_OPERATOR(|)
  SINTER_LANE_OPERATOR(^)
#undef SINTER_LANE_OPERATOR
  friend SINTER_INLINE Lane operator<<(Lane a, int n) { return Lane(a.v << n); }
  friend SINTER_INLINE Lane operator>>(Lane a, int n) { return Lane(a.v >> n); }
  SINTER_INLINE Lane operator-() const { return Lane(-v); }
  SINTER_INLINE Lane operator~() const { return Lane(~v); }
  SINTER_INLINE Mask operator!() const { return Mask(v == 0 ? -1 : 0); }
#define SINTER_LANE_COMPARISON(op) \
  friend SINTER_INLINE Mask operator op(Lane a, Lane b) { return Mask(a.v op b.v ? -1 : 0); }
  SINTER_LANE_COMPARISON(==)
  SINTER_LANE_COMPARISON(!=)
  SINTER_LANE_COMPARISON(<)
  SINTER_LANE_COMPARISON(<=)
  SINTER_LANE_COMPARISON(>)
  SINTER_LANE_COMPARISON(>=)
#undef SINTER_LANE_COMPARISON
};

template <class T>
constexpr int kLanes = 1;
template <class T>
using Vec = Lane<T>;

template <class V>
SINTER_INLINE V vmax(V a, V b) {
  return a > b ? a : b;
}
template <class V>
SINTER_INLINE V vmin(V a, V b) {
  return a < b ? a : b;
}
SINTER_INLINE Vf vabs(Vf x) { return fabsf(x.v); }
SINTER_INLINE Vd vabs(Vd x) { return fabs(x.v); }
SINTER_INLINE Vf with_sign(Vf magnitude, Vf sign) { return copysignf(magnitude.v, sign.v); }
SINTER_INLINE Vd with_sign(Vd magnitude, Vd sign) { return copysign(magnitude.v, sign.v); }
SINTER_INLINE Vf vsqrt(Vf x) { return sqrtf(x.v); }
SINTER_INLINE Vd vsqrt(Vd x) { return sqrt(x.v); }

template <class To, class T>
SINTER_INLINE To converted(Lane<T> x) {
  return To(x.v);
}
template <class F>
SINTER_INLINE Vf through_double(Vf x, F f) {
  return static_cast<float>(f(Vd(x.v)).v);
}
template <class F>
SINTER_INLINE Vf through_double(Vf x, Vf y, F f) {
  return static_cast<float>(f(Vd(x.v), Vd(y.v)).v);
}
template <double F(double), class M, class V>
SINTER_INLINE V lanes_through(M mask, V x, V y) {
  if (mask.v != 0) y = static_cast<decltype(y.v)>(F(x.v));
  return y;
}
// far_trig.cuh
SINTER_INLINE double far_sin(double x);
SINTER_INLINE double far_cos(double x);
SINTER_INLINE double far_tan(double x);
template <class M>
SINTER_INLINE bool any_lane(M mask) {
  return mask.v != 0;
}

}  // namespace sinter::cpu::SINTER_ISA
