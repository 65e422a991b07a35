// Arithmetic of three operands. Place in the whole: entry points lerp, addcmul, addcdiv of the operator table.
//
// x, a, b (any views, broadcast, one dtype) -> y contiguous. f32, f64, bf16, f16; addcmul also the integers.
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// From the nearer end, so that weights 0 and 1 give the ends exactly.
template <class V>
SINTER_INLINE V between(V a, V b, V w) {
  V d = b - a;
  return w < num<V>(0.5) ? a + w * d : b - d * (num<V>(1) - w);
}

#define SINTER_TERNARY(Name, expression)                    \
  struct Name {                                             \
    template <class V>                                      \
    static SINTER_INLINE V apply(V x, V a, V b, Params p) { \
      (void)p;                                              \
      return expression;                                    \
    }                                                       \
  };
SINTER_TERNARY(Lerp, between(x, a, b))
SINTER_TERNARY(Addcmul, plus(x, times(times(a, b), V{} + num<V>(p.p0))))
SINTER_TERNARY(Addcdiv, x + num<V>(p.p0) * a / b)
#undef SINTER_TERNARY

// The last operand may be one value.
template <class Op, class T>
void ternary_run(const Run& r) {
  if (r.n == 0) return;
  const T *x = static_cast<const T*>(r.in[0]), *a = static_cast<const T*>(r.in[1]), *b = static_cast<const T*>(r.in[2]);
  T* y = static_cast<T*>(r.out);
  const Params p = r.params;
  const bool many = r.step[2] != 0;
  if constexpr (kIsInt<T>) {
    for (int64_t i = 0; i < r.n; i++) y[i] = Op::apply(x[i], a[i], many ? b[i] : *b, p);
  } else {
    Vec<T> vb = splat(*b);
    int64_t i = 0;
    for (; i + kLanes<T> <= r.n; i += kLanes<T>) {
      if (many) vb = load(b + i);
      store(y + i, Vec<T>(Op::apply(load(x + i), load(a + i), vb, p)));
    }
    if (i < r.n) {
      const int rest = static_cast<int>(r.n - i);
      if (many) vb = load_n(b + i, rest);
      store_n(y + i, Vec<T>(Op::apply(load_n(x + i, rest), load_n(a + i, rest), vb, p)), rest);
    }
  }
}
template <class Op>
constexpr Pointwise floating_triple(const char* name) {
  return {.name = name, .f32 = ternary_run<Op, float>, .f64 = ternary_run<Op, double>, .steps = 4};
}

}  // namespace

void lerp(const Call& c) {
  if (c.nin == 3) return pointwise(floating_triple<Lerp>("lerp"), c.in, 3, c.out[0], {}, c);
  alignas(8) unsigned char storage[8];
  const TensorRef operands[3] = {c.in[0], c.in[1], scalar_operand(c.attr[0], c.in[0].dtype, false, storage)};
  pointwise(floating_triple<Lerp>("lerp"), operands, 3, c.out[0], {}, c);
}
void addcmul(const Call& c) {
  Pointwise op = floating_triple<Addcmul>("addcmul");
  op.i32 = ternary_run<Addcmul, int32_t>;
  op.i64 = ternary_run<Addcmul, int64_t>;
  pointwise(op, c.in, 3, c.out[0], {c.attr[0]}, c);
}
void addcdiv(const Call& c) { pointwise(floating_triple<Addcdiv>("addcdiv"), c.in, 3, c.out[0], {c.attr[0]}, c); }

}  // namespace sinter::cpu::SINTER_ISA
