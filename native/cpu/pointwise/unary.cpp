// Elementary functions of one operand. Place in the whole: entry points neg ... logicalNot of the operator table.
//
// x (any view) -> y (same shape, contiguous). f32, f64, bf16, f16; neg, abs, sign, square and the tests also i32, i64,
// u8, i8 and bool; rounding an integer copies it. Complex c64 and c128: where complex/ has a
// function of the name.
#include "cpu/complex/arithmetic.h"
#include "cpu/complex/functions.h"
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

void copy(const Call& c);

namespace {

template <class V>
SINTER_INLINE V magnitude(V x) {
  if constexpr (kIsInt<V>)
    return x < 0 ? minus(V(0), x) : x;
  else
    return vabs(x);
}
template <class V>
SINTER_INLINE V sign_of(V x) {  // 0 for NaN
  if constexpr (kIsInt<V>)
    return static_cast<V>((x > 0) - (x < 0));
  else
    return x > num<V>(0) ? V{} + num<V>(1) : x < num<V>(0) ? V{} - num<V>(1) : V{};
}
template <class V>
SINTER_INLINE V negated(V x) {
  if constexpr (kIsInt<V>)
    return minus(V(0), x);
  else
    return -x;
}

SINTER_UNARY(Neg, true, negated(x))
SINTER_UNARY(Abs, true, magnitude(x))
SINTER_UNARY(Sign, true, sign_of(x))
SINTER_UNARY(Square, true, times(x, x))
SINTER_UNARY(Sqrt, false, std::sqrt(x))
SINTER_UNARY(Rsqrt, false, V(1) / std::sqrt(x))
SINTER_UNARY(Reciprocal, true, num<V>(1) / x)
SINTER_UNARY(Exp, true, vexp(x))
SINTER_UNARY(Expm1, true, vexpm1(x))
SINTER_UNARY(Log, true, vlog(x))
SINTER_UNARY(Log1p, true, vlog1p(x))
SINTER_UNARY(Sin, true, vsin(x))
SINTER_UNARY(Cos, true, vcos(x))
SINTER_UNARY(Erf, true, verf(x))
SINTER_UNARY(Floor, false, std::floor(x))
SINTER_UNARY(Ceil, false, std::ceil(x))
SINTER_UNARY(Round, false, std::nearbyint(x))
SINTER_UNARY(Trunc, false, std::trunc(x))
SINTER_UNARY(IsNan, false, x != x)
SINTER_UNARY(IsFinite, false, x - x == V(0))
SINTER_UNARY(Not, false, !x)

template <class Op>
SINTER_INLINE void rounding(const Call& c, const char* name) {
  if (!is_floating(c.in[0].dtype) && !is_complex(c.in[0].dtype)) return copy(c);
  unary(c, floating<Op>(name));
}

}  // namespace

void neg(const Call& c) { is_complex(c.in[0].dtype) ? complex_neg(c) : unary(c, numeric<Neg>("neg")); }
void abs(const Call& c) { is_complex(c.in[0].dtype) ? complex_abs(c) : unary(c, numeric<Abs>("abs")); }
void sign(const Call& c) { unary(c, numeric<Sign>("sign")); }
void square(const Call& c) { is_complex(c.in[0].dtype) ? complex_square(c) : unary(c, numeric<Square>("square")); }
void sqrt(const Call& c) { is_complex(c.in[0].dtype) ? complex_sqrt(c) : unary(c, floating<Sqrt>("sqrt")); }
void rsqrt(const Call& c) { is_complex(c.in[0].dtype) ? complex_rsqrt(c) : unary(c, floating<Rsqrt>("rsqrt")); }
void reciprocal(const Call& c) {
  is_complex(c.in[0].dtype) ? complex_reciprocal(c) : unary(c, floating<Reciprocal>("reciprocal"));
}
void exp(const Call& c) { unary(c, floating<Exp>("exp")); }
void expm1(const Call& c) { is_complex(c.in[0].dtype) ? complex_expm1(c) : unary(c, floating<Expm1>("expm1")); }
void log(const Call& c) { unary(c, floating<Log>("log")); }
void log1p(const Call& c) { is_complex(c.in[0].dtype) ? complex_log1p(c) : unary(c, floating<Log1p>("log1p")); }
void sin(const Call& c) { is_complex(c.in[0].dtype) ? complex_sin(c) : unary(c, floating<Sin>("sin")); }
void cos(const Call& c) { is_complex(c.in[0].dtype) ? complex_cos(c) : unary(c, floating<Cos>("cos")); }
void erf(const Call& c) { unary(c, floating<Erf>("erf")); }
void floor(const Call& c) { rounding<Floor>(c, "floor"); }
void ceil(const Call& c) { rounding<Ceil>(c, "ceil"); }
void round(const Call& c) { rounding<Round>(c, "round"); }
void trunc(const Call& c) { rounding<Trunc>(c, "trunc"); }
void isnan(const Call& c) { unary(c, test<IsNan>("isnan")); }
void isfinite(const Call& c) { unary(c, test<IsFinite>("isfinite")); }
void logicalNot(const Call& c) {
  unary(c, {.name = "logicalNot", .truth = unary_truth_run<Not, uint8_t>, .to_bool = true});
}

}  // namespace sinter::cpu::SINTER_ISA
