// How tiles come from planes and results go back. Place in the whole: the memory side of winograd.cpp's transforms; a vector is one
// element of neighbouring tiles.
//
// The tiles of all images are numbered image by image, row by row. Vectors of tiles run on across the ends of rows and of images, so
// that narrow images fill them too: planes are read and written a segment (tiles of one row) at a time, by way of scratch memory in
// which the tiles of a block lie side by side.
//
// A dilated kernel, whose taps are `apart` elements apart, sees every apart-th row and column only: the grid falls into apart * apart
// parts, each with tiles of its own, which go through the source at these steps.
#pragma once
#include <algorithm>

#include "cpu/conv/finish.h"
#include "cpu/conv/lanes.h"
#include "cpu/conv/winograd_points.h"
#include "cpu/simd/half.h"

namespace sinter::cpu::SINTER_ISA {

// An odd number of lines, for matrices one after the other: they do not share cache sets.
SINTER_INLINE int64_t odd_lines(int64_t floats) {
  return round_up(floats, 16) + (round_up(floats, 16) / 16 % 2 ? 0 : 16);
}

// The dilation of a 3 x 3 kernel of stride 1, from the least tap or from the last on, where it is the same along both axes; else 0.
SINTER_INLINE int64_t dilation_3x3(const Problem& p) {
  if (p.step_y != 1 || p.step_x != 1 || p.ntaps != 9) return 0;
  const int64_t step = p.taps[1].dx - p.taps[0].dx;
  for (int t = 0; t < 9; t++)
    if (p.taps[t].dy != p.taps[0].dy + t / 3 * step || p.taps[t].dx != p.taps[0].dx + t % 3 * step) return 0;
  return step < 0 ? -step : step;
}

// Neighbouring tiles of one row of tiles, whose elements are `apart` from one another along both axes.
struct Segment {
  int64_t image, y, x;  // of the first tile's first position on the grid
  int64_t count, at;    // tiles, and the first one's place in the block
};

template <int kM>
struct Tiling {
  int64_t images, grid_h, grid_w;
  int64_t dy, dx;        // from a position to the least tap
  int64_t apart;         // the dilation
  int64_t across, down;  // tiles of an image's part; of some parts the last ones are empty

  SINTER_INLINE explicit Tiling(const Problem& p)
      : images(p.images), grid_h(p.grid_h), grid_w(p.grid_w), dy(std::min(p.taps[0].dy, p.taps[p.ntaps - 1].dy)),
        dx(std::min(p.taps[0].dx, p.taps[p.ntaps - 1].dx)), apart(std::max<int64_t>(1, dilation_3x3(p))),
        across(ceil_div(ceil_div(p.grid_w, apart), kM)), down(ceil_div(ceil_div(p.grid_h, apart), kM)) {}
  SINTER_INLINE int64_t tiles() const { return images * apart * apart * across * down; }

