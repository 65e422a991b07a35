// embeddingBag: sums, means or maxima of rows of a table, a bag at a time. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set.
//   weight (rows, n) f32 f64 bf16 f16, indices (k), offsets (b or b + 1) i64 or i32 alike, perSampleWeights? (k)
//   -> y (b, n), bagOf (k), counts (b), largest (b, n) (all i64) {mode, paddingIdx, includeLastOffset}
// Bag i is indices[offsets[i] .. offsets[i + 1]); entries that are paddingIdx count for nothing, and an empty bag gives
// zeros. Sums are kept in the compute type.
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

enum BagMode : int { kBagSum = 0, kBagMean = 1, kBagMax = 2 };

constexpr int64_t kAhead = 16;  // rows lie anywhere in the table: they are called for this many entries ahead

template <class T, class I>
struct Bags {
  using C = Compute<T>;
  const T* weight;
  const I* indices;
  const C* scale;  // per entry, or null
  int64_t k, rows, n, padding;
  int mode;

  // NV vectors of columns from j on.
  template <int NV, class P>
  SINTER_INLINE void columns(P part, int64_t from, int64_t to, int64_t j, C factor, T* out) const {
    const I* at = indices;
    const T* table = weight + j;
    const C* scales = scale;
    const int64_t width = n, skip = padding, ahead = k - kAhead;
    Vec<C> sum[NV] = {};
    for (int64_t i = from; i < to; i++) {
      if (i < ahead && in_range(at[i + kAhead], rows)) {
        const T* next = table + static_cast<int64_t>(at[i + kAhead]) * width;
#pragma GCC unroll 8
        for (int u = 0; u < NV; u += 64 / kVecBytes) __builtin_prefetch(next + u * kStep<T>);
      }
      if (at[i] == skip) continue;
      const T* row = table + static_cast<int64_t>(at[i]) * width;
      const C s = scales ? scales[i] : C(1);
#pragma GCC unroll 8
      for (int u = 0; u < NV; u++) sum[u] += get(part, row + u * kStep<T>) * s;
    }
#pragma GCC unroll 8
    for (int u = 0; u < NV; u++) put(part, out + j + u * kStep<T>, sum[u] * factor);
  }

  void sum(int64_t from, int64_t to, int64_t count, T* out) const {
    constexpr int64_t L = kStep<T>;
    const C factor = mode == kBagMean && count > 0 ? C(1) / static_cast<C>(count) : C(1);
    int64_t j = 0;
    for (; j + 8 * L <= n; j += 8 * L) columns<8>(Whole{}, from, to, j, factor, out);
    for (; j + 4 * L <= n; j += 4 * L) columns<4>(Whole{}, from, to, j, factor, out);
    for (; j + L <= n; j += L) columns<1>(Whole{}, from, to, j, factor, out);
    if (j < n) columns<1>(Part{static_cast<int>(n - j)}, from, to, j, factor, out);
  }

  void largest(int64_t from, int64_t to, T* out, int64_t* which) const {
    for (int64_t j = 0; j < n; j++) which[j] = -1, out[j] = from_compute<T>(C(0));
    for (int64_t i = from; i < to; i++) {
      const int64_t r = indices[i];
      if (r == padding) continue;
      const T* row = weight + r * n;
      for (int64_t j = 0; j < n; j++) {
        const bool wins = which[j] < 0 || to_compute(row[j]) > to_compute(out[j]);
        out[j] = wins ? row[j] : out[j];
        which[j] = wins ? r : which[j];
      }
    }
  }
};

template <class T, class I>
void embedding_bag(const Call& c) {
  const TensorRef& table = c.in[0];
  const int64_t rows = table.dims[0], n = table.dims[1], k = c.in[1].numel, bags = c.out[2].numel;
  const I *indices = c.in[1].as<I>(), *offsets = c.in[2].as<I>();
  const bool last = c.attr[2] != 0;
  const Bags<T, I> b{table.as<T>(),
                     indices,
                     as_compute<Compute<T>>(c, c.opt(3)),
                     k,
                     rows,
                     n,
                     c.int_attr(1),
                     static_cast<int>(c.attr[0])};
  int64_t *bag_of = c.out[1].as<int64_t>(), *counts = c.out[2].as<int64_t>(), *which = c.out[3].as<int64_t>();
  const auto end_of = [=](int64_t i) -> int64_t { return i + 1 < bags || last ? offsets[i + 1] : k; };
  for (int64_t i = 0; i < bags; i++) {
    const int64_t from = offsets[i], to = end_of(i);
    if ((i == 0 && from != 0) || from > to || to > k || (i + 1 == bags && to != k))
      fail(
          ErrorCode::index_out_of_range,
          "embeddingBag: bag %lld takes entries %lld to %lld of %lld; offsets start with 0, grow and cover the indices",
          static_cast<long long>(i), static_cast<long long>(from), static_cast<long long>(to),
          static_cast<long long>(k));
  }
  T* y = c.out[0].as<T>();
  FirstBad bad;
  parallel_for(bags, grain_of(n * (1 + k / std::max<int64_t>(bags, 1))), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t from = offsets[i], to = end_of(i);
      int64_t count = 0, wrong = 0;
      for (int64_t e = from; e < to; e++) {
        bag_of[e] = i, count += indices[e] != b.padding;
        wrong += !in_range(indices[e], rows);
      }
      counts[i] = count;
      if (wrong > 0)
        bad.note(std::find_if(indices + from, indices + to, [=](I r) { return !in_range(r, rows); }) - indices);
      else if (b.mode == kBagMax)
        b.largest(from, to, y + i * n, which + i * n);
      else
        b.sum(from, to, count, y + i * n);
    }
  });
  bad.check("embeddingBag", indices, rows);
}

}  // namespace

void embeddingBag(const Call& c) {
  with_floating(c.in[0].dtype, "embeddingBag", [&](auto t) {
    with_index(c.in[1].dtype, "embeddingBag", [&](auto i) { embedding_bag<decltype(t), decltype(i)>(c); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
