// adamwStep: one step of AdamW (Loshchilov and Hutter, 2019) or, not decoupled, of Adam with an L2 term in the
// gradient. Place in the whole: kernel of native/ops.def, compiled once per instruction set.
//   (p, g, m, v)* f32 or f64; p, m, v updated in place, each element read and written once.
//   p *= 1 - lr wd  (decoupled)   or   g += wd p
//   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
//   p -= lr / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

SINTER_INLINE Vf square_root(Vf x) {
#if defined(__AVX512F__)
  return (Vf)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX2__)
  return (Vf)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__)
  return (Vf)_mm_sqrt_ps((__m128)x);
#else
  for (int i = 0; i < kLanes<float>; i++) x[i] = std::sqrt(x[i]);
  return x;
#endif
}
SINTER_INLINE Vd square_root(Vd x) {
#if defined(__AVX512F__)
  return (Vd)_mm512_sqrt_pd((__m512d)x);
#elif defined(__AVX2__)
  return (Vd)_mm256_sqrt_pd((__m256d)x);
#elif defined(__x86_64__)
  return (Vd)_mm_sqrt_pd((__m128d)x);
#else
  for (int i = 0; i < kLanes<double>; i++) x[i] = std::sqrt(x[i]);
  return x;
#endif
}

template <class T>
struct Adam {
  T keep, decay, gain1, beta2, gain2, unbias2, eps, rate;

  explicit Adam(const double* a) {
    const double lr = a[0], beta1 = a[1], second = a[2], weight_decay = a[4], step = a[5];
    const bool decoupled = a[6] != 0;
    keep = static_cast<T>(decoupled ? 1 - lr * weight_decay : 1);
    decay = static_cast<T>(decoupled ? 0 : weight_decay);
    gain1 = static_cast<T>(1 - beta1);
    beta2 = static_cast<T>(second);
    gain2 = static_cast<T>(1 - second);
    unbias2 = static_cast<T>(1 / std::sqrt(1 - std::pow(second, step)));
    eps = static_cast<T>(a[3]);
    rate = static_cast<T>(lr / (1 - std::pow(beta1, step)));
  }

  SINTER_INLINE void step(Vec<T>& p, Vec<T> g, Vec<T>& m, Vec<T>& v) const {
    g += decay * p;
    m += gain1 * (g - m);
    v = beta2 * v + gain2 * g * g;
    p = keep * p - rate * m / (square_root(v) * unbias2 + eps);
  }

  void contiguous(T* p, const T* g, T* m, T* v, int64_t n) const {
    each_step<T>(n, [&](int64_t i, auto part) {
      Vec<T> pv = get(part, p + i), mv = get(part, m + i), vv = get(part, v + i);
      step(pv, get(part, g + i), mv, vv);
      put(part, p + i, pv);
      put(part, m + i, mv);
      put(part, v + i, vv);
    });
  }

  void strided(const Group& group, int64_t begin, int64_t end) const {
    const TensorRef* t = group.operands;
    for (int64_t i = begin; i < end; i++) {
      T* p = t[0].as<T>() + Group::offset(t[0], i);
      const T* g = t[1].as<T>() + Group::offset(t[1], i);
      T *m = t[2].as<T>() + Group::offset(t[2], i), *v = t[3].as<T>() + Group::offset(t[3], i);
      contiguous(p, g, m, v, 1);
    }
  }
};

template <class T>
void adam(const Call& c) {
  const Adam<T> adam(c.attr);
  each_group_piece(c, 4, [adam](const Group& group, int64_t begin, int64_t end) {
    const TensorRef* t = group.operands;
    if (!group.contiguous()) return adam.strided(group, begin, end);
    adam.contiguous(t[0].as<T>() + begin, t[1].as<T>() + begin, t[2].as<T>() + begin, t[3].as<T>() + begin,
                    end - begin);
  });
}

}  // namespace

void adamwStep(const Call& c) {
  with_parameters(c, "adamwStep", [&](auto t) { adam<decltype(t)>(c); });
}

}  // namespace sinter::cpu::SINTER_ISA
