// How tiles come from planes and results go back. Place in the whole: the memory side of winograd.cpp's transforms; a vector is one
// element of neighbouring tiles.
//
// The tiles of all images are numbered image by image, row by row. Vectors of tiles run on across the ends of rows and of images, so
// that narrow images fill them too: planes are read and written a segment (tiles of one row) at a time, by way of scratch memory in
// which the tiles of a block lie side by side.
#pragma once
#include <algorithm>

#include "cpu/conv/finish.h"
#include "cpu/conv/lanes.h"
#include "cpu/conv/winograd_points.h"

namespace sinter::cpu::SINTER_ISA {

// Neighbouring tiles of one row of tiles.
struct Segment {
  int64_t image, y, x;  // of the first tile's first position on the grid
  int64_t count, at;    // tiles, and the first one's place in the block
};

template <int kM>
struct Tiling {
  int64_t images, grid_h, grid_w, source_h, source_w, dy, dx;
  int64_t across, down;  // tiles of an image

  SINTER_INLINE explicit Tiling(const Problem& p)
      : images(p.images), grid_h(p.grid_h), grid_w(p.grid_w), source_h(p.source_h), source_w(p.source_w),
        dy(std::min(p.taps[0].dy, p.taps[p.ntaps - 1].dy)), dx(std::min(p.taps[0].dx, p.taps[p.ntaps - 1].dx)),
        across(ceil_div(p.grid_w, kM)), down(ceil_div(p.grid_h, kM)) {}
  SINTER_INLINE int64_t tiles() const { return images * across * down; }

  // Lists the segments of tiles [first, first + n); returns their number.
  SINTER_INLINE int64_t segments(int64_t first, int64_t n, Segment* to) const {
    int64_t count = 0, x = first % across, y = first / across % down, image = first / across / down;
    for (int64_t at = 0; at < n;) {
      int64_t here = std::min(across - x, n - at);
      to[count++] = {image, y * kM, x * kM, here, at};
      at += here, x = 0;
      if (++y == down) y = 0, image++;
    }
    return count;
  }
};

// The first kM vectors' every kM-th lane: phase[s] lane t = from[kM * t + s].
template <int kM>
SINTER_INLINE void deal_phases(const float* from, Vf (&phase)[kM]) {
  constexpr int kL = kLanes<float>;
  if constexpr (kM == 2) {
    Vf lo = load(from), hi = load(from + kL);
    phase[0] = deal<0>(lo, hi), phase[1] = deal<1>(lo, hi);
  } else {
    Vf lo[2], hi[2];
    deal_phases<2>(from, lo);
    deal_phases<2>(from + 2 * kL, hi);
    phase[0] = deal<0>(lo[0], hi[0]), phase[2] = deal<1>(lo[0], hi[0]);
    phase[1] = deal<0>(lo[1], hi[1]), phase[3] = deal<1>(lo[1], hi[1]);
  }
}

// Lanes of a and b in turn, from the first (kHalf 0) or second half on.
template <int kHalf, size_t... kLane>
SINTER_INLINE Vf riffle_lanes(Vf a, Vf b, std::index_sequence<kLane...>) {
  constexpr int n = sizeof...(kLane);
  return __builtin_shufflevector(a, b, (kHalf * n / 2 + kLane / 2 + (kLane % 2 ? n : 0))...);
}
template <int kHalf>
SINTER_INLINE Vf riffle(Vf a, Vf b) {
  return riffle_lanes<kHalf>(a, b, std::make_index_sequence<kLanes<float>>());
}
// The way back of deal_phases.
template <int kM>
SINTER_INLINE void join_phases(const Vf (&phase)[kM], float* to) {
  constexpr int kL = kLanes<float>;
  if constexpr (kM == 2) {
    store(to, riffle<0>(phase[0], phase[1])), store(to + kL, riffle<1>(phase[0], phase[1]));
  } else {
    Vf even[2] = {riffle<0>(phase[0], phase[2]), riffle<1>(phase[0], phase[2])};
    Vf odd[2] = {riffle<0>(phase[1], phase[3]), riffle<1>(phase[1], phase[3])};
    for (int h = 0; h < 2; h++)
      store(to + 2 * h * kL, riffle<0>(even[h], odd[h])), store(to + (2 * h + 1) * kL, riffle<1>(even[h], odd[h]));
  }
}

// Scratch of one task for `block` tiles.
template <int kM>
class TileScratch {
 public:
  static constexpr int kA = kM + 2, kL = kLanes<float>;

  SINTER_INLINE TileScratch(const Tiling<kM>& tiling, int64_t block, float* memory)
      : row_(row_floats(tiling, block)), tiles_(block + kL), rows_(memory), columns_(memory + kA * row_) {}
  static SINTER_INLINE int64_t floats(const Tiling<kM>& tiling, int64_t block) {
    return kA * row_floats(tiling, block) + std::max<int64_t>(kA * kA, kM * kM) * (block + kL);
  }

