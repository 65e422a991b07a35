// Elements as keys, and what is chosen of sorted ones. Place in the whole: device side of sort.h.
#pragma once
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/sort/sort.h"

namespace sinter::cuda {

using wide_key = unsigned long long;

// All ones in as many bits as elements have: NaN's key, where not descending.
template <class K>
SINTER_DEVICE K last_key(const KeyRule& rule) {
  return static_cast<K>(~wide_key{0} >> (64 - 8 * rule.bytes));
}

template <class K>
SINTER_DEVICE K order_of(K bits, const KeyRule& rule) {
  const K last = last_key<K>(rule), top = last ^ (last >> 1);
  if (rule.floating) {
    const K magnitude = bits & ~top;
    if (magnitude > static_cast<K>(rule.infinity))
      bits = last;
    else if (magnitude == 0)
      bits = top;
    else
      bits = bits & top ? last ^ bits : bits | top;
  } else if (rule.sign) {
    bits ^= top;
  }
  return rule.descending ? last ^ bits : bits;
}

// Of x's element i. K is uint32_t for elements of up to 4 bytes, wide_key for those of 8.
template <class K>
SINTER_DEVICE K key_at(const void* x, int64_t i, const KeyRule& rule) {
  K bits;
  if constexpr (sizeof(K) == 8)
    bits = __ldg(static_cast<const wide_key*>(x) + i);
  else if (rule.bytes == 4)
    bits = __ldg(static_cast<const uint32_t*>(x) + i);
  else if (rule.bytes == 2)
    bits = __ldg(static_cast<const uint16_t*>(x) + i);
  else
    bits = __ldg(static_cast<const uint8_t*>(x) + i);
  return order_of(bits, rule);
}
template <class K>
SINTER_DEVICE bool is_nan_key(K key, const KeyRule& rule) {
  return rule.floating && key == last_key<K>(rule);
}

// y[to] = x[from], elements of keys K.
template <class K>
SINTER_DEVICE void copy_element(const void* x, int64_t from, void* y, int64_t to, const KeyRule& rule) {
  if constexpr (sizeof(K) == 8)
    static_cast<uint2*>(y)[to] = __ldg(static_cast<const uint2*>(x) + from);
  else if (rule.bytes == 4)
    static_cast<uint32_t*>(y)[to] = __ldg(static_cast<const uint32_t*>(x) + from);
  else if (rule.bytes == 2)
    static_cast<uint16_t*>(y)[to] = __ldg(static_cast<const uint16_t*>(x) + from);
  else
    static_cast<uint8_t*>(y)[to] = __ldg(static_cast<const uint8_t*>(x) + from);
}

// Which of n sorted elements, the last `nans` of them NaN, is meant.
SINTER_DEVICE int64_t chosen_rank(ChooseWhat what, int64_t k, int64_t n, int64_t nans) {
  if (what == kMedian) return nans > 0 ? n - nans : (n - 1) / 2;
  if (what == kMedianNumbers) return max(n - nans - 1, int64_t{0}) / 2;
  return k;
}

}  // namespace sinter::cuda
