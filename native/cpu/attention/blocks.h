// Shapes, masks and working memory of the attention kernels. Place in the whole: shared by forward, decode and
// backward.
//   q, g, y (b, h, t, d); k, v (b, h, s, d). Scores are kept transposed, keys down and queries across the lanes: the
//   softmax then runs down the columns without any sum across lanes, k and v are read as they lie in memory, and
//   only the block of queries is transposed.
#pragma once
#include "cpu/attention/tile.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kQueryBlock = 64;  // queries a block: the columns of a score block
constexpr int64_t kKeyBlock = 128;   // keys a block: its rows

struct Shape {
  int64_t heads, t, s, d;  // heads: b * h
  bool causal;
  int64_t ahead;  // how many keys beyond its own index a query of a causal call sees

  // mask: 0 none, 1 the last query sees all keys, 2 the first query sees the first key
  Shape(const TensorRef& q, const TensorRef& k, double mask)
      : heads(1), t(q.dim(-2)), s(k.dim(-2)), d(q.dim(-1)), causal(mask != 0), ahead(mask == 1 ? s - t : 0) {
    for (int i = 0; i < q.rank - 2; i++) heads *= q.dims[i];
  }
  // Query i of a causal call sees the keys below this, where there are such.
  int64_t causal_end(int64_t i) const { return i + ahead + 1; }
  int64_t visible(int64_t i) const { return causal ? std::clamp<int64_t>(causal_end(i), 0, s) : s; }
  // Key j is seen by the queries from this on.
  int64_t first_query(int64_t j) const { return causal ? std::clamp<int64_t>(j - ahead, 0, t) : 0; }
};

template <class C>
constexpr int64_t round_up(int64_t n) {
  return (n + kLanes<C> - 1) / kLanes<C> * kLanes<C>;
}

// (n, d) rows as (n, round_up(d)) of the compute type: the rows themselves where they already are, else a padded copy.
template <class T, class C = Compute<T>>
const C* padded_rows(const T* rows, int64_t n, int64_t d, C* copy) {
  const int64_t width = round_up<C>(d);
  if constexpr (sizeof(T) == sizeof(C))
    if (width == d) return rows;
  for (int64_t i = 0; i < n; i++) {
    C* to = copy + i * width;
    store(to + width - kLanes<C>, Vec<C>{});
    each_step<T>(d, [&](int64_t j, auto part) { put(part, to + j, get(part, rows + i * d + j)); });
  }
  return copy;
}
template <class T>
constexpr bool rows_need_copy(int64_t d) {
  return sizeof(T) != sizeof(Compute<T>) || round_up<Compute<T>>(d) != d;
}

// Transposes a square of vectors by exchanging lane bits with row bits.
template <class C, int W, int... I>
SINTER_INLINE void exchange(Vec<C>& a, Vec<C>& b, std::integer_sequence<int, I...>) {
  constexpr int L = kLanes<C>;
  const Vec<C> low = __builtin_shufflevector(a, b, ((I & W) ? L + I - W : I)...);
  b = __builtin_shufflevector(a, b, ((I & W) ? L + I : I + W)...);
  a = low;
}
template <class C, int W = 1>
SINTER_INLINE void transpose_square(Vec<C> (&rows)[kLanes<C>]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes<C>; i++)
    if (!(i & W)) exchange<C, W>(rows[i], rows[i + W], std::make_integer_sequence<int, kLanes<C>>());
  if constexpr (2 * W < kLanes<C>) transpose_square<C, 2 * W>(rows);
}

// The transpose of (n, d) rows, n <= width, times `scale`: (d, width), with zeros in the columns from n on.
template <class T, class C = Compute<T>>
void transposed_rows(const T* rows, int64_t n, int64_t d, C scale, int64_t width, C* to) {
  constexpr int L = kLanes<C>;
  for (int64_t i = 0; i < width; i += L)
    each_step<T>(d, [&](int64_t j, auto part) {
      Vec<C> square[L];
#pragma GCC unroll 16
      for (int r = 0; r < L; r++) square[r] = i + r < n ? get(part, rows + (i + r) * d + j) * scale : Vec<C>{};
      transpose_square<C>(square);
      const int64_t lines = std::min<int64_t>(L, d - j);
#pragma GCC unroll 16
      for (int r = 0; r < L; r++)
        if (r < lines) store(to + (j + r) * width + i, square[r]);
    });
}

// Score block: which vectors and terms of a product the causal mask leaves. Rows are keys from j0 on, columns queries
// from i0 on.
struct CausalBlock {
  const Shape& shape;
  int64_t i0, j0, queries, keys;

  // No pair of the block is masked.
  bool full() const { return shape.visible(i0) >= j0 + keys; }
  // The first column that key row j needs, rounded down to whole vectors.
  template <class C>
  int64_t first_vec(int64_t j) const {
    return std::max<int64_t>(0, shape.first_query(j0 + j) - i0) / kLanes<C>;
  }
  int64_t visible_rows(int64_t query) const {
    return std::clamp<int64_t>(shape.visible(std::min(i0 + query, shape.t - 1)) - j0, 0, keys);
  }
};

// Working memory for as many ranges as can run at once; a range holds one piece while it runs. Results do not depend on
// which piece it gets.
class Workspaces {
 public:
  Workspaces(const Call& c, int64_t bytes_each, int64_t ranges)
      : bytes_((bytes_each + 63) / 64 * 64), count_(static_cast<int>(std::min<int64_t>(ranges, pool_threads()))) {
    const int64_t flags = (count_ + 63) / 64 * 64;
    base_ = c.scratch_of<char>(flags + bytes_ * count_);
    std::memset(base_, 0, static_cast<size_t>(flags));
    first_ = base_ + flags;
  }
  void* acquire() {
    for (int i = 0;; i = (i + 1) % count_)
      if (!__atomic_test_and_set(base_ + i, __ATOMIC_ACQUIRE)) return first_ + i * bytes_;
  }
  void release(void* piece) { __atomic_clear(base_ + (static_cast<char*>(piece) - first_) / bytes_, __ATOMIC_RELEASE); }

 private:
  int64_t bytes_;
  int count_;
  char *base_, *first_;
};

}  // namespace sinter::cpu::SINTER_ISA
