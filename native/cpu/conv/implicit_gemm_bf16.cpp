// Convolution of bf16 as a matrix product by pairs. Place in the whole: implicit_gemm.cpp's counterpart where the processor has
// AVX512-BF16 or AMX (gemm/pairs.h); blocks, windows and panels are its own, with elements of 32 bits.
//
// An element is a pair: the same pixel of two neighbouring source channels, an odd last channel being paired with zero. So staging
// interleaves two planes, and what follows moves 32 bits as it does for f32: tap by tap, runs of staged rows become rows of a panel.
// The depth of a dot product counts pairs, ordered as (pair of channels, tap). Pointwise problems read their planes in place: their
// panels are interleaved as they are packed.
//
// Weights are packed once a call, as the tile reads them. A tile's sums are f32; when they are complete they are finished, rounded and
// stored while they are in L1.
#include "cpu/conv/implicit_gemm_bf16.h"

#include <algorithm>

#include "cpu/conv/blocks.h"
#include "cpu/conv/workplaces.h"
#include "cpu/gemm/matrix_tile.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kSlicePairs = 288;  // of the depth: a panel of so many stays in L1, past which the weights stream
constexpr int64_t kGroupBytes = 18 << 10;   // of shorter panels that are multiplied together
constexpr int64_t kPanelBytes = 640 << 10;  // of a block's patches
constexpr int64_t kTaskRows = 512;
constexpr double kTaskFlops = 2e6;  // some 10 us
constexpr int64_t kWideTile = kPairRows * kColumns;

// to[i] = the pair low[i * step], high[i * step] for i in [0, n); high: null for zeros.
SINTER_INLINE void interleave_run(const bf16* low, const bf16* high, int64_t step, int64_t n, uint32_t* to) {
  constexpr int lanes = kLanes<float>;
  if (step > 2) {
    for (int64_t i = 0; i < n; i++) to[i] = low[i * step].bits | (high ? uint32_t(high[i * step].bits) << 16 : 0u);
    return;
  }
  // Of every second element, words of two neighbours are read: the wanted one is in the low half.
  const auto word = [=](const bf16* from, int64_t i, int count) __attribute__((always_inline)) {
    return step == 1 ? load_halves(from + i, count) : load_pairs(from + 2 * i, 2 * count - 1) & 0xffffu;
  };
  const auto words = [=](int64_t i, int count) __attribute__((always_inline)) {
    const Vu v = word(low, i, count);
    store_pairs(to + i, high ? v | word(high, i, count) << 16 : v, count);
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) words(i, lanes);
  if (i < n) words(i, static_cast<int>(n - i));
}

// stage_rows of a pair of planes. Asks for the rows of a pair behind it: what a block reads of a plane is too short for the hardware to
// see where it goes on.
void stage_pair_rows(const Problem& p, const Window& w, const bf16* low, const bf16* high, int64_t y, int64_t ny,
                     int64_t x, uint32_t* dst) {
  constexpr int64_t kPairsAhead = 2;
  const int64_t ahead = kPairsAhead * 2 * p.source_h * p.source_w;
  each_stored_row(p, w, y, ny, x, [=](int64_t at, int64_t n, int64_t lo, int64_t hi, int64_t first) {
    uint32_t* const to = dst + at;
    std::fill(to, to + lo, 0u);
    if (lo < hi) {
      for (const bf16* from : {low, high})
        for (int64_t i = 0; from && i < (hi - lo) * p.step_x; i += 32) __builtin_prefetch(from + ahead + first + i);
      interleave_run(low + first, high ? high + first : nullptr, p.step_x, hi - lo, to + lo);
    }
    std::fill(to + hi, to + n, 0u);
  });
}

// Neighbouring pixels of a panel whose results follow one another: elements [at, at + count) of a row of sums go to `target`.
struct Strip {
  int64_t target;
  int32_t at, count;
};

