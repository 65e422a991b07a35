// The weight gradient as a matrix product over the grid: sums (depth, channels) = patches (depth, positions) * g^T
// (positions, channels). Place in the whole: weight_grad.cpp and weight_grad_bf16.cpp make it of their register tiles.
//
// g is transposed piece by piece into panels of vectors along the channels; the patches are never formed
// (weight_tile.h). A task owns one block of depth by channels and one part of the positions. Blocks and parts are cut
// by the shapes alone and the parts added in order, so results do not depend on the number of threads.
#pragma once
#include <algorithm>

#include "cpu/conv/lanes.h"
#include "cpu/conv/weight_grad.h"
#include "cpu/conv/weight_tile.h"
#include "cpu/conv/window.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kPiecePositions = 512;     // the panel of g that a tile runs along stays in L2
constexpr int64_t kBlockDepth = 1152;        // of a task
constexpr int64_t kBlockChannels = 128;      // of a task
constexpr int64_t kStagedBytes = 384 << 10;  // of source rows in a task
constexpr int64_t kTasks = 32;               // parts are made until there are so many,
constexpr double kPartFlops = 4e6;           // but none smaller

// A stretch of positions that a task stages and multiplies at once: images [n, n + images), rows [y, y + rows) of each,
// columns [x, x + columns) of each row.
struct Stretch {
  int64_t n, images, y, rows, x, columns;
};

// Cuts the grid of all images into stretches of some kPiecePositions.
struct Stretches {
  int64_t images, rows, columns;  // of one stretch
  int64_t per_row, per_image, count;
  int64_t grid_h, grid_w, grid_n;

  explicit Stretches(const Problem& p) : grid_h(p.grid_h), grid_w(p.grid_w), grid_n(p.images) {
    int64_t pieces_x = ceil_div(p.grid_w, 2 * kPiecePositions);
    columns = ceil_div(p.grid_w, pieces_x);
    per_row = ceil_div(p.grid_w, columns);
    int64_t pieces_y = per_row > 1 ? p.grid_h : ceil_div(p.grid_h, std::max<int64_t>(1, kPiecePositions / p.grid_w));
    rows = ceil_div(p.grid_h, pieces_y);
    per_image = ceil_div(p.grid_h, rows) * per_row;
    images = per_image > 1 ? 1 : std::clamp<int64_t>(kPiecePositions / p.pixels(), 1, p.images);
    count = per_image > 1 ? p.images * per_image : ceil_div(p.images, images);
  }
  Stretch operator[](int64_t i) const {
    int64_t n = i / per_image * images, in_image = i % per_image;
    int64_t y = in_image / per_row * rows, x = in_image % per_row * columns;
    return {n, std::min(images, grid_n - n), y, std::min(rows, grid_h - y), x, std::min(columns, grid_w - x)};
  }
};

// Way: in what form sources and gradients meet in the register tile.
//   S: of the tensors, X: of staged rows, G: of panels of g
//   stage(p, window, image, g, channel, y, ny, x, to): stage_channel, as X
//   transpose(from, channel_stride, channels, length, to, ld, sum): the gradients of `length` neighbouring positions, one vector of
//     channels, become panel rows `ld` apart; returns where the next ones go; adds them to sum unless it is null
//   tile(rows, vectors): weight_tile.h
//   kInPlace: an unpadded source is X as it lies
//   kPositions: of a panel row, which no row of the grid shares with the next
template <class Way>
class GemmWeightGrad {
 public:
  using S = typename Way::S;
  using X = typename Way::X;
  using G = typename Way::G;
  using T = Compute<S>;
  static constexpr int kL = kLanes<T>;

