// Solving with triangles of complex numbers, which are rare. Place in the whole: device code of solve_triangular.cpp; see triangle.cuh.
// sinter: cubins 80 90
#include "cuda/kernels/linalg/triangle.cuh"

SINTER_SOLVE(c64)
SINTER_SOLVE(c128)
