// Reference backend: keys and values in blocks of a paged cache.
// Legend: b batch, h heads (hk of keys), t queries, d width, e width of values; a pool is (blocks, hk, size, width).
#include "reference/elements.h"

namespace sinter::reference {
namespace {

// Element 0 of the row of a head in the place `slot`, counted through all blocks.
int64_t row_at(const TensorRef& pool, int64_t slot, int64_t head) {
  const int64_t size = pool.dim(2);
  return ((slot / size * pool.dim(1) + head) * size + slot % size) * pool.dim(3);
}

}  // namespace

// keys, values, k (b, hk, t, d), v (b, hk, t, e), slots (b, t)
void pagedWrite(const Call& c) {
  const std::vector<int64_t> slots = read<int64_t>(c.in[4]);
  const int64_t places = c.in[0].dim(0) * c.in[0].dim(2);
  for (int64_t slot : slots)
    if (slot != -1) check_index("pagedWrite", slot, places);
  for (int side = 0; side < 2; side++) {
    const TensorRef &pool = c.in[side], &x = c.in[2 + side];
    std::vector<double> to = read(pool), from = read(x);
    const int64_t hk = x.dim(1), t = x.dim(2), d = x.dim(3);
    for (int64_t row = 0; row < x.dim(0) * t; row++)
      for (int64_t head = 0; head < hk && slots[row] >= 0; head++)
        for (int64_t j = 0; j < d; j++)
          to[row_at(pool, slots[row], head) + j] = from[((row / t * hk + head) * t + row % t) * d + j];
    write(pool, to);
  }
}

// q (b, h, t, d), keys, values, table (b, columns), lengths (b), slopes? (b, h) -> y {scale, left, right, cap, byRows}
void pagedAttention(const Call& c) {
  const TensorRef &keys = c.in[1], &values = c.in[2];
  const int64_t b = c.in[0].dim(0), h = c.in[0].dim(1), t = c.in[0].dim(2), d = c.in[0].dim(3);
  const int64_t hk = keys.dim(1), size = keys.dim(2), e = values.dim(3), columns = c.in[3].dim(1);
  const std::vector<double> q = read(c.in[0]), k = read(keys), v = read(values);
  const std::vector<double> slopes = c.nin > 5 && c.in[5].present() ? read(c.in[5]) : std::vector<double>();
  const std::vector<int64_t> table = read<int64_t>(c.in[3]), lengths = read<int64_t>(c.in[4]);
  const double scale = c.attr[0], cap = c.attr[3];
  const int64_t left = c.int_attr(1), right = c.int_attr(2);
  const bool by_rows = c.attr[4] != 0;
  std::vector<double> y(c.out[0].numel, 0);
  for (int64_t i = 0; i < b; i++) {
    check_index("pagedAttention", lengths[i], columns * size + 1);
    const auto slot = [&](int64_t j) { return table[i * columns + j / size] * size + j % size; };
    for (int64_t j = 0; j < lengths[i]; j++) check_index("pagedAttention", table[i * columns + j / size], keys.dim(0));
    for (int64_t head = 0; head < h; head++)
      for (int64_t row = 0; row < t; row++) {
        const int64_t place = lengths[i] - t + row, kv = head / (h / hk);
        std::vector<double> scores(lengths[i], -kInfinity);
        double largest = -kInfinity;
        for (int64_t j = 0; j < lengths[i]; j++) {
          if ((left >= 0 && j < place - left) || (right >= 0 && j > place + right)) continue;
          long double dot = 0;
          for (int64_t x = 0; x < d; x++)
            dot += static_cast<long double>(q[((i * h + head) * t + row) * d + x]) * k[row_at(keys, slot(j), kv) + x];
          double score = static_cast<double>(dot) * scale;
          if (cap) score = cap * std::tanh(score / cap);
          if (!slopes.empty()) score -= slopes[i * h + head] * std::fabs(static_cast<double>(place - j));
          scores[j] = score;
          largest = std::max(largest, score);
        }
        long double total = 0;
        for (double score : scores)
          if (score != -kInfinity) total += std::exp(score - largest);
        if (total == 0) continue;  // a query that sees no key attends to nothing
        for (int64_t x = 0; x < e; x++) {
          long double mixed = 0;
          for (int64_t j = 0; j < lengths[i]; j++)
            if (scores[j] != -kInfinity) mixed += std::exp(scores[j] - largest) * v[row_at(values, slot(j), kv) + x];
          y[(by_rows ? ((i * t + row) * h + head) : ((i * h + head) * t + row)) * e + x] =
              static_cast<double>(mixed / total);
        }
      }
  }
  write(c.out[0], y);
}

}  // namespace sinter::reference
