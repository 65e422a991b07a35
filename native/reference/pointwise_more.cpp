// Reference backend: further pointwise operators. Definitions as PyTorch documents them; integers are computed as integers
// wherever the operator has a meaning on them, everything else in double.
#include "reference/maps.h"

namespace sinter::reference {
namespace {

constexpr double kPi = 3.14159265358979323846;

double hardsigmoid_of(double x) { return std::isnan(x) ? x : std::min(std::max(x / 6 + 0.5, 0.0), 1.0); }
double softplus_of(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

int64_t truncated_quotient(int64_t a, int64_t b) { return b == 0 ? 0 : b == -1 ? minus(int64_t{0}, a) : a / b; }
double truncated_quotient(double a, double b) { return std::trunc(a / b); }
int64_t truncated_remainder(int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }
double truncated_remainder(double a, double b) { return std::fmod(a, b); }
int64_t floored_quotient(int64_t a, int64_t b) {
  int64_t rest = truncated_remainder(a, b);
  return truncated_quotient(a, b) - (rest != 0 && (rest < 0) != (b < 0));
}
// The floor of the exact quotient: a / b in double may round up to a whole number.
double floored_quotient(double a, double b) {
  if (b == 0 || !std::isfinite(a) || !std::isfinite(b)) {
    if (b == 0) return a / b;
    double rest = std::fmod(a, b), q = (a - rest) / b - (rest != 0 && (rest < 0) != (b < 0));
    return q == 0 ? std::copysign(0.0, a / b) : std::floor(q);
  }
  double q = std::floor(a / b);
  if (std::fabs(q) < 0x1p52 && std::fma(q, b, -a) * (b < 0 ? -1 : 1) > 0) q -= 1;
  return q == 0 ? std::copysign(0.0, a / b) : q;
}

int64_t magnitude(int64_t x) { return x < 0 ? minus(int64_t{0}, x) : x; }
uint64_t common_divisor(uint64_t a, uint64_t b) { return b == 0 ? a : common_divisor(b, a % b); }
int64_t common_divisor(int64_t a, int64_t b) {
  return wrapped(common_divisor(static_cast<uint64_t>(magnitude(a)), static_cast<uint64_t>(magnitude(b))));
}
int64_t width_of(const Call& c) { return static_cast<int64_t>(dtype_size(c.in[0].dtype)) * 8; }

}  // namespace

void tan(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::tan(z); });
  map_real(c, [](double x) { return std::tan(x); });
}
void asin(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::asin(z); });
  map_real(c, [](double x) { return std::asin(x); });
}
void acos(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::acos(z); });
  map_real(c, [](double x) { return std::acos(x); });
}
void atan(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::atan(z); });
  map_real(c, [](double x) { return std::atan(x); });
}
void sinh(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::sinh(z); });
  map_real(c, [](double x) { return std::sinh(x); });
}
void cosh(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::cosh(z); });
  map_real(c, [](double x) { return std::cosh(x); });
}
void asinh(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::asinh(z); });
  map_real(c, [](double x) { return std::asinh(x); });
}
void acosh(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::acosh(z); });
  map_real(c, [](double x) { return std::acosh(x); });
}
void atanh(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::atanh(z); });
  map_real(c, [](double x) { return std::atanh(x); });
}
void exp2(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::exp(z * std::log(2.0)); });
  map_real(c, [](double x) { return std::exp2(x); });
}
void log2(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::log(z) / std::log(2.0); });
  map_real(c, [](double x) { return std::log2(x); });
}
void log10(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::log10(z); });
  map_real(c, [](double x) { return std::log10(x); });
}
void erfc(const Call& c) {
  map_real(c, [](double x) { return std::erfc(x); });
}
// Reduced to |r| <= 1/2, so that zeros are exact.
void sinc(const Call& c) {
  map_real(c, [](double x) {
    if (x == 0) return 1.0;
    if (std::isinf(x)) return 0.0;
    double n = std::nearbyint(x), s = std::sin(kPi * (x - n));
    return (std::fmod(n, 2) == 0 ? s : -s) / (kPi * x);
  });
}
void frac(const Call& c) {
  map_real(c, [](double x) { return x - std::trunc(x); });
}
void roundDecimals(const Call& c) {
  double scale = c.attr[0];
  bool divides = c.attr[1] != 0;
  map_real(c,
           [=](double x) { return divides ? std::nearbyint(x / scale) * scale : std::nearbyint(x * scale) / scale; });
}
void nanToNum(const Call& c) {
  double nan = c.attr[0], most = c.attr[1], least = c.attr[2];
  map_real(c, [=](double x) { return std::isnan(x) ? nan : x == kInfinity ? most : x == -kInfinity ? least : x; });
}
void frexpMantissa(const Call& c) {
  map_real(c, [](double x) {
    int exponent;
    return std::isfinite(x) ? std::frexp(x, &exponent) : x;
  });
}
void frexpExponent(const Call& c) {
  map_real(c, [](double x) {
    int exponent = 0;
    if (std::isfinite(x)) std::frexp(x, &exponent);
    return static_cast<double>(exponent);
  });
}
void signbit(const Call& c) {
  map_real(c, [](double x) { return std::signbit(x) ? 1.0 : 0.0; });
}
void isinf(const Call& c) {
  map_real(c, [](double x) { return std::isinf(x) ? 1.0 : 0.0; });
}
void isposinf(const Call& c) {
  map_real(c, [](double x) { return x == kInfinity ? 1.0 : 0.0; });
}
void isneginf(const Call& c) {
  map_real(c, [](double x) { return x == -kInfinity ? 1.0 : 0.0; });
}
void bitwiseNot(const Call& c) {
  std::vector<int64_t> x = read<int64_t>(c.in[0]);
  for (int64_t& value : x) value = ~value;
  write(c.out[0], x);
}

