// Reference backend: products added to what is there.
#include "reference/elements.h"

namespace sinter::reference {

// y (m, n), a, b {flags}: y += a b; flag 1: a is stored (k, m), 2: b is stored (n, k)
void matmulInto(const Call& c) {
  const TensorRef &y = c.in[0], &a = c.in[1], &b = c.in[2];
  bool a_transposed = c.int_attr(0) & 1, b_transposed = c.int_attr(0) & 2;
  int64_t m = y.dim(0), n = y.dim(1), k = a.dim(a_transposed ? 0 : 1);
  std::vector<double> sums = read(y), av = read(a), bv = read(b);
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++)
      for (int64_t p = 0; p < k; p++)
        sums[i * n + j] += av[a_transposed ? p * m + i : i * k + p] * bv[b_transposed ? j * k + p : p * n + j];
  write(y, sums);
}

}  // namespace sinter::reference
