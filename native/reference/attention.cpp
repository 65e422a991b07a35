// Reference backend: scaled dot-product attention, the score matrix written out.
// Legend: b batch, h heads (hk of keys), t queries, s keys, d width, e width of values.
#include "engine/philox.h"
#include "reference/elements.h"

namespace sinter::reference {
namespace {

double dot(const double* a, const double* b, int64_t n) {
  long double total = 0;
  for (int64_t i = 0; i < n; i++) total += static_cast<long double>(a[i]) * b[i];
  return static_cast<double>(total);
}

// What dropout multiplies the weight of key j in row `row` of the result by.
double factor(double share, uint32_t seed_low, uint32_t seed_high, uint64_t offset, int64_t row, int64_t j, int64_t s) {
  const int64_t threshold = std::min<int64_t>(65535, static_cast<int64_t>(share * 65536 + 0.5));
  const PhiloxBlock words = philox(seed_low, seed_high, offset + static_cast<uint64_t>(row * ((s + 7) / 8) + j / 8));
  const int64_t bits = words.w[j % 8 / 2] >> (j % 2 * 16) & 0xffff;
  return bits >= threshold ? 65536.0 / static_cast<double>(65536 - threshold) : 0;
}

// A row of the result, the keys that belong to its sequence and its position among them.
struct Query {
  int64_t batch, head, kv, row;  // row: of (b, h, t)
  int64_t index, first, keys;    // index within its sequence; its keys are [first, first + keys) of s
  int64_t place;                 // where it stands among them
};

struct Attention {
  int64_t b, h, hk, t, s, d, e;
  std::vector<double> q, k, v, mask, slopes;
  bool boolean;
  double scale, cap, dropout;
  int64_t diagonal, left, right;
  uint32_t seed_low, seed_high;
  uint64_t offset;
  bool by_rows;
  std::vector<Query> queries;

  Attention(const Call& c, const TensorRef* in, int nin) {
    const auto optional = [&](int i) { return i < nin && in[i].present() ? read(in[i]) : std::vector<double>(); };
    b = in[0].dim(0), h = in[0].dim(1), t = in[0].dim(2), d = in[0].dim(3);
    hk = in[1].dim(1), s = in[1].dim(2), e = in[2].dim(3);
    q = read(in[0]), k = read(in[1]), v = read(in[2]), mask = optional(3), slopes = optional(4);
    boolean = nin > 3 && in[3].present() && in[3].dtype == DType::boolean;
    scale = c.attr[0], diagonal = c.int_attr(1), left = c.int_attr(2), right = c.int_attr(3), cap = c.attr[4];
    dropout = c.attr[5], seed_low = static_cast<uint32_t>(c.int_attr(6)),
    seed_high = static_cast<uint32_t>(c.int_attr(7));
    offset = static_cast<uint64_t>(c.int_attr(8)), by_rows = c.attr[9] != 0;
    std::vector<double> q_starts = optional(5), k_starts = optional(6);
    if (q_starts.empty()) q_starts = {0, static_cast<double>(t)}, k_starts = {0, static_cast<double>(s)};
    for (int64_t batch = 0; batch < b; batch++)
      for (int64_t head = 0; head < h; head++)
        for (size_t n = 0; n + 1 < q_starts.size(); n++) {
          const auto q0 = static_cast<int64_t>(q_starts[n]), q1 = static_cast<int64_t>(q_starts[n + 1]);
          const auto k0 = static_cast<int64_t>(k_starts[n]), k1 = static_cast<int64_t>(k_starts[n + 1]);
          if (q0 < 0 || q1 < q0 || q1 > t || k0 < 0 || k1 < k0 || k1 > s)
            fail(ErrorCode::index_out_of_range, "attention: starts of sequence %d are out of range or decrease",
                 static_cast<int>(n));
          for (int64_t i = q0; i < q1; i++)
            queries.push_back({batch, head, head / (h / hk), (batch * h + head) * t + i, i - q0, k0, k1 - k0,
                               i - q0 + (diagonal == 2 ? 0 : (k1 - k0) - (q1 - q0))});
        }
  }

