// Reference backend: pointwise operators of one operand and their gradients. Definitions as PyTorch documents them;
// integers are computed as integers wherever the operator has a meaning on them, everything else in double.
#include "reference/maps.h"

namespace sinter::reference {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752440;     // 1 / sqrt(2)
constexpr double kSqrt2OverPi = 0.79788456080286535588;  // sqrt(2 / pi)
constexpr double kGeluCubic = 0.044715;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

// ---- one operand

void neg(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return -z; });
  map_number(c, [](auto x) {
    if constexpr (std::is_same_v<decltype(x), double>) return -x;
    return minus(decltype(x){0}, x);
  });
}
void abs(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::abs(z); });
  map_number(c, [](auto x) {
    if constexpr (std::is_same_v<decltype(x), double>) return std::fabs(x);
    return x < 0 ? minus(decltype(x){0}, x) : x;
  });
}
void sign(const Call& c) {
  map_number(c, [](auto x) { return static_cast<decltype(x)>((x > 0) - (x < 0)); });
}
void square(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return z * z; });
  map_number(c, [](auto x) { return times(x, x); });
}
void relu(const Call& c) {
  map_number(c, [](auto x) { return x < 0 ? decltype(x){0} : x; });
}
void sqrt(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::sqrt(z); });
  map_real(c, [](double x) { return std::sqrt(x); });
}
void rsqrt(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return 1.0 / std::sqrt(z); });
  map_real(c, [](double x) { return 1 / std::sqrt(x); });
}
void reciprocal(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return 1.0 / z; });
  map_real(c, [](double x) { return 1 / x; });
}
void exp(const Call& c) {
  map_real(c, [](double x) { return std::exp(x); });
}
void expm1(const Call& c) {
  if (is_complex(c.in[0].dtype))
    return map_complex(c, [](Complex z) { return Complex(std::exp(std::complex<long double>(z)) - 1.0L); });
  map_real(c, [](double x) { return std::expm1(x); });
}
void log(const Call& c) {
  map_real(c, [](double x) { return std::log(x); });
}
void log1p(const Call& c) {
  if (is_complex(c.in[0].dtype))
    return map_complex(c, [](Complex z) { return Complex(std::log(std::complex<long double>(z) + 1.0L)); });
  map_real(c, [](double x) { return std::log1p(x); });
}
void sin(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::sin(z); });
  map_real(c, [](double x) { return std::sin(x); });
}
void cos(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::cos(z); });
  map_real(c, [](double x) { return std::cos(x); });
}
void tanh(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return std::tanh(z); });
  map_real(c, [](double x) { return std::tanh(x); });
}
void sigmoid(const Call& c) {
  if (is_complex(c.in[0].dtype)) return map_complex(c, [](Complex z) { return 1.0 / (1.0 + std::exp(-z)); });
  map_real(c, logistic);
}
void gelu(const Call& c) {
  map_real(c, [](double x) { return x * 0.5 * (1 + std::erf(x * kSqrtHalf)); });
}
void geluTanh(const Call& c) {
  map_real(c, [](double x) { return 0.5 * x * (1 + std::tanh(kSqrt2OverPi * (x + kGeluCubic * x * x * x))); });
}
void silu(const Call& c) {
  map_real(c, [](double x) { return x / (1 + std::exp(-x)); });
}
void softsign(const Call& c) {
  map_real(c, [](double x) { return x / (1 + std::abs(x)); });
}
void erf(const Call& c) {
  map_real(c, [](double x) { return std::erf(x); });
}

void floor(const Call& c) {
  map_to_whole(c, [](double x) { return std::floor(x); });
}
void ceil(const Call& c) {
  map_to_whole(c, [](double x) { return std::ceil(x); });
}
void round(const Call& c) {
  map_to_whole(c, [](double x) { return std::nearbyint(x); });
}
void trunc(const Call& c) {
  map_to_whole(c, [](double x) { return std::trunc(x); });
}

