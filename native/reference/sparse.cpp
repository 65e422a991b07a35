// Reference backend: sparse matrices, by their patterns; plans and packed values are another backend's business.
#include "reference/activation.h"
#include "reference/elements.h"

namespace sinter::reference {

namespace {

// visit(row, column, index of the value) for every element of a pattern {format, rows, cols}.
template <class Visit>
void for_each_element(const Call& c, const TensorRef& pointers, const TensorRef& columns, Visit visit) {
  int64_t rows = c.int_attr(1), cols = c.int_attr(2);
  std::vector<int64_t> column = read<int64_t>(columns);
  if (c.attr[0] == 4) {
    int64_t groups = (cols + 3) / 4, words = (groups + 7) / 8;
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t i = 0; i < 2 * groups; i++) {
        int64_t at = i / 2 * 4 + (column[r * words + i / 16] >> (i % 16 * 2) & 3);
        if (at < cols) visit(r, at, r * 2 * groups + i);
      }
    }
    return;
  }
  int64_t heights[] = {1, 1, 16, 4}, widths[] = {1, 16, 1, 4};
  int64_t height = heights[c.int_attr(0)], width = widths[c.int_attr(0)];
  std::vector<int64_t> pointer = read<int64_t>(pointers);
  for (size_t block_row = 0; block_row + 1 < pointer.size(); block_row++) {
    for (int64_t e = pointer[block_row]; e < pointer[block_row + 1]; e++) {
      for (int64_t i = 0; i < height; i++) {
        for (int64_t j = 0; j < width; j++) {
          int64_t r = static_cast<int64_t>(block_row) * height + i, k = column[e] * width + j;
          if (r < rows && k < cols) visit(r, k, (e * height + i) * width + j);
        }
      }
    }
  }
}

}  // namespace

void sparseMatmul(const Call& c) {
  const TensorRef& y = c.out[0];
  bool transposed = c.attr[3] != 0, columns_first = c.attr[4] != 0;
  int64_t m = y.dim(columns_first ? 1 : 0), n = y.dim(columns_first ? 0 : 1), depth = c.int_attr(transposed ? 1 : 2);
  std::vector<double> values = read(c.in[0]), scales = read_or(c.opt(3), c.int_attr(1), 1), dense = read(c.in[4]);
  std::vector<double> bias = read_or(c.opt(5), m, 0);
  std::vector<long double> sums(m * n);
  for (int64_t i = 0; i < m * n; i++) sums[i] = bias[i / n];
  for_each_element(c, c.opt(1), c.in[2], [&](int64_t row, int64_t col, int64_t at) {
    int64_t i = transposed ? col : row, k = transposed ? row : col;
    for (int64_t j = 0; j < n; j++)
      sums[i * n + j] +=
          static_cast<long double>(values[at] * scales[row]) * dense[columns_first ? j * depth + k : k * n + j];
  });
  std::vector<double> result(m * n);
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++)
      result[columns_first ? j * m + i : i * n + j] = activated(c.int_attr(5), static_cast<double>(sums[i * n + j]));
  write(y, result);
}

void sparsePack(const Call& c) { write(c.out[0], std::vector<double>(c.out[0].numel, 0)); }

void sparseSampled(const Call& c) {
  const TensorRef &a = c.in[3], &b = c.in[4];
  bool columns_first = c.attr[3] != 0;
  int64_t rows = c.int_attr(1), cols = c.int_attr(2), n = a.dim(columns_first ? 0 : 1);
  std::vector<double> av = read(a), bv = read(b), values(c.out[0].numel, 0);
  for_each_element(c, c.opt(0), c.in[1], [&](int64_t row, int64_t col, int64_t at) {
    long double sum = 0;
    for (int64_t j = 0; j < n; j++) {
      long double left = av[columns_first ? j * rows + row : row * n + j];
      sum += left * bv[columns_first ? j * cols + col : col * n + j];
    }
    values[at] = static_cast<double>(sum);
  });
  write(c.out[0], values);
}

}  // namespace sinter::reference
