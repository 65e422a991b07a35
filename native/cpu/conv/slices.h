// Slices of a problem's depth and what they read. Place in the whole: implicit_gemm.cpp and few_pixels.cpp pack patches slice by slice.
#pragma once
#include <algorithm>

#include "cpu/conv/blocks.h"
#include "cpu/conv/finish.h"

namespace sinter::cpu::SINTER_ISA {

// At most kKC of the depth at a time, whole channels where these are not longer.
struct Slices {
  int64_t length;    // of a slice; the last one may be shorter
  int64_t channels;  // at most so many does a slice meet

  SINTER_INLINE explicit Slices(const Problem& p) {
    const bool whole = p.ntaps <= kKC;
    length = whole ? ceil_div(p.source_channels, ceil_div(p.source_channels, kKC / p.ntaps)) * p.ntaps : kKC;
    length = std::min(length, p.depth());
    channels = std::min(p.source_channels, whole ? length / p.ntaps : 2);
  }
};

// Where a block's patches are read from: the staged rows of a slice's channels, or the source itself.
template <class T>
struct Readable {
  const T *data, *end;
  int64_t channel_stride;
};

// Of a block with `rows` staged rows; stage_slice fills `staged`.
template <class S>
SINTER_INLINE Readable<Compute<S>> readable_of(const PixelBlocks& blocks, const Slices& slices, int64_t rows,
                                               const Compute<S>* staged) {
  using T = Compute<S>;
  const Problem& p = blocks.p;
  const int64_t length = rows * blocks.window.row_len;
  if (!blocks.window.in_place) return {staged, staged + slices.channels * length + kNR<T>, length};
  const int64_t plane = p.source_h * p.source_w;
  const T* source = static_cast<const T*>(p.source);
  return {source, source + p.images * p.groups * p.source_channels * plane, plane};
}

// Where element i of the k from k0 on lies in what is read: at depths[i] from a position's place. Returns the greatest.
template <class T>
SINTER_INLINE int64_t list_depths(const PixelBlocks& blocks, const Readable<T>& from, int64_t k0, int64_t k,
                                  int64_t* depths) {
  const Problem& p = blocks.p;
  int64_t ch = blocks.window.in_place ? k0 / p.ntaps : 0, tap = k0 % p.ntaps, deepest = 0;
  for (int64_t i = 0; i < k; i++) {
    depths[i] = ch * from.channel_stride + tap_offset(p, blocks.window, p.taps[tap]);
    deepest = std::max(deepest, depths[i]);
    if (++tap == p.ntaps) tap = 0, ch++;
  }
  return deepest;
}

// Stages the channels that the k from k0 on meet, where the source is not read in place.
template <class S>
SINTER_INLINE void stage_slice(const PixelBlocks& blocks, const PixelBlock& b, int64_t g, int64_t k0, int64_t k,
                               int64_t channel_stride, Compute<S>* staged) {
  const Problem& p = blocks.p;
  if (blocks.window.in_place) return;
  const int64_t c0 = k0 / p.ntaps, c1 = (k0 + k - 1) / p.ntaps + 1;
  blocks.each_image(b, [&](int64_t image, int64_t y, int64_t ny, int64_t x, int64_t at) {
    for (int64_t ch = c0; ch < c1; ch++)
      stage_channel<S>(p, blocks.window, image, g, ch, y, ny, x, staged + at + (ch - c0) * channel_stride);
  });
}

// The bias in the compute type, or null.
template <class S>
SINTER_INLINE const Compute<S>* wide_bias(const Call& c, const Problem& p, const Target& t) {
  using T = Compute<S>;
  if constexpr (std::is_same_v<S, T>) {
    return static_cast<const T*>(t.bias);
  } else {
    if (!t.bias) return nullptr;
    const int64_t n = p.groups * t.channels;
    T* bias = c.scratch_of<T>(n);
    for (int64_t i = 0; i < n; i++) bias[i] = to_compute(static_cast<const S*>(t.bias)[i]);
    return bias;
  }
}

// Sums of `rows` channels from row0 on, (rows, lds), go from a block's runs to their places, with what follows them.
template <class S>
static void deliver_runs(const Target& t, Compute<S>* sums, int64_t lds, int64_t row0, int64_t rows, const Run* runs,
                         int64_t nruns) {
  S* out = static_cast<S*>(t.data) + row0 * t.plane;
  for (int64_t i = 0; i < rows; i++, sums += lds, out += t.plane)
    for (int64_t r = 0; r < nruns; r++) {
      Compute<S>* const s = sums + runs[r].at;
      S* const d = out + runs[r].target;
      if (t.finishes()) finish_run<S>(t, s, d, runs[r].count);
      for (int32_t j = 0; j < runs[r].count; j++) d[j * t.column] = narrow<S>(s[j]);
    }
}

}  // namespace sinter::cpu::SINTER_ISA
