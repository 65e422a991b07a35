// Attention of a few queries over many keys, as a decoder's step does. Place in the whole: the forward kernel's path for
// t <= 4, where a panel of queries would be mostly padding and reading k and v is what counts. Keys are split in fixed chunks,
// each with its own maximum, sum and weighted values, so that one sequence also occupies every thread; the chunks are merged in
// order. The queries of all heads that share k and v are answered together, so that these are read once.
#pragma once
#include "cpu/attention/scores.h"
#include "cpu/simd/ask.h"
#include "cpu/simd/sums.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kDecodeQueries = 4;
constexpr int64_t kDecodeChunk = 256;   // keys
constexpr int64_t kDecodeStretch = 16;  // keys whose values are weighted before the next columns
constexpr int kTogether = 8;            // queries that share the loads of a row
constexpr int64_t kAskedAhead = 8192;   // bytes: the latency of memory while a core reads 40 GB/s
constexpr int64_t kMostRowsAhead = 32;
constexpr bool kManyRegisters = kTileRows == 12;
template <class T>
constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));  // elements

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

  // (No fma_into: the compiler would then no longer load x in the order of memory.)
  template <int Q, class P>
  static SINTER_INLINE void add_terms(Vec<C> (&acc)[Q], const C* queries, const T* key, P part) {
    const Vec<C> x = get(part, key);
    unrolled<Q>([&](auto q) SINTER_STEP { acc[q] += load(queries + q * L) * x; });
  }
  // The lanes of the products of Q queries and one key. What is read `ahead` keys later is asked for meanwhile.
  template <int Q>
  SINTER_INLINE void products(const C* queries, const T* key, const T* wanted, C* lanes) const {
    constexpr int64_t line = kLine<T>;
    constexpr int kChains = Q < 4 ? 4 / Q : 1;
    Vec<C> acc[kChains][Q];
    unrolled<kChains>([&](auto c) SINTER_STEP { unrolled<Q>([&](auto q) SINTER_STEP { acc[c][q] = Vec<C>{}; }); });
    const int64_t d = p.d;
    constexpr int64_t turn = std::max<int64_t>(line, kChains * L);
    int64_t i = 0;
    for (; i + turn <= d; i += turn) {
      unrolled<turn / line>([&](auto u) SINTER_STEP { ask_for(wanted + i + u * line); });
      unrolled<turn / L>([&](auto u) SINTER_STEP {
        add_terms<Q>(acc[u % kChains], queries + (i + u * L) * Q, key + i + u * L, Whole{});
      });
    }
    for (; i + L <= d; i += L) add_terms<Q>(acc[0], queries + i * Q, key + i, Whole{});
    if (i < d) add_terms<Q>(acc[0], queries + i * Q, key + i, Part{static_cast<int>(d - i)});
    unrolled<Q>([&](auto q) SINTER_STEP {
      Vec<C> sum = acc[0][q];
      if constexpr (kChains == 2) sum += acc[1][q];
      if constexpr (kChains == 4) sum = (sum + acc[1][q]) + (acc[2][q] + acc[3][q]);
      store(lanes + q * L, sum);
    });
  }
  // scores[query][at ...] of K keys, one after the other by the same instructions, by which prefetchers know them.
  template <int Q, int K>
  SINTER_INLINE void dots(const C* queries, const T* const* keys, int64_t ahead, C (&scores)[kTogether][kDecodeChunk],
                          int64_t at) const {
    alignas(kVecBytes) C lanes[K * Q * L];
#pragma GCC unroll 1
    for (int k = 0; k < K; k++) products<Q>(queries, keys[k], keys[k + ahead], lanes + k * Q * L);
    C sums[Q * K];
    reduce_add_all<C>([&](auto i) SINTER_STEP { return load(lanes + (i % K * Q + i / K) * L); }, sums);
    for (int q = 0; q < Q; q++) std::memcpy(&scores[q][at], sums + q * K, sizeof(C) * K);
  }

  // out[query] += sum of weights[query][j + key] values[key] over n keys, columns of V vectors. Each asks for its share of what comes: the requests keep an even pace.
  template <int Q, int V, class P>
  SINTER_INLINE void weighted(P part, const C (&weights)[kTogether][kDecodeChunk], int64_t j, const T* const* values,
                              int64_t n, int64_t ahead, C* const (&out)[Q], int64_t column) const {
    constexpr int kLines = std::max<int64_t>(1, V * L / kLine<T>);
    Vec<C> acc[Q * V];
    const auto each = [](auto f) SINTER_STEP {
      unrolled<Q>([&](auto q) SINTER_STEP { unrolled<V>([&](auto u) SINTER_STEP { f(q, u); }); });
    };
    each([&](auto q, auto u) SINTER_STEP { acc[q * V + u] = load(out[q] + column + u * L); });
    for (int64_t k = 0; k < n; k++) {
      unrolled<kLines>([&](auto i) SINTER_STEP { ask_for(values[k + ahead] + column + i * kLine<T>); });
      Vec<C> x[V];
      unrolled<V>([&](auto u) SINTER_STEP { x[u] = get(part, values[k] + column + u * L); });
      unrolled<Q>([&](auto q) SINTER_STEP {
        const Vec<C> weight = splat(weights[q][j + k]);
        unrolled<V>([&](auto u) SINTER_STEP { acc[q * V + u] += weight * x[u]; });
      });
    }
    each([&](auto q, auto u) SINTER_STEP { store(out[q] + column + u * L, acc[q * V + u]); });
  }
  // All columns from `column` on: V vectors at a time, then fewer.
  template <int Q, int V>
  SINTER_INLINE void weighted_columns(const C (&weights)[kTogether][kDecodeChunk], int64_t j, const T* const* values,
                                      int64_t n, int64_t ahead, C* const (&out)[Q], int64_t column) const {
    for (; column + V * L <= p.e; column += V * L) weighted<Q, V>(Whole{}, weights, j, values, n, ahead, out, column);
    if constexpr (V > 1)
      weighted_columns<Q, V / 2>(weights, j, values, n, ahead, out, column);
    else if (column < p.e)
      weighted<Q, 1>(Part{static_cast<int>(p.e - column)}, weights, j, values, n, ahead, out, column);
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

  // Rows [row, row + Q) of those of head kv over the keys [j0, j1). queries (d / L, Q, L).
  template <int Q>
  void chunk(int64_t batch, int64_t kv, int64_t row, int64_t j0, int64_t j1, const C* queries, C* partials) const {
    alignas(kVecBytes) C scores[kTogether][kDecodeChunk];
    const Sequence& sequence = p.sequences[batch];
    const Sight sight(p, sequence);
    const int64_t pe = round_up(p.e, L);
    C* out[Q];
    int64_t low = j1, high = j0, first[Q], end[Q];  // the keys that any, and each, of them sees
    for (int q = 0; q < Q; q++) {
      const int64_t i = (row + q) % p.t;
      out[q] = partials + (row + q) * partial_size();
      std::memset(out[q], 0, static_cast<size_t>(pe) * sizeof(C));
      first[q] = std::clamp(sight.first(i), j0, j1);
      end[q] = std::clamp(sight.end(i), first[q], j1);
      low = std::min(low, first[q]);
      high = std::max(high, end[q]);
    }
    const int64_t n = std::max<int64_t>(0, high - low);
    // The rows of keys, then those of values, as they are read: what is asked for ahead of one goes on in the other.
    const T* rows[2 * kDecodeChunk + kMostRowsAhead];
    find_rows(p.k, sequence, kv, low, n, rows);
    find_rows(p.v, sequence, kv, low, n, rows + n);
    std::fill_n(rows + 2 * n, kMostRowsAhead, n > 0 ? rows[2 * n - 1] : nullptr);
    constexpr int K = std::max(1, L / Q);
    int64_t j = 0;
    for (; j + K <= n; j += K) dots<Q, K>(queries, rows + j, rows_ahead(p.d), scores, j);
    for (; j < n; j++) dots<Q, 1>(queries, rows + j, rows_ahead(p.d), scores, j);
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
    constexpr int V = std::min(8, (kManyRegisters ? 16 : 8) / Q);
    for (j = 0; j < n; j += kDecodeStretch)
      weighted_columns<Q, V>(scores, j, rows + n + j, std::min(kDecodeStretch, n - j), rows_ahead(p.e), out, 0);
  }

  // The addresses of rows [j, j + n) of x, which is k or v.
  void find_rows(const HeadRows& x, const Sequence& sequence, int64_t kv, int64_t j, int64_t n, const T** rows) const {
    for (int64_t i = 0; i < n;) {
      const Run<T> run = p.run<T>(x, sequence, kv, j + i, n - i);
      for (int64_t k = 0; k < run.n; k++) rows[i + k] = run.rows + k * x.row;
      i += run.n;
    }
  }
  static int64_t rows_ahead(int64_t width) {
    return std::clamp(kAskedAhead / static_cast<int64_t>(sizeof(T)) / std::max<int64_t>(width, 1), int64_t{kTogether},
                      kMostRowsAhead);
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

  // Calls f with the first of the rows that are answered together and, as a constant, their number.
  template <class F>
  void turns(F f) const {
    const int64_t n = rows();
    int64_t row = 0;
    for (; row + 8 <= n; row += 8) f(row, std::integral_constant<int, 8>{});
    for (; row + 4 <= n; row += 4) f(row, std::integral_constant<int, 4>{});
    for (; row + 2 <= n; row += 2) f(row, std::integral_constant<int, 2>{});
    if (row < n) f(row, std::integral_constant<int, 1>{});
  }

  void run(const Call& c) const {
    const Agenda agenda(c, p, p.hk, [](const Sequence& q) { return ceil_div(q.s, kDecodeChunk); });
    const int64_t size = partial_size(), n = rows(), stride = n * size, pd = round_up(p.d, L), shared = p.b * p.hk;
    C* queries = c.scratch_of<C>(shared * n * pd);
    const C unit = static_cast<C>(p.scale) * kUnit<C>;
    for (int64_t head = 0; head < shared; head++)
      turns([&](int64_t row, auto at_once) {
        for (int64_t q = 0; q < at_once; q++) {
          const T* from = p.q.at<T>(head / p.hk, head_of(head % p.hk, row + q), (row + q) % p.t);
          C* to = queries + (head * n + row) * pd + q * L;
          each_step<T>(
              p.d, [&](int64_t i, auto part) { store(to + i * at_once, only<C>(part, get(part, from + i) * unit)); });
        }
      });
    C* partials = c.scratch_of<C>(agenda.size() * stride);
    parallel_for(
        agenda.size(), grain_of(2 * std::min(p.s, kDecodeChunk) * p.d * n), [=, this](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; i++) {
            const auto [batch, kv, piece] = agenda[i];
            const int64_t j0 = piece * kDecodeChunk;
            const int64_t j1 = std::min(j0 + kDecodeChunk, p.sequences[batch].s);
            const C* own = queries + (batch * p.hk + kv) * n * pd;
            C* to = partials + i * stride;
            turns([&](int64_t row, auto at_once) { chunk<at_once>(batch, kv, row, j0, j1, own + row * pd, to); });
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
