// Special functions of two operands. Place in the whole: entry points zeta ... orthogonalPolynomial of the operator table.
//
// a, b (any views, broadcast; or one of them a number: mode, scalar) -> y contiguous. f32, f64, bf16, f16, all computed in
// double, a value at a time.
#include "cpu/pointwise/loops.h"
#include "cpu/pointwise/special_gamma.h"
#include "cpu/pointwise/special_polynomial.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

SINTER_BINARY(Zeta, false, zeta_of(a, b))
SINTER_BINARY(Igamma, false, igamma_of(a, b, false))
SINTER_BINARY(Igammac, false, igamma_of(a, b, true))
SINTER_BINARY(Orthogonal, false, polynomial_of(static_cast<int>(p.p0), a, b))

template <class Op, class T>
void double_run(const Run& r) {
  const T *a = static_cast<const T*>(r.in[0]), *b = static_cast<const T*>(r.in[1]);
  T* y = static_cast<T*>(r.out);
  for (int64_t i = 0; i < r.n; i++)
    y[i] = static_cast<T>(
        Op::apply(static_cast<double>(a[i * r.step[0]]), static_cast<double>(b[i * r.step[1]]), r.params));
}
template <class Op>
constexpr Pointwise values(const char* name) {
  return {.name = name, .f32 = double_run<Op, float>, .f64 = double_run<Op, double>, .steps = 3, .grain = kCostly / 8};
}

}  // namespace

void zeta(const Call& c) { binary(c, values<Zeta>("zeta")); }
void igamma(const Call& c) { binary(c, values<Igamma>("igamma")); }
void igammac(const Call& c) { binary(c, values<Igammac>("igammac")); }
void orthogonalPolynomial(const Call& c) { binary(c, values<Orthogonal>("orthogonalPolynomial"), {c.attr[2]}); }

}  // namespace sinter::cpu::SINTER_ISA
