// Products of 2:4 matrices in bf16 and f16. Place in the whole: device code of two_of_four.cpp; two_of_four.cuh has the kernels.
// Positions in ascending order are an instruction of their own, of PTX 8.5: without that promise it may be slow from 9.0 on.
// sinter: ptx 8.5
// sinter: cubins 80 90
#include "cuda/kernels/sparse/two_of_four.cuh"

SINTER_TWO_OF_FOUR(bf16)
SINTER_TWO_OF_FOUR(f16)
