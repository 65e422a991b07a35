// cumsum, cumprod, linearScan, cummax, logcumsumexp. Place in the whole: kernels of native/ops.def, compiled once per
// instruction set; engine.h walks the tensors.
//   cumsum        x -> y {axis, reverse}: y[i] = x[0] + .. + x[i]; reverse: x[i] + .. + x[n - 1]
//   cumprod       x -> y {axis}
//   linearScan    a, b -> y {axis, reverse}: y[i] = a[i] y[i - 1] + b[i], y[-1] = 0; reverse: y[i] = a[i + 1] y[i + 1] +
//                 b[i], the adjoint of the first
//   cummax        x -> values, i64 indices {axis, min}: of equals the last; a NaN wins, the last of several
//   logcumsumexp  x -> y {axis}
// Floating-point operands in double, integers and bool in i64, wrapping.
#include "cpu/scan/engine.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class V>
SINTER_INLINE V sum_of(V a, V b) {
  if constexpr (__is_same(V, Vl))
    return (Vl)((Vul)a + (Vul)b);
  else
    return a + b;
}
template <class V>
SINTER_INLINE V product_of(V a, V b) {
  if constexpr (__is_same(V, Vl))
    return (Vl)((Vul)a * (Vul)b);
  else if constexpr (__is_same(V, int64_t))
    return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  else
    return a * b;
}

template <class Type>
struct Plain {
  using T = Type;
  using B = Type;
  static constexpr int kInputs = 1;
  static constexpr bool kTwo = false, kIndexed = false, kChunks = false, kLag = false;
  static constexpr int64_t kCost = 1;
};

template <class Type>
struct CumSum : Plain<Type> {
  static constexpr bool kChunks = true;
  using State = ScanState<CumSum>;
  using V = Vec<Type>;
  static SINTER_INLINE State identity() { return {V{}, V{}}; }
  static SINTER_INLINE State element(V x, V, Vl) { return {x, V{}}; }
  static SINTER_INLINE State join(State e, State l) { return {sum_of(e.a, l.a), V{}}; }
  static SINTER_INLINE V result(State s) { return s.a; }
};

template <class Type>
struct CumProd : Plain<Type> {
  using State = ScanState<CumProd>;
  using V = Vec<Type>;
  static SINTER_INLINE State identity() { return {V{} + Type(1), V{}}; }
  static SINTER_INLINE State join(State e, State l) { return {product_of(e.a, l.a), V{}}; }
  template <class X>
  static SINTER_INLINE X next(X y, X x, X) {
    return product_of(y, x);
  }
  static SINTER_INLINE V result(State s) { return s.a; }
};

struct Linear : Plain<double> {
  static constexpr int kInputs = 2;
  static constexpr bool kLag = true;
  using State = ScanState<Linear>;
  static SINTER_INLINE State identity() { return {Vd{}, Vd{}}; }
  static SINTER_INLINE State join(State, State l) { return l; }
  // A factor of zero cuts off what came before, an infinite value included.
  static SINTER_INLINE double next(double y, double a, double b) { return (a == 0 ? 0 : a * y) + b; }
  static SINTER_INLINE Vd next(Vd y, Vd a, Vd b) { return (a == 0. ? Vd{} : a * y) + b; }
  static SINTER_INLINE Vd result(State s) { return s.a; }
};

template <class Type, bool Min>
struct CumExtreme : Plain<Type> {
  using B = int64_t;
  static constexpr bool kTwo = true, kIndexed = true, kChunks = true;
  using State = ScanState<CumExtreme>;
  using V = Vec<Type>;
  static SINTER_INLINE State identity() {
    if constexpr (std::is_integral_v<Type>)
      return {Vl{} + (Min ? INT64_MAX : INT64_MIN), Vl{}};
    else
      return {Vd{} + (Min ? __builtin_inf() : -__builtin_inf()), Vl{}};
  }
  static SINTER_INLINE State element(V x, V, Vl index) { return {x, index}; }
  static SINTER_INLINE State join(State e, State l) {
    Vl take = Min ? l.a <= e.a : l.a >= e.a;
    if constexpr (!std::is_integral_v<Type>) take = (l.a != l.a) | ((e.a == e.a) & take);
    return {take ? l.a : e.a, take ? l.b : e.b};
  }
  static SINTER_INLINE V result(State s) { return s.a; }
};

// a the maximum, b the sum of exp(x - a). Equal maxima, infinite ones too, need no factor.
struct LogCumSumExp : Plain<double> {
  static constexpr bool kTwo = true, kChunks = true;
  static constexpr int64_t kCost = 8;
  using State = ScanState<LogCumSumExp>;
  static SINTER_INLINE State identity() { return {Vd{} - __builtin_inf(), Vd{}}; }
  static SINTER_INLINE State element(Vd x, Vd, Vl) { return {x, Vd{} + 1.}; }
  static SINTER_INLINE State join(State e, State l) {
    const Vd top = (e.a > l.a) | (e.a != e.a) ? e.a : l.a, one = Vd{} + 1.;
    const Vd fe = e.a == top ? one : vexp(e.a - top), fl = l.a == top ? one : vexp(l.a - top);
    return {top, e.b * fe + l.b * fl};
  }
  static SINTER_INLINE Vd result(State s) { return s.a + vlog(s.b); }
};

template <class Op>
void scan(const Call& c, bool reverse = false) {
  Scan<Op>(c, reverse).run();
}

void require_floating(const Call& c, const char* name) {
  DType d = c.in[0].dtype;
  if (!is_floating(d)) fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cpu", name, dtype_name(d));
}

}  // namespace

void cumsum(const Call& c) {
  const bool reverse = c.attr[1] != 0;
  is_floating(c.in[0].dtype) ? scan<CumSum<double>>(c, reverse) : scan<CumSum<int64_t>>(c, reverse);
}

void cumprod(const Call& c) { is_floating(c.in[0].dtype) ? scan<CumProd<double>>(c) : scan<CumProd<int64_t>>(c); }

void linearScan(const Call& c) {
  require_floating(c, "linearScan");
  scan<Linear>(c, c.attr[1] != 0);
}

void cummax(const Call& c) {
  const bool floating = is_floating(c.in[0].dtype);
  if (c.attr[1] != 0)
    floating ? scan<CumExtreme<double, true>>(c) : scan<CumExtreme<int64_t, true>>(c);
  else
    floating ? scan<CumExtreme<double, false>>(c) : scan<CumExtreme<int64_t, false>>(c);
}

void logcumsumexp(const Call& c) {
  require_floating(c, "logcumsumexp");
  scan<LogCumSumExp>(c);
}

}  // namespace sinter::cpu::SINTER_ISA
