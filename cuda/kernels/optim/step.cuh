// One element-wise step over many tensors. Place in the whole: step_*.cu instantiate it for rules (rules.h) and dtypes.
//
// Bound: p, g and the state are read once, what changes is written once, 16 bytes of p a thread: an AdamW step in f32 moves 28 bytes an
// element, 42 us for 2^21 of them at 1.4 TB/s.
#pragma once
#include "cuda/kernels/optim/late.h"
#include "cuda/kernels/optim/rounding.cuh"
#include "cuda/kernels/optim/tensors.cuh"

namespace sinter::cuda {

// T: parameters and state; G: gradients and the rounded copy.
template <class T, class G, class Rule>
struct Step {
  static constexpr int kStates = Rule::kStates;
  // Halves go 8 bytes a thread, a block of random words: eight of them are more than roots and divisions leave registers for.
  static constexpr int kElements = sizeof(T) == 8 ? 2 : 4;
  using C = Compute<T>;
  const typename Tensors<kState + kStates>::Entry& t;
  const Rule rule;
  const Rounding& rounding;

  template <int E>
  SINTER_DEVICE void run(int64_t i) {
    T* p = static_cast<T*>(t.data[kParameter]) + i;
    G* low = static_cast<G*>(t.data[kLow]);
    Pack<T, E> parameters = load_pack<E>(p), states[kStates];
    const Pack<G, E> gradients = load_pack_constant<E>(static_cast<const G*>(t.data[kGradient]) + i);
#pragma unroll
    for (int k = 0; k < kStates; k++)
      if (t.data[kState + k]) states[k] = load_pack<E>(static_cast<const T*>(t.data[kState + k]) + i);
    C v[E];
#pragma unroll
    for (int e = 0; e < E; e++) {
      C state[kStates];
#pragma unroll
      for (int k = 0; k < kStates; k++) state[k] = t.data[kState + k] ? widen(states[k].at[e]) : C(0);
      v[e] = widen(parameters.at[e]);
      rule.step(v[e], widen(gradients.at[e]), state);
#pragma unroll
      for (int k = 0; k < kStates; k++) states[k].at[e] = narrow<T>(state[k]);
    }
    if (low) {
      Pack<G, E> lows;
#pragma unroll
      for (int e = 0; e < E; e++) lows.at[e] = narrow<G>(v[e]);
      store_pack(low + i, lows);
    }
    round_pack<T, E>(rounding, t.element + i, v);
#pragma unroll
    for (int e = 0; e < E; e++) parameters.at[e] = narrow<T>(v[e]);
    store_pack(p, parameters);
#pragma unroll
    for (int k = 0; k < kStates; k++)
      if (t.data[kState + k]) store_pack(static_cast<T*>(t.data[kState + k]) + i, states[k]);
  }
};

template <class T, class G, class Rule>
SINTER_DEVICE void step_all(const Tensors<kState + Rule::kStates>& tensors, const Rule& rule, const Rounding& rounding,
                            const LateStep& late) {
  if (late.leaves_out()) return;
  Step<T, G, Rule> body{tensors.at[entry_of_block(tensors)], late.of(rule), rounding};
  each_pack<Step<T, G, Rule>::kElements>(body.t, body);
}

}  // namespace sinter::cuda

#define SINTER_STEP_KERNEL(name, T, G, ...)                                                                        \
  extern "C" __global__ void __launch_bounds__(::sinter::cuda::kOptimThreads)                                      \
      name(const __grid_constant__ ::sinter::cuda::Tensors<::sinter::cuda::kState + __VA_ARGS__::kStates> tensors, \
           const __grid_constant__ __VA_ARGS__ rule, const __grid_constant__ ::sinter::cuda::Rounding rounding,    \
           const __grid_constant__ ::sinter::cuda::LateStep late) {                                                \
    ::sinter::cuda::step_all<T, G>(tensors, rule, rounding, late);                                                 \
  }
#define SINTER_STEP(name, Rule)                             \
  SINTER_STEP_KERNEL(name##_f32, f32, f32, Rule<f32>)       \
  SINTER_STEP_KERNEL(name##_f64, f64, f64, Rule<f64>)       \
  SINTER_STEP_KERNEL(name##_bf16, bf16, bf16, Rule<f32>)    \
  SINTER_STEP_KERNEL(name##_f16, f16, f16, Rule<f32>)       \
  SINTER_STEP_KERNEL(name##_f32_bf16, f32, bf16, Rule<f32>) \
  SINTER_STEP_KERNEL(name##_f32_f16, f32, f16, Rule<f32>)
