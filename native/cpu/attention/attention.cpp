// attention: y = softmax(scale q k^T) v, lse = log sum exp of the scores. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set.
//   q, y (b, h, t, d), k, v (b, h, s, d) contiguous, f32 f64 bf16 f16; lse (b, h, t) in the compute type.
// Online softmax over blocks of keys (Dao, "FlashAttention-2", 2023): scores exist for one block of 64 queries and 128
// keys at a time. A query that sees no key gets a zero row and lse = -inf.
#include "cpu/attention/blocks.h"
#include "cpu/attention/decode.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
struct Forward {
  using C = Compute<T>;
  static constexpr int64_t L = kLanes<C>;

  Shape shape;
  const T *q, *k, *v;
  T* y;
  C *lse, scale;

  int64_t padded() const { return round_up<C>(shape.d); }

  // A piece of working memory, in elements: see block().
  int64_t workspace() const {
    const int64_t keys = std::min(kKeyBlock, shape.s);
    int64_t n = kQueryBlock * (shape.d + keys + padded() + 3);
    if (rows_need_copy<T>(shape.d)) n += keys * padded();
    if (sizeof(T) != sizeof(C)) n += keys * padded();
    return n;
  }

  // Queries [i0, i0 + n) of a head.
  void block(int64_t head, int64_t i0, C* memory) const {
    const int64_t d = shape.d, s = shape.s, pd = padded(), n = std::min(kQueryBlock, shape.t - i0);
    const int64_t width = round_up<C>(n), vecs = width / L, max_keys = std::min(kKeyBlock, s);
    C* qt = memory;                     // (d, width), scaled
    C* p = qt + d * kQueryBlock;        // (keys, width) scores, then exponentials
    C* o = p + max_keys * kQueryBlock;  // (n, pd)
    C* top = o + kQueryBlock * pd;      // (width) running maximum, sum of exponentials, and the factor of a new maximum
    C *sum = top + kQueryBlock, *fade = sum + kQueryBlock;
    C *v_copy = fade + kQueryBlock, *k_copy = v_copy + max_keys * pd;

    const int64_t row0 = head * shape.t + i0;
    transposed_rows(q + row0 * d, n, d, scale, width, qt);
    for (int64_t i = 0; i < width; i += L) {
      store(top + i, splat<C>(-kInf<C>));
      store(sum + i, Vec<C>{});
    }
    const int64_t end = shape.visible(i0 + n - 1);
    for (int64_t j0 = 0; j0 < end; j0 += kKeyBlock) {
      const int64_t keys = std::min(kKeyBlock, end - j0);
      const CausalBlock cut{shape, i0, j0, n, keys};
      const bool full = cut.full();
      const T* k_rows = k + (head * s + j0) * d;
      // Keys are only broadcast: they need no padding, so a copy (narrow types) keeps the padded row length.
      Strided<C> ka{nullptr, d, 1};
      if constexpr (sizeof(T) == sizeof(C))
        ka.data = k_rows;
      else
        ka = {padded_rows(k_rows, keys, d, k_copy), pd, 1};
      const C* vb = padded_rows(v + (head * s + j0) * d, keys, d, v_copy);

      product(keys, vecs, ka, qt, width, p, width, false,
              [&](int64_t j, int64_t) { return Bounds{full ? 0 : cut.template first_vec<C>(j), 0, d}; });
      softmax(cut, full, p, width, top, sum, fade);
      if (j0 > 0) {
        for (int64_t i = 0; i < n; i++)
          if (fade[i] != C(1))
            for (int64_t j = 0; j < pd; j += L) store(o + i * pd + j, load(o + i * pd + j) * fade[i]);
      }
      product(n, pd / L, Strided<C>{p, 1, width}, vb, pd, o, pd, j0 > 0,
              [&](int64_t i, int64_t rows) { return Bounds{0, 0, full ? keys : cut.visible_rows(i + rows - 1)}; });
    }
    for (int64_t i = 0; i < n; i++) {
      const bool blind = sum[i] == C(0);
      const C inverse = C(1) / sum[i];
      T* row = y + (row0 + i) * d;
      write_row(row, d, false, [&](int64_t j, auto) { return blind ? Vec<C>{} : load(o + i * pd + j) * inverse; });
      lse[row0 + i] = blind ? -kInf<C> : top[i] + std::log(sum[i]);
    }
  }

