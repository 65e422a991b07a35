// Products of sparse matrices in f32 and bf16. Place in the whole: device code of sparse.cpp; sparse.cuh has the kernels.
// sinter: cubins 80 90
#include "cuda/kernels/sparse/sparse.cuh"

SINTER_SPARSE(f32)
SINTER_SPARSE(bf16)
SINTER_SPARSE_KERNEL(sparse_many_4_f32, 3, SparseProduct, (sparse_many<f32, 4>))
SINTER_SPARSE_KERNEL(sparse_many_4_bf16, 2, SparseProduct, (sparse_many<bf16, 4>))
SINTER_SPARSE_KERNEL(sparse_pack_f32, 4, SparsePacking, sparse_pack<f32>)
