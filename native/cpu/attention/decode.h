// Attention of a few queries over many keys, as a decoder's step does. Place in the whole: the forward kernel's path for
// t <= 4, where a panel of queries would be mostly padding and reading k and v is what counts. Keys are split in fixed chunks,
// each with its own maximum, sum and weighted values, so that one sequence also occupies every thread; the chunks are merged in
// order. The queries of all heads that share k and v are answered together, so that these are read once.
#pragma once
#include "cpu/attention/scores.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kDecodeQueries = 4;
constexpr int64_t kDecodeChunk = 256;  // keys
constexpr int64_t kDecodeStretch = 4;  // keys whose values are read in one go: few, so that memory is read in order
constexpr int kTogether = 4;           // queries that share the loads of a row

template <class T>
struct Decode {
  using C = Compute<T>;
  static constexpr int L = kLanes<C>;

  const Problem& p;
  HeadRows y;
  C* lse;

  static bool takes(const Problem& p) { return p.t <= kDecodeQueries && !p.packed() && p.dropout == 0; }

  // Query `row` of those that share a head of k and v: its head within the group, and its position.
  int64_t rows() const { return p.group() * p.t; }
  int64_t head_of(int64_t kv, int64_t row) const { return kv * p.group() + row / p.t; }
  // A chunk's partial result for one query: padded e values, then maximum and sum.
  int64_t partial_size() const { return round_up(p.e, L) + L; }

  // scores[query][at] of one key. Keys one after the other: memory is read in order, which prefetchers keep up with.
  template <int Q>
  SINTER_INLINE void dots(const C* const (&queries)[Q], const T* key, C (&scores)[kTogether][kDecodeChunk],
                          int64_t at) const {
    constexpr int kSums = Q == 1 ? 4 : 2;
    Vec<C> acc[kSums][Q] = {};
    const auto add = [&](int64_t i, auto part, Vec<C>(&sum)[Q]) __attribute__((always_inline)) {
      const Vec<C> x = get(part, key + i);
      for (int q = 0; q < Q; q++) sum[q] += load(queries[q] + i) * x;
    };
    int64_t i = 0;
    for (; i + kSums * L <= p.d; i += kSums * L)
      for (int u = 0; u < kSums; u++) add(i + u * L, Whole{}, acc[u]);
    for (; i + L <= p.d; i += L) add(i, Whole{}, acc[0]);
    if (i < p.d) add(i, Part{static_cast<int>(p.d - i)}, acc[1]);
    for (int q = 0; q < Q; q++) {
      Vec<C> sum = acc[0][q] + acc[1][q];
      if constexpr (kSums == 4) sum += acc[2][q] + acc[3][q];
      scores[q][at] = reduce_add<C>(sum);
    }
  }

  // out[query] += sum of weights[query][key] values[key], columns of V vectors
  template <int Q, int V, class P>
  SINTER_INLINE void weighted(P part, const C (&weights)[kTogether][kDecodeChunk], int64_t j, const T* values,
                              int64_t n, C* const (&out)[Q], int64_t column) const {
    Vec<C> acc[Q][V];
    for (int q = 0; q < Q; q++)
      for (int u = 0; u < V; u++) acc[q][u] = load(out[q] + column + u * L);
    for (int64_t k = 0; k < n; k++) {
      Vec<C> x[V];
      for (int u = 0; u < V; u++) x[u] = get(part, values + k * p.v.row + column + u * L);
      for (int q = 0; q < Q; q++)
        for (int u = 0; u < V; u++) acc[q][u] += weights[q][j + k] * x[u];
    }
    for (int q = 0; q < Q; q++)
      for (int u = 0; u < V; u++) store(out[q] + column + u * L, acc[q][u]);
  }

  // Scores of one query over keys [j, j + n): cap, ALiBi, mask.
  void adjust(int64_t batch, int64_t head, int64_t i, int64_t ahead, int64_t j, int64_t n, C* x) const {
    if (p.cap != 0) {
      const C outer = static_cast<C>(p.cap) * kUnit<C>, inner = C(1) / outer;
      each_step<C>(n, [&](int64_t at, auto part) { put(part, x + at, vtanh(get(part, x + at) * inner) * outer); });
    }
    if (p.slopes.present()) {
      const C slope = static_cast<C>(p.slope(batch, head)) * kUnit<C>;
      for (int64_t k = 0; k < n; k++) x[k] -= slope * static_cast<C>(std::abs(i + ahead - j - k));
    }
    if (!p.mask.present()) return;
    const int64_t* stride = p.mask.strides;
    const int64_t from = batch * stride[0] + head * stride[1] + i * stride[2] + j * stride[3];
    const auto* sees = p.mask.as<uint8_t>() + from;
    const T* add = p.mask.as<T>() + from;
    for (int64_t k = 0; k < n; k++)
      x[k] += p.mask.dtype == DType::boolean ? (sees[k * stride[3]] ? C(0) : -kInf<C>)
                                             : to_compute(add[k * stride[3]]) * kUnit<C>;
  }

