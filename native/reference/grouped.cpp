// Reference backend: many products in one call.
#include "reference/elements.h"

namespace sinter::reference {

namespace {

// y (m, n) += a (m, k) b (k, n), with element strides.
void product(const double* a, int64_t rsa, int64_t csa, const double* b, int64_t rsb, int64_t csb, double* y, int64_t m,
             int64_t n, int64_t k) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++)
      for (int64_t p = 0; p < k; p++) y[i * n + j] += a[i * rsa + p * csa] * b[p * rsb + j * csb];
}

std::vector<int64_t> read_ends(const TensorRef& t, int64_t rows, const char* name) {
  std::vector<int64_t> ends = read<int64_t>(t);
  int64_t before = 0;
  for (size_t i = 0; i < ends.size(); before = ends[i++])
    if (ends[i] < before || ends[i] > rows)
      fail(ErrorCode::index_out_of_range,
           "%s: group %lld ends at row %lld, after %lld of %lld rows; ends must not fall", name,
           static_cast<long long>(i), static_cast<long long>(ends[i]), static_cast<long long>(before),
           static_cast<long long>(rows));
  return ends;
}

}  // namespace

void groupedMatmul(const Call& c) {
  bool ta = c.int_attr(0) & 1, tb = c.int_attr(0) & 2;
  for (int i = 0; i < c.nout; i++) {
    std::vector<double> a = read(c.in[i]), b = read(c.in[c.nout + i]), y(c.out[i].numel, 0.0);
    int64_t m = c.out[i].dim(0), n = c.out[i].dim(1), k = c.in[i].dim(ta ? 0 : 1);
    product(a.data(), ta ? 1 : k, ta ? m : 1, b.data(), tb ? 1 : n, tb ? k : 1, y.data(), m, n, k);
    write(c.out[i], y);
  }
}

void expertMatmul(const Call& c) {
  bool tb = c.int_attr(0) & 2;
  int64_t rows = c.in[0].dim(0), k = c.in[0].dim(1), groups = c.in[1].dim(0), n = c.out[0].dim(1), from = 0;
  std::vector<int64_t> ends = read_ends(c.in[2], rows, "expertMatmul");
  std::vector<double> a = read(c.in[0]), b = read(c.in[1]), y(rows * n, 0.0);
  for (int64_t g = 0; g < groups; from = ends[g++])
    product(a.data() + from * k, k, 1, b.data() + g * k * n, tb ? 1 : n, tb ? k : 1, y.data() + from * n,
            ends[g] - from, n, k);
  write(c.out[0], y);
}

void expertWeightGrad(const Call& c) {
  int64_t rows = c.in[0].dim(0), k = c.in[0].dim(1), n = c.in[1].dim(1), groups = c.out[0].dim(0), from = 0;
  std::vector<int64_t> ends = read_ends(c.in[2], rows, "expertWeightGrad");
  std::vector<double> a = read(c.in[0]), h = read(c.in[1]), y(groups * k * n, 0.0);
  for (int64_t g = 0; g < groups; from = ends[g++])
    product(a.data() + from * k, 1, k, h.data() + from * n, n, 1, y.data() + g * k * n, k, n, ends[g] - from);
  write(c.out[0], y);
}

}  // namespace sinter::reference
