// Tiles and fragments of halves for attention. Place in the whole: shared by forward.cuh and backward.cuh.
//
// A tile lies in shared memory as rows of kWidth elements, chunk c (16 bytes) of row r at c ^ (r % 8), so that the eight chunks that
// ldmatrix reads at a time, one of each of eight rows, are in eight different places of the 128 bytes that a cycle gives. What is beyond
// an operand's edge is 0.
#pragma once
#include "cuda/kernels/attention/scores.cuh"
#include "cuda/kernels/ptx.cuh"

namespace sinter::cuda {

template <class T, int kWidth>
struct HalfTile {
  static constexpr int kRowBytes = kWidth * 2, kPerRow = kWidth / 8;
  static constexpr int kRowStep = kTensorThreads / kPerRow;  // rows that all threads together copy at a time

  static SINTER_DEVICE uint32_t place(int row, int chunk) { return row * kRowBytes + ((chunk ^ (row & 7)) << 4); }

  // Starts to copy rows [first, first + kRows) of `all`, of which `width` elements are there. Rows begin at multiples of 16 bytes.
  template <int kRows, bool kPages>
  static SINTER_DEVICE void load(const AttentionArgs& args, uint32_t to, const KeyRows<T, kPages>& from, int32_t first,
                                 int32_t all, int32_t width) {
    const int chunk = static_cast<int>(threadIdx.x) % kPerRow, row = static_cast<int>(threadIdx.x) / kPerRow;
    const int present = min(max(width - chunk * 8, 0), 8) * 2;
    if (from.pages) {
#pragma unroll 1
      for (int r = row; r < kRows; r += kRowStep) {
        const T* x = present && first + r < all ? from.at(args, first + r) : nullptr;
        copy_async<16>(to + place(r, chunk), x ? x + chunk * 8 : from.rows.first, x ? present : 0);
      }
      return;
    }
    const T* x = from.rows.at(first + row) + chunk * 8;
#pragma unroll
    for (int r = 0; r < kRows; r += kRowStep) {
      const int there = first + row + r < all ? present : 0;
      copy_async<16>(to + place(row + r, chunk), there ? x : from.rows.first, there);
      x += kRowStep * from.rows.step;
    }
  }

