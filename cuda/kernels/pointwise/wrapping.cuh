// Integer arithmetic that wraps around, with the operators of floating point beside it. Place in the whole: what functors are
// written in that serve all real dtypes.
#pragma once
#include "cuda/kernels/math.cuh"

namespace sinter::cuda {

namespace detail {
template <class V>
struct UnsignedOf {
  using type = V;
};
template <>
struct UnsignedOf<i32> {
  using type = uint32_t;
};
template <>
struct UnsignedOf<i64> {
  using type = uint64_t;
};
}  // namespace detail
template <class V>
using Unsigned = typename detail::UnsignedOf<V>::type;

template <class V>
SINTER_DEVICE V plus(V a, V b) {
  return static_cast<V>(static_cast<Unsigned<V>>(a) + static_cast<Unsigned<V>>(b));
}
template <class V>
SINTER_DEVICE V minus(V a, V b) {
  return static_cast<V>(static_cast<Unsigned<V>>(a) - static_cast<Unsigned<V>>(b));
}
template <class V>
SINTER_DEVICE V times(V a, V b) {
  return static_cast<V>(static_cast<Unsigned<V>>(a) * static_cast<Unsigned<V>>(b));
}
template <class V>
SINTER_DEVICE V negated(V x) {
  if constexpr (kIsInteger<V>)
    return minus(V(0), x);
  else
    return -x;
}
template <class V>
SINTER_DEVICE V magnitude(V x) {
  if constexpr (kIsInteger<V>)
    return x < 0 ? minus(V(0), x) : x;
  else
    return abs_of(x);
}

// Of integers: division by zero gives zero, and the one quotient that overflows wraps.
template <class V>
SINTER_DEVICE V truncated_quotient(V a, V b) {
  if constexpr (kIsInteger<V>)
    return b == 0 ? V(0) : b == -1 ? minus(V(0), a) : a / b;
  else
    return ::trunc(a / b);
}
template <class V>
SINTER_DEVICE V truncated_remainder(V a, V b) {
  if constexpr (kIsInteger<V>)
    return b == 0 || b == -1 ? V(0) : a % b;
  else
    return fmod_of(a, b);
}
// With the sign of the divisor.
template <class V>
SINTER_DEVICE V floored_remainder(V a, V b) {
  if constexpr (kIsInteger<V>) {
    const V rest = truncated_remainder(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? plus(rest, b) : rest;
  } else {
    return remainder_of(a, b);
  }
}
template <class V>
SINTER_DEVICE V floored_quotient(V a, V b) {
  if constexpr (kIsInteger<V>) {
    const V rest = truncated_remainder(a, b);
    return minus(truncated_quotient(a, b), V(rest != 0 && (rest < 0) != (b < 0)));
  } else {
    return floor_quotient_of(a, b);
  }
}

}  // namespace sinter::cuda
