// The lattice of connectionist temporal classification (Graves et al. 2006). Place in the whole: shared by ctcLoss's two
// directions. The extended target of a sample is blank, l1, blank, l2, ..., blank: 2 l + 1 states; alpha[t][s] is the log
// of the probability of all ways to be in state s after frame t. Sums are computed in f64.
//   logProbs (t, n, c), targets (n, s) or one after the other, inputLengths (n), targetLengths (n) i64
#pragma once
#include "cpu/conv/workplaces.h"
#include "cpu/embed/index.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kLattice = kLanes<double>;  // states beyond both ends that read as impossible

struct CtcProblem {
  int64_t frames, n, classes, blank;
  bool zero_infinity;
  const int64_t *targets, *input_lengths, *target_lengths;
  int64_t *begin, longest = 0;  // where a sample's targets begin

  // Operands from `first` on; checks them.
  CtcProblem(const char* op, const Call& c, int first)
      : frames(c.in[first].dims[0]), n(c.in[first].dims[1]), classes(c.in[first].dims[2]), blank(c.int_attr(0)),
        zero_infinity(c.attr[1] != 0), targets(c.in[first + 1].as<int64_t>()),
        input_lengths(c.in[first + 2].as<int64_t>()), target_lengths(c.in[first + 3].as<int64_t>()),
        begin(c.scratch_of<int64_t>(n)) {
    const TensorRef& t = c.in[first + 1];
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
      begin[i] = t.rank == 2 ? i * t.dims[1] : at;
      const int64_t room = t.rank == 2 ? t.dims[1] : t.numel - at;
      if (input_lengths[i] < 0 || input_lengths[i] > frames)
        fail(ErrorCode::index_out_of_range, "%s: input length %lld of %lld frames", op,
             static_cast<long long>(input_lengths[i]), static_cast<long long>(frames));
      if (target_lengths[i] < 0 || target_lengths[i] > room)
        fail(ErrorCode::index_out_of_range, "%s: target length %lld where targets hold %lld", op,
             static_cast<long long>(target_lengths[i]), static_cast<long long>(room));
      for (int64_t k = 0; k < target_lengths[i]; k++)
        if (!in_range(targets[begin[i] + k], classes))
          fail(ErrorCode::index_out_of_range, "%s: index %lld is out of range for %lld classes", op,
               static_cast<long long>(targets[begin[i] + k]), static_cast<long long>(classes));
      at += target_lengths[i];
      longest = std::max(longest, target_lengths[i]);
    }
  }
  int64_t states(int64_t i) const { return 2 * target_lengths[i] + 1; }
  int64_t label(int64_t i, int64_t s) const { return s % 2 ? targets[begin[i] + s / 2] : blank; }
  // Where a sample's alpha begins: (frames, states).
  int64_t alpha_at(int64_t i) const { return frames * (2 * begin[i] + i); }
  // A row of the lattice in working memory, with impossible states around it.
  int64_t row() const { return (2 * longest + 1 + 3 * kLattice) / kLattice * kLattice; }
  int64_t cost() const { return 16 * frames * (2 * longest + 1); }
};

// out[s] = emission[s] + log(exp(from[s]) + exp(from[s + d]) + exp(from[s + 2 d] + skip[s])), s over n states; d is -1
// (forward) or 1 (backward in time).
SINTER_INLINE void ctc_step(const double* from, const double* skip, const double* emission, int64_t n, int d,
                            double* out) {
  each_step<double>(n, [&](int64_t s, auto part) {
    const Vd a = load(from + s), b = load(from + s + d), c = load(from + s + 2 * d) + get(part, skip + s);
    const Vd top = vmax(vmax(a, b), c), base = top == -kInf<double> ? Vd{} : top;
    const Vd sum = vexp(a - base) + vexp(b - base) + vexp(c - base);
    const Vd v = base + vlog(sum) + get(part, emission + s);
    put(part, out + s, top == -kInf<double> ? splat(-kInf<double>) : v);
  });
}

SINTER_INLINE double log_add(double a, double b) {
  const double top = std::max(a, b), low = std::min(a, b);
  return low == -kInf<double> ? top : top + std::log1p(std::exp(low - top));
}

}  // namespace sinter::cpu::SINTER_ISA
