// Convolution as a matrix product that never stores its matrix. Place in the whole: the way of conv and
// convInputGrad for all but thin groups; the register tiles are the GEMM family's.
//
// For one group, target (channels, pixels) = weights (channels, depth) * patches (depth, pixels). The pixels of the
// grid are cut into blocks; a task takes one block, stages the source rows it meets, packs slices of at most kKC of the
// depth into panels (k, kNR) and multiplies. Every dot product is summed in the same order however the blocks are cut,
// so results do not depend on the number of threads.
//
// Where many blocks share the weights these are packed once a call, into tiles (depth, kMR); then few panels are packed at a time,
// so that they are multiplied out of L1, past which the weights stream. Else all of a block's panels are packed, and gemm_block
// reads the weights where they lie.
#include <algorithm>

#include "cpu/conv/blocks.h"
#include "cpu/conv/finish.h"
#include "cpu/conv/workplaces.h"
#include "cpu/gemm/row_tiles.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kPanelBytes = 384 << 10;  // of packed patches in a task: they and a panel of weights stay in L2
constexpr int64_t kGroupBytes = 18 << 10;   // of packed patches that are multiplied at once where weights are packed
constexpr int64_t kMostGroup = 16;          // panels of these
constexpr int64_t kBlocksToPack = 8;        // so many share the weights before packing them pays
constexpr int64_t kTaskRows = 512;          // bounds the accumulators of a buffered task
constexpr double kTaskFlops = 1e6;          // some 10 us

// What a task keeps in its workplace; the offsets of its parts in bytes.
struct Layout {
  int64_t panels, staged, sums, depths, runs, first_runs, bytes;
};

template <class S>
class ImplicitGemm {
 public:
  using T = Compute<S>;

  ImplicitGemm(const Call& c, const Problem& p, const T* weights, const Target& target)
      : p_(p), t_(target), weights_(weights),
        blocks_(PixelBlocks::of<S>(p, target, block_pixels(p), kNR<T>, std::is_same_v<S, T>)) {
    const Blocking& blocking = blocks_.blocking;
    const Window& window = blocks_.window;
    // Slices hold whole channels where the kernel allows it.
    int64_t depth = p.depth();
    if (p.ntaps <= kKC) {
      int64_t slices = ceil_div(p.source_channels, kKC / p.ntaps);
      slice_ = ceil_div(p.source_channels, slices) * p.ntaps;
    } else {
      slice_ = kKC;
    }
    slice_ = std::min(slice_, depth);
    slice_channels_ = std::min(p.source_channels, p.ntaps <= kKC ? slice_ / p.ntaps : 2);

    splits_ = ceil_div(target.channels, kTaskRows);
    int64_t tasks = blocking.blocks * p.groups * splits_, wanted = 3 * pool_threads();
    if (tasks < wanted)
      splits_ = std::max(splits_, std::min(ceil_div(wanted, blocking.blocks * p.groups), target.channels / (4 * kMR)));
    split_rows_ = round_up(ceil_div(target.channels, splits_), kMR);
    splits_ = ceil_div(target.channels, split_rows_);

    packs_weights_ = blocking.blocks >= kBlocksToPack;
    group_ = blocking.block / kNR<T>;
    if (packs_weights_)
      group_ = std::clamp<int64_t>(kGroupBytes / (slice_ * kNR<T> * static_cast<int64_t>(sizeof(T))), 1,
                                   std::min(group_, kMostGroup));

    int64_t bytes = 0;
    auto part = [&](int64_t n, int64_t size) {
      int64_t at = bytes;
      bytes = round_up(bytes + n * size, 64);
      return at;
    };
    // A run is copied in whole vectors, so reads and writes may pass the end by one.
    layout_.panels = part(slice_ * group_ * kNR<T> + kLanes<T>, sizeof(T));
    layout_.staged =
        part(window.in_place ? 0 : slice_channels_ * blocks_.most_staged_rows() * window.row_len + kNR<T>, sizeof(T));
    layout_.sums = part(blocking.straight ? 0 : split_rows_ * blocking.block, sizeof(T));
    layout_.depths = part(slice_, sizeof(int64_t));
    layout_.runs = part(blocks_.most_runs(), sizeof(Run));
    layout_.first_runs = part(blocking.block / kNR<T> + 1, sizeof(int32_t));
    layout_.bytes = bytes;

    bias_ = nullptr;
    if (target.bias && std::is_same_v<S, T>) {
      bias_ = static_cast<const T*>(target.bias);
    } else if (target.bias) {
      int64_t n = p.groups * target.channels;
      T* bias = c.scratch_of<T>(n);
      for (int64_t i = 0; i < n; i++) bias[i] = to_compute(static_cast<const S*>(target.bias)[i]);
      bias_ = bias;
    }
  }

