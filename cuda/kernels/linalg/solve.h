// Solving with triangles and ordering rows, for other operators of this folder. Place in the whole: solve_triangular.cpp, pivots.cpp.
#pragma once
#include "engine/call.h"

namespace sinter::cuda {

// op(a) x = b for `batch` items: a (n, n), b and x (n, columns), all contiguous; x may be b. As solveTriangular's attributes say:
// the triangle of the stored a is upper or lower, its diagonal ones or not, and op transposes it.
struct Triangles {
  DType dtype;  // f32, f64, c64, c128
  const void* a;
  int64_t batch, n;
  bool upper, unit, transposed;
};
void solve_triangles(const Call& call, const Triangles& t, const void* b, void* x, int64_t columns);

// order (batch, m) = where rows are from, once row i and row pivots[i] - 1 have been exchanged for the k pivots of each item.
void order_rows(const Call& call, const int32_t* pivots, int64_t* order, int64_t batch, int64_t k, int64_t m);

// The product of all dimensions but the last `inner`.
inline int64_t batch_of(const TensorRef& t, int inner) {
  int64_t n = 1;
  for (int i = 0; i < t.rank - inner; i++) n *= t.dims[i];
  return n;
}

}  // namespace sinter::cuda
