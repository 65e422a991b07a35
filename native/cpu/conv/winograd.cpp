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
//   few tiles, many channels: V is made first; a task makes U of some channels, then their results at all tiles;
//   no more tiles than a panel has: U is made in parts that stay in L1, as every element of it is used in one multiplication. Not where
//   a tile has six rows: V, which is then read from L2 for every six, costs more than U did (AVX2: 4 to 8 %).
// What is made first is read by all threads; few of them make it each for itself (workplaces.h).
// Which way it is, and so every element's order of additions, depends on the shapes alone.
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
constexpr int64_t kDepth = 4 * kLanes<float>;  // source channels of U that a task makes of few tiles: with M in L1
constexpr int64_t kFewTiles = 64;              // of a pass, where V was made before

#if defined(__AVX512F__)
// Of the elements that lie as in nine vectors one after the other, lane j takes 9 j + kTap, from two vectors at a time.
template <int kTap, int kPair, size_t... kLane>
SINTER_INLINE Vf pick_tap(const Vf (&nine)[9], std::index_sequence<kLane...> lanes) {
  constexpr int kL = sizeof...(kLane);
  constexpr auto here = [](int lane) { return (9 * lane + kTap) / (2 * kL) == kPair; };
  const Vf found = __builtin_shufflevector(nine[2 * kPair], nine[kPair < 4 ? 2 * kPair + 1 : 8],
                                           (here(kLane) ? (9 * kLane + kTap) % (2 * kL) : kLane)...);
  if constexpr (kPair == 0) {
    return found;
  } else {
    const Vf before = pick_tap<kTap, kPair - 1>(nine, lanes);
    constexpr unsigned kHere = ((here(kLane) ? 1u << kLane : 0u) | ...);
    return _mm512_mask_mov_ps(before, static_cast<__mmask16>(kHere), found);
  }
}
template <size_t... kTap>
SINTER_INLINE void pick_taps(const Vf (&nine)[9], Vf (&taps)[9], std::index_sequence<kTap...>) {
  ((taps[kTap] = pick_tap<kTap, 4>(nine, std::make_index_sequence<kLanes<float>>())), ...);
}
#endif

// Each tap of n source channels' kernels, `channel` elements apart.
template <class S>
SINTER_INLINE void load_taps(const S* from, int64_t channel, int n, Vf (&taps)[9]) {
  constexpr int kL = kLanes<float>, kWhole = 9 / kL * kL;
#if defined(__AVX512F__)
  if (n == kL && channel == 9) {
    Vf nine[9];
    for (int i = 0; i < 9; i++) nine[i] = load_f32(from + i * kL);
    return pick_taps(nine, taps, std::make_index_sequence<9>());
  }
#endif
  if constexpr (kL > 9 && std::is_same_v<S, float>) {  // a vector holds a kernel
    Vf square[kL];
#pragma GCC unroll 16
    for (int j = 0; j < kL; j++) square[j] = j < n ? load_n(from + j * channel, 9) : Vf{};
    transpose(square);
    for (int t = 0; t < 9; t++) taps[t] = square[t];
    return;
  }
  if (n == kL) {
#pragma GCC unroll 4
    for (int t = 0; t < kWhole; t += kL) {
      Vf square[kL];
      for (int j = 0; j < kL; j++) square[j] = load_f32(from + j * channel + t);
      transpose(square);
      for (int j = 0; j < kL; j++) taps[t + j] = square[j];
    }
  }
  float lanes[9][kL] = {};
  const int first = n == kL ? kWhole : 0;
  for (int j = 0; j < n; j++)
    for (int t = first; t < 9; t++) lanes[t][j] = to_compute(from[j * channel + t]);
  for (int t = first; t < 9; t++) taps[t] = load(lanes[t]);
}

template <int kM, class S>
class Winograd {
 public:
  static constexpr int kA = kM + 2, kMatrices = kA * kA;
  using Reader = TileReader<PatchTransform<kM>>;

