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

#include "cpu/conv/few_pixels.h"
#include "cpu/conv/slices.h"
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
        blocks_(PixelBlocks::of<S>(p, target, block_pixels(p), kNR<T>, std::is_same_v<S, T>)), slices_(p),
        bias_(wide_bias<S>(c, p, target)) {
    const Blocking& blocking = blocks_.blocking;
    const Window& window = blocks_.window;
    splits_ = ceil_div(target.channels, kTaskRows);
    int64_t tasks = blocking.blocks * p.groups * splits_, wanted = 3 * pool_threads();
    if (tasks < wanted)
      splits_ = std::max(splits_, std::min(ceil_div(wanted, blocking.blocks * p.groups), target.channels / (4 * kMR)));
    split_rows_ = round_up(ceil_div(target.channels, splits_), kMR);
    splits_ = ceil_div(target.channels, split_rows_);

    packs_weights_ = blocking.blocks >= kBlocksToPack;
    group_ = blocking.block / kNR<T>;
    if (packs_weights_)
      group_ = std::clamp<int64_t>(kGroupBytes / (slices_.length * kNR<T> * static_cast<int64_t>(sizeof(T))), 1,
                                   std::min(group_, kMostGroup));

    PlaceParts part;
    // A run is copied in whole vectors, so reads and writes may pass the end by one.
    layout_.panels = part(slices_.length * group_ * kNR<T> + kLanes<T>, sizeof(T));
    layout_.staged =
        part(window.in_place ? 0 : slices_.channels * blocks_.most_staged_rows() * window.row_len + kNR<T>, sizeof(T));
    layout_.sums = part(blocking.straight ? 0 : split_rows_ * blocking.block, sizeof(T));
    layout_.depths = part(slices_.length, sizeof(int64_t));
    layout_.runs = part(blocks_.most_runs(), sizeof(Run));
    layout_.first_runs = part(blocking.block / kNR<T> + 1, sizeof(int32_t));
    layout_.bytes = part.bytes;
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

    const auto readable = readable_of<S>(blocks_, slices_, rows_staged, staged);
    T* out = sums;
    int64_t ldc = blocks_.blocking.block;
    if (blocks_.blocking.straight) {
      out = static_cast<T*>(t_.data) + runs[0].target + row0 * t_.plane;
      ldc = t_.plane;
    }
    for (int64_t k0 = 0, depth = p_.depth(); k0 < depth; k0 += slices_.length) {
      const int64_t k = std::min(slices_.length, depth - k0);
      stage_slice<S>(blocks_, pixels, g, k0, k, readable.channel_stride, staged);
      const int64_t deepest = list_depths(blocks_, readable, k0, k, depths);
      for (int64_t j0 = 0; j0 * kNR<T> < count; j0 += group_) {
        const int64_t columns = std::min(group_ * kNR<T>, count - j0 * kNR<T>);
        const T* places[kMostGroup];
        for (int64_t j = j0; (j - j0) * kNR<T> < columns; j++) {
          const Run* const first = runs + first_runs[j];
          const bool whole = packs_weights_ && first->count == kNR<T>;
          if (packs_weights_) places[j - j0] = whole ? readable.data + first->source : nullptr;
          if (!whole)
            pack_panel_of(readable.data, readable.end, depths, k, deepest, first, first_runs[j + 1] - first_runs[j],
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
    if (!blocks_.blocking.straight)
      deliver_runs<S>(t_, sums, ldc, row0, rows, runs, first_runs[ceil_div(count, kNR<T>)]);
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

  Problem p_;
  Target t_;
  const T* weights_;
  PixelBlocks blocks_;
  Slices slices_;
  const T* bias_;
  Layout layout_;
  int64_t splits_, split_rows_;
  bool packs_weights_;
  int64_t group_;  // panels that are packed before they are multiplied
  const T* packed_ = nullptr;
};

}  // namespace

void implicit_gemm(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target) {
  if (has_few_pixels(p, target)) return few_pixels_conv(c, dtype, p, weights, target);
  with_float_type(dtype, [&](auto zero) {
    using S = decltype(zero);
    ImplicitGemm<S>(c, p, static_cast<const Compute<S>*>(weights), target).run(c);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
