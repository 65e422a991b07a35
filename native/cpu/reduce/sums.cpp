// sum, mean, prod, any, all. Place in the whole: entry points; engine.cpp walks the tensors.
//
// x (any view), {axes} -> y. Floating: f32, f64, bf16, f16 (summed in f32 blocks that meet in f64); integers and bool
// in i64, wrapping; y's dtype is the caller's choice. Empty: sum 0, mean NaN, prod 1, any false, all true.
#include "cpu/copy/runs.h"
#include "cpu/reduce/engine.h"
#include "cpu/simd/lanes.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// ---- sums

template <class T>
void sum_block(State& state, const void* data, int64_t n, int64_t) {
  const T* x = static_cast<const T*>(data);
  if constexpr (__is_same(T, int64_t)) {
    uint64_t total = static_cast<uint64_t>(state.i);
    for (int64_t i = 0; i < n; i++) total += static_cast<uint64_t>(x[i]);
    state.i = static_cast<int64_t>(total);
  } else {
    constexpr int64_t lanes = kLanes<T>, most = 128 * lanes;       // 32 additions to each of 4 accumulators
    const int64_t part = stream_length<T>(n), pairs = 64 * lanes;  // 32 to each of 8 here
    for (int64_t begin = 0; begin < part; begin += pairs) {
      const int64_t end = begin + pairs < part ? begin + pairs : part;
      Vec<T> s[2 * kStreams] = {};
      for (int64_t i = begin; i < end; i += 2 * lanes)
        for (int k = 0; k < kStreams; k++) {
          s[2 * k] += load(x + k * part + i);
          s[2 * k + 1] += load(x + k * part + i + lanes);
        }
      state.a += static_cast<double>(reduce_add<T>(((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))));
    }
    x += kStreams * part;
    n -= kStreams * part;
    for (int64_t begin = 0; begin < n; begin += most) {
      const int64_t end = begin + most < n ? begin + most : n;
      Vec<T> s[4] = {};
      int64_t i = begin;
      for (; i + 4 * lanes <= end; i += 4 * lanes)
        for (int k = 0; k < 4; k++) s[k] += load(x + i + k * lanes);
      for (; i + lanes <= end; i += lanes) s[0] += load(x + i);
      if (i < end) s[1] += load_n(x + i, static_cast<int>(end - i));
      state.a += static_cast<double>(reduce_add<T>((s[0] + s[1]) + (s[2] + s[3])));
    }
  }
}
void sum_merge(State& state, const State& later) {
  state.a += later.a;
  state.i = static_cast<int64_t>(static_cast<uint64_t>(state.i) + static_cast<uint64_t>(later.i));
}

// Eight rows as a tree, sixteen such trees in `part`, then one addition to the accumulators: few roundings in a row,
// little traffic.
template <class T>
void sum_fold(void* accumulators, const void* data, int64_t stride, int64_t rows, int64_t columns) {
  T* __restrict acc = static_cast<T*>(accumulators);
  const T* __restrict x = static_cast<const T*>(data);
  alignas(64) T part[kFoldColumns];
  while (rows >= 8) {
    const int64_t trees = rows < 128 ? rows / 8 : 16;
    for (int64_t t = 0; t < trees; t++, x += 8 * stride) {
      for (int64_t j = 0; j < columns; j++) {
        const T* q = x + j;
        T low = (q[0] + q[stride]) + (q[2 * stride] + q[3 * stride]);
        T high = (q[4 * stride] + q[5 * stride]) + (q[6 * stride] + q[7 * stride]);
        part[j] = (t ? part[j] : T(0)) + (low + high);
      }
    }
    for (int64_t j = 0; j < columns; j++) acc[j] += part[j];
    rows -= 8 * trees;
  }
  for (; rows > 0; rows--, x += stride)
    for (int64_t j = 0; j < columns; j++) acc[j] += x[j];
}
template <class T>
void sum_absorb(State& state, const void* acc, int64_t column) {
  T value = static_cast<const T*>(acc)[column];
  if constexpr (__is_same(T, uint64_t))
    state.i = static_cast<int64_t>(value);
  else
    state.a = static_cast<double>(value);
}

template <class T>
void sum_finish(const State& state, int64_t, double, void* out, int64_t at) {
  static_cast<T*>(out)[at] = __is_same(T, int64_t) ? static_cast<T>(state.i) : static_cast<T>(state.a);
}
template <class T>
void mean_finish(const State& state, int64_t n, double, void* out, int64_t at) {
  static_cast<T*>(out)[at] = static_cast<T>(state.a / static_cast<double>(n));
}