// ---- activations

void hardsigmoid(const Call& c) {
  map_real(c, [](double x) { return hardsigmoid_of(x); });
}
void hardswish(const Call& c) {
  map_real(c, [](double x) { return x * hardsigmoid_of(x); });
}
void shrink(const Call& c) {
  double lambda = rounded_to(c.in[0].dtype, c.attr[0]), step = c.attr[1];
  map_real(c, [=](double x) { return std::isnan(x) ? x : x > lambda ? x - step : x < -lambda ? x + step : 0; });
}
void tanhshrink(const Call& c) {
  map_real(c, [](double x) { return x - std::tanh(x); });
}
void mish(const Call& c) {
  map_real(c, [](double x) { return x * std::tanh(softplus_of(x)); });
}
void logSigmoid(const Call& c) {
  map_real(c, [](double x) { return std::min(x, 0.0) - std::log1p(std::exp(-std::fabs(x))); });
}
void threshold(const Call& c) {
  double limit = c.attr[0], value = c.attr[1];
  map_number(c, [=](auto x) { return static_cast<double>(x) <= limit ? convert<decltype(x)>(value) : x; });
}
void scaledElu(const Call& c) {
  double alpha = c.attr[0], scale = c.attr[1], factor = c.attr[2];
  map_real(c, [=](double x) { return x > 0 ? x * scale : alpha * scale * std::expm1(x * factor); });
}
void gate(const Call& c) {
  double low = rounded_to(c.in[1].dtype, c.attr[0]), high = rounded_to(c.in[1].dtype, c.attr[1]), factor = c.attr[2];
  bool inside = c.attr[3] != 0;
  map_gradient(
      c, [=](double g, double x) { return (inside ? x > low && x < high : x < low || x > high) ? g * factor : 0; });
}
void hardswishBackward(const Call& c) {
  map_gradient(c, [](double g, double x) { return x <= -3 ? 0 * g : x >= 3 ? g : g * (x / 3 + 0.5); });
}
void mishBackward(const Call& c) {
  map_gradient(c, [](double g, double x) {
    double t = std::tanh(softplus_of(x));
    return g * (t + x * logistic(x) * (1 - t * t));
  });
}
void logSigmoidBackward(const Call& c) {
  map_gradient(c, [](double g, double x) { return g * logistic(-x); });
}
void scaledEluBackward(const Call& c) {
  double alpha = c.attr[0], scale = c.attr[1], factor = c.attr[2];
  map_gradient(c, [=](double g, double x) { return g * scale * (x > 0 ? 1 : alpha * factor * std::exp(x * factor)); });
}

// ---- two operands

