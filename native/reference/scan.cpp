// Reference backend: scans along an axis.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

// Calls line(at) for every line, where at(j) is the flat place of its j-th element, counted from the end if `reverse`.
template <class Line>
void each_line(const TensorRef& x, int64_t axis, bool reverse, Line line) {
  AxisView a(x, axis);
  for (int64_t o = 0; o < a.outer; o++) {
    for (int64_t i = 0; i < a.inner; i++) line([=](int64_t j) { return a.at(o, reverse ? a.length - 1 - j : j, i); });
  }
}

int64_t length_of(const TensorRef& x, int64_t axis) { return AxisView(x, axis).length; }

}  // namespace

// x -> y {axis, reverse}
void cumsum(const Call& c) {
  const TensorRef& x = c.in[0];
  int64_t n = length_of(x, c.int_attr(0));
  with_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> y = read<T>(x);
    each_line(x, c.int_attr(0), c.attr[1] != 0, [&](auto at) {
      Accumulator<T> total = 0;
      for (int64_t j = 0; j < n; j++) {
        total = plus(total, static_cast<Accumulator<T>>(y[at(j)]));
        y[at(j)] = static_cast<T>(total);
      }
    });
    write(c.out[0], y);
  });
}

// x -> y {axis}
void cumprod(const Call& c) {
  const TensorRef& x = c.in[0];
  int64_t n = length_of(x, c.int_attr(0));
  with_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> y = read<T>(x);
    each_line(x, c.int_attr(0), false, [&](auto at) {
      T product = 1;
      for (int64_t j = 0; j < n; j++) y[at(j)] = product = times(product, y[at(j)]);
    });
    write(c.out[0], y);
  });
}

// x -> y {axis}
void logcumsumexp(const Call& c) {
  const TensorRef& x = c.in[0];
  int64_t n = length_of(x, c.int_attr(0));
  std::vector<double> y = read(x);
  each_line(x, c.int_attr(0), false, [&](auto at) {
    double top = -kInfinity;
    long double total = 0;  // of exp(x - top)
    for (int64_t j = 0; j < n; j++) {
      double v = y[at(j)];
      if (std::isnan(v) || v > top) {
        total = total == 0 ? 1 : total * std::exp(top - v) + 1;
        top = v;
      } else {
        total += v == top ? 1 : std::exp(v - top);
      }
      y[at(j)] = static_cast<double>(top + std::log(total));
    }
  });
  write(c.out[0], y);
}

// x -> values, indices {axis, min}
void cummax(const Call& c) {
  const TensorRef& x = c.in[0];
  int64_t n = length_of(x, c.int_attr(0));
  bool min = c.attr[1] != 0;
  with_element_type(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> y = read<T>(x);
    std::vector<int64_t> indices(y.size());
    each_line(x, c.int_attr(0), false, [&](auto at) {
      int64_t best = 0;
      for (int64_t j = 0; j < n; j++) {
        T v = y[at(j)], last = y[at(best)];
        bool nan = std::isnan(static_cast<double>(v)), old = std::isnan(static_cast<double>(last));
        if (nan || (!old && (min ? v <= last : v >= last))) best = j;
        indices[at(j)] = best;
        y[at(j)] = y[at(best)];
      }
    });
    write(c.out[0], y);
    write(c.out[1], indices);
  });
}

// a, b -> y {axis, reverse}: y[i] = a[i] y[i - 1] + b[i], reversed a[i + 1] y[i + 1] + b[i]; a factor of 0 cuts off what
// came before.
void linearScan(const Call& c) {
  const TensorRef& x = c.in[0];
  int64_t n = length_of(x, c.int_attr(0));
  bool reverse = c.attr[1] != 0;
  std::vector<double> a = read(x), y = read(c.in[1]);
  each_line(x, c.int_attr(0), reverse, [&](auto at) {
    for (int64_t j = 1; j < n; j++) {
      double factor = a[at(reverse ? j - 1 : j)];
      if (factor != 0) y[at(j)] += factor * y[at(j - 1)];
    }
  });
  write(c.out[0], y);
}

}  // namespace sinter::reference
