// Reference backend: softmax, layer normalization and batch normalization with their gradients.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

// y(j) = f(j, lane) for every lane of values along {axis}; `lane` is one operand, or two of the same shape.
template <class F>
void map_lanes(const Call& c, F f) {
  AxisView view(c.in[0], c.int_attr(0));
  std::vector<std::vector<double>> operands;
  for (int k = 0; k < c.nin; k++) operands.push_back(read(c.in[k]));
  std::vector<double> y(c.out[0].numel);
  for (int64_t o = 0; o < view.outer; o++) {
    for (int64_t i = 0; i < view.inner; i++) {
      std::vector<std::vector<double>> lanes(c.nin);
      for (int64_t j = 0; j < view.length; j++) {
        for (int k = 0; k < c.nin; k++) lanes[k].push_back(operands[k][view.at(o, j, i)]);
      }
      std::vector<double> result = f(lanes);
      for (int64_t j = 0; j < view.length; j++) y[view.at(o, j, i)] = result[j];
    }
  }
  write(c.out[0], y);
}

using Lanes = std::vector<std::vector<double>>;

// log(sum exp(x)), with the largest element taken out of the exponentials.
double log_sum_exp(const std::vector<double>& x) {
  double largest = -kInfinity;
  for (double value : x) largest = std::max(largest, value);
  long double total = 0;
  for (double value : x) total += std::exp(value - largest);
  return static_cast<double>(largest + std::log(total));
}

// The statistics of one set of values: mean and 1 / sqrt(biased variance + eps).
struct Moments {
  double mean, rstd;

  Moments(const std::vector<double>& x, double eps) {
    long double n = static_cast<long double>(x.size()), total = 0, squares = 0;
    for (double value : x) total += value;
    long double center = total / n;
    for (double value : x) squares += (value - center) * (value - center);
    mean = static_cast<double>(center);
    rstd = static_cast<double>(1 / std::sqrt(squares / n + eps));
  }
};

// gx of y = xhat * weight + bias where xhat = (x - mean) * rstd is normalized over one set of values, from
// d = g * weight: rstd * (d - mean(d) - xhat * mean(d * xhat)).
std::vector<double> normalized_gradient(const std::vector<double>& d, const std::vector<double>& xhat, double rstd) {
  long double n = static_cast<long double>(d.size()), total = 0, product = 0;
  for (size_t i = 0; i < d.size(); i++) {
    total += d[i];
    product += static_cast<long double>(d[i]) * xhat[i];
  }
  std::vector<double> gx(d.size());
  for (size_t i = 0; i < d.size(); i++) {
    gx[i] = static_cast<double>(rstd * (d[i] - total / n - xhat[i] * (product / n)));
  }
  return gx;
}

// The elements of x (n, c, ...) that belong to each channel.
std::vector<std::vector<int64_t>> elements_of_channels(const TensorRef& x) {
  AxisView view(x, 1);
  std::vector<std::vector<int64_t>> channels(view.length);
  for (int64_t o = 0; o < view.outer; o++) {
    for (int64_t channel = 0; channel < view.length; channel++) {
      for (int64_t i = 0; i < view.inner; i++) channels[channel].push_back(view.at(o, channel, i));
    }
  }
  return channels;
}

}  // namespace

void softmax(const Call& c) {
  map_lanes(c, [](const Lanes& lanes) {
    std::vector<double> y = lanes[0];
    double lse = log_sum_exp(y);
    for (double& value : y) value = std::exp(value - lse);
    return y;
  });
}

void logSoftmax(const Call& c) {
  map_lanes(c, [](const Lanes& lanes) {
    std::vector<double> y = lanes[0];
    double lse = log_sum_exp(y);
    for (double& value : y) value -= lse;
    return y;
  });
}

// gx = y (g - sum(g y))
void softmaxBackward(const Call& c) {
  map_lanes(c, [](const Lanes& lanes) {
    std::vector<double> gx = lanes[0];
    const std::vector<double>& y = lanes[1];
    long double dot = 0;
    for (size_t j = 0; j < y.size(); j++) dot += static_cast<long double>(gx[j]) * y[j];
    for (size_t j = 0; j < y.size(); j++) gx[j] = static_cast<double>(y[j] * (gx[j] - dot));
    return gx;
  });
}

