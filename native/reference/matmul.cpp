// Reference backend: matrix products.
#include "engine/philox.h"
#include "reference/activation.h"
#include "reference/elements.h"

namespace sinter::reference {

namespace {

// What is done to element `index` of the result before it is rounded.
double finished(const Call& c, double sum, double bias, double residual, int64_t index) {
  if (c.nattr < 7) return sum + bias + residual;
  double y = activated(c.int_attr(2), c.attr[1] * sum + bias), p = c.attr[3];
  if (p > 0) {
    auto block = philox(static_cast<uint32_t>(c.int_attr(4)), static_cast<uint32_t>(c.int_attr(5)),
                        static_cast<uint64_t>(c.int_attr(6) + index / 4));
    y = block.w[index % 4] >= p * 0x1p32 ? y / (1 - p) : 0;
  }
  return y + residual;
}

}  // namespace

// As native/ops.def has it. The packed form of this backend is the matrix itself, at the front.
void matmul(const Call& c) {
  const TensorRef &a = c.in[0], &b = c.in[1], &bias = c.opt(2), &residual = c.opt(3), &y = c.out[0];
  bool a_transposed = c.int_attr(0) & 1, packed = c.int_attr(0) & 4, b_transposed = (c.int_attr(0) & 2) && !packed;
  int64_t m = y.dim(-2), n = y.dim(-1), k = a_transposed ? a.dim(-2) : a.dim(-1);

  // Both operands with the batch dimensions of the result.
  Shape batch(y.dims, y.dims + y.rank - 2);
  Shape a_shape = batch, b_shape = batch;
  a_shape.insert(a_shape.end(), {a.dim(-2), a.dim(-1)});
  if (!packed) b_shape.insert(b_shape.end(), {b.dim(-2), b.dim(-1)});

  with_any_element_type(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> av = read<T>(a, a_shape), bv = packed ? read<T>(b) : read<T>(b, b_shape), yv(y.numel);
    std::vector<double> slopes(c.nout > 1 ? y.numel : 0);
    std::vector<T> bias_values = bias.present() ? read<T>(bias, {n}) : std::vector<T>(n, T{0});
    std::vector<T> residual_values = residual.present() ? read<T>(residual) : std::vector<T>();
    for (int64_t e = 0; e < numel_of(batch); e++) {
      for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
          bool plain = c.nattr < 7 && !residual.present();
          Accumulator<T> total = plain ? bias_values[j] : T{0};
          for (int64_t p = 0; p < k; p++) {
            Accumulator<T> left = av[e * m * k + (a_transposed ? p * m + i : i * k + p)];
            Accumulator<T> right = bv[e * k * n + (b_transposed ? j * k + p : p * n + j)];
            total = plus(total, times(left, right));
          }
          int64_t index = (e * m + i) * n + j;
          if constexpr (std::is_same_v<T, double>) {
            if (c.nout > 1)
              slopes[index] = slope_of(c.int_attr(2), c.attr[1] * static_cast<double>(total) + bias_values[j]);
            if (!plain)
              total = finished(c, static_cast<double>(total), bias_values[j],
                               residual.present() ? residual_values[index] : 0, index);
          }
          yv[index] = static_cast<T>(total);
        }
      }
    }
    write(y, yv);
    if (c.nout > 1) write(c.out[1], slopes);
  });
}

void packMatrix(const Call& c) {
  bool transposed = c.int_attr(0) & 2;
  int64_t k = c.int_attr(1), n = c.int_attr(2);
  std::vector<double> b = read(c.in[0]), y(c.out[0].numel, 0.0);
  for (int64_t p = 0; p < k; p++)
    for (int64_t j = 0; j < n; j++) y[p * n + j] = b[transposed ? j * k + p : p * n + j];
  write(c.out[0], y);
}

void linearBackward(const Call& c) {
  int64_t m = c.in[0].dim(0), n = c.in[0].dim(1), k = c.in[1].dim(1);
  std::vector<double> g = read(c.in[0]), x = read(c.in[1]), dw(n * k, 0.0), db(n, 0.0);
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      db[j] += g[i * n + j];
      for (int64_t p = 0; p < k; p++) dw[j * k + p] += g[i * n + j] * x[i * k + p];
    }
  write(c.out[0], dw);
  write(c.out[1], db);
}

}  // namespace sinter::reference
