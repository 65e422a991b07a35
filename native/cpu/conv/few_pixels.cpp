// Convolution at few positions, into many channels. Place in the whole: the way of conv and convInputGrad, by implicit_gemm, for the late
// layers of networks that see one image or some small ones: there tasks are made of channels, and each would stage and pack the
// same patches again.
//
// All patches are packed first, slices of the depth side by side, once, or by each of few threads for itself (workplaces.h); then every
// task multiplies some of the channels with all of a block's panels, reading the weights where they lie. Small maps fill vectors badly:
// of 7 x 7 positions 49 take four vectors. So up to kMostRest positions that are left behind the last whole vector are summed the other
// way, along the depth, and the last three of an odd number of vectors are multiplied at once.
//
// Every dot product is summed in an order that depends on shapes alone, not on the number of threads.
#include "cpu/conv/few_pixels.h"

#include <algorithm>

#include "cpu/conv/few_pixels_tiles.h"
#include "cpu/conv/slices.h"
#include "cpu/conv/workplaces.h"
#include "cpu/gemm/row_tiles.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kBlockPixels = 512;  // at most
constexpr int64_t kTasksPerThread = 4;
constexpr int64_t kLeastRows = 12;  // of a task

// What a task keeps in its workplace; the offsets of its parts in bytes.
struct Layout {
  int64_t staged, sums, rest, depths, runs, first_runs, panels, rest_columns, bytes;
};

template <class S>
class FewPixels {
 public:
  using T = Compute<S>;

  FewPixels(const Call& c, const Problem& p, const T* weights, const Target& target)
      : p_(p), t_(target), weights_(weights),
        blocks_(PixelBlocks::of<S>(p, target, kBlockPixels, kNR<T>, std::is_same_v<S, T>,
                                   p.images * p.pixels() > kBlockPixels)),
        slices_(p), bias_(wide_bias<S>(c, p, target)) {
    const Blocking& blocking = blocks_.blocking;
    count_ = blocking.blocks * p.groups;
    slice_count_ = ceil_div(p.depth(), slices_.length);
    rest_ = rest_of_line<T>(blocking.line);

    const int64_t tasks = std::max<int64_t>(1, kTasksPerThread * pool_threads() / count_);
    split_rows_ = std::max(kLeastRows, ceil_div(target.channels, tasks));
    splits_ = ceil_div(target.channels, split_rows_);
    split_rows_ = ceil_div(target.channels, splits_);

    PlaceParts part;
    const Window& window = blocks_.window;
    layout_.staged =
        part(window.in_place ? 0 : slices_.channels * blocks_.most_staged_rows() * window.row_len + kNR<T>, sizeof(T));
    layout_.sums = part(blocking.straight ? 0 : split_rows_ * blocking.block, sizeof(T));
    layout_.rest = part(split_rows_ * rest_ * kLanes<T>, sizeof(T));
    layout_.depths = part(slices_.length, sizeof(int64_t));
    layout_.runs = part(blocks_.most_runs(), sizeof(Run));
    layout_.first_runs = part(blocking.block / kNR<T> + 1, sizeof(int32_t));
    // A run is copied in whole vectors, so writes may pass a slice's end by one.
    slice_stride_ = round_up(slices_.length * blocking.block + kLanes<T>, kLine<T>);
    const int64_t panels = count_ * slice_count_ * slice_stride_, rest_columns = count_ * rest_ * p.depth();
    own_ = makes_own((panels + rest_columns) * static_cast<int64_t>(sizeof(T)));
    layout_.panels = part(own_ ? panels : 0, sizeof(T));
    layout_.rest_columns = part(own_ ? rest_columns : 0, sizeof(T));
    layout_.bytes = part.bytes;
    if (!own_) shared_ = {c.scratch_of<T>(panels), rest_ ? c.scratch_of<T>(rest_columns) : nullptr};
  }

