// Solving with a triangle: what triangle.cuh and its host side agree on. Place in the whole: solve_triangular.cpp launches;
// LDL systems are solved by it too.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kTriangleTile = 32;  // rows that are solved at once, and columns of the right side that a block has
constexpr int kTriangleThreads = 256;

// Lower triangles alone: element (i, j), j <= i, at a[i * rs + j * cs] with strides of any sign, so that an upper one is the lower one
// read from its end. Row i of b and x begins at i * ld.
struct TriangleArgs {
  const void* a;
  const void* b;
  void* x;  // may be b
  int64_t rs, cs, a_step;
  int64_t ld, b_step;  // steps: from an item of the batch to the next
  int64_t n, columns;
  uint32_t strips;  // of columns, of an item
  int32_t unit;     // the diagonal counts as ones and is not read
};

}  // namespace sinter::cuda
