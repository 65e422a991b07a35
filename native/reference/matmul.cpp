// Reference backend: matrix products.
#include "reference/elements.h"

namespace sinter::reference {

// a (..., m, k) or stored (..., k, m), b (..., k, n) or stored (..., n, k), bias? (n) -> y (..., m, n) {flags}
void matmul(const Call& c) {
  const TensorRef &a = c.in[0], &b = c.in[1], &bias = c.opt(2), &y = c.out[0];
  bool a_transposed = c.int_attr(0) & 1, b_transposed = c.int_attr(0) & 2;
  int64_t m = y.dim(-2), n = y.dim(-1), k = a_transposed ? a.dim(-2) : a.dim(-1);

  // Both operands with the batch dimensions of the result.
  Shape batch(y.dims, y.dims + y.rank - 2);
  Shape a_shape = batch, b_shape = batch;
  a_shape.insert(a_shape.end(), {a.dim(-2), a.dim(-1)});
  b_shape.insert(b_shape.end(), {b.dim(-2), b.dim(-1)});

  with_any_element_type(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> av = read<T>(a, a_shape), bv = read<T>(b, b_shape), yv(y.numel);
    std::vector<T> bias_values = bias.present() ? read<T>(bias, {n}) : std::vector<T>(n, T{0});
    for (int64_t e = 0; e < numel_of(batch); e++) {
      for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
          Accumulator<T> total = bias_values[j];
          for (int64_t p = 0; p < k; p++) {
            Accumulator<T> left = av[e * m * k + (a_transposed ? p * m + i : i * k + p)];
            Accumulator<T> right = bv[e * k * n + (b_transposed ? j * k + p : p * n + j)];
            total = plus(total, times(left, right));
          }
          yv[(e * m + i) * n + j] = static_cast<T>(total);
        }
      }
    }
    write(y, yv);
  });
}

}  // namespace sinter::reference
