// The pixels of a grid in blocks. Place in the whole: implicit_gemm.cpp and implicit_gemm_bf16.cpp multiply a block in a task, some
// panels of patches at a time; this says which pixels a block has, which source rows they meet, and where both ends of them lie.
#pragma once
#include <algorithm>

#include "cpu/conv/patches.h"
#include "cpu/conv/window.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kImageBlockPixels = 512;  // from here on a block stays in one image and its results go straight there

// How the pixels of all images, in order, are cut: a block stays within a line.
struct Blocking {
  int64_t line, block, blocks_per_line, blocks;
  int64_t columns;  // grid columns that a block's window covers
  bool straight;    // a block's rows of results are contiguous in the target

  Blocking(const Problem& p, const Target& t, int64_t block_pixels, int64_t panel, bool same_type, bool balance) {
    int64_t pixels = p.pixels();
    bool by_row = p.grid_w > 2 * block_pixels;
    bool plain = same_type && t.column == 1 && (t.row == p.grid_w || by_row || p.grid_h == 1);
    bool by_image = plain && (pixels >= kImageBlockPixels || p.depth() < 128);
    line = by_row ? p.grid_w : by_image ? pixels : pixels * p.images;
    straight = plain && (by_row || by_image);
    int64_t wanted = std::max<int64_t>(1, (line + block_pixels / 2) / block_pixels);
    block = round_up(ceil_div(line, wanted), panel);
    if (balance) block = panel * balanced(pixels * p.images / line * p.groups, ceil_div(line, panel), block / panel);
    blocks_per_line = ceil_div(line, block);
    blocks = pixels * p.images / line * blocks_per_line;
    columns = line == p.grid_w ? std::min(block, p.grid_w) : p.grid_w;
  }

 private:
  // Panels of a block, at most `most` and at least half of them: so many that, where blocks are few, every thread makes as many panels.
  static int64_t balanced(int64_t lines, int64_t panels, int64_t most) {
    const int64_t threads = pool_threads();
    int64_t best = most, least = INT64_MAX;
    for (int64_t n = most; n >= ceil_div(most, 2); n--) {
      const int64_t blocks = lines * ceil_div(panels, n);
      if (blocks > 16 * threads) break;
      if (ceil_div(blocks, threads) * n < least) best = n, least = ceil_div(blocks, threads) * n;
    }
    return best;
  }
};

// Pixels begin .. begin + count.
struct PixelBlock {
  int64_t begin, count;
};

struct PixelBlocks {
  Problem p;
  Target t;
  int64_t panel;  // pixels of a panel
  Blocking blocking;
  Window window;

  // S: of the source; same_type: results are stored as they are summed; balance: threads take blocks, not parts of them.
  template <class S>
  static SINTER_INLINE PixelBlocks of(const Problem& p, const Target& t, int64_t block_pixels, int64_t panel,
                                      bool same_type, bool balance = true) {
    const Blocking blocking(p, t, block_pixels, panel, same_type, balance);
    return {p, t, panel, blocking, make_window<S>(p, blocking.columns)};
  }

  SINTER_INLINE PixelBlock operator[](int64_t index) const {
    const int64_t line = index / blocking.blocks_per_line * blocking.line;
    const int64_t begin = line + index % blocking.blocks_per_line * blocking.block;
    return {begin, std::min(begin + blocking.block, line + blocking.line) - begin};
  }

  // At most so many rows of the grid, images, staged rows a channel, and runs has a block.
  int64_t most_grid_rows() const { return (blocking.block - 1) / p.grid_w + 2; }
  int64_t most_images() const { return (blocking.block - 1) / p.pixels() + 2; }
  int64_t most_staged_rows() const {
    return std::min(most_grid_rows(), most_images() * p.grid_h) * window.row_step + most_images() * window.span_y;
  }
  int64_t most_runs() const {
    return std::min(blocking.block, most_grid_rows() + most_images() + blocking.block / panel);
  }

  // Lists the block's runs, panel by panel; returns how many rows a staged channel takes.
  int64_t find_runs(const PixelBlock& b, int64_t g, Run* runs, int32_t* first_runs) const {
    int64_t pixels = p.pixels(), image0 = b.begin / pixels, y0 = b.begin % pixels / p.grid_w, x0 = first_column(b);
    int64_t row0 = 0, image = image0, y = y0, x = b.begin % p.grid_w, n = 0, rows = 0;
    for (int64_t at = 0; at < b.count;) {
      if (at % panel == 0) first_runs[at / panel] = static_cast<int32_t>(n);
      int64_t length = std::min({p.grid_w - x, b.count - at, panel - at % panel});
      Run& r = runs[n++];
      int64_t base_y = image == image0 ? y0 : 0;
      if (window.in_place)
        r.source = ((image * p.groups + g) * p.source_channels * p.source_h + y * p.step_y) * p.source_w + x;
      else
        r.source = (row0 + (y - base_y) * window.row_step) * window.row_len + x - x0;
      rows = row0 + window.rows(y - base_y + 1);
      r.target = t.base(p, image, g) + y * t.row + x * t.column;
      r.at = static_cast<int32_t>(at), r.count = static_cast<int32_t>(length);
      at += length, x += length;
      if (x == p.grid_w) x = 0, y++;
      if (y == p.grid_h) y = 0, image++, row0 = rows;
    }
    first_runs[ceil_div(b.count, panel)] = static_cast<int32_t>(n);
    return rows;
  }

  // stage(image, y, ny, x, at) for each image's part of the block: grid rows [y, y + ny) from column x on, whose stored rows begin
  // `at` elements into a staged channel.
  template <class F>
  SINTER_INLINE void each_image(const PixelBlock& b, F stage) const {
    const int64_t pixels = p.pixels(), last = b.begin + b.count - 1;
    int64_t at = 0;
    for (int64_t image = b.begin / pixels; image <= last / pixels; image++) {
      const int64_t y0 = image == b.begin / pixels ? b.begin % pixels / p.grid_w : 0;
      const int64_t y1 = image == last / pixels ? last % pixels / p.grid_w + 1 : p.grid_h;
      stage(image, y0, y1 - y0, first_column(b), at);
      at += window.rows(y1 - y0) * window.row_len;
    }
  }

 private:
  int64_t first_column(const PixelBlock& b) const { return blocking.line == p.grid_w ? b.begin % p.grid_w : 0; }
};

}  // namespace sinter::cpu::SINTER_ISA
