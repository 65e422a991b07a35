// Special functions of one operand. Place in the whole: entry points lgamma ... airyAi of the operator table.
//
// x (any view) -> y (same shape, contiguous). f32, f64, bf16, f16. Higher polygamma functions are computed a value at a
// time.
#include "cpu/pointwise/loops.h"
#include "cpu/pointwise/special_error.h"
#include "cpu/pointwise/special_gamma.h"
#include "cpu/pointwise/special_oscillating.h"

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
  unary(c, floating<Op>(name), params);
}

// Vector functions of doubles; f32 comes in double too, with its own form where fewer digits are less work.
#define SINTER_DOUBLE(Name, f64, f32)                           \
  struct Name {                                                 \
    static constexpr bool kVector = true;                       \
    static SINTER_INLINE Vd apply(Vd x, Params) { return f64; } \
    static SINTER_INLINE Vf apply(Vf single, Params) {          \
      return through_double(single, [](Vd x) { return f32; });  \
    }                                                           \
  };
#define SINTER_IN_DOUBLE(Name, both) SINTER_DOUBLE(Name, both, both)
SINTER_DOUBLE(Lgamma, lgamma_of(x), lgamma_reflected(x))
SINTER_IN_DOUBLE(Digamma, digamma_of(x))
SINTER_IN_DOUBLE(Trigamma, trigamma_of(x))
SINTER_IN_DOUBLE(Erfcx, verfcx(x))
SINTER_IN_DOUBLE(Ndtr, ndtr_of(x))
SINTER_IN_DOUBLE(LogNdtr, log_ndtr_of(x))
SINTER_IN_DOUBLE(J0, bessel_j<0>(x))
SINTER_IN_DOUBLE(J1, bessel_j<1>(x))
SINTER_IN_DOUBLE(Y0, bessel_y<0>(x))
SINTER_IN_DOUBLE(Y1, bessel_y<1>(x))
SINTER_IN_DOUBLE(K0, (bessel_k<0, false>(x)))
SINTER_IN_DOUBLE(K1, (bessel_k<1, false>(x)))
SINTER_IN_DOUBLE(ScaledK0, (bessel_k<0, true>(x)))
SINTER_IN_DOUBLE(ScaledK1, (bessel_k<1, true>(x)))
SINTER_IN_DOUBLE(SphericalJ0, spherical_j0(x))
SINTER_IN_DOUBLE(SphericalJ1, spherical_j1(x))
SINTER_IN_DOUBLE(AiryAi, airy_ai_of(x))

// The same, inlined: short but for the arguments that few meet.
#define SINTER_SHORT(Name, f)                                                                         \
  struct Name {                                                                                       \
    static constexpr bool kVector = true;                                                             \
    static SINTER_INLINE Vd apply(Vd x, Params) { return f<true>(x); }                                \
    static SINTER_INLINE Vf apply(Vf single, Params) {                                                \
      return through_double(single, [](Vd x) __attribute__((always_inline)) { return f<false>(x); }); \
    }                                                                                                 \
  };
SINTER_SHORT(Erfinv, erfinv_of)
SINTER_SHORT(Ndtri, ndtri_of)

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

SINTER_UNARY(Polygamma, false, polygamma_of(x, static_cast<int>(p.p0)))

}  // namespace

void lgamma(const Call& c) { vectors<Lgamma>(c, "lgamma"); }
void digamma(const Call& c) { vectors<Digamma>(c, "digamma"); }
void polygamma(const Call& c) {
  if (c.attr[0] == 0) return digamma(c);
  if (c.attr[0] == 1) return vectors<Trigamma>(c, "polygamma");
  values<Polygamma>(c, "polygamma", {c.attr[0]});
}
void erfinv(const Call& c) { vectors<Erfinv>(c, "erfinv"); }
void erfcx(const Call& c) { vectors<Erfcx>(c, "erfcx"); }
void ndtr(const Call& c) { vectors<Ndtr>(c, "ndtr"); }
void ndtri(const Call& c) { vectors<Ndtri>(c, "ndtri"); }
void logNdtr(const Call& c) { vectors<LogNdtr>(c, "logNdtr"); }
void entr(const Call& c) { vectors<Entr>(c, "entr"); }
void logit(const Call& c) { vectors<Logit>(c, "logit", {c.attr[0]}); }
void i0(const Call& c) { vectors<I0>(c, "i0"); }
void i0e(const Call& c) { vectors<I0e>(c, "i0e"); }
void i1(const Call& c) { vectors<I1>(c, "i1"); }
void i1e(const Call& c) { vectors<I1e>(c, "i1e"); }
void besselJ0(const Call& c) { vectors<J0>(c, "besselJ0"); }
void besselJ1(const Call& c) { vectors<J1>(c, "besselJ1"); }
void besselY0(const Call& c) { vectors<Y0>(c, "besselY0"); }
void besselY1(const Call& c) { vectors<Y1>(c, "besselY1"); }
void modifiedBesselK(const Call& c) {
  const char* name = "modifiedBesselK";
  if (c.attr[1] != 0) return c.attr[0] == 0 ? vectors<ScaledK0>(c, name) : vectors<ScaledK1>(c, name);
  c.attr[0] == 0 ? vectors<K0>(c, name) : vectors<K1>(c, name);
}
void sphericalBesselJ0(const Call& c) { vectors<SphericalJ0>(c, "sphericalBesselJ0"); }
void sphericalBesselJ1(const Call& c) { vectors<SphericalJ1>(c, "sphericalBesselJ1"); }
void airyAi(const Call& c) { vectors<AiryAi>(c, "airyAi"); }

}  // namespace sinter::cpu::SINTER_ISA
