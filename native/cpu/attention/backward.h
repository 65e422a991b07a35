// The backward pass: with P = exp(scores - lse), D = rowsum(g y) and dS = P (g v^T - D),
//   gq = scale dS k,  gk = scale dS^T q,  gv = P^T g;
// under dropout gv takes P and D's partner g v^T with the factors that were drawn; a cap multiplies dS by its derivative.
// Place in the whole: attention_backward.cpp's and attention_bf16.cpp's, which differ in how products are made (wide.h, pairs.h);
// problem.h describes the operands.
// Probabilities are computed again, block by block. One item of work owns a head of k and v, or a part of its keys: gk and gv
// of a block of keys are summed over the queries of all heads that share it, gq over the blocks of keys, in a fixed order.
#pragma once
#include "cpu/attention/ahead.h"
#include "cpu/attention/products.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kItems = 16;  // fewer heads than this: their keys are split, and gq is summed from parts

template <class Products>
struct Backward {
  using T = typename Products::T;
  using C = typename Products::C;
  using Element = typename Products::Element;
  using Factor = typename Products::Factor;
  static constexpr int L = kLanes<C>, W = kWidth<C>;

  const Problem& p;
  HeadRows g, y;
  const C* lse;
  HeadRows gq, gk, gv;
  int64_t parts;
  C* shares;  // (parts, queries of all heads, d) of gq, where there are several parts

  int64_t queries;  // of the longest sequence, in whole blocks
  int64_t
      lines;  // of keys that gk and gv are summed for at a time: those of the longest sequence where heads share them

  struct Memory {
    // Of a head's queries, as panels: transposed q (scores' scale in it, or not) and g; their columns side by side; and D, lse, gq.
    Element *qt, *gt, *q, *g;
    C *delta, *lse, *dq;
    // Of a block, all its panels: P and dS as factors of sums over queries.
    Factor *probability, *score;
    // Of a panel: P and dS as they are computed, dS as a sum over keys takes it, the cap's derivative, dropout's factors.
    C *own_probability, *own_score, *bend, *factor;
    Element* down;
    // gk and gv (of all keys where heads share them), and operands.
    C *dk, *dv, *k, *kt, *v;
  };
  int64_t workspace(Memory* m = nullptr, C* base = nullptr) const {
    const int64_t t = queries, pd = round_up(p.d, W), pe = round_up(p.e, W), panel = kKeyBlock * W;
    constexpr bool kOwn = !Products::kInPlace;
    int64_t at = 0;
    const auto take = [&](int64_t n) { return base + std::exchange(at, at + round_up(n, 16)); };
    const auto elements = [&](int64_t n) { return reinterpret_cast<Element*>(take(n)); };
    const auto factors = [&](int64_t n) {
      return reinterpret_cast<Factor*>(take(n / static_cast<int64_t>(sizeof(C) / sizeof(Factor))));
    };
    Memory mine;
    mine.qt = elements(t * Products::terms(p.d));
    mine.gt = elements(t * Products::terms(p.e));
    mine.q = elements(Products::terms(t) * pd);
    mine.g = elements(Products::terms(t) * pe);
    mine.delta = take(t);
    mine.lse = take(t);
    mine.dq = take(t * p.d);
    mine.probability = factors(kKeyBlock * kQueryBlock);
    mine.score = factors(kKeyBlock * kQueryBlock);
    mine.own_probability = take(kOwn ? panel : 0);
    mine.own_score = take(kOwn ? panel : 0);
    mine.down = elements(kOwn ? Products::terms(kKeyBlock) * W : 0);
    mine.bend = take(p.cap != 0 ? panel : 0);
    mine.factor = take(p.dropout > 0 ? panel : 0);
    mine.dk = take(lines * pd);
    mine.dv = take(lines * pe);
    mine.k = take(Products::row_words(p, p.d));
    mine.kt = take(Products::column_words(p, p.d));
    mine.v = take(Products::row_words(p, p.e));
    if (m) *m = mine;
    return at;
  }

  // Part `part` of head kv of a sequence.
  void run(int64_t sequence, int64_t kv, int64_t part, const Memory& m) const {
    const Sequence& at = p.sequences[sequence];
    const int64_t blocks = ceil_div(at.s, kKeyBlock);
    const int64_t first = blocks * part / parts * kKeyBlock,
                  end = std::min(at.s, blocks * (part + 1) / parts * kKeyBlock);
    const bool shared = p.group() > 1;
    if (shared) clear(m, lines);
    for (int64_t member = 0; member < p.group(); member++) {
      const Scores<T> scores(p, at, kv * p.group() + member);
      Ahead ahead = next_head(sequence, scores.head);
      prepare(scores, m);
      for (int64_t j0 = first; j0 < end; j0 += kKeyBlock) {
        const int64_t n = std::min(kKeyBlock, end - j0);
        if (!shared) clear(m, n);
        block(scores, kv, j0, n, m, shared ? j0 - first : 0, ahead);
        if (!shared) deliver(at, kv, j0, n, m, 0);
      }
      finish_queries(scores, part, m);
    }
    if (shared)
      for (int64_t j0 = first; j0 < end; j0 += kKeyBlock)
        deliver(at, kv, j0, std::min(kKeyBlock, end - j0), m, j0 - first);
  }

