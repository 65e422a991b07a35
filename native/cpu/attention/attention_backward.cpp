// attentionBackward: with P = exp(scale q k^T - lse), D = rowsum(g y) and dS = scale P (g v^T - D),
//   gq = dS k,  gk = dS^T q,  gv = P^T g.
// Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   g, q, y, gq (b, h, t, d), k, v, gk, gv (b, h, s, d) contiguous, f32 f64 bf16 f16; lse (b, h, t) in the compute
//   type.
// Probabilities are computed again block by block. One range owns a head: gk and gv of a block of keys are finished
// over all queries, gq grows over the blocks of keys, always in the same order.
#include "cpu/attention/blocks.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
struct Backward {
  using C = Compute<T>;
  static constexpr int64_t L = kLanes<C>;

  Shape shape;
  const T *g, *q, *k, *v, *y;
  const C* lse;
  T *gq, *gk, *gv;
  C scale;

  // What a head needs, in elements: offsets into its piece of working memory.
  struct Layout {
    int64_t qt, gt, delta, lse, p, ds, dk, dv, q_copy, g_copy, dq, k_copy, v_copy, total;
  };
  Layout layout() const {
    const bool copy = rows_need_copy<T>(shape.d);
    const int64_t padded_t = (shape.t + kQueryBlock - 1) / kQueryBlock * kQueryBlock, pd = round_up<C>(shape.d);
    const int64_t keys = std::min(kKeyBlock, shape.s);
    int64_t at = 0;
    const auto take = [&](int64_t n) { return std::exchange(at, at + (n + 15) / 16 * 16); };
    Layout m;
    m.qt = take(padded_t * shape.d);
    m.gt = take(padded_t * shape.d);
    m.delta = take(padded_t);
    m.lse = take(padded_t);
    m.p = take(keys * kQueryBlock);
    m.ds = take(keys * kQueryBlock);
    m.dk = take(keys * pd);
    m.dv = take(keys * pd);
    m.q_copy = take(copy ? shape.t * pd : 0);
    m.g_copy = take(copy ? shape.t * pd : 0);
    m.dq = take(copy ? shape.t * pd : 0);
    m.k_copy = take(copy ? keys * pd : 0);
    m.v_copy = take(copy ? keys * pd : 0);
    m.total = at;
    return m;
  }

  void head(int64_t index, const Layout& at, C* memory) const {
    const int64_t d = shape.d, t = shape.t, s = shape.s, pd = round_up<C>(d);
    const T *qh = q + index * t * d, *gh = g + index * t * d, *kh = k + index * s * d, *vh = v + index * s * d;
    C *p = memory + at.p, *ds = memory + at.ds, *dk = memory + at.dk, *dv = memory + at.dv;
    C *delta = memory + at.delta, *row_lse = memory + at.lse;
    row_terms(index, delta, row_lse);
    for (int64_t i0 = 0; i0 < t; i0 += kQueryBlock) {
      const int64_t n = std::min(kQueryBlock, t - i0);
      transposed_rows(qh + i0 * d, n, d, scale, round_up<C>(n), memory + at.qt + i0 * d);
      transposed_rows(gh + i0 * d, n, d, C(1), round_up<C>(n), memory + at.gt + i0 * d);
    }
    const C *qb = padded_rows(qh, t, d, memory + at.q_copy), *gb = padded_rows(gh, t, d, memory + at.g_copy);
    C* dq = rows_need_copy<T>(d) ? memory + at.dq : reinterpret_cast<C*>(gq + index * t * d);
    std::memset(dq, 0, static_cast<size_t>(t * pd) * sizeof(C));

    for (int64_t j0 = 0; j0 < s; j0 += kKeyBlock) {
      const int64_t keys = std::min(kKeyBlock, s - j0);
      const C* kb = padded_rows(kh + j0 * d, keys, d, memory + at.k_copy);
      const C* vb = padded_rows(vh + j0 * d, keys, d, memory + at.v_copy);
      std::memset(dk, 0, static_cast<size_t>(keys * pd) * sizeof(C));
      std::memset(dv, 0, static_cast<size_t>(keys * pd) * sizeof(C));
      for (int64_t i0 = shape.first_query(j0) / kQueryBlock * kQueryBlock; i0 < t; i0 += kQueryBlock) {
        const int64_t n = std::min(kQueryBlock, t - i0), width = round_up<C>(n);
        const CausalBlock cut{shape, i0, j0, n, keys};
        const bool full = cut.full();
        const auto by_key = [&](int64_t j, int64_t) { return Bounds{full ? 0 : cut.template first_vec<C>(j), 0, d}; };
        product(keys, width / L, Strided<C>{kb, pd, 1}, memory + at.qt + i0 * d, width, p, width, false, by_key);
        product(keys, width / L, Strided<C>{vb, pd, 1}, memory + at.gt + i0 * d, width, ds, width, false, by_key);
        score_gradients(cut, full, width, row_lse + i0, delta + i0, p, ds);
        const auto over_queries = [&](int64_t j, int64_t) {
          return Bounds{0, full ? 0 : std::clamp<int64_t>(shape.first_query(j0 + j) - i0, 0, n), n};
        };
        product(keys, pd / L, Strided<C>{p, width, 1}, gb + i0 * pd, pd, dv, pd, true, over_queries);
        product(keys, pd / L, Strided<C>{ds, width, 1}, qb + i0 * pd, pd, dk, pd, true, over_queries);
        product(n, pd / L, Strided<C>{ds, 1, width}, kb, pd, dq + i0 * pd, pd, true,
                [&](int64_t i, int64_t rows) { return Bounds{0, 0, full ? keys : cut.visible_rows(i + rows - 1)}; });
      }
      write_rows(dk, keys, gk + (index * s + j0) * d);
      write_rows(dv, keys, gv + (index * s + j0) * d);
    }
    if (rows_need_copy<T>(d)) write_rows(dq, t, gq + index * t * d);
  }

