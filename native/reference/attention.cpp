// Reference backend: scaled dot-product attention, the score matrix written out.
// Legend: b batch, h heads, t queries, s keys, d width.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

struct Attention {
  int64_t heads, t, s, d, dv;  // heads: b * h
  double scale;
  int64_t causal;  // 1: the last query sees every key; 2: the first query sees the first

  Attention(const Call& c, const TensorRef& q, const TensorRef& k, const TensorRef& v)
      : heads(q.dim(0) * q.dim(1)), t(q.dim(2)), s(k.dim(2)), d(q.dim(3)), dv(v.dim(3)), scale(c.attr[0]),
        causal(c.int_attr(1)) {}

  bool sees(int64_t i, int64_t j) const { return !causal || j <= i + (causal == 1 ? s - t : 0); }
};

double dot(const double* a, const double* b, int64_t n) {
  long double total = 0;
  for (int64_t i = 0; i < n; i++) total += static_cast<long double>(a[i]) * b[i];
  return static_cast<double>(total);
}

}  // namespace

// q (b, h, t, d), k, v (b, h, s, d) -> y (b, h, t, d), lse (b, h, t) {scale, causal}
void attention(const Call& c) {
  Attention a(c, c.in[0], c.in[1], c.in[2]);
  std::vector<double> q = read(c.in[0]), k = read(c.in[1]), v = read(c.in[2]);
  std::vector<double> y(c.out[0].numel, 0), lse(c.out[1].numel, -kInfinity);
  for (int64_t e = 0; e < a.heads; e++) {
    for (int64_t i = 0; i < a.t; i++) {
      int64_t row = e * a.t + i;
      std::vector<double> scores(a.s, -kInfinity);
      double largest = -kInfinity;
      for (int64_t j = 0; j < a.s; j++) {
        if (a.sees(i, j)) scores[j] = a.scale * dot(&q[row * a.d], &k[(e * a.s + j) * a.d], a.d);
        largest = std::max(largest, scores[j]);
      }
      long double total = 0;
      for (int64_t j = 0; j < a.s; j++) {
        if (a.sees(i, j)) total += std::exp(scores[j] - largest);
      }
      if (total == 0) continue;  // a query that sees no key attends to nothing
      lse[row] = static_cast<double>(largest + std::log(total));
      for (int64_t x = 0; x < a.dv; x++) {
        long double mixed = 0;
        for (int64_t j = 0; j < a.s; j++) {
          if (a.sees(i, j)) mixed += std::exp(scores[j] - lse[row]) * v[(e * a.s + j) * a.dv + x];
        }
        y[row * a.dv + x] = static_cast<double>(mixed);
      }
    }
  }
  write(c.out[0], y);
  write(c.out[1], lse);
}

// g, q, k, v, y, lse -> gq, gk, gv {scale, causal}. With p = exp(score - lse) and dp = g v':
// gv = p' g, dscore = p (dp - sum(g y)), gq = scale dscore k, gk = scale dscore' q.
void attentionBackward(const Call& c) {
  Attention a(c, c.in[1], c.in[2], c.in[3]);
  std::vector<double> g = read(c.in[0]), q = read(c.in[1]), k = read(c.in[2]), v = read(c.in[3]), y = read(c.in[4]);
  std::vector<double> lse = read(c.in[5]);
  std::vector<double> gq(q.size(), 0), gk(k.size(), 0), gv(v.size(), 0);
  for (int64_t e = 0; e < a.heads; e++) {
    for (int64_t i = 0; i < a.t; i++) {
      int64_t row = e * a.t + i;
      double delta = dot(&g[row * a.dv], &y[row * a.dv], a.dv);
      for (int64_t j = 0; j < a.s; j++) {
        if (!a.sees(i, j)) continue;
        int64_t key = e * a.s + j;
        double p = std::exp(a.scale * dot(&q[row * a.d], &k[key * a.d], a.d) - lse[row]);
        double dscore = p * (dot(&g[row * a.dv], &v[key * a.dv], a.dv) - delta);
        for (int64_t x = 0; x < a.dv; x++) gv[key * a.dv + x] += p * g[row * a.dv + x];
        for (int64_t x = 0; x < a.d; x++) {
          gq[row * a.d + x] += a.scale * dscore * k[key * a.d + x];
          gk[key * a.d + x] += a.scale * dscore * q[row * a.d + x];
        }
      }
    }
  }
  write(c.out[0], gq);
  write(c.out[1], gk);
  write(c.out[2], gv);
}

}  // namespace sinter::reference