 private:
  // What the head after this one begins with, where heads are not split.
  Ahead next_head(int64_t sequence, int64_t head) const {
    Ahead ahead(7);  // 64 rows in the ten steps of two panels
    if (++head == p.h) head = 0, sequence++;
    if (sequence == p.count || parts > 1) return ahead;
    const Sequence& at = p.sequences[sequence];
    for (const HeadRows* x : {&p.q, &gq}) ahead.add<T>(*x, at.batch, head, at.q0, at.t, p.d);
    for (const HeadRows* x : {&g, &y}) ahead.add<T>(*x, at.batch, head, at.q0, at.t, p.e);
    if (head % p.group()) return ahead;
    for (const HeadRows* x : {&p.k, &gk}) ahead.add<T>(*x, at.batch, head / p.group(), at.k0, at.s, p.d);
    for (const HeadRows* x : {&p.v, &gv}) ahead.add<T>(*x, at.batch, head / p.group(), at.k0, at.s, p.e);
    return ahead;
  }

  // The first n rows of gk and gv.
  void clear(const Memory& m, int64_t n) const {
    for (int64_t at = 0; at < p.d; at += W) std::memset(m.dk + at * lines, 0, static_cast<size_t>(n * W) * sizeof(C));
    for (int64_t at = 0; at < p.e; at += W) std::memset(m.dv + at * lines, 0, static_cast<size_t>(n * W) * sizeof(C));
  }

  void prepare(const Scores<T>& scores, const Memory& m) const {
    const Sequence& at = scores.sequence;
    const int64_t t = at.t, d = p.d, e = p.e, dt = Products::terms(d), et = Products::terms(e);
    const int64_t pd = round_up(d, W), pe = round_up(e, W);
    const C unit = static_cast<C>(p.scale) * kUnit<C>;
    const T *q = p.q.at<T>(at.batch, scores.head, at.q0), *gr = g.at<T>(at.batch, scores.head, at.q0);
    const T* yr = y.at<T>(at.batch, scores.head, at.q0);
    for (int64_t i = 0; i < t; i += W) {
      const int64_t n = std::min<int64_t>(W, t - i);
      Products::across(q + i * p.q.row, p.q.row, n, d, unit, m.qt + i * dt);
      Products::across(gr + i * g.row, g.row, n, e, C(1), m.gt + i * et);
    }
    for (int64_t i = 0; i < t; i += kQueryBlock) {
      const int64_t n = std::min(kQueryBlock, t - i);
      Products::side_by_side(q + i * p.q.row, p.q.row, n, d, kQueryBlock, m.q + Products::terms(i) * pd);
      Products::side_by_side(gr + i * g.row, g.row, n, e, kQueryBlock, m.g + Products::terms(i) * pe);
    }
    // A query that saw no key, and the padding of the last block, get lse = inf: P = 0.
    const C* own = lse + (at.batch * p.h + scores.head) * p.t + at.q0;
    for (int64_t i = 0; i < round_up(t, kQueryBlock); i++) {
      m.delta[i] =
          i < t ? static_cast<C>(row_sum<T>(
                      e, [&](int64_t j,
                             auto part) { return get(part, gr + i * g.row + j) * get(part, yr + i * y.row + j); }))
                : C(0);
      const C l = i < t ? own[i] : kInf<C>;
      m.lse[i] = l == -kInf<C> ? kInf<C> : l * kUnit<C>;
    }
    std::memset(m.dq, 0, static_cast<size_t>(round_up(t, W) * d) * sizeof(C));
  }

