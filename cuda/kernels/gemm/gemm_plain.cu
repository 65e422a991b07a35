// Products of integers, which wrap, and of complex numbers, of operands with any strides. Place in the whole: device code of plain.cpp.
//
// A block has 32 x 32 of y, a thread 2 x 2 of it; 16 of k lie in shared memory at a time. No tensor core takes these types (but for
// bytes, whose exact product is another operator); they are rare and small.
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/gemm/plain.h"

namespace sinter::cuda {

template <class T>
SINTER_DEVICE T plus_product(T sum, T x, T y) {
  if constexpr (kIsComplex<T>)
    return {sum.re + x.re * y.re - x.im * y.im, sum.im + x.re * y.im + x.im * y.re};
  else
    return static_cast<T>(sum + x * y);  // unsigned
}

template <class T>
SINTER_DEVICE void plain(const PlainArgs& args) {
  constexpr int kTile = kPlainTile, kDepth = 16;
  __shared__ T left[kDepth][kTile + 1], right[kDepth][kTile + 1];
  const uint32_t item = blockIdx.x / args.tiles, tile = blockIdx.x - item * args.tiles;
  const T* a = static_cast<const T*>(args.a);
  const T* b = static_cast<const T*>(args.b);
  uint32_t rest = item;
#pragma unroll 1
  for (int d = 0; d < args.batch_rank; d++) {
    const uint32_t next = rest / args.batch_dims[d], at = rest - next * args.batch_dims[d];
    a += at * args.a_strides[d];
    b += at * args.b_strides[d];
    rest = next;
  }
  const int64_t row = int64_t{tile / args.tiles_across} * kTile, column = int64_t{tile % args.tiles_across} * kTile;
  const int down = threadIdx.x / 16, across = threadIdx.x % 16;
  // Neighbouring threads read along the smaller stride.
  const bool a_along_k = args.csa == 1 || args.csa * args.csa < args.rsa * args.rsa;
  const bool b_along_k = args.rsb * args.rsb < args.csb * args.csb;
  T sums[2][2] = {};
#pragma unroll 1
  for (int64_t k = 0; k < args.k; k += kDepth) {
#pragma unroll
    for (int i = 0; i < kTile * kDepth / kPlainThreads; i++) {
      const int e = threadIdx.x + i * kPlainThreads;
      const int ka = a_along_k ? e % kDepth : e / kTile, r = a_along_k ? e / kDepth : e % kTile;
      const int kb = b_along_k ? e % kDepth : e / kTile, c = b_along_k ? e / kDepth : e % kTile;
      left[ka][r] = k + ka < args.k && row + r < args.m ? a[(row + r) * args.rsa + (k + ka) * args.csa] : T{};
      right[kb][c] = k + kb < args.k && column + c < args.n ? b[(k + kb) * args.rsb + (column + c) * args.csb] : T{};
    }
    __syncthreads();
#pragma unroll
    for (int kk = 0; kk < kDepth; kk++)
#pragma unroll
      for (int i = 0; i < 2; i++)
#pragma unroll
        for (int j = 0; j < 2; j++)
          sums[i][j] = plus_product(sums[i][j], left[kk][down + 16 * i], right[kk][across + 16 * j]);
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 2; i++)
#pragma unroll
    for (int j = 0; j < 2; j++) {
      const int64_t r = row + down + 16 * i, c = column + across + 16 * j;
      if (r >= args.m || c >= args.n) continue;
      T y = sums[i][j];
      if constexpr (!kIsComplex<T>)
        if (args.bias) y = static_cast<T>(y + static_cast<const T*>(args.bias)[c * args.bias_stride]);
      static_cast<T*>(args.y)[(item * args.m + r) * args.n + c] = y;
    }
}

}  // namespace sinter::cuda

#define SINTER_PLAIN(name, T)                                                     \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kPlainThreads)     \
      gemm_plain_##name(const __grid_constant__ ::sinter::cuda::PlainArgs args) { \
    ::sinter::cuda::plain<T>(args);                                               \
  }
SINTER_PLAIN(u8, uint8_t)
SINTER_PLAIN(i32, uint32_t)
SINTER_PLAIN(i64, uint64_t)
SINTER_PLAIN(c64, ::sinter::cuda::c64)
SINTER_PLAIN(c128, ::sinter::cuda::c128)
