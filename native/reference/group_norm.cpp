// Reference backend: group and root-mean-square normalisation.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

struct Groups {
  int64_t rows, length, run, c;  // rows of `length` elements; runs of `run` elements a channel

  Groups(const TensorRef& x, const TensorRef& mean) : rows(mean.numel), run(1), c(x.dim(1)) {
    for (int i = 2; i < x.rank; i++) run *= x.dims[i];
    length = rows ? x.numel / rows : 0;
  }
  int64_t channel(int64_t element) const { return element / run % c; }
};

}  // namespace

// x, weight?, bias? (c) -> y, mean, rstd {eps}
void groupNorm(const Call& c) {
  Groups g(c.in[0], c.out[1]);
  std::vector<double> x = read(c.in[0]), y(x.size()), mean, rstd;
  std::vector<double> weight = read_or(c.opt(1), g.c, 1), bias = read_or(c.opt(2), g.c, 0);
  for (int64_t r = 0; r < g.rows; r++) {
    long double sum = 0, squares = 0;
    for (int64_t i = r * g.length; i < (r + 1) * g.length; i++) sum += x[i];
    double m = static_cast<double>(sum / g.length);
    for (int64_t i = r * g.length; i < (r + 1) * g.length; i++) squares += (x[i] - m) * (x[i] - m);
    double s = static_cast<double>(1 / std::sqrt(squares / g.length + c.attr[0]));
    for (int64_t i = r * g.length; i < (r + 1) * g.length; i++)
      y[i] = (x[i] - m) * s * weight[g.channel(i)] + bias[g.channel(i)];
    mean.push_back(m);
    rstd.push_back(s);
  }
  write(c.out[0], y);
  write(c.out[1], mean);
  write(c.out[2], rstd);
}

// g, x, mean, rstd, weight? -> gx, gweight, gbias
void groupNormBackward(const Call& c) {
  Groups gr(c.in[1], c.in[2]);
  std::vector<double> g = read(c.in[0]), x = read(c.in[1]), mean = read(c.in[2]), rstd = read(c.in[3]);
  std::vector<double> weight = read_or(c.opt(4), gr.c, 1), gx(x.size()), gweight(gr.c, 0), gbias(gr.c, 0);
  for (int64_t r = 0; r < gr.rows; r++) {
    long double total = 0, product = 0;
    auto h = [&](int64_t i) { return (x[i] - mean[r]) * rstd[r]; };
    for (int64_t i = r * gr.length; i < (r + 1) * gr.length; i++) {
      int64_t k = gr.channel(i);
      total += g[i] * weight[k];
      product += g[i] * weight[k] * h(i);
      gweight[k] += g[i] * h(i);
      gbias[k] += g[i];
    }
    for (int64_t i = r * gr.length; i < (r + 1) * gr.length; i++)
      gx[i] = static_cast<double>(rstd[r] *
                                  (g[i] * weight[gr.channel(i)] - total / gr.length - h(i) * (product / gr.length)));
  }
  write(c.out[0], gx);
  write(c.out[1], gweight);
  write(c.out[2], gbias);
}

// x (rows, n), weight? (n), residual? -> y, rstd (rows), x + residual {eps, n}
void rmsNorm(const Call& c) {
  int64_t n = c.int_attr(1), rows = c.out[1].numel;
  std::vector<double> x = read(c.in[0]), weight = read_or(c.opt(1), n, 1), rstd;
  std::vector<double> residual = read_or(c.opt(2), static_cast<int64_t>(x.size()), 0);
  for (size_t i = 0; i < x.size(); i++) x[i] = rounded_to(c.in[0].dtype, x[i] + residual[i]);
  if (c.nout > 2) write(c.out[2], x);
  for (int64_t r = 0; r < rows; r++) {
    long double squares = 0;
    for (int64_t j = 0; j < n; j++) squares += x[r * n + j] * x[r * n + j];
    rstd.push_back(static_cast<double>(1 / std::sqrt(squares / n + c.attr[0])));
    for (int64_t j = 0; j < n; j++) x[r * n + j] *= rstd[r] * weight[j];
  }
  write(c.out[0], x);
  write(c.out[1], rstd);
}

// g, x, rstd, weight?, gsum? -> gx, gweight (n) {n}
void rmsNormBackward(const Call& c) {
  int64_t n = c.int_attr(0), rows = c.in[2].numel;
  std::vector<double> g = read(c.in[0]), x = read(c.in[1]), rstd = read(c.in[2]);
  std::vector<double> weight = read_or(c.opt(3), n, 1), gx(x.size()), gweight(n, 0);
  std::vector<double> gsum = read_or(c.opt(4), static_cast<int64_t>(x.size()), 0);
  for (int64_t r = 0; r < rows; r++) {
    long double product = 0;
    for (int64_t i = r * n; i < (r + 1) * n; i++) {
      product += g[i] * weight[i - r * n] * x[i];
      gweight[i - r * n] += g[i] * x[i] * rstd[r];
    }
    for (int64_t i = r * n; i < (r + 1) * n; i++)
      gx[i] = static_cast<double>(rstd[r] * (g[i] * weight[i - r * n] - x[i] * rstd[r] * rstd[r] * (product / n)) +
                                  gsum[i]);
  }
  write(c.out[0], gx);
  write(c.out[1], gweight);
}

}  // namespace sinter::reference
