// sgdStep: stochastic gradient descent with momentum, as PyTorch defines it. Place in the whole: kernel of
// native/ops.def, compiled once per instruction set.
//   (p, g, buffer?)* f32 or f64; p and buffer updated in place, each element read and written once.
//   g = -g (maximize);  g += wd p
//   buffer = g (first step)   or   momentum buffer + (1 - dampening) g
//   p -= lr (buffer, or g + momentum buffer with Nesterov, or g without momentum)
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
struct Sgd {
  T lr, momentum, gain, decay, sign;
  bool nesterov, first_step;

  explicit Sgd(const double* a)
      : lr(static_cast<T>(a[0])), momentum(static_cast<T>(a[1])), gain(static_cast<T>(1 - a[2])),
        decay(static_cast<T>(a[3])), sign(a[6] != 0 ? T(-1) : T(1)), nesterov(a[4] != 0), first_step(a[5] != 0) {}

  template <class P>
  SINTER_INLINE void update(P part, T* p, const T* g, T* buffer) const {
    const Vec<T> pv = get(part, p);
    Vec<T> d = sign * get(part, g) + decay * pv;
    if (buffer) {
      Vec<T> b = d;
      if (!first_step) b = momentum * get(part, buffer) + gain * d;
      put(part, buffer, b);
      d = nesterov ? d + momentum * b : b;
    }
    put(part, p, pv - lr * d);
  }

  void contiguous(T* p, const T* g, T* buffer, int64_t n) const {
    if (buffer)
      each_step<T>(n, [&](int64_t i, auto part) { update(part, p + i, g + i, buffer + i); });
    else
      each_step<T>(n, [&](int64_t i, auto part) { update(part, p + i, g + i, nullptr); });
  }
};

template <class T>
void sgd(const Call& c) {
  const Sgd<T> sgd(c.attr);
  each_group_piece(c, 3, [sgd](const Group& group, int64_t begin, int64_t end) {
    const TensorRef *p = group.operands, *g = p + 1, *b = p + 2;
    T* buffer = sgd.momentum != T(0) && b->present() ? b->as<T>() : nullptr;
    if (group.contiguous())
      return sgd.contiguous(p->as<T>() + begin, g->as<T>() + begin, buffer ? buffer + begin : nullptr, end - begin);
    for (int64_t i = begin; i < end; i++)
      sgd.contiguous(p->as<T>() + Group::offset(*p, i), g->as<T>() + Group::offset(*g, i),
                     buffer ? buffer + Group::offset(*b, i) : nullptr, 1);
  });
}

}  // namespace

void sgdStep(const Call& c) {
  with_parameters(c, "sgdStep", [&](auto t) { sgd<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