  // The segment's elements of a plane (null: zeros), transformed down the columns, to the block's columns.
  SINTER_INLINE void take(const Tiling<kM>& t, const Segment& s, const float* plane) const {
    const float* row[kA];
    int64_t x0 = s.x + t.dx, width = s.count * kM + 2;
    int64_t lo = std::clamp<int64_t>(-x0, 0, width), hi = std::clamp(t.source_w - x0, lo, width);
    for (int r = 0; r < kA; r++) {
      int64_t y = s.y + t.dy + r;
      row[r] = plane && y >= 0 && y < t.source_h ? plane + y * t.source_w + x0 : nullptr;
    }
    // Vectors begin at multiples of their length, where they are read again: a read across two stores has to wait for both.
    for (int64_t x = 0; x < width; x += kL) {
      if (lo <= x && x + kL <= hi)
        column_vector(row, x, [=](const float* p) __attribute__((always_inline)) { return load(p + x); });
      else
        column_vector(
            row, x, [=](const float* p) __attribute__((always_inline)) { return load_between(p + x, lo - x, hi - x); });
    }
    for (int64_t i = 0; i < s.count; i += kL)
      for (int r = 0; r < kA; r++) {
        const float* from = rows_ + r * row_ + i * kM;
        float* to = columns_ + r * kA * tiles_ + s.at + i;
        Vf phase[kM];
        deal_phases<kM>(from, phase);
        for (int j = 0; j < kM; j++) store(to + j * tiles_, phase[j]);
        for (int j = 0; j < 2; j++)  // the next tile's first ones
          store(to + (kM + j) * tiles_, next_lanes(phase[j], splat(from[kM * kL + j]), std::make_index_sequence<kL>()));
      }
  }

  // Along the rows: element x of the block's tiles to v + x * stride, a panel of tiles `panel` elements after the other.
  SINTER_INLINE void finish_input(int64_t tiles, float* v, int64_t stride, int64_t panel) const {
    for (int64_t i = 0; i < tiles; i += kL) {
      float* to = v + i / (2 * kL) * panel + i % (2 * kL);
      for (int r = 0; r < kA; r++) {
        Vf in[kA], out[kA];
        for (int j = 0; j < kA; j++) in[j] = load(columns_ + (r * kA + j) * tiles_ + i);
        WinogradPoints<kM>::input(in, out);
        for (int j = 0; j < kA; j++) store(to + (r * kA + j) * stride, out[j]);
      }
    }
  }

  // The block's results of one channel, from products + x * stride, as rows of kM elements a tile.
  SINTER_INLINE void take_products(const float* products, int64_t stride, int64_t tiles, float bias) const {
    for (int64_t i = 0; i < tiles; i += kL) {
      Vf down[kA][kM];
      for (int j = 0; j < kA; j++) {
        Vf column[kA];
        for (int r = 0; r < kA; r++) column[r] = load(products + (r * kA + j) * stride + i);
        WinogradPoints<kM>::output(column, down[j]);
      }
      for (int r = 0; r < kM; r++) {
        Vf in[kA], out[kM];
        for (int j = 0; j < kA; j++) in[j] = down[j][r];
        WinogradPoints<kM>::output(in, out);
        for (int j = 0; j < kM; j++) out[j] += bias;
        join_phases<kM>(out, columns_ + (r * tiles_ + i) * kM);
      }
    }
  }

  // A segment's part of them to a plane of the target.
  SINTER_INLINE void give(const Tiling<kM>& t, const Segment& s, float* plane, const Target& target) const {
    int64_t rows = std::min<int64_t>(kM, t.grid_h - s.y), width = std::min(s.count * kM, t.grid_w - s.x);
    for (int64_t r = 0; r < rows; r++) {
      float* from = columns_ + (r * tiles_ + s.at) * kM;
      float* to = plane + (s.y + r) * target.row + s.x;
      if (target.finishes()) finish_run<float>(target, from, to, width);
      int64_t i = 0;
      for (; i + kL <= width; i += kL) store(to + i, load(from + i));
      if (i < width) store_n(to + i, load(from + i), static_cast<int>(width - i));
    }
  }

 private:
  // What a row of a segment takes: reads are whole vectors of tiles.
  static SINTER_INLINE int64_t row_floats(const Tiling<kM>& t, int64_t block) {
    return (round_up(std::min(block, t.across), kL) + 1) * kM + 2 * kL;
  }

  // Lanes 1 and on of a, then b's first.
  template <size_t... kLane>
  static SINTER_INLINE Vf next_lanes(Vf a, Vf b, std::index_sequence<kLane...>) {
    return __builtin_shufflevector(a, b, (kLane + 1)...);
  }

  // Lanes [lo, hi) of the vector at p, zero elsewhere.
  static SINTER_INLINE Vf load_between(const float* p, int64_t lo, int64_t hi) {
    if (lo <= 0) return hi <= 0 ? Vf{} : load_n(p, static_cast<int>(std::min<int64_t>(hi, kL)));
    float lanes[kL] = {};
    for (int64_t i = lo; i < std::min<int64_t>(hi, kL); i++) lanes[i] = p[i];
    return load(lanes);
  }

  template <class Load>
  SINTER_INLINE void column_vector(const float* const (&row)[kA], int64_t x, Load at) const {
    Vf in[kA], out[kA];
    for (int r = 0; r < kA; r++) in[r] = row[r] ? at(row[r]) : Vf{};
    WinogradPoints<kM>::input(in, out);
    for (int r = 0; r < kA; r++) store(rows_ + r * row_ + x, out[r]);
  }

  int64_t row_, tiles_;
  float *rows_, *columns_;
};

}  // namespace sinter::cpu::SINTER_ISA
