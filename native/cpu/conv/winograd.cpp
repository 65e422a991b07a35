// Winograd convolution F(m x m, 3 x 3), m = 4 or 2. Place in the whole: see winograd.h; the arithmetic of the transforms is in
// winograd_points.h, their memory side in winograd_tiles.h.
//
// The grid is cut into tiles of m x m; with a = m + 2 and x an index of a * a:
//   V[x] (source channels, tiles) = B^T d B of each tile's a x a source elements
//   U[x] (channels, source channels) = G g G^T of each kernel
//   M[x] = U[x] * V[x], a * a matrix products instead of 9 m * m / (a * a) times as much work
//   y = A^T M A for each tile
// A block of V or of U lives in a task's cache only:
//   many tiles: U is made first; a task makes V of some tiles, then all their results,
//   few tiles, many channels: V is made first; a task makes U of some channels, then their results at all tiles.
// Every element is computed in the same order either way, so results depend on the shapes alone.
#include "cpu/conv/winograd.h"

#include <algorithm>

#include "cpu/cache.h"
#include "cpu/conv/winograd_tiles.h"
#include "cpu/conv/workplaces.h"
#include "cpu/gemm/row_tiles.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// Of L2: V in a task that makes it, and M; a part of U streams past them.
int64_t patch_bytes() { return cache_sizes().l2 * 5 / 8; }
int64_t product_bytes() { return cache_sizes().l2 * 9 / 32; }
constexpr int64_t kFewTiles = 64;  // of a pass, where V was made before

template <int kM, class S>
class Winograd {
 public:
  static constexpr int kA = kM + 2, kMatrices = kA * kA, kPanel = kNR<float>;
  using Reader = TileReader<PatchTransform<kM>>;

  Winograd(const Problem& p, const Kernels3x3& kernels, const Target& target)
      : p_(p), kernels_(kernels), t_(target), tiling_(p), channels_(p.source_channels) {
    ldu_ = round_up(channels_, kLanes<float>);
    int64_t tiles = tiling_.tiles();
    tiles_first_ = tiles < target.channels;
    if (tiles_first_) {
      block_tiles_ = round_up(std::min(tiles, kFewTiles), kPanel);
      rows_ = 4 * kMR;
      while (rows_ > kMR && p.groups * ceil_div(target.channels, rows_) < 4 * pool_threads()) rows_ -= kMR;
    } else {
      int64_t panel = kMatrices * channels_ * kPanel * static_cast<int64_t>(sizeof(float));
      block_tiles_ = std::clamp<int64_t>(patch_bytes() / panel, 1, 4) * kPanel;
      while (block_tiles_ > kPanel && p.groups * ceil_div(tiles, block_tiles_) < 4 * pool_threads())
        block_tiles_ -= kPanel;
      int64_t row = kMatrices * block_tiles_ * static_cast<int64_t>(sizeof(float));
      rows_ = std::max<int64_t>(1, product_bytes() / row / kMR) * kMR;
      rows_ = ceil_div(target.channels, ceil_div(target.channels, rows_));
    }
    rows_ = std::min(rows_, target.channels);
  }

  void run(const Call& c) const { tiles_first_ ? few_tiles(c) : many_tiles(c); }

 private:
  int64_t patches_stride(int64_t tiles) const { return odd_lines(round_up(tiles, kPanel) * channels_); }

  struct Parts {
    float *patches, *kernels, *products, *scratch;
    Segment* segments;
  };
  struct Layout {
    int64_t patches, kernels, products, scratch, segments, bytes;
  };
  Layout layout(int64_t patches, int64_t kernels) const {
    int64_t bytes = 0;
    auto part = [&](int64_t n, int64_t size) {
      int64_t at = bytes;
      bytes = round_up(bytes + n * size, 64);
      return at;
    };
    Layout l;
    l.patches = part(patches, sizeof(float));
    l.kernels = part(kernels, sizeof(float));
    l.products = part(kMatrices * odd_lines(rows_ * block_tiles_), sizeof(float));
    l.scratch = part(std::max(Reader::floats(tiling_.across, block_tiles_), TileWriter<kM>::floats(block_tiles_)),
                     sizeof(float));
    l.segments = part(block_tiles_, sizeof(Segment));
    l.bytes = bytes;
    return l;
  }
  static Parts parts(const Layout& l, char* memory) {
    auto at = [&](int64_t offset) { return reinterpret_cast<float*>(memory + offset); };
    return {at(l.patches), at(l.kernels), at(l.products), at(l.scratch),
            reinterpret_cast<Segment*>(memory + l.segments)};
  }

