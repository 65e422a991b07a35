// The forward pass over panels of queries. Place in the whole: attention.cpp's and attention_bf16.cpp's, which differ in how products
// are made (wide.h, pairs.h).
// Online softmax over blocks of keys (Dao, "FlashAttention-2", 2023): scores exist for a panel of queries and 128 keys at a
// time. The result is summed transposed, (e, queries), like the scores. A query that sees no key gets a zero row and lse = -inf.
#pragma once
#include "cpu/attention/ahead.h"
#include "cpu/attention/products.h"

namespace sinter::cpu::SINTER_ISA {

template <class Products>
struct Forward {
  using T = typename Products::T;
  using C = typename Products::C;
  using Element = typename Products::Element;
  static constexpr int L = kLanes<C>, W = kWidth<C>;

  const Problem& p;
  HeadRows y;
  C* lse;

  // A piece of working memory, in elements of C.
  struct Memory {
    Element *q, *weights;
    C *scores, *factors, *out, *top, *sum, *k, *v;
  };
  int64_t workspace(Memory* m = nullptr, C* base = nullptr) const {
    int64_t at = 0;
    const auto take = [&](int64_t n) { return base + std::exchange(at, at + round_up(n, 16)); };
    Memory mine{};
    const auto take_elements = [&](int64_t n) { return reinterpret_cast<Element*>(take(n)); };
    static_assert(sizeof(Element) == sizeof(C));
    mine.q = take_elements(kQueryBlock * Products::terms(p.d));
    mine.scores = take(kKeyBlock * W);
    if constexpr (Products::kInPlace)
      mine.weights = mine.scores;
    else
      mine.weights = take_elements(Products::terms(kKeyBlock) * W);
    mine.factors = take(p.dropout > 0 ? kKeyBlock * W : 0);
    mine.out = take(kQueryBlock * p.e);
    mine.top = take(kQueryBlock);
    mine.sum = take(kQueryBlock);
    mine.k = take(Products::row_words(p, p.d));
    mine.v = take(Products::column_words(p, p.e));
    if (m) *m = mine;
    return at;
  }

  // Queries [i0, i0 + kQueryBlock) of a head.
  void block(const Scores<T>& scores, int64_t i0, const Memory& m, Ahead ahead) const {
    const Sequence& at = scores.sequence;
    const int64_t n = std::min(kQueryBlock, at.t - i0), d = p.d, e = p.e, kv = scores.head / p.group();
    const int64_t dt = Products::terms(d);
    const C unit = static_cast<C>(p.scale) * kUnit<C>;
    for (int64_t i = 0; i < n; i += W)
      Products::across(p.q.at<T>(at.batch, scores.head, at.q0 + i0 + i), p.q.row, std::min<int64_t>(W, n - i), d, unit,
                       m.q + i * dt);
    for (int64_t i = 0; i < kQueryBlock; i += L) {
      store(m.top + i, splat<C>(-kInf<C>));
      store(m.sum + i, Vec<C>{});
    }
    std::memset(m.out, 0, static_cast<size_t>(kQueryBlock * e) * sizeof(C));

    const int64_t end = scores.sight.end(i0 + n - 1);
    for (int64_t j0 = scores.sight.first(i0) / kKeyBlock * kKeyBlock; j0 < end; j0 += kKeyBlock) {
      const int64_t keys = std::min(kKeyBlock, end - j0);
      const auto k = Products::rows(p, p.k, at, kv, j0, keys, d, m.k);
      const auto v = Products::columns(p, p.v, at, kv, j0, keys, e, m.v);
      for (int64_t i = 0; i < n; i += W) {
        const int64_t lanes = std::min<int64_t>(W, n - i);
        const Span span = scores.rows(i0 + i, lanes, j0, keys, Products::kKeys);
        const auto [low, half, high] = span;
        if (low == high) continue;
        ahead.some();
        scores_of<Products>(span, dt, k, m.q + i * dt, unit, m.scores);
        ahead.some();
        scores.adjust(m.scores, i0 + i, lanes, j0, span);
        if (p.dropout > 0) scores.draw(m.factors, i0 + i, j0, low, high);
        softmax(m, span, m.top + i, m.sum + i, m.out + i * e);
        ahead.some();
        over_keys<Products>(span, e, v, m.weights, m.out + i * e);
      }
    }
    double logs[kQueryBlock];
    for (int64_t i = 0; i < n; i += kLanes<double>) {
      const Vd sum = widened(m.sum + i);
      store(logs + i, sum == 0. ? splat(-kInf<double>) : (widened(m.top + i) + log_unit(C{}, sum)) / double{kUnit<C>});
    }
    C* to = lse + (at.batch * p.h + scores.head) * p.t + at.q0 + i0;
    for (int64_t i = 0; i < n; i++) {
      to[i] = static_cast<C>(logs[i]);
      m.sum[i] = m.sum[i] == C(0) ? C(0) : C(1) / m.sum[i];
    }
    for (int64_t i = 0; i < n; i += W)
      transpose_out(m.out + i * e, m.sum + i, std::min<int64_t>(W, n - i), e,
                    y.at<T>(at.batch, scores.head, at.q0 + i0 + i), y.row);
  }

