// Storing a result whose type a launch names. Place in the whole: what reductions, norms and losses write their few results with; a kernel
// has a path for those types alone that its operator gives.
#pragma once
#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

template <class... Ts>
struct Types {};
template <class T, class List>
struct Prepended;
template <class T, class... Ts>
struct Prepended<T, Types<Ts...>> {
  using Type = Types<T, Ts...>;
};

// The element types that are computed in V.
template <class V>
struct ElementsIn {
  using Type = Types<V>;
};
template <>
struct ElementsIn<f32> {
  using Type = Types<f32, bf16, f16>;
};
template <>
struct ElementsIn<i32> {
  using Type = Types<i32, u8, i8, boolean>;
};

// Its number among the dtypes, in DType's order.
template <class T>
constexpr int kDTypeOf = kSame<T, f32>    ? 0
                         : kSame<T, f64>  ? 1
                         : kSame<T, bf16> ? 2
                         : kSame<T, f16>  ? 3
                         : kSame<T, i32>  ? 4
                         : kSame<T, i64>  ? 5
                         : kSame<T, u8>   ? 6
                         : kSame<T, i8>   ? 7
                                          : 8;

// y[at], of the type that `dtype` names, which is one of those.
template <class T, class... Others, class V>
SINTER_DEVICE void store_number(Types<T, Others...>, void* y, int dtype, int64_t at, V value) {
  if constexpr (sizeof...(Others) > 0) {
    if (dtype != kDTypeOf<T>) return store_number(Types<Others...>{}, y, dtype, at, value);
  }
  static_cast<T*>(y)[at] = narrow<T>(value);
}

}  // namespace sinter::cuda
