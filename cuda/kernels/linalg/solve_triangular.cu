// Solving with triangles of real numbers. Place in the whole: device code of solve_triangular.cpp; see triangle.cuh.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/linalg/triangle.cuh"

SINTER_SOLVE(f32)
SINTER_SOLVE(f64)
