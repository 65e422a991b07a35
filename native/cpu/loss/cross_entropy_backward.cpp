// crossEntropyBackward: with r = g (reductions none and sum; g of the row or of all) or g / total (mean),
//   glogits_j = r (A p_j - e / c w_j - (1 - e) w_t [j = t]),   p_j = exp(x_j - lse),   A = (1 - e) w_t + e / c W
// and zero for ignored rows; the symbols are those of cross_entropy.h. Place in the whole: kernel of native/ops.def,
// compiled once per instruction set.
//   g () or (n), logits, glogits (n, c) f32 f64 bf16 f16, target (n) i64 or i32, lse (n) and total () in the compute
//   type, weight? (c).
#include "cpu/loss/cross_entropy_row.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T, class I>
void cross_entropy_backward(const Call& c) {
  using C = Compute<T>;
  const LossAttributes attr(c);
  const TensorRef &g = c.in[0], &logits = c.in[1];
  const int64_t rows = logits.dims[0], classes = logits.dims[1];
  const T* x = logits.as<T>();
  const I* target = c.in[2].as<I>();
  const C *lse = c.in[3].as<C>(), *total = c.in[4].as<C>();
  T* gx = c.out[0].as<T>();
  if (logits.numel == 0) return;
  const LossRow<T> row(as_compute<C>(c, c.opt(5)), classes, attr.smoothing);
  const bool stream = streams(gx, logits.numel);
  FirstBad bad;
  parallel_for(rows, grain_of(classes), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t t = target[i], at = i * classes;
      if (t == attr.ignore_index) {
        row.no_gradient(gx + at, stream);
      } else if (!in_range(t, classes)) {
        bad.note(i);
      } else {
        double r = read_any(g, attr.reduction == kNone ? i : 0);
        if (attr.reduction == kMean) r /= *total;
        row.gradient(x + at, gx + at, t, lse[i], r, stream);
      }
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
