// topk, kthvalue, mode: chosen elements of lines and their places. Place in the whole: kernels of native/ops.def,
// compiled once per instruction set.
//   topk      x -> values, i64 indices, k along the axis {axis, k, largest}: in order, the first of equals first
//   kthvalue  x -> value, i64 index, 1 along the axis {axis, k, which}: which 0: the k-th smallest (from 0), NaN
//             greatest; 1: the lower median, a NaN if there is one; 2: the lower median of the numbers
//   mode      x -> value, i64 index, 1 along the axis {axis}: the smallest of the most frequent, where it is found last
// x contiguous, any real dtype. By selection, which is linear in the line's length; mode sorts.
#include "cpu/sort/keys.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// choose(items, spare, n) -> the first of c.out's items along the axis, in order. Before the items are made, early(elements of
// the line, their stride, n, items, spare) may give the answer; else null.
template <class K, class F, class G>
void choose_lines(const Call& c, bool descending, F choose, G early) {
  const TensorRef& x = c.in[0];
  const LineAxis a(x, c.int_attr(0)), to(c.out[0], c.int_attr(0));
  const LineMemory<K> memory(c, a.n);
  parallel_for(a.outer * a.inner, std::max<int64_t>(1, 2 * kSortGrain / a.n), [&](int64_t begin, int64_t end) {
    memory.use([&](typename K::Item* items, typename K::Item* spare) {
      for (int64_t line = begin; line < end; line++) {
        const int64_t outer = line / a.inner, column = line % a.inner, base = outer * a.n * a.inner + column;
        const char* elements = x.as<char>() + base * static_cast<int64_t>(dtype_size(x.dtype));
        const typename K::Item* chosen = early(elements, a.inner, a.n, items, spare);
        if (!chosen) {
          make_items<K>(x.dtype, elements, a.inner, 0, a.n, descending, items);
          chosen = choose(items, spare, a.n);
        }
        write_line<K>(x, base, a.inner, chosen, to.n, c.out[0], c.out[1], outer * to.n * to.inner + column, to.inner);
      }
    });
  });
}
template <class K, class F>
void choose_lines(const Call& c, bool descending, F choose) {
  choose_lines<K>(c, descending, choose, [](const char*, int64_t, int64_t, typename K::Item*, typename K::Item*) {
    return static_cast<const typename K::Item*>(nullptr);
  });
}

// Moves the k smallest of n items to the front, as they came; returns the greatest of them.
template <class K>
typename K::Item keep_smallest(typename K::Item* items, typename K::Item* spare, int64_t n, int64_t k) {
  const typename K::Item last = select_item<K>(items, n, k - 1, spare);
  int64_t kept = 0;
  for (int64_t i = 0; i < n && kept < k; i++) {
    const typename K::Item x = items[i];
    items[kept] = x;
    kept += !K::less(last, x);
  }
  return last;
}

template <class K>
const typename K::Item* smallest(typename K::Item* items, typename K::Item* spare, int64_t n, int64_t k) {
  if (k < n) keep_smallest<K>(items, spare, n, k);
  sort_items<K>(items, spare, k);
  return items;
}