  void many_tiles(const Call& c) const {
    int64_t o = t_.channels, blocks = ceil_div(tiling_.tiles(), block_tiles_);
    int64_t matrix = odd_lines(p_.groups * o * ldu_);
    float* u = c.scratch_of<float>(kMatrices * matrix);
    parallel_for(p_.groups * o, ceil_div(512, channels_), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) transform_kernels(i / o, i % o, u + i * ldu_, matrix);
    });
    Layout l = layout(kMatrices * patches_stride(block_tiles_), 0);
    Workplaces places(c, l.bytes, p_.groups * blocks);
    parallel_for(p_.groups * blocks, 1, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      Parts m = parts(l, places.memory(place));
      for (int64_t i = begin; i < end; i++) {
        int64_t g = i / blocks, t0 = i % blocks * block_tiles_;
        int64_t tiles = std::min(block_tiles_, tiling_.tiles() - t0), stride = patches_stride(block_tiles_);
        int64_t nsegments = tiling_.segments(t0, tiles, m.segments);
        for (int64_t ch = 0; ch < channels_; ch++)
          transform_patches(g, ch, m.segments, nsegments, tiles, m.patches + ch * kPanel, stride, m.scratch);
        for (int64_t row = 0; row < o; row += rows_) {
          int64_t rows = std::min(rows_, o - row);
          multiply(u + (g * o + row) * ldu_, matrix, rows, m.patches, stride, tiles, m.products);
          deliver(g, row, rows, m.segments, nsegments, tiles, m.products, m.scratch);
        }
      }
      places.release(place);
    });
  }

  void few_tiles(const Call& c) const {
    int64_t tiles = tiling_.tiles(), stride = patches_stride(tiles), group = kMatrices * stride;
    float* v = c.scratch_of<float>(p_.groups * group);
    Layout l = layout(0, kMatrices * odd_lines(rows_ * ldu_));
    int64_t blocks = ceil_div(t_.channels, rows_), passes = ceil_div(tiles, block_tiles_);
    int64_t transforms = p_.groups * channels_ * passes, grain = 4;
    Workplaces places(c, l.bytes, std::max(ceil_div(transforms, grain), p_.groups * blocks));
    parallel_for(transforms, grain, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      Parts m = parts(l, places.memory(place));
      for (int64_t i = begin; i < end; i++) {
        int64_t ch = i % channels_, pass = i / channels_ % passes, g = i / channels_ / passes;
        int64_t t0 = pass * block_tiles_, count = std::min(block_tiles_, tiles - t0);
        int64_t nsegments = tiling_.segments(t0, count, m.segments);
        transform_patches(g, ch, m.segments, nsegments, count, v + g * group + t0 * channels_ + ch * kPanel, stride,
                          m.scratch);
      }
      places.release(place);
    });
    parallel_for(p_.groups * blocks, 1, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      Parts m = parts(l, places.memory(place));
      for (int64_t i = begin; i < end; i++) {
        int64_t g = i / blocks, row = i % blocks * rows_, rows = std::min(rows_, t_.channels - row);
        int64_t matrix = odd_lines(rows_ * ldu_);
        for (int64_t r = 0; r < rows; r++) transform_kernels(g, row + r, m.kernels + r * ldu_, matrix);
        for (int64_t t0 = 0; t0 < tiles; t0 += block_tiles_) {
          int64_t count = std::min(block_tiles_, tiles - t0), nsegments = tiling_.segments(t0, count, m.segments);
          multiply(m.kernels, matrix, rows, v + g * group + t0 * channels_, stride, count, m.products);
          deliver(g, row, rows, m.segments, nsegments, count, m.products, m.scratch);
        }
      }
      places.release(place);
    });
  }

  // One row of U: u[x * matrix + ch] for all source channels.
  void transform_kernels(int64_t g, int64_t row, float* u, int64_t matrix) const {
    constexpr int kL = kLanes<float>;
    const S* from = static_cast<const S*>(kernels_.data) + g * kernels_.group + row * kernels_.row;
    for (int64_t ch = 0; ch < channels_; ch += kL, u += kL) {
      Vf taps[9];
      load_taps(from + ch * kernels_.channel, static_cast<int>(std::min<int64_t>(kL, channels_ - ch)), taps);
      Vf down[3][kA];
      for (int j = 0; j < 3; j++) {
        Vf column[3];
        for (int i = 0; i < 3; i++) column[i] = taps[kernels_.flipped ? 8 - 3 * i - j : 3 * i + j];
        WinogradPoints<kM>::kernel(column, down[j]);
      }
      for (int i = 0; i < kA; i++) {
        Vf row_in[3] = {down[0][i], down[1][i], down[2][i]}, row_out[kA];
        WinogradPoints<kM>::kernel(row_in, row_out);
        for (int j = 0; j < kA; j++) store(u + (i * kA + j) * matrix, row_out[j]);
      }
    }
  }

  // Each tap of n source channels' kernels.
  SINTER_INLINE void load_taps(const S* from, int n, Vf (&taps)[9]) const {
    constexpr int kL = kLanes<float>, kWhole = 9 / kL * kL;
    if (n == kL) {
#pragma GCC unroll 4
      for (int t = 0; t < kWhole; t += kL) {
        Vf square[kL];
        for (int j = 0; j < kL; j++) square[j] = load_f32(from + j * kernels_.channel + t);
        transpose(square);
        for (int j = 0; j < kL; j++) taps[t + j] = square[j];
      }
    }
    float lanes[9][kL] = {};
    const int first = n == kL ? kWhole : 0;
    for (int j = 0; j < n; j++)
      for (int t = first; t < 9; t++) lanes[t][j] = widen(from[j * kernels_.channel + t]);
    for (int t = first; t < 9; t++) taps[t] = load(lanes[t]);
  }

  void transform_patches(int64_t g, int64_t ch, const Segment* segments, int64_t nsegments, int64_t tiles, float* v,
                         int64_t stride, float* scratch) const {
    Reader reader(tiling_.across, block_tiles_, scratch);
    for (int64_t i = 0; i < nsegments; i++) {
      const Segment& at = segments[i];
      int64_t plane = p_.plane(at.image, g, ch);
      const S* source = static_cast<const S*>(p_.source) + plane * p_.source_h * p_.source_w;
      reader.take(plane < 0 ? nullptr : source, p_.source_h, p_.source_w, at.y + tiling_.dy, at.x + tiling_.dx,
                  tiling_.apart, at);
    }
    reader.finish(tiles, v, stride, channels_ * kPanel);
  }

  // products[x] (rows, block_tiles) = u[x] * patches[x]
  void multiply(const float* u, int64_t matrix, int64_t rows, const float* patches, int64_t stride, int64_t tiles,
                float* products) const {
    const RowTiles row_tiles(rows);
    int64_t products_stride = odd_lines(rows_ * block_tiles_);
    MicroTile<float> tile;
    tile.k = channels_, tile.rsa = ldu_, tile.csa = 1, tile.ldb = kPanel, tile.ldc = block_tiles_;
    tile.accumulate = false;
    for (int x = 0; x < kMatrices; x++)
      for (int64_t i = 0; i < row_tiles.count; i++) {
        RowTile r = row_tiles[i];
        tile.rows = r.rows, tile.a = u + x * matrix + r.first * ldu_;
        for (int64_t t = 0; t < tiles; t += kPanel) {
          tile.b = patches + x * stride + t * channels_;
          tile.c = products + x * products_stride + r.first * block_tiles_ + t;
          tile.cols = static_cast<int>(std::min<int64_t>(kPanel, tiles - t));
          micro_kernel(tile);
        }
      }
  }

  void deliver(int64_t g, int64_t row, int64_t rows, const Segment* segments, int64_t nsegments, int64_t tiles,
               const float* products, float* scratch) const {
    TileWriter<kM> writer(block_tiles_, scratch);
    int64_t stride = odd_lines(rows_ * block_tiles_);
    for (int64_t i = 0; i < rows; i++) {
      float bias = t_.bias ? widen(static_cast<const S*>(t_.bias)[g * t_.channels + row + i]) : 0.f;
      writer.take(products + i * block_tiles_, stride, tiles, bias);
      for (int64_t n = 0; n < nsegments; n++) {
        S* plane = static_cast<S*>(t_.data) + t_.base(p_, segments[n].image, g) + (row + i) * t_.plane;
        writer.give(tiling_, segments[n], plane, t_);
      }
    }
  }

  Problem p_;
  Kernels3x3 kernels_;
  Target t_;
  Tiling<kM> tiling_;
  int64_t channels_, ldu_, block_tiles_, rows_;
  bool tiles_first_;
};

}  // namespace

void winograd(const Call& c, DType dtype, int tile, const Problem& p, const Kernels3x3& kernels, const Target& target) {
  const auto run = [&](auto zero) {
    using S = decltype(zero);
    if (tile == 4)
      Winograd<4, S>(p, kernels, target).run(c);
    else
      Winograd<2, S>(p, kernels, target).run(c);
  };
  if (dtype == DType::bf16) return run(bf16{});
  if (dtype == DType::f16) return run(f16{});
  run(float{});
}

}  // namespace sinter::cpu::SINTER_ISA
