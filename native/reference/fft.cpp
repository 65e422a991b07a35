// Reference backend: Fourier transforms by their definition, in long double.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

using Long = std::complex<long double>;

// {axis, n, sign, scale, weight}
struct Transform {
  AxisView from, to;
  int64_t n, kept;
  double weight;
  std::vector<Long> roots;
  long double scale;

  explicit Transform(const Call& c) : from(c.in[0], c.int_attr(0)), to(c.out[0], c.int_attr(0)), n(c.int_attr(1)) {
    const long double circle = (c.attr[2] > 0 ? 2 : -2) * std::acos(-1.0L);
    for (int64_t k = 0; k < n; k++) {
      const long double angle = circle * static_cast<long double>(k) / static_cast<long double>(n);
      roots.emplace_back(std::cos(angle), std::sin(angle));
    }
    kept = std::min(from.length, n);
    weight = c.nattr > 4 ? c.attr[4] : 1;
    scale = c.attr[3];
  }
  Long root(int64_t j, int64_t k) const { return roots[static_cast<size_t>(j * k % n)]; }
  // Whether element k of the half stands for n - k too.
  bool twofold(int64_t k) const { return k > 0 && 2 * k < n; }
};

// y[k] = f(line of x, k) along the axis, for k < count; zeros beyond.
template <class Y, class F>
void lines(const Call& c, const Transform& t, int64_t count, F f) {
  std::vector<Complex> x = read<Complex>(c.in[0]);
  std::vector<Y> y(static_cast<size_t>(c.out[0].numel));
  std::vector<Long> line(static_cast<size_t>(t.from.length));
  for (int64_t o = 0; o < t.from.outer; o++)
    for (int64_t i = 0; i < t.from.inner; i++) {
      for (int64_t j = 0; j < t.from.length; j++)
        line[static_cast<size_t>(j)] = x[static_cast<size_t>(t.from.at(o, j, i))];
      for (int64_t k = 0; k < std::min(t.to.length, count); k++)
        y[static_cast<size_t>(t.to.at(o, k, i))] = static_cast<Y>(f(line, k) * t.scale);
    }
  write(c.out[0], y);
}

}  // namespace

void fftComplex(const Call& c) {
  Transform t(c);
  lines<Complex>(c, t, t.n, [&](const std::vector<Long>& x, int64_t k) {
    Long sum = 0;
    for (int64_t j = 0; j < t.kept; j++) sum += x[static_cast<size_t>(j)] * t.root(j, k);
    return sum;
  });
}

void fftReal(const Call& c) {
  Transform t(c);
  lines<Complex>(c, t, t.n / 2 + 1, [&](const std::vector<Long>& x, int64_t k) {
    Long sum = 0;
    for (int64_t j = 0; j < t.kept; j++) sum += x[static_cast<size_t>(j)] * t.root(j, k);
    return sum * static_cast<long double>(t.twofold(k) ? t.weight : 1);
  });
}

void fftHermitian(const Call& c) {
  Transform t(c);
  const int64_t kept = std::min(t.kept, t.n / 2 + 1);
  lines<double>(c, t, t.n, [&](const std::vector<Long>& x, int64_t j) {
    long double sum = 0;
    for (int64_t k = 0; k < kept; k++) {
      const Long z = x[static_cast<size_t>(k)];
      if (t.twofold(k))
        sum += 2 * static_cast<long double>(t.weight) * (z * t.root(j, k)).real();
      else
        sum += z.real() * t.root(j, k).real();
    }
    return sum;
  });
}

void overlapAdd(const Call& c) {
  const TensorRef &x = c.in[0], &y = c.out[0];
  const int64_t count = x.dims[1], size = x.dims[2], n = y.dims[1], hop = c.int_attr(0);
  std::vector<double> windows = read(x), sums(static_cast<size_t>(y.numel), 0);
  for (int64_t b = 0; b < y.dims[0]; b++)
    for (int64_t f = 0; f < count; f++)
      for (int64_t j = 0; j < size && f * hop + j < n; j++)
        sums[static_cast<size_t>(b * n + f * hop + j)] += windows[static_cast<size_t>((b * count + f) * size + j)];
  write(y, sums);
}

}  // namespace sinter::reference
