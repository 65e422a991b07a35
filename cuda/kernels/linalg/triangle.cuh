// Solving with triangles: a x = b by rows of tiles. Place in the whole: the kernels solve_triangular and solve_triangular_complex are it.
//
// A block has 32 columns of one item's right side, for all rows. Rows of 32 come one after the other: what earlier rows take from them
// is a product of tiles in shared memory; then each warp substitutes in four columns, a lane a row, the pivot row's value handed to
// all lanes. Bound by the latency of that chain where the order is small, by shared memory where it is large: host code cuts large
// triangles, so that products do most of the work.
#pragma once
#include "cuda/kernels/linalg/number.cuh"
#include "cuda/kernels/linalg/triangle.h"

namespace sinter::cuda {

template <class T>
SINTER_DEVICE void solve_triangle(const TriangleArgs& args) {
  constexpr int kTile = kTriangleTile, kWarps = kTriangleThreads / 32, kEach = kTile / kWarps;
  static_assert(kTile == 32);
  __shared__ T left[kTile][kTile + 1], right[kTile][kTile + 1];
  const uint32_t item = blockIdx.x / args.strips, strip = blockIdx.x - item * args.strips;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const T* a = static_cast<const T*>(args.a) + item * args.a_step;
  const int64_t from = item * args.b_step + int64_t{strip} * kTile;
  const T* b = static_cast<const T*>(args.b) + from;
  T* x = static_cast<T*>(args.x) + from;
  const bool mine = int64_t{strip} * kTile + lane < args.columns;
  const bool along = args.cs == 1 || args.cs == -1;  // neighbours of a row of the triangle lie together

  // left = the tile of the triangle at (row, column), 0 beyond it
  const auto load_left = [&](int64_t row, int64_t column) {
#pragma unroll
    for (int q = 0; q < kEach; q++) {
      const int other = warp + kWarps * q, r = along ? other : lane, c = along ? lane : other;
      const bool read = row + r < args.n && column + c <= row + r - args.unit;
      left[r][c] = read ? a[(row + r) * args.rs + (column + c) * args.cs] : T{};
    }
  };

#pragma unroll 1
  for (int64_t row = 0; row < args.n; row += kTile) {
    T rest[kEach];
#pragma unroll
    for (int q = 0; q < kEach; q++) {
      const int64_t r = row + warp + kWarps * q;
      rest[q] = mine && r < args.n ? b[r * args.ld + lane] : T{};
    }
#pragma unroll 1
    for (int64_t before = 0; before < row; before += kTile) {
      load_left(row, before);
#pragma unroll
      for (int q = 0; q < kEach; q++) {
        const int r = warp + kWarps * q;
        right[r][lane] = mine ? x[(before + r) * args.ld + lane] : T{};
      }
      __syncthreads();
#pragma unroll 4
      for (int j = 0; j < kTile; j++)
#pragma unroll
        for (int q = 0; q < kEach; q++) rest[q] = minus_product(rest[q], left[warp + kWarps * q][j], right[j][lane]);
      __syncthreads();
    }
    load_left(row, row);
#pragma unroll
    for (int q = 0; q < kEach; q++) right[warp + kWarps * q][lane] = rest[q];
    __syncthreads();
    // A lane a row, of columns kEach * warp + q.
#pragma unroll
    for (int q = 0; q < kEach; q++) rest[q] = right[lane][kEach * warp + q];
#pragma unroll 1
    for (int i = 0; i < kTile && row + i < args.n; i++) {
      const T pivot = args.unit ? one<T>() : left[i][i], below = left[lane][i];
      // Each of the first lanes divides for a column.
      T own{};
#pragma unroll
      for (int q = 0; q < kEach; q++) {
        const T value = from_lane(rest[q], i);
        if (lane == q) own = value;
      }
      own = divided(own, pivot);
#pragma unroll
      for (int q = 0; q < kEach; q++) {
        const T value = from_lane(own, q);
        rest[q] = lane == i ? value : lane > i ? minus_product(rest[q], below, value) : rest[q];
      }
    }
#pragma unroll
    for (int q = 0; q < kEach; q++) right[lane][kEach * warp + q] = rest[q];
    __syncthreads();
#pragma unroll
    for (int q = 0; q < kEach; q++) {
      const int64_t r = row + warp + kWarps * q;
      if (mine && r < args.n) x[r * args.ld + lane] = right[warp + kWarps * q][lane];
    }
    __syncthreads();
  }
}

}  // namespace sinter::cuda

#define SINTER_SOLVE(name)                                                                 \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kTriangleThreads, 2)        \
      solve_triangular_##name(const __grid_constant__ ::sinter::cuda::TriangleArgs args) { \
    ::sinter::cuda::solve_triangle<::sinter::cuda::name>(args);                            \
  }
