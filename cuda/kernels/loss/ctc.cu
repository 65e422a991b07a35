// Connectionist temporal classification (Graves et al. 2006). Place in the whole: device code of ctc.cpp.
//
// A block has a sample and goes from frame to frame, a thread a state (or several), the row before in shared memory where it fits; sums
// are in f64, as on the CPU. The time is that of a frame, some thousand cycles, times the frames. The gradient runs the lattice from the
// end, and then has a block for each frame of each sample: of states that stand for one class the first adds them up in their order,
// without atomics.
// sinter: cubins 80 90
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/loss/ctc.h"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/numbers.cuh"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {

namespace {

constexpr double kImpossible = -__builtin_huge_val();
constexpr int kWarps = kCtcThreads / kWarp;

struct Sample {
  int64_t i, begin, length, frames;  // length: of the targets
  SINTER_DEVICE int64_t states() const { return 2 * length + 1; }
};

SINTER_DEVICE int64_t label_of(const CtcProblem& p, const Sample& s, int64_t state) {
  return state % 2 ? p.targets[s.begin + state / 2] : p.blank;
}
SINTER_DEVICE double log_prob(const CtcProblem& p, int64_t t, int64_t i, int64_t k) {
  return load_float(p.log_probs, p.dtype, (t * p.n + i) * p.classes + k);
}
SINTER_DEVICE int64_t lattice_at(const CtcProblem& p, const Sample& s) { return p.frames * (2 * s.begin + s.i); }

SINTER_DEVICE double log_add(double a, double b) {
  const double top = Larger()(a, b), low = Smaller()(a, b);
  return low == kImpossible ? top : top + log1p_of(exp_of(low - top));
}
// -log of the probability of the targets, from the last row of alpha.
SINTER_DEVICE double loss_of(const Sample& s, const double* alpha) {
  const int64_t states = s.states();
  if (s.frames == 0) return states == 1 ? 0 : -kImpossible;
  const double* last = alpha + (s.frames - 1) * states;
  return -(states == 1 ? last[0] : log_add(last[states - 1], last[states - 2]));
}

// The whole block calls. False: something is wrong with it, which is reported, if it is not another sample's fault.
SINTER_DEVICE bool read_sample(const CtcProblem& p, Sample& s) {
  __shared__ int64_t sums[kWarps];
  __shared__ int wrong;
  if (threadIdx.x == 0) wrong = 0;
  s.i = blockIdx.x;
  s.begin = s.i * p.row;
  if (p.row < 0) {
    int64_t before = 0;
#pragma unroll 1
    for (int64_t k = threadIdx.x; k < s.i; k += kCtcThreads) before += max(p.target_lengths[k], int64_t{0});
    s.begin = block_reduce<kCtcThreads>(before, sums, Plus());
  }
  s.length = p.target_lengths[s.i];
  s.frames = p.input_lengths[s.i];
  const int64_t room = p.row < 0 ? p.targets_numel - s.begin : p.row;
  if (room < 0) return false;
  const bool long_input = s.frames < 0 || s.frames > p.frames, long_target = s.length < 0 || s.length > room;
  if (long_input || long_target) {
    if (threadIdx.x == 0) {
      if (long_input)
        report(p.fault, 0, s.frames, p.frames);
      else
        report(p.fault, 1, s.length, room);
    }
    return false;
  }
  __syncthreads();
#pragma unroll 1
  for (int64_t k = threadIdx.x; k < s.length; k += kCtcThreads) {
    const int64_t label = p.targets[s.begin + k];
    if (static_cast<uint64_t>(label) < static_cast<uint64_t>(p.classes)) continue;
    report(p.fault, 2, label, p.classes);
    wrong = 1;
  }
  __syncthreads();
  return wrong == 0;
}

// Log probabilities of all ways to a state by frame t (or, not kForward, from it to the end) into `rows`, frame after frame.
template <bool kForward>
SINTER_DEVICE void lattice(const CtcProblem& p, const Sample& s, double* rows, double* shared) {
  constexpr int kBack = kForward ? -1 : 1;  // to the states before, in the order of computation
  const int64_t states = s.states();
  const bool fits = 2 * states <= p.room;
  const auto frame_of = [&](int64_t step) { return kForward ? step : s.frames - 1 - step; };
  // The first state's next emission is read while the step is computed.
  double ahead = 0;
  const int64_t own = threadIdx.x < states ? label_of(p, s, threadIdx.x) : p.blank;
  if (s.frames > 0) ahead = log_prob(p, frame_of(0), s.i, own);
#pragma unroll 1
  for (int64_t step = 0; step < s.frames; step++) {
    const int64_t t = frame_of(step);
    const double* before = fits ? shared + (step + 1) % 2 * states : rows + (t + kBack) * states;
    double emission = ahead;
    if (step + 1 < s.frames) ahead = log_prob(p, frame_of(step + 1), s.i, own);
#pragma unroll 1
    for (int64_t state = threadIdx.x; state < states; state += kCtcThreads) {
      const int64_t one = state + kBack, two = one + kBack;
      double value = kImpossible;
      if (step == 0) {
        if (kForward ? state < 2 : state >= states - 2) value = emission;
      } else {
        const double a = before[state], b = one >= 0 && one < states ? before[one] : kImpossible;
        const double c =
            two >= 0 && two < states && label_of(p, s, state) != label_of(p, s, two) ? before[two] : kImpossible;
        const double top = Larger()(Larger()(a, b), c);
        if (top != kImpossible) value = top + log_of(exp_of(a - top) + exp_of(b - top) + exp_of(c - top)) + emission;
      }
      rows[t * states + state] = value;
      if (fits) shared[step % 2 * states + state] = value;
      if (state + kCtcThreads < states) emission = log_prob(p, t, s.i, label_of(p, s, state + kCtcThreads));
    }
    __syncthreads();
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kCtcThreads) ctc_loss(const __grid_constant__ CtcProblem p) {
  extern __shared__ double ctc_rows[];
  Sample s;
  if (!read_sample(p, s)) return;
  double* alpha = p.alpha + lattice_at(p, s);
  lattice<true>(p, s, alpha, ctc_rows);
  if (threadIdx.x != 0) return;
  const double loss = loss_of(s, alpha);
  store_float(p.losses, p.dtype, s.i, p.zero_infinity && loss == -kImpossible ? 0 : loss);
}

// beta, the loss and what the gradient's kernel has to know of each target.
extern "C" __global__ void __launch_bounds__(kCtcThreads) ctc_backward(const __grid_constant__ CtcProblem p) {
  extern __shared__ double ctc_rows[];
  Sample s;
  const bool right = read_sample(p, s);
  if (threadIdx.x == 0) p.begins[s.i] = right ? s.begin : -1;
  if (!right) return;
  if (threadIdx.x == 0) p.loss[s.i] = s.frames == 0 ? 0 : loss_of(s, p.alpha + lattice_at(p, s));
#pragma unroll 1
  for (int64_t k = threadIdx.x; k < s.length; k += kCtcThreads) {
    const int64_t* targets = p.targets + s.begin;
    const int64_t label = targets[k];
    int64_t next = k + 1, same = 0;
#pragma unroll 1
    while (next < s.length && targets[next] != label) next++;
#pragma unroll 1
    while (same < k && targets[same] != label) same++;
    p.next[s.begin + k] = next < s.length ? static_cast<int32_t>(next) : -1;
    p.leads[s.begin + k] = same == k && label != p.blank;
  }
  lattice<false>(p, s, p.beta + lattice_at(p, s), ctc_rows);
}

// A frame of a sample: g (exp(log_probs) - the probability of the class in this frame, given the targets).
extern "C" __global__ void __launch_bounds__(kCtcThreads) ctc_gradient(const __grid_constant__ CtcProblem p) {
  __shared__ double partial[kWarps];
  const int64_t row = blockIdx.x, t = row / p.n;
  Sample s;
  s.i = row - t * p.n;
  s.begin = p.begins[s.i];
  const int64_t at = row * p.classes;
  const double loss = s.begin < 0 ? 0 : p.loss[s.i], g = load_float(p.g, p.g_dtype, s.i);
  const bool impossible = loss == -kImpossible;
  if (s.begin < 0 || t >= p.input_lengths[s.i] || (impossible && p.zero_infinity)) {
#pragma unroll 1
    for (int64_t k = threadIdx.x; k < p.classes; k += kCtcThreads) store_float(p.gx, p.dtype, at + k, 0);
    return;
  }
  s.length = p.target_lengths[s.i];
  const double *alpha = p.alpha + lattice_at(p, s) + t * s.states(), *beta = p.beta + (alpha - p.alpha);
  // Of the ways through a state: its emission is in both factors.
  const auto ways = [&](int64_t state, int64_t label) {
    const double joint = alpha[state] + beta[state];
    return joint == kImpossible ? 0 : exp_of(joint - log_prob(p, t, s.i, label) + loss);
  };
  const auto put = [&](int64_t k, double posterior) {
    store_float(p.gx, p.dtype, at + k, g * (exp_of(log_prob(p, t, s.i, k)) - posterior));
  };
  const double other = impossible ? __builtin_nan("") : 0;  // without a way to the targets: not a number
#pragma unroll 1
  for (int64_t k = threadIdx.x; k < p.classes; k += kCtcThreads) put(k, other);
  if (impossible) return;
  double blank = 0;
#pragma unroll 1
  for (int64_t state = threadIdx.x; state < s.states(); state += kCtcThreads)
    if (label_of(p, s, state) == p.blank) blank += ways(state, p.blank);
  // The barrier in it also is between the two writes of a class.
  blank = block_reduce<kCtcThreads>(blank, partial, Plus());
  if (threadIdx.x == 0) put(p.blank, blank);
#pragma unroll 1
  for (int64_t k = threadIdx.x; k < s.length; k += kCtcThreads) {
    if (!p.leads[s.begin + k]) continue;
    const int64_t label = p.targets[s.begin + k];
    double posterior = 0;
#pragma unroll 1
    for (int64_t j = k; j >= 0; j = p.next[s.begin + j]) posterior += ways(2 * j + 1, label);
    put(label, posterior);
  }
}

}  // namespace sinter::cuda
