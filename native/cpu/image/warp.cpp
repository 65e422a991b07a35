// warp: images read through affine or projective maps, without a grid in memory; warpTransposed: its adjoint, the gradient by the
// images. Place in the whole: kernels of native/ops.def, compiled once per instruction set.
//   warp            x (n, c, h, w), matrix (n, 2 or 3, 3), fill? (n, c) -> y (n, c, oh, ow)
//   warpTransposed  g (n, c, oh, ow), matrix                            -> gx (n, c, h, w)
//   {mode, padding, alignCorners}, contiguous; images u8 (warp only) f32 f64 bf16 f16, matrix any floating type
// Blocks of a row whose taps all lie inside are the usual case: bilinear ones read two neighbours with one load.
#include "cpu/image/warp.h"

#include "cpu/complex/pairs.h"
#include "cpu/conv/workplaces.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <int Part, int... I>
SINTER_INLINE Vf of_pairs(Vf low, Vf high, std::integer_sequence<int, I...>) {
  return __builtin_shufflevector(low, high, ((I % 4 < 2 ? 0 : kLanes<float>)+I / 4 * 4 + I % 2 * 2 + Part)...);
}

// Pairs of floats from p + at[l] on, for the lanes l = first, first + 1, first + 4, first + 5, first + 8 and so on: the first or
// second half of each 128 bits, so that no shuffle crosses them. Two loads fill 128 bits, without a way through general registers
// and cheaper than gathers.
SINTER_INLINE Vf pairs_of_lanes(const float* p, const int32_t* at, int first) {
#if defined(__x86_64__)
  const auto two = [&](int l) __attribute__((always_inline)) {
    const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i_u*>(p + at[l]));
    return _mm_loadh_pd(_mm_castsi128_pd(low), reinterpret_cast<const double*>(p + at[l + 1]));
  };
#if defined(__AVX2__)
  const auto four = [&](int l) __attribute__((always_inline)) {
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(two(l)), two(l + 4), 1);
  };
#endif
#if defined(__AVX512F__)
  return (Vf)_mm512_insertf64x4(_mm512_castpd256_pd512(four(first)), four(first + 8), 1);
#elif defined(__AVX2__)
  return (Vf)four(first);
#else
  return (Vf)two(first);
#endif
#else
  Vul pairs;
  for (int l = 0; l < kLanes<int64_t>; l++) {
    uint64_t pair;
    std::memcpy(&pair, p + at[first + l / 2 * 4 + l % 2], 8);
    pairs[l] = pair;
  }
  return (Vf)pairs;
#endif
}

// Neighbours p[at], p[at + 1] of every lane; indices come from memory, as addresses do. Each pair is one load of twice the width.
template <class T>
SINTER_INLINE void neighbours(const T* p, const LaneInt<Compute<T>>* at, Vec<Compute<T>>& a, Vec<Compute<T>>& b) {
  constexpr int lanes = kLanes<Compute<T>>;
  if constexpr (sizeof(T) == 4) {
    const Vf low = pairs_of_lanes(p, at, 0), high = pairs_of_lanes(p, at, 2);
    a = of_pairs<0>(low, high, LaneList<float>());
    b = of_pairs<1>(low, high, LaneList<float>());
  } else if constexpr (sizeof(T) == 1) {
    VuHalf pair;
    for (int l = 0; l < lanes; l++) {
      uint16_t two;
      std::memcpy(&two, p + at[l], 2);
      pair[l] = two;
    }
    const Vi both = __builtin_convertvector(pair, Vi);
    a = __builtin_convertvector(both & 255, Vf);
    b = __builtin_convertvector(both >> 8, Vf);
  } else {
    for (int l = 0; l < lanes; l++) {
      a[l] = to_compute(p[at[l]]);
      b[l] = to_compute(p[at[l] + 1]);
    }
  }
}

// A block of a plane, all taps inside.
template <class T>
void read_inside(const WarpProblem& p, const WarpTaps<Compute<T>>& taps, const T* plane, int64_t n, Compute<T>* sum) {
  using C = Compute<T>;
  for (int64_t v = 0; v < n; v += kLanes<C>) {
    if (p.mode == Sampling::bilinear) {
      const LaneInt<C>* at = taps.at[0] + v;
      const Vec<C> right = load(taps.right + v), lower = load(taps.lower + v), left = C(1) - right;
      Vec<C> a, b, c, d;
      neighbours(plane, at, a, b);
      neighbours(plane + p.w, at, c, d);
      store(sum + v, Vec<C>((a * left + b * right) * (C(1) - lower) + (c * left + d * right) * lower));
    } else {
      Vec<C> y = {};
      for (int t = 0; t < taps.count; t++) {
        Vec<C> x;
        for (int l = 0; l < kLanes<C>; l++) x[l] = pixel(plane[taps.at[t][v + l]]);
        y += x * load(taps.weight[t] + v);
      }
      store(sum + v, y);
    }
  }
}

// A block at the edge of the image; what lies outside counts `fill`, which need not be a finite number: pixels that lie inside do not
// see it.
template <class T>
void read_edge(const WarpTaps<Compute<T>>& taps, const T* plane, int64_t n, bool filled, Compute<T> fill,
               Compute<T>* sum) {
  using C = Compute<T>;
  for (int64_t v = 0; v < n; v += kLanes<C>) {
    Vec<C> y = {}, beyond = {};
    for (int t = 0; t < taps.count; t++) {
      const VecInt<C> at = load(taps.at[t] + v);
      const Vec<C> weight = load(taps.weight[t] + v);
      const VecInt<C> somewhere = at < 0 ? VecInt<C>{} : at;
      Vec<C> x;
      for (int l = 0; l < kLanes<C>; l++) x[l] = pixel(plane[somewhere[l]]);
      const auto outside = at < 0;
      y += outside ? Vec<C>{} : x * weight;
      beyond += outside ? weight : Vec<C>{};
    }
    store(sum + v, filled ? Vec<C>(beyond == C(0) ? y : y + beyond * fill) : y);
  }
}

