// ctcLossBackward: with beta the lattice run from the end and p(s | t) = exp(alpha + beta - logProb + loss) the
// probability of state s in frame t given the targets (Graves et al. 2006, equation 16),
//   glogProbs[t][k] = g (exp(logProbs[t][k]) - sum of p(s | t) over the states of class k).
// Like PyTorch's it is the gradient by the logits, log softmax included: a log softmax before the loss maps it to itself.
// Place in the whole: kernel of native/ops.def, compiled once per instruction set; the lattice is ctc.h's.
//   g (n), logProbs, targets, inputLengths, targetLengths, alpha -> glogProbs (t, n, c), f32 f64 bf16 f16
#include "cpu/loss/ctc.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
struct CtcBackward {
  using C = Compute<T>;
  const CtcProblem& p;
  const T* x;
  const double* alpha;
  T* gx;
  int64_t row;

  void sample(int64_t i, double g, double* memory, double* posterior) const {
    const int64_t states = p.states(i), frames = p.input_lengths[i];
    const double* a = alpha + p.alpha_at(i);
    double loss = 0;
    if (frames > 0) {
      const double* last = a + (frames - 1) * states;
      loss = -(states == 1 ? last[0] : log_add(last[states - 1], last[states - 2]));
    }
    const bool impossible = loss == kInf<double>;
    for (int64_t t = impossible && p.zero_infinity ? 0 : frames; t < p.frames; t++)
      write_row(gx + (t * p.n + i) * p.classes, p.classes, false, [](int64_t, auto) { return Vec<C>{}; });
    if (impossible && p.zero_infinity) return;
    double *skip = memory, *emission = skip + row, *now = emission + row + kLattice, *next = now + row;
    for (int64_t s = 0; s < 2 * row; s++) (emission + row)[s] = -kInf<double>;
    for (int64_t s = 0; s < states; s++)
      skip[s] = s + 2 < states && p.label(i, s) != p.label(i, s + 2) ? 0 : -kInf<double>;
    for (int64_t t = frames - 1; t >= 0; t--) {
      const int64_t at = (t * p.n + i) * p.classes;
      for (int64_t s = 0; s < states; s++) emission[s] = to_compute(x[at + p.label(i, s)]);
      if (t == frames - 1)
        for (int64_t s = std::max<int64_t>(0, states - 2); s < states; s++) next[s] = emission[s];
      else
        ctc_step(now, skip, emission, states, 1, next);
      std::swap(now, next);
      for (int64_t k = 0; k < p.classes; k++) posterior[k] = impossible ? std::numeric_limits<double>::quiet_NaN() : 0;
      const double* at_t = a + t * states;
      // An impossible state also where its class is: its emission cancels -inf from -inf.
      each_step<double>(states, [&](int64_t s, auto part) {
        const Vd joint = get(part, at_t + s) + get(part, now + s);
        const Vd v = vexp(joint - get(part, emission + s) + loss);
        put(part, emission + s, joint == -kInf<double> ? Vd{} : v);
      });
      for (int64_t s = 0; s < states; s++) posterior[p.label(i, s)] += emission[s];
      for (int64_t k = 0; k < p.classes; k++)
        gx[at + k] =
            from_compute<T>(static_cast<C>(g * (std::exp(static_cast<double>(to_compute(x[at + k]))) - posterior[k])));
    }
  }
};

template <class T>
void ctc_backward(const Call& c) {
  const CtcProblem p("ctcLossBackward", c, 1);
  const CtcBackward<T> b{p, c.in[1].as<T>(), c.in[5].as<double>(), c.out[0].as<T>(), p.row()};
  if (c.out[0].numel == 0) return;
  const int64_t grain = grain_of(p.cost() + p.frames * p.classes);
  const Workplaces places(c, (4 * b.row + p.classes) * 8, (p.n + grain - 1) / grain);
  parallel_for(p.n, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    double* memory = reinterpret_cast<double*>(places.memory(place));
    for (int64_t i = begin; i < end; i++) b.sample(i, read_any(c.in[0], i), memory, memory + 4 * b.row);
    places.release(place);
  });
}

}  // namespace

void ctcLossBackward(const Call& c) {
  with_floating(c.in[1].dtype, "ctcLossBackward", [&](auto t) { ctc_backward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
