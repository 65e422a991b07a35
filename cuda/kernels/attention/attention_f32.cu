// Attention of f32. Place in the whole: device code of attention.cpp and attention_backward.cpp; halves wider than tensor cores' kernels
// take come here too, as f32.
// sinter: cubins 80 90
#include "cuda/kernels/attention/scalar.cuh"

SINTER_SCALAR_ATTENTION(f32, attention, forward)
SINTER_SCALAR_ATTENTION(f32, attention_queries, queries)
SINTER_SCALAR_ATTENTION(f32, attention_keys, keys)
