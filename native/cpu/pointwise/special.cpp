// Special functions of one operand. Place in the whole: entry points lgamma ... airyAi of the operator table.
//
// x (any view) -> y (same shape, contiguous). f32, f64, bf16, f16. Those without a vector form are computed in double, a value
// at a time.
#include "cpu/pointwise/loops.h"
#include "cpu/pointwise/special_bessel.h"
#include "cpu/pointwise/special_error.h"
#include "cpu/pointwise/special_gamma.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class V>
SINTER_INLINE V entropy(V x) {
  V y = -x * vlog(x);
  y = x == num<V>(0) ? V{} : y;
  return x < num<V>(0) ? V{} - num<V>(__builtin_inf()) : y;
}
template <class V>
SINTER_INLINE V logit_of(V x, Params p) {
  if (p.p0 >= 0) {
    const auto low = num<V>(p.p0), high = num<V>(1 - p.p0);
    x = x < low ? V{} + low : x;
    x = x > high ? V{} + high : x;
  }
  return vlog(x / (num<V>(1) - x));
}

SINTER_UNARY(Entr, true, entropy(x))
SINTER_UNARY(Logit, true, logit_of(x, p))
SINTER_UNARY(I0, true, (bessel_i<0, false>(x)))
SINTER_UNARY(I0e, true, (bessel_i<0, true>(x)))
SINTER_UNARY(I1, true, (bessel_i<1, false>(x)))
SINTER_UNARY(I1e, true, (bessel_i<1, true>(x)))

template <class Op>
SINTER_INLINE void vectors(const Call& c, const char* name, Params params = {}) {
  unary(c, {.name = name, .f32 = unary_run<Op, float>, .f64 = unary_run<Op, double>}, params);
}

// One loop a function and type: the function comes inlined in it.
template <class Op, class T>
void double_run(const Run& r) {
  const T* x = static_cast<const T*>(r.in[0]);
  T* y = static_cast<T*>(r.out);
  for (int64_t i = 0; i < r.n; i++) y[i] = static_cast<T>(Op::apply(static_cast<double>(x[i]), r.params));
}
template <class Op>
SINTER_INLINE void values(const Call& c, const char* name, Params params = {}) {
  unary(c, {.name = name, .f32 = double_run<Op, float>, .f64 = double_run<Op, double>, .grain = kCostly}, params);
}

SINTER_UNARY(Lgamma, false, lgamma_of(x))
SINTER_UNARY(Digamma, false, digamma_of(x))
SINTER_UNARY(Polygamma, false, polygamma_of(x, static_cast<int>(p.p0)))
SINTER_UNARY(Erfinv, false, erfinv_of(x))
SINTER_UNARY(Erfcx, false, erfcx_of(x))
SINTER_UNARY(Ndtr, false, ndtr_of(x))
SINTER_UNARY(Ndtri, false, ndtri_of(x))
SINTER_UNARY(LogNdtr, false, log_ndtr_of(x))
SINTER_UNARY(J0, false, ::j0(x))
SINTER_UNARY(J1, false, ::j1(x))
SINTER_UNARY(Y0, false, x < 0 ? kNaN : ::y0(x))
SINTER_UNARY(Y1, false, x < 0 ? kNaN : ::y1(x))
SINTER_UNARY(K, false, bessel_k(static_cast<int>(p.p0), x, p.p1 != 0))
SINTER_UNARY(SphericalJ0, false, spherical_j0(x))
SINTER_UNARY(AiryAi, false, airy_ai_of(x))

}  // namespace

void lgamma(const Call& c) { values<Lgamma>(c, "lgamma"); }
void digamma(const Call& c) { values<Digamma>(c, "digamma"); }
void polygamma(const Call& c) { values<Polygamma>(c, "polygamma", {c.attr[0]}); }
void erfinv(const Call& c) { values<Erfinv>(c, "erfinv"); }
void erfcx(const Call& c) { values<Erfcx>(c, "erfcx"); }
void ndtr(const Call& c) { values<Ndtr>(c, "ndtr"); }
void ndtri(const Call& c) { values<Ndtri>(c, "ndtri"); }
void logNdtr(const Call& c) { values<LogNdtr>(c, "logNdtr"); }
void entr(const Call& c) { vectors<Entr>(c, "entr"); }
void logit(const Call& c) { vectors<Logit>(c, "logit", {c.attr[0]}); }
void i0(const Call& c) { vectors<I0>(c, "i0"); }
void i0e(const Call& c) { vectors<I0e>(c, "i0e"); }
void i1(const Call& c) { vectors<I1>(c, "i1"); }
void i1e(const Call& c) { vectors<I1e>(c, "i1e"); }
void besselJ0(const Call& c) { values<J0>(c, "besselJ0"); }
void besselJ1(const Call& c) { values<J1>(c, "besselJ1"); }
void besselY0(const Call& c) { values<Y0>(c, "besselY0"); }
void besselY1(const Call& c) { values<Y1>(c, "besselY1"); }
void modifiedBesselK(const Call& c) { values<K>(c, "modifiedBesselK", {c.attr[0], c.attr[1]}); }
void sphericalBesselJ0(const Call& c) { values<SphericalJ0>(c, "sphericalBesselJ0"); }
void airyAi(const Call& c) { values<AiryAi>(c, "airyAi"); }

}  // namespace sinter::cpu::SINTER_ISA
