// Special functions of two operands. Place in the whole: entry points zeta ... orthogonalPolynomial of the operator table.
//
// a, b (any views, broadcast; or one of them a number: mode, scalar) -> y contiguous. f32, f64, bf16, f16, all computed in
// double, a value at a time.
#include "cpu/pointwise/loops.h"
#include "cpu/pointwise/special_gamma.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// The families of `kind`, in the order of lib/ops/polynomials.ts.
enum Kind { kChebyshevT, kChebyshevU, kChebyshevV, kChebyshevW, kHermiteH, kHermiteHe, kLaguerre, kLegendre };
constexpr double kMaxDegree = 100000;  // a recurrence takes as many steps

// Trigonometric forms inside (-1, 1), where t = acos(x) (DLMF 18.5).
SINTER_INLINE double chebyshev_inside(int kind, double x, double n) {
  const double t = std::acos(x);
  switch (kind) {
    case kChebyshevT: return std::cos(n * t);
    case kChebyshevU: return std::sin((n + 1) * t) / std::sin(t);
    case kChebyshevV: return std::cos((n + 0.5) * t) / std::cos(0.5 * t);
    default: return std::sin((n + 0.5) * t) / std::sin(0.5 * t);
  }
}
// Three-term recurrences (DLMF 18.9), degree n a whole number; 0 for negative degrees.
SINTER_INLINE double polynomial_of(int kind, double x, double degree) {
  if (degree != degree) return degree;
  const double n = std::trunc(degree);
  if (n < 0) return 0;
  if (n == 0) return 1;
  if (kind <= kChebyshevW && n > 8 && std::fabs(x) < 1) return chebyshev_inside(kind, x, n);
  if (n > kMaxDegree) return kNaN;
  double before = 1, p;
  switch (kind) {
    case kChebyshevT:
    case kHermiteHe:
    case kLegendre: p = x; break;
    case kChebyshevV: p = 2 * x - 1; break;
    case kChebyshevW: p = 2 * x + 1; break;
    case kLaguerre: p = 1 - x; break;
    default: p = 2 * x;
  }
  for (double k = 1; k < n && p - p == 0; k++) {
    double next;
    switch (kind) {
      case kHermiteH: next = 2 * (x * p - k * before); break;
      case kHermiteHe: next = x * p - k * before; break;
      case kLaguerre: next = ((2 * k + 1 - x) * p - k * before) / (k + 1); break;
      case kLegendre: next = ((2 * k + 1) * x * p - k * before) / (k + 1); break;
      default: next = 2 * x * p - before;
    }
    before = p;
    p = next;
  }
  return p;
}

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
