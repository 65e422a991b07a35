// LAMB and LARS. Place in the whole: device code of scaled.cpp.
//
// Three launches: squares of every piece (and LAMB's moments), a rate for each tensor, the step. Bound in f32: LAMB reads 16 bytes an
// element and writes 8, then reads 12 and writes 4; LARS reads 8, then reads 12 and writes 8.
// sinter: cubins 80 90
#include "cuda/kernels/optim/rounding.cuh"
#include "cuda/kernels/optim/scaled.h"
#include "cuda/kernels/optim/tensors.cuh"

namespace sinter::cuda {

// One pass over a piece: kSecond false gathers squares, true steps.
template <class T, class G, class Rule, bool kSecond>
struct ScaledPass {
  static constexpr int kStates = Rule::kStates, kElements = sizeof(T) == 8 ? 2 : 4;
  static constexpr bool kNeedsGradient = !kSecond || !Rule::kMomentsFirst;
  static constexpr bool kReadsState = kSecond || Rule::kMomentsFirst, kWritesState = kSecond != Rule::kMomentsFirst;
  using C = Compute<T>;
  const typename Tensors<kState + kStates>::Entry& t;
  const Rule rule;
  const Rounding& rounding;
  C rate;
  C squares[2];

  template <int E>
  SINTER_DEVICE void run(int64_t i) {
    T* p = static_cast<T*>(t.data[kParameter]) + i;
    Pack<T, E> parameters = load_pack<E>(p), states[kStates];
    Pack<G, E> gradients;
    if constexpr (kNeedsGradient) gradients = load_pack_constant<E>(static_cast<const G*>(t.data[kGradient]) + i);
    if constexpr (kReadsState) {
#pragma unroll
      for (int k = 0; k < kStates; k++)
        if (t.data[kState + k]) states[k] = load_pack<E>(static_cast<const T*>(t.data[kState + k]) + i);
    }
    C v[E];
#pragma unroll
    for (int e = 0; e < E; e++) {
      C state[kStates];
#pragma unroll
      for (int k = 0; k < kStates; k++) {
        state[k] = 0;
        if constexpr (kReadsState) state[k] = t.data[kState + k] ? widen(states[k].at[e]) : C(0);
      }
      C g = 0;
      if constexpr (kNeedsGradient) g = widen(gradients.at[e]);
      v[e] = widen(parameters.at[e]);
      if constexpr (kSecond) {
        rule.apply(v[e], g, state, rate);
      } else {
        const C u = rule.gather(v[e], g, state);
        squares[0] += v[e] * v[e];
        squares[1] += u * u;
      }
      if constexpr (kWritesState) {
#pragma unroll
        for (int k = 0; k < kStates; k++) states[k].at[e] = narrow<T>(state[k]);
      }
    }
    if constexpr (kWritesState) {
#pragma unroll
      for (int k = 0; k < kStates; k++)
        if (t.data[kState + k]) store_pack(static_cast<T*>(t.data[kState + k]) + i, states[k]);
    }
    if constexpr (kSecond) {
      if (G* low = static_cast<G*>(t.data[kLow])) {
        Pack<G, E> lows;
#pragma unroll
        for (int e = 0; e < E; e++) lows.at[e] = narrow<G>(v[e]);
        store_pack(low + i, lows);
      }
      round_pack<T, E>(rounding, t.element + i, v);
#pragma unroll
      for (int e = 0; e < E; e++) parameters.at[e] = narrow<T>(v[e]);
      store_pack(p, parameters);
    }
  }
};

// parts: two sums a block of the launch.
template <class T, class G, class Rule>
SINTER_DEVICE void gather_squares(const Tensors<kState + Rule::kStates>& tensors, const Rule& rule,
                                  const LateStep& late, double* parts) {
  if (late.leaves_out()) return;
  __shared__ double sums[2][kOptimThreads / 32];
  const Rounding nearest{};
  const auto& t = tensors.at[entry_of_block(tensors)];
  ScaledPass<T, G, Rule, false> body{t, late.of(rule), nearest, 0, {0, 0}};
  each_pack<ScaledPass<T, G, Rule, false>::kElements>(t, body);
#pragma unroll
  for (int k = 0; k < 2; k++) {
    const double sum = block_sum(static_cast<double>(body.squares[k]), sums[k]);
    if (threadIdx.x == 0) parts[2 * static_cast<int64_t>(blockIdx.x) + k] = sum;
  }
}

// A block an entry; blocks: of the launch that made the parts.
template <int P>
SINTER_DEVICE void make_rates(const Tensors<P>& tensors, const Rates& rates, const LateStep& late, const double* parts,
                              int64_t blocks, double* result) {
  if (late.leaves_out()) return;
  __shared__ double sums[2][kOptimThreads / 32];
  const int i = static_cast<int>(blockIdx.x);
  const int64_t begin = tensors.at[i].first_block, end = i + 1 < tensors.count ? tensors.at[i + 1].first_block : blocks;
  double squares[2] = {0, 0};
  for (int64_t b = begin + threadIdx.x; b < end; b += kOptimThreads) {
    squares[0] += parts[2 * b];
    squares[1] += parts[2 * b + 1];
  }
  const double p = block_sum(squares[0], sums[0]), u = block_sum(squares[1], sums[1]);
  if (threadIdx.x == 0) result[i] = rates.of(p, u);
}

template <class T, class G, class Rule>
SINTER_DEVICE void apply_rates(const Tensors<kState + Rule::kStates>& tensors, const Rule& rule,
                               const Rounding& rounding, const LateStep& late, const double* rates) {
  if (late.leaves_out()) return;
  const int entry = entry_of_block(tensors);
  const auto& t = tensors.at[entry];
  Rule with_state = late.of(rule);
  if constexpr (!Rule::kMomentsFirst) with_state.buffered = t.data[kState] != nullptr;
  ScaledPass<T, G, Rule, true> body{t, with_state, rounding, static_cast<Compute<T>>(rates[entry]), {0, 0}};
  each_pack<ScaledPass<T, G, Rule, true>::kElements>(t, body);
}

#define SINTER_SCALED_KERNELS(name, suffix, T, G, Rule)                                                   \
  extern "C" __global__ void __launch_bounds__(kOptimThreads) name##_gather_##suffix(                     \
      const __grid_constant__ Tensors<kState + Rule::kStates> tensors, const __grid_constant__ Rule rule, \
      const __grid_constant__ LateStep late, double* __restrict__ parts) {                                \
    gather_squares<T, G, Rule>(tensors, rule, late, parts);                                               \
  }                                                                                                       \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                             \
      name##_apply_##suffix(const __grid_constant__ Tensors<kState + Rule::kStates> tensors,              \
                            const __grid_constant__ Rule rule, const __grid_constant__ Rounding rounding, \
                            const __grid_constant__ LateStep late, const double* __restrict__ rates) {    \
    apply_rates<T, G, Rule>(tensors, rule, rounding, late, rates);                                        \
  }
