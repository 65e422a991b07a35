// crossEntropyInto: the losses of rows, and their gradients in the logits' place, while a row is in the cache. Place in
// the whole: kernel of native/ops.def, compiled once per instruction set; the chunked loss of a linear layer
// (lib/ops/linearCrossEntropy.ts) has the logits of some rows at a time, and no use for them afterwards. The formula is
// in cross_entropy.h.
//   logits (n, c) f32 f64 bf16 f16, target (n) i64 or i32, weight? (c), scale? () or (n) in the compute type
//   -> losses (n) in the compute type; logits become scale times their gradient, zero for ignored rows
#include "cpu/loss/cross_entropy_row.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T, class I>
void cross_entropy_into(const Call& c) {
  using C = Compute<T>;
  const TensorRef& logits = c.in[0];
  const int64_t rows = logits.dims[0], classes = logits.dims[1], ignored = c.int_attr(0);
  T* x = logits.as<T>();
  const I* target = c.in[1].as<I>();
  const TensorRef scale = c.opt(3);
  const LossRow<T> row(as_compute<C>(c, c.opt(2)), classes, c.attr[1]);
  C* losses = c.out[0].as<C>();
  FirstBad bad;
  parallel_for(rows, grain_of(classes), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t t = target[i];
      T* xi = x + i * classes;
      losses[i] = 0;
      if (t == ignored) {
        row.no_gradient(xi, false);
      } else if (!in_range(t, classes)) {
        bad.note(i);
      } else {
        const double r = !scale.present() ? 1 : static_cast<double>(scale.as<C>()[scale.numel == 1 ? 0 : i]);
        C lse;
        losses[i] = static_cast<C>(row.loss(xi, t, lse));
        row.gradient(xi, xi, t, lse, r, false);
      }
    }
  });
  bad.check("crossEntropyInto", target, classes, "classes");
}

}  // namespace

void crossEntropyInto(const Call& c) {
  with_floating(c.in[0].dtype, "crossEntropyInto", [&](auto t) {
    with_index(c.in[1].dtype, "crossEntropyInto", [&](auto i) { cross_entropy_into<decltype(t), decltype(i)>(c); });
  });
}

}  // namespace sinter::cpu::SINTER_ISA