  // D and lse of each query; a query that saw no key, and the padding of the last block, get lse = inf: P = 0.
  void row_terms(int64_t index, C* delta, C* row_lse) const {
    const int64_t t = shape.t, d = shape.d;
    for (int64_t i = 0; i < t; i++) {
      const int64_t at = (index * t + i) * d;
      delta[i] = static_cast<C>(
          row_sum<T>(d, [&](int64_t j, auto part) { return get(part, g + at + j) * get(part, y + at + j); }));
      const C l = lse[index * t + i];
      row_lse[i] = l == -kInf<C> ? kInf<C> : l;
    }
    for (int64_t i = t; i % kQueryBlock != 0; i++) {
      delta[i] = 0;
      row_lse[i] = kInf<C>;
    }
  }

  // Scores -> P in p; g v^T -> dS in ds.
  void score_gradients(const CausalBlock& cut, bool full, int64_t width, const C* row_lse, const C* delta, C* p,
                       C* ds) const {
    for (int64_t i = 0; i < width; i += L) {
      const Vec<C> l = load(row_lse + i), dl = load(delta + i);
      const int64_t clear = full ? cut.keys : cut.visible_rows(i), end = full ? cut.keys : cut.visible_rows(i + L - 1);
      const int64_t first = shape.causal_end(cut.i0 + i) - cut.j0;  // lane n sees the rows below first + n
      int64_t j = 0;
      for (; j < clear; j++) {
        C *pj = p + j * width + i, *dj = ds + j * width + i;
        const Vec<C> e = exp_nonpositive(load(pj) - l);
        store(pj, e);
        store(dj, e * (load(dj) - dl) * scale);
      }
      for (; j < end; j++) {
        C *pj = p + j * width + i, *dj = ds + j * width + i;
        const auto seen = iota<C>() > static_cast<LaneInt<C>>(j - first);
        const Vec<C> e = exp_nonpositive(load(pj) - l);
        store(pj, seen ? e : Vec<C>{});
        store(dj, seen ? e * (load(dj) - dl) * scale : Vec<C>{});
      }
      for (; j < cut.keys; j++) {
        store(p + j * width + i, Vec<C>{});
        store(ds + j * width + i, Vec<C>{});
      }
    }
  }

  // (n, padded d) of the compute type to (n, d).
  void write_rows(const C* rows, int64_t n, T* to) const {
    const int64_t d = shape.d, pd = round_up<C>(d);
    for (int64_t i = 0; i < n; i++)
      each_step<T>(d, [&](int64_t j, auto part) { put(part, to + i * d + j, load(rows + i * pd + j)); });
  }
};

template <class T>
void attention_backward(const Call& c) {
  using C = Compute<T>;
  const Shape shape(c.in[1], c.in[2], c.attr[1]);
  const Backward<T> b{
      shape,           c.in[0].as<T>(),  c.in[1].as<T>(),  c.in[2].as<T>(),  c.in[3].as<T>(),          c.in[4].as<T>(),
      c.in[5].as<C>(), c.out[0].as<T>(), c.out[1].as<T>(), c.out[2].as<T>(), static_cast<C>(c.attr[0])};
  if (shape.heads == 0) return;
  const auto at = b.layout();
  const int64_t cost = std::max<int64_t>(1, shape.t * shape.s * shape.d),
                grain = std::max<int64_t>(1, (1 << 18) / cost);
  Workspaces workspaces(c, at.total * static_cast<int64_t>(sizeof(C)), (shape.heads + grain - 1) / grain);
  parallel_for(shape.heads, grain, [&](int64_t begin, int64_t end) {
    C* memory = static_cast<C*>(workspaces.acquire());
    for (int64_t i = begin; i < end; i++) b.head(i, at, memory);
    workspaces.release(memory);
  });
}

}  // namespace

void attentionBackward(const Call& c) {
  with_floating(c.in[1].dtype, "attentionBackward", [&](auto t) { attention_backward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