  GemmWeightGrad(const Call& c, const Problem& p, const WeightGrad& out) : p_(p), out_(out), stretches_(p) {
    window_ = make_window<T>(p, stretches_.columns);
    window_.in_place = window_.in_place && Way::kInPlace;
    staged_rows_ = window_.rows(stretches_.rows);

    staged_bytes_ = window_.in_place ? 0 : stretches_.images * staged_rows_ * window_.row_len * sizeof(X);
    int64_t fit = std::max<int64_t>(1, kBlockDepth / p.ntaps);
    if (staged_bytes_ * fit > kStagedBytes) fit = std::max<int64_t>(1, kStagedBytes / staged_bytes_);
    depth_blocks_ = ceil_div(p.source_channels, fit);
    block_inputs_ = ceil_div(p.source_channels, depth_blocks_);
    depth_blocks_ = ceil_div(p.source_channels, block_inputs_);
    channel_blocks_ = ceil_div(out.channels, kBlockChannels);
    block_channels_ = round_up(ceil_div(out.channels, channel_blocks_), kL);
    channel_blocks_ = ceil_div(out.channels, block_channels_);

    int64_t blocks = p.groups * depth_blocks_ * channel_blocks_;
    double flops = 2.0 * p.images * p.pixels() * p.depth() * out.channels * p.groups;
    int64_t affordable = std::max<int64_t>(1, static_cast<int64_t>(flops / kPartFlops / blocks));
    parts_ = std::min({ceil_div(kTasks, blocks), affordable, stretches_.count});

    lds_ = channel_blocks_ * block_channels_;
    sums_ = c.scratch_of<T>(parts_ * p.groups * p.depth() * lds_);
    bias_sums_ = c.scratch_of<T>(parts_ * p.groups * lds_);
    int64_t* offsets = c.scratch_of<int64_t>(block_inputs_ * p.ntaps);
    int64_t plane = window_.in_place ? p.source_h * p.source_w : staged_rows_ * window_.row_len;
    for (int64_t i = 0; i < block_inputs_ * p.ntaps; i++)
      offsets[i] = i / p.ntaps * plane + tap_offset(p, window_, p.taps[i % p.ntaps]);
    offsets_ = offsets;
  }

  void run(const Call& c) const {
    int64_t positions = stretches_.images * stretches_.rows * stretches_.columns;
    int64_t panel_bytes = round_up(positions * kWeightVectors * kL * sizeof(G), 64);
    int64_t staged_bytes = block_inputs_ * staged_bytes_;
    int64_t tasks = p_.groups * depth_blocks_ * channel_blocks_ * parts_;
    double flops = 2.0 * p_.images * p_.pixels() * p_.depth() * out_.channels * p_.groups / tasks;
    int64_t grain = std::max<int64_t>(1, static_cast<int64_t>(1e6 / flops));
    Workplaces places(c, panel_bytes + staged_bytes, ceil_div(tasks, grain));
    parallel_for(tasks, grain, [&](int64_t begin, int64_t end) {
      int64_t place = places.claim();
      G* panels = reinterpret_cast<G*>(places.memory(place));
      X* staged = reinterpret_cast<X*>(places.memory(place) + panel_bytes);
      for (int64_t i = begin; i < end; i++) task(i, panels, staged);
      places.release(place);
    });
    combine();
  }

 private:
  void task(int64_t index, G* panels, X* staged) const {
    int64_t part = index % parts_, block = index / parts_;
    int64_t channel_block = block % channel_blocks_, depth_block = block / channel_blocks_ % depth_blocks_;
    int64_t g = block / channel_blocks_ / depth_blocks_;
    int64_t c0 = depth_block * block_inputs_, inputs = std::min(block_inputs_, p_.source_channels - c0);
    int64_t o0 = channel_block * block_channels_;
    int64_t vectors = ceil_div(std::min(block_channels_, out_.channels - o0), kL);
    T* sums = sums_ + ((part * p_.groups + g) * p_.depth() + c0 * p_.ntaps) * lds_ + o0;
    T* bias_sums = depth_block == 0 ? bias_sums_ + (part * p_.groups + g) * lds_ + o0 : nullptr;

    int64_t first = stretches_.count * part / parts_, last = stretches_.count * (part + 1) / parts_;
    int64_t panel_count = ceil_div(vectors, kWeightVectors);
    for (int64_t i = first; i < last; i++) {
      Stretch s = stretches_[i];
      Piece piece{s.images, s.rows, s.columns, 0, 0};
      const X* x = source(s, g, c0, inputs, piece, staged);
      for (int64_t j = 0, v0 = 0; j < panel_count; j++) {
        int64_t v1 = vectors * (j + 1) / panel_count, width = v1 - v0;  // panels of equal width, or nearly
        int64_t ldg = width * kL;
        for (int64_t v = v0; v < v1; v++)
          transpose_gradient(s, g, o0 + v * kL, panels + (v - v0) * kL, ldg, i > first,
                             bias_sums ? bias_sums + v * kL : nullptr);
        multiply(piece, x, inputs * p_.ntaps, panels, static_cast<int>(width), sums + v0 * kL, i > first);
        v0 = v1;
      }
    }
  }

