// crossEntropyBackward: with r = g (reductions none and sum; g of the row or of all) or g / total (mean),
//   glogits_j = r (A p_j - e / c w_j - (1 - e) w_t [j = t]),   p_j = exp(x_j - lse),   A = (1 - e) w_t + e / c W
// and zero for ignored rows; the symbols are those of cross_entropy.h. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set.
//   g () or (n), logits, glogits (n, c) f32 f64 bf16 f16, target (n) i64 or i32, lse (n) and total () in the compute
//   type,
//   weight? (c).
#include "cpu/loss/cross_entropy.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// gx_j = p_j slope - w_j smooth, all but the target's own term
template <class T, bool kSmooth>
void backward_row(const T* x, T* gx, int64_t n, Compute<T> lse, Compute<T> slope, const Compute<T>* weight,
                  Compute<T> smooth, bool stream) {
  write_row(gx, n, stream, [&](int64_t j, auto part) {
    Vec<Compute<T>> v = exp_nonpositive(get(part, x + j) - lse) * slope;
    if constexpr (kSmooth) {
      if (weight)
        v -= get(part, weight + j) * smooth;
      else
        v -= smooth;
    }
    return v;
  });
}

template <class T, class I>
void cross_entropy_backward(const Call& c) {
  using C = Compute<T>;
  const LossAttributes attr(c);
  const TensorRef &g = c.in[0], &logits = c.in[1];
  const int64_t rows = logits.dims[0], classes = logits.dims[1];
  const T* x = logits.as<T>();
  const I* target = c.in[2].as<I>();
  const C *lse = c.in[3].as<C>(), *total = c.in[4].as<C>(), *weight = as_compute<C>(c, c.opt(5));
  T* gx = c.out[0].as<T>();
  if (logits.numel == 0) return;
  const double e = attr.smoothing, share = e / static_cast<double>(classes);
  double weight_sum = static_cast<double>(classes);
  if (weight && e != 0) {
    weight_sum = 0;
    for (int64_t j = 0; j < classes; j++) weight_sum += weight[j];
  }
  const bool stream = streams(gx, logits.numel);
  FirstBad bad;
  parallel_for(rows, grain_of(classes), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t t = target[i];
      T* row = gx + i * classes;
      if (t == attr.ignore_index) {
        write_row(row, classes, stream, [](int64_t, auto) { return Vec<C>{}; });
        continue;
      }
      if (!in_range(t, classes)) {
        bad.note(i);
        continue;
      }
      const double w = (1 - e) * (weight ? weight[t] : 1);
      double r = read_any(g, attr.reduction == kNone ? i : 0);
      if (attr.reduction == kMean) r /= *total;
      const C slope = static_cast<C>(r * (w + share * weight_sum)), smooth = static_cast<C>(r * share);
      const T* xi = x + i * classes;
      auto fill = e == 0 ? backward_row<T, false> : backward_row<T, true>;
      fill(xi, row, classes, lse[i], slope, weight, smooth, stream);
      // The target's term is added before rounding, not to what the row already holds.
      const double p = std::exp(static_cast<double>(to_compute(xi[t])) - static_cast<double>(lse[i]));
      const double own = p * slope - r * w - (e == 0 ? 0 : r * share * (weight ? weight[t] : 1));
      row[t] = from_compute<T>(static_cast<C>(own));
    }
    end_streaming(stream);
  });
  bad.check("crossEntropyBackward", target, classes, "classes");
}

}  // namespace

void crossEntropyBackward(const Call& c) {
  with_floating(c.in[1].dtype, "crossEntropyBackward", [&](auto t) {
    with_index(c.in[2].dtype, "crossEntropyBackward",
               [&](auto i) { cross_entropy_backward<decltype(t), decltype(i)>(c); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
