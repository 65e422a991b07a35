// Reference backend: copies, casts and fills. Whatever moves elements without arithmetic takes every dtype.
#include "reference/elements.h"

namespace sinter::reference {
namespace {

void cast(const TensorRef& from, const TensorRef& to) {
  with_any_element_type(from.dtype, [&](auto zero) { write(to, read<decltype(zero)>(from, shape_of(to))); });
}

// {value, imaginary?}
void fill_with(const Call& c, const TensorRef& t) {
  Complex value(c.attr[0], c.nattr > 1 ? c.attr[1] : 0);
  if (is_complex(t.dtype)) return write(t, std::vector<Complex>(numel_of(shape_of(t)), value));
  write(t, std::vector<double>(numel_of(shape_of(t)), c.attr[0]));
}

}  // namespace

void copy(const Call& c) { cast(c.in[0], c.out[0]); }

void copyInto(const Call& c) { cast(c.in[1], c.in[0]); }

void fill(const Call& c) { fill_with(c, c.out[0]); }

void fillInto(const Call& c) { fill_with(c, c.in[0]); }

void arange(const Call& c) {
  double start = c.attr[0], step = c.attr[1];
  std::vector<double> y(c.out[0].numel);
  for (size_t i = 0; i < y.size(); i++) y[i] = start + static_cast<double>(i) * step;
  write(c.out[0], y);
}

void empty(const Call& c) {
  if (c.out[0].numel > 0) std::memset(c.out[0].data, 0, c.out[0].numel * dtype_size(c.out[0].dtype));
}

void linspace(const Call& c) {
  double start = c.attr[0], end = c.attr[1];
  int64_t n = c.out[0].numel;
  double step = n > 1 ? (end - start) / static_cast<double>(n - 1) : 0;
  std::vector<double> y(n);
  for (int64_t i = 0; i < n; i++) {
    bool first_half = i < n / 2 || n == 1;
    y[i] = first_half ? start + static_cast<double>(i) * step : end - static_cast<double>(n - 1 - i) * step;
  }
  write(c.out[0], y);
}

void repeatInterleave(const Call& c) {
  auto repeats = read<int64_t>(c.in[0]);
  std::vector<int64_t> y;
  for (size_t i = 0; i < repeats.size(); i++) {
    for (int64_t k = 0; k < repeats[i]; k++) y.push_back(static_cast<int64_t>(i));
    if (repeats[i] < 0) fail(ErrorCode::index_out_of_range, "repeatInterleave: repeats are negative");
  }
  if (static_cast<int64_t>(y.size()) != c.out[0].numel)
    fail(ErrorCode::index_out_of_range, "repeatInterleave: repeats add to %zu, not %lld", y.size(),
         static_cast<long long>(c.out[0].numel));
  write(c.out[0], y);
}

void concat(const Call& c) {
  const TensorRef& y = c.out[0];
  AxisView to(y, c.int_attr(0));
  with_any_element_type(y.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values(y.numel);
    int64_t start = 0;
    for (int k = 0; k < c.nin; k++) {
      AxisView from(c.in[k], c.int_attr(0));
      std::vector<T> x = read<T>(c.in[k]);
      for (int64_t o = 0; o < from.outer; o++) {
        for (int64_t j = 0; j < from.length; j++) {
          for (int64_t i = 0; i < from.inner; i++) values[to.at(o, start + j, i)] = x[from.at(o, j, i)];
        }
      }
      start += from.length;
    }
    write(y, values);
  });
}

void eye(const Call& c) {
  int64_t n = c.out[0].dim(0), m = c.out[0].dim(1);
  std::vector<double> y(n * m, 0);
  for (int64_t i = 0; i < std::min(n, m); i++) y[i * m + i] = 1;
  write(c.out[0], y);
}

void tril(const Call& c) {
  const TensorRef& x = c.in[0];
  int64_t n = x.dim(-2), m = x.dim(-1), diagonal = c.int_attr(0);
  bool upper = c.attr[1] != 0;
  with_any_element_type(x.dtype, [&](auto zero) {
    auto values = read<decltype(zero)>(x);
    for (int64_t k = 0; k < x.numel; k++) {
      int64_t row = k / m % n, column = k % m;
      bool kept = upper ? column - row >= diagonal : column - row <= diagonal;
      if (!kept) values[k] = zero;
    }
    write(c.out[0], values);
  });
}

}  // namespace sinter::reference
