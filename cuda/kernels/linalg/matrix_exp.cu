// The steps of matrix exponentials between products: 1-norms, halvings, polynomials of powers, and taking out what is done. Place in the
// whole: device code of matrix_exp.cpp. Each is one pass, bound by memory.
// sinter: cubins 80 90
#include "cuda/kernels/linalg/matrix_exp.h"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// norms[item] (zeroed) = the bits of its largest sum of a column's absolute values; of numbers that are not negative they rise as the
// numbers do, and a NaN's are above all.
template <class T>
SINTER_DEVICE void one_norm(const T* x, int64_t n, int64_t blocks, unsigned long long* norms) {
  constexpr int kGroups = kExpThreads / kExpColumns;
  __shared__ double sums[kGroups][kExpColumns];
  const int64_t item = blockIdx.x / blocks, block = blockIdx.x - item * blocks;
  const int lane = threadIdx.x % kExpColumns, group = threadIdx.x / kExpColumns;
  const int64_t column = block * kExpColumns + lane;
  const T* a = x + item * n * n + column;
  double sum = 0;
  if (column < n)
#pragma unroll 4
    for (int64_t row = group; row < n; row += kGroups) sum += ::fabs(static_cast<double>(a[row * n]));
  sums[group][lane] = sum;
  __syncthreads();
  if (group != 0 || column >= n) return;
#pragma unroll
  for (int g = 1; g < kGroups; g++) sum += sums[g][lane];
  atomicMax(norms + item, static_cast<unsigned long long>(__double_as_longlong(::fabs(sum))));
}

// y = x / 2^halvings, item by item
template <class T>
SINTER_DEVICE void halve(const T* x, T* y, const ExpItem* items, int64_t size, int64_t blocks) {
  const int64_t item = blockIdx.x / blocks, block = blockIdx.x - item * blocks;
  const T factor = static_cast<T>(items[item].factor);
#pragma unroll
  for (int q = 0; q < kExpItems; q++) {
    const int64_t i = (block * kExpItems + q) * kExpThreads + threadIdx.x;
    if (i < size) y[item * size + i] = x[item * size + i] * factor;
  }
}

template <class T>
SINTER_DEVICE void polynomial(const PolynomialArgs& args) {
  constexpr int kLanes = 16 / sizeof(T);
  const int64_t first = (int64_t{blockIdx.x} * kExpThreads + threadIdx.x) * kLanes;
  if (first >= args.total) return;
  const int64_t size = args.n * args.n;
  int64_t at = first % size, beyond = at % (args.n + 1);  // elements since one of the diagonal
  Pack<T, kLanes> y;
#pragma unroll
  for (int e = 0; e < kLanes; e++) {
    y.at[e] = beyond == 0 ? static_cast<T>(args.c[0]) : T(0);
    beyond = beyond == args.n ? 0 : beyond + 1;
    if (++at == size) at = beyond = 0;
  }
#pragma unroll
  for (int k = 0; k < 4; k++) {
    if (!args.powers[k]) continue;
    const Pack<T, kLanes> power =
        load_pack_ragged<kLanes>(static_cast<const T*>(args.powers[k]), first, args.total, T(0));
    const T c = static_cast<T>(args.c[k + 1]);
#pragma unroll
    for (int e = 0; e < kLanes; e++) y.at[e] += c * power.at[e];
  }
  store_pack_ragged(static_cast<T*>(args.out), first, args.total, y);
}

// Items with so many halvings are done: they go from x to y. Before the first squaring also those that have no exponential.
template <class T>
SINTER_DEVICE void take_out(const T* x, T* y, const ExpItem* items, int64_t size, int64_t blocks, int64_t halvings) {
  const int64_t item = blockIdx.x / blocks, block = blockIdx.x - item * blocks, own = items[item].halvings;
  const bool not_finite = own < 0 && halvings == 0;
  if (own != halvings && !not_finite) return;
#pragma unroll
  for (int q = 0; q < kExpItems; q++) {
    const int64_t i = (block * kExpItems + q) * kExpThreads + threadIdx.x;
    if (i < size) y[item * size + i] = not_finite ? static_cast<T>(__builtin_nan("")) : x[item * size + i];
  }
}

}  // namespace sinter::cuda

using namespace sinter::cuda;

#define SINTER_MATRIX_EXP(T)                                                                                     \
  extern "C" __global__ void __launch_bounds__(kExpThreads)                                                      \
      exp_norm_##T(const T* x, int64_t n, int64_t blocks, unsigned long long* norms) {                           \
    one_norm(x, n, blocks, norms);                                                                               \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(kExpThreads)                                                      \
      exp_halve_##T(const T* x, T* y, const ExpItem* items, int64_t size, int64_t blocks) {                      \
    halve(x, y, items, size, blocks);                                                                            \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(kExpThreads)                                                      \
      exp_polynomial_##T(const __grid_constant__ PolynomialArgs args) {                                          \
    polynomial<T>(args);                                                                                         \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(kExpThreads)                                                      \
      exp_take_out_##T(const T* x, T* y, const ExpItem* items, int64_t size, int64_t blocks, int64_t halvings) { \
    take_out(x, y, items, size, blocks, halvings);                                                               \
  }
SINTER_MATRIX_EXP(f32)
SINTER_MATRIX_EXP(f64)
