// ctcLoss: -log of the probability that frames spell the targets. Place in the whole: kernel of native/ops.def, compiled
// once per instruction set; the lattice is ctc.h's.
//   -> losses (n) of logProbs' dtype (f32 f64 bf16 f16), alpha f64, a sample's (t, 2 l + 1) after the other's
#include "cpu/loss/ctc.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
void ctc_forward(const Call& c) {
  const CtcProblem p("ctcLoss", c, 0);
  const T* x = c.in[0].as<T>();
  T* losses = c.out[0].as<T>();
  double* alpha = c.out[1].as<double>();
  const int64_t row = p.row(), grain = grain_of(p.cost());
  const Workplaces places(c, 4 * row * 8, (p.n + grain - 1) / grain);
  parallel_for(p.n, grain, [&](int64_t begin, int64_t end) {
    const int64_t place = places.claim();
    double* memory = reinterpret_cast<double*>(places.memory(place));
    for (int64_t i = begin; i < end; i++) {
      const int64_t states = p.states(i), t_end = p.input_lengths[i];
      double *skip = memory, *emission = skip + row, *now = emission + row + kLattice, *next = now + row;
      for (int64_t s = 0; s < 2 * row; s++) (emission + row)[s] = -kInf<double>;
      for (int64_t s = 0; s < states; s++) skip[s] = s >= 2 && p.label(i, s) != p.label(i, s - 2) ? 0 : -kInf<double>;
      for (int64_t t = 0; t < t_end; t++) {
        const T* frame = x + (t * p.n + i) * p.classes;
        for (int64_t s = 0; s < states; s++) emission[s] = to_compute(frame[p.label(i, s)]);
        if (t == 0) {
          for (int64_t s = 0; s < std::min<int64_t>(states, 2); s++) next[s] = emission[s];
        } else {
          ctc_step(now, skip, emission, states, -1, next);
        }
        std::memcpy(alpha + p.alpha_at(i) + t * states, next, static_cast<size_t>(states) * 8);
        std::swap(now, next);
      }
      double loss = t_end == 0 ? (states == 1 ? 0 : kInf<double>)
                               : -(states == 1 ? now[0] : log_add(now[states - 1], now[states - 2]));
      if (p.zero_infinity && loss == kInf<double>) loss = 0;
      losses[i] = from_compute<T>(static_cast<Compute<T>>(loss));
    }
    places.release(place);
  });
}

}  // namespace

void ctcLoss(const Call& c) {
  with_floating(c.in[0].dtype, "ctcLoss", [&](auto t) { ctc_forward<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
