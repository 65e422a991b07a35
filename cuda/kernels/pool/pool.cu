// Poolings, their gradients, and windows as columns. Place in the whole: device code of pool.cpp; contracts as in native/cpu/pool and
// native/cpu/conv/fold.cpp. A thread makes one element of the result and gathers what it needs: sums have one order and no atomics are
// needed. Neighbouring threads have neighbouring windows, whose elements meet in caches. Bound: x is read once, y written once.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/pool/pool.h"

namespace sinter::cuda {

struct Range {
  int64_t begin, end, step;
};

SINTER_DEVICE int64_t thread_number() { return static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x; }

// Splits an element's number into its plane and its place; returns the plane.
SINTER_DEVICE int64_t places_of(int64_t i, const Split (&sizes)[3], int64_t (&at)[3]) {
#pragma unroll
  for (int d = 2; d >= 0; d--) {
    const int64_t above = quotient(i, sizes[d]);
    at[d] = i - above * sizes[d].size;
    i = above;
  }
  return i;
}

// What window `at` covers along dimension d, some of it perhaps outside of the plane. kLast: no kind behind it comes here.
template <class T, WindowKind kLast>
SINTER_DEVICE Range range_of(const Pooling& p, int64_t plane, int d, int64_t at) {
  if (kLast == kRegular || p.kind == kRegular) {
    const int64_t begin = at * p.stride[d] - p.padding[d];
    return {begin, begin + p.kernel[d] * p.dilation[d], p.dilation[d]};
  }
  const int64_t size = p.in[d], count = p.out[d].size;
  if constexpr (kLast == kFractional) {
    if (p.kind == kFractional) {
      using C = Compute<T>;
      if (d < 3 - p.sampled) return {0, 1, 1};
      // Of two samples the last is named first.
      const int k = p.sampled == 2 ? 2 - d : d;
      const C sample = widen(static_cast<const T*>(p.samples)[plane * p.sampled + k]);
      const C alpha = count > 1 ? static_cast<C>(size - p.kernel[d]) / static_cast<C>(count - 1) : C(0);
      int64_t begin =
          static_cast<int64_t>((static_cast<C>(at) + sample) * alpha) - static_cast<int64_t>(sample * alpha);
      // Samples outside of [0, 1) must not lead out of the plane.
      begin = at + 1 == count ? size - p.kernel[d] : min(max(begin, INT64_C(0)), size - p.kernel[d]);
      return {begin, begin + p.kernel[d], 1};
    }
  }
  return {quotient(at * size, p.out[d]), quotient((at + 1) * size + count - 1, p.out[d]), 1};
}

// The first of a range's elements behind the leading padding, even where that is behind the plane too.
SINTER_DEVICE int64_t first_inside(const Range& r) {
  return r.begin >= 0 ? r.begin : r.begin + (-r.begin + r.step - 1) / r.step * r.step;
}

template <class T>
SINTER_DEVICE T lowest() {
  if constexpr (kSame<T, u8>)
    return 0;
  else if constexpr (kSame<T, i8>)
    return -128;
  else if constexpr (kSame<T, i32>)
    return INT32_MIN;
  else if constexpr (kSame<T, i64>)
    return INT64_MIN;
  else
    return narrow<T>(-__longlong_as_double(0x7ff0000000000000ll));
}

// The first of equal elements, the last NaN over everything; a window with no element inside points behind the padding.
template <class T>
SINTER_DEVICE void max_pool(const Pooling& p) {
  using C = Compute<T>;
  constexpr WindowKind kLast = kIsInteger<C> ? kRegular : kFractional;
  const int64_t i = thread_number();
  if (i >= p.total) return;
  int64_t at[3];
  const int64_t plane = places_of(i, p.out, at);
  const Range z = range_of<T, kLast>(p, plane, 0, at[0]), y = range_of<T, kLast>(p, plane, 1, at[1]),
              x = range_of<T, kLast>(p, plane, 2, at[2]);
  const int64_t z0 = first_inside(z), y0 = first_inside(y), x0 = first_inside(x);
  const T* volume = static_cast<const T*>(p.x) + plane * p.plane;
  int64_t best = (z0 * p.in[1] + y0) * p.in[2] + x0;
  bool any = false;
  C most = 0;
#pragma unroll 1
  for (int64_t a = z0; a < min(z.end, p.in[0]); a += z.step)
#pragma unroll 1
    for (int64_t b = y0; b < min(y.end, p.in[1]); b += y.step)
#pragma unroll 1
      for (int64_t c = x0; c < min(x.end, p.in[2]); c += x.step) {
        const int64_t place = (a * p.in[1] + b) * p.in[2] + c;
        const C v = widen(__ldg(volume + place));
        if (!any || v > most || v != v) best = place, most = v;
        any = true;
      }
  static_cast<T*>(p.y)[i] = any ? narrow<T>(most) : lowest<T>();
  if (!p.indices) return;
  if (p.wide)
    static_cast<int64_t*>(p.indices)[i] = best;
  else
    static_cast<int32_t*>(p.indices)[i] = static_cast<int32_t>(best);
}

// What a window's sum is divided by, along dimension d; at least 1, so that an empty window is 0 and not NaN.
SINTER_DEVICE int64_t covered(const Pooling& p, int d, Range r) {
  if (p.kind == kRegular) {
    r.end = min(r.end, p.in[d] + p.padding[d]);
    if (!p.count_padding) r.begin = max(r.begin, INT64_C(0)), r.end = min(r.end, p.in[d]);
  }
  return max(INT64_C(1), r.end - r.begin);
}

template <class T>
SINTER_DEVICE void avg_pool(const Pooling& p) {
  using C = Compute<T>;
  const int64_t i = thread_number();
  if (i >= p.total) return;
  int64_t at[3];
  const int64_t plane = places_of(i, p.out, at);
  const Range y = range_of<T, kAdaptive>(p, plane, 1, at[1]), x = range_of<T, kAdaptive>(p, plane, 2, at[2]);
  const T* image = static_cast<const T*>(p.x) + plane * p.plane;
  C sum = 0;
#pragma unroll 1
  for (int64_t b = max(y.begin, INT64_C(0)); b < min(y.end, p.in[1]); b++)
#pragma unroll 1
    for (int64_t c = max(x.begin, INT64_C(0)); c < min(x.end, p.in[2]); c++)
      sum += widen(__ldg(image + b * p.in[2] + c));
  const C count = p.divisor != 0 ? static_cast<C>(p.divisor) : static_cast<C>(covered(p, 1, y) * covered(p, 2, x));
  static_cast<T*>(p.y)[i] = narrow<T>(sum / count);
}

// The windows along dimension d that cover element i.
SINTER_DEVICE Range covering(const Pooling& p, int d, int64_t i) {
  if (p.kind == kAdaptive) {
    const int64_t size = p.in[d], count = p.out[d].size;
    return {quotient(i * count, p.sizes[d]), quotient((i + 1) * count + size - 1, p.sizes[d]), 1};
  }
  const int64_t last = i + p.padding[d], first = last - p.kernel[d] + 1;
  return {first <= 0 ? 0 : quotient(first + p.stride[d] - 1, p.strides[d]),
          min(quotient(last, p.strides[d]) + 1, p.out[d].size), 1};
}

// x: the windows' gradients, y: the plane's.
template <class T>
SINTER_DEVICE void avg_pool_backward(const Pooling& p) {
  using C = Compute<T>;
  const int64_t i = thread_number();
  if (i >= p.total) return;
  int64_t at[3];
  const int64_t plane = places_of(i, p.sizes, at), row = at[1], column = at[2];
  const Range y = covering(p, 1, row), x = covering(p, 2, column);
  const int64_t width = p.out[2].size;
  const T* g = static_cast<const T*>(p.x) + plane * p.out[1].size * width;
  C sum = 0;
#pragma unroll 1
  for (int64_t b = y.begin; b < y.end; b++) {
    const int64_t high = covered(p, 1, range_of<T, kAdaptive>(p, plane, 1, b));
#pragma unroll 1
    for (int64_t c = x.begin; c < x.end; c++) {
      const C count = p.divisor != 0 ? static_cast<C>(p.divisor)
                                     : static_cast<C>(high * covered(p, 2, range_of<T, kAdaptive>(p, plane, 2, c)));
      sum += widen(__ldg(g + b * width + c)) / count;
    }
  }
  static_cast<T*>(p.y)[i] = narrow<T>(sum);
}

// Keys of elements of planes, for combine.h: those that indices name. There are less than 2^31 (make_keys).
template <class K>
SINTER_DEVICE void make_plane_keys(const Indices& indices, int64_t count, const Divisor& outputs, int64_t plane,
                                   int64_t limit, K* keys, Fault* fault) {
  const int64_t i = thread_number();
  if (i >= count) return;
  const int64_t index = index_at(indices, i);
  const bool good = in_range(index, plane);
  if (!good) report(fault, 0, plane);
  keys[i] = static_cast<K>(good ? int64_t{divide(static_cast<uint32_t>(i), outputs)} * plane + index : limit);
}

// y (n, c * kh * kw, columns): zeros for what lies outside.
template <class W>
SINTER_DEVICE void unfold_windows(const Sliding& s, const W* x, W* y) {
  const int64_t i = thread_number();
  if (i >= s.total) return;
  const int64_t above = quotient(i, s.columns_wide), ox = i - above * s.columns_wide.size;
  const int64_t tap = quotient(above, s.columns_high), oy = above - tap * s.columns_high.size;
  const int64_t tap_row = quotient(tap, s.taps_wide), tx = tap - tap_row * s.taps_wide.size;
  const int64_t plane = quotient(tap_row, s.taps_high), ty = tap_row - plane * s.taps_high.size;
  const int64_t row = oy * s.sh - s.ph + ty * s.dh, column = ox * s.sw - s.pw + tx * s.dw;
  y[i] = in_range(row, s.h) && in_range(column, s.w) ? load_constant(x + (plane * s.h + row) * s.w + column) : W{};
}

template <class T>
SINTER_DEVICE void fold_windows(const Sliding& s, const T* x, T* y) {
  const int64_t i = thread_number();
  if (i >= s.total) return;
  const int64_t above = quotient(i, s.width), column = i - above * s.width.size;
  const int64_t plane = quotient(above, s.height), row = above - plane * s.height.size;
  const int64_t ow = s.columns_wide.size, oh = s.columns_high.size;
  const T* columns = x + plane * s.kh * s.kw * oh * ow;
  Compute<T> sum = 0;
#pragma unroll 1
  for (int64_t tap = 0, from = row + s.ph; tap < s.kh && from >= 0; tap++, from -= s.dh) {
    const int64_t oy = quotient(from, s.step_high);
    if (oy * s.sh != from || oy >= oh) continue;
#pragma unroll 1
    for (int64_t tx = 0, at = column + s.pw; tx < s.kw && at >= 0; tx++, at -= s.dw) {
      const int64_t ox = quotient(at, s.step_wide);
      if (ox * s.sw == at && ox < ow) sum += widen(__ldg(columns + ((tap * s.kw + tx) * oh + oy) * ow + ox));
    }
  }
  y[i] = narrow<T>(sum);
}

// Two blocks a multiprocessor at least, not more: with fewer registers, divisions of 64 bits spill.
#define SINTER_POOLING(name, T)                                                                                  \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 2) name##_##T(const __grid_constant__ Pooling p) { \
    name<T>(p);                                                                                                  \
  }