  // ---- where a lane's rows of fragments lie, from a tile's start. Along the width a step of 16 elements further is an exclusive or with
  // 32, as chunks are exchanged: tiles begin at multiples of 1024.
  // Of the left side of a product, 16 rows along the width.
  static SINTER_DEVICE uint32_t left(int lane) { return place((lane & 7) + (lane & 8), lane >> 4); }
  // Of the right side, 16 rows along the width: two blocks of 8 columns of the product.
  static SINTER_DEVICE uint32_t right(int lane) { return place((lane & 7) + (lane >> 4 << 3), lane >> 3 & 1); }
  // Of the right side, 16 rows along the sum, to be transposed: two blocks of 8 columns.
  static SINTER_DEVICE uint32_t across(int lane) { return place((lane & 7) + (lane & 8), lane >> 4); }
};

template <class T>
SINTER_DEVICE uint32_t pack_halves(float low, float high) {
  union {
    uint32_t word;
    __nv_bfloat162 b;
    __half2 h;
  };
  if constexpr (kSame<T, bf16>)
    b = __floats2bfloat162_rn(low, high);
  else
    h = __floats2half2_rn(low, high);
  return word;
}

// The left sides of the first kHeld steps of `multiply_rows`, for those who have the registers to keep them.
template <int kDown, int kHeld>
struct HeldRows {
  uint32_t a[kHeld ? kHeld : 1][kDown][4];
};
template <class T, int kWidth, int kDown, int kHeld>
SINTER_DEVICE void hold_rows(uint32_t own, HeldRows<kDown, kHeld>& held) {
#pragma unroll
  for (int k = 0; k < kHeld; k++)
#pragma unroll
    for (int i = 0; i < kDown; i++)
      load_matrices(held.a[k][i], (own + i * 16 * HalfTile<T, kWidth>::kRowBytes) ^ (k << 5));
}

// x (16 kDown, kTile) += rows of two tiles, along kWidth. `own` and `other`: addresses of fragments.
template <class T, int kWidth, int kDown, int kTile, int kHeld = 0>
SINTER_DEVICE void multiply_rows(uint32_t own, uint32_t other, float (&x)[kDown][kTile / 8][4],
                                 const HeldRows<kDown, kHeld>& held = {}) {
  constexpr int kRowBytes = HalfTile<T, kWidth>::kRowBytes;
#pragma unroll
  for (int k = 0; k < kWidth / 16; k++) {
    uint32_t a[kDown][4];
#pragma unroll
    for (int i = 0; i < kDown; i++) {
      if (k >= kHeld) {
        load_matrices(a[i], (own + i * 16 * kRowBytes) ^ (k << 5));
      } else {
#pragma unroll
        for (int m = 0; m < 4; m++) a[i][m] = held.a[k < kHeld ? k : 0][i][m];
      }
    }
#pragma unroll
    for (int n = 0; n < kTile / 16; n++) {
      uint32_t b[4];
      load_matrices(b, (other + n * 16 * kRowBytes) ^ (k << 5));
#pragma unroll
      for (int i = 0; i < kDown; i++) {
        multiply_16x8<T>(x[i][2 * n], a[i], b[0], b[1]);
        multiply_16x8<T>(x[i][2 * n + 1], a[i], b[2], b[3]);
      }
    }
  }
}

// y (16 kDown, kWidth) += weights (16 kDown, kTile), rounded to halves, times a tile's rows.
template <class T, int kWidth, int kDown, int kTile>
SINTER_DEVICE void multiply_weights(const float (&weights)[kDown][kTile / 8][4], uint32_t other,
                                    float (&y)[kDown][kWidth / 8][4]) {
  constexpr int kRowBytes = HalfTile<T, kWidth>::kRowBytes;
#pragma unroll
  for (int k = 0; k < kTile / 16; k++) {
    uint32_t a[kDown][4];
#pragma unroll
    for (int i = 0; i < kDown; i++)
#pragma unroll
      for (int m = 0; m < 4; m++)
        a[i][m] = pack_halves<T>(weights[i][2 * k + m / 2][m % 2 * 2], weights[i][2 * k + m / 2][m % 2 * 2 + 1]);
#pragma unroll
    for (int c = 0; c < kWidth / 16; c++) {
      uint32_t b[4];
      load_matrices_transposed(b, (other + k * 16 * kRowBytes) ^ (c << 5));
#pragma unroll
      for (int i = 0; i < kDown; i++) {
        multiply_16x8<T>(y[i][2 * c], a[i], b[0], b[1]);
        multiply_16x8<T>(y[i][2 * c + 1], a[i], b[2], b[3]);
      }
    }
  }
}

template <int kDown, int kColumns>
SINTER_DEVICE void clear(float (&x)[kDown][kColumns][4]) {
#pragma unroll
  for (int i = 0; i < kDown; i++)
#pragma unroll
    for (int n = 0; n < kColumns; n++)
#pragma unroll
      for (int m = 0; m < 4; m++) x[i][n][m] = 0;
}

// A warp's results, 16 kDown rows, each half of 8 times its factor, through its own part of shared memory to rows of at most `width`
// elements in packs of 16 bytes. Row `first` and on, of `all`.
template <class T, int kWidth, int kDown>
SINTER_DEVICE void store_rows(const float (&y)[kDown][kWidth / 8][4], const float (&factor)[kDown][2], uint8_t* slab,
                              const RowsOf<T>& to, int32_t first, int32_t all, int32_t width) {
  using Tile = HalfTile<T, kWidth>;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  __syncwarp();
#pragma unroll
  for (int i = 0; i < kDown; i++)
#pragma unroll
    for (int half = 0; half < 2; half++)
#pragma unroll
      for (int n = 0; n < kWidth / 8; n++)
        *reinterpret_cast<uint32_t*>(slab + Tile::place(16 * i + 8 * half + lane / 4, n) + lane % 4 * 4) =
            pack_halves<T>(y[i][n][2 * half] * factor[i][half], y[i][n][2 * half + 1] * factor[i][half]);
  __syncwarp();
  constexpr int kPacks = 16 * kDown * Tile::kPerRow;
#pragma unroll 1
  for (int p = lane; p < kPacks; p += 32) {
    const int row = p / Tile::kPerRow, chunk = p % Tile::kPerRow;
    if (first + row >= all || chunk * 8 >= width) continue;
    const Pack<T, 8> pack = load_pack<8>(reinterpret_cast<const T*>(slab + Tile::place(row, chunk)));
    store_pack_ragged(const_cast<T*>(to.at(first + row)), chunk * 8, width, pack);
  }
}

}  // namespace sinter::cuda
