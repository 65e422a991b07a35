// Images read through affine or projective maps. Place in the whole: the templates of warp.cu and warp_f64.cu; definitions as in
// native/cpu/image/warp.h.
//
// Matrices are brought to pixels once an image, in double, and places are computed from them in double, so that a place is off by one
// rounding of its own, however wide the image. A thread reads up to kWarpChannels planes at one place.
#pragma once
#include "cuda/kernels/image/pixels.cuh"
#include "cuda/kernels/image/warp.h"
#include "cuda/kernels/ptx.cuh"
#include "cuda/kernels/resample/grid_sample.h"

namespace sinter::cuda {

// From an index to a coordinate: step * index + start.
SINTER_DEVICE double coordinate_step(int64_t n, bool align) {
  if (align) return n > 1 ? 2.0 / static_cast<double>(n - 1) : 0;
  return 2.0 / static_cast<double>(n);
}
SINTER_DEVICE double coordinate_start(int64_t n, bool align) {
  if (align) return n > 1 ? -1 : 0;
  return 1.0 / static_cast<double>(n) - 1;
}

SINTER_DEVICE void make_pixel_map(const Warp& p, int64_t sample) {
  const bool align = p.align != 0;
  const double si = coordinate_step(p.columns.size, align), sj = coordinate_step(p.lines.size, align);
  const double oi = coordinate_start(p.columns.size, align), oj = coordinate_start(p.lines.size, align);
  double m[3][3];
#pragma unroll
  for (int r = 0; r < 3; r++) {
    const bool given = r < p.rows;
    const int64_t at = (sample * p.rows + r) * 3;
    const double a = given ? real_at(p.matrix, at) : 0, b = given ? real_at(p.matrix, at + 1) : 0;
    m[r][0] = a * si;
    m[r][1] = b * sj;
    m[r][2] = (given ? real_at(p.matrix, at + 2) : 1) + a * oi + b * oj;
  }
  // And back: scale * coordinate + shift.
  PixelMap* map = p.maps + sample;
#pragma unroll
  for (int r = 0; r < 2; r++) {
    const int64_t size = r == 0 ? p.w : p.h;
    const double scale = static_cast<double>(align ? size - 1 : size) / 2, shift = align ? scale : scale - 0.5;
#pragma unroll
    for (int k = 0; k < 3; k++) map->row[r][k] = scale * m[r][k] + shift * m[2][k];
  }
#pragma unroll
  for (int k = 0; k < 3; k++) map->row[2][k] = m[2][k];
}

// Along one axis: pixels (-1: outside) and what they count.
template <class C, int kEach>
struct Taps {
  int at[kEach];
  C weight[kEach];
};

// A place moved inside where the padding says so; NaN stays.
template <class C>
SINTER_DEVICE C moved_inside(C x, const Warp& p, int64_t size) {
  if (p.padding == kZeros) return x;
  if (p.padding == kReflection) {
    const C low = p.align ? C(0) : C(-0.5), span = static_cast<C>(p.align ? size - 1 : size);
    if (span == C(0)) return x * C(0);
    const C from = x - low, far = from < C(0) ? -from : from, flips = floor(far / span), rest = far - flips * span;
    const bool odd = flips - C(2) * floor(flips * C(0.5)) != C(0);
    x = (odd ? span - rest : rest) + low;
  }
  const C most = static_cast<C>(size - 1);
  x = x <= C(0) ? C(0) : x;
  return x >= most ? most : x;
}

SINTER_DEVICE int inside_or_none(int64_t at, int64_t size) { return in_range(at, size) ? static_cast<int>(at) : -1; }

// 1, 2 or 4 taps: nearest, bilinear, bicubic.
template <class C, int kEach>
SINTER_DEVICE Taps<C, kEach> taps_along(const Warp& p, C x, int64_t size) {
  Taps<C, kEach> taps;
  // Beyond this an index does not fit, and NaN is nowhere.
  const C far = static_cast<C>(1 << 30);
  if constexpr (kEach < 4) x = moved_inside(x, p, size);
  const bool somewhere = x > -far && x < far;
  if (!somewhere) x = C(-100);
  const C below = kEach == 1 ? rint(x) : floor(x), t = x - below;
  const int64_t first = static_cast<int64_t>(below);
  if constexpr (kEach == 1) {
    taps.at[0] = inside_or_none(first, size);
    taps.weight[0] = C(1);
  } else if constexpr (kEach == 2) {
#pragma unroll
    for (int k = 0; k < 2; k++) taps.at[k] = inside_or_none(first + k, size);
    taps.weight[0] = C(1) - t;
    taps.weight[1] = t;
  } else {
    constexpr C a = C(-0.75);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      const C d = k < 2 ? t + static_cast<C>(1 - k) : static_cast<C>(k - 1) - t;
      taps.weight[k] = k == 1 || k == 2 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((d - 5) * d + 8) * d * a - 4 * a;
      const C at = moved_inside(below + static_cast<C>(k - 1), p, size);
      taps.at[k] = somewhere ? inside_or_none(static_cast<int64_t>(rint(at)), size) : -1;
    }
  }
  return taps;
}