  // Scores -> weights, exponentials below the running maximum, down each column; what was summed below another maximum fades.
  void softmax(const Memory& m, const Span& span, C* top, C* sum, C* out) const {
    Vec<C> fade[2];
    const C* factors = p.dropout > 0 ? m.factors : nullptr;
    for (int v = 0; v < 2; v++) {
      const int64_t low = span.low, high = v == 0 ? span.half : span.high;
      const C* x = m.scores + v * L;
      Element* weights = m.weights + v * L;
      const Vec<C> before = load(top + v * L);
      Vec<C> most[4] = {before, before, before, before};
      int64_t j = low;
      for (; j + 4 <= high; j += 4)
        for (int u = 0; u < 4; u++) most[u] = vmax(most[u], load(x + (j + u) * W));
      for (; j < high; j++) most[0] = vmax(most[0], load(x + j * W));
      const Vec<C> now = vmax(vmax(most[0], most[1]), vmax(most[2], most[3]));
      const Vec<C> from = now == -kInf<C> ? Vec<C>{} : now;  // nothing seen yet: exponentials of -inf are zero
      Vec<C> total[2] = {};
      // The weight of key j, whose exponential is added to a sum before dropout.
      const auto weight = [&](int64_t key, Vec<C>& sum_of) __attribute__((always_inline)) {
        const Vec<C> y = exp_unit(load(x + key * W) - from);
        sum_of += y;
        return factors ? y * load(factors + key * W + v * L) : y;
      };
      for (j = low; j + 2 <= high; j += 2) {
        const Vec<C> first = weight(j, total[0]), second = weight(j + 1, total[1]);
        Products::keep(weights, j, first, second);
      }
      if (j < high) Products::keep(weights, j, weight(j, total[0]));
      fade[v] = exp_unit(before - from);
      store(sum + v * L, load(sum + v * L) * fade[v] + (total[0] + total[1]));
      store(top + v * L, now);
    }
    const auto same = (fade[0] == C(1)) & (fade[1] == C(1));
    bool all = true;
    for (int lane = 0; lane < L; lane++) all &= same[lane] != 0;
    if (all) return;
    for (int64_t row = 0; row < p.e; row++, out += W) {
      store(out, load(out) * fade[0]);
      store(out + L, load(out + L) * fade[1]);
    }
  }

  // What an item begins with; keys and values in pages are left to it.
  Ahead rows_of(const Agenda::Item& item) const {
    Ahead ahead(11);  // 64 rows in the six steps of two panels
    const Sequence& at = p.sequences[item.sequence];
    const int64_t i0 = item.piece * kQueryBlock, kv = item.head / p.group();
    ahead.add<T>(p.q, at.batch, item.head, at.q0 + i0, at.t - i0, p.d);
    ahead.add<T>(y, at.batch, item.head, at.q0 + i0, at.t - i0, p.e);
    if (p.table || i0 > 0) return ahead;
    ahead.add<T>(p.k, at.batch, kv, at.k0, at.s, p.d);
    ahead.add<T>(p.v, at.batch, kv, at.k0, at.s, p.e);
    return ahead;
  }

  void run(const Call& c) const {
    const Agenda agenda(c, p, p.h, [](const Sequence& q) { return ceil_div(q.t, kQueryBlock); });
    // A range is about a million multiply-adds.
    const int64_t cost =
        kQueryBlock * std::max<int64_t>(1, p.s / std::max<int64_t>(1, p.packed() ? p.count : 1)) * (p.d + p.e);
    const int64_t grain = std::max<int64_t>(1, (1 << 20) / std::max<int64_t>(cost, 1));
    Workplaces places(c, workspace() * static_cast<int64_t>(sizeof(C)), ceil_div(agenda.size(), grain));
    parallel_for(agenda.size(), grain, [&](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      C* base = reinterpret_cast<C*>(places.memory(place));
      Memory memory;
      workspace(&memory, base);
      for (int64_t i = begin; i < end; i++) {
        const Agenda::Item item = agenda[i];
        const Ahead ahead = i + 1 < agenda.size() ? rows_of(agenda[i + 1]) : Ahead(0);
        block(Scores<T>(p, p.sequences[item.sequence], item.head), item.piece * kQueryBlock, memory, ahead);
      }
      places.release(place);
    });
  }
};

template <class Products>
void run_forward(const Call& c, const Problem& p, typename Products::C* lse) {
  using C = typename Products::C;
  if (p.packed()) {  // rows between sequences
    std::memset(c.out[0].data, 0, static_cast<size_t>(c.out[0].numel) * sizeof(typename Products::T));
    std::fill(lse, lse + p.b * p.h * p.t, -kInf<C>);
  }
  Forward<Products>{p, HeadRows(c.out[0].data, p.h, p.t, p.e, p.by_rows), lse}.run(c);
}

}  // namespace sinter::cpu::SINTER_ISA