class ImplicitPairs {
 public:
  ImplicitPairs(const Call& c, const Problem& p, const PairKernels& kernels, const Target& target)
      : p_(p), t_(target), kernels_(kernels), pairs_(pairs_of(p.source_channels)), depth_(pairs_ * p.ntaps),
        blocks_(PixelBlocks::of<bf16>(p, target, block_pixels(depth_), kColumns, false)) {
    // Pointwise, and no pixel without a place in the planes.
    blocks_.window.in_place = p.ntaps == 1 && make_window<float>(p, blocks_.blocking.columns).in_place;

    // Slices hold whole pairs of channels where the kernel allows it.
    const int64_t whole = kSlicePairs / p.ntaps;
    slice_ = whole ? ceil_div(pairs_, ceil_div(pairs_, whole)) * p.ntaps : kSlicePairs;
    slice_ = std::min(slice_, depth_);
    slice_words_ = round_up(slice_, kPairStep);
    slices_ = ceil_div(depth_, slice_);
    slice_channels_ = std::min(pairs_, whole ? slice_ / p.ntaps : 2);

    const int64_t blocks = blocks_.blocking.blocks * p.groups, wanted = 3 * pool_threads();
    splits_ = ceil_div(target.channels, kTaskRows);
    if (blocks * splits_ < wanted)
      splits_ = std::max(splits_, std::min(ceil_div(wanted, blocks), target.channels / (4 * kPairRows)));
    split_rows_ = round_up(ceil_div(target.channels, splits_), kPairRows);
    splits_ = ceil_div(target.channels, split_rows_);
    split_tiles_ = split_rows_ / kPairRows;

    const int64_t block_panels = blocks_.blocking.block / kColumns;
    group_ = std::clamp<int64_t>(kGroupBytes / (slice_words_ * kColumns * 4), 1, block_panels);

    PlaceParts part;
    // Runs are copied in whole vectors, so reads and writes may pass the end by one.
    layout_.panels = part(slice_words_ * group_ * kColumns + kColumns, 4);
    const Window& window = blocks_.window;
    layout_.staged =
        part(window.in_place ? 0 : slice_channels_ * blocks_.most_staged_rows() * window.row_len + kColumns, 4);
    // A row of a tile is read in whole vectors from any column on.
    layout_.sums = part((slices_ > 1 ? split_tiles_ * block_panels : 1) * kWideTile + kColumns, 4);
    layout_.depths = part(slice_, sizeof(int64_t));
    layout_.runs = part(blocks_.most_runs(), sizeof(Run));
    layout_.first_runs = part(block_panels + 1, sizeof(int32_t));
    layout_.bytes = part.bytes;

    float* bias = c.scratch_of<float>(p.groups * target.channels);
    for (int64_t i = 0; i < p.groups * target.channels; i++)
      bias[i] = target.bias ? to_f32(static_cast<const bf16*>(target.bias)[i]) : 0.f;
    bias_ = bias;
  }