  Winograd(const Problem& p, const Kernels3x3& kernels, const Target& target)
      : p_(p), kernels_(kernels), t_(target), tiling_(p), channels_(p.source_channels) {
    ldu_ = round_up(channels_, kLanes<float>);
    int64_t tiles = tiling_.tiles();
    tiles_first_ = tiles < target.channels;
    if (tiles_first_) {
      one_panel_ = kMR > 6 && tiles <= kNR<float>;
      if (one_panel_ && tiles <= kLanes<float>) panel_ = kLanes<float>;
      block_tiles_ = round_up(std::min(tiles, kFewTiles), panel_);
      rows_ = 4 * kMR;
      while (rows_ > kMR && p.groups * ceil_div(target.channels, rows_) < 4 * pool_threads()) rows_ -= kMR;
      if (one_panel_) rows_ = kMR;
    } else {
      int64_t panel = kMatrices * channels_ * panel_ * static_cast<int64_t>(sizeof(float));
      block_tiles_ = std::clamp<int64_t>(patch_bytes() / panel, 1, 4) * panel_;
      while (block_tiles_ > panel_ && p.groups * ceil_div(tiles, block_tiles_) < 4 * pool_threads())
        block_tiles_ -= panel_;
      int64_t row = kMatrices * block_tiles_ * static_cast<int64_t>(sizeof(float));
      rows_ = std::max<int64_t>(1, product_bytes() / row / kMR) * kMR;
      rows_ = ceil_div(target.channels, ceil_div(target.channels, rows_));
    }
    rows_ = std::min(rows_, target.channels);
  }

  void run(const Call& c) const { tiles_first_ ? few_tiles(c) : many_tiles(c); }

 private:
  int64_t patches_stride(int64_t tiles) const { return odd_lines(round_up(tiles, panel_) * channels_); }

  struct Parts {
    float *patches, *kernels, *products, *scratch;
    Segment* segments;
  };
  struct Layout {
    int64_t patches, kernels, products, scratch, segments, bytes;
  };
  Layout layout(int64_t patches, int64_t kernels) const {
    PlaceParts part;
    Layout l;
    l.patches = part(patches, sizeof(float));
    l.kernels = part(kernels, sizeof(float));
    l.products = part(kMatrices * odd_lines(rows_ * block_tiles_), sizeof(float));
    l.scratch = part(std::max(Reader::floats(tiling_.across, block_tiles_), TileWriter<kM>::floats(block_tiles_)),
                     sizeof(float));
    l.segments = part(block_tiles_, sizeof(Segment));
    l.bytes = part.bytes;
    return l;
  }
  static Parts parts(const Layout& l, char* memory) {
    auto at = [&](int64_t offset) { return reinterpret_cast<float*>(memory + offset); };
    return {at(l.patches), at(l.kernels), at(l.products), at(l.scratch),
            reinterpret_cast<Segment*>(memory + l.segments)};
  }

  // Whether every thread makes so many elements for itself.
  bool makes_own(int64_t elements) const {
    return p_.groups == 1 && cpu::SINTER_ISA::makes_own(elements * static_cast<int64_t>(sizeof(float)));
  }

