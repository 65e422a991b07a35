// Reference backend: sums, means and maxima of rows of a table, a bag at a time.
#include "reference/elements.h"

namespace sinter::reference {

// weight (rows, n), indices (k), offsets, perSampleWeights? (k) -> y (b, n), bagOf (k), counts (b), largest (b, n)
// {mode, paddingIdx, includeLastOffset}
void embeddingBag(const Call& c) {
  const TensorRef& table = c.in[0];
  int64_t n = table.dim(1), k = c.in[1].numel, bags = c.out[2].numel, padding = c.int_attr(1);
  bool mean = c.attr[0] == 1, largest = c.attr[0] == 2;
  std::vector<double> weight = read(table), scale = read_or(c.opt(3), k, 1), y(bags * n, 0);
  std::vector<int64_t> indices = read<int64_t>(c.in[1]), offsets = read<int64_t>(c.in[2]);
  std::vector<int64_t> bag_of(k, 0), counts(bags, 0), which(largest ? bags * n : 0, -1);
  for (int64_t row : indices) check_index("embeddingBag", row, table.dim(0));
  if (c.attr[2] == 0) offsets.push_back(k);
  for (int64_t b = 0; b < bags; b++) {
    check_index("embeddingBag", offsets[b], offsets[b + 1] + 1);
    check_index("embeddingBag", offsets[b + 1], k + 1);
    for (int64_t e = offsets[b]; e < offsets[b + 1]; e++) {
      bag_of[e] = b;
      if (indices[e] == padding) continue;
      counts[b]++;
      for (int64_t j = 0; j < n; j++) {
        double v = weight[indices[e] * n + j] * scale[e];
        if (!largest) {
          y[b * n + j] += v;
        } else if (which[b * n + j] < 0 || v > y[b * n + j]) {
          y[b * n + j] = v;
          which[b * n + j] = indices[e];
        }
      }
    }
    for (int64_t j = 0; mean && counts[b] > 0 && j < n; j++) y[b * n + j] /= static_cast<double>(counts[b]);
  }
  write(c.out[0], y);
  write(c.out[1], bag_of);
  write(c.out[2], counts);
  write(c.out[3], which);
}

}  // namespace sinter::reference