constexpr Reducer kSumF32{.name = "sum",
                          .compute = DType::f32,
                          .result = DType::f32,
                          .block = sum_block<float>,
                          .merge = sum_merge,
                          .finish = sum_finish<float>,
                          .fold = sum_fold<float>,
                          .absorb = sum_absorb<float>,
                          .longest = INT64_MAX};
constexpr Reducer kSumF64{.name = "sum",
                          .compute = DType::f64,
                          .result = DType::f64,
                          .block = sum_block<double>,
                          .merge = sum_merge,
                          .finish = sum_finish<double>,
                          .fold = sum_fold<double>,
                          .absorb = sum_absorb<double>,
                          .longest = INT64_MAX};
constexpr Reducer kSumI64{.name = "sum",
                          .compute = DType::i64,
                          .result = DType::i64,
                          .block = sum_block<int64_t>,
                          .merge = sum_merge,
                          .finish = sum_finish<int64_t>,
                          .fold = sum_fold<uint64_t>,
                          .absorb = sum_absorb<uint64_t>};

constexpr Reducer mean_of(Reducer sum, decltype(Reducer::finish) finish) {
  sum.name = "mean";
  sum.finish = finish;
  return sum;
}
constexpr Reducer kMeanF32 = mean_of(kSumF32, mean_finish<float>), kMeanF64 = mean_of(kSumF64, mean_finish<double>);

// ---- products, in double: partial products of f32 leave its range before the whole does

template <class T>
void prod_block(State& state, const void* data, int64_t n, int64_t) {
  const T* x = static_cast<const T*>(data);
  constexpr int64_t lanes = kLanes<double>;
  Vd p[4];
  for (Vd& v : p) v = splat(1.);
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (int k = 0; k < 4; k++) p[k] *= widened(x + i + k * lanes);
  for (; i + lanes <= n; i += lanes) p[0] *= widened(x + i);
  double product = fold_lanes<double>((p[0] * p[1]) * (p[2] * p[3]), [](Vd a, Vd b) { return a * b; });
  for (; i < n; i++) product *= static_cast<double>(x[i]);
  state.a *= product;
}
void prod_block_i64(State& state, const void* data, int64_t n, int64_t) {
  const uint64_t* x = static_cast<const uint64_t*>(data);
  uint64_t p[4] = {static_cast<uint64_t>(state.i), 1, 1, 1};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; k++) p[k] *= x[i + k];
  for (; i < n; i++) p[0] *= x[i];
  state.i = static_cast<int64_t>((p[0] * p[1]) * (p[2] * p[3]));
}
void prod_merge(State& state, const State& later) {
  state.a *= later.a;
  state.i = static_cast<int64_t>(static_cast<uint64_t>(state.i) * static_cast<uint64_t>(later.i));
}

// Eight rows as a tree, then one product with the accumulators: little traffic.
template <class T>
void prod_fold(void* accumulators, const void* data, int64_t stride, int64_t rows, int64_t columns) {
  double* acc = static_cast<double*>(accumulators);
  const T* x = static_cast<const T*>(data);
  constexpr int64_t lanes = kLanes<double>;
  for (; rows >= 8; rows -= 8, x += 8 * stride) {
    const auto tree = [&](auto at) __attribute__((always_inline)) {
      return ((at(0) * at(1)) * (at(2) * at(3))) * ((at(4) * at(5)) * (at(6) * at(7)));
    };
    int64_t j = 0;
    for (; j + lanes <= columns; j += lanes)
      store(acc + j, Vd(load(acc + j) *
                        tree([&](int64_t r) __attribute__((always_inline)) { return widened(x + r * stride + j); })));
    for (; j < columns; j++)
      acc[j] *= tree([&](int64_t r) __attribute__((always_inline)) { return static_cast<double>(x[r * stride + j]); });
  }
  for (; rows > 0; rows--, x += stride)
    for (int64_t j = 0; j < columns; j++) acc[j] *= static_cast<double>(x[j]);
}
void prod_fold_i64(void* accumulators, const void* data, int64_t stride, int64_t rows, int64_t columns) {
  uint64_t* __restrict acc = static_cast<uint64_t*>(accumulators);
  const uint64_t* __restrict x = static_cast<const uint64_t*>(data);
  for (; rows > 0; rows--, x += stride)
    for (int64_t j = 0; j < columns; j++) acc[j] *= x[j];
}

