// Products of sparse matrices in f64. Place in the whole: device code of sparse.cpp; sparse.cuh has the kernels.
// sinter: cubins 80 90
#include "cuda/kernels/sparse/sparse.cuh"

SINTER_SPARSE(f64)
SINTER_SPARSE_KERNEL(sparse_pack_f64, 4, SparsePacking, sparse_pack<f64>)