// The taps of pixel (i, j) of a result along both axes.
template <class C, int kEach>
SINTER_DEVICE void taps_of(const Warp& p, int64_t sample, int64_t i, int64_t j, Taps<C, kEach>& along_x,
                           Taps<C, kEach>& along_y) {
  const double* m = &p.maps[sample].row[0][0];
  const double column = static_cast<double>(i), line = static_cast<double>(j);
  const auto place = [&](int r) {
    return fma(__ldg(m + 3 * r), column, fma(__ldg(m + 3 * r + 1), line, __ldg(m + 3 * r + 2)));
  };
  C x = static_cast<C>(place(0)), y = static_cast<C>(place(1));
  if (__ldg(m + 6) != 0 || __ldg(m + 7) != 0 || __ldg(m + 8) != 1) {
    const C divisor = static_cast<C>(place(2));
    x /= divisor;
    y /= divisor;
  }
  along_x = taps_along<C, kEach>(p, x, p.w);
  along_y = taps_along<C, kEach>(p, y, p.h);
}

template <class T, int kEach>
SINTER_DEVICE void warp_pixel(const Warp& p) {
  using C = PixelOf<T>;
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kImageThreads + threadIdx.x;
  if (thread >= p.total) return;
  const int64_t row = quotient(thread, p.columns), i = thread - row * p.columns.size;
  const int64_t part = quotient(row, p.lines), j = row - part * p.lines.size;
  const int64_t sample = quotient(part, p.groups), first = (part - sample * p.groups.size) * kWarpChannels;
  Taps<C, kEach> along_x, along_y;
  taps_of(p, sample, i, j, along_x, along_y);
  const int64_t plane = p.h * p.w, last = min(first + kWarpChannels, p.channels);
  C beyond = 0;
#pragma unroll
  for (int b = 0; b < kEach; b++)
#pragma unroll
    for (int a = 0; a < kEach; a++)
      if ((along_x.at[a] | along_y.at[b]) < 0) beyond += along_x.weight[a] * along_y.weight[b];
#pragma unroll 1
  for (int64_t k = sample * p.channels + first; k < sample * p.channels + last; k++) {
    const T* from = static_cast<const T*>(p.x) + k * plane;
    C sum = p.fill.data && beyond != C(0) ? beyond * static_cast<C>(real_at(p.fill, k))
                                          : C(0);  // it may be no finite number
#pragma unroll
    for (int b = 0; b < kEach; b++) {
      C line = 0;
#pragma unroll
      for (int a = 0; a < kEach; a++)
        if ((along_x.at[a] | along_y.at[b]) >= 0)
          line += along_x.weight[a] * pixel(__ldg(from + along_y.at[b] * p.w + along_x.at[a]));
      sum += along_y.weight[b] * line;
    }
    static_cast<T*>(p.y)[(k * p.lines.size + j) * p.columns.size + i] = as_pixel<T>(sum);
  }
}

// One value or four, `to` aligned to all of them (16 bytes at most).
template <class T, class V, int kCount>
SINTER_DEVICE void store_whole(T* to, const V (&values)[kCount]) {
  constexpr int kPack = kCount * static_cast<int>(sizeof(T)) > 16 ? 16 / static_cast<int>(sizeof(T)) : kCount;
#pragma unroll
  for (int i = 0; i < kCount; i += kPack) {
    Pack<T, kPack> pack;
#pragma unroll
    for (int e = 0; e < kPack; e++) pack.at[e] = static_cast<T>(values[i + e]);
    store_global(to + i, pack.word);
  }
}

// Of every pixel of a result, what it reads: keys as gridSampleBackward's, and weights.
template <class C, int kEach>
SINTER_DEVICE void make_warp_keys(const Warp& p, int64_t limit, bool wide, void* keys, C* weights) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kImageThreads + threadIdx.x;
  if (thread >= p.total) return;
  const int64_t row = quotient(thread, p.columns), i = thread - row * p.columns.size;
  const int64_t sample = quotient(row, p.lines), j = row - sample * p.lines.size;
  Taps<C, kEach> along_x, along_y;
  taps_of(p, sample, i, j, along_x, along_y);
  // Taps in fours where there are as many: whole accesses.
  constexpr int kTaps = kEach * kEach, kPart = kTaps < 4 ? 1 : 4;
#pragma unroll
  for (int first = 0; first < kTaps; first += kPart) {
    const int64_t to = thread * kTaps + first;
    int64_t key[kPart];
    C weight[kPart];
#pragma unroll
    for (int t = 0; t < kPart; t++) {
      const int b = (first + t) / kEach, a = (first + t) % kEach;
      const bool outside = (along_x.at[a] | along_y.at[b]) < 0;
      key[t] = outside ? limit : (sample * p.h + along_y.at[b]) * p.w + along_x.at[a];
      weight[t] = along_x.weight[a] * along_y.weight[b];
    }
    if (wide)
      store_whole(static_cast<int64_t*>(keys) + to, key);
    else
      store_whole(static_cast<int32_t*>(keys) + to, key);
    store_whole(weights + to, weight);
  }
}

#define SINTER_WARP(T, mode, each)                                                                                \
  extern "C" __global__ void __launch_bounds__(kImageThreads) warp_##T##_##mode(const __grid_constant__ Warp p) { \
    warp_pixel<T, each>(p);                                                                                       \
  }
#define SINTER_WARP_KEYS(C, mode, each)                                                                                \
  extern "C" __global__ void __launch_bounds__(kImageThreads) warp_keys_##C##_##mode(                                  \
      const __grid_constant__ Warp p, int64_t limit, int32_t wide, void* __restrict__ keys, C* __restrict__ weights) { \
    make_warp_keys<C, each>(p, limit, wide != 0, keys, weights);                                                       \
  }
#define SINTER_WARP_MODES(define, T) define(T, bilinear, 2) define(T, nearest, 1) define(T, bicubic, 4)

}  // namespace sinter::cuda
