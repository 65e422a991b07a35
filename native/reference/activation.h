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

}  // namespace sinter::reference
