// A chain of colour adjustments in one pass over the pixels. Place in the whole: the templates of recolor.cu and recolor_f64.cu; formulas
// and their order are those of native/cpu/image/recolor.cpp, so that bytes come out alike.
#pragma once
#include "cuda/kernels/image/pixels.cuh"
#include "cuda/kernels/image/recolor.h"
#include "cuda/kernels/ptx.cuh"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {

template <class C>
struct Rgb {
  C r, g, b;
};

template <class C>
SINTER_DEVICE C gray_of(const Rgb<C>& x) {
  return x.r * C(0.2989) + x.g * C(0.587) + x.b * C(0.114);
}
// NaN stays.
template <class C>
SINTER_DEVICE C bounded(C x, C top) {
  x = x < C(0) ? C(0) : x;
  return x > top ? top : x;
}

// Hue, saturation and value of colours from 0 to 1, the hue in turns.
template <class C>
SINTER_DEVICE Rgb<C> to_hsv(const Rgb<C>& x) {
  const C most = Larger()(Larger()(x.r, x.g), x.b), least = Smaller()(Smaller()(x.r, x.g), x.b), range = most - least;
  const bool even = most == least;
  const C by = even ? C(1) : range;
  const C rc = (most - x.r) / by, gc = (most - x.g) / by, bc = (most - x.b) / by;
  C h = most == x.r ? bc - gc : most == x.g ? rc + C(2) - bc : gc + C(4) - rc;
  h = h * C(1.0 / 6) + C(1);
  return {h - floor(h), range / (even ? C(1) : most), most};
}
template <class C>
SINTER_DEVICE Rgb<C> from_hsv(const Rgb<C>& x) {
  const C s = x.g, v = x.b, six = x.r * C(6), whole = floor(six), f = six - whole;
  const C turned = whole - C(6) * floor(whole * C(1.0 / 6) + C(1.0 / 64));
  const int sector = turned == turned ? static_cast<int>(turned) : 5;  // of no number too, as on the CPU
  const C p = bounded((C(1) - s) * v, C(1)), q = bounded((C(1) - s * f) * v, C(1)),
          t = bounded((s * f + (C(1) - s)) * v, C(1));
  switch (sector) {
    case 0: return {v, t, p};
    case 1: return {q, v, p};
    case 2: return {p, v, t};
    case 3: return {p, q, v};
    case 4: return {t, p, v};
    default: return {v, p, q};
  }
}

template <class T>
struct Recoloring {
  using C = PixelOf<T>;
  static constexpr bool kBytes = kSame<T, u8>;
  static constexpr C kTop = kBytes ? C(255) : C(1);
  static constexpr int kPixels = color_pixels(sizeof(T));

  // What a byte holds after a step. In exact arithmetic many results are whole numbers, which a rounding error must not take to the one
  // below: a share of a level that no eye sees counts as reached.
  static SINTER_DEVICE C kept(C v) { return kBytes ? floor(v + C(0x1p-12)) : v; }
  // factor x + (1 - factor) other.
  static SINTER_DEVICE C blend(C x, C other, C factor) {
    return kept(bounded(x * factor + other * (C(1) - factor), kTop));
  }
  static SINTER_DEVICE C gray(const Rgb<C>& x, bool colour) { return colour ? kept(gray_of(x)) : x.r; }

  static SINTER_DEVICE Rgb<C> stepped(int step, C f, C mean, bool colour, const Rgb<C>& x) {
    switch (step) {
      case kBrightness:
        return {kept(bounded(x.r * f, kTop)), kept(bounded(x.g * f, kTop)), kept(bounded(x.b * f, kTop))};
      case kContrast: return {blend(x.r, mean, f), blend(x.g, mean, f), blend(x.b, mean, f)};
      case kSaturation: {
        const C m = gray(x, colour);
        return {blend(x.r, m, f), blend(x.g, m, f), blend(x.b, m, f)};
      }
      case kHue: {
        constexpr C in = C(1) / kTop, out = kBytes ? C(255.999) : C(1);
        Rgb<C> hsv = to_hsv(Rgb<C>{x.r * in, x.g * in, x.b * in});
        const C h = hsv.r + f;
        hsv.r = h - floor(h);
        const Rgb<C> rgb = from_hsv(hsv);
        return {kept(rgb.r * out), kept(rgb.g * out), kept(rgb.b * out)};
      }
      // Of bytes these are refused.
      case kToHsv: return kBytes ? x : to_hsv(x);
      case kFromHsv: return kBytes ? x : from_hsv(x);
      default: return {gray(x, colour), x.g, x.b};
    }
  }