  // Lists the segments of tiles [first, first + n); returns their number.
  SINTER_INLINE int64_t segments(int64_t first, int64_t n, Segment* to) const {
    int64_t count = 0, x = first % across, y = first / across % down, part = first / across / down;
    for (int64_t at = 0; at < n;) {
      int64_t here = std::min(across - x, n - at), y0 = part / apart % apart, x0 = part % apart;
      to[count++] = {part / apart / apart, y0 + y * kM * apart, x0 + x * kM * apart, here, at};
      at += here, x = 0;
      if (++y == down) y = 0, part++;
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

// Tiles of a plane as vectors, transformed along both axes: `Along` takes kIn elements, kStep apart from tile to tile, to kOut. `memory`
// holds floats() for blocks of up to `block` tiles.
template <class Along>
class TileReader {
 public:
  static constexpr int kStep = Along::kStep, kIn = Along::kIn, kOut = Along::kOut, kL = kLanes<float>;

  // `across`: the most tiles of a segment.
  SINTER_INLINE TileReader(int64_t across, int64_t block, float* memory)
      : row_(row_floats(across, block)), tiles_(block + kL), rows_(memory), columns_(memory + kOut * row_) {}
  static SINTER_INLINE int64_t floats(int64_t across, int64_t block) {
    return kOut * row_floats(across, block) + kOut * kIn * (block + kL);
  }

  // The segment's elements of a plane (null: zeros) of `height` by `width`, transformed down the columns, to the block's columns; the first
  // tile begins at row y, column x, and elements are `apart` from one another. Returns the sum of the elements if asked.
  template <bool kSum = false, class S>
  SINTER_INLINE Vf take(const S* plane, int64_t height, int64_t width, int64_t y, int64_t x, int64_t apart,
                        const Segment& s) const {
    if (apart == 1) return take_apart<kSum, 1>(plane, height, width, y, x, 1, s);
    return apart == 2 ? take_dilated<kSum, 2>(plane, height, width, y, x, 2, s)
                      : take_dilated<kSum, 0>(plane, height, width, y, x, apart, s);
  }

  // Along the rows: element x of the block's tiles to v + x * stride, a panel of tiles `panel` elements after the other.
  SINTER_INLINE void finish(int64_t tiles, float* v, int64_t stride, int64_t panel) const {
    for (int64_t i = 0; i < tiles; i += kL) {
      float* to = v + i / (2 * kL) * panel + i % (2 * kL);
      for (int r = 0; r < kOut; r++) {
        Vf in[kIn], out[kOut];
        for (int j = 0; j < kIn; j++) in[j] = load(columns_ + (r * kIn + j) * tiles_ + i);
        Along::transform(in, out);
        for (int j = 0; j < kOut; j++) store(to + (r * kOut + j) * stride, out[j]);
      }
    }
  }

 private:
  template <bool kSum, int kApart, class S>
  __attribute__((noinline)) Vf take_dilated(const S* plane, int64_t height, int64_t width, int64_t y, int64_t x0,
                                            int64_t apart, const Segment& s) const {
    return take_apart<kSum, kApart>(plane, height, width, y, x0, apart, s);
  }
  // kApart: 1, 2, or 0 for any.
  template <bool kSum, int kApart, class S>
  SINTER_INLINE Vf take_apart(const S* plane, int64_t height, int64_t width, int64_t y, int64_t x0, int64_t apart,
                              const Segment& s) const {
    const S* row[kIn];
    const int64_t length = (s.count - 1) * kStep + kIn;
    const int64_t lo = x0 >= 0 ? 0 : std::min(length, ceil_div(-x0, apart));
    const int64_t hi = x0 >= width ? lo : std::clamp(ceil_div(width - x0, apart), lo, length);
    for (int r = 0; r < kIn; r++) {
      const int64_t at = y + r * apart;
      row[r] = plane && at >= 0 && at < height ? plane + at * width + x0 : nullptr;
    }
    Vf sum = {};
    // Vectors begin at multiples of their length, where they are read again: a read across two stores has to wait for both.
    for (int64_t x = 0; x < length; x += kL) {
      const bool whole = lo <= x && x + kL <= hi;
      Vf in[kIn], out[kOut];
      for (int r = 0; r < kIn; r++)
        in[r] = !row[r] ? Vf{}
                : whole ? load_whole<kApart>(row[r] + x * apart, apart)
                        : load_between<kApart>(row[r] + x * apart, apart, lo - x, hi - x);
      if (kSum)
        for (int r = 0; r < kIn; r++) sum += in[r];
      Along::transform(in, out);
      for (int r = 0; r < kOut; r++) store(rows_ + r * row_ + x, out[r]);
    }
    for (int64_t i = 0; i < s.count; i += kL)
      for (int r = 0; r < kOut; r++) {
        const float* from = rows_ + r * row_ + i * kStep;
        float* to = columns_ + r * kIn * tiles_ + s.at + i;
        Vf phase[kStep];
        deal_phases<kStep>(from, phase);
        for (int j = 0; j < kStep; j++) store(to + j * tiles_, phase[j]);
        for (int j = 0; j < kIn - kStep; j++)  // the next tile's first ones
          store(to + (kStep + j) * tiles_,
                next_lanes(phase[j], splat(from[kStep * kL + j]), std::make_index_sequence<kL>()));
      }
    return sum;
  }

  // What a row of a segment takes: reads are whole vectors of tiles.
  static SINTER_INLINE int64_t row_floats(int64_t across, int64_t block) {
    return (round_up(std::min(block, across), kL) + 1) * kStep + 2 * kL;
  }

  // Lanes 1 and on of a, then b's first.
  template <size_t... kLane>
  static SINTER_INLINE Vf next_lanes(Vf a, Vf b, std::index_sequence<kLane...>) {
    return __builtin_shufflevector(a, b, (kLane + 1)...);
  }

  // A vector of elements from p on, all of which exist; what lies between them is read too, beyond the last nothing.
  template <int kApart, class S>
  static SINTER_INLINE Vf load_whole(const S* p, int64_t apart) {
    if constexpr (kApart == 1) return load_f32(p);
    if constexpr (kApart == 2 && std::is_same_v<S, float>) return deal<0>(load(p), load_n(p + kL, kL - 1));
    return load_between<0>(p, apart, 0, kL);
  }
  // Lanes [lo, hi) of such a vector, zero elsewhere.
  template <int kApart, class S>
  static SINTER_INLINE Vf load_between(const S* p, int64_t apart, int64_t lo, int64_t hi) {
#if defined(__AVX512F__)
    if constexpr (kApart == 1 && sizeof(S) == 2) {
      const __m256i halves = _mm256_maskz_loadu_epi16(static_cast<__mmask16>(lane_range<float>(lo, hi)), p);
      if constexpr (std::is_same_v<S, bf16>) return (Vf)((Vu)_mm512_maskz_cvtepu16_epi32(0xffff, halves) << 16);
      return (Vf)_mm512_maskz_cvtph_ps(0xffff, halves);
    }
#endif
    if constexpr (kApart == 1 && std::is_same_v<S, float>)
      if (lo <= 0) return hi <= 0 ? Vf{} : load_n(p, static_cast<int>(std::min<int64_t>(hi, kL)));
#if defined(__AVX512F__)
    if constexpr (kApart == 2 && std::is_same_v<S, float>) {
      const int64_t first = 2 * lo, end = 2 * hi - 1;
      return deal<0>(load_lanes(p, lane_range<float>(first, end)),
                     load_lanes(p + kL, lane_range<float>(first - kL, end - kL)));
    }
#endif
    S lanes[kL] = {};
    for (int64_t i = std::max<int64_t>(lo, 0); i < std::min<int64_t>(hi, kL); i++) lanes[i] = p[i * apart];
    return load_f32(lanes);
  }

  int64_t row_, tiles_;
  float *rows_, *columns_;
};

// A block's results of one channel, on their way to planes. `memory` holds floats().
template <int kM>
class TileWriter {
 public:
  static constexpr int kA = kM + 2, kL = kLanes<float>;

  SINTER_INLINE TileWriter(int64_t block, float* memory) : tiles_(block + kL), rows_(memory) {}
  static SINTER_INLINE int64_t floats(int64_t block) { return kM * kM * (block + kL); }

  // From products + x * stride, as rows of kM elements a tile.
  SINTER_INLINE void take(const float* products, int64_t stride, int64_t tiles, float bias) const {
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
        join_phases<kM>(out, rows_ + (r * tiles_ + i) * kM);
      }
    }
  }

  // A segment's part of them to a plane of the target.
  template <class S>
  SINTER_INLINE void give(const Tiling<kM>& t, const Segment& s, S* plane, const Target& target) const {
    if (t.apart > 1) return give_dilated(t, s, plane, target);
    int64_t rows = std::min<int64_t>(kM, t.grid_h - s.y), width = std::min(s.count * kM, t.grid_w - s.x);
    for (int64_t r = 0; r < rows; r++) {
      float* from = rows_ + (r * tiles_ + s.at) * kM;
      S* to = plane + (s.y + r) * target.row + s.x;
      if (target.finishes()) finish_run<S>(target, from, to, width);
      int64_t i = 0;
      for (; i + kL <= width; i += kL) store_f32(to + i, load(from + i));
      if (i < width) store_first(to + i, load(from + i), static_cast<int>(width - i));
    }
  }

 private:
  template <class S>
  void give_dilated(const Tiling<kM>& t, const Segment& s, S* plane, const Target& target) const {
    if (s.y >= t.grid_h || s.x >= t.grid_w) return;
    const int64_t rows = std::min<int64_t>(kM, ceil_div(t.grid_h - s.y, t.apart));
    const int64_t width = std::min(s.count * kM, ceil_div(t.grid_w - s.x, t.apart));
    Target sums = target;
    sums.residual = nullptr;
    for (int64_t r = 0; r < rows; r++) {
      float* from = rows_ + (r * tiles_ + s.at) * kM;
      S* to = plane + (s.y + r * t.apart) * target.row + s.x;
      if (target.residual) {
        const S* residual = static_cast<const S*>(target.residual) + (to - static_cast<S*>(target.data));
        for (int64_t i = 0; i < width; i++) from[i] += to_compute(residual[i * t.apart]);
      }
      if (sums.finishes()) finish_run<S>(sums, from, to, width);
      for (int64_t i = 0; i < width; i++) to[i * t.apart] = narrow<S>(from[i]);
    }
  }

  // The first n lanes in the storage type.
  template <class S>
  static SINTER_INLINE void store_first(S* to, Vf value, int n) {
    if constexpr (std::is_same_v<S, float>) {
      store_n(to, value, n);
    } else {
      S lanes[kL];
      store_f32(lanes, value);
#if defined(__AVX512F__)
      _mm256_mask_storeu_epi16(to, static_cast<__mmask16>((1u << n) - 1),
                               _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes)));
#else
      std::copy_n(lanes, n, to);
#endif
    }
  }

  int64_t tiles_;
  float* rows_;
};

}  // namespace sinter::cpu::SINTER_ISA
