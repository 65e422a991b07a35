// attentionBackward: with P = exp(scores - lse), D = rowsum(g y) and dS = P (g v^T - D),
//   gq = scale dS k,  gk = scale dS^T q,  gv = P^T g;
// under dropout gv takes P and D's partner g v^T with the factors that were drawn; a cap multiplies dS by its derivative.
// Place in the whole: kernel of native/ops.def, compiled once per instruction set; problem.h describes the operands.
// Probabilities are computed again, block by block. One item of work owns a head of k and v, or a part of its keys: gk and gv
// of a block of keys are summed over the queries of all heads that share it, gq over the blocks of keys, in a fixed order.
#include "cpu/attention/scores.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kQueryBlock = 64;
constexpr int64_t kKeyBlock = 128;
constexpr int64_t kItems = 16;  // fewer heads than this: their keys are split, and gq is summed from parts

template <class T>
struct Backward {
  using C = Compute<T>;
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
    // Of a head's queries, as panels: transposed q (scaled, in units) and g; their columns side by side; and D, lse, gq.
    C *qt, *gt, *q, *g, *delta, *lse, *dq;
    // Of a block: P, dS, the cap's derivative, dropout's factors, gk and gv (of all keys where heads share them).
    C *probability, *score, *bend, *factor, *dk, *dv, *k, *v;
  };
  int64_t workspace(Memory* m = nullptr, C* base = nullptr) const {
    const int64_t t = queries, pd = round_up(p.d, W), pe = round_up(p.e, W), block = kKeyBlock * kQueryBlock;
    int64_t at = 0;
    const auto take = [&](int64_t n) { return base + std::exchange(at, at + round_up(n, 16)); };
    Memory mine;
    mine.qt = take(t * p.d);
    mine.gt = take(t * p.e);
    mine.q = take(t * pd);
    mine.g = take(t * pe);
    mine.delta = take(t);
    mine.lse = take(t);
    mine.dq = take(t * p.d);
    mine.probability = take(block);
    mine.score = take(block);
    mine.bend = take(p.cap != 0 ? kKeyBlock * W : 0);
    mine.factor = take(p.dropout > 0 ? kKeyBlock * W : 0);
    mine.dk = take(lines * pd);
    mine.dv = take(lines * pe);
    mine.k = take(std::is_same_v<T, C> ? 0 : kKeyBlock * round_up(p.d, L));
    mine.v = take(std::is_same_v<T, C> ? 0 : kKeyBlock * round_up(p.e, L));
    if (m) *m = mine;
    return at;
  }

  // Part `part` of head kv of a sequence.
  void run(const Sequence& at, int64_t kv, int64_t part, const Memory& m) const {
    const int64_t blocks = ceil_div(at.s, kKeyBlock);
    const int64_t first = blocks * part / parts * kKeyBlock,
                  end = std::min(at.s, blocks * (part + 1) / parts * kKeyBlock);
    const bool shared = p.group() > 1;
    if (shared) clear(m);
    for (int64_t member = 0; member < p.group(); member++) {
      const Scores<T> scores(p, at, kv * p.group() + member);
      prepare(scores, m);
      for (int64_t j0 = first; j0 < end; j0 += kKeyBlock) {
        const int64_t n = std::min(kKeyBlock, end - j0);
        if (!shared) clear(m);
        block(scores, kv, j0, n, m, shared ? j0 - first : 0);
        if (!shared) deliver(at, kv, j0, n, m, 0);
      }
      finish_queries(scores, part, m);
    }
    if (shared)
      for (int64_t j0 = first; j0 < end; j0 += kKeyBlock)
        deliver(at, kv, j0, std::min(kKeyBlock, end - j0), m, j0 - first);
  }

 private:
  void clear(const Memory& m) const {
    std::memset(m.dk, 0, static_cast<size_t>(lines * round_up(p.d, W)) * sizeof(C));
    std::memset(m.dv, 0, static_cast<size_t>(lines * round_up(p.e, W)) * sizeof(C));
  }

  void prepare(const Scores<T>& scores, const Memory& m) const {
    const Sequence& at = scores.sequence;
    const int64_t t = at.t, d = p.d, e = p.e, pd = round_up(d, W), pe = round_up(e, W);
    const C unit = static_cast<C>(p.scale) * kUnit<C>;
    const T *q = p.q.at<T>(at.batch, scores.head, at.q0), *gr = g.at<T>(at.batch, scores.head, at.q0);
    const T* yr = y.at<T>(at.batch, scores.head, at.q0);
    for (int64_t i = 0; i < t; i += W) {
      const int64_t n = std::min<int64_t>(W, t - i);
      transpose_in(q + i * p.q.row, p.q.row, n, d, m.qt + i * d,
                   [&](auto part, const T* x) { return get(part, x) * unit; });
      transpose_in(gr + i * g.row, g.row, n, e, m.gt + i * e, [](auto part, const T* x) { return get(part, x); });
    }
    for (int64_t i = 0; i < t; i += kQueryBlock) {
      const int64_t n = std::min(kQueryBlock, t - i);
      panels_in(q + i * p.q.row, p.q.row, n, d, kQueryBlock, m.q + i * pd);
      panels_in(gr + i * g.row, g.row, n, e, kQueryBlock, m.g + i * pe);
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
  void block(const Scores<T>& scores, int64_t kv, int64_t j0, int64_t n, const Memory& m, int64_t to) const {
    const Sequence& at = scores.sequence;
    const int64_t d = p.d, e = p.e, pd = round_up(d, W), pe = round_up(e, W);
    const auto k = in_compute(p.k.at<T>(at.batch, kv, at.k0 + j0), p.k.row, n, d, m.k);
    const auto v = in_compute(p.v.at<T>(at.batch, kv, at.k0 + j0), p.v.row, n, e, m.v);
    const int64_t end = scores.sight.end_query(j0 + n);
    for (int64_t i0 = scores.sight.first_query(j0) / kQueryBlock * kQueryBlock; i0 < end; i0 += kQueryBlock) {
      const int64_t count = std::min(kQueryBlock, at.t - i0), panels = ceil_div(count, W);
      for (int64_t panel = 0; panel < panels; panel++) {
        const int64_t i = i0 + panel * W, lanes = std::min<int64_t>(W, at.t - i);
        C *pr = m.probability + panel * kKeyBlock * W, *ds = m.score + panel * kKeyBlock * W;
        int64_t low, high;
        scores.rows(i, lanes, j0, n, low, high);
        std::fill(pr, pr + low * W, C(0));
        std::fill(ds, ds + low * W, C(0));
        std::fill(pr + high * W, pr + n * W, C(0));
        std::fill(ds + high * W, ds + n * W, C(0));
        if (low == high) continue;
        product(high - low, d, ByRows<C>{k.data + low * k.row, k.row}, m.qt + i * d, pr + low * W, false);
        product(high - low, e, ByRows<C>{v.data + low * v.row, v.row}, m.gt + i * e, ds + low * W, false);
        scores.adjust(pr, i, lanes, j0, low, high, p.cap != 0 ? m.bend : nullptr);
        if (p.dropout > 0) scores.draw(m.factor, i, j0, low, high);
        score_gradients(low, high, m.lse + i, m.delta + i, pr, ds, m);
        product(d, high - low, ByTerms<C>{k.data + low * k.row, k.row}, ds + low * W, m.dq + i * d, true);
      }
      over_queries(m.probability, n, panels, m.g + i0 * pe, e, m.dv + to * W);
      over_queries(m.score, n, panels, m.q + i0 * pd, d, m.dk + to * W);
    }
  }

  // Scores -> P in pr; g v^T -> dS in ds.
  void score_gradients(int64_t low, int64_t high, const C* own_lse, const C* delta, C* pr, C* ds,
                       const Memory& m) const {
    for (int v = 0; v < W; v += L) {
      const Vec<C> l = load(own_lse + v), dl = load(delta + v);
      for (int64_t at = low * W + v; at < high * W; at += W) {
        Vec<C> e = exp_unit(load(pr + at) - l), pull = load(ds + at);
        if (p.dropout > 0) pull *= load(m.factor + at);
        Vec<C> slope = e * (pull - dl);
        if (p.cap != 0) slope *= load(m.bend + at);
        if (p.dropout > 0) e *= load(m.factor + at);
        store(pr + at, e);
        store(ds + at, slope);
      }
    }
  }

  // to (n, width) += block (n, queries) rows (queries, width), in panels of columns.
  void over_queries(const C* block, int64_t n, int64_t panels, const C* rows, int64_t width, C* to) const {
    for (int64_t column = 0; column < width; column += W, rows += kQueryBlock * W, to += lines * W)
      each_tile(n, [&](int64_t j, auto height) {
        tile<C, decltype(height)::value>(ByRows<C>{block + j * W, W}, rows, to + j * W, W, panels, kKeyBlock * W, true);
      });
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

template <class T>
void attention_backward(const Call& c) {
  using C = Compute<T>;
  const Problem p(c, "attentionBackward", c.in + 3, c.nin - 3);
  const int64_t heads = p.count * p.hk;
  const bool nothing = heads == 0 || p.t == 0 || p.s == 0;
  if (nothing || p.packed())  // rows between sequences
    for (int i = 0; i < 3; i++)
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
  const Backward<T> b{p,
                      HeadRows(c.in[0]),
                      HeadRows(c.in[1]),
                      c.in[2].as<C>(),
                      HeadRows(c.out[0].data, p.h, p.t, p.d, p.by_rows),
                      HeadRows(c.out[1].data, p.hk, p.s, p.d, p.by_rows),
                      HeadRows(c.out[2].data, p.hk, p.s, p.e, p.by_rows),
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
    typename Backward<T>::Memory memory;
    b.workspace(&memory, base);
    for (int64_t i = begin; i < end; i++) {
      const Agenda::Item item = agenda[i];
      b.run(p.sequences[item.sequence], item.head, item.piece, memory);
    }
    places.release(place);
  });
  if (parts > 1)
    parallel_for(p.b * p.h * p.t, grain_of(p.d * (parts + 1)),
                 [&](int64_t begin, int64_t end) { b.merge(begin, end); });
}

}  // namespace

void attentionBackward(const Call& c) {
  with_floating(c.in[3].dtype, "attentionBackward", [&](auto t) { attention_backward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
