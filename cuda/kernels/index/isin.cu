// isin: which elements of x are among the values of a set. Place in the whole: device code of isin.cpp. The set's values become unsigned
// numbers of the same order, which are sorted (radix_pairs.h) and searched by bisection. Bound: x read, y written once; a search touches
// log2(size of the set) values, mostly in caches.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/index.cuh"

namespace sinter::cuda {

// The order of x as an unsigned number's; zeros alike; NaN last, where no element is found.
template <class T, class K>
SINTER_DEVICE K order_of(T x) {
  constexpr K top = K(1) << (sizeof(K) * 8 - 1);
  if constexpr (kIsInteger<T>) {
    return static_cast<K>(x) ^ top;
  } else {
    if (x != x) return ~K(0);
    K bits;
    if constexpr (sizeof(K) == 4)
      bits = __float_as_uint(x == 0 ? 0.0f : x);
    else
      bits = static_cast<K>(__double_as_longlong(x == 0 ? 0.0 : x));
    return bits & top ? ~bits : bits | top;
  }
}

template <class T, class K>
SINTER_DEVICE void make_orders(const T* test, int64_t n, K* orders) {
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (item_of(u) < n) orders[item_of(u)] = order_of<T, K>(test[item_of(u)]);
}

template <class T, class K>
SINTER_DEVICE void look_up(const T* x, int64_t n, const K* sorted, int64_t count, bool invert, uint8_t* y) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= n) return;
  const T value = x[i];
  const K order = order_of<T, K>(value);
  int64_t low = 0, high = count;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (__ldg(sorted + middle) < order)
      low = middle + 1;
    else
      high = middle;
  }
  const bool found = value == value && low < count && __ldg(sorted + low) == order;
  y[i] = found != invert;
}

#define SINTER_ISIN(T, K)                                                                                       \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                   \
      isin_orders_##T(const T* __restrict__ test, int64_t n, K* __restrict__ orders) {                          \
    make_orders(test, n, orders);                                                                               \
  }                                                                                                             \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                   \
      isin_##T(const T* __restrict__ x, int64_t n, const K* __restrict__ sorted, int64_t count, int32_t invert, \
               uint8_t* __restrict__ y) {                                                                       \
    look_up(x, n, sorted, count, invert != 0, y);                                                               \
  }

SINTER_ISIN(f32, unsigned)
SINTER_ISIN(f64, unsigned long long)
SINTER_ISIN(i32, unsigned)
SINTER_ISIN(i64, unsigned long long)

}  // namespace sinter::cuda