constexpr Reducer kProdF32{.name = "prod",
                           .compute = DType::f32,
                           .result = DType::f64,
                           .init = {.a = 1, .i = 1},
                           .block = prod_block<float>,
                           .merge = prod_merge,
                           .finish = sum_finish<double>,
                           .fold = prod_fold<float>,
                           .absorb = sum_absorb<double>,
                           .neutral = 1,
                           .wide = true};
constexpr Reducer kProdF64{.name = "prod",
                           .compute = DType::f64,
                           .result = DType::f64,
                           .init = {.a = 1, .i = 1},
                           .block = prod_block<double>,
                           .merge = prod_merge,
                           .finish = sum_finish<double>,
                           .fold = prod_fold<double>,
                           .absorb = sum_absorb<double>,
                           .neutral = 1};
constexpr Reducer kProdI64{.name = "prod",
                           .compute = DType::i64,
                           .result = DType::i64,
                           .init = {.a = 1, .i = 1},
                           .block = prod_block_i64,
                           .merge = prod_merge,
                           .finish = sum_finish<int64_t>,
                           .fold = prod_fold_i64,
                           .absorb = sum_absorb<uint64_t>,
                           .neutral = 1};

// ---- truth: State::i is 0 or 1; operands convert to bool

void any_block(State& state, const void* data, int64_t n, int64_t) {
  const uint8_t* x = static_cast<const uint8_t*>(data);
  uint8_t seen = 0;
  for (int64_t i = 0; i < n; i++) seen |= x[i];
  state.i |= seen != 0;
}
void any_merge(State& state, const State& later) { state.i |= later.i; }
void any_fold(void* acc, const void* data, int64_t stride, int64_t rows, int64_t columns) {
  uint8_t* __restrict y = static_cast<uint8_t*>(acc);
  const uint8_t* __restrict x = static_cast<const uint8_t*>(data);
  for (int64_t r = 0; r < rows; r++, x += stride)
    for (int64_t j = 0; j < columns; j++) y[j] |= x[j];
}
void all_block(State& state, const void* data, int64_t n, int64_t) {
  const uint8_t* x = static_cast<const uint8_t*>(data);
  uint8_t every = 1;
  for (int64_t i = 0; i < n; i++) every &= x[i];
  state.i &= every;
}
void all_merge(State& state, const State& later) { state.i &= later.i; }
void all_fold(void* acc, const void* data, int64_t stride, int64_t rows, int64_t columns) {
  uint8_t* __restrict y = static_cast<uint8_t*>(acc);
  const uint8_t* __restrict x = static_cast<const uint8_t*>(data);
  for (int64_t r = 0; r < rows; r++, x += stride)
    for (int64_t j = 0; j < columns; j++) y[j] &= x[j];
}
void truth_absorb(State& state, const void* acc, int64_t column) { state.i = static_cast<const uint8_t*>(acc)[column]; }
void truth_finish(const State& state, int64_t, double, void* out, int64_t at) {
  static_cast<uint8_t*>(out)[at] = static_cast<uint8_t>(state.i);
}
constexpr Reducer kAny{.name = "any",
                       .compute = DType::boolean,
                       .result = DType::boolean,
                       .block = any_block,
                       .merge = any_merge,
                       .finish = truth_finish,
                       .fold = any_fold,
                       .absorb = truth_absorb};
constexpr Reducer kAll{.name = "all",
                       .compute = DType::boolean,
                       .result = DType::boolean,
                       .init = {.i = 1},
                       .block = all_block,
                       .merge = all_merge,
                       .finish = truth_finish,
                       .fold = all_fold,
                       .absorb = truth_absorb,
                       .neutral = 1};

}  // namespace

void sum(const Call& c) {
  DType d = c.in[0].dtype;
  if (d == DType::f64) return reduce_entry(c, kSumF64);
  if (is_floating(d)) return reduce_entry(c, kSumF32);
  reduce_entry(c, kSumI64);
}

void mean(const Call& c) {
  DType d = c.in[0].dtype;
  if (!is_floating(d)) fail(ErrorCode::unsupported, "mean: dtype %s is not supported on cpu", dtype_name(d));
  if (d == DType::f64) return reduce_entry(c, kMeanF64);
  reduce_entry(c, kMeanF32);
}

void prod(const Call& c) {
  if (c.in[0].dtype == DType::f64) return reduce_entry(c, kProdF64);
  if (is_floating(c.in[0].dtype)) return reduce_entry(c, kProdF32);
  reduce_entry(c, kProdI64);
}

void any(const Call& c) { reduce_entry(c, kAny); }
void all(const Call& c) { reduce_entry(c, kAll); }

}  // namespace sinter::cpu::SINTER_ISA