#define SINTER_SCALED(name, Rule)                                                                           \
  extern "C" __global__ void __launch_bounds__(kOptimThreads)                                               \
      name##_rates(const __grid_constant__ Tensors<kState + Rule<f32>::kStates> tensors, Rates rates,       \
                   const __grid_constant__ LateStep late, const double* __restrict__ parts, int64_t blocks, \
                   double* __restrict__ result) {                                                           \
    make_rates(tensors, rates, late, parts, blocks, result);                                                \
  }                                                                                                         \
  SINTER_SCALED_KERNELS(name, f32, f32, f32, Rule<f32>)                                                     \
  SINTER_SCALED_KERNELS(name, f64, f64, f64, Rule<f64>)                                                     \
  SINTER_SCALED_KERNELS(name, bf16, bf16, bf16, Rule<f32>)                                                  \
  SINTER_SCALED_KERNELS(name, f16, f16, f16, Rule<f32>)                                                     \
  SINTER_SCALED_KERNELS(name, f32_bf16, f32, bf16, Rule<f32>)                                               \
  SINTER_SCALED_KERNELS(name, f32_f16, f32, f16, Rule<f32>)

SINTER_SCALED(lamb, Lamb)
SINTER_SCALED(lars, Lars)

}  // namespace sinter::cuda
