// Rows of halves as tensor maps bring them and wgmma takes them. Place in the whole: operands of hopper_forward.cuh and hopper_backward.cuh.
//
// They lie in panels of 64 elements of the width, rows of 128 bytes: as the rows of a product by columns, or as columns by rows, which wgmma
// transposes.
#pragma once
#include "cuda/kernels/attention/tensor.cuh"
#include "cuda/kernels/ptx_sm90.cuh"

namespace sinter::cuda {

template <int kRows, int kWidth>
struct Panels {
  static constexpr int kPanelBytes = kRows * 128, kBytes = kPanelBytes * (kWidth / 64), kEightRows = 8 * 128;

  // The barrier expects kBytes.
  static SINTER_DEVICE void load(uint32_t to, const TensorMap& map, int row, int head, int batch, uint32_t barrier) {
#pragma unroll
    for (int i = 0; i < kWidth / 64; i++) load_box(to + i * kPanelBytes, &map, i * 64, row, head, batch, barrier);
  }
  // Rows `row` on, 16 elements of the width from 16 `step` on, along which is summed.
  static SINTER_DEVICE uint64_t along_width(uint32_t start, int row, int step) {
    return matrix_at(start + step / 4 * kPanelBytes + row * 128 + step % 4 * 32, kEightRows, kPanelBytes);
  }
  // 16 rows from 16 `step` on, along which is summed, of all the width.
  static SINTER_DEVICE uint64_t along_rows(uint32_t start, int step) {
    return matrix_at(start + step * 2 * kEightRows, kEightRows, kPanelBytes);
  }
  // The same 16 elements of 16 rows from `row` on as a lane's registers of a left side.
  static SINTER_DEVICE void left(uint32_t (&a)[4], uint32_t start, int row, int step) {
    const int lane = static_cast<int>(threadIdx.x) % 32, r = row + lane % 16, chunk = step % 4 * 2 + lane / 16;
    load_matrices(a, start + step / 4 * kPanelBytes + r * 128 + ((chunk ^ (r & 7)) << 4));
  }
};

// A warp's fragments as wgmma has them.
template <int kCount>
SINTER_DEVICE float (&flat(float (&x)[1][kCount][4]))[kCount * 4] {
  return reinterpret_cast<float(&)[kCount * 4]>(x);
}
// y += weights times the rows of a tile, when it is committed.
template <class T, int kTile, int kColumns>
SINTER_DEVICE void start_values(const uint32_t (&weights)[kTile / 16][4], uint32_t rows, float (&y)[1][kColumns][4]) {
#pragma unroll
  for (int k = 0; k < kTile / 16; k++)
    multiply_64<T, kColumns * 8, false>(flat(y), weights[k], Panels<kTile, kColumns * 8>::along_rows(rows, k));
}
// Fragments, rounded to halves, as left sides.
template <class T, int kTile>
SINTER_DEVICE void pack_weights(const float (&x)[1][kTile / 8][4], uint32_t (&weights)[kTile / 16][4]) {
#pragma unroll
  for (int k = 0; k < kTile / 16; k++)
#pragma unroll
    for (int m = 0; m < 4; m++)
      weights[k][m] = pack_halves<T>(x[0][2 * k + m / 2][m % 2 * 2], x[0][2 * k + m / 2][m % 2 * 2 + 1]);
}

}  // namespace sinter::cuda
