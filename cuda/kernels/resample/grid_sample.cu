// gridSample and its gradients. Place in the whole: device code of grid_sample.cpp; definitions as in native/cpu/resample/grid.h.
//
// Forward a thread makes one element of the result. Back, the grid's gradient is a thread's for each position; for the image's, taps
// are sorted by the element that they read (index/radix_pairs.h), and the first of an element adds up all of them, in the order of
// positions. Bound: forward, y is written and the grid read once a channel from caches; back, sorting moves 20 bytes a tap and pass.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/resample/grid_sample.h"

namespace sinter::cuda {

// A position along one axis: where its taps begin, how far beyond the first it lies, and the derivative of that by the coordinate.
template <class C>
struct AxisPlace {
  int first;
  bool somewhere;
  C t, grad;
};
template <class C>
struct Tap {
  int at;  // -1: outside
  C weight, slope;
};

template <class C>
SINTER_DEVICE C reflected(C x, const GridSampling& p, int axis, C& grad) {
  const C low = p.align ? C(0) : C(-0.5), span = static_cast<C>(p.align ? p.size[axis] - 1 : p.size[axis]);
  if (span == C(0)) {
    grad = 0;
    return 0;
  }
  const C from = x - low, far = from < C(0) ? -from : from;
  // The quotient is a product, which may be one beside it.
  C flips = floor(far * static_cast<C>(p.per_span[axis]));
  flips += far - flips * span >= span ? C(1) : far - flips * span < C(0) ? C(-1) : C(0);
  const C extra = far - flips * span;
  const bool odd = flips - C(2) * floor(flips * C(0.5)) != C(0);
  grad = (from < C(0)) != odd ? -grad : grad;
  return (odd ? span - extra : extra) + low;
}
// A coordinate in elements, moved inside where the padding says so; `grad` is multiplied by the derivative.
template <class C>
SINTER_DEVICE C inside(C x, const GridSampling& p, int axis, C& grad) {
  if (p.padding == kZeros) return x;
  if (p.padding == kReflection) x = reflected(x, p, axis, grad);
  const C most = static_cast<C>(p.size[axis] - 1);
  if (x <= C(0) || x >= most) {
    grad = 0;
    return x <= C(0) ? C(0) : most;
  }
  return x;
}

template <class C, class T>
SINTER_DEVICE AxisPlace<C> place_on_axis(const GridSampling& p, int axis, const T* grid, int64_t position) {
  const int64_t size = p.size[axis];
  const C scale = static_cast<C>(p.align ? size - 1 : size) / 2, shift = p.align ? scale : scale - C(0.5);
  // Beyond this an index does not fit, and NaN is nowhere.
  const C far = static_cast<C>(1 << 30);
  C grad = scale, x = widen(__ldg(grid + position * p.axes + axis)) * scale + shift;
  if (p.mode != kBicubic) x = inside(x, p, axis, grad);
  const bool somewhere = x > -far && x < far;
  if (!somewhere) x = C(-100);
  const C below = p.mode == kNearest ? rint(x) : floor(x);
  return {static_cast<int>(below) - (p.mode == kBicubic), somewhere, x - below, grad};
}

// Tap k of the axis. The third has no bicubic taps.
template <int kAxis, class C>
SINTER_DEVICE Tap<C> tap_of(const GridSampling& p, const AxisPlace<C>& place, int k) {
  const int64_t size = p.size[kAxis];
  Tap<C> tap;
  int64_t at = place.first + k;
  if (p.mode == kNearest) {
    tap.weight = 1, tap.slope = 0;
  } else if (kAxis == 2 || p.mode == kBilinear) {
    tap.weight = k == 0 ? C(1) - place.t : place.t;
    tap.slope = k == 0 ? C(-1) : C(1);
  } else {
    constexpr C a = C(-0.75);
    const C x = k < 2 ? place.t + static_cast<C>(1 - k) : static_cast<C>(k - 1) - place.t, sign = k < 2 ? C(1) : C(-1);
    const bool near = k == 1 || k == 2;
    tap.weight = near ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((x - 5) * x + 8) * x * a - 4 * a;
    tap.slope = sign * (near ? (3 * (a + 2) * x - 2 * (a + 3)) * x : a * ((3 * x - 10) * x + 8));
    C ignored = 1;
    if (place.somewhere) at = static_cast<int64_t>(rint(inside(static_cast<C>(at), p, kAxis, ignored)));
  }
  tap.slope *= place.grad;
  tap.at = at < 0 || at >= size ? -1 : static_cast<int>(at);
  return tap;
}

SINTER_DEVICE int taps_an_axis(const GridSampling& p) { return p.mode == kNearest ? 1 : p.mode == kBilinear ? 2 : 4; }

// f(tap's number, element of the plane or -1, weight, slopes by the coordinates) for the taps of a position.
template <class C, class T, class F>
SINTER_DEVICE void each_tap(const GridSampling& p, int64_t position, F f) {
  const T* grid = static_cast<const T*>(p.grid);
  const AxisPlace<C> px = place_on_axis<C>(p, 0, grid, position), py = place_on_axis<C>(p, 1, grid, position);
  const AxisPlace<C> pz = p.axes == 3 ? place_on_axis<C>(p, 2, grid, position) : AxisPlace<C>{0, true, 0, 0};
  const int each = taps_an_axis(p), deep = p.axes == 3 ? each : 1;
  int number = 0;
#pragma unroll 1
  for (int kz = 0; kz < deep; kz++) {
    const Tap<C> z = p.axes == 3 ? tap_of<2>(p, pz, kz) : Tap<C>{0, 1, 0};
#pragma unroll 1
    for (int ky = 0; ky < each; ky++) {
      const Tap<C> y = tap_of<1>(p, py, ky);
#pragma unroll 1
      for (int kx = 0; kx < each; kx++, number++) {
        const Tap<C> x = tap_of<0>(p, px, kx);
        const int64_t at = (x.at | y.at | z.at) < 0 ? -1 : (z.at * p.size[1] + y.at) * p.size[0] + x.at;
        f(number, at, x.weight * y.weight * z.weight, x.slope * y.weight * z.weight, y.slope * x.weight * z.weight,
          z.slope * x.weight * y.weight);
      }
    }
  }
}

SINTER_DEVICE int64_t thread_number() { return static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x; }

template <class T>
SINTER_DEVICE void sample_grid(const GridSampling& p) {
  using C = Compute<T>;
  const int64_t i = thread_number();
  const int64_t plane = quotient(i, p.positions), position = i - plane * p.positions.size,
                sample = quotient(plane, p.channels);
  if (sample * p.positions.size >= p.total) return;
  const T* x = static_cast<const T*>(p.x) + plane * p.plane;
  C sum = 0;
  each_tap<C, T>(p, sample * p.positions.size + position, [&](int, int64_t at, C weight, C, C, C) {
    if (at >= 0) sum += widen(__ldg(x + at)) * weight;
  });
  static_cast<T*>(p.y)[i] = narrow<T>(sum);
}

template <class T>
SINTER_DEVICE void grid_gradient(const GridSampling& p) {
  using C = Compute<T>;
  const int64_t i = thread_number();
  if (i >= p.total) return;
  const int64_t sample = quotient(i, p.positions), position = i - sample * p.positions.size, channels = p.channels.size;
  const T* x = static_cast<const T*>(p.x) + sample * channels * p.plane;
  const T* g = static_cast<const T*>(p.g) + sample * channels * p.positions.size + position;
  C sum[3] = {0, 0, 0};
  each_tap<C, T>(p, i, [&](int, int64_t at, C, C sx, C sy, C sz) {
    if (at < 0) return;
    C product = 0;
#pragma unroll 4
    for (int64_t k = 0; k < channels; k++)
      product += widen(__ldg(x + k * p.plane + at)) * widen(__ldg(g + k * p.positions.size));
    sum[0] += sx * product;
    sum[1] += sy * product;
    sum[2] += sz * product;
  });
  T* to = static_cast<T*>(p.ggrid) + i * p.axes;
  to[0] = narrow<T>(sum[0]);
  to[1] = narrow<T>(sum[1]);
  if (p.axes == 3) to[2] = narrow<T>(sum[2]);
}

// Keys of the taps of all positions, less than 2^31 (make_keys), and their weights.
template <class T, class K>
SINTER_DEVICE void make_tap_keys(const GridSampling& p, int64_t limit, K* keys, Compute<T>* weights) {
  using C = Compute<T>;
  const int64_t i = thread_number();
  if (i >= p.total) return;
  const int64_t sample = divide(static_cast<uint32_t>(i), p.positions.small);
  each_tap<C, T>(p, i, [&](int number, int64_t at, C weight, C, C, C) {
    keys[i * p.taps.size + number] = static_cast<K>(at < 0 ? limit : sample * p.plane + at);
    weights[i * p.taps.size + number] = weight;
  });
}

// Stages as in index/combine.cu: parts of long runs first (0), then what their heads write (1). y holds zeros.
template <class T>
SINTER_DEVICE void image_gradient(const GridSampling& p, int stage, const Sorted& order, int64_t limit,
                                  const Compute<T>* weights, Compute<T>* parts) {
  using C = Compute<T>;
  const int64_t i = thread_number(), unit = quotient(i, p.channels), channel = i - unit * p.channels.size;
  const int64_t first = stage == 0 ? (unit + 1) * kGridRun : unit;
  if (first >= order.count) return;
  const int64_t key = index_at(order.keys, first);
  const bool head = first == 0 || index_at(order.keys, first - 1) != key;
  if (key >= limit || head != (stage == 1)) return;
  const T* g = static_cast<const T*>(p.g);
  const int64_t stop = min(order.count, (first / kGridRun + 1) * kGridRun);
  C sum = 0;
  int64_t q = first;
#pragma unroll 1
  for (; q < stop && index_at(order.keys, q) == key; q++) {
    const uint32_t place = order.places[q];
    const int64_t at = quotient(place, p.taps), sample = quotient(at, p.positions);
    sum +=
        widen(__ldg(g + (sample * p.channels.size + channel) * p.positions.size + (at - sample * p.positions.size))) *
        weights[place];
  }
  if (stage == 0) {
    parts[(first / kGridRun) * p.channels.size + channel] = sum;
    return;
  }
#pragma unroll 1
  for (q = stop; q < order.count && index_at(order.keys, q) == key; q += kGridRun)
    sum += parts[(q / kGridRun) * p.channels.size + channel];
  const int64_t sample = quotient(key, p.planes);
  static_cast<T*>(p.y)[(sample * p.channels.size + channel) * p.plane + (key - sample * p.plane)] = narrow<T>(sum);
}

// Two blocks a multiprocessor at least, not more: with fewer registers, coordinates in f64 spill.
#define SINTER_GRID(T)                                                                                            \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 2)                                                  \
      grid_sample_##T(const __grid_constant__ GridSampling p) {                                                   \
    sample_grid<T>(p);                                                                                            \
  }                                                                                                               \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 2)                                                  \
      grid_gradient_##T(const __grid_constant__ GridSampling p) {                                                 \
    grid_gradient<T>(p);                                                                                          \
  }                                                                                                               \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 2)                                                  \
      grid_keys_##T##_u32(const __grid_constant__ GridSampling p, int64_t limit, uint32_t* __restrict__ keys,     \
                          Compute<T>* __restrict__ weights) {                                                     \
    make_tap_keys<T>(p, limit, keys, weights);                                                                    \
  }                                                                                                               \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 2)                                                  \
      grid_keys_##T##_u64(const __grid_constant__ GridSampling p, int64_t limit, uint64_t* __restrict__ keys,     \
                          Compute<T>* __restrict__ weights) {                                                     \
    make_tap_keys<T>(p, limit, keys, weights);                                                                    \
  }                                                                                                               \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 2)                                                  \
      grid_image_##T(const __grid_constant__ GridSampling p, int32_t stage, const __grid_constant__ Sorted order, \
                     int64_t limit, const Compute<T>* __restrict__ weights, Compute<T>* __restrict__ parts) {     \
    image_gradient<T>(p, stage, order, limit, weights, parts);                                                    \
  }

SINTER_GRID(f32)
SINTER_GRID(f64)
SINTER_GRID(bf16)
SINTER_GRID(f16)

}  // namespace sinter::cuda
