// sinter: cubins 80 90
// bandProduct: rows mixed by short bands of coefficients, as mel filters mix frequencies. Place in the whole: device code of signal.cpp. Bands
// are found anew in each call, which costs a reading of a; then a thread makes one element of y, its neighbours the next in time. Bound: y
// written once, x read from memory once and from caches by each band that shares a row.
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/signal/signal.h"

namespace sinter::cuda {

// A block finds the bands of kBandColumns columns of a (k, m): kBandRows threads a column look at every so manieth row.
template <class T>
SINTER_DEVICE void find_bands(int64_t k, int64_t m, const T* __restrict__ a, Band* __restrict__ bands) {
  __shared__ Band found[kBandRows][kBandColumns];
  const int column = static_cast<int>(threadIdx.x) % kBandColumns, row = static_cast<int>(threadIdx.x) / kBandColumns;
  const int64_t j = static_cast<int64_t>(blockIdx.x) * kBandColumns + column;
  Band band{k, 0};
  if (j < m) {
#pragma unroll 4
    for (int64_t i = row; i < k; i += kBandRows) {
      const bool counts = __ldg(a + i * m + j) != T(0);
      band.first = counts && i < band.first ? i : band.first;
      band.end = counts ? i + 1 : band.end;
    }
  }
  found[row][column] = band;
  __syncthreads();
  if (row != 0 || j >= m) return;
#pragma unroll
  for (int r = 1; r < kBandRows; r++) {
    band.first = min(band.first, found[r][column].first);
    band.end = max(band.end, found[r][column].end);
  }
  bands[j] = band;
}

template <class T>
SINTER_DEVICE void band_product(const BandProduct& p, const T* __restrict__ x, const T* __restrict__ a,
                                T* __restrict__ y) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kSignalThreads + threadIdx.x;
  if (i >= p.total) return;
  const int64_t row = quotient(i, p.times), u = i - row * p.times.size;
  const int64_t signal = quotient(row, p.columns), j = row - signal * p.columns.size;
  const Band band = p.bands[j];
  const T* from = x + signal * p.k * p.times.size + u;
  T sum = 0;
#pragma unroll 4
  for (int64_t r = band.first; r < band.end; r++)
    sum += __ldg(a + r * p.columns.size + j) * __ldg(from + r * p.times.size);
  y[i] = sum;
}

#define SINTER_BANDS(T)                                                                                             \
  extern "C" __global__ void __launch_bounds__(kSignalThreads)                                                      \
      find_bands_##T(int64_t k, int64_t m, const T* __restrict__ a, Band* __restrict__ bands) {                     \
    find_bands(k, m, a, bands);                                                                                     \
  }                                                                                                                 \
  extern "C" __global__ void __launch_bounds__(kSignalThreads) band_product_##T(                                    \
      const __grid_constant__ BandProduct p, const T* __restrict__ x, const T* __restrict__ a, T* __restrict__ y) { \
    band_product(p, x, a, y);                                                                                       \
  }

SINTER_BANDS(f32)
SINTER_BANDS(f64)

}  // namespace sinter::cuda