// gx = g - exp(y) sum(g)
void logSoftmaxBackward(const Call& c) {
  map_lanes(c, [](const Lanes& lanes) {
    std::vector<double> gx = lanes[0];
    const std::vector<double>& y = lanes[1];
    long double total = 0;
    for (double g : gx) total += g;
    for (size_t j = 0; j < y.size(); j++) gx[j] = static_cast<double>(gx[j] - std::exp(y[j]) * total);
    return gx;
  });
}

// x (rows, n), weight? (n), bias? (n), residual? -> y, mean (rows), rstd (rows), x + residual {eps, n}
void layerNorm(const Call& c) {
  int64_t n = c.int_attr(1), rows = c.out[1].numel;
  std::vector<double> x = read(c.in[0]), weight = read_or(c.opt(1), n, 1), bias = read_or(c.opt(2), n, 0);
  std::vector<double> residual = read_or(c.opt(3), static_cast<int64_t>(x.size()), 0);
  for (size_t i = 0; i < x.size(); i++) x[i] = rounded_to(c.in[0].dtype, x[i] + residual[i]);
  if (c.nout > 3) write(c.out[3], x);
  std::vector<double> y(x.size()), mean, rstd;
  for (int64_t r = 0; r < rows; r++) {
    Moments moments(std::vector<double>(x.begin() + r * n, x.begin() + (r + 1) * n), c.attr[0]);
    for (int64_t j = 0; j < n; j++) {
      y[r * n + j] = (x[r * n + j] - moments.mean) * moments.rstd * weight[j] + bias[j];
    }
    mean.push_back(moments.mean);
    rstd.push_back(moments.rstd);
  }
  write(c.out[0], y);
  write(c.out[1], mean);
  write(c.out[2], rstd);
}

// g, x, mean, rstd, weight?, gsum? -> gx, gweight (n), gbias (n) {n}
void layerNormBackward(const Call& c) {
  int64_t n = c.int_attr(0), rows = c.in[2].numel;
  std::vector<double> g = read(c.in[0]), x = read(c.in[1]), mean = read(c.in[2]), rstd = read(c.in[3]);
  std::vector<double> weight = read_or(c.opt(4), n, 1);
  std::vector<double> gx, gweight(n, 0), gbias(n, 0);
  for (int64_t r = 0; r < rows; r++) {
    std::vector<double> d(n), xhat(n);
    for (int64_t j = 0; j < n; j++) {
      double gradient = g[r * n + j];
      xhat[j] = (x[r * n + j] - mean[r]) * rstd[r];
      d[j] = gradient * weight[j];
      gweight[j] += gradient * xhat[j];
      gbias[j] += gradient;
    }
    std::vector<double> row = normalized_gradient(d, xhat, rstd[r]);
    gx.insert(gx.end(), row.begin(), row.end());
  }
  std::vector<double> gsum = read_or(c.opt(5), static_cast<int64_t>(gx.size()), 0);
  for (size_t i = 0; i < gx.size(); i++) gx[i] += gsum[i];
  write(c.out[0], gx);
  write(c.out[1], gweight);
  write(c.out[2], gbias);
}

// y = relu(y + residual), each part as asked
void finish(std::vector<double>& y, const TensorRef& residual, bool relu) {
  std::vector<double> other = read_or(residual, static_cast<int64_t>(y.size()), 0);
  for (size_t i = 0; i < y.size(); i++) {
    y[i] += other[i];
    if (relu && y[i] < 0) y[i] = 0;
  }
}