  void run(const Call& c) {
    const int64_t packs = count_ * slice_count_, products = count_ * splits_;
    Workplaces places(c, layout_.bytes, std::max(packs, products));
    const auto each = [&](int64_t n, auto task) {
      parallel_for(n, 1, [&](int64_t begin, int64_t end) {
        const int64_t place = places.claim();
        for (int64_t i = begin; i < end; i++) task(i, place, places.memory(place));
        places.release(place);
      });
    };
    const auto pack_one = [&](int64_t i, char* memory) { pack(i / slice_count_, i % slice_count_, memory); };
    if (!own_) each(packs, [&](int64_t i, int64_t, char* memory) { pack_one(i, memory); });
    each(products, [&](int64_t i, int64_t place, char* memory) {
      if (own_ && places.first_time(place))
        for (int64_t j = 0; j < packs; j++) pack_one(j, memory);
      multiply(i / splits_, i % splits_, memory);
    });
  }

 private:
  // Of block index % blocks of group index / blocks: its pixels, and of these how many are summed along the depth.
  struct Part {
    int64_t g;
    PixelBlock pixels;
    int64_t rest;
  };
  Part part(int64_t index) const {
    const Blocking& blocking = blocks_.blocking;
    const PixelBlock pixels = blocks_[index % blocking.blocks];
    const bool last = (pixels.begin + pixels.count) % blocking.line == 0;
    return {index / blocking.blocks, pixels, last ? rest_ : 0};
  }
  // All packed patches: those of a task's workplace, or of all.
  struct Packed {
    T *panels, *rest_columns;
  };
  Packed packed(char* memory) const {
    if (!own_) return shared_;
    return {reinterpret_cast<T*>(memory + layout_.panels), reinterpret_cast<T*>(memory + layout_.rest_columns)};
  }
  T* panels(const Packed& to, int64_t index, int64_t slice) const {
    return to.panels + (index * slice_count_ + slice) * slice_stride_;
  }
  T* rest_column(const Packed& to, int64_t index, int64_t j) const {
    return to.rest_columns + (index * rest_ + j) * p_.depth();
  }

  // The patches of a slice of the depth, as panels (k, kNR); those of the rest as rows along the depth, too.
  void pack(int64_t index, int64_t slice, char* memory) const {
    T* const staged = reinterpret_cast<T*>(memory + layout_.staged);
    Run* const runs = reinterpret_cast<Run*>(memory + layout_.runs);
    int32_t* const first_runs = reinterpret_cast<int32_t*>(memory + layout_.first_runs);
    int64_t* const depths = reinterpret_cast<int64_t*>(memory + layout_.depths);
    const Packed patches = packed(memory);
    const auto [g, pixels, rest] = part(index);
    const int64_t k0 = slice * slices_.length, k = std::min(slices_.length, p_.depth() - k0);

    const auto from = readable_of<S>(blocks_, slices_, blocks_.find_runs(pixels, g, runs, first_runs), staged);
    stage_slice<S>(blocks_, pixels, g, k0, k, from.channel_stride, staged);
    const int64_t deepest = list_depths(blocks_, from, k0, k, depths);
    T* panel = panels(patches, index, slice);
    for (int64_t j = 0; j * kNR<T> < pixels.count; j++, panel += k * kNR<T>)
      pack_panel_of(from.data, from.end, depths, k, deepest, runs + first_runs[j], first_runs[j + 1] - first_runs[j],
                    j * kNR<T>, panel, true);
    for (int64_t j = 0; j < rest; j++) {
      const int64_t column = pixels.count - rest + j;
      const T* in = panels(patches, index, slice) + column / kNR<T> * kNR<T> * k + column % kNR<T>;
      T* const out = rest_column(patches, index, j) + k0;
      for (int64_t i = 0; i < k; i++) out[i] = in[i * kNR<T>];
    }
  }

