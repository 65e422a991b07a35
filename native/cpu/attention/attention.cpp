// attention: y = softmax(scale q k^T) v, lse = log sum exp of the scores. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set; problem.h describes the operands.
// Online softmax over blocks of keys (Dao, "FlashAttention-2", 2023): scores exist for a panel of queries and 128 keys at a
// time. The result is summed transposed, (e, queries), like the scores. A query that sees no key gets a zero row and lse = -inf.
#include "cpu/attention/decode.h"
#include "cpu/attention/pages.h"
#include "cpu/attention/scores.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

constexpr int64_t kQueryBlock = 64;  // queries that share a pass over the keys
constexpr int64_t kKeyBlock = 128;

template <class T>
struct Forward {
  using C = Compute<T>;
  static constexpr int L = kLanes<C>, W = kWidth<C>;
  static constexpr int64_t kPanels = kQueryBlock / W;

  const Problem& p;
  HeadRows y;
  C* lse;

  // A piece of working memory, in elements.
  struct Memory {
    C *q, *scores, *side, *out, *top, *sum, *k, *v;
  };
  int64_t workspace(Memory* m = nullptr, C* base = nullptr) const {
    int64_t at = 0;
    const auto take = [&](int64_t n) { return base + std::exchange(at, at + round_up(n, 16)); };
    Memory mine{};
    mine.q = take(kQueryBlock * p.d);
    mine.scores = take(kKeyBlock * W);
    mine.side = take(p.dropout > 0 ? kKeyBlock * W : 0);
    mine.out = take(kQueryBlock * p.e);
    mine.top = take(kQueryBlock);
    mine.sum = take(kQueryBlock);
    const bool as_they_lie = std::is_same_v<T, C> && !p.table;
    mine.k = take(as_they_lie ? 0 : kKeyBlock * round_up(p.d, L));
    mine.v = take(as_they_lie ? 0 : kKeyBlock * round_up(p.e, L));
    if (m) *m = mine;
    return at;
  }

  // Queries [i0, i0 + kQueryBlock) of a head.
  void block(const Scores<T>& scores, int64_t i0, const Memory& m) const {
    const Sequence& at = scores.sequence;
    const int64_t n = std::min(kQueryBlock, at.t - i0), d = p.d, e = p.e, kv = scores.head / p.group();
    const C unit = static_cast<C>(p.scale) * kUnit<C>;
    for (int64_t i = 0; i < n; i += W)
      transpose_in(p.q.at<T>(at.batch, scores.head, at.q0 + i0 + i), p.q.row, std::min<int64_t>(W, n - i), d,
                   m.q + i * d, [&](auto part, const T* x) { return get(part, x) * unit; });
    for (int64_t i = 0; i < kQueryBlock; i += L) {
      store(m.top + i, splat<C>(-kInf<C>));
      store(m.sum + i, Vec<C>{});
    }
    std::memset(m.out, 0, static_cast<size_t>(kQueryBlock * e) * sizeof(C));

    const int64_t end = scores.sight.end(i0 + n - 1);
    for (int64_t j0 = scores.sight.first(i0) / kKeyBlock * kKeyBlock; j0 < end; j0 += kKeyBlock) {
      const int64_t keys = std::min(kKeyBlock, end - j0);
      const auto k = together(p.k, at, kv, j0, keys, d, m.k);
      const auto v = together(p.v, at, kv, j0, keys, e, m.v);
      for (int64_t i = 0; i < n; i += W) {
        const int64_t lanes = std::min<int64_t>(W, n - i);
        int64_t low, high;
        scores.rows(i0 + i, lanes, j0, keys, low, high);
        if (low == high) continue;
        product(high - low, d, ByRows<C>{k.data + low * k.row, k.row}, m.q + i * d, m.scores + low * W, false);
        scores.adjust(m.scores, i0 + i, lanes, j0, low, high);
        softmax(m.scores, low, high, m.top + i, m.sum + i, m.out + i * e);
        if (p.dropout > 0) {
          scores.draw(m.side, i0 + i, j0, low, high);
          for (int64_t x = low * W; x < high * W; x += L) store(m.scores + x, load(m.scores + x) * load(m.side + x));
        }
        product(e, high - low, ByTerms<C>{v.data + low * v.row, v.row}, m.scores + low * W, m.out + i * e, true);
      }
    }
    for (int64_t i = 0; i < n; i++) {
      const C sum = m.sum[i], top = m.top[i];
      *row_of(scores, i0 + i) = sum == C(0) ? -kInf<C> : static_cast<C>((top + log_unit(C{}, sum)) / double{kUnit<C>});
      m.sum[i] = sum == C(0) ? C(0) : C(1) / sum;
    }
    for (int64_t i = 0; i < n; i += W)
      transpose_out(m.out + i * e, m.sum + i, std::min<int64_t>(W, n - i), e,
                    y.at<T>(at.batch, scores.head, at.q0 + i0 + i), y.row);
  }