  // All steps, or with `before` >= 0 the sum of gray values before that one.
  static SINTER_DEVICE void run(const Recolor& p, int before, double* partial) {
    const int64_t image = quotient(blockIdx.x, p.blocks), block = blockIdx.x - image * p.blocks.size;
    const int64_t first = (block * kImageThreads + threadIdx.x) * kPixels;
    const bool colour = p.channels == 3;
    const T* from = static_cast<const T*>(p.x) + image * p.channels * p.plane;
    Rgb<C> x[kPixels];
    {
      const auto r = load_pack_ragged<kPixels>(from, first, p.plane, narrow<T>(C(0)));
#pragma unroll
      for (int e = 0; e < kPixels; e++) x[e] = {pixel(r.at[e]), pixel(r.at[e]), pixel(r.at[e])};
    }
    if (colour) {
      const auto g = load_pack_ragged<kPixels>(from + p.plane, first, p.plane, narrow<T>(C(0)));
      const auto b = load_pack_ragged<kPixels>(from + 2 * p.plane, first, p.plane, narrow<T>(C(0)));
#pragma unroll
      for (int e = 0; e < kPixels; e++) x[e].g = pixel(g.at[e]), x[e].b = pixel(b.at[e]);
    }
    const int steps = before >= 0 ? before : p.steps;
#pragma unroll 1
    for (int s = 0; s < steps; s++) {
      const int step = p.step[s];
      const C f = static_cast<C>(__ldg(p.factors + image * p.steps + s));
      const C mean = step == kContrast ? static_cast<C>(__ldg(p.means + image * p.steps + s)) : C(0);
#pragma unroll
      for (int e = 0; e < kPixels; e++) x[e] = stepped(step, f, mean, colour, x[e]);
    }
    if (before >= 0) {
      double sum = 0;
#pragma unroll
      for (int e = 0; e < kPixels; e++) sum += first + e < p.plane ? static_cast<double>(gray(x[e], colour)) : 0;
      sum = block_reduce<kImageThreads>(sum, partial, Plus());
      if (threadIdx.x == 0) p.sums[blockIdx.x] = sum;
      return;
    }
    T* to = static_cast<T*>(p.y) + image * p.kept * p.plane;
    Pack<T, kPixels> pack;
    const auto put = [&](T* plane) {
      if (first + kPixels <= p.plane && reinterpret_cast<uintptr_t>(plane + first) % Pack<T, kPixels>::kBytes == 0)
        return store_global(plane + first, pack.word);  // a plain store would be split
#pragma unroll
      for (int e = 0; e < kPixels; e++)
        if (first + e < p.plane) plane[first + e] = pack.at[e];
    };
#pragma unroll
    for (int e = 0; e < kPixels; e++) pack.at[e] = as_pixel<T>(x[e].r);
    put(to);
    if (p.kept == 1) return;
#pragma unroll
    for (int e = 0; e < kPixels; e++) pack.at[e] = as_pixel<T>(x[e].g);
    put(to + p.plane);
#pragma unroll
    for (int e = 0; e < kPixels; e++) pack.at[e] = as_pixel<T>(x[e].b);
    put(to + 2 * p.plane);
  }
};

// Blocks a multiprocessor that registers must leave room for.
#define SINTER_RECOLOR(T)                                                            \
  extern "C" __global__ void __launch_bounds__(kImageThreads, kSame<T, f64> ? 4 : 6) \
      recolor_##T(const __grid_constant__ Recolor p, int32_t before) {               \
    __shared__ double partial[kImageThreads / kWarp];                                \
    Recoloring<T>::run(p, before, partial);                                          \
  }

}  // namespace sinter::cuda