  // Scores -> exponentials below the running maximum, down each column; masked ones become zero.
  static void softmax(const CausalBlock& cut, bool full, C* p, int64_t width, C* top, C* sum, C* fade) {
    for (int64_t i = 0; i < width; i += L) {
      // Rows of this vector of queries: all lanes see the first `clear`, none sees those from `end` on.
      const int64_t clear = full ? cut.keys : cut.visible_rows(i), end = full ? cut.keys : cut.visible_rows(i + L - 1);
      const int64_t first = cut.shape.causal_end(cut.i0 + i) - cut.j0;  // lane l sees the rows below first + l
      Vec<C> high[4] = {load(top + i), load(top + i), load(top + i), load(top + i)};
      const Vec<C> before = high[0];
      int64_t j = 0;
      for (; j + 4 <= clear; j += 4)
        for (int u = 0; u < 4; u++) high[u] = vmax(high[u], load(p + (j + u) * width + i));
      for (; j < clear; j++) high[0] = vmax(high[0], load(p + j * width + i));
      for (; j < end; j++) {
        Vec<C> x = load(p + j * width + i);
        x = iota<C>() > static_cast<LaneInt<C>>(j - first) ? x : splat<C>(-kInf<C>);
        store(p + j * width + i, x);
        high[0] = vmax(high[0], x);
      }
      const Vec<C> now = vmax(vmax(high[0], high[1]), vmax(high[2], high[3]));
      const Vec<C> from = now == -kInf<C> ? Vec<C>{} : now;  // nothing seen yet: exponentials of -inf are zero
      Vec<C> total[2] = {};
      for (j = 0; j + 2 <= end; j += 2)
        for (int u = 0; u < 2; u++) {
          const Vec<C> e = exp_nonpositive(load(p + (j + u) * width + i) - from);
          store(p + (j + u) * width + i, e);
          total[u] += e;
        }
      for (; j < end; j++) {
        const Vec<C> e = exp_nonpositive(load(p + j * width + i) - from);
        store(p + j * width + i, e);
        total[0] += e;
      }
      for (; j < cut.keys; j++) store(p + j * width + i, Vec<C>{});
      const Vec<C> factor = exp_nonpositive(before - from);
      store(fade + i, factor);
      store(sum + i, load(sum + i) * factor + (total[0] + total[1]));
      store(top + i, now);
    }
  }
};

template <class T>
void attention_forward(const Call& c) {
  using C = Compute<T>;
  const Shape shape(c.in[0], c.in[1], c.attr[1]);
  const T *q = c.in[0].as<T>(), *k = c.in[1].as<T>(), *v = c.in[2].as<T>();
  T* y = c.out[0].as<T>();
  C* lse = c.out[1].as<C>();
  const C scale = static_cast<C>(c.attr[0]);
  if (shape.heads * shape.t == 0) return;
  if (shape.t <= kDecodeQueries) return Decode<T>{shape, q, k, v, y, lse, scale}.run(c);
  const Forward<T> f{shape, q, k, v, y, lse, scale};
  const int64_t blocks = (shape.t + kQueryBlock - 1) / kQueryBlock;
  // A range is about a million multiply-adds.
  const int64_t cost = kQueryBlock * shape.s * shape.d,
                grain = std::max<int64_t>(1, (1 << 19) / std::max<int64_t>(cost, 1));
  const int64_t n = shape.heads * blocks, bytes = f.workspace() * static_cast<int64_t>(sizeof(C));
  Workspaces workspaces(c, bytes, (n + grain - 1) / grain);
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    C* memory = static_cast<C*>(workspaces.acquire());
    for (int64_t i = begin; i < end; i++) f.block(i / blocks, i % blocks * kQueryBlock, memory);
    workspaces.release(memory);
  });
}

}  // namespace

void attention(const Call& c) {
  with_floating(c.in[0].dtype, "attention", [&](auto t) { attention_forward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