// `smallest` of a line from which few are chosen, straight from its elements: what does not come before the k-th of those seen
// so far is passed by blocks. null where the memory for items is too short to wait for a selection to pay.
template <class K, class T>
const typename K::Item* smallest_of_many(const T* x, int64_t stride, int64_t n, bool descending, int64_t k,
                                         typename K::Item* items, typename K::Item* spare) {
  constexpr int64_t kBlock = 64;
  const int64_t room = 2 * k + 16 * kBlock;
  if (n < 4 * room) return nullptr;
  using Key = decltype(key_of(T{}));
  const Key flip = static_cast<Key>(descending ? ~uint64_t{0} : 0);
  Key limit = static_cast<Key>(~uint64_t{0});  // the greatest key that may still be among the first k
  int64_t kept = 0;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t count = std::min(kBlock, n - begin);
    alignas(64) Key keys[kBlock];
    if (stride == 1 && count == kBlock)
      for (int64_t i = 0; i < kBlock; i++) keys[i] = key_of(x[begin + i]) ^ flip;
    else
      for (int64_t i = 0; i < kBlock; i++)
        keys[i] = i < count ? key_of(x[(begin + i) * stride]) ^ flip : static_cast<Key>(~uint64_t{0});
    Key least = keys[0];
    for (int64_t i = 1; i < kBlock; i++) least = std::min(least, keys[i]);
    if (least > limit) continue;
    for (int64_t i = 0; i < count; i++) {
      items[kept] = K::make(keys[i], begin + i);
      kept += keys[i] <= limit;
    }
    if (kept + kBlock <= room) continue;
    // What comes later has a later place: only a smaller key goes before.
    limit = static_cast<Key>(K::key(keep_smallest<K>(items, spare, kept, k)));
    kept = k;
    if (limit-- == 0) break;
  }
  if (kept > k) keep_smallest<K>(items, spare, kept, k);
  sort_items<K>(items, spare, k);
  return items;
}

// Of a sorted line: the last item of the first of the longest runs of equal keys.
template <class K>
const typename K::Item* longest_run(const typename K::Item* items, int64_t n) {
  int64_t best = 0, length = 0;
  for (int64_t i = 0, first = 0; i < n; i++) {
    if (i + 1 < n && K::key(items[i + 1]) == K::key(items[i])) continue;
    if (i + 1 - first > length) {
      length = i + 1 - first;
      best = i;
    }
    first = i + 1;
  }
  return items + best;
}

}  // namespace

void topk(const Call& c) {
  if (c.out[0].numel == 0) return;
  const int64_t k = c.int_attr(1);
  const bool largest = c.attr[2] != 0;
  const DType d = c.in[0].dtype;
  with_items("topk", d, LineAxis(c.in[0], c.int_attr(0)).n, [&](auto kind) {
    using K = decltype(kind);
    using Item = typename K::Item;
    choose_lines<K>(
        c, largest, [k](Item* items, Item* spare, int64_t n) { return smallest<K>(items, spare, n, k); },
        [=](const char* x, int64_t stride, int64_t n, Item* items, Item* spare) -> const Item* {
          auto few = [&](auto t) {
            return smallest_of_many<K>(reinterpret_cast<const decltype(t)*>(x), stride, n, largest, k, items, spare);
          };
          switch (d) {
            case DType::f32: return few(float{});
            case DType::f64: return few(double{});
            case DType::i64: return few(int64_t{});
            case DType::i32: return few(int32_t{});
            case DType::bf16: return few(bf16{});
            case DType::f16: return few(f16{});
            default: return nullptr;
          }
        });
  });
}

void kthvalue(const Call& c) {
  if (c.out[0].numel == 0) return;
  const int64_t k = c.int_attr(1), which = c.int_attr(2);
  const DType d = c.in[0].dtype;
  with_items("kthvalue", d, LineAxis(c.in[0], c.int_attr(0)).n, [&](auto kind) {
    using K = decltype(kind);
    choose_lines<K>(c, false, [=](typename K::Item* items, typename K::Item* spare, int64_t n) {
      int64_t at = k;
      if (which != 0) {
        int64_t nans = 0;
        if (is_floating(d))
          for (int64_t i = 0; i < n; i++) nans += K::key(items[i]) == nan_key(d);
        at = which == 1 && nans > 0 ? n - nans : std::max<int64_t>(0, n - (which == 2 ? nans : 0) - 1) / 2;
      }
      const typename K::Item chosen = select_item<K>(items, n, at, spare);
      items[0] = chosen;
      return static_cast<const typename K::Item*>(items);
    });
  });
}

void mode(const Call& c) {
  if (c.out[0].numel == 0) return;
  with_items("mode", c.in[0].dtype, LineAxis(c.in[0], c.int_attr(0)).n, [&](auto kind) {
    using K = decltype(kind);
    choose_lines<K>(c, false, [](typename K::Item* items, typename K::Item* spare, int64_t n) {
      sort_items<K>(items, spare, n);
      return longest_run<K>(items, n);
    });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
