// The gamma function's and the error function's relatives. Place in the whole: device code of special.cpp. All but the shortest are
// computed in double, as on the CPU, whose text they are.
// sinter: cubins 80 90
#include "cpu/pointwise/special_error.h"
#include "cpu/pointwise/special_gamma.h"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/special.h"

namespace sinter::cuda {

using lanes::Vd;

template <class V>
SINTER_DEVICE V entropy_of(V x) {
  if (x < V(0)) return -static_cast<V>(__builtin_huge_val());
  return x == V(0) ? V(0) : -x * log_of(x);
}
// Number 0: the distance from 0 and 1 that x is bounded to; negative: not bounded.
template <class V>
SINTER_DEVICE V logit_of(const Numbers& p, V x) {
  if (p.f64[0] >= 0) {
    const V low = number<V>(p, 0), high = static_cast<V>(1 - p.f64[0]);
    x = x < low ? low : x;
    x = x > high ? high : x;
  }
  return log_of(x / (V(1) - x));
}
SINTER_DEVICE float lgamma_rounded(float x) { return static_cast<float>(lanes::lgamma_reflected(Vd(double(x))).v); }
SINTER_DEVICE double lgamma_rounded(double x) { return lanes::lgamma_of(Vd(x)).v; }
SINTER_DEVICE float erfinv_rounded(float x) { return static_cast<float>(lanes::erfinv_of<false>(Vd(double(x))).v); }
SINTER_DEVICE double erfinv_rounded(double x) { return lanes::erfinv_of<true>(Vd(x)).v; }
SINTER_DEVICE float ndtri_rounded(float x) { return static_cast<float>(lanes::ndtri_of<false>(Vd(double(x))).v); }
SINTER_DEVICE double ndtri_rounded(double x) { return lanes::ndtri_of<true>(Vd(x)).v; }

#define SINTER_IN_DOUBLE(Name, function) SINTER_FUNCTOR(Name, true, static_cast<V>(lanes::function(Vd(double(x))).v))
SINTER_IN_DOUBLE(Digamma, digamma_of)
SINTER_IN_DOUBLE(Trigamma, trigamma_of)
SINTER_IN_DOUBLE(ScaledErfc, verfcx)
SINTER_IN_DOUBLE(Normal, ndtr_of)
SINTER_IN_DOUBLE(LogNormal, log_ndtr_of)
#undef SINTER_IN_DOUBLE
SINTER_FUNCTOR(LogGamma, true, lgamma_rounded(x))
SINTER_FUNCTOR(InverseErf, true, erfinv_rounded(x))
SINTER_FUNCTOR(InverseNormal, true, ndtri_rounded(x))
// Of an order from 2 on.
SINTER_FUNCTOR(Polygamma, true, static_cast<V>(lanes::polygamma_of(x, static_cast<int>(p.f64[0]))))
SINTER_FUNCTOR(Entropy, true, entropy_of(x))
SINTER_FUNCTOR(Logit, true, logit_of(p, x))

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_1)
SINTER_SPECIAL(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
