// Attention of a few queries over many keys, as a decoder's step does. Place in the whole: the forward kernel's path
// for t <= 4, where a block of queries would be mostly padding and reading k and v is what counts. Keys are split in
// fixed chunks, each with its own maximum, sum and weighted values, so that one sequence also occupies every thread;
// the chunks are merged in order.
#pragma once
#include "cpu/attention/blocks.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kDecodeQueries = 4;
constexpr int64_t kDecodeChunk = 256;  // keys

template <class T>
struct Decode {
  using C = Compute<T>;
  static constexpr int64_t L = kLanes<C>;

  Shape shape;
  const T *q, *k, *v;
  T* y;
  C *lse, scale;

  // A chunk's partial result for one query: padded d values, then maximum and sum.
  int64_t partial_size() const { return round_up<C>(shape.d) + L; }

  void dots(const T* query, const T* keys, int64_t n, C* scores) const {
    const int64_t d = shape.d;
    int64_t j = 0;
    for (; j + 4 <= n; j += 4) {
      Vec<C> acc[4] = {};
      each_step<T>(d, [&](int64_t i, auto part) {
        const Vec<C> x = get(part, query + i);
        for (int u = 0; u < 4; u++) acc[u] += x * get(part, keys + (j + u) * d + i);
      });
      for (int u = 0; u < 4; u++) scores[j + u] = reduce_add<C>(acc[u]) * scale;
    }
    for (; j < n; j++) {
      Vec<C> acc = {};
      each_step<T>(d, [&](int64_t i, auto part) { acc += get(part, query + i) * get(part, keys + j * d + i); });
      scores[j] = reduce_add<C>(acc) * scale;
    }
  }

  // out = sum of weights[j] values[j]
  template <int NV, class P>
  SINTER_INLINE void weighted(P part, const C* weights, const T* values, int64_t n, C* out) const {
    Vec<C> acc[NV] = {};
    for (int64_t j = 0; j < n; j++)
      for (int u = 0; u < NV; u++) acc[u] += weights[j] * get(part, values + j * shape.d + u * L);
    for (int u = 0; u < NV; u++) store(out + u * L, acc[u]);
  }

  void chunk(int64_t head, int64_t j0, int64_t query, C* partial) const {
    alignas(kVecBytes) C scores[kDecodeChunk];
    const int64_t d = shape.d, n = std::clamp<int64_t>(shape.visible(query) - j0, 0, kDecodeChunk);
    C* state = partial + round_up<C>(d);
    const T* values = v + (head * shape.s + j0) * d;
    dots(q + (head * shape.t + query) * d, k + (head * shape.s + j0) * d, n, scores);
    const C top = row_max(scores, n), from = top == -kInf<C> ? C(0) : top;
    Sums<C> sum;
    sum.add(n, [&](int64_t i, auto part, Vec<C>(&e)[1]) {
      e[0] = exp_nonpositive(get(part, scores + i) - from);
      put(part, scores + i, e[0]);
    });
    state[0] = top;
    state[1] = sum.total();
    int64_t i = 0;
    for (; i + 8 * L <= d; i += 8 * L) weighted<8>(Whole{}, scores, values + i, n, partial + i);
    for (; i + 2 * L <= d; i += 2 * L) weighted<2>(Whole{}, scores, values + i, n, partial + i);
    for (; i + L <= d; i += L) weighted<1>(Whole{}, scores, values + i, n, partial + i);
    if (i < d) weighted<1>(Part{static_cast<int>(d - i)}, scores, values + i, n, partial + i);
  }

  void merge(int64_t row, const C* partials, int64_t chunks, int64_t stride) const {
    const int64_t d = shape.d, state = round_up<C>(d);
    C top = -kInf<C>;
    for (int64_t i = 0; i < chunks; i++) {
      const C m = partials[i * stride + state];
      top = m > top || m != m ? m : top;
    }
    C sum = 0;
    for (int64_t i = 0; i < chunks; i++) {
      const C* p = partials + i * stride + state;
      if (p[1] != C(0)) sum += p[1] * std::exp(p[0] - top);
    }
    const bool blind = sum == C(0);
    write_row(y + row * d, d, false, [&](int64_t j, auto) {
      Vec<C> acc = {};
      if (blind) return acc;
      for (int64_t i = 0; i < chunks; i++) {
        const C* p = partials + i * stride;
        if (p[state + 1] != C(0)) acc += load(p + j) * (std::exp(p[state] - top) / sum);
      }
      return acc;
    });
    lse[row] = blind ? -kInf<C> : top + std::log(sum);
  }

  void run(const Call& c) const {
    const int64_t chunks = std::max<int64_t>(1, (shape.s + kDecodeChunk - 1) / kDecodeChunk), size = partial_size();
    const int64_t t = shape.t, stride = t * size;
    C* partials = c.scratch_of<C>(shape.heads * chunks * stride);
    parallel_for(shape.heads * chunks, grain_of(2 * std::min(shape.s, kDecodeChunk) * shape.d),
                 [=, this](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; i++)
                     for (int64_t query = 0; query < t; query++)
                       chunk(i / chunks, i % chunks * kDecodeChunk, query, partials + i * stride + query * size);
                 });
    parallel_for(shape.heads * t, grain_of(chunks * shape.d), [=, this](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++)
        merge(row, partials + row / t * chunks * stride + row % t * size, chunks, stride);
    });
  }
};

}  // namespace sinter::cpu::SINTER_ISA
