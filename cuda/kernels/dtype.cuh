// Element types in device code. Place in the whole: what native/engine/dtype.h is on the host; every family's loads and stores go
// through it. Numbers are computed in float (f32, bf16, f16), double, int32_t (i32, u8, i8, bool) or int64_t, as on the CPU, and
// converted as there: floats to integers truncate and saturate (NaN gives 0), integers to integers wrap, anything to bool is "not
// zero", halves go through float.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#define SINTER_DEVICE __device__ __forceinline__

namespace sinter::cuda {

// Suffixes of kernels' names and DType's names alike.
using f32 = float;
using f64 = double;
using bf16 = __nv_bfloat16;
using f16 = __half;
using i32 = int32_t;
using i64 = int64_t;
using u8 = uint8_t;
using i8 = int8_t;
struct boolean {
  uint8_t value;  // 0 or 1
};
struct alignas(8) c64 {
  float re, im;
};
struct alignas(16) c128 {
  double re, im;
};

// An element that is only moved.
template <int kBytes>
struct Raw;
template <>
struct Raw<1> {
  uint8_t bits;
};
template <>
struct Raw<2> {
  uint16_t bits;
};
template <>
struct Raw<4> {
  uint32_t bits;
};
template <>
struct Raw<8> {
  uint2 bits;
};
template <>
struct Raw<16> {
  uint4 bits;
};
using raw1 = Raw<1>;
using raw2 = Raw<2>;
using raw4 = Raw<4>;
using raw8 = Raw<8>;
using raw16 = Raw<16>;

template <class T, class U>
constexpr bool kSame = false;
template <class T>
constexpr bool kSame<T, T> = true;

template <class T>
constexpr bool kIsHalf = kSame<T, bf16> || kSame<T, f16>;
template <class T>
constexpr bool kIsByte = kSame<T, u8> || kSame<T, i8> || kSame<T, boolean>;
template <class T>
constexpr bool kIsInteger = kSame<T, i32> || kSame<T, i64>;  // of the computing types
template <class T>
constexpr bool kIsRaw = kSame<T, raw1> || kSame<T, raw2> || kSame<T, raw4> || kSame<T, raw8> || kSame<T, raw16>;
template <class T>
constexpr bool kIsComplex = kSame<T, c64> || kSame<T, c128>;

namespace detail {
template <class T>
struct Computing {
  using type = T;
};
template <>
struct Computing<bf16> {
  using type = float;
};
template <>
struct Computing<f16> {
  using type = float;
};
template <>
struct Computing<u8> {
  using type = int32_t;
};
template <>
struct Computing<i8> {
  using type = int32_t;
};
template <>
struct Computing<boolean> {
  using type = int32_t;
};
}  // namespace detail

// The type that elements of T are computed in.
template <class T>
using Compute = typename detail::Computing<T>::type;

// To it: exact.
template <class T>
SINTER_DEVICE Compute<T> widen(T x) {
  if constexpr (kSame<T, bf16>) {
    return __bfloat162float(x);
  } else if constexpr (kSame<T, f16>) {
    return __half2float(x);
  } else if constexpr (kSame<T, boolean>) {
    return x.value;
  } else {
    return x;
  }
}

// Truncates and saturates; NaN gives 0. (cvt does so itself but for what is narrower than 32 bits, and for NaN to 64 bits.)
template <class I, class F>
SINTER_DEVICE I truncated(F x) {
  if constexpr (kSame<I, i64>) {
    return x == x ? static_cast<i64>(x) : 0;
  } else if constexpr (kSame<I, i32>) {
    return x == x ? static_cast<i32>(x) : 0;
  } else {
    constexpr int low = kSame<I, u8> ? 0 : -128, high = kSame<I, u8> ? 255 : 127;
    return static_cast<I>(min(max(truncated<i32>(x), low), high));
  }
}

// A number of any type as an element of T.
template <class T, class V>
SINTER_DEVICE T narrow(V x) {
  if constexpr (kSame<T, V>) {
    return x;
  } else if constexpr (kIsComplex<V> && kIsComplex<T>) {
    using Part = decltype(T::re);
    return T{static_cast<Part>(x.re), static_cast<Part>(x.im)};
  } else if constexpr (kIsComplex<V>) {
    if constexpr (kSame<T, boolean>)
      return boolean{static_cast<uint8_t>(x.re != 0 || x.im != 0)};
    else
      return narrow<T>(x.re);
  } else if constexpr (kIsComplex<T>) {
    return T{narrow<decltype(T::re)>(x), 0};
  } else if constexpr (kSame<T, boolean>) {
    return boolean{static_cast<uint8_t>(x != V(0))};
  } else if constexpr (kSame<T, bf16>) {
    return __float2bfloat16_rn(static_cast<float>(x));
  } else if constexpr (kSame<T, f16>) {
    return __float2half_rn(static_cast<float>(x));
  } else if constexpr (kSame<V, float> || kSame<V, double>) {
    if constexpr (kSame<T, float> || kSame<T, double>)
      return static_cast<T>(x);
    else
      return truncated<T>(x);
  } else {
    return static_cast<T>(x);
  }
}

}  // namespace sinter::cuda
