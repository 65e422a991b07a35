// Tiles that are gathered from an image. Place in the whole: what a convolution's kernels load where a product's load rows (gemm/tile.cuh);
// in shared memory both are the same.
#pragma once
#include "cuda/kernels/conv/implicit.h"
#include "cuda/kernels/gemm/tile.cuh"
#include "cuda/kernels/indexing.cuh"

namespace sinter::cuda {

// Place of a pixel along the dimensions, and its image.
struct PixelAt {
  int32_t at[3], image;
};
SINTER_DEVICE PixelAt pixel_at(const ConvGrid (&axis)[3], uint32_t pixel) {
  PixelAt p;
#pragma unroll
  for (int d = 2; d >= 0; d--) {
    const uint32_t above = divide(pixel, axis[d].grid);
    p.at[d] = static_cast<int32_t>(pixel - above * axis[d].grid.value);
    pixel = above;
  }
  p.image = static_cast<int32_t>(pixel);
  return p;
}

// The residue class of a block along the three dimensions.
struct ClassAt {
  int32_t r[3];
};

// Rows of a "deep" tile that are pixels, seen through one tap after the other: each thread has a chunk of k, and every kRowStep-th row.
// A bit a tap and dimension says where the row's pixel meets the source.
template <class S, class Tile>
struct PixelRows {
  static constexpr int kCount = Tile::kCopies;
  int32_t from[kCount];  // pixel of the source at the first tap, were it inside
  uint32_t inside[kCount];

  // The rows go through one loop, whose code is long: each comes in at the end, and the others move up.
  SINTER_DEVICE void find(const ConvTiles& c, const ClassAt& which, int32_t first) {
    int32_t pixel = first + static_cast<int32_t>(threadIdx.x) / Tile::kPerRow;
#pragma unroll 1
    for (int i = 0; i < kCount; i++, pixel += Tile::kRowStep) {
      int32_t at = 0, step = 1, bit = 0;
      uint32_t bits = 0, rest = static_cast<uint32_t>(pixel);
      bool real = pixel < c.pixels;
#pragma unroll
      for (int d = 2; d >= 0; d--) {
        const ConvGrid& axis = c.axis[d];
        const ConvClass of = axis.of[which.r[d]];
        const uint32_t above = divide(rest, axis.grid);
        const int32_t place = static_cast<int32_t>(rest - above * axis.grid.value);
        rest = above;
        real = real && place * axis.classes + which.r[d] < axis.size;
        const int32_t start = place * axis.step + of.base;
        at += start * step;
        step *= axis.source;
#pragma unroll 1
        for (int32_t t = 0; t < of.taps; t++, bit++) {
          const uint32_t position = static_cast<uint32_t>(start + t * axis.tap_step);
          if (position < static_cast<uint32_t>(axis.source)) bits |= 1u << bit;
        }
      }
#pragma unroll
      for (int e = 1; e < kCount; e++) from[e - 1] = from[e], inside[e - 1] = inside[e];
      from[kCount - 1] = at + static_cast<int32_t>(rest) * step;
      inside[kCount - 1] = real ? bits : 0;
    }
  }
};

// Where along k a thread's chunk is: a channel of a tap.
struct TapAt {
  int32_t channel, t[3];

  SINTER_DEVICE void start(const ConvTiles& c, const int32_t (&taps)[3], int32_t k) {
    channel = k;
    t[0] = t[1] = t[2] = 0;
    carry(c, taps);
  }
  SINTER_DEVICE void advance(const ConvTiles& c, const int32_t (&taps)[3], int32_t by) {
    channel += by;
    carry(c, taps);
  }

 private:
  SINTER_DEVICE void carry(const ConvTiles& c, const int32_t (&taps)[3]) {
#pragma unroll 1
    while (channel >= c.depth) {
      channel -= c.depth;
      if (++t[2] < taps[2]) continue;
      t[2] = 0;
      if (++t[1] < taps[1]) continue;
      t[1] = 0;
      t[0]++;
    }
  }
};

}  // namespace sinter::cuda
