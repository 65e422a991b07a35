// crossEntropy: the loss of class indices, fused: one pass over the logits, no probabilities. Place in the whole:
// kernel of native/ops.def, compiled once per instruction set. The formula is in cross_entropy.h.
//   logits (n, c) f32 f64 bf16 f16, target (n) i64 or i32, weight? (c)
//   -> loss () or (n), lse (n) and total () in the compute type. lse of an ignored row is 0: nothing reads it.
#include "cpu/loss/cross_entropy_row.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T, class I>
void cross_entropy(const Call& c) {
  using C = Compute<T>;
  const LossAttributes attr(c);
  const TensorRef& logits = c.in[0];
  const int64_t rows = logits.dims[0], classes = logits.dims[1];
  const T* x = logits.as<T>();
  const I* target = c.in[1].as<I>();
  const C* weight = as_compute<C>(c, c.opt(2));
  C *lse = c.out[1].as<C>(), *total = c.out[2].as<C>();
  const LossRow<T> row(weight, classes, attr.smoothing);
  double* losses = c.scratch_of<double>(rows);
  FirstBad bad;
  parallel_for(rows, grain_of(classes), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t t = target[i];
      losses[i] = 0;
      lse[i] = 0;
      if (t == attr.ignore_index) continue;
      if (!in_range(t, classes))
        bad.note(i);
      else
        losses[i] = row.loss(x + i * classes, t, lse[i]);
    }
  });
  bad.check("crossEntropy", target, classes, "classes");

  double sum = 0, targets = 0;
  for (int64_t i = 0; i < rows; i++) {
    sum += losses[i];
    if (target[i] != attr.ignore_index) targets += weight ? weight[target[i]] : 1;
    if (attr.reduction == kNone) write_any(c.out[0], i, losses[i]);
  }
  *total = static_cast<C>(targets);
  if (attr.reduction != kNone) write_any(c.out[0], 0, attr.reduction == kMean ? sum / targets : sum);
}

}  // namespace

void crossEntropy(const Call& c) {
  with_floating(c.in[0].dtype, "crossEntropy", [&](auto t) {
    with_index(c.in[1].dtype, "crossEntropy", [&](auto i) { cross_entropy<decltype(t), decltype(i)>(c); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
