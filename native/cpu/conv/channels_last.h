// How a convolution of channels-last images is cut. Place in the whole: channels_last.cpp and channels_last_bf16.cpp compute it; the first
// says what it is.
#pragma once
#include <algorithm>

#include "cpu/conv/problem.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

struct ChannelsLastProblem {
  ConvAttributes a;
  TensorRef x, w, y;
  int64_t images, h, width, channels, outputs, out_h, out_w, kernel_h, kernel_w;
  int64_t reach_h, reach_w, staged_w;
  bool in_place;                 // the image is read where it lies
  int64_t rows, columns, split;  // of a task: columns of one long row, outputs

  // readable: the image is what a tile reads, but for its padding.
  SINTER_INLINE ChannelsLastProblem(const Call& c, bool readable)
      : a(c), x(c.in[0]), w(c.in[1]), y(c.out[0]), images(x.dim(0)), h(x.dim(1)), width(x.dim(2)), channels(x.dim(3)),
        outputs(y.dim(3)), out_h(y.dim(1)), out_w(y.dim(2)), kernel_h(w.dim(2)), kernel_w(w.dim(3)) {
    reach_w = a.x.dilation * (kernel_w - 1) + 1, reach_h = a.y.dilation * (kernel_h - 1) + 1;
    in_place = readable && a.unpadded() && (out_h - 1) * a.y.stride + reach_h <= h &&
               (out_w - 1) * a.x.stride + reach_w <= width;
    if (in_place && kernel_h == 1 && kernel_w == 1 && a.plain())  // rows follow one another
      out_w *= out_h * images, width = out_w, out_h = h = 1, images = 1;
    staged_w = in_place ? width : (out_w - 1) * a.x.stride + reach_w;
  }

  // Tasks of some `flops`, of at least so many rows and columns of the register tile; pixel_bytes: of a staged pixel.
  SINTER_INLINE void cut(double flops, int64_t tile_rows, int64_t tile_columns, int64_t pixel_bytes) {
    constexpr int64_t kStagedBytes = 192 << 10;  // of a task's rows
    const double element = 2.0 * static_cast<double>(kernel_h * kernel_w * channels) * outputs;
    columns = out_w, rows = 1, split = outputs;
    if (in_place && out_h == 1)
      columns = std::clamp<int64_t>(static_cast<int64_t>(flops / element), 4 * tile_rows,
                                    std::max<int64_t>(out_w, 4 * tile_rows));
    columns = std::min(columns, out_w);
    while (rows < out_h && rows * columns * element < flops &&
           staged_rows(rows + 1) * staged_w * pixel_bytes < kStagedBytes)
      rows++;
    const int64_t tasks = blocks(), wanted = 3 * pool_threads();
    if (tasks < wanted)
      split = std::max<int64_t>(4 * tile_columns, round_up(ceil_div(outputs * tasks, wanted), tile_columns));
    split = std::min(split, outputs);
  }

  SINTER_INLINE int64_t staged_rows(int64_t n) const { return (n - 1) * a.y.stride + reach_h; }
  SINTER_INLINE int64_t blocks() const { return ceil_div(out_h, rows) * ceil_div(out_w, columns) * images; }
  SINTER_INLINE int64_t splits() const { return ceil_div(outputs, split); }

  // Positions [y, y + ny) by [x, x + nx) of an image.
  struct Block {
    int64_t image, y, ny, x, nx;
  };
  SINTER_INLINE Block block(int64_t index) const {
    const int64_t across = ceil_div(out_w, columns), down = ceil_div(out_h, rows);
    const int64_t x0 = index % across * columns, y0 = index / across % down * rows;
    return {index / across / down, y0, std::min(rows, out_h - y0), x0, std::min(columns, out_w - x0)};
  }
  // The pixel of the image, where it is read in place, and of y, that a block begins with.
  SINTER_INLINE int64_t first_pixel(const Block& b) const {
    return (b.image * h + b.y * a.y.stride) * width + b.x * a.x.stride;
  }
  SINTER_INLINE int64_t first_result(const Block& b) const { return (b.image * out_h + b.y) * out_w + b.x; }

  // row(r, lo, hi, first) for each staged row r of staged_w pixels: of these [lo, hi) are the image's, from its pixel `first` on, and
  // the others zeros.
  template <class Row>
  SINTER_INLINE void each_staged_row(const Block& b, Row row) const {
    const int64_t lo = std::min(a.x.padding, staged_w), hi = std::clamp(width + a.x.padding, lo, staged_w);
    for (int64_t r = 0, n = staged_rows(b.ny); r < n; r++) {
      const int64_t from = b.y * a.y.stride + r - a.y.padding;
      const bool inside = from >= 0 && from < h;
      row(r, lo, inside ? hi : lo, (b.image * h + from) * width);
    }
  }
};

}  // namespace sinter::cpu::SINTER_ISA
