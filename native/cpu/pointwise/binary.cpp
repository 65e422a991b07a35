// Arithmetic of two operands. Place in the whole: entry points add ... remainder of the operator table.
//
// a, b (any views, broadcast; or one of them a number: mode, scalar) -> y contiguous. f32, f64, bf16, f16, i32, i64,
// u8, i8 (integers wrap) and bool (sum or, product and); div floating point only. The first four and pow also c64 and c128.
#include "cpu/complex/arithmetic.h"
#include "cpu/complex/functions.h"
#include "cpu/pointwise/loops.h"
#include "cpu/simd/remainder.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class T>
SINTER_INLINE T modulo(T a, T b) {
  if constexpr (kIsInt<T>) {
    T r = integer_remainder(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  } else {
    return vremainder(a, b);
  }
}

template <class V>
SINTER_INLINE V power(V a, V b) {
  if constexpr (kIsInt<V>) {
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
    V r = 1;
    for (; b; b >>= 1, a = times(a, a))
      if (b & 1) r = times(r, a);
    return r;
  } else {
    return vpow(a, b);
  }
}
template <class V>
SINTER_INLINE V larger(V a, V b) {
  if constexpr (kIsInt<V>)
    return a > b ? a : b;
  else
    return (a > b) | (a != a) ? a : b;
}
template <class V>
SINTER_INLINE V smaller(V a, V b) {
  if constexpr (kIsInt<V>)
    return a < b ? a : b;
  else
    return (a < b) | (a != a) ? a : b;
}

SINTER_BINARY(Add, true, plus(a, b))
SINTER_BINARY(Sub, true, minus(a, b))
SINTER_BINARY(Mul, true, times(a, b))
SINTER_BINARY(Div, true, a / b)
SINTER_BINARY(Pow, true, power(a, b))
SINTER_BINARY(Maximum, true, larger(a, b))
SINTER_BINARY(Minimum, true, smaller(a, b))
SINTER_BINARY(Remainder, true, modulo(a, b))

SINTER_UNARY(Square, true, x* x)
SINTER_UNARY(Cube, true, x* x* x)
SINTER_UNARY(Sqrt, false, std::sqrt(x))
SINTER_UNARY(Rsqrt, false, V(1) / std::sqrt(x))
SINTER_UNARY(Reciprocal, true, num<V>(1) / x)
// Not 1 / x^2: that square leaves the range of normal numbers where the result is still inside.
SINTER_UNARY(InverseSquare, true, (num<V>(1) / x) * (num<V>(1) / x))

template <class Op>
SINTER_INLINE void power_by(const Call& c) {
  unary(c, floating<Op>("pow"));
}

}  // namespace

void add(const Call& c) { is_complex(c.out[0].dtype) ? complex_add(c) : binary(c, numeric_pair<Add>("add")); }
void sub(const Call& c) { is_complex(c.out[0].dtype) ? complex_sub(c) : binary(c, numeric_pair<Sub>("sub")); }
void mul(const Call& c) { is_complex(c.out[0].dtype) ? complex_mul(c) : binary(c, numeric_pair<Mul>("mul")); }
void div(const Call& c) {
  if (is_complex(c.out[0].dtype)) return complex_div(c);
  binary(c, floating_pair<Div>("div"));
}
void maximum(const Call& c) { binary(c, numeric_pair<Maximum>("maximum")); }
void minimum(const Call& c) { binary(c, numeric_pair<Minimum>("minimum")); }
void remainder(const Call& c) { binary(c, numeric_pair<Remainder>("remainder")); }

void pow(const Call& c) {
  if (is_complex(c.in[0].dtype)) return complex_pow(c);
  if (c.attr[0] == 1 && is_floating(c.in[0].dtype)) {  // the common exponents
    const double e = c.attr[1];
    if (e == 2) return power_by<Square>(c);
    if (e == 3) return power_by<Cube>(c);
    if (e == 0.5) return power_by<Sqrt>(c);
    if (e == -0.5) return power_by<Rsqrt>(c);
    if (e == -1) return power_by<Reciprocal>(c);
    if (e == -2) return power_by<InverseSquare>(c);
  }
  binary(c, numeric_pair<Pow>("pow"));
}

}  // namespace sinter::cpu::SINTER_ISA