  const double* key(const Query& r, int64_t j) const { return &k[((r.batch * hk + r.kv) * s + r.first + j) * d]; }
  const double* value(const Query& r, int64_t j) const { return &v[((r.batch * hk + r.kv) * s + r.first + j) * e]; }
  double bend(const Query& r, int64_t j) const { return std::tanh(scale * dot(&q[r.row * d], key(r, j), d) / cap); }
  bool sees(const Query& r, int64_t j) const {
    return (left < 0 || j >= r.place - left) && (right < 0 || j <= r.place + right);
  }
  double score(const Query& r, int64_t j) const {
    if (!sees(r, j)) return -kInfinity;
    double x = cap ? cap * bend(r, j) : scale * dot(&q[r.row * d], key(r, j), d);
    if (!slopes.empty()) x -= slopes[r.batch * h + r.head] * std::fabs(static_cast<double>(r.place - j));
    if (!mask.empty()) {
      const double m = mask[r.row * s + j];
      x += boolean ? (m ? 0 : -kInfinity) : m;
    }
    return x;
  }
  double kept(const Query& r, int64_t j) const {
    return dropout > 0 ? factor(dropout, seed_low, seed_high, offset, r.row, j, s) : 1;
  }
  // Element x of row `row` of a result (b, heads, rows, width), as it is stored.
  int64_t at(int64_t row, int64_t heads, int64_t rows, int64_t width, int64_t x) const {
    if (!by_rows) return row * width + x;
    const int64_t i = row % rows, head = row / rows % heads, batch = row / rows / heads;
    return ((batch * rows + i) * heads + head) * width + x;
  }
};

}  // namespace

void attention(const Call& c) {
  const Attention a(c, c.in, c.nin);
  std::vector<double> y(c.out[0].numel, 0), lse(c.out[1].numel, -kInfinity);
  for (const Query& r : a.queries) {
    std::vector<double> scores(a.s, -kInfinity);
    double largest = -kInfinity;
    for (int64_t j = 0; j < r.keys; j++) largest = std::max(largest, scores[j] = a.score(r, j));
    long double total = 0;
    for (int64_t j = 0; j < r.keys; j++)
      if (scores[j] != -kInfinity) total += std::exp(scores[j] - largest);
    if (total == 0) continue;  // a query that sees no key attends to nothing
    lse[r.row] = static_cast<double>(largest + std::log(total));
    for (int64_t x = 0; x < a.e; x++) {
      long double mixed = 0;
      for (int64_t j = 0; j < r.keys; j++)
        if (scores[j] != -kInfinity) mixed += std::exp(scores[j] - lse[r.row]) * a.kept(r, j) * a.value(r, j)[x];
      y[a.at(r.row, a.h, a.t, a.e, x)] = static_cast<double>(mixed);
    }
  }
  write(c.out[0], y);
  write(c.out[1], lse);
}

// With p = exp(score - lse), f the factors of dropout and dp = f g v': gv = (f p)' g, dscore = p (dp - sum(g y)), gq = scale
// dscore k, gk = scale dscore' q; a cap multiplies dscore by 1 - tanh^2.
void attentionBackward(const Call& c) {
  const Attention a(c, c.in + 3, c.nin - 3);
  std::vector<double> g = read(c.in[0]), y = read(c.in[1]), lse = read(c.in[2]);
  std::vector<double> gq(c.out[0].numel, 0), gk(c.out[1].numel, 0), gv(c.out[2].numel, 0);
  for (const Query& r : a.queries) {
    const double* own = &g[r.row * a.e];
    const double delta = dot(own, &y[r.row * a.e], a.e);
    for (int64_t j = 0; j < r.keys; j++) {
      const double score = a.score(r, j);
      if (score == -kInfinity) continue;
      const int64_t key = (r.batch * a.hk + r.kv) * a.s + r.first + j;
      const double p = std::exp(score - lse[r.row]), f = a.kept(r, j), bend = a.cap ? a.bend(r, j) : 0;
      const double dscore = p * (f * dot(own, a.value(r, j), a.e) - delta) * (1 - bend * bend);
      for (int64_t x = 0; x < a.e; x++) gv[a.at(key, a.hk, a.s, a.e, x)] += f * p * own[x];
      for (int64_t x = 0; x < a.d; x++) {
        gq[a.at(r.row, a.h, a.t, a.d, x)] += a.scale * dscore * a.key(r, j)[x];
        gk[a.at(key, a.hk, a.s, a.d, x)] += a.scale * dscore * a.q[r.row * a.d + x];
      }
    }
  }
  write(c.out[0], gq);
  write(c.out[1], gk);
  write(c.out[2], gv);
}

void attentionFactors(const Call& c) {
  const TensorRef& y = c.out[0];
  std::vector<double> factors(y.numel);
  const int64_t s = y.dim(3);
  for (int64_t i = 0; i < y.numel; i++)
    factors[i] = factor(c.attr[0], static_cast<uint32_t>(c.int_attr(1)), static_cast<uint32_t>(c.int_attr(2)),
                        static_cast<uint64_t>(c.int_attr(3)), i / s, i % s, s);
  write(y, factors);
}

}  // namespace sinter::reference
