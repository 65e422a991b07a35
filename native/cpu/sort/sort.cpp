// sort: x -> values, i64 indices {axis, descending}. Place in the whole: kernel of native/ops.def, compiled once per
// instruction set.
//   x contiguous, any real dtype; stable, NaN greatest.
// Lines are sorted by as many threads as there are; few long lines are cut into pieces that are sorted side by side and
// merged, each merge cut into ranges of the result.
#include "cpu/sort/keys.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kPiece = 32768;  // items of a long line that are sorted or merged by one range
constexpr int64_t kMostPieces = 64;

// How many of the first `count` items of the merged a and b are a's.
template <class K>
int64_t merge_split(const typename K::Item* a, int64_t na, const typename K::Item* b, int64_t nb, int64_t count) {
  int64_t low = std::max<int64_t>(0, count - nb), high = std::min(count, na);
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (K::less(a[middle], b[count - 1 - middle]))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// Merges neighbouring pieces of `width` items.
template <class K>
void merge_level(const typename K::Item* from, typename K::Item* to, int64_t n, int64_t width) {
  // Ranges do not cross pairs: width is a multiple of kPiece.
  parallel_for((n + kPiece - 1) / kPiece, 1, [=](int64_t begin, int64_t end) {
    for (int64_t range = begin; range < end; range++) {
      const int64_t first = range * kPiece, count = std::min(kPiece, n - first), pair = first / (2 * width) * 2 * width;
      const int64_t na = std::min(width, n - pair), nb = std::min(width, n - pair - na);
      const typename K::Item *a = from + pair, *b = a + na;
      const int64_t i = merge_split<K>(a, na, b, nb, first - pair), j = first - pair - i;
      merge_items<K>(a + i, na - i, b + j, nb - j, to + first, count);
    }
  });
}

template <class K>
void sort_long_line(const Call& c, int64_t base, int64_t stride, int64_t n, bool descending, typename K::Item* items,
                    typename K::Item* spare) {
  const TensorRef& x = c.in[0];
  const char* data = x.as<char>() + base * static_cast<int64_t>(dtype_size(x.dtype));
  const int64_t ranges = (n + kPiece - 1) / kPiece, width = (ranges + kMostPieces - 1) / kMostPieces * kPiece;
  parallel_for((n + width - 1) / width, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; piece++) {
      const int64_t first = piece * width, count = std::min(width, n - first);
      make_items<K>(x.dtype, data + first * stride * static_cast<int64_t>(dtype_size(x.dtype)), stride, first, count,
                    descending, items + first);
      sort_items<K>(items + first, spare + first, count);
    }
  });
  for (int64_t merged = width; merged < n; merged *= 2) {
    merge_level<K>(items, spare, n, merged);
    std::swap(items, spare);
  }
  parallel_for(n, kPiece, [&](int64_t begin, int64_t end) {
    write_line<K>(x, base, stride, items + begin, end - begin, c.out[0], c.out[1], base + begin * stride, stride);
  });
}

template <class K>
void sort_lines(const Call& c) {
  const TensorRef& x = c.in[0];
  const LineAxis a(x, c.int_attr(0));
  const bool descending = c.attr[1] != 0;
  const int64_t lines = a.outer * a.inner;
  if (a.n >= 4 * kPiece && lines < 8) {
    auto* items = c.scratch_of<typename K::Item>(2 * a.n);
    for (int64_t line = 0; line < lines; line++)
      sort_long_line<K>(c, line / a.inner * a.n * a.inner + line % a.inner, a.inner, a.n, descending, items,
                        items + a.n);
    return;
  }
  const LineMemory<K> memory(c, a.n);
  parallel_for(lines, std::max<int64_t>(1, kSortGrain / a.n), [&](int64_t begin, int64_t end) {
    memory.use([&](typename K::Item* items, typename K::Item* spare) {
      for (int64_t line = begin; line < end; line++) {
        const int64_t base = line / a.inner * a.n * a.inner + line % a.inner;
        make_items<K>(x.dtype, x.as<char>() + base * static_cast<int64_t>(dtype_size(x.dtype)), a.inner, 0, a.n,
                      descending, items);
        sort_items<K>(items, spare, a.n);
        write_line<K>(x, base, a.inner, items, a.n, c.out[0], c.out[1], base, a.inner);
      }
    });
  });
}

}  // namespace

void sort(const Call& c) {
  if (c.in[0].numel == 0) return;
  with_items("sort", c.in[0].dtype, LineAxis(c.in[0], c.int_attr(0)).n,
             [&](auto kind) { sort_lines<decltype(kind)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
