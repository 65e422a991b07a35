// Reference backend: pointwise operators of two and three operands, and in place. Definitions as PyTorch documents
// them; integers are computed as integers, wrapping around, everything else in double.
#include "reference/maps.h"

namespace sinter::reference {
namespace {

double integer_or_real_power(double base, double exponent) { return std::pow(base, exponent); }

// Negative exponents: 1 / base^n, truncated, and 0 for base 0.
int64_t integer_or_real_power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  int64_t power = 1;
  for (; exponent > 0; exponent >>= 1, base = times(base, base)) {
    if (exponent & 1) power = times(power, base);
  }
  return power;
}

double floored_remainder(double a, double b) {
  double r = std::fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

int64_t floored_remainder(int64_t a, int64_t b) {
  if (b == 0 || b == -1) return 0;  // -1: the quotient of the smallest number overflows
  int64_t r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

}  // namespace

void add(const Call& c) {
  map_all_numbers(c, [](auto a, auto b) { return plus(a, b); });
}
void sub(const Call& c) {
  map_all_numbers(c, [](auto a, auto b) { return minus(a, b); });
}
void mul(const Call& c) {
  map_all_numbers(c, [](auto a, auto b) { return times(a, b); });
}
void div(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_pair<Complex>(c, scalar_of(c), [](Complex a, Complex b) { return a / b; });
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)), [](double a, double b) { return a / b; });
}
void pow(const Call& c) {
  if (is_complex(c.in[0].dtype))
    return map_pair<Complex>(c, scalar_of(c), [](Complex a, Complex b) {
      return b == 0.0 ? Complex(1) : a == 0.0 && b.real() > 0 ? Complex() : std::pow(a, b);
    });
  map_numbers(c, [](auto a, auto b) { return integer_or_real_power(a, b); });
}
void maximum(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return a != a ? a : b != b ? b : std::max(a, b); });
}
void minimum(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return a != a ? a : b != b ? b : std::min(a, b); });
}
void remainder(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return floored_remainder(a, b); });
}
void eq(const Call& c) {
  if (is_complex(c.in[0].dtype))
    return map_pair<Complex>(c, scalar_of(c), [](Complex a, Complex b) { return int64_t{a == b}; });
  compare(c, [](auto a, auto b) { return a == b; });
}
void ne(const Call& c) {
  if (is_complex(c.in[0].dtype))
    return map_pair<Complex>(c, scalar_of(c), [](Complex a, Complex b) { return int64_t{a != b}; });
  compare(c, [](auto a, auto b) { return a != b; });
}
void lt(const Call& c) {
  compare(c, [](auto a, auto b) { return a < b; });
}
void le(const Call& c) {
  compare(c, [](auto a, auto b) { return a <= b; });
}
void gt(const Call& c) {
  compare(c, [](auto a, auto b) { return a > b; });
}
void ge(const Call& c) {
  compare(c, [](auto a, auto b) { return a >= b; });
}
void logicalAnd(const Call& c) {
  compare(c, [](auto a, auto b) { return a != 0 && b != 0; });
}
void logicalOr(const Call& c) {
  compare(c, [](auto a, auto b) { return a != 0 || b != 0; });
}
void logicalXor(const Call& c) {
  compare(c, [](auto a, auto b) { return (a != 0) != (b != 0); });
}

// ---- three operands and in place

void where(const Call& c) {
  Shape shape = shape_of(c.out[0]);
  std::vector<int64_t> condition = read<int64_t>(c.in[0], shape);
  with_any_element_type(c.out[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> a = read<T>(c.in[1], shape), b = read<T>(c.in[2], shape);
    for (size_t i = 0; i < a.size(); i++) a[i] = condition[i] ? a[i] : b[i];
    write(c.out[0], a);
  });
}

void maskedFill(const Call& c) {
  Shape shape = shape_of(c.out[0]);
  std::vector<int64_t> mask = read<int64_t>(c.in[1], shape);
  with_any_element_type(c.out[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> x = read<T>(c.in[0], shape);
    for (size_t i = 0; i < x.size(); i++) x[i] = mask[i] ? convert<T>(c.attr[0]) : x[i];
    write(c.out[0], x);
  });
}

void addInto(const Call& c) {
  const TensorRef& dst = c.in[0];
  double alpha = c.attr[0];
  auto update = [&](auto scale) {
    using T = decltype(scale);
    std::vector<T> y = read<T>(dst), x = read<T>(c.in[1], shape_of(dst));
    for (size_t i = 0; i < y.size(); i++) y[i] = plus(y[i], times(scale, x[i]));
    write(dst, y);
  };
  if (is_complex(dst.dtype)) {
    update(Complex(alpha));
  } else if (is_integer(dst.dtype) && is_whole(alpha)) {
    update(static_cast<int64_t>(alpha));
  } else {
    update(scalar_operand(dst.dtype, alpha));
  }
}

void mulInto(const Call& c) {
  const TensorRef& dst = c.in[0];
  const TensorRef& src = c.opt(1);
  auto update = [&](auto scalar) {
    using T = decltype(scalar);
    std::vector<T> y = read<T>(dst);
    std::vector<T> x = src.present() ? read<T>(src, shape_of(dst)) : std::vector<T>(y.size(), scalar);
    for (size_t i = 0; i < y.size(); i++) y[i] = times(y[i], x[i]);
    write(dst, y);
  };
  double scalar = src.present() ? 0 : c.attr[0];
  if (is_complex(dst.dtype)) {
    update(Complex(scalar));
  } else if (is_integer(dst.dtype) && is_whole(scalar)) {
    update(static_cast<int64_t>(scalar));
  } else {
    update(scalar_operand(dst.dtype, scalar));
  }
}

}  // namespace sinter::reference
