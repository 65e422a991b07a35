// Attention of f64. Place in the whole: device code of attention.cpp and attention_backward.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/attention/scalar.cuh"

SINTER_SCALAR_ATTENTION(f64, attention, forward)
SINTER_SCALAR_ATTENTION(f64, attention_queries, queries)
SINTER_SCALAR_ATTENTION(f64, attention_keys, keys)
