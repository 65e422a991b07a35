// Reference backend: distributions with a parameter an element, and those that transform a uniform number; word for word as
// engine/philox.h defines the stream.
#include <numeric>

#include "engine/philox.h"
#include "reference/elements.h"

namespace sinter::reference {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct Stream {
  uint32_t key0, key1;
  uint64_t offset;

  explicit Stream(const Call& c)
      : key0(static_cast<uint32_t>(c.attr[0])), key1(static_cast<uint32_t>(c.attr[1])),
        offset(static_cast<uint64_t>(c.attr[2])) {}

  PhiloxBlock block(int64_t i, uint32_t attempt = 0) const {
    return philox(key0, key1, offset + static_cast<uint64_t>(i), attempt);
  }
  uint32_t word(int64_t i) const { return block(i / 4).w[i % 4]; }
  double unit(int64_t pair) const { return unit(word(2 * pair), word(2 * pair + 1)); }
  static double unit(uint32_t w0, uint32_t w1) {
    uint64_t bits = (static_cast<uint64_t>(w1) << 32 | w0) >> 12;
    return (static_cast<double>(bits) + 0.5) / 4503599627370496.0;
  }
};

template <class F>
void from_unit(const Call& c, F f) {
  Stream stream(c);
  std::vector<double> y(drawn(c).numel);
  for (size_t i = 0; i < y.size(); i++) y[i] = f(stream.unit(static_cast<int64_t>(i)));
  write(drawn(c), y);
}

double poisson_of(double rate, const Stream& stream, int64_t i) {
  if (rate < 10) {
    PhiloxBlock b = stream.block(i);
    double u = Stream::unit(b.w[0], b.w[1]), p = std::exp(-rate), sum = p, k = 0;
    while (rate > 0 && u >= sum && k < 1000) {
      p *= rate / ++k;
      sum += p;
    }
    return k;
  }
  double b = 0.931 + 2.53 * std::sqrt(rate), a = -0.059 + 0.02483 * b;
  double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (uint32_t attempt = 0;; attempt++) {
    PhiloxBlock block = stream.block(i, attempt);
    double u = Stream::unit(block.w[0], block.w[1]) - 0.5, v = Stream::unit(block.w[2], block.w[3]);
    double us = 0.5 - std::fabs(u), k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= k * std::log(rate) - rate - std::lgamma(k + 1)) return k;
  }
}

double stirling_rest(double k) {
  double n = k + 1;
  if (k < 10) return std::lgamma(n) - (k + 0.5) * std::log(n) + n - std::log(2 * kPi) / 2;
  return 1 / (12 * n) - 1 / (360 * std::pow(n, 3)) + 1 / (1260 * std::pow(n, 5));
}

double binomial_of(double n, double p, const Stream& stream, int64_t i) {
  if (p > 0.5) return n - binomial_of(n, 1 - p, stream, i);
  double odds = p / (1 - p);
  if (n * p < 10) {
    PhiloxBlock b = stream.block(i);
    double u = Stream::unit(b.w[0], b.w[1]), mass = std::exp(n * std::log1p(-p)), sum = mass, k = 0;
    while (u >= sum && k < n && k < 1000) {
      mass *= (n - k) / (k + 1) * odds;
      k++;
      sum += mass;
    }
    return k;
  }
  double deviation = std::sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p;
  double alpha = (2.83 + 5.1 / b) * deviation, v_r = 0.92 - 4.2 / b, mode = std::floor((n + 1) * p);
  auto log_mass = [&](double k) {
    return (k + 0.5) * std::log(odds * (n - k + 1) / (k + 1)) - stirling_rest(k) - stirling_rest(n - k);
  };
  for (uint32_t attempt = 0;; attempt++) {
    PhiloxBlock block = stream.block(i, attempt);
    double u = Stream::unit(block.w[0], block.w[1]) - 0.5, v = Stream::unit(block.w[2], block.w[3]);
    double us = 0.5 - std::fabs(u), k = std::floor((2 * a / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || k > n) continue;
    double ratio = log_mass(k) - log_mass(mode) + (n + 1) * std::log((n - mode + 1) / (n - k + 1));
    if (std::log(v * alpha / (a / (us * us) + b)) <= ratio) return k;
  }
}

}  // namespace

