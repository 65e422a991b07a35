// Lines as items that order like their elements. Place in the whole: what sort, topk, kthvalue, median and mode share.
//
// An element becomes an unsigned key: numbers in their order, -0 equal to 0, NaN behind everything; for descending order
// its complement. An item is a key with the element's place, so that items are distinct, their order is total, and any
// way to sort them is stable.
#pragma once
#include <algorithm>
#include <cmath>

#include "cpu/copy/runs.h"
#include "cpu/scan/axis.h"
#include "cpu/simd/vec.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

// Keys of at most 32 bits share a word with the place.
struct Narrow {
  using Item = uint64_t;
  static constexpr int kKeyDigits = 4, kDigits = 8;
  static SINTER_INLINE Item make(uint64_t key, int64_t place) { return key << 32 | static_cast<uint64_t>(place); }
  static SINTER_INLINE uint64_t key(Item x) { return x >> 32; }
  static SINTER_INLINE int64_t place(Item x) { return static_cast<int64_t>(x & 0xffffffffu); }
  static SINTER_INLINE bool less(Item a, Item b) { return a < b; }
  // Byte d of the item, from the place's lowest to the key's highest.
  static SINTER_INLINE unsigned digit(Item x, int d) { return static_cast<unsigned>(x >> (8 * d)) & 255u; }
};
struct Wide {
  struct Item {
    uint64_t key, place;
  };
  static constexpr int kKeyDigits = 8, kDigits = 16;
  static SINTER_INLINE Item make(uint64_t key, int64_t place) { return {key, static_cast<uint64_t>(place)}; }
  static SINTER_INLINE uint64_t key(Item x) { return x.key; }
  static SINTER_INLINE int64_t place(Item x) { return static_cast<int64_t>(x.place); }
  static SINTER_INLINE bool less(Item a, Item b) { return a.key < b.key || (a.key == b.key && a.place < b.place); }
  static SINTER_INLINE unsigned digit(Item x, int d) {
    return static_cast<unsigned>((d < 8 ? x.place : x.key) >> (8 * (d & 7))) & 255u;
  }
};