void prelu(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)),
                   [](double a, double b) { return a > 0 ? a : a * b; });
}
void fmod(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return truncated_remainder(a, b); });
}
void divTrunc(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return truncated_quotient(a, b); });
}
void divFloor(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return floored_quotient(a, b); });
}
void fmax(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return a != a ? b : b != b ? a : std::max(a, b); });
}
void fmin(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return a != a ? b : b != b ? a : std::min(a, b); });
}
void heaviside(const Call& c) {
  map_numbers(c, [](auto a, auto b) { return a == 0 ? b : static_cast<decltype(a)>(a > 0); });
}
void atan2(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)), [](double a, double b) { return std::atan2(a, b); });
}
void hypot(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)), [](double a, double b) { return std::hypot(a, b); });
}
void copysign(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)),
                   [](double a, double b) { return std::copysign(a, b); });
}
// The neighbour in the operands' own dtype, of which f32 and f64 are taken; the oracle's operands are f64.
void nextafter(const Call& c) {
  bool single = c.in[0].dtype == DType::f32;
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)), [=](double a, double b) -> double {
    return single ? std::nextafter(static_cast<float>(a), static_cast<float>(b)) : std::nextafter(a, b);
  });
}
void logaddexp(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)), [](double a, double b) {
    return a == b ? a + std::log(2.0)
                  : std::fmax(a, b) + std::log1p(std::exp(-std::fabs(a - b))) + 0 * (a != a || b != b ? a + b : 0);
  });
}
void logaddexp2(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)), [](double a, double b) {
    return a == b ? a + 1
                  : std::fmax(a, b) + std::log1p(std::exp2(-std::fabs(a - b))) / std::log(2.0) +
                        0 * (a != a || b != b ? a + b : 0);
  });
}
void xlogy(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)),
                   [](double a, double b) { return a == 0 && b == b ? 0 : a * std::log(b); });
}
void xlog1py(const Call& c) {
  map_pair<double>(c, scalar_operand(c.in[0].dtype, scalar_of(c)),
                   [](double a, double b) { return a == 0 && b == b ? 0 : a * std::log1p(b); });
}
void isclose(const Call& c) {
  double relative = c.attr[2], absolute = c.attr[3];
  bool nans = c.attr[4] != 0;
  compare(c, [=](auto a, auto b) {
    double x = static_cast<double>(a), y = static_cast<double>(b);
    bool near = std::isfinite(x - y) && std::fabs(x - y) <= absolute + std::fabs(relative * y);
    return a == b || near || (nans && std::isnan(x) && std::isnan(y));
  });
}
void bitwiseAnd(const Call& c) {
  map_pair<int64_t>(c, convert<int64_t>(scalar_of(c)), [](int64_t a, int64_t b) { return a & b; });
}
void bitwiseOr(const Call& c) {
  map_pair<int64_t>(c, convert<int64_t>(scalar_of(c)), [](int64_t a, int64_t b) { return a | b; });
}
void bitwiseXor(const Call& c) {
  map_pair<int64_t>(c, convert<int64_t>(scalar_of(c)), [](int64_t a, int64_t b) { return a ^ b; });
}
void bitwiseLeftShift(const Call& c) {
  int64_t width = width_of(c);
  map_pair<int64_t>(c, convert<int64_t>(scalar_of(c)), [=](int64_t a, int64_t b) {
    return b < 0 || b >= width ? 0 : wrapped(static_cast<uint64_t>(a) << b);
  });
}
// Everything is shifted out: the sign's bits come in, which u8 has none of.
void bitwiseRightShift(const Call& c) {
  int64_t width = width_of(c), most = c.in[0].dtype == DType::u8 ? width : width - 1;
  map_pair<int64_t>(c, convert<int64_t>(scalar_of(c)),
                    [=](int64_t a, int64_t b) { return a >> (b < 0 || b >= width ? most : b); });
}
void gcd(const Call& c) {
  map_pair<int64_t>(c, convert<int64_t>(scalar_of(c)), [](int64_t a, int64_t b) { return common_divisor(a, b); });
}
void lcm(const Call& c) {
  map_pair<int64_t>(c, convert<int64_t>(scalar_of(c)), [](int64_t a, int64_t b) {
    int64_t g = common_divisor(a, b);
    return g == 0 ? int64_t{0} : magnitude(times(truncated_quotient(a, g), b));
  });
}

// ---- three operands, and a set

void lerp(const Call& c) {
  Shape shape = shape_of(c.out[0]);
  std::vector<double> a = read(c.in[0], shape), b = read(c.in[1], shape);
  std::vector<double> w(a.size(), scalar_operand(c.in[0].dtype, c.opt(2).present() ? 0 : c.attr[0]));
  if (c.opt(2).present()) w = read(c.in[2], shape);
  for (size_t i = 0; i < a.size(); i++)
    a[i] = w[i] < 0.5 ? a[i] + w[i] * (b[i] - a[i]) : b[i] - (b[i] - a[i]) * (1 - w[i]);
  write(c.out[0], a);
}
void addcmul(const Call& c) {
  Shape shape = shape_of(c.out[0]);
  auto compute = [&](auto value) {
    using T = decltype(value);
    std::vector<T> x = read<T>(c.in[0], shape), a = read<T>(c.in[1], shape), b = read<T>(c.in[2], shape);
    for (size_t i = 0; i < x.size(); i++) x[i] = plus(x[i], times(value, times(a[i], b[i])));
    write(c.out[0], x);
  };
  if (is_integer(c.in[0].dtype) && is_whole(c.attr[0])) {
    compute(static_cast<int64_t>(c.attr[0]));
  } else {
    compute(scalar_operand(c.in[0].dtype, c.attr[0]));
  }
}
void addcdiv(const Call& c) {
  Shape shape = shape_of(c.out[0]);
  double value = scalar_operand(c.in[0].dtype, c.attr[0]);
  std::vector<double> x = read(c.in[0], shape), a = read(c.in[1], shape), b = read(c.in[2], shape);
  for (size_t i = 0; i < x.size(); i++) x[i] += value * a[i] / b[i];
  write(c.out[0], x);
}
void isin(const Call& c) {
  with_element_type(c.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> x = read<T>(c.in[0]), test = read<T>(c.in[1]);
    std::vector<int64_t> y;
    for (T value : x) y.push_back((std::find(test.begin(), test.end(), value) != test.end()) != (c.attr[0] != 0));
    write(c.out[0], y);
  });
}

}  // namespace sinter::reference
