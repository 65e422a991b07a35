// Rows: the shared vocabulary of the row-wise kernels (softmax, norms, losses, embeddings, attention). Place in the
// whole: above simd/, below those families. A row of any floating type is read as vectors of its compute type (f32 for
// f32, bf16 and f16; f64 for f64), summed in blocks, and written once, past the caches where the result is large.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/simd/ask.h"
#include "cpu/simd/compute.h"
#include "cpu/simd/half.h"
#include "cpu/simd/math.h"
#include "cpu/simd/streaming.h"
#include "cpu/threads/pool.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
constexpr DType kDTypeOf = DType::f32;
template <>
inline constexpr DType kDTypeOf<double> = DType::f64;
template <>
inline constexpr DType kDTypeOf<bf16> = DType::bf16;
template <>
inline constexpr DType kDTypeOf<f16> = DType::f16;

// Lanes of the compute type: how many elements of T one vector step covers.
template <class T>
constexpr int kStep = kLanes<Compute<T>>;
template <class C>
constexpr C kInf = std::numeric_limits<C>::infinity();

// How much of a vector a step covers. Loops are written once as generic lambdas f(i, part) and instantiated for both.
struct Whole {};
struct Part {
  int n;  // 0 < n < lanes
};

template <class T>
SINTER_INLINE T from_compute(Compute<T> x) {
  if constexpr (kDTypeOf<T> == DType::bf16)
    return to_bf16(x);
  else if constexpr (kDTypeOf<T> == DType::f16)
    return to_f16(x);
  else
    return x;
}

// ---- one vector step; the lanes beyond a part read as `rest` and are not written
template <class T>
SINTER_INLINE Vec<Compute<T>> get(Whole, const T* p) {
  if constexpr (sizeof(T) == 2)
    return load_f32(p);
  else
    return load(p);
}
template <class T>
SINTER_INLINE Vec<Compute<T>> get(Part part, const T* p, Compute<T> rest = 0) {
  if constexpr (sizeof(T) == 2) {
    T lanes[kStep<T>];
    for (int i = 0; i < kStep<T>; i++) lanes[i] = i < part.n ? p[i] : from_compute<T>(rest);
    return load_f32(lanes);
  } else {
    return load_n(p, part.n, rest);
  }
}
template <class T>
SINTER_INLINE Vec<Compute<T>> get(Whole w, const T* p, Compute<T>) {
  return get(w, p);
}
template <class T>
SINTER_INLINE void put(Whole, T* p, Vec<Compute<T>> v) {
  if constexpr (sizeof(T) == 2)
    store_f32(p, v);
  else
    store(p, v);
}
template <class T>
SINTER_INLINE void put(Part part, T* p, Vec<Compute<T>> v) {
  if constexpr (sizeof(T) == 2) {
    T lanes[kStep<T>];
    store_f32(lanes, v);
    std::memcpy(p, lanes, static_cast<size_t>(part.n) * sizeof(T));
  } else {
    store_n(p, v, part.n);
  }
}
// 0, 1, 2, ... in integer lanes of C's width.
template <class C>
using LaneInt = std::conditional_t<sizeof(C) == 4, int32_t, int64_t>;
template <class C>
SINTER_INLINE Vec<LaneInt<C>> iota() {
  Vec<LaneInt<C>> v;
  for (int i = 0; i < kLanes<C>; i++) v[i] = i;
  return v;
}
// v with the lanes beyond the part set to zero.
template <class C>
SINTER_INLINE Vec<C> only(Whole, Vec<C> v) {
  return v;
}
template <class C>
SINTER_INLINE Vec<C> only(Part part, Vec<C> v) {
  return iota<C>() < part.n ? v : Vec<C>{};
}

// e^x for x <= 0 (NaN passes).
SINTER_INLINE Vf exp_nonpositive(Vf x) { return vexp_negative(x); }
SINTER_INLINE Vd exp_nonpositive(Vd x) { return vexp(x); }

// f(i, part) over a row of n elements of T.
template <class T, class F>
SINTER_INLINE void each_step(int64_t n, F f) {
  int64_t i = 0;
  for (; i + kStep<T> <= n; i += kStep<T>) f(i, Whole{});
  if (i < n) f(i, Part{static_cast<int>(n - i)});
}

// y[i] = f(i, part), i over a row of n. The caller ends its range with end_streaming(stream).
template <class T, class F>
SINTER_INLINE void write_row(T* y, int64_t n, bool stream, F f) {
  int64_t i = 0;
  if constexpr (sizeof(T) >= 4) {
    if (stream) {
      const int64_t head = streaming_head(y, n);
      if (head > 0) put(Part{static_cast<int>(head)}, y, f(int64_t{0}, Part{static_cast<int>(head)}));
      for (i = head; i + kStep<T> <= n; i += kStep<T>) put_streaming(y + i, f(i, Whole{}));
    }
  }
  for (; i + kStep<T> <= n; i += kStep<T>) put(Whole{}, y + i, f(i, Whole{}));
  if (i < n) put(Part{static_cast<int>(n - i)}, y + i, f(i, Part{static_cast<int>(n - i)}));
}

// A large row's passes over the first-level cache leave memory idle: one of them calls for the next row meanwhile.
template <class T>
SINTER_INLINE void prefetch_step(const T* p) {
  for (int at = 0; at < kVecBytes; at += 64) ask_for(reinterpret_cast<const char*>(p) + at);
}

// ---- reductions of rows
// Four accumulators a sum; f(i, part, v) sets v[0 .. K-1] to the terms of one step.
template <class C, int K = 1>
struct Sums {
  Vec<C> lanes[4][K] = {};