template <class T>
void warp_image(const Call& c) {
  using C = Compute<T>;
  const WarpProblem p(c, c.in[0], c.out[0]);
  const TensorRef fill = c.opt(2);
  const T* from = c.in[0].as<T>();
  T* y = c.out[0].as<T>();
  const int64_t rows = p.n * p.oh, grain = grain_of(p.ow * (p.channels + 3) * p.taps_an_axis() * p.taps_an_axis());
  const Workplaces places(c, sizeof(WarpTaps<C>), (rows + grain - 1) / grain);
  parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    WarpTaps<C>& taps = *reinterpret_cast<WarpTaps<C>*>(places.memory(place));
    for (int64_t r = begin; r < end; r++) {
      const int64_t sample = r / p.oh, j = r % p.oh;
      const PixelMap map(p, sample);
      for (int64_t first = 0; first < p.ow; first += kWarpBlock) {
        const int64_t n = std::min(kWarpBlock, p.ow - first);
        warp_taps(p, map, j, first, n, taps);
        for (int64_t k = sample * p.channels; k < (sample + 1) * p.channels; k++) {
          const T* plane = from + k * p.h * p.w;
          const C beyond = fill.present() ? static_cast<C>(read_any(fill, k)) : C(0);
          T* out = y + (k * p.oh + j) * p.ow + first;
          alignas(64) C block[kWarpBlock];
          C* sum = block;
          // Whole vectors of the image's own type go where they belong.
          if constexpr (std::is_same_v<T, C>) {
            if (n % kLanes<C> == 0) sum = out;
          }
          if (taps.inside)
            read_inside(p, taps, plane, n, sum);
          else if (taps.outside && !fill.present())
            std::memset(sum, 0, static_cast<size_t>(n) * sizeof(C));
          else
            read_edge(taps, plane, n, fill.present(), beyond, sum);
          if (sum == block)
            each_step<C>(n, [&](int64_t i, auto part) { put_pixels(part, out + i, as_pixels<T>(load(block + i))); });
        }
      }
    }
    places.release(place);
  });
}

// The transpose of read_inside for bilinear taps.
template <class T>
void add_inside(const WarpProblem& p, const WarpTaps<Compute<T>>& taps, const T* g, int64_t n, Compute<T>* sum) {
  using C = Compute<T>;
  for (int64_t i = 0; i < n; i++) {
    C *upper = sum + taps.at[0][i], *below = upper + p.w;
    const C v = to_compute(g[i]), low = v * taps.lower[i], high = v - low, right = taps.right[i];
    upper[0] += high * (C(1) - right);
    upper[1] += high * right;
    below[0] += low * (C(1) - right);
    below[1] += low * right;
  }
}

// A plane a task: every pixel of g goes where it came from, in order.
template <class T>
void warp_back(const Call& c) {
  using C = Compute<T>;
  const WarpProblem p(c, c.out[0], c.in[0]);
  const T* from = c.in[0].as<T>();
  T* y = c.out[0].as<T>();
  const int64_t plane = p.h * p.w, planes = p.n * p.channels;
  const Workplaces places(c, static_cast<int64_t>(sizeof(WarpTaps<C>)) + plane * static_cast<int64_t>(sizeof(C)),
                          planes);
  parallel_for(planes, 1, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    WarpTaps<C>& taps = *reinterpret_cast<WarpTaps<C>*>(places.memory(place));
    C* sum = reinterpret_cast<C*>(places.memory(place) + sizeof(WarpTaps<C>));
    for (int64_t k = begin; k < end; k++) {
      const PixelMap map(p, k / p.channels);
      std::memset(sum, 0, static_cast<size_t>(plane) * sizeof(C));
      for (int64_t j = 0; j < p.oh; j++)
        for (int64_t first = 0; first < p.ow; first += kWarpBlock) {
          const int64_t n = std::min(kWarpBlock, p.ow - first);
          warp_taps(p, map, j, first, n, taps);
          if (taps.outside) continue;
          const T* g = from + (k * p.oh + j) * p.ow + first;
          if (taps.inside && p.mode == Sampling::bilinear) {
            add_inside(p, taps, g, n, sum);
            continue;
          }
          for (int t = 0; t < taps.count; t++)
            for (int64_t i = 0; i < n; i++)
              if (taps.at[t][i] >= 0) sum[taps.at[t][i]] += taps.weight[t][i] * to_compute(g[i]);
        }
      T* out = y + k * plane;
      each_step<T>(plane, [&](int64_t i, auto part) { put(part, out + i, get(part, sum + i)); });
    }
    places.release(place);
  });
}

}  // namespace

void warp(const Call& c) {
  if (c.out[0].numel == 0) return;
  with_pixels(c.in[0].dtype, "warp", [&](auto t) { warp_image<decltype(t)>(c); });
}

void warpTransposed(const Call& c) {
  if (c.out[0].numel == 0) return;
  with_floating(c.in[0].dtype, "warpTransposed", [&](auto t) { warp_back<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
