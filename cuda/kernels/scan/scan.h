// Scans along an axis: what host and kernels agree on. Place in the whole: scan.cpp launches, scan.cuh computes.
#pragma once
#include <cstdint>

#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kScanThreads = 256;
constexpr int kScanItems = 8;  // elements of a row that a thread scans at once
constexpr int kScanTile = kScanThreads * kScanItems;
constexpr int kColumnThreads = 128;
constexpr int kColumnAhead = 4;  // elements of a column that a thread reads before it combines them

// Codes of native/engine/dtype.h.
enum ScanStorage : int32_t { kF32 = 0, kF64, kBF16, kF16, kI32, kI64, kU8, kI8, kBool };

// f64 is computed in f64; f32, or halves too, are where roundings add up with the number of elements and little else is computed.
enum Floats : int32_t { kF32InF32, kF32InF64, kAllInF64 };

// Operands are contiguous, (outer, n, inner).
struct ScanShape {
  int64_t outer, n;
  Split inner;
  int32_t storage;   // of operands and results; what is computed in is the kernel's
  int32_t reverse;   // from the end
  int32_t smallest;  // of a running extreme
  // Rows (inner 1): how many whole rows a tile has; 1 where rows may be longer than a tile. The tile's places are divided by n.
  int32_t rows_per_tile;
  Divisor row;
  // Long rows and columns are cut into parts of this many elements. With several a first launch computes their totals only.
  int64_t part;
  int32_t parts;
  int32_t totals_only;
};

}  // namespace sinter::cuda