#define SINTER_PLANE_KEYS(name, K)                                                                     \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                          \
      plane_keys_##name(Indices indices, int64_t count, Divisor outputs, int64_t plane, int64_t limit, \
                        K* __restrict__ keys, Fault* fault) {                                          \
    make_plane_keys(indices, count, outputs, plane, limit, keys, fault);                               \
  }
#define SINTER_UNFOLD(bytes)                                                                             \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) unfold_##bytes(                            \
      const __grid_constant__ Sliding s, const raw##bytes* __restrict__ x, raw##bytes* __restrict__ y) { \
    unfold_windows(s, x, y);                                                                             \
  }
#define SINTER_FOLD(T)                                                                          \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                   \
      fold_##T(const __grid_constant__ Sliding s, const T* __restrict__ x, T* __restrict__ y) { \
    fold_windows(s, x, y);                                                                      \
  }

SINTER_POOLING(max_pool, f32)
SINTER_POOLING(max_pool, f64)
SINTER_POOLING(max_pool, bf16)
SINTER_POOLING(max_pool, f16)
SINTER_POOLING(max_pool, i32)
SINTER_POOLING(max_pool, i64)
SINTER_POOLING(max_pool, u8)
SINTER_POOLING(max_pool, i8)
SINTER_POOLING(avg_pool, f32)
SINTER_POOLING(avg_pool, f64)
SINTER_POOLING(avg_pool, bf16)
SINTER_POOLING(avg_pool, f16)
SINTER_POOLING(avg_pool_backward, f32)
SINTER_POOLING(avg_pool_backward, f64)
SINTER_POOLING(avg_pool_backward, bf16)
SINTER_POOLING(avg_pool_backward, f16)

SINTER_PLANE_KEYS(u32, uint32_t)
SINTER_PLANE_KEYS(u64, uint64_t)

SINTER_UNFOLD(2)
SINTER_UNFOLD(4)
SINTER_UNFOLD(8)
SINTER_FOLD(f32)
SINTER_FOLD(f64)
SINTER_FOLD(bf16)
SINTER_FOLD(f16)

}  // namespace sinter::cuda
