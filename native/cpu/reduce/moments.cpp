// variance and logsumexp. Place in the whole: entry points; engine.cpp walks the tensors.
//
// x (any view, f32, f64, bf16, f16), {axes, correction | axes} -> y. Each reads memory once: a block that lies in the
// cache is passed over twice (its mean, then the squared distances; its maximum, then the exponentials), and blocks
// are merged in double, so the accuracy is that of two passes over everything.
#include "cpu/reduce/engine.h"
#include "cpu/simd/sums.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// totals[t] += what `add` puts into sums[t], vector by vector of the first n elements, a multiple of the lanes: 32 additions to each of
// four sums, which then meet in double, so that errors are those of 32 additions.
template <class T, int kTerms, class F>
SINTER_INLINE void add_vectors(double (&totals)[kTerms], int64_t n, F add) {
  constexpr int64_t lanes = kLanes<T>, most = 128 * lanes;
  for (int64_t begin = 0; begin < n; begin += most) {
    const int64_t end = begin + most < n ? begin + most : n;
    Vec<T> sums[4][kTerms] = {};
    int64_t i = begin;
    for (; i + 4 * lanes <= end; i += 4 * lanes) unrolled<4>([&](auto k) SINTER_STEP { add(sums[k], i + k * lanes); });
    for (; i < end; i += lanes) add(sums[0], i);
    for (int t = 0; t < kTerms; t++)
      totals[t] += static_cast<double>(reduce_add<T>((sums[0][t] + sums[1][t]) + (sums[2][t] + sums[3][t])));
  }
}

// ---- variance. State: a the count, b the mean, c the sum of squared distances from it. Merged as in Chan, Golub and
// LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.

void variance_merge(State& state, const State& later) {
  if (later.a == 0) return;
  double n = state.a + later.a, d = later.b - state.b, share = later.a / n;
  state.b += d * share;
  state.c += later.c + d * d * state.a * share;
  state.a = n;
}
template <class T>
void variance_block(State& state, const void* data, int64_t n, int64_t) {
  const T* x = static_cast<const T*>(data);
  constexpr int lanes = kLanes<T>;
  const int64_t whole = n / lanes * lanes;
  double total[1] = {};
  add_vectors<T>(total, whole, [&](auto& sums, int64_t i) SINTER_STEP { sums[0] += load(x + i); });
  for (int64_t i = whole; i < n; i++) total[0] += static_cast<double>(x[i]);
  const T center = static_cast<T>(total[0] / static_cast<double>(n));
  double distances[2] = {};
  auto& [drift, squares] = distances;
  add_vectors<T>(distances, whole, [&](auto& sums, int64_t i) SINTER_STEP {
    const Vec<T> v = load(x + i) - center;
    sums[0] += v;
    sums[1] += v * v;
  });
  for (int64_t i = whole; i < n; i++) {
    double v = static_cast<double>(x[i] - center);
    drift += v;
    squares += v * v;
  }
  // `center` misses the true mean by drift / n: take that out of the squares and put it into the mean.
  const double count = static_cast<double>(n);
  variance_merge(state, State{count, static_cast<double>(center) + drift / count, squares - drift * drift / count, 0});
}
template <class T>
void variance_finish(const State& state, int64_t n, double correction, void* out, int64_t at) {
  double divisor = static_cast<double>(n) - correction;
  static_cast<T*>(out)[at] = static_cast<T>(state.c / (divisor > 0 ? divisor : 0));
}

// ---- logsumexp. State: a the maximum (-inf: nothing yet), b the sum of exp(x - a). An infinite maximum is not
// subtracted: +inf then sums to +inf by itself.

double shift_of(double max) { return max - max == 0 ? max : 0; }

void logsumexp_merge(State& state, const State& later) {
  double max = state.a > later.a || state.a != state.a ? state.a : later.a, shift = shift_of(max);
  auto scaled = [shift](const State& s) { return s.b == 0 ? 0 : s.b * std::exp(shift_of(s.a) - shift); };
  state = State{max, scaled(state) + scaled(later), 0, 0};
}
template <class T>
void logsumexp_block(State& state, const void* data, int64_t n, int64_t) {
  const T* x = static_cast<const T*>(data);
  constexpr int lanes = kLanes<T>;
  const T low = static_cast<T>(-__builtin_inf());
  Vec<T> m = splat(low);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) m = vmax(load(x + i), m);
  if (i < n) m = vmax(load_n(x + i, static_cast<int>(n - i), low), m);
  const double max = static_cast<double>(reduce_max<T>(m));
  const T shift = static_cast<T>(shift_of(max));
  double total[1] = {};
  add_vectors<T>(total, i, [&](auto& sums, int64_t at) SINTER_STEP { sums[0] += vexp(load(x + at) - shift); });
  if (i < n) total[0] += static_cast<double>(reduce_add<T>(vexp(load_n(x + i, static_cast<int>(n - i), low) - shift)));
  logsumexp_merge(state, State{max, total[0], 0, 0});
}
template <class T>
void logsumexp_finish(const State& state, int64_t, double, void* out, int64_t at) {
  static_cast<T*>(out)[at] = static_cast<T>(shift_of(state.a) + std::log(state.b));
}

template <class T>
constexpr Reducer variance_reducer(DType d) {
  return {.name = "variance",
          .compute = d,
          .result = d,
          .block = variance_block<T>,
          .merge = variance_merge,
          .finish = variance_finish<T>};
}
template <class T>
constexpr Reducer logsumexp_reducer(DType d) {
  return {.name = "logsumexp",
          .compute = d,
          .result = d,
          .init = {.a = -__builtin_inf()},
          .block = logsumexp_block<T>,
          .merge = logsumexp_merge,
          .finish = logsumexp_finish<T>};
}

void require_floating(const Call& c, const char* name) {
  DType d = c.in[0].dtype;
  if (!is_floating(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", name, dtype_name(d));
}

}  // namespace

void variance(const Call& c) {
  require_floating(c, "variance");
  if (c.in[0].dtype == DType::f64) return reduce_entry(c, variance_reducer<double>(DType::f64), c.attr[1]);
  reduce_entry(c, variance_reducer<float>(DType::f32), c.attr[1]);
}

void logsumexp(const Call& c) {
  require_floating(c, "logsumexp");
  if (c.in[0].dtype == DType::f64) return reduce_entry(c, logsumexp_reducer<double>(DType::f64));
  reduce_entry(c, logsumexp_reducer<float>(DType::f32));
}

}  // namespace sinter::cpu::SINTER_ISA
