// Bessel functions and Airy's. Place in the whole: device code of special.cpp. Modified functions of the first kind are computed in the
// element's own type, the others in double; all are the CPU's text.
// sinter: cubins 80 90
#include "cpu/pointwise/special_oscillating.h"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/pointwise/pointwise.cuh"
#include "cuda/kernels/pointwise/special.h"

namespace sinter::cuda {

using lanes::Vd;

#define SINTER_IN_DOUBLE(Name, ...) SINTER_FUNCTOR(Name, true, static_cast<V>(lanes::__VA_ARGS__(Vd(double(x))).v))
SINTER_FUNCTOR(I0, true, (lanes::bessel_i<0, false>(lanes::Lane<V>(x)).v))
SINTER_FUNCTOR(ScaledI0, true, (lanes::bessel_i<0, true>(lanes::Lane<V>(x)).v))
SINTER_FUNCTOR(I1, true, (lanes::bessel_i<1, false>(lanes::Lane<V>(x)).v))
SINTER_FUNCTOR(ScaledI1, true, (lanes::bessel_i<1, true>(lanes::Lane<V>(x)).v))
SINTER_IN_DOUBLE(J0, bessel_j<0>)
SINTER_IN_DOUBLE(J1, bessel_j<1>)
SINTER_IN_DOUBLE(Y0, bessel_y<0>)
SINTER_IN_DOUBLE(Y1, bessel_y<1>)
SINTER_IN_DOUBLE(K0, bessel_k<0, false>)
SINTER_IN_DOUBLE(K1, bessel_k<1, false>)
SINTER_IN_DOUBLE(ScaledK0, bessel_k<0, true>)
SINTER_IN_DOUBLE(ScaledK1, bessel_k<1, true>)
SINTER_IN_DOUBLE(SphericalJ0, spherical_j0)
SINTER_IN_DOUBLE(SphericalJ1, spherical_j1)
SINTER_IN_DOUBLE(AiryAi, airy_ai_of)
// No number of f16 comes near 2^20, but for Airy's function its power.
SINTER_IN_DOUBLE(NearJ0, bessel_j<0, false>)
SINTER_IN_DOUBLE(NearJ1, bessel_j<1, false>)
SINTER_IN_DOUBLE(NearY0, bessel_y<0, false>)
SINTER_IN_DOUBLE(NearY1, bessel_y<1, false>)
SINTER_IN_DOUBLE(NearSphericalJ0, spherical_j0<false>)
SINTER_IN_DOUBLE(NearSphericalJ1, spherical_j1<false>)
#undef SINTER_IN_DOUBLE
SINTER_FORM(J0, f16, NearJ0)
SINTER_FORM(J1, f16, NearJ1)
SINTER_FORM(Y0, f16, NearY0)
SINTER_FORM(Y1, f16, NearY1)
SINTER_FORM(SphericalJ0, f16, NearSphericalJ0)
SINTER_FORM(SphericalJ1, f16, NearSphericalJ1)

#define SINTER_KERNELS(op, Op, costly) SINTER_FLOAT_KERNELS(op, Op, SINTER_IN_1)
SINTER_BESSEL(SINTER_KERNELS)
#undef SINTER_KERNELS

}  // namespace sinter::cuda
