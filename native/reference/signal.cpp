// Reference backend: short-time Fourier transforms by their definition, and products with bands of coefficients.
#include "reference/elements.h"

namespace sinter::reference {

// x (b, n), window? (size) -> y (b, size / 2 + 1, frames) {size, hop, pad, mode, scale, power}
void stft(const Call& c) {
  enum { kReflect, kZero, kReplicate, kCircular };
  int64_t b = c.in[0].dim(0), n = c.in[0].dim(1), bins = c.out[0].dim(1), frames = c.out[0].dim(2);
  int64_t size = c.int_attr(0), hop = c.int_attr(1), pad = c.int_attr(2);
  int mode = static_cast<int>(c.int_attr(3));
  double scale = c.attr[4], power = c.attr[5];
  std::vector<double> x = read(c.in[0]), window = read_or(c.opt(1), size, 1), powers;
  std::vector<Complex> y;
  auto element = [&](int64_t signal, int64_t at) {
    if (at < 0 || at >= n) {
      if (mode == kZero) return 0.0;
      if (mode == kReflect) at = at < 0 ? -at : 2 * (n - 1) - at;
      if (mode == kReplicate) at = std::clamp<int64_t>(at, 0, n - 1);
      if (mode == kCircular) at = (at % n + n) % n;
    }
    return x[signal * n + at];
  };
  const double turn = -2 * std::acos(-1.0) / size;
  for (int64_t signal = 0; signal < b; signal++)
    for (int64_t k = 0; k < bins; k++)
      for (int64_t t = 0; t < frames; t++) {
        Complex sum = 0;
        for (int64_t j = 0; j < size; j++)
          sum += element(signal, t * hop - pad + j) * window[j] * std::polar(1.0, turn * ((j * k) % size));
        y.push_back(sum * scale);
        powers.push_back(std::pow(std::abs(sum * scale), power));
      }
  if (power > 0)
    write(c.out[0], powers);
  else
    write(c.out[0], y);
}

// x (b, k, t), a (k, m) -> y (b, m, t)
void bandProduct(const Call& c) {
  int64_t k = c.in[1].dim(0), m = c.in[1].dim(1), b = c.in[0].dim(0), t = c.in[0].dim(2);
  std::vector<double> x = read(c.in[0]), a = read(c.in[1]), y(c.out[0].numel, 0);
  for (int64_t s = 0; s < b; s++)
    for (int64_t j = 0; j < m; j++) {
      int64_t first = 0, end = k;
      while (first < k && a[first * m + j] == 0) first++;
      while (end > first && a[(end - 1) * m + j] == 0) end--;
      for (int64_t i = first; i < end; i++)
        for (int64_t u = 0; u < t; u++) y[(s * m + j) * t + u] += a[i * m + j] * x[(s * k + i) * t + u];
    }
  write(c.out[0], y);
}

}  // namespace sinter::reference