  void run(const Call& c) {
    pack_weights(c);
    const int64_t blocks = blocks_.blocking.blocks, tasks = blocks * p_.groups * splits_;
    const double flops = 4.0 * static_cast<double>(split_rows_ * blocks_.blocking.block * depth_);
    const int64_t grain = std::max<int64_t>(1, static_cast<int64_t>(kTaskFlops / flops));
    const Workplaces places(c, layout_.bytes, ceil_div(tasks, grain));
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      const int64_t place = places.claim();
      for (int64_t i = begin; i < end; i++)
        block(blocks_[i / splits_ % blocks], i / splits_ / blocks, i % splits_, places.memory(place));
      places.release(place);
    });
  }

 private:
  static int64_t block_pixels(int64_t depth) {
    const int64_t panel = std::min(depth, kSlicePairs) * kColumns * 4;
    return std::clamp<int64_t>(kPanelBytes / panel, 4, 16) * kColumns;
  }

  struct Layout {  // of a workplace: where its parts lie, in bytes
    int64_t panels, staged, sums, depths, runs, first_runs, bytes;
  };

  // Computes rows [split * split_rows_, ...) of a block of pixels for group g.
  void block(const PixelBlock& b, int64_t g, int64_t split, char* memory) const {
    uint32_t* panels = reinterpret_cast<uint32_t*>(memory + layout_.panels);
    uint32_t* staged = reinterpret_cast<uint32_t*>(memory + layout_.staged);
    float* sums = reinterpret_cast<float*>(memory + layout_.sums);
    int64_t* depths = reinterpret_cast<int64_t*>(memory + layout_.depths);
    Run* runs = reinterpret_cast<Run*>(memory + layout_.runs);
    int32_t* first_runs = reinterpret_cast<int32_t*>(memory + layout_.first_runs);

    const int64_t staged_rows = blocks_.find_runs(b, g, runs, first_runs);
    const int64_t stride = staged_rows * blocks_.window.row_len, block_panels = ceil_div(b.count, kColumns);
    const float* end = reinterpret_cast<float*>(staged + slice_channels_ * stride + kColumns);
    const int64_t row0 = split * split_rows_, rows = std::min(split_rows_, t_.channels - row0);
    const PairRows tiles(rows);
    const uint32_t* weights = packed_ + (g * splits_ + split) * split_tiles_ * tile_words();
    const MatrixUnit unit;
    PairTile tile;
    tile.finished = false;
    for (int64_t q = 0; q < slices_; q++) {
      const int64_t e0 = q * slice_, k = std::min(slice_, depth_ - e0), deepest = find_depths(e0, k, stride, depths);
      if (!blocks_.window.in_place) stage(b, g, e0 / p_.ntaps, (e0 + k - 1) / p_.ntaps + 1, stride, staged);
      tile.pairs = round_up(k, kPairStep);
      tile.first = q == 0;
      for (int64_t j0 = 0; j0 < block_panels; j0 += group_) {
        const int64_t j1 = std::min(j0 + group_, block_panels);
        for (int64_t j = j0; j < j1; j++) {
          uint32_t* panel = panels + (j - j0) * tile.pairs * kColumns;
          const Run* first = runs + first_runs[j];
          const int64_t count = first_runs[j + 1] - first_runs[j];
          if (read_where_staged(first, count)) continue;
          if (blocks_.window.in_place)
            pack_in_place(e0, k, first, count, j * kColumns, panel);
          else
            pack_panel_of(reinterpret_cast<const float*>(staged), end, depths, k, deepest, first, count, j * kColumns,
                          reinterpret_cast<float*>(panel));
          std::fill(panel + k * kColumns, panel + tile.pairs * kColumns, 0u);
        }
        for (int64_t i = 0; i < tiles.count; i++) {
          const RowTile r = tiles[i];
          tile.rows = r.rows;
          tile.a = weights + i * tile_words() + q * slice_words_ * kPairRows;
          for (int64_t j = j0; j < j1; j++) {
            const Run* first = runs + first_runs[j];
            const bool apart = read_where_staged(first, first_runs[j + 1] - first_runs[j]);
            tile.b = apart ? staged + first->source : panels + (j - j0) * tile.pairs * kColumns;
            tile.places = apart ? depths : nullptr;
            if (apart) tile.second = first->count < kColumns ? first[1].source - first->source : kLanes<float>;
            tile.cols = static_cast<int>(std::min<int64_t>(kColumns, b.count - j * kColumns));
            tile.wide = sums + (slices_ > 1 ? i * block_panels + j : 0) * kWideTile;
            multiply_tile(tile);
            if (q == slices_ - 1)
              deliver(tile.wide, g, row0 + r.first, r.rows, runs + first_runs[j], runs + first_runs[j + 1],
                      j * kColumns);
          }
        }
      }
    }
  }

  // Panels whose vectors are runs of staged rows need no copy: they stay near, as taps read them many times.
  bool read_where_staged(const Run* run, int64_t count) const {
    if (kMatrixUnit || blocks_.window.in_place) return false;
    return run->count == kColumns || (count == 2 && run[0].count == kLanes<float> && run[1].count == kLanes<float>);
  }

  // Of pairs [e0, e0 + k) of the depth, how far each one's staged element lies from a pixel's own; returns the most.
  int64_t find_depths(int64_t e0, int64_t k, int64_t stride, int64_t* depths) const {
    if (blocks_.window.in_place) return 0;
    int64_t deepest = 0;
    for (int64_t i = 0, pair = 0, tap = e0 % p_.ntaps; i < k; i++) {
      depths[i] = pair * stride + tap_offset(p_, blocks_.window, p_.taps[tap]);
      deepest = std::max(deepest, depths[i]);
      if (++tap == p_.ntaps) tap = 0, pair++;
    }
    return deepest;
  }

  const bf16* plane(int64_t image, int64_t g, int64_t channel) const {
    const int64_t plane = channel < p_.source_channels ? p_.plane(image, g, channel) : -1;
    return plane < 0 ? nullptr : static_cast<const bf16*>(p_.source) + plane * p_.source_h * p_.source_w;
  }

  // Pairs of channels [c0, c1).
  void stage(const PixelBlock& b, int64_t g, int64_t c0, int64_t c1, int64_t stride, uint32_t* staged) const {
    blocks_.each_image(b, [&](int64_t image, int64_t y, int64_t ny, int64_t x, int64_t at) {
      for (int64_t ch = c0; ch < c1; ch++) {
        uint32_t* const to = staged + at + (ch - c0) * stride;
        const bf16 *low = plane(image, g, 2 * ch), *high = plane(image, g, 2 * ch + 1);
        const int64_t words = blocks_.window.rows(ny) * blocks_.window.row_len;
        if (low) {
          stage_pair_rows(p_, blocks_.window, low, high, y, ny, x, to);
        } else if (high) {  // the depth of a volume that is beyond it
          stage_pair_rows(p_, blocks_.window, high, nullptr, y, ny, x, to);
          for (int64_t i = 0; i < words; i++) to[i] <<= 16;
        } else {
          std::fill(to, to + words, 0u);
        }
      }
    });
  }

  // panel (k, kColumns) of the pairs [c0, c0 + k) of a pointwise problem's planes.
  void pack_in_place(int64_t c0, int64_t k, const Run* runs, int64_t nruns, int64_t at, uint32_t* panel) const {
    const int64_t size = p_.source_h * p_.source_w, whole = std::min(k, p_.source_channels / 2 - c0);
    for (const Run* r = runs; r < runs + nruns; r++) {
      const bf16* from =
          static_cast<const bf16*>(p_.source) + r->source + p_.taps[0].dy * p_.source_w + p_.taps[0].dx + 2 * c0 * size;
      uint32_t* to = panel + (r->at - at);
      for (int64_t i = 0; i < whole; i++, from += 2 * size, to += kColumns) {
        // The next panel's: planes are too many for the hardware to see where each goes on.
        __builtin_prefetch(from + kColumns);
        __builtin_prefetch(from + size + kColumns);
        interleave_run(from, from + size, 1, r->count, to);
      }
      if (whole < k) interleave_run(from, nullptr, 1, r->count, to);
    }
  }

  // Finishes, rounds and stores `rows` rows of sums (rows, kColumns) of the panel that begins at pixel `at` of the block.
  void deliver(const float* sums, int64_t g, int64_t row0, int rows, const Run* run, const Run* end, int64_t at) const {
    constexpr int lanes = kLanes<float>;
    Strip strips[kColumns];
    int nstrips = 0;
    for (; run < end; run++) {
      Strip* last = strips + nstrips - 1;
      if (nstrips && t_.column == 1 && last->target + last->count == run->target)
        last->count += run->count;
      else
        strips[nstrips++] = {run->target, static_cast<int32_t>(run->at - at), run->count};
    }
    const float* const bias = bias_ + g * t_.channels + row0;
    with_activation(t_.activation, [&](auto is) {
      for (const Strip* s = strips; s < strips + nstrips; s++)
        for (int j = 0; j < s->count; j += lanes) {
          const int n = lanes_of(s->count - j);
          const int64_t at = row0 * t_.plane + s->target + j * t_.column;
          const float* from = sums + s->at + j;
          bf16* to = static_cast<bf16*>(t_.data) + at;
          const bf16* residual = t_.residual ? static_cast<const bf16*>(t_.residual) + at : nullptr;
          for (int i = 0; i < rows; i++, from += kColumns, to += t_.plane) {
            Vf v = load(from) + bias[i];
            if (residual) v += (Vf)(load_halves(residual + i * t_.plane, n) << 16);
            v = activated<decltype(is)::value>(v);
            if (t_.column == 1) {
              store_rounded(to, v, n);
            } else {
              bf16 rounded[lanes];
              store_rounded(rounded, v, lanes);
              for (int l = 0; l < n; l++) to[l * t_.column] = rounded[l];
            }
          }
        }
    });
  }

  // ---- weights: tile by tile of rows, each its slices one after the other, as multiply_tile reads them
  int64_t tile_words() const { return slices_ * slice_words_ * kPairRows; }

  void pack_weights(const Call& c) {
    const int64_t tiles = p_.groups * splits_ * split_tiles_;
    uint32_t* const packed = c.scratch_of<uint32_t>(tiles * tile_words());
    packed_ = packed;
    parallel_for(tiles, ceil_div(1 << 14, depth_ * kPairRows), [&](int64_t begin, int64_t end) {
      alignas(64) uint32_t words[kPairRows * kSlicePairs];
      for (int64_t i = begin; i < end; i++) {
        const int64_t row0 = i / split_tiles_ % splits_ * split_rows_, g = i / split_tiles_ / splits_;
        const PairRows tiles(std::min(split_rows_, t_.channels - row0));
        if (i % split_tiles_ >= tiles.count) continue;
        const RowTile r = tiles[i % split_tiles_];
        for (int64_t q = 0; q < slices_; q++) {
          const int64_t k = std::min(slice_, depth_ - q * slice_);
          for (int row = 0; row < r.rows; row++) kernels_.copy(g, row0 + r.first + row, q * slice_, k, words + row * k);
          pack_rows(reinterpret_cast<const bf16*>(words), 2 * k, 1, 2 * k, r.rows,
                    packed + i * tile_words() + q * slice_words_ * kPairRows);
        }
      }
    });
  }

  Problem p_;
  Target t_;
  PairKernels kernels_;
  int64_t pairs_, depth_;
  PixelBlocks blocks_;
  Layout layout_;
  int64_t slice_, slice_words_, slices_, slice_channels_;
  int64_t splits_, split_rows_, split_tiles_;
  int64_t group_;  // panels that are packed before they are multiplied
  const float* bias_;
  const uint32_t* packed_ = nullptr;
};

}  // namespace

void implicit_gemm_pairs(const Call& c, const Problem& p, const PairKernels& kernels, const Target& target) {
  ImplicitPairs(c, p, kernels, target).run(c);
}

}  // namespace sinter::cpu::SINTER_ISA
