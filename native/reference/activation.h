// Reference backend: what products may do to their results, as lib/ops/fusedActivation.ts numbers it.
#pragma once
#include <cmath>
#include <cstdint>

namespace sinter::reference {

inline double activated(int64_t activation, double x) {
  switch (activation) {
    case 1: return x < 0 ? 0 : x;
    case 2: return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    case 3: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case 4: return x / (1 + std::exp(-x));
    default: return x;
  }
}

// The derivative, 0 of relu at 0.
inline double slope_of(int64_t activation, double x) {
  const double pi = 3.14159265358979323846;
  switch (activation) {
    case 1: return x <= 0 ? 0 : 1;
    case 2: return 0.5 * std::erfc(-x / std::sqrt(2.0)) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * pi);
    case 3: {
      const double k = std::sqrt(2 / pi), t = std::tanh(k * (x + 0.044715 * x * x * x));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 3 * 0.044715 * x * x);
    }
    case 4: {
      const double s = 1 / (1 + std::exp(-x));
      return s * (1 + x * (1 - s));
    }
    default: return 1;
  }
}

}  // namespace sinter::reference
