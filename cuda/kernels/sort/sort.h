// Sorting and choosing by order: what host and kernels agree on. Place in the whole: sort.cpp launches.
#pragma once
#include <cstdint>

#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

// Elements as unsigned numbers of the same order, -0 equal to 0, NaN behind everything; for descending order their complements. Dtypes
// are told apart as kernels run: what moves is bits.
struct KeyRule {
  int32_t bytes;     // of an element: 1, 2, 4 or 8
  int32_t floating;  // a sign and a magnitude, which is NaN beyond `infinity`
  int32_t sign;      // an integer whose first bit is its sign
  int32_t descending;
  uint64_t infinity;
};

constexpr int kShortThreads = 256;  // a warp a row
constexpr int kShortRow = 256;      // longest row that a warp sorts in registers
constexpr int kSelectTile = kIndexThreads * 16;

// What is asked of a sorted row.
enum ChooseWhat : int32_t {
  kFirst,          // its first k elements
  kPlaceK,         // element k
  kMedian,         // the lower median, a NaN if there is one
  kMedianNumbers,  // the lower median of what is not NaN
};

// Rows x (rows, n) -> values, places: (rows, k), or of one chosen element (rows).
struct ChooseShape {
  int64_t rows, n, k;
  ChooseWhat what;
  KeyRule rule;
};

// Where a radix selection stands in a row: the element sought has the first digits of `key`, and `rank` of those that have them come
// before it; `less` come before all those.
struct Selection {
  uint64_t key;
  uint32_t rank, less, nans;
  uint32_t started;
  uint32_t counts[256];  // of the next digit
};

}  // namespace sinter::cuda