  // Rows [j, j + n) of keys or values in the compute type, as one run: as they lie, or a copy.
  Source<C> together(const HeadRows& x, const Sequence& at, int64_t kv, int64_t j, int64_t n, int64_t width,
                     C* copy) const {
    const Run<T> first = p.run<T>(x, at, kv, j, n);
    if (first.n == n) return in_compute(first.rows, x.row, n, width, copy);
    const int64_t apart = round_up(width, L);
    for (int64_t done = 0; done < n;) {
      const Run<T> run = p.run<T>(x, at, kv, j + done, n - done);
      copy_rows(run.rows, x.row, run.n, width, copy + done * apart);
      done += run.n;
    }
    return {copy, apart};
  }

  C* row_of(const Scores<T>& scores, int64_t i) const {
    return lse + (scores.sequence.batch * p.h + scores.head) * p.t + scores.sequence.q0 + i;
  }

  // Scores -> exponentials below the running maximum, down each column; what was summed below another maximum fades.
  void softmax(C* panel, int64_t low, int64_t high, C* top, C* sum, C* out) const {
    Vec<C> fade[2];
    for (int v = 0; v < 2; v++) {
      C* x = panel + v * L;
      const Vec<C> before = load(top + v * L);
      Vec<C> most[4] = {before, before, before, before};
      int64_t j = low;
      for (; j + 4 <= high; j += 4)
        for (int u = 0; u < 4; u++) most[u] = vmax(most[u], load(x + (j + u) * W));
      for (; j < high; j++) most[0] = vmax(most[0], load(x + j * W));
      const Vec<C> now = vmax(vmax(most[0], most[1]), vmax(most[2], most[3]));
      const Vec<C> from = now == -kInf<C> ? Vec<C>{} : now;  // nothing seen yet: exponentials of -inf are zero
      Vec<C> total[2] = {};
      for (j = low; j + 2 <= high; j += 2)
        for (int u = 0; u < 2; u++) {
          const Vec<C> y = exp_unit(load(x + (j + u) * W) - from);
          store(x + (j + u) * W, y);
          total[u] += y;
        }
      if (j < high) {
        const Vec<C> y = exp_unit(load(x + j * W) - from);
        store(x + j * W, y);
        total[0] += y;
      }
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
        block(Scores<T>(p, p.sequences[item.sequence], item.head), item.piece * kQueryBlock, memory);
      }
      places.release(place);
    });
  }
};

template <class T>
void attention_forward(const Call& c, const Problem& p, Compute<T>* lse) {
  using C = Compute<T>;
  const HeadRows y(c.out[0].data, p.h, p.t, p.e, p.by_rows);
  if (Decode<T>::takes(p)) return Decode<T>{p, y, lse}.run(c);
  if (p.packed()) {  // rows between sequences
    std::memset(c.out[0].data, 0, static_cast<size_t>(c.out[0].numel) * sizeof(T));
    std::fill(lse, lse + p.b * p.h * p.t, -kInf<C>);
  }
  Forward<T>{p, y, lse}.run(c);
}

}  // namespace

void attentionFactors(const Call& c) {
  const TensorRef& y = c.out[0];
  if (y.dtype != DType::f32 && y.dtype != DType::f64)
    fail(ErrorCode::unsupported, "attentionFactors: dtype %s is not supported on cpu", dtype_name(y.dtype));
  if (y.numel == 0) return;
  with_floating(y.dtype, "attentionFactors", [&](auto zero) {
    using C = Compute<decltype(zero)>;
    const int64_t s = y.dim(3), n = ceil_div(s, kKeysPerDraw);
    const auto seed_low = static_cast<uint32_t>(c.int_attr(1)), seed_high = static_cast<uint32_t>(c.int_attr(2));
    const auto threshold = drop_threshold(c.attr[0]), offset = static_cast<uint64_t>(c.int_attr(3));
    const C kept = static_cast<C>(kept_factor(threshold));
    parallel_for(y.numel / s, grain_of(4 * s), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++)
        for (int64_t draw = 0; draw < n; draw++) {
          const PhiloxBlock words = philox(seed_low, seed_high, offset + static_cast<uint64_t>(row * n + draw));
          C* to = y.as<C>() + row * s + draw * kKeysPerDraw;
          for (int64_t k = 0; k < std::min(kKeysPerDraw, s - draw * kKeysPerDraw); k++)
            to[k] = (words.w[k / 2] >> (k % 2 * 16) & 0xffff) >= threshold ? kept : C(0);
        }
    });
  });
}

void attention(const Call& c) {
  const Problem p(c, "attention", c.in, c.nin);
  if (c.out[0].numel == 0 && c.out[1].numel == 0) return;
  with_floating(c.in[0].dtype, "attention", [&](auto t) {
    using T = decltype(t);
    attention_forward<T>(c, p, c.out[1].as<Compute<T>>());
  });
}

void pagedAttention(const Call& c) {
  const Problem p = paged_problem(c);
  if (c.out[0].numel == 0) return;
  with_floating(c.in[0].dtype, "pagedAttention", [&](auto t) {
    using T = decltype(t);
    attention_forward<T>(c, p, c.scratch_of<Compute<T>>(p.b * p.h * p.t));
  });
}

}  // namespace sinter::cpu::SINTER_ISA