  // Keys [j0, j0 + n) with all queries of a head; gk and gv are summed at row `to`.
  void block(const Scores<T>& scores, int64_t kv, int64_t j0, int64_t n, const Memory& m, int64_t to,
             Ahead& ahead) const {
    const Sequence& at = scores.sequence;
    const int64_t d = p.d, e = p.e, dt = Products::terms(d), et = Products::terms(e);
    const C unit = static_cast<C>(p.scale) * kUnit<C>;
    const auto k = Products::rows(p, p.k, at, kv, j0, n, d, m.k);
    const auto kt = Products::columns(p, p.k, at, kv, j0, n, d, m.kt);
    const auto v = Products::rows(p, p.v, at, kv, j0, n, e, m.v);
    const int64_t end = scores.sight.end_query(j0 + n);
    for (int64_t i0 = scores.sight.first_query(j0) / kQueryBlock * kQueryBlock; i0 < end; i0 += kQueryBlock) {
      const int64_t count = std::min(kQueryBlock, at.t - i0), panels = ceil_div(count, W);
      for (int64_t panel = 0; panel < panels; panel++) {
        const int64_t i = i0 + panel * W, lanes = std::min<int64_t>(W, at.t - i);
        Panel of{m.probability + panel * kKeyBlock * W, m.score + panel * kKeyBlock * W, m.own_probability, m.own_score,
                 m.down};
        if constexpr (Products::kInPlace) of.pr = of.probability, of.ds = of.score, of.down = of.score;
        const Span span = scores.rows(i, lanes, j0, n, Products::kKeys);
        const auto [low, half, high] = span;
        // Zeros as far as over_queries reads.
        const int64_t above = low == high ? low : std::min<int64_t>(low, kTileRows);
        const int64_t below = low == high ? n - high : std::min<int64_t>(n - high, kTileRows);
        for (Factor* block : {of.probability, of.score}) {
          std::fill(block + (low - above) * W, block + low * W, Factor{});
          std::fill(block + high * W, block + (high + below) * W, Factor{});
        }
        if (low == high) continue;
        ahead.some();
        scores_of<Products>(span, dt, k, m.qt + i * dt, unit, of.pr);
        ahead.some();
        scores_of<Products>(span, et, v, m.gt + i * et, C(1), of.ds);
        ahead.some();
        scores.adjust(of.pr, i, lanes, j0, span, p.cap != 0 ? m.bend : nullptr);
        if (p.dropout > 0) scores.draw(m.factor, i, j0, low, high);
        score_gradients(span, m.lse + i, m.delta + i, of, m);
        ahead.some();
        over_keys<Products>(span, d, kt, of.down, m.dq + i * d);
      }
      const auto sum = [&](const Factor* factors, const Element* rows, int64_t width, C* out) {
        rows += Products::terms(i0) * round_up(width, W);
        over_queries<Products>(scores.sight, i0, j0, n, panels, factors, rows, width, lines, out);
      };
      ahead.some();
      sum(m.probability, m.g, e, m.dv + to * W);
      ahead.some();
      sum(m.score, m.q, d, m.dk + to * W);
    }
  }

  // P and dS of a panel of queries and a block of keys.
  struct Panel {
    Factor *probability, *score;
    C *pr, *ds;
    Element* down;
  };

  // Scores -> P; g v^T -> dS.
  void score_gradients(const Span& span, const C* own_lse, const C* own_delta, const Panel& of, const Memory& m) const {
    constexpr int kKeys = Products::kKeys;
    const Vec<C> base[2] = {load(own_lse), load(own_lse + L)}, delta[2] = {load(own_delta), load(own_delta + L)};
    const C *factors = p.dropout > 0 ? m.factor : nullptr, *bend = p.cap != 0 ? m.bend : nullptr;
    const auto step = [&](int64_t j, auto keys, auto first) __attribute__((always_inline)) {
      Vec<C> probability[kKeys][2] = {}, slope[kKeys][2] = {};
      for (int u = 0; u < decltype(keys)::value; u++)
        for (int v = decltype(first)::value; v < 2; v++) {
          const int64_t at = (j + u) * W + v * L;
          Vec<C> e = exp_unit(load(of.pr + at) - base[v]), pull = load(of.ds + at);
          if (factors) pull *= load(factors + at);
          slope[u][v] = e * (pull - delta[v]);
          if (bend) slope[u][v] *= load(bend + at);
          probability[u][v] = factors ? e * load(factors + at) : e;
        }
      Products::keep_factors(of.probability, j, probability);
      Products::keep_both(of.score, of.down, j, slope);
    };
    const auto steps = [&](int64_t j, int64_t end, auto first) __attribute__((always_inline)) {
      for (; j + kKeys <= end; j += kKeys) step(j, std::integral_constant<int, kKeys>{}, first);
      if constexpr (kKeys > 1)
        if (j < end) step(j, std::integral_constant<int, 1>{}, first);
    };
    steps(span.low, span.half, std::integral_constant<int, 0>{});
    steps(span.half, span.high, std::integral_constant<int, 1>{});
  }

  void deliver(const Sequence& at, int64_t kv, int64_t j0, int64_t n, const Memory& m, int64_t from) const {
    panels_out(m.dk + from * W, lines, n, p.d, static_cast<C>(p.scale), gk.at<T>(at.batch, kv, at.k0 + j0), gk.row);
    panels_out(m.dv + from * W, lines, n, p.e, C(1), gv.at<T>(at.batch, kv, at.k0 + j0), gv.row);
  }

