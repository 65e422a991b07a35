// What the kernels of signals and their host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kSignalThreads = 256;

// x (b, count, size), y (b, length): windows, hop apart.
struct Overlap {
  Split length, hop;
  int64_t count, size, total;
};

constexpr int kBandColumns = 32, kBandRows = kSignalThreads / kBandColumns;

// The rows of a column's coefficients from the first to the last that is not zero; none: end is 0.
struct Band {
  int64_t first, end;
};

// x (b, k, times), a (k, columns), y (b, columns, times).
struct BandProduct {
  const Band* bands;
  Split times, columns;
  int64_t k, total;
};

}  // namespace sinter::cuda