  // Rows [split * split_rows_, ...) of a block's results.
  void multiply(int64_t index, int64_t split, char* memory) const {
    Run* const runs = reinterpret_cast<Run*>(memory + layout_.runs);
    int32_t* const first_runs = reinterpret_cast<int32_t*>(memory + layout_.first_runs);
    const Packed patches = packed(memory);
    const auto [g, pixels, rest] = part(index);
    const int64_t count = pixels.count, columns = count - rest, depth = p_.depth();
    const int64_t row0 = split * split_rows_, rows = std::min(split_rows_, t_.channels - row0);
    const int64_t row = g * t_.channels + row0;
    blocks_.find_runs(pixels, g, runs, first_runs);

    const bool straight = blocks_.blocking.straight;
    T* const out = straight ? static_cast<T*>(t_.data) + runs[0].target + row0 * t_.plane
                            : reinterpret_cast<T*>(memory + layout_.sums);
    const int64_t ldc = straight ? t_.plane : blocks_.blocking.block;
    T* const rest_sums = reinterpret_cast<T*>(memory + layout_.rest);
    // Columns before the last three vectors of an odd number.
    const int64_t vectors = ceil_div(columns, kLanes<T>),
                  narrow = vectors % 2 && vectors > 2 ? (vectors - 3) * kLanes<T> : columns;
    const RowTiles heights(rows);
    for (int64_t slice = 0; slice < slice_count_; slice++) {
      const int64_t k0 = slice * slices_.length, k = std::min(slices_.length, depth - k0);
      const T* const bias = slice == 0 && bias_ ? bias_ + row : nullptr;
      for (int64_t i = 0; i < heights.count; i++) {
        const RowTile r = heights[i];
        MicroTile<T> tile;
        tile.k = k, tile.a = weights_ + (row + r.first) * depth + k0, tile.rsa = depth, tile.csa = 1;
        tile.b = panels(patches, index, slice), tile.ldb = kNR<T>;
        tile.c = out + r.first * ldc, tile.ldc = ldc, tile.rows = r.rows, tile.accumulate = slice > 0;
        tile.row_bias = bias ? bias + r.first : nullptr;
        for (int64_t j = 0; j < narrow; j += kNR<T>, tile.b += k * kNR<T>, tile.c += kNR<T>) {
          tile.cols = static_cast<int>(std::min<int64_t>(narrow - j, kNR<T>));
          micro_kernel(tile);
        }
        if (rest)
          rest_of({k, r.rows, tile.a, rest_column(patches, index, 0) + k0, depth, depth,
                   rest_sums + r.first * rest * kLanes<T>, tile.accumulate});
      }
      if (narrow < columns) {
        const T* const first = panels(patches, index, slice) + narrow * k;
        wide_tile<T>({k, rows, weights_ + row * depth + k0, depth, first, first + k * kNR<T>, out + narrow, ldc,
                      static_cast<int>(columns - narrow), slice > 0, bias});
      }
    }
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < rest; j++)
        out[i * ldc + columns + j] =
            reduce_add<T>(load(rest_sums + (i * rest + j) * kLanes<T>)) + (bias_ ? bias_[row + i] : T(0));
    if (!straight)
      deliver_runs<S>(t_, out, ldc, row0, rows, runs, first_runs[ceil_div(count, kNR<T>)]);
    else if constexpr (std::is_same_v<S, T>)
      if (t_.finishes())
        for (int64_t i = 0; i < rows; i++) finish_run<S>(t_, out + i * ldc, out + i * ldc, count);
  }

  void rest_of(const RestTile<T>& tile) const {
    if (rest_ == 1) return rest_tile<T, 1>(tile);
    if (rest_ == 2) return rest_tile<T, 2>(tile);
    if constexpr (kMostRest > 2) return rest_ == 3 ? rest_tile<T, 3>(tile) : rest_tile<T, 4>(tile);
  }

  Problem p_;
  Target t_;
  const T* weights_;
  PixelBlocks blocks_;
  Slices slices_;
  const T* bias_;
  Layout layout_;
  int64_t count_;        // blocks of all groups
  int64_t slice_count_;  // slices of the depth
  int64_t rest_;         // positions at the end of a line that are summed along the depth
  int64_t splits_, split_rows_;
  int64_t slice_stride_;
  bool own_;
  Packed shared_{};
};

}  // namespace

void few_pixels_conv(const Call& c, DType dtype, const Problem& p, const void* weights, const Target& target) {
  with_float_type(dtype, [&](auto zero) {
    using S = decltype(zero);
    FewPixels<S>(c, p, static_cast<const Compute<S>*>(weights), target).run(c);
  });
}

}  // namespace sinter::cpu::SINTER_ISA
