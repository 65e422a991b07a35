// Reference backend: what a position between an image's elements mixes. Place in the whole: shared by gridSample and warp.
// Definition: torch.nn.functional.grid_sample.
#pragma once
#include "reference/elements.h"

namespace sinter::reference {

struct Tap {
  int64_t at;  // -1: outside
  double weight, slope;
};

struct Sampling {
  enum { kBilinear, kNearest, kBicubic };
  enum { kZeros, kBorder, kReflection };

  int mode, padding;
  bool align;

  explicit Sampling(const Call& c) : mode(c.int_attr(0)), padding(c.int_attr(1)), align(c.attr[2] != 0) {}

  // A position in elements moved inside, and d moved / d position.
  void move(double& x, double& grad, int64_t n) const {
    if (padding == kZeros) return;
    if (padding == kReflection) {
      double low = align ? 0 : -0.5, span = align ? n - 1 : n;
      if (span == 0) {
        x = grad = 0;
        return;
      }
      if (x < low) x = 2 * low - x, grad = -grad;
      double flips = std::floor((x - low) / span), rest = x - low - flips * span;
      bool odd = std::fmod(flips, 2) != 0;
      x = low + (odd ? span - rest : rest);
      if (odd) grad = -grad;
    }
    if (x <= 0) x = 0, grad = 0;
    if (x >= n - 1) x = n - 1, grad = 0;
  }

  // Along an axis of n elements, from -1 to 1; slopes are derivatives by the coordinate.
  std::vector<Tap> taps(double coordinate, int64_t n) const {
    double grad = align ? (n - 1) / 2.0 : n / 2.0;
    double x = align ? (coordinate + 1) / 2 * (n - 1) : ((coordinate + 1) * n - 1) / 2;
    if (mode != kBicubic) move(x, grad, n);
    if (!(std::fabs(x) < 1 << 30)) return {};
    std::vector<Tap> list;
    auto add = [&](double at, double weight, double slope) {
      double ignored = 1;
      if (mode == kBicubic) move(at, ignored, n);
      list.push_back({at < 0 || at >= n ? -1 : static_cast<int64_t>(std::nearbyint(at)), weight, slope * grad});
    };
    if (mode == kNearest) {
      add(std::nearbyint(x), 1, 0);
      return list;
    }
    double below = std::floor(x);
    if (mode == kBilinear) {
      add(below, 1 - (x - below), -1);
      add(below + 1, x - below, 1);
      return list;
    }
    const double a = -0.75;
    for (int k = -1; k <= 2; k++) {
      double d = x - (below + k), r = std::fabs(d), sign = d < 0 ? -1 : 1;
      bool near = k == 0 || k == 1;
      add(below + k, near ? (a + 2) * r * r * r - (a + 3) * r * r + 1 : a * (r * r * r - 5 * r * r + 8 * r - 4),
          sign * (near ? 3 * (a + 2) * r * r - 2 * (a + 3) * r : a * (3 * r * r - 10 * r + 8)));
    }
    return list;
  }
};

}  // namespace sinter::reference
