// Reference backend: bytes. Decisions that rounding makes (which byte a number becomes) are taken in f32, as the definition has
// them; all else is exact.
#include "reference/activation.h"
#include "reference/elements.h"

namespace sinter::reference {

namespace {

// round(x / scale) + zero in [low, high], x and the reciprocal in f32; a NaN gives zero.
double to_byte(double x, float scale, double zero, double low, double high) {
  const float quotient = static_cast<float>(x) * (1.0f / scale);
  if (std::isnan(quotient)) return zero;
  return std::min(high, std::max(low, std::nearbyint(static_cast<double>(quotient)) + zero));
}

struct Limits {
  double low, high;
  explicit Limits(DType d) : low(d == DType::u8 ? 0 : -128), high(d == DType::u8 ? 255 : 127) {}
};

// scales and zero points by element of x
struct Channels {
  std::vector<double> scales, zeros;
  AxisView view;
  explicit Channels(const Call& c) : view(c.in[0], std::max<int64_t>(0, c.int_attr(0))) {
    const int64_t n = c.int_attr(0) < 0 ? 1 : c.in[0].dims[c.int_attr(0)];
    scales = read_or(c.opt(1), n, c.attr[1]);
    zeros = read_or(c.opt(2), n, c.attr[2]);
    if (c.int_attr(0) < 0) view.outer = 1, view.length = 1, view.inner = c.in[0].numel;
  }
  template <class Visit>
  void each(Visit visit) const {
    for (int64_t o = 0; o < view.outer; o++)
      for (int64_t j = 0; j < view.length; j++)
        for (int64_t i = 0; i < view.inner; i++) visit(view.at(o, j, i), scales[j], zeros[j]);
  }
};

}  // namespace

void quantizeLinear(const Call& c) {
  const std::vector<double> x = read(c.in[0]);
  std::vector<double> q(x.size());
  const Limits limits(c.out[0].dtype);
  Channels(c).each([&](int64_t i, double scale, double zero) {
    q[i] = to_byte(x[i], static_cast<float>(scale), zero, limits.low, limits.high);
  });
  write(c.out[0], q);
}

void dequantizeLinear(const Call& c) {
  const std::vector<double> q = read(c.in[0]);
  std::vector<double> y(q.size());
  Channels(c).each([&](int64_t i, double scale, double zero) { y[i] = (q[i] - zero) * scale; });
  write(c.out[0], y);
}

void intMatmul(const Call& c) {
  const TensorRef &a = c.in[0], &b = c.in[1], &y = c.out[0];
  const int64_t m = y.dim(-2), n = y.dim(-1), k = a.dim(-1);
  const Shape batch(y.dims, y.dims + y.rank - 2);
  Shape a_shape = batch, b_shape = batch;
  a_shape.insert(a_shape.end(), {m, k});
  b_shape.insert(b_shape.end(), {k, n});
  const std::vector<int64_t> av = read<int64_t>(a, a_shape), bv = read<int64_t>(b, b_shape);
  const auto zeros = [&](const TensorRef& t, int64_t count, double otherwise) {
    return t.present() ? read<int64_t>(t, {count}) : std::vector<int64_t>(count, static_cast<int64_t>(otherwise));
  };
  const std::vector<int64_t> az = zeros(c.opt(2), m, c.attr[1]), bz = zeros(c.opt(3), n, c.attr[2]);
  std::vector<int64_t> yv(y.numel);
  for (int64_t e = 0; e < numel_of(batch); e++)
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < n; j++) {
        int64_t sum = 0;
        for (int64_t p = 0; p < k; p++) sum += (av[(e * m + i) * k + p] - az[i]) * (bv[(e * k + p) * n + j] - bz[j]);
        yv[(e * m + i) * n + j] = sum;
      }
  write(y, yv);
}

// The packed form is the plain one, and zeros behind it.
void packInt8(const Call& c) {
  std::vector<int64_t> w = read<int64_t>(c.in[0]), sums(c.out[1].numel);
  const int64_t n = c.in[0].dims[0], k = c.in[0].dims[1];
  for (int64_t j = 0; j < n; j++)
    for (int64_t p = 0; p < k; p++) sums[j] += w[j * k + p];
  w.resize(c.out[0].numel);
  write(c.out[0], w);
  write(c.out[1], sums);
}

void unpackInt8(const Call& c) {
  std::vector<int64_t> w = read<int64_t>(c.in[0]);
  w.resize(c.out[0].numel);
  write(c.out[0], w);
}

namespace {

// activation(sum of products * scales + bias) for rows of bytes q (m, k) with a scale and a zero point each.
std::vector<double> linear(const Call& c, const std::vector<double>& q, const std::vector<double>& row_scales,
                           const std::vector<double>& row_zeros) {
  const int64_t m = c.out[0].dims[0], n = c.out[0].dims[1], k = c.in[0].dims[1];
  const std::vector<double> w = read(c.in[1]), scales = read(c.in[3], {n}), zeros = read_or(c.opt(4), n, 0),
                            bias = read_or(c.opt(5), n, 0);
  std::vector<double> y(m * n);
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0;
      for (int64_t p = 0; p < k; p++) sum += (q[i * k + p] - row_zeros[i]) * (w[j * k + p] - zeros[j]);
      y[i * n + j] = activated(c.int_attr(0), sum * row_scales[i] * scales[j] + bias[j]);
    }
  return y;
}

}  // namespace

void dynamicQuantizedLinear(const Call& c) {
  const int64_t m = c.in[0].dims[0], k = c.in[0].dims[1];
  const float top = static_cast<float>(c.attr[1]);
  const std::vector<double> x = read(c.in[0]);
  std::vector<double> q(x.size()), scales(m), zeros(m);
  for (int64_t i = 0; i < m; i++) {
    float low = 0, high = 0;
    bool finite = true;
    for (int64_t p = 0; p < k; p++) {
      const float v = static_cast<float>(x[i * k + p]);
      finite &= std::isfinite(v);
      low = std::min(low, v), high = std::max(high, v);
    }
    float scale = high / top - low / top;
    if (!(scale >= 0x1p-126f)) scale = 1, low = 0;
    scales[i] = finite ? scale : kNaN;
    zeros[i] = finite ? std::nearbyint(std::min(top, -low / scale)) : 0;
    for (int64_t p = 0; p < k; p++) q[i * k + p] = finite ? to_byte(x[i * k + p], scale, zeros[i], 0, top) : 0;
  }
  write(c.out[0], linear(c, q, scales, zeros));
}

void quantizedLinear(const Call& c) {
  const int64_t m = c.in[0].dims[0];
  std::vector<double> y =
      linear(c, read(c.in[0]), std::vector<double>(m, c.attr[1]), std::vector<double>(m, c.attr[2]));
  const DType out = c.out[0].dtype;
  if (out == DType::u8 || out == DType::i8) {
    const Limits limits(out);
    for (double& v : y) v = to_byte(v, static_cast<float>(c.attr[3]), c.attr[4], limits.low, limits.high);
  }
  write(c.out[0], y);
}

}  // namespace sinter::reference