void leakyRelu(const Call& c) {
  double slope = c.attr[0];
  map_real(c, [=](double x) { return x > 0 ? x : x * slope; });
}
void elu(const Call& c) {
  double alpha = c.attr[0];
  map_real(c, [=](double x) { return x > 0 ? x : alpha * std::expm1(x); });
}
void softplus(const Call& c) {
  double beta = c.attr[0], threshold = c.attr[1];
  map_real(c, [=](double x) { return x * beta > threshold ? x : std::log1p(std::exp(x * beta)) / beta; });
}
// max wins where it is below min; a NaN element stays, a NaN bound makes everything NaN.
void clamp(const Call& c) {
  DType dtype = c.in[0].dtype;
  double low = c.attr[0], high = c.attr[1];
  if (is_integer(dtype)) {
    int64_t least = to_integer<int64_t>(std::ceil(low)), most = to_integer<int64_t>(std::floor(high));
    map_number(
        c, [=](auto x) { return static_cast<decltype(x)>(std::min(std::max(static_cast<int64_t>(x), least), most)); });
    return;
  }
  low = rounded_to(dtype, low);
  high = rounded_to(dtype, high);
  map_real(c, [=](double x) {
    if (std::isnan(x) || std::isnan(low) || std::isnan(high)) return kNaN;
    return std::min(std::max(x, low), high);
  });
}

void isnan(const Call& c) {
  map_real(c, [](double x) { return std::isnan(x) ? 1.0 : 0.0; });
}
void isfinite(const Call& c) {
  map_real(c, [](double x) { return std::isfinite(x) ? 1.0 : 0.0; });
}
void logicalNot(const Call& c) {
  map_real(c, [](double x) { return x == 0 ? 1.0 : 0.0; });
}

// ---- gradients of one operand

void reluBackward(const Call& c) {
  map_gradient(c, [](double g, double y) { return y <= 0 ? 0 : g; });
}
// d/dx x Phi(x) = Phi(x) + x phi(x)
void geluBackward(const Call& c) {
  map_gradient(c, [](double g, double x) {
    double cdf = 0.5 * (1 + std::erf(x * kSqrtHalf));
    double pdf = std::exp(-0.5 * x * x) * kSqrt2OverPi / 2;
    return g * (cdf + x * pdf);
  });
}
// y = x/2 (1 + t), t = tanh(u): dy = (1 + t)/2 + x/2 (1 - t^2) u'
void geluTanhBackward(const Call& c) {
  map_gradient(c, [](double g, double x) {
    double t = std::tanh(kSqrt2OverPi * (x + kGeluCubic * x * x * x));
    double du = kSqrt2OverPi * (1 + 3 * kGeluCubic * x * x);
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * du);
  });
}
void siluBackward(const Call& c) {
  map_gradient(c, [](double g, double x) {
    double s = logistic(x);
    return g * s * (1 + x * (1 - s));
  });
}
void tanhBackward(const Call& c) {
  map_gradient(c, [](double g, double y) { return g * (1 - y * y); });
}
void sigmoidBackward(const Call& c) {
  map_gradient(c, [](double g, double y) { return g * y * (1 - y); });
}
void leakyReluBackward(const Call& c) {
  double slope = c.attr[0];
  map_gradient(c, [=](double g, double x) { return x > 0 ? g : g * slope; });
}
void eluBackward(const Call& c) {
  double alpha = c.attr[0];
  map_gradient(c, [=](double g, double x) { return x <= 0 ? g * alpha * std::exp(x) : g; });
}
void softplusBackward(const Call& c) {
  double beta = c.attr[0], threshold = c.attr[1];
  map_gradient(c, [=](double g, double x) { return x * beta > threshold ? g : g * logistic(x * beta); });
}
void clampBackward(const Call& c) {
  double low = rounded_to(c.in[1].dtype, c.attr[0]), high = rounded_to(c.in[1].dtype, c.attr[1]);
  map_gradient(c, [=](double g, double x) { return x >= low && x <= high ? g : 0; });
}

}  // namespace sinter::reference
