// Many tensors as one space of work. Place in the whole: shared by the optimizer steps, which update hundreds of
// parameters in one call. A group of operands is
//   p     the parameter, f32 f64 bf16 f16, updated in place, as is all of its state, which has p's dtype
//   g     its gradient, of p's dtype; or bf16 or f16 beside a p that is kept in f32
//   low?  p rounded to g's dtype: the parameter that the model sees, where p is the copy kept in f32
//   ...   the rule's state, each absent where the rule's options need none
// all contiguous and of one size. What is stored in 16 bits is computed in f32 and rounded once, a parameter as stochastic.h says.
#pragma once
#include "cpu/norm/row.h"
#include "cpu/optim/stochastic.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int kParameter = 0, kGradient = 1, kLow = 2, kState = 3;  // operands of a group
constexpr int64_t kOptimizerGrain = 16384;                          // elements a range at least
constexpr int64_t kShareUnit = 64;                                  // elements: shares of a tensor are whole lines

// The last of the rising starts that is not above x; starts[0] is not.
SINTER_INLINE int64_t last_at_or_below(const int64_t* starts, int64_t count, int64_t x) {
  int64_t low = 0, high = count - 1;
  while (low < high) {
    const int64_t middle = (low + high + 1) / 2;
    if (starts[middle] <= x)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

// f(group, begin, end, element) over pieces of the groups (`size` operands each, the first one's elements counted), so that threads
// share small tensors as well as large ones; `element` is where the piece begins in the concatenation of all groups. Threads take the
// same shares of each tensor, the first of all before the second of all, as they computed its gradient: its lines are in their caches.
template <class F>
void each_group_range(const Call& c, int size, F f) {
  const int64_t groups = c.nin / size, shares = std::clamp(pool_threads(), 1, 16), parts = groups * shares;
  // Part k is share k / groups of tensor k % groups.
  int64_t *starts = c.scratch_of<int64_t>(parts + 1), *elements = c.scratch_of<int64_t>(groups + 1);
  const TensorRef* operands = c.in;
  const auto bound = [=](int64_t i, int64_t share) {
    const int64_t n = operands[i * size].numel;
    return share == shares ? n : n * share / shares / kShareUnit * kShareUnit;
  };
  elements[0] = starts[0] = 0;
  for (int64_t i = 0; i < groups; i++) elements[i + 1] = elements[i] + operands[i * size].numel;
  for (int64_t k = 0; k < parts; k++)
    starts[k + 1] = starts[k] + bound(k % groups, k / groups + 1) - bound(k % groups, k / groups);
  parallel_for(starts[parts], streaming_grain(starts[parts], kOptimizerGrain), [=](int64_t begin, int64_t end) {
    for (int64_t k = last_at_or_below(starts, parts, begin); k < parts && starts[k] < end; k++) {
      const int64_t i = k % groups, shift = bound(i, k / groups) - starts[k];
      const int64_t from = std::max(begin, starts[k]) + shift, to = std::min(end, starts[k + 1]) + shift;
      if (from < to) f(operands + i * size, from, to, elements[i] + from);
    }
  });
}
template <class F>
void each_group_piece(const Call& c, int size, F f) {
  each_group_range(c, size, [f](const TensorRef* t, int64_t begin, int64_t end, int64_t) { f(t, begin, end); });
}

template <class T>
SINTER_INLINE T* at_or_null(const TensorRef& t, int64_t i) {
  return t.present() ? t.as<T>() + i : nullptr;
}

// One element-wise step: rule.step(p, g, state) on vectors of the computing type, S of them state. T: parameters and
// state; G: gradients and the rounded copy.
template <class T, class G, int S, class Rule, class Rounding>
void step_all(const Call& c, const Rule& rule, const Rounding& rounding) {
  using V = Vec<Compute<T>>;
  each_group_range(c, kState + S, [rule, rounding](const TensorRef* t, int64_t begin, int64_t end, int64_t element) {
    T* p = t[kParameter].as<T>() + begin;
    const G* g = t[kGradient].as<G>() + begin;
    G* low = at_or_null<G>(t[kLow], begin);
    T* state[S];
    for (int k = 0; k < S; k++) state[k] = at_or_null<T>(t[kState + k], begin);
    each_rounded<T>(rounding, element, end - begin, [&](int64_t i, auto part, auto round) {
      V pv = get(part, p + i), sv[S] = {};
      for (int k = 0; k < S; k++)
        if (state[k]) sv[k] = get(part, state[k] + i);
      rule.step(pv, V(get(part, g + i)), sv);
      put(part, p + i, round(pv));
      for (int k = 0; k < S; k++)
        if (state[k]) put(part, state[k] + i, sv[k]);
      if (low) put(part, low + i, pv);
    });
  });
}

// What a step's dtypes may be, of `size` operands a group, of which the state up to `states` has the parameter's.
// f(T{}, G{})
template <class F>
SINTER_INLINE void with_parameters(const Call& c, const char* op, int size, int states, F f) {
  if (c.nin == 0) return;
  const DType p = c.in[kParameter].dtype, g = c.in[kGradient].dtype;
  for (int i = 0; i < c.nin; i++) {
    const int k = i % size;
    if (!c.in[i].present() || k >= kState + states) continue;
    const DType expected = k == kGradient || k == kLow ? g : p;
    if (c.in[i].dtype != expected)
      fail(ErrorCode::unsupported, "%s: operand %d of a group is %s, not %s", op, k, dtype_name(c.in[i].dtype),
           dtype_name(expected));
  }
  if (p == g) {
    with_floating(p, op, [&](auto t) { f(t, t); });
  } else if (p == DType::f32 && g == DType::bf16) {
    f(float{}, bf16{});
  } else if (p == DType::f32 && g == DType::f16) {
    f(float{}, f16{});
  } else {
    fail(ErrorCode::unsupported, "%s: gradients in %s for parameters in %s", op, dtype_name(g), dtype_name(p));
  }
}

template <int S, template <class> class Rule>
void run_rule(const Call& c, const char* op) {
  with_parameters(c, op, kState + S, S, [&](auto t, auto g) {
    using T = decltype(t);
    with_rounding<T>(c, [&](auto rounding) { step_all<T, decltype(g), S>(c, Rule<Compute<T>>(c.attr), rounding); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
