// One row of logits: its loss, and the loss's gradient. Place in the whole: what the kernels of cross entropy share;
// the formula and its symbols are in cross_entropy.h.
#pragma once
#include "cpu/loss/cross_entropy.h"
#include "cpu/softmax/logsumexp.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
struct LossRow {
  using C = Compute<T>;
  const C* weight;  // (classes) or null
  int64_t classes;
  double smoothing, weight_sum;

  LossRow(const C* weights, int64_t n, double e) : weight(weights), classes(n), smoothing(e), weight_sum(0) {
    if (!weight)
      weight_sum = static_cast<double>(n);
    else if (e != 0)
      for (int64_t j = 0; j < n; j++) weight_sum += weight[j];
  }

  // Also gives log(sum(exp(x))).
  double loss(const T* x, int64_t target, C& lse) const {
    const MaxSum<C> r = max_sum_exp(x, classes);
    const double top = r.max, log_sum = std::log(r.sum);
    lse = static_cast<C>(top + log_sum);
    const double nll = log_sum - (static_cast<double>(to_compute(x[target])) - top), w = weight ? weight[target] : 1;
    if (smoothing == 0) return w * nll;
    // sum_j w_j (lse - x_j), relative to the maximum
    const C from = r.max;
    const double below = row_sum<T>(classes, [&](int64_t j, auto part) {
      Vec<C> v = get(part, x + j) - from;
      if (weight) v *= get(part, weight + j);
      return v;
    });
    return (1 - smoothing) * w * nll + smoothing / static_cast<double>(classes) * (weight_sum * log_sum - below);
  }

  // gx = r times the loss's gradient; gx may be x.
  void gradient(const T* x, T* gx, int64_t target, C lse, double r, bool stream) const {
    const double share = smoothing / static_cast<double>(classes), w = (1 - smoothing) * (weight ? weight[target] : 1);
    const C slope = static_cast<C>(r * (w + share * weight_sum)), smooth = static_cast<C>(r * share);
    // The target's term is added before rounding, not to what the row already holds.
    const double p = std::exp(static_cast<double>(to_compute(x[target])) - static_cast<double>(lse));
    const double own = p * slope - r * w - (smoothing == 0 ? 0 : r * share * (weight ? weight[target] : 1));
    if (smoothing == 0)
      others<false>(x, gx, lse, slope, smooth, stream);
    else
      others<true>(x, gx, lse, slope, smooth, stream);
    gx[target] = from_compute<T>(static_cast<C>(own));
  }
  void no_gradient(T* gx, bool stream) const {
    write_row(gx, classes, stream, [](int64_t, auto) { return Vec<C>{}; });
  }

 private:
  // gx_j = p_j slope - w_j smooth, all but the target's own term
  template <bool kSmooth>
  void others(const T* x, T* gx, C lse, C slope, C smooth, bool stream) const {
    write_row(gx, classes, stream, [&](int64_t j, auto part) {
      Vec<C> v = exp_nonpositive(get(part, x + j) - lse) * slope;
      if constexpr (kSmooth) {
        if (weight)
          v -= get(part, weight + j) * smooth;
        else
          v -= smooth;
      }
      return v;
    });
  }
};

}  // namespace sinter::cpu::SINTER_ISA
