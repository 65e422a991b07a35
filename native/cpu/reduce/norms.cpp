// nansum, countNonzero, vectorNorm. Place in the whole: entry points; engine.cpp walks the tensors.
//
// x (any view) -> y.
//   nansum        {axes}: the sum of what is not NaN; floating
//   countNonzero  {axes} -> i64; any real dtype
//   vectorNorm    {axes, p}: (sum |x|^p)^(1/p) in double; p = inf, -inf: the largest, smallest |x|; p = 0: how many are
//                 not zero; floating
#include "cpu/reduce/engine.h"
#include "cpu/simd/lanes.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// ---- sums of f(x), in double where f32 would leave its range: every f32 block is widened

// The vectors of n elements (a partial one filled up with `rest`) to f(k, Vd), in order; k counts to 4, for sums side by
// side.
template <class T, class F>
SINTER_INLINE void each_double(const T* x, int64_t n, double rest, F f) {
  constexpr int lanes = kLanes<double>;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    f(0, widened(x + i));
    f(1, widened(x + i + lanes));
    f(2, widened(x + i + 2 * lanes));
    f(3, widened(x + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) f(0, widened(x + i));
  if (i == n) return;
  T last[lanes];
  for (int k = 0; k < lanes; k++) last[k] = i + k < n ? x[i + k] : static_cast<T>(rest);
  f(1, widened(last));
}

enum class Power { one, two, any };

// State: a the sum, b the power, set at the first block.
template <class T, Power P>
void power_block(State& state, const void* data, int64_t n, int64_t) {
  Vd sums[4] = {};
  const Vd p = splat(state.b);
  each_double(static_cast<const T*>(data), n, P == Power::any && state.b < 0 ? __builtin_inf() : 0., [&](int k, Vd x) {
    const Vd v = P == Power::one ? vabs(x) : P == Power::two ? x * x : vpow(vabs(x), p);
    sums[k] += v;
  });
  state.a += reduce_add<double>((sums[0] + sums[1]) + (sums[2] + sums[3]));
}
void power_merge(State& state, const State& later) { state.a += later.a; }
template <class T, Power P>
void power_finish(const State& state, int64_t, double p, void* out, int64_t at) {
  static_cast<T*>(out)[at] = static_cast<T>(P == Power::one   ? state.a
                                            : P == Power::two ? std::sqrt(state.a)
                                                              : std::pow(state.a, 1 / p));
}
template <class T, Power P>
void norm_by_power(const Call& c, DType d, double p) {
  const Reducer reducer{.name = "vectorNorm",
                        .compute = d,
                        .result = d,
                        .init = {.b = p},
                        .block = power_block<T, P>,
                        .merge = power_merge,
                        .finish = power_finish<T, P>};
  reduce_entry(c, reducer, p);
}

// ---- the largest (or smallest) |x|; a NaN wins. State: a

template <bool Max>
SINTER_INLINE double further(double x, double best) {
  return best == best && ((Max ? x > best : x < best) || x != x) ? x : best;
}
template <class T, bool Max>
void extreme_block(State& state, const void* data, int64_t n, int64_t) {
  Vd best = splat(state.a);
  each_double(static_cast<const T*>(data), n, Max ? 0. : __builtin_inf(), [&](int, Vd x) {
    x = vabs(x);
    best = ((Max ? x > best : x < best) | (x != x)) & (best == best) ? x : best;
  });
  for (int k = 0; k < kLanes<double>; k++) state.a = further<Max>(best[k], state.a);
}
template <bool Max>
void extreme_merge(State& state, const State& later) {
  state.a = further<Max>(later.a, state.a);
}
template <class T>
void first_finish(const State& state, int64_t, double, void* out, int64_t at) {
  static_cast<T*>(out)[at] = static_cast<T>(state.a);
}
template <class T, bool Max>
void norm_by_extreme(const Call& c, DType d) {
  const Reducer reducer{.name = "vectorNorm",
                        .compute = d,
                        .result = d,
                        .init = {.a = Max ? 0 : __builtin_inf()},
                        .block = extreme_block<T, Max>,
                        .merge = extreme_merge<Max>,
                        .finish = first_finish<T>};
  reduce_entry(c, reducer);
}

// ---- counts. Operands convert to bool; State: i

void count_block(State& state, const void* data, int64_t n, int64_t) {
  const uint8_t* x = static_cast<const uint8_t*>(data);
  uint32_t seen = 0;
  for (int64_t i = 0; i < n; i++) seen += x[i];
  state.i += seen;
}
void count_merge(State& state, const State& later) { state.i += later.i; }
template <class T>
void count_finish(const State& state, int64_t, double, void* out, int64_t at) {
  static_cast<T*>(out)[at] = static_cast<T>(state.i);
}
template <class T>
constexpr Reducer count_reducer(DType result) {
  return {.name = "countNonzero",
          .compute = DType::boolean,
          .result = result,
          .block = count_block,
          .merge = count_merge,
          .finish = count_finish<T>};
}

// ---- sums without NaN. State: a

template <class T>
void nansum_block(State& state, const void* data, int64_t n, int64_t) {
  const T* x = static_cast<const T*>(data);
  constexpr int64_t lanes = kLanes<T>, most = 128 * lanes;
  for (int64_t begin = 0; begin < n; begin += most) {
    const int64_t end = begin + most < n ? begin + most : n;
    Vec<T> s[4] = {};
    auto take = [&](int k, Vec<T> v) { s[k] += v == v ? v : Vec<T>{}; };
    int64_t i = begin;
    for (; i + 4 * lanes <= end; i += 4 * lanes)
      for (int k = 0; k < 4; k++) take(k, load(x + i + k * lanes));
    for (; i + lanes <= end; i += lanes) take(0, load(x + i));
    if (i < end) take(1, load_n(x + i, static_cast<int>(end - i)));
    state.a += static_cast<double>(reduce_add<T>((s[0] + s[1]) + (s[2] + s[3])));
  }
}
template <class T>
constexpr Reducer nansum_reducer(DType d) {
  return {.name = "nansum",
          .compute = d,
          .result = d,
          .block = nansum_block<T>,
          .merge = power_merge,
          .finish = first_finish<T>};
}

void require_floating(const Call& c, const char* name) {
  DType d = c.in[0].dtype;
  if (!is_floating(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", name, dtype_name(d));
}

template <class T>
void vector_norm(const Call& c, DType d) {
  const double p = c.attr[1];
  if (std::isinf(p)) return p > 0 ? norm_by_extreme<T, true>(c, d) : norm_by_extreme<T, false>(c, d);
  if (p == 0) return reduce_entry(c, count_reducer<T>(d));
  if (p == 1) return norm_by_power<T, Power::one>(c, d, p);
  if (p == 2) return norm_by_power<T, Power::two>(c, d, p);
  norm_by_power<T, Power::any>(c, d, p);
}

}  // namespace

void nansum(const Call& c) {
  require_floating(c, "nansum");
  if (c.in[0].dtype == DType::f64) return reduce_entry(c, nansum_reducer<double>(DType::f64));
  reduce_entry(c, nansum_reducer<float>(DType::f32));
}

void countNonzero(const Call& c) { reduce_entry(c, count_reducer<int64_t>(DType::i64)); }

void vectorNorm(const Call& c) {
  require_floating(c, "vectorNorm");
  if (c.in[0].dtype == DType::f64) return vector_norm<double>(c, DType::f64);
  vector_norm<float>(c, DType::f32);
}

}  // namespace sinter::cpu::SINTER_ISA
