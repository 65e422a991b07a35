// Numbers in a row, diagonals and triangles. Place in the whole: device code of create.cpp. Results are contiguous and begin at a
// multiple of 16 bytes; indices are 64 bits.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/pointwise/pointwise.h"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// Of a result, whose packs lie at multiples of 16 bytes; the last one may have an end.
template <class T, int N>
SINTER_DEVICE void store_elements(T* y, int64_t i, int64_t n, const Pack<T, N>& pack) {
  if (i + N <= n) return store_pack(y + i, pack);
#pragma unroll
  for (int e = 0; e < N - 1; e++)
    if (i + e < n) y[i + e] = pack.at[e];
}
// y[i] = f(i), 16 bytes a thread.
template <class T, class F>
SINTER_DEVICE void generate(T* y, int64_t n, F f) {
  constexpr int kElements = 16 / sizeof(T);
  const int64_t i = (int64_t{blockIdx.x} * kPointwiseThreads + threadIdx.x) * kElements;
  if (i >= n) return;
  Pack<T, kElements> pack;
#pragma unroll
  for (int e = 0; e < kElements; e++) pack.at[e] = f(i + e);
  store_elements(y, i, n, pack);
}

// start + i step, in double; of i64 in 64-bit integers where both numbers are whole.
template <class T>
SINTER_DEVICE void arange(T* y, int64_t n, double start, double step) {
  generate(y, n, [=](int64_t i) { return narrow<T>(start + static_cast<double>(i) * step); });
}
// From both ends towards the middle, so that both are exact and the values are symmetric.
template <class T>
SINTER_DEVICE void linspace(T* y, int64_t n, double start, double end, double step) {
  generate(y, n, [=](int64_t i) {
    const bool first = i < n / 2 || n == 1;
    return narrow<T>(first ? start + static_cast<double>(i) * step : end - static_cast<double>(n - 1 - i) * step);
  });
}
// x (.., rows, columns) below and on the diagonal, or (upper) above and on it; zero elsewhere.
template <class T>
SINTER_DEVICE void triangle(const T* __restrict__ x, T* y, int64_t n, int64_t rows, int64_t columns, int64_t diagonal,
                            int32_t upper) {
  constexpr int kElements = 16 / sizeof(T);
  const int64_t i = (int64_t{blockIdx.x} * kPointwiseThreads + threadIdx.x) * kElements;
  if (i >= n) return;
  Pack<T, kElements> pack;
  if constexpr (kElements == 1)
    pack = load_pack<1>(x + i);
  else
    pack = load_pack_ragged<kElements>(x, i, n, T{});
  int64_t row = i / columns, column = i - row * columns;
  row %= rows;
#pragma unroll
  for (int e = 0; e < kElements; e++) {
    const int64_t above = column - row;
    if (upper ? above < diagonal : above > diagonal) pack.at[e] = T{};
    if (++column == columns) {
      column = 0;
      row = row + 1 == rows ? 0 : row + 1;
    }
  }
  store_elements(y, i, n, pack);
}

#define SINTER_STEPS(T, suffix)                                     \
  extern "C" __global__ void __launch_bounds__(kPointwiseThreads)   \
      arange_##suffix(T* y, int64_t n, double start, double step) { \
    arange(y, n, start, step);                                      \
  }
#define SINTER_ROWS(T, suffix)                                                    \
  SINTER_STEPS(T, suffix)                                                         \
  extern "C" __global__ void __launch_bounds__(kPointwiseThreads)                 \
      linspace_##suffix(T* y, int64_t n, double start, double end, double step) { \
    linspace(y, n, start, end, step);                                             \
  }
SINTER_ROWS(f32, f32)
SINTER_ROWS(f64, f64)
SINTER_ROWS(bf16, bf16)
SINTER_ROWS(f16, f16)
SINTER_ROWS(i32, i32)
SINTER_ROWS(i64, i64)
SINTER_ROWS(u8, u8)
SINTER_ROWS(i8, i8)
SINTER_STEPS(boolean, bool)
SINTER_STEPS(c64, c64)
SINTER_STEPS(c128, c128)

extern "C" __global__ void __launch_bounds__(kPointwiseThreads)
    arange_whole(i64* y, int64_t n, int64_t start, int64_t step) {
  generate(y, n, [=](int64_t i) {
    return static_cast<i64>(static_cast<uint64_t>(start) + static_cast<uint64_t>(i) * static_cast<uint64_t>(step));
  });
}

#define SINTER_MATRICES(T, size)                                                                                  \
  extern "C" __global__ void __launch_bounds__(kPointwiseThreads)                                                 \
      diagonal_##size(T* y, int64_t count, int64_t step, const __grid_constant__ Numbers one) {                   \
    const int64_t i = int64_t{blockIdx.x} * kPointwiseThreads + threadIdx.x;                                      \
    if (i < count) y[i * step] = *reinterpret_cast<const T*>(&one.f64[kNumbers - 2]);                             \
  }                                                                                                               \
  extern "C" __global__ void __launch_bounds__(kPointwiseThreads) triangle_##size(                                \
      const T* __restrict__ x, T* y, int64_t n, int64_t rows, int64_t columns, int64_t diagonal, int32_t upper) { \
    triangle(x, y, n, rows, columns, diagonal, upper);                                                            \
  }
SINTER_MATRICES(raw1, 1)
SINTER_MATRICES(raw2, 2)
SINTER_MATRICES(raw4, 4)
SINTER_MATRICES(raw8, 8)
SINTER_MATRICES(raw16, 16)

}  // namespace sinter::cuda