  template <class F>
  SINTER_INLINE void add(int64_t n, F f) {
    constexpr int L = kLanes<C>;
    Vec<C> v[K];
    int64_t i = 0;
    for (; i + 4 * L <= n; i += 4 * L)
      for (int u = 0; u < 4; u++) {
        f(i + u * L, Whole{}, v);
        for (int k = 0; k < K; k++) lanes[u][k] += v[k];
      }
    for (; i + L <= n; i += L) {
      f(i, Whole{}, v);
      for (int k = 0; k < K; k++) lanes[0][k] += v[k];
    }
    if (i < n) {
      Part part{static_cast<int>(n - i)};
      f(i, part, v);
      for (int k = 0; k < K; k++) lanes[1][k] += only<C>(part, v[k]);
    }
  }
  SINTER_INLINE C total(int k = 0) const {
    return reduce_add<C>((lanes[0][k] + lanes[1][k]) + (lanes[2][k] + lanes[3][k]));
  }
};

// Sums a long row in blocks of this many elements, whose totals add up in f64, so that the error does not grow with the
// row.
constexpr int64_t kSumBlock = 4096;

template <class T, int K, class F>
SINTER_INLINE void row_sums(int64_t n, double (&total)[K], F f) {
  for (int k = 0; k < K; k++) total[k] = 0;
  for (int64_t at = 0; at < n; at += kSumBlock) {
    Sums<Compute<T>, K> sums;
    sums.add(std::min(kSumBlock, n - at), [&](int64_t i, auto part, Vec<Compute<T>>(&v)[K]) { f(at + i, part, v); });
    for (int k = 0; k < K; k++) total[k] += sums.total(k);
  }
}
template <class T, class F>
SINTER_INLINE double row_sum(int64_t n, F f) {
  double total[1];
  row_sums<T, 1>(n, total, [&](int64_t i, auto part, Vec<Compute<T>>(&v)[1]) { v[0] = f(i, part); });
  return total[0];
}
// Largest element; -inf of an empty row. A NaN may or may not win: callers go on to sums that a NaN cannot leave.
template <class T>
SINTER_INLINE Compute<T> row_max(const T* x, int64_t n) {
  using C = Compute<T>;
  constexpr int L = kStep<T>;
  Vec<C> m[4];
  for (auto& v : m) v = splat<C>(-kInf<C>);
  int64_t i = 0;
  for (; i + 4 * L <= n; i += 4 * L)
    for (int u = 0; u < 4; u++) m[u] = vmax(m[u], get(Whole{}, x + i + u * L));
  for (; i + L <= n; i += L) m[0] = vmax(m[0], get(Whole{}, x + i));
  if (i < n) m[1] = vmax(m[1], get(Part{static_cast<int>(n - i)}, x + i, -kInf<C>));
  return reduce_max<C>(vmax(vmax(m[0], m[1]), vmax(m[2], m[3])));
}

// ---- work and dtypes
// Items a range for items of `cost` elements, of which a quarter of these pay: small calls stay on the caller's thread.
constexpr int64_t kRangeElements = 32768;
SINTER_INLINE int64_t grain_of(int64_t cost) {
  return std::max<int64_t>(1, kRangeElements / 4 / std::max<int64_t>(cost, 1));
}

// A contiguous operand seen as (outer, n, inner), n its axis.
struct Axis {
  int64_t outer = 1, n = 1, inner = 1;
};
SINTER_INLINE Axis axis_of(const TensorRef& t, int axis) {
  Axis a;
  if (t.rank == 0) return a;
  if (axis < 0) axis += t.rank;
  for (int i = 0; i < axis; i++) a.outer *= t.dims[i];
  a.n = t.dims[axis];
  for (int i = axis + 1; i < t.rank; i++) a.inner *= t.dims[i];
  return a;
}
// Columns in blocks of four cache lines of f32, so that each range of a strided pass reads whole lines.
struct ColumnBlocks {
  int64_t width, count;
  explicit ColumnBlocks(int64_t columns) : width(std::min<int64_t>(columns, 64)), count((columns + 63) / 64) {}
};

// f(T{}) with the element type of a floating-point operand.
template <class F>
SINTER_INLINE void with_floating(DType d, const char* op, F f) {
  switch (d) {
    case DType::f32: return f(float{});
    case DType::f64: return f(double{});
    case DType::bf16: return f(bf16{});
    case DType::f16: return f(f16{});
    default: fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", op, dtype_name(d));
  }
}

// Element i of a contiguous floating operand, whatever its type: for parameters and totals, not for hot loops.
SINTER_INLINE double read_any(const TensorRef& t, int64_t i) {
  switch (t.dtype) {
    case DType::f32: return t.as<float>()[i];
    case DType::f64: return t.as<double>()[i];
    case DType::bf16: return to_f32(t.as<bf16>()[i]);
    default: return to_f32(t.as<f16>()[i]);
  }
}
SINTER_INLINE void write_any(const TensorRef& t, int64_t i, double v) {
  switch (t.dtype) {
    case DType::f32: t.as<float>()[i] = static_cast<float>(v); break;
    case DType::f64: t.as<double>()[i] = v; break;
    case DType::bf16: t.as<bf16>()[i] = to_bf16(static_cast<float>(v)); break;
    default: t.as<f16>()[i] = to_f16(static_cast<float>(v)); break;
  }
}
// A contiguous operand in the compute type: itself, a converted copy in scratch, or null where it is absent.
template <class C>
SINTER_INLINE const C* as_compute(const Call& c, const TensorRef& t) {
  if (!t.present()) return nullptr;
  if (t.dtype == kDTypeOf<C>) return t.as<C>();
  C* copy = c.scratch_of<C>(t.numel);
  for (int64_t i = 0; i < t.numel; i++) copy[i] = static_cast<C>(read_any(t, i));
  return copy;
}

}  // namespace sinter::cpu::SINTER_ISA