  void run(const Call& c) {
    if (packs_weights_) pack_weights(c);
    int64_t tasks = blocks_.blocking.blocks * p_.groups * splits_;
    double flops = 2.0 * split_rows_ * blocks_.blocking.block * p_.depth();
    int64_t grain = std::max<int64_t>(1, static_cast<int64_t>(kTaskFlops / flops));
    Workplaces places(c, layout_.bytes, ceil_div(tasks, grain));
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      for (int64_t i = begin; i < end; i++)
        block(i / splits_ % blocks_.blocking.blocks, i / splits_ / blocks_.blocking.blocks, i % splits_,
              places.memory(place));
      places.release(place);
    });
  }

 private:
  static int64_t block_pixels(const Problem& p) {
    int64_t panel = std::min<int64_t>(p.depth(), kKC) * kNR<T> * sizeof(T);
    return std::clamp<int64_t>(kPanelBytes / panel, 4, 16) * kNR<T>;
  }

  // Computes rows [split * split_rows_, ...) of one block of pixels for group g.
  void block(int64_t index, int64_t g, int64_t split, char* memory) const {
    T* panels = reinterpret_cast<T*>(memory + layout_.panels);
    T* sums = reinterpret_cast<T*>(memory + layout_.sums);
    T* staged = reinterpret_cast<T*>(memory + layout_.staged);
    Run* runs = reinterpret_cast<Run*>(memory + layout_.runs);
    int32_t* first_runs = reinterpret_cast<int32_t*>(memory + layout_.first_runs);
    int64_t* depths = reinterpret_cast<int64_t*>(memory + layout_.depths);

    const PixelBlock pixels = blocks_[index];
    const int64_t count = pixels.count, rows_staged = blocks_.find_runs(pixels, g, runs, first_runs);
    int64_t row0 = split * split_rows_, rows = std::min(split_rows_, t_.channels - row0);
    int64_t row = g * t_.channels + row0;

    const S* source = static_cast<const S*>(p_.source);
    const T* readable = staged;
    const T* readable_end = staged + slice_channels_ * rows_staged * blocks_.window.row_len + kNR<T>;
    int64_t channel_stride = rows_staged * blocks_.window.row_len;
    if (blocks_.window.in_place) {
      channel_stride = p_.source_h * p_.source_w;
      readable = reinterpret_cast<const T*>(source);
      readable_end = readable + p_.images * p_.groups * p_.source_channels * channel_stride;
    }
    T* out = sums;
    int64_t ldc = blocks_.blocking.block;
    if (blocks_.blocking.straight) {
      out = static_cast<T*>(t_.data) + runs[0].target + row0 * t_.plane;
      ldc = t_.plane;
    }
    for (int64_t k0 = 0, depth = p_.depth(); k0 < depth; k0 += slice_) {
      int64_t k = std::min(slice_, depth - k0), c0 = k0 / p_.ntaps, c1 = (k0 + k - 1) / p_.ntaps + 1;
      if (!blocks_.window.in_place) stage(pixels, g, c0, c1, channel_stride, staged);
      int64_t first_channel = blocks_.window.in_place ? 0 : c0, deepest = 0;
      for (int64_t i = 0, ch = c0, tap = k0 % p_.ntaps; i < k; i++) {
        depths[i] = (ch - first_channel) * channel_stride + tap_offset(p_, blocks_.window, p_.taps[tap]);
        deepest = std::max(deepest, depths[i]);
        if (++tap == p_.ntaps) tap = 0, ch++;
      }
      for (int64_t j0 = 0; j0 * kNR<T> < count; j0 += group_) {
        const int64_t columns = std::min(group_ * kNR<T>, count - j0 * kNR<T>);
        const T* places[kMostGroup];
        for (int64_t j = j0; (j - j0) * kNR<T> < columns; j++) {
          const Run* const first = runs + first_runs[j];
          const bool whole = packs_weights_ && first->count == kNR<T>;
          if (packs_weights_) places[j - j0] = whole ? readable + first->source : nullptr;
          if (!whole)
            pack_panel_of(readable, readable_end, depths, k, deepest, first, first_runs[j + 1] - first_runs[j],
                          j * kNR<T>, panels + (j - j0) * kNR<T> * k, !packs_weights_);
        }
        GemmBlock<T> product;
        product.m = rows, product.n = columns, product.k = k;
        product.a = weights_ + row * depth + k0;
        product.rsa = depth, product.csa = 1;
        product.b = panels, product.panel_stride = k * kNR<T>;
        product.c = out + j0 * kNR<T>, product.ldc = ldc;
        product.accumulate = k0 > 0;
        if (k0 == 0 && bias_) product.row_bias = bias_ + row;
        if (packs_weights_)
          multiply(product, packed_tiles(g, split) + k0 * kMR, panels, places, depths);
        else
          gemm_block(product);
      }
    }
    if constexpr (std::is_same_v<S, T>) {
      if (blocks_.blocking.straight && t_.finishes())
        for (int64_t i = 0; i < rows; i++) finish_run<S>(t_, out + i * ldc, out + i * ldc, count);
    }
    if (!blocks_.blocking.straight) deliver(sums, row0, rows, runs, first_runs[ceil_div(count, kNR<T>)]);
  }

  // gemm_block with weights from pack_weights. The first tile packs what is not yet, beside its arithmetic: row i of panel j, where
  // places[j] is not null, lies at places[j] + depths[i]. It asks for the next panels' rows, which lie in as many places: too many for the
  // hardware to see where each goes on.
  void multiply(const GemmBlock<T>& product, const T* tiles, T* panels, const T* const* places,
                const int64_t* depths) const {
    const RowTiles heights(product.m);
    MicroTile<T> tile;
    tile.k = product.k, tile.rsa = 1, tile.csa = kMR;
    tile.pace = product.n * static_cast<int64_t>(sizeof(T));
    tile.ldb = kNR<T>, tile.ldc = product.ldc, tile.accumulate = product.accumulate;
    for (int64_t i = 0; i < heights.count; i++, tiles += p_.depth() * kMR) {
      const RowTile r = heights[i];
      tile.a = tiles, tile.rows = r.rows;
      tile.row_bias = product.row_bias ? product.row_bias + r.first : nullptr;
      tile.c = product.c + r.first * product.ldc;
      for (int64_t j = 0; j * kNR<T> < product.n; j++, tile.c += kNR<T>) {
        tile.cols = static_cast<int>(std::min<int64_t>(product.n - j * kNR<T>, kNR<T>));
        const bool apart = i == 0 && places[j] != nullptr;
        T* const panel = panels + j * product.panel_stride;
        tile.b = apart ? places[j] : panel;
        tile.places = apart ? depths : nullptr, tile.copy = panel;
        micro_kernel(tile);
      }
    }
  }

  // The first of a split's tiles of weights, each (depth, kMR).
  const T* packed_tiles(int64_t g, int64_t split) const {
    return packed_ + (g * splits_ + split) * (split_rows_ / kMR) * p_.depth() * kMR;
  }

  void pack_weights(const Call& c) {
    const int64_t depth = p_.depth(), tiles = split_rows_ / kMR;
    T* const packed = c.scratch_of<T>(p_.groups * splits_ * tiles * depth * kMR);
    packed_ = packed;
    parallel_for(p_.groups * splits_ * tiles, ceil_div(1 << 14, depth * kMR), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t row0 = i / tiles % splits_ * split_rows_;
        const RowTiles heights(std::min(split_rows_, t_.channels - row0));
        if (i % tiles >= heights.count) continue;
        const RowTile r = heights[i % tiles];
        const T* from = weights_ + (i / tiles / splits_ * t_.channels + row0 + r.first) * depth;
        T* to = packed + i * depth * kMR;
        for (int64_t k = 0; k < depth; k++, from++, to += kMR)
          for (int j = 0; j < r.rows; j++) to[j] = from[j * depth];
      }
    });
  }

  void stage(const PixelBlock& b, int64_t g, int64_t c0, int64_t c1, int64_t stride, T* staged) const {
    blocks_.each_image(b, [&](int64_t image, int64_t y, int64_t ny, int64_t x, int64_t at) {
      for (int64_t ch = c0; ch < c1; ch++)
        stage_channel<S>(p_, blocks_.window, image, g, ch, y, ny, x, staged + at + (ch - c0) * stride);
    });
  }

  void deliver(T* sums, int64_t row0, int64_t rows, const Run* runs, int64_t nruns) const {
    S* out = static_cast<S*>(t_.data) + row0 * t_.plane;
    for (int64_t i = 0; i < rows; i++, sums += blocks_.blocking.block, out += t_.plane)
      for (int64_t r = 0; r < nruns; r++) {
        T* s = sums + runs[r].at;
        S* d = out + runs[r].target;
        if (t_.finishes()) finish_run<S>(t_, s, d, runs[r].count);
        for (int32_t j = 0; j < runs[r].count; j++) d[j * t_.column] = narrow<S>(s[j]);
      }
  }

  Problem p_;
  Target t_;
  const T* weights_;
  const T* bias_;
  PixelBlocks blocks_;
  Layout layout_;
  int64_t slice_, slice_channels_, splits_, split_rows_;
  bool packs_weights_;
  int64_t group_;  // panels that are packed before they are multiplied
  const T* packed_ = nullptr;
};

}  // namespace

void implicit_gemm(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target) {
  with_float_type(dtype, [&](auto zero) {
    using S = decltype(zero);
    ImplicitGemm<S>(c, p, static_cast<const Compute<S>*>(weights), target).run(c);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