  void many_tiles(const Call& c) const {
    int64_t o = t_.channels, blocks = ceil_div(tiling_.tiles(), block_tiles_);
    int64_t matrix = odd_lines(p_.groups * o * ldu_);
    const bool own = makes_own(kMatrices * matrix);
    float* shared = own ? nullptr : c.scratch_of<float>(kMatrices * matrix);
    const auto make = [&](int64_t begin, int64_t end, float* u) {
      for (int64_t i = begin; i < end; i++) transform_kernels(i / o, i % o, u + i * ldu_, matrix);
    };
    if (!own)
      parallel_for(p_.groups * o, ceil_div(512, channels_),
                   [&](int64_t begin, int64_t end) { make(begin, end, shared); });
    Layout l = layout(kMatrices * patches_stride(block_tiles_), own ? kMatrices * matrix : 0);
    Workplaces places(c, l.bytes, p_.groups * blocks);
    parallel_for(p_.groups * blocks, 1, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      Parts m = parts(l, places.memory(place));
      const float* u = own ? m.kernels : shared;
      if (own && places.first_time(place)) make(0, o, m.kernels);
      for (int64_t i = begin; i < end; i++) {
        int64_t g = i / blocks, t0 = i % blocks * block_tiles_;
        int64_t tiles = std::min(block_tiles_, tiling_.tiles() - t0), stride = patches_stride(block_tiles_);
        int64_t nsegments = tiling_.segments(t0, tiles, m.segments);
        for (int64_t ch = 0; ch < channels_; ch++)
          transform_patches(g, ch, m.segments, nsegments, tiles, m.patches + ch * panel_, stride, m.scratch);
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
    const bool own = makes_own(group);
    float* shared = own ? nullptr : c.scratch_of<float>(p_.groups * group);
    Layout l =
        layout(own ? group : 0, one_panel_ ? (kA - kA / 2) * kA * rows_ * kDepth : kMatrices * odd_lines(rows_ * ldu_));
    int64_t blocks = ceil_div(t_.channels, rows_), passes = ceil_div(tiles, block_tiles_);
    int64_t transforms = p_.groups * channels_ * passes, grain = 4;
    Workplaces places(c, l.bytes, std::max(ceil_div(transforms, grain), p_.groups * blocks));
    const auto make = [&](int64_t begin, int64_t end, const Parts& m, float* v) {
      for (int64_t i = begin; i < end; i++) {
        int64_t ch = i % channels_, pass = i / channels_ % passes, g = i / channels_ / passes;
        int64_t t0 = pass * block_tiles_, count = std::min(block_tiles_, tiles - t0);
        int64_t nsegments = tiling_.segments(t0, count, m.segments);
        transform_patches(g, ch, m.segments, nsegments, count, v + g * group + t0 * channels_ + ch * panel_, stride,
                          m.scratch);
      }
    };
    if (!own)
      parallel_for(transforms, grain, [&](int64_t begin, int64_t end) {
        int64_t place = places.claim();
        make(begin, end, parts(l, places.memory(place)), shared);
        places.release(place);
      });
    parallel_for(p_.groups * blocks, 1, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      Parts m = parts(l, places.memory(place));
      const float* v = own ? m.patches : shared;
      if (own && places.first_time(place)) make(0, transforms, m, m.patches);
      for (int64_t i = begin; i < end; i++) {
        int64_t g = i / blocks, row = i % blocks * rows_, rows = std::min(rows_, t_.channels - row);
        const float* patches = v + g * group;
        if (one_panel_) {
          int64_t nsegments = tiling_.segments(0, tiles, m.segments);
          const int64_t next = std::min(row + pool_threads() * rows_, t_.channels - 1);
          multiply_parts<0, kA / 2>(g, row, rows, m.kernels, patches, stride, tiles, m.products, row);
          multiply_parts<kA / 2, kA - kA / 2>(g, row, rows, m.kernels, patches, stride, tiles, m.products, next);
          deliver(g, row, rows, m.segments, nsegments, tiles, m.products, m.scratch);
          continue;
        }
        int64_t matrix = odd_lines(rows_ * ldu_);
        for (int64_t r = 0; r < rows; r++) transform_kernels(g, row + r, m.kernels + r * ldu_, matrix);
        for (int64_t t0 = 0; t0 < tiles; t0 += block_tiles_) {
          int64_t count = std::min(block_tiles_, tiles - t0), nsegments = tiling_.segments(t0, count, m.segments);
          multiply(m.kernels, matrix, rows, patches + t0 * channels_, stride, count, m.products);
          deliver(g, row, rows, m.segments, nsegments, count, m.products, m.scratch);
        }
      }
      places.release(place);
    });
  }

  // products[x] = U[x] * patches[x] for the elements x in rows [kFirst, kFirst + kCount) of the a x a. U is made some source channels at a
  // time, and stays in L1 with these products. The kernels behind are asked for meanwhile: those of further channels, in the end the
  // first ones of the rows from `next` on.
  template <int kFirst, int kCount>
  void multiply_parts(int64_t g, int64_t row, int64_t rows, float* u, const float* patches, int64_t stride,
                      int64_t tiles, float* products, int64_t next) const {
    const int64_t products_stride = odd_lines(rows_ * block_tiles_);
    const int64_t matrix = rows_ * kDepth;
    // Of a row's channels, where these lie together.
    constexpr int64_t kLine = 64 / sizeof(S);
    const int64_t lines = kernels_.channel == 9 ? kDepth * 9 / kLine : 0;
    MicroTile<float> tile;
    tile.rows = static_cast<int>(rows), tile.cols = static_cast<int>(tiles);
    tile.rsa = kDepth, tile.csa = 1, tile.ldb = panel_, tile.ldc = block_tiles_;
    for (int64_t ch = 0; ch < channels_; ch += kDepth) {
      const int64_t depth = std::min(kDepth, channels_ - ch);
      for (int64_t r = 0; r < rows; r++)
        transform_kernels<kFirst, kCount>(g, row + r, ch, depth, u + r * kDepth, matrix);
      const bool last = ch + kDepth >= channels_;
      const S* wanted = kernels_at(g, last ? next : row, last ? 0 : ch + kDepth);
      const int64_t wanted_rows = std::min(rows, t_.channels - (last ? next : row));
      tile.k = depth, tile.accumulate = ch > 0;
      for (int64_t x = 0; x < kCount * kA; x++) {
        for (int64_t r = x; r < wanted_rows; r += kCount * kA)
          for (int64_t line = 0; line < lines; line++)
            __builtin_prefetch(wanted + r * kernels_.row + line * kLine, 0, 2);
        tile.a = u + x * matrix;
        tile.b = patches + (kFirst * kA + x) * stride + ch * panel_;
        tile.c = products + (kFirst * kA + x) * products_stride;
        micro_kernel(tile);
      }
    }
  }

  // A row's kernels from source channel ch on.
  const S* kernels_at(int64_t g, int64_t row, int64_t ch) const {
    return static_cast<const S*>(kernels_.data) + g * kernels_.group + row * kernels_.row + ch * kernels_.channel;
  }

  // One row of U for source channels ch + i, i < depth: of rows [kFirst, kFirst + kCount) of the a x a elements, u[x * matrix + i].
  template <int kFirst, int kCount>
  void transform_kernels(int64_t g, int64_t row, int64_t ch, int64_t depth, float* u, int64_t matrix) const {
    constexpr int kL = kLanes<float>;
    const S* from = kernels_at(g, row, ch);
    for (int64_t i = 0; i < depth; i += kL, u += kL, from += kL * kernels_.channel) {
      Vf taps[9];
      load_taps(from, kernels_.channel, static_cast<int>(std::min<int64_t>(kL, depth - i)), taps);
      Vf down[3][kA];
      for (int j = 0; j < 3; j++) {
        Vf column[3];
        for (int k = 0; k < 3; k++) column[k] = taps[kernels_.flipped ? 8 - 3 * k - j : 3 * k + j];
        WinogradPoints<kM>::kernel(column, down[j]);
      }
      for (int k = kFirst; k < kFirst + kCount; k++) {
        Vf row_in[3] = {down[0][k], down[1][k], down[2][k]}, row_out[kA];
        WinogradPoints<kM>::kernel(row_in, row_out);
        for (int j = 0; j < kA; j++) store(u + ((k - kFirst) * kA + j) * matrix, row_out[j]);
      }
    }
  }
  void transform_kernels(int64_t g, int64_t row, float* u, int64_t matrix) const {
    transform_kernels<0, kA>(g, row, 0, channels_, u, matrix);
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
    reader.finish(tiles, v, stride, channels_ * panel_);
  }

  // products[x] (rows, block_tiles) = u[x] * patches[x]
  void multiply(const float* u, int64_t matrix, int64_t rows, const float* patches, int64_t stride, int64_t tiles,
                float* products) const {
    const RowTiles row_tiles(rows);
    int64_t products_stride = odd_lines(rows_ * block_tiles_);
    MicroTile<float> tile;
    tile.k = channels_, tile.rsa = ldu_, tile.csa = 1, tile.ldb = panel_, tile.ldc = block_tiles_;
    tile.accumulate = false;
    for (int x = 0; x < kMatrices; x++)
      for (int64_t i = 0; i < row_tiles.count; i++) {
        RowTile r = row_tiles[i];
        tile.rows = r.rows, tile.a = u + x * matrix + r.first * ldu_;
        for (int64_t t = 0; t < tiles; t += panel_) {
          tile.b = patches + x * stride + t * channels_;
          tile.c = products + x * products_stride + r.first * block_tiles_ + t;
          tile.cols = static_cast<int>(std::min<int64_t>(panel_, tiles - t));
          micro_kernel(tile);
        }
      }
  }

  void deliver(int64_t g, int64_t row, int64_t rows, const Segment* segments, int64_t nsegments, int64_t tiles,
               const float* products, float* scratch) const {
    TileWriter<kM> writer(block_tiles_, scratch);
    int64_t stride = odd_lines(rows_ * block_tiles_);
    for (int64_t i = 0; i < rows; i++) {
      float bias = t_.bias ? to_compute(static_cast<const S*>(t_.bias)[g * t_.channels + row + i]) : 0.f;
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
  int64_t panel_ = kNR<float>;  // tiles side by side in V
  bool tiles_first_, one_panel_ = false;
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