// x (n, c, ...), weight?, bias? (c), residual? -> y, mean (c), rstd (c) {eps, relu}
void batchNorm(const Call& c) {
  auto channels = elements_of_channels(c.in[0]);
  int64_t count = static_cast<int64_t>(channels.size());
  std::vector<double> x = read(c.in[0]), weight = read_or(c.opt(1), count, 1), bias = read_or(c.opt(2), count, 0);
  std::vector<double> y(x.size()), mean, rstd;
  for (int64_t k = 0; k < count; k++) {
    std::vector<double> values;
    for (int64_t i : channels[k]) values.push_back(x[i]);
    Moments moments(values, c.attr[0]);
    for (int64_t i : channels[k]) y[i] = (x[i] - moments.mean) * moments.rstd * weight[k] + bias[k];
    mean.push_back(moments.mean);
    rstd.push_back(moments.rstd);
  }
  finish(y, c.opt(3), c.attr[1] != 0);
  write(c.out[0], y);
  write(c.out[1], mean);
  write(c.out[2], rstd);
}

// x, mean (c), var (c), weight?, bias?, residual? -> y {eps, relu}
void batchNormEval(const Call& c) {
  auto channels = elements_of_channels(c.in[0]);
  int64_t count = static_cast<int64_t>(channels.size());
  std::vector<double> x = read(c.in[0]), mean = read(c.in[1]), var = read(c.in[2]);
  std::vector<double> weight = read_or(c.opt(3), count, 1), bias = read_or(c.opt(4), count, 0);
  for (int64_t k = 0; k < count; k++) {
    for (int64_t i : channels[k]) x[i] = (x[i] - mean[k]) / std::sqrt(var[k] + c.attr[0]) * weight[k] + bias[k];
  }
  finish(x, c.opt(5), c.attr[1] != 0);
  write(c.out[0], x);
}

// g, x, mean, rstd, weight?, y? -> gx, gweight, gbias, gresidual? {training}
void batchNormBackward(const Call& c) {
  auto channels = elements_of_channels(c.in[1]);
  int64_t count = static_cast<int64_t>(channels.size());
  bool training = c.attr[0] != 0;
  std::vector<double> g = read(c.in[0]), x = read(c.in[1]), mean = read(c.in[2]), rstd = read(c.in[3]);
  std::vector<double> weight = read_or(c.opt(4), count, 1);
  std::vector<double> result = read_or(c.opt(5), static_cast<int64_t>(g.size()), 1);
  for (size_t i = 0; i < g.size(); i++) {
    if (result[i] <= 0) g[i] = 0;
  }
  if (c.nout > 3) write(c.out[3], g);
  std::vector<double> gx(x.size()), gweight(count, 0), gbias(count, 0);
  for (int64_t k = 0; k < count; k++) {
    std::vector<double> d, xhat;
    for (int64_t i : channels[k]) {
      xhat.push_back((x[i] - mean[k]) * rstd[k]);
      d.push_back(g[i] * weight[k]);
      gweight[k] += g[i] * xhat.back();
      gbias[k] += g[i];
    }
    if (training) {
      d = normalized_gradient(d, xhat, rstd[k]);
    } else {
      for (double& value : d) value *= rstd[k];
    }
    for (size_t j = 0; j < d.size(); j++) gx[channels[k][j]] = d[j];
  }
  write(c.out[0], gx);
  write(c.out[1], gweight);
  write(c.out[2], gbias);
}

// runningMean, runningVar, mean, rstd {eps, momentum, count}: the running variance takes the unbiased estimate.
void batchNormUpdate(const Call& c) {
  double eps = c.attr[0], momentum = c.attr[1], count = c.attr[2];
  std::vector<double> running_mean = read(c.in[0]), running_var = read(c.in[1]);
  std::vector<double> mean = read(c.in[2]), rstd = read(c.in[3]);
  for (size_t k = 0; k < mean.size(); k++) {
    double biased = 1 / (rstd[k] * rstd[k]) - eps;
    double unbiased = biased * count / (count - 1);
    running_mean[k] = (1 - momentum) * running_mean[k] + momentum * mean[k];
    running_var[k] = (1 - momentum) * running_var[k] + momentum * unbiased;
  }
  write(c.in[0], running_mean);
  write(c.in[1], running_var);
}

}  // namespace sinter::reference
