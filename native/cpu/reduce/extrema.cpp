// amax, amin, argmax, argmin. Place in the whole: entry points; engine.cpp walks the tensors.
//
// x (any view), {axes} -> y: the extreme value in x's dtype, or the i64 index of its first occurrence in the reduced
// range (one axis, or all of them: then into the flattened x). All real dtypes; a NaN wins, the first of several.
#include "cpu/copy/runs.h"
#include "cpu/reduce/engine.h"
#include "cpu/simd/lanes.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// State: the first eight bytes hold the value in T, i the index, -1 while nothing was seen.
template <class T>
T value_of(const State& state) {
  T x;
  std::memcpy(&x, &state.a, sizeof x);
  return x;
}
template <class T>
void set_value(State& state, T x, int64_t index) {
  std::memcpy(&state.a, &x, sizeof x);
  state.i = index;
}

// Whether x replaces best: it is further out, or the first NaN.
template <bool Max, class V>
SINTER_INLINE auto beats(V x, V best) {
  if constexpr (__is_same(V, int32_t) || __is_same(V, int64_t))
    return Max ? x > best : x < best;
  else
    return ((Max ? x > best : x < best) | (x != x)) & (best == best);
}

template <bool Max, class T>
T extreme(const T* x, int64_t n) {
  T best = x[0];
  int64_t i = 0;
  if constexpr (!__is_same(T, int32_t) && !__is_same(T, int64_t)) {
    constexpr int lanes = kLanes<T>;
    if (n >= lanes) {
      // A maximum passes NaNs over, so that they are looked for beside it: three operations a vector.
      Vec<T> b[2 * kStreams];
      for (Vec<T>& v : b) v = load(x);
      decltype(b[0] != b[0]) nan[2] = {};
      const auto take = [&](int k, const T* at) __attribute__((always_inline)) {
        const Vec<T> v = load(at);
        b[k] = Max ? vmax(v, b[k]) : vmin(v, b[k]);
        nan[k % 2] |= v != v;
      };
      const int64_t part = stream_length<T>(n);
      for (; i < part; i += 2 * lanes)
        for (int k = 0; k < 2 * kStreams; k++) take(k, x + k / 2 * part + k % 2 * lanes + i);
      i = kStreams * part;
      for (; i + 4 * lanes <= n; i += 4 * lanes)
        for (int k = 0; k < 4; k++) take(k, x + i + k * lanes);
      for (; i + lanes <= n; i += lanes) take(0, x + i);
      if (any_lane((Vl)(nan[0] | nan[1]))) return std::numeric_limits<T>::quiet_NaN();
      for (int k = 1; k < 2 * kStreams; k++) b[0] = Max ? vmax(b[k], b[0]) : vmin(b[k], b[0]);
      T all[lanes];
      store(all, b[0]);
      for (T v : all) best = beats<Max>(v, best) ? v : best;
    }
    for (; i < n; i++) best = beats<Max>(x[i], best) ? x[i] : best;
  } else {
    for (; i < n; i++) best = Max ? (x[i] > best ? x[i] : best) : (x[i] < best ? x[i] : best);
  }
  return best;
}

template <bool Max, class T>
void extreme_block(State& state, const void* data, int64_t n, int64_t) {
  T best = extreme<Max>(static_cast<const T*>(data), n);
  if (state.i < 0 || beats<Max>(best, value_of<T>(state))) set_value(state, best, 0);
}
// The place is looked for only in blocks that improve on what came before.
template <bool Max, class T>
void arg_block(State& state, const void* data, int64_t n, int64_t index) {
  const T* x = static_cast<const T*>(data);
  T best = extreme<Max>(x, n);
  if (state.i >= 0 && !beats<Max>(best, value_of<T>(state))) return;
  int64_t at = 0;
  while (at < n - 1 && !(x[at] == best || (x[at] != x[at] && best != best))) at++;
  set_value(state, best, index + at);
}
template <bool Max, class T>
void extreme_merge(State& state, const State& later) {
  if (later.i >= 0 && (state.i < 0 || beats<Max>(value_of<T>(later), value_of<T>(state)))) state = later;
}
template <bool Max, class T>
void extreme_fold(void* acc, const void* data, int64_t stride, int64_t rows, int64_t columns) {
  T* __restrict y = static_cast<T*>(acc);
  const T* __restrict x = static_cast<const T*>(data);
  for (int64_t r = 0; r < rows; r++, x += stride)
    for (int64_t j = 0; j < columns; j++) {
      if constexpr (__is_same(T, int32_t) || __is_same(T, int64_t))
        y[j] = Max ? (x[j] > y[j] ? x[j] : y[j]) : (x[j] < y[j] ? x[j] : y[j]);
      else  // x first: when it is NaN or y is, both comparisons fail towards the NaN
        y[j] = (Max ? x[j] > y[j] : x[j] < y[j]) | (x[j] != x[j]) ? x[j] : y[j];
    }
}
template <class T>
void extreme_absorb(State& state, const void* acc, int64_t column) {
  set_value(state, static_cast<const T*>(acc)[column], 0);
}
template <class T>
void value_finish(const State& state, int64_t, double, void* out, int64_t at) {
  static_cast<T*>(out)[at] = value_of<T>(state);
}
void index_finish(const State& state, int64_t, double, void* out, int64_t at) {
  static_cast<int64_t*>(out)[at] = state.i;
}

template <bool Max, class T>
constexpr Reducer value_reducer(DType compute) {
  return {.name = Max ? "amax" : "amin",
          .compute = compute,
          .result = compute,
          .init = {.i = -1},
          .block = extreme_block<Max, T>,
          .merge = extreme_merge<Max, T>,
          .finish = value_finish<T>,
          .fold = extreme_fold<Max, T>,
          .absorb = extreme_absorb<T>,
          .neutral = Max ? -__builtin_inf() : __builtin_inf(),  // saturates to an integer type's extreme
          .longest = INT64_MAX};
}
template <bool Max, class T>
constexpr Reducer index_reducer(DType compute) {
  return {.name = Max ? "argmax" : "argmin",
          .compute = compute,
          .result = DType::i64,
          .init = {.i = -1},
          .block = arg_block<Max, T>,
          .merge = extreme_merge<Max, T>,
          .finish = index_finish};
}

template <bool Max>
void extreme_value(const Call& c) {
  switch (c.in[0].dtype) {
    case DType::f64: return reduce_entry(c, value_reducer<Max, double>(DType::f64));
    case DType::i64: return reduce_entry(c, value_reducer<Max, int64_t>(DType::i64));
    case DType::f32:
    case DType::bf16:
    case DType::f16: return reduce_entry(c, value_reducer<Max, float>(DType::f32));
    default: return reduce_entry(c, value_reducer<Max, int32_t>(DType::i32));
  }
}
template <bool Max>
void extreme_index(const Call& c) {
  switch (c.in[0].dtype) {
    case DType::f64: return reduce_entry(c, index_reducer<Max, double>(DType::f64));
    case DType::i64: return reduce_entry(c, index_reducer<Max, int64_t>(DType::i64));
    case DType::f32:
    case DType::bf16:
    case DType::f16: return reduce_entry(c, index_reducer<Max, float>(DType::f32));
    default: return reduce_entry(c, index_reducer<Max, int32_t>(DType::i32));
  }
}

}  // namespace

void amax(const Call& c) { extreme_value<true>(c); }
void amin(const Call& c) { extreme_value<false>(c); }
void argmax(const Call& c) { extreme_index<true>(c); }
void argmin(const Call& c) { extreme_index<false>(c); }

}  // namespace sinter::cpu::SINTER_ISA