  // The element of input channel c0 at the stretch's first position.
  const X* source(const Stretch& s, int64_t g, int64_t c0, int64_t inputs, Piece& piece, X* staged) const {
    if (window_.in_place) {
      const X* x = static_cast<const X*>(p_.source);
      piece.image_stride = p_.groups * p_.source_channels * p_.source_h * p_.source_w;
      piece.row_stride = p_.step_y * p_.source_w;
      int64_t plane = (s.n * p_.groups + g) * p_.source_channels + c0;
      return x + plane * p_.source_h * p_.source_w + s.y * piece.row_stride + s.x;
    }
    int64_t plane_size = staged_rows_ * window_.row_len;
    piece.image_stride = inputs * plane_size;
    piece.row_stride = window_.row_step * window_.row_len;
    for (int64_t n = 0; n < s.images; n++)
      for (int64_t ch = 0; ch < inputs; ch++)
        Way::stage(p_, window_, s.n + n, g, c0 + ch, s.y, s.rows, s.x,
                   staged + n * piece.image_stride + ch * plane_size);
    return staged;
  }

  // One vector of channels from o on: to (panel rows, ld), zero beyond the channels; adds g's sums to `bias_sums` if asked.
  void transpose_gradient(const Stretch& s, int64_t g, int64_t o, G* to, int64_t ld, bool accumulate,
                          T* bias_sums) const {
    const int64_t pixels = p_.pixels(), channels = std::min<int64_t>(kL, out_.channels - o);
    // Whole rows follow one another, so they are one run.
    const int64_t runs = s.columns == p_.grid_w && s.columns % Way::kPositions == 0 ? 1 : s.rows;
    const int64_t length = s.columns * s.rows / runs;
    Vec<T> total = {};
    for (int64_t n = 0; n < s.images; n++)
      for (int64_t r = 0; r < runs; r++) {
        const S* from =
            static_cast<const S*>(out_.g) + out_.plane(p_, s.n + n, g, o) * pixels + (s.y + r) * p_.grid_w + s.x;
        to = Way::transpose(from, p_.grid_d * pixels, channels, length, to, ld, bias_sums ? &total : nullptr);
      }
    if (bias_sums) store(bias_sums, accumulate ? load(bias_sums) + total : total);
  }

  void multiply(const Piece& piece, const X* x, int64_t depth, const G* panel, int vectors, T* sums,
                bool accumulate) const {
    for (int64_t i = 0; i < depth; i += kWeightRows) {
      int rows = static_cast<int>(std::min<int64_t>(kWeightRows, depth - i));
      const X* from[kWeightRows];
      for (int r = 0; r < rows; r++) from[r] = x + offsets_[i + r];
      Way::tile(rows, vectors)(piece, from, panel, vectors * kL, sums + i * lds_, lds_, accumulate);
    }
  }

  // Adds the parts in order and turns (depth, channels) into gw (channels, depth).
  void combine() const {
    int64_t depth = p_.depth(), group_size = depth * lds_, part_size = p_.groups * group_size;
    int64_t tiles = ceil_div(depth, kL), vectors = ceil_div(out_.channels, kL);
    parallel_for(p_.groups * vectors * tiles, std::max<int64_t>(1, 32768 / (kL * kL * parts_)),
                 [=, this](int64_t b, int64_t e) {
                   for (int64_t t = b; t < e; t++) {
                     int64_t d = t % tiles * kL, o = t / tiles % vectors * kL, g = t / tiles / vectors;
                     int64_t nd = std::min<int64_t>(kL, depth - d), no = std::min<int64_t>(kL, out_.channels - o);
                     Vec<T> block[kL] = {};
                     for (int64_t part = 0; part < parts_; part++) {
                       const T* from = sums_ + part * part_size + g * group_size + d * lds_ + o;
                       for (int64_t i = 0; i < nd; i++) block[i] += load(from + i * lds_);
                     }
                     transpose(block);
                     S* to = static_cast<S*>(out_.gw) + (g * out_.channels + o) * depth + d;
                     for (int64_t j = 0; j < no; j++) {
                       store_narrowed(to + j * depth, block[j], static_cast<int>(nd));
                     }
                   }
                 });
    for (int64_t i = 0; i < p_.groups * out_.channels; i++) {
      T sum = 0;
      for (int64_t part = 0; part < parts_; part++)
        sum += bias_sums_[(part * p_.groups + i / out_.channels) * lds_ + i % out_.channels];
      static_cast<S*>(out_.gb)[i] = narrow<S>(sum);
    }
  }

  Problem p_;
  WeightGrad out_;
  Stretches stretches_;
  Window window_;
  int64_t staged_rows_, staged_bytes_, depth_blocks_, block_inputs_, channel_blocks_, block_channels_, parts_, lds_;
  T *sums_, *bias_sums_;
  const int64_t* offsets_;
};

}  // namespace

}  // namespace sinter::cpu::SINTER_ISA