void exponential(const Call& c) {
  from_unit(c, [&](double u) { return -std::log(u) / c.attr[3]; });
}

void cauchy(const Call& c) {
  // Near a half turn the sine is that of what is missing to it, which is exact.
  from_unit(c, [&](double u) {
    double rest = u > 0.5 ? 1 - u : u, cosine = std::cos(kPi * rest);
    return c.attr[3] - c.attr[4] * (u > 0.5 ? -cosine : cosine) / std::sin(kPi * rest);
  });
}

void geometric(const Call& c) {
  from_unit(c, [&](double u) { return std::max(1.0, std::ceil(std::log(u) / std::log1p(-c.attr[3]))); });
}

void logNormal(const Call& c) {
  Stream stream(c);
  std::vector<double> y(drawn(c).numel);
  for (size_t i = 0; i < y.size(); i++) {
    size_t first = i / 2 * 2;
    double u = (stream.word(first) + 1.0) / 4294967296.0, angle = 2 * kPi * stream.word(first + 1) / 4294967296.0;
    double radius = std::sqrt(-2 * std::log(u));
    y[i] = std::exp(c.attr[3] + c.attr[4] * radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle)));
  }
  write(drawn(c), y);
}

void bernoulliOf(const Call& c) {
  Stream stream(c);
  std::vector<double> p = read(c.in[0]), y(p.size());
  for (size_t i = 0; i < y.size(); i++) y[i] = stream.word(i) < p[i] * 4294967296.0;
  write(c.out[0], y);
}

void poisson(const Call& c) {
  Stream stream(c);
  std::vector<double> rates = read(c.in[0]), y(rates.size());
  for (size_t i = 0; i < y.size(); i++) {
    if (!(rates[i] >= 0 && rates[i] < 0x1p52))
      fail(ErrorCode::index_out_of_range, "poisson: the rate at position %zu is negative, NaN or above 2^52", i);
    y[i] = poisson_of(rates[i], stream, static_cast<int64_t>(i));
  }
  write(c.out[0], y);
}

void binomial(const Call& c) {
  Stream stream(c);
  std::vector<double> n = read(c.in[0]), p = read(c.in[1]), y(n.size());
  for (size_t i = 0; i < y.size(); i++) {
    if (!(n[i] >= 0 && n[i] < 0x1p52 && p[i] >= 0 && p[i] <= 1))
      fail(ErrorCode::index_out_of_range,
           "binomial: the count at position %zu is negative, NaN or above 2^52, or its probability is not in [0, 1]",
           i);
    y[i] = binomial_of(std::floor(n[i]), p[i], stream, static_cast<int64_t>(i));
  }
  write(c.out[0], y);
}

void multinomial(const Call& c) {
  Stream stream(c);
  int64_t rows = c.out[0].dim(0), n = c.in[0].dim(1), k = c.out[0].dim(1);
  std::vector<double> weights = read(c.in[0]);
  std::vector<int64_t> y;
  for (int64_t r = 0; r < rows && k > 0; r++) {
    const double* w = weights.data() + r * n;
    int64_t possible = std::count_if(w, w + n, [](double x) { return x > 0; });
    bool good = std::all_of(w, w + n, [](double x) { return x >= 0 && x < kInfinity; });
    if (!good || possible < (c.attr[3] != 0 ? 1 : k))
      fail(ErrorCode::index_out_of_range,
           "multinomial: row %lld has weights that are negative or not finite, or too few above 0",
           static_cast<long long>(r));
    if (c.attr[3] != 0) {
      std::vector<double> sums(n);
      std::partial_sum(w, w + n, sums.begin());
      for (int64_t j = 0; j < k; j++)
        y.push_back(std::upper_bound(sums.begin(), sums.end() - 1, stream.unit(r * k + j) * sums[n - 1]) -
                    sums.begin());
    } else {
      std::vector<std::pair<double, int64_t>> tickets;
      for (int64_t i = 0; i < n; i++)
        tickets.emplace_back(w[i] > 0 ? -std::log(stream.unit(r * n + i)) / w[i] : kInfinity, i);
      std::sort(tickets.begin(), tickets.end());
      for (int64_t j = 0; j < k; j++) y.push_back(tickets[j].second);
    }
  }
  write(c.out[0], y);
}

}  // namespace sinter::reference