namespace {

SINTER_INLINE uint32_t key_of(float x) {
  uint32_t u;
  std::memcpy(&u, &x, 4);
  u = x == 0 ? 0 : u;
  u ^= static_cast<uint32_t>(static_cast<int32_t>(u) >> 31) | 0x80000000u;
  return x != x ? 0xffffffffu : u;
}
SINTER_INLINE uint64_t key_of(double x) {
  uint64_t u;
  std::memcpy(&u, &x, 8);
  u = x == 0 ? 0 : u;
  u ^= static_cast<uint64_t>(static_cast<int64_t>(u) >> 63) | 0x8000000000000000u;
  return x != x ? ~uint64_t{0} : u;
}
SINTER_INLINE uint32_t key_of(bf16 x) { return key_of(to_f32(x)); }
SINTER_INLINE uint32_t key_of(f16 x) { return key_of(to_f32(x)); }
SINTER_INLINE uint32_t key_of(int32_t x) { return static_cast<uint32_t>(x) ^ 0x80000000u; }
SINTER_INLINE uint64_t key_of(int64_t x) { return static_cast<uint64_t>(x) ^ 0x8000000000000000u; }
SINTER_INLINE uint32_t key_of(int8_t x) { return key_of(static_cast<int32_t>(x)); }
SINTER_INLINE uint32_t key_of(uint8_t x) { return x; }

template <class K, class T>
void fill_items(const void* data, int64_t stride, int64_t first, int64_t n, bool descending, typename K::Item* items) {
  const T* x = static_cast<const T*>(data);
  const auto flip = static_cast<decltype(key_of(T{}))>(descending ? ~uint64_t{0} : 0);
  if (stride == 1) {
    for (int64_t i = 0; i < n; i++) items[i] = K::make(key_of(x[i]) ^ flip, first + i);
  } else {
    for (int64_t i = 0; i < n; i++) items[i] = K::make(key_of(x[i * stride]) ^ flip, first + i);
  }
}

// Items of n elements from x on, whose places begin with `first`.
template <class K>
void make_items(DType d, const void* x, int64_t stride, int64_t first, int64_t n, bool descending,
                typename K::Item* items) {
  switch (d) {
    case DType::f32: return fill_items<K, float>(x, stride, first, n, descending, items);
    case DType::f64: return fill_items<K, double>(x, stride, first, n, descending, items);
    case DType::bf16: return fill_items<K, bf16>(x, stride, first, n, descending, items);
    case DType::f16: return fill_items<K, f16>(x, stride, first, n, descending, items);
    case DType::i32: return fill_items<K, int32_t>(x, stride, first, n, descending, items);
    case DType::i64: return fill_items<K, int64_t>(x, stride, first, n, descending, items);
    case DType::i8: return fill_items<K, int8_t>(x, stride, first, n, descending, items);
    default: return fill_items<K, uint8_t>(x, stride, first, n, descending, items);
  }
}
// The key of a NaN in ascending order.
SINTER_INLINE uint64_t nan_key(DType d) { return d == DType::f64 ? ~uint64_t{0} : 0xffffffffu; }

// f(K{}) with the kind of items that lines of n elements need.
template <class F>
SINTER_INLINE void with_items(const char* op, DType d, int64_t n, F f) {
  if (is_complex(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(d));
  if (dtype_size(d) <= 4 && n <= int64_t{0xffffffff}) return f(Narrow{});
  f(Wide{});
}

// ---- sorting

template <class K>
SINTER_INLINE void insertion_sort(typename K::Item* a, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    const typename K::Item x = a[i];
    int64_t j = i;
    for (; j > 0 && K::less(x, a[j - 1]); j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

// out = the n first of the merged a and b.
template <class K>
SINTER_INLINE void merge_items(const typename K::Item* a, int64_t na, const typename K::Item* b, int64_t nb,
                               typename K::Item* out, int64_t n) {
  int64_t i = 0, j = 0, k = 0;
  while (k < n && i < na && j < nb) {
    const bool second = K::less(b[j], a[i]);
    out[k++] = second ? b[j] : a[i];
    i += !second;
    j += second;
  }
  while (k < n && i < na) out[k++] = a[i++];
  while (k < n && j < nb) out[k++] = b[j++];
}

constexpr int64_t kRun = 16;        // sorted by insertion
constexpr int64_t kMerged = 768;    // sorted by merging; longer lines by digits
constexpr int64_t kOwnLine = 1024;  // items of a line on the thread's stack

template <class K>
void merge_sort(typename K::Item* a, typename K::Item* spare, int64_t n) {
  for (int64_t i = 0; i < n; i += kRun) insertion_sort<K>(a + i, std::min(kRun, n - i));
  typename K::Item *from = a, *to = spare;
  for (int64_t width = kRun; width < n; width *= 2) {
    for (int64_t i = 0; i < n; i += 2 * width) {
      const int64_t na = std::min(width, n - i), nb = std::min(width, n - i - na);
      merge_items<K>(from + i, na, from + i + na, nb, to + i, na + nb);
    }
    std::swap(from, to);
  }
  if (from != a) std::memcpy(a, from, static_cast<size_t>(n) * sizeof(*a));
}

// By the key's bytes, the lowest first. Bytes that are equal in all items cost nothing but their count.
template <class K>
void radix_sort(typename K::Item* a, typename K::Item* spare, int64_t n) {
  constexpr int kFirst = K::kDigits - K::kKeyDigits;
  int64_t counts[K::kKeyDigits][256] = {};
  for (int64_t i = 0; i < n; i++)
    for (int d = 0; d < K::kKeyDigits; d++) counts[d][K::digit(a[i], kFirst + d)]++;
  typename K::Item *from = a, *to = spare;
  for (int d = 0; d < K::kKeyDigits; d++) {
    int64_t* at = counts[d];
    if (at[K::digit(from[0], kFirst + d)] == n) continue;
    for (int64_t b = 0, sum = 0; b < 256; b++) sum += std::exchange(at[b], sum);
    for (int64_t i = 0; i < n; i++) to[at[K::digit(from[i], kFirst + d)]++] = from[i];
    std::swap(from, to);
  }
  if (from != a) std::memcpy(a, from, static_cast<size_t>(n) * sizeof(*a));
}

template <class K>
SINTER_INLINE void sort_items(typename K::Item* a, typename K::Item* spare, int64_t n) {
  n <= kMerged ? merge_sort<K>(a, spare, n) : radix_sort<K>(a, spare, n);
}

// ---- selection

// The item that would come at place k of n sorted ones. `spare` takes n items; `items` keeps its own.
template <class K>
typename K::Item select_item(const typename K::Item* items, int64_t n, int64_t k, typename K::Item* spare) {
  const typename K::Item* from = items;
  for (int d = K::kDigits - 1; n > 2 * kRun; d--) {
    int64_t counts[256] = {};
    for (int64_t i = 0; i < n; i++) counts[K::digit(from[i], d)]++;
    unsigned bucket = 0;
    while (k >= counts[bucket]) k -= counts[bucket++];
    if (counts[bucket] == n) continue;
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
      const typename K::Item x = from[i];
      spare[kept] = x;
      kept += K::digit(x, d) == bucket;
    }
    from = spare;
    n = counts[bucket];
  }
  if (from == items) std::memcpy(spare, items, static_cast<size_t>(n) * sizeof(*spare));
  insertion_sort<K>(spare, n);
  return spare[k];
}

// ---- memory for lines: short ones on the stack, longer ones from a pool with a place for each thread

template <class K>
class LineMemory {
 public:
  using Item = typename K::Item;
  // Lines of n items, twice.
  LineMemory(const Call& c, int64_t n) : n_(n), places_(n <= kOwnLine ? 0 : pool_threads()) {
    if (places_ == 0) return;
    items_ = c.scratch_of<Item>(places_ * 2 * n);
    taken_ = c.scratch_of<int>(places_);
    for (int64_t i = 0; i < places_; i++) taken_[i] = 0;
  }
  // f(items, spare)
  template <class F>
  void use(F f) const {
    if (places_ == 0) {
      alignas(64) Item own[2 * kOwnLine];
      return f(own, own + kOwnLine);
    }
    int64_t at = 0;
    while (__atomic_exchange_n(taken_ + at, 1, __ATOMIC_ACQUIRE)) at = at + 1 < places_ ? at + 1 : 0;
    f(items_ + at * 2 * n_, items_ + (at * 2 + 1) * n_);
    __atomic_store_n(taken_ + at, 0, __ATOMIC_RELEASE);
  }

 private:
  int64_t n_, places_;
  Item* items_ = nullptr;
  int* taken_ = nullptr;
};

// Elements that one range works on.
constexpr int64_t kSortGrain = 8192;

// to[i * to_stride] = the element of x at item i's place.
template <class K>
void write_line(const TensorRef& x, int64_t x_base, int64_t x_stride, const typename K::Item* items, int64_t n,
                const TensorRef& values, const TensorRef& indices, int64_t base, int64_t stride) {
  int64_t* places = indices.as<int64_t>() + base;
  for (int64_t i = 0; i < n; i++) places[i * stride] = K::place(items[i]);
  auto move = [&](auto tag) {
    using B = decltype(tag);
    const B* from = x.as<B>() + x_base;
    B* to = values.as<B>() + base;
    for (int64_t i = 0; i < n; i++) to[i * stride] = from[K::place(items[i]) * x_stride];
  };
  switch (dtype_size(x.dtype)) {
    case 1: return move(uint8_t{});
    case 2: return move(uint16_t{});
    case 4: return move(uint32_t{});
    default: return move(uint64_t{});
  }
}

}  // namespace
}  // namespace sinter::cpu::SINTER_ISA