  // Rows [row, row + Q) of those of head kv over the keys [j0, j1).
  template <int Q>
  void chunk(int64_t batch, int64_t kv, int64_t row, int64_t j0, int64_t j1, const C* queries, C* partials) const {
    alignas(kVecBytes) C scores[kTogether][kDecodeChunk];
    const Sequence& sequence = p.sequences[batch];
    const Sight sight(p, sequence);
    const int64_t pd = round_up(p.d, L), pe = round_up(p.e, L);
    const C* query[Q];
    C* out[Q];
    int64_t low = j1, high = j0, first[Q], end[Q];  // the keys that any, and each, of them sees
    for (int q = 0; q < Q; q++) {
      const int64_t i = (row + q) % p.t;
      query[q] = queries + (row + q) * pd;
      out[q] = partials + (row + q) * partial_size();
      std::memset(out[q], 0, static_cast<size_t>(pe) * sizeof(C));
      first[q] = std::clamp(sight.first(i), j0, j1);
      end[q] = std::clamp(sight.end(i), first[q], j1);
      low = std::min(low, first[q]);
      high = std::max(high, end[q]);
    }
    const int64_t n = std::max<int64_t>(0, high - low);
    for (int64_t j = 0; j < n;) {
      const Run<T> keys = p.run<T>(p.k, sequence, kv, low + j, n - j);
      for (int64_t k = 0; k < keys.n; k++) dots<Q>(query, keys.rows + k * p.k.row, scores, j + k);
      j += keys.n;
    }
    for (int q = 0; q < Q; q++) {
      C* x = scores[q];
      if (p.adjusted()) adjust(batch, head_of(kv, row + q), (row + q) % p.t, sight.ahead, low, n, x);
      for (int64_t k = 0; k < n; k++)
        if (low + k < first[q] || low + k >= end[q]) x[k] = -kInf<C>;
      const C top = row_max(x, n), from = top == -kInf<C> ? C(0) : top;
      Sums<C> sum;
      sum.add(n, [&](int64_t i, auto part, Vec<C>(&e)[1]) {
        e[0] = exp_unit(get(part, x + i) - from);
        put(part, x + i, e[0]);
      });
      out[q][pe] = top;
      out[q][pe + 1] = sum.total();
    }
    constexpr int V = Q == 4 ? 2 : 8 / Q;
    for (int64_t j = 0; j < n;) {
      const auto [from, some] = p.run<T>(p.v, sequence, kv, low + j, std::min(kDecodeStretch, n - j));
      int64_t column = 0;
      for (; column + V * L <= p.e; column += V * L) weighted<Q, V>(Whole{}, scores, j, from, some, out, column);
      for (; column + L <= p.e; column += L) weighted<Q, 1>(Whole{}, scores, j, from, some, out, column);
      if (column < p.e) weighted<Q, 1>(Part{static_cast<int>(p.e - column)}, scores, j, from, some, out, column);
      j += some;
    }
  }

  void merge(int64_t batch, int64_t head, int64_t i, const C* partials, int64_t chunks, int64_t stride) const {
    const int64_t e = p.e, state = round_up(e, L);
    C top = -kInf<C>;
    for (int64_t k = 0; k < chunks; k++) {
      const C m = partials[k * stride + state];
      top = m > top || m != m ? m : top;
    }
    // A chunk's weight, as the chunk's own exponentials are computed.
    const auto weight = [&](int64_t k) { return exp_unit(splat(partials[k * stride + state] - top))[0]; };
    C sum = 0;
    for (int64_t k = 0; k < chunks; k++)
      if (const C own = partials[k * stride + state + 1]; own != C(0)) sum += own * weight(k);
    const bool blind = sum == C(0);
    T* row = y.at<T>(batch, head, i);
    write_row(row, e, false, [&](int64_t j, auto) {
      Vec<C> acc = {};
      if (blind) return acc;
      for (int64_t k = 0; k < chunks; k++)
        if (partials[k * stride + state + 1] != C(0)) acc += load(partials + k * stride + j) * (weight(k) / sum);
      return acc;
    });
    lse[(batch * p.h + head) * p.t + i] =
        blind ? -kInf<C> : static_cast<C>((top + log_unit(C{}, sum)) / double{kUnit<C>});
  }

  void run(const Call& c) const {
    const Agenda agenda(c, p, p.hk, [](const Sequence& q) { return ceil_div(q.s, kDecodeChunk); });
    const int64_t size = partial_size(), n = rows(), stride = n * size, pd = round_up(p.d, L), shared = p.b * p.hk;
    C* queries = c.scratch_of<C>(shared * n * pd);
    const C unit = static_cast<C>(p.scale) * kUnit<C>;
    for (int64_t row = 0; row < shared * n; row++) {
      C* to = queries + row * pd;
      store(to + pd - L, Vec<C>{});
      const T* from = p.q.at<T>(row / n / p.hk, head_of(row / n % p.hk, row % n), row % n % p.t);
      each_step<T>(p.d, [&](int64_t i, auto part) { put(part, to + i, get(part, from + i) * unit); });
    }
    C* partials = c.scratch_of<C>(agenda.size() * stride);
    parallel_for(agenda.size(), grain_of(2 * std::min(p.s, kDecodeChunk) * p.d * n),
                 [=, this](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; i++) {
                     const auto [batch, kv, piece] = agenda[i];
                     const int64_t j0 = piece * kDecodeChunk;
                     const int64_t j1 = std::min(j0 + kDecodeChunk, p.sequences[batch].s);
                     const C* own = queries + (batch * p.hk + kv) * n * pd;
                     C* to = partials + i * stride;
                     int64_t row = 0;
                     for (; row + 4 <= n; row += 4) chunk<4>(batch, kv, row, j0, j1, own, to);
                     for (; row + 2 <= n; row += 2) chunk<2>(batch, kv, row, j0, j1, own, to);
                     if (row < n) chunk<1>(batch, kv, row, j0, j1, own, to);
                   }
                 });
    parallel_for(shared * n, grain_of(ceil_div(p.s, kDecodeChunk) * p.e), [=, this](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t batch = i / n / p.hk, kv = i / n % p.hk, row = i % n;
        merge(batch, head_of(kv, row), row % p.t, partials + agenda.first(batch, kv) * stride + row * size,
              agenda.pieces(batch), stride);
      }
    });
  }
};

}  // namespace sinter::cpu::SINTER_ISA