  void finish_queries(const Scores<T>& scores, int64_t part, const Memory& m) const {
    const Sequence& at = scores.sequence;
    alignas(kVecBytes) C factor[W];
    for (C& f : factor) f = static_cast<C>(p.scale);
    for (int64_t i = 0; i < at.t; i += W) {
      const int64_t n = std::min<int64_t>(W, at.t - i);
      if (parts == 1)
        transpose_out(m.dq + i * p.d, factor, n, p.d, gq.at<T>(at.batch, scores.head, at.q0 + i), gq.row);
      else
        transpose_out(m.dq + i * p.d, factor, n, p.d, share(part, at, scores.head, i), p.d);
    }
  }

 public:
  C* share(int64_t part, const Sequence& at, int64_t head, int64_t i) const {
    return shares + (((part * p.b + at.batch) * p.h + head) * p.t + at.q0 + i) * p.d;
  }
  // gq of the rows [begin, end) of all heads: the parts' sums.
  void merge(int64_t begin, int64_t end) const {
    const int64_t stride = p.b * p.h * p.t * p.d;
    for (int64_t row = begin; row < end; row++) {
      const C* from = shares + row * p.d;
      T* to = gq.at<T>(row / p.t / p.h, row / p.t % p.h, row % p.t);
      each_step<T>(p.d, [&](int64_t j, auto step) {
        Vec<C> sum = get(step, from + j);
        for (int64_t part = 1; part < parts; part++) sum += get(step, from + part * stride + j);
        put(step, to + j, sum);
      });
    }
  }
};

template <class Products>
void run_backward(const Call& c) {
  using T = typename Products::T;
  using C = typename Products::C;
  const Problem p(c, "attentionBackward", c.in + 3, c.nin - 3);
  const int64_t heads = p.count * p.hk;
  const bool nothing = heads == 0 || p.t == 0 || p.s == 0;
  if (nothing || p.packed())  // rows between sequences
    for (int i = 0; i < c.nout; i++)
      if (c.out[i].numel) std::memset(c.out[i].data, 0, static_cast<size_t>(c.out[i].numel) * sizeof(T));
  if (nothing) return;
  const int64_t blocks = ceil_div(p.s, kKeyBlock);
  const int64_t parts = std::clamp<int64_t>(ceil_div(kItems, heads), 1, blocks);
  C* shares = parts > 1 ? c.scratch_of<C>(parts * p.b * p.h * p.t * p.d) : nullptr;
  if (parts > 1 && p.packed()) std::memset(shares, 0, static_cast<size_t>(parts * p.b * p.h * p.t * p.d) * sizeof(C));
  int64_t longest_t = 0, longest_s = 0;
  for (int64_t i = 0; i < p.count; i++) {
    longest_t = std::max(longest_t, p.sequences[i].t);
    longest_s = std::max(longest_s, p.sequences[i].s);
  }
  const auto result = [&](int i, int64_t heads, int64_t rows, int64_t width) {
    return c.nout == 1 ? HeadRows(c.out[0].data, sizeof(T), i, heads, rows, width)
                       : HeadRows(c.out[i].data, heads, rows, width, p.by_rows);
  };
  const Backward<Products> b{p,
                             HeadRows(c.in[0]),
                             HeadRows(c.in[1]),
                             c.in[2].as<C>(),
                             result(0, p.h, p.t, p.d),
                             result(1, p.hk, p.s, p.d),
                             result(2, p.hk, p.s, p.e),
                             parts,
                             shares,
                             round_up(longest_t, kQueryBlock),
                             p.group() > 1 ? round_up(longest_s, kKeyBlock) : kKeyBlock};
  const Agenda agenda(c, p, p.hk, [&](const Sequence&) { return parts; });
  const int64_t cost =
      std::max<int64_t>(1, p.t * p.s / std::max<int64_t>(1, p.packed() ? p.count * p.count : 1) * p.d * p.group());
  const int64_t grain = std::max<int64_t>(1, (1 << 18) / cost);
  Workplaces places(c, b.workspace() * static_cast<int64_t>(sizeof(C)), ceil_div(agenda.size(), grain));
  parallel_for(agenda.size(), grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    C* base = reinterpret_cast<C*>(places.memory(place));
    typename Backward<Products>::Memory memory;
    b.workspace(&memory, base);
    for (int64_t i = begin; i < end; i++) {
      const Agenda::Item item = agenda[i];
      b.run(item.sequence, item.head, item.piece, memory);
    }
    places.release(place);
  });
  if (parts > 1)
    parallel_for(p.b * p.h * p.t, grain_of(p.d * (parts + 1)),
                 [&](int64_t begin, int64_t end) { b.merge(begin, end); });
}

}  // namespace sinter::cpu::SINTER_ISA
