// Special functions: the lists that special.cu, bessel.cu, special_pairs.cu and special.cpp read. Each entry: operator, functor, costly.
#pragma once

#define SINTER_SPECIAL(F)    \
  F(lgamma, LogGamma, 1)     \
  F(digamma, Digamma, 1)     \
  F(trigamma, Trigamma, 1)   \
  F(polygamma, Polygamma, 1) \
  F(erfinv, InverseErf, 1)   \
  F(erfcx, ScaledErfc, 1)    \
  F(ndtr, Normal, 1)         \
  F(ndtri, InverseNormal, 1) \
  F(logNdtr, LogNormal, 1)   \
  F(entr, Entropy, 1)        \
  F(logit, Logit, 1)

#define SINTER_BESSEL(F)               \
  F(i0, I0, 1)                         \
  F(i0e, ScaledI0, 1)                  \
  F(i1, I1, 1)                         \
  F(i1e, ScaledI1, 1)                  \
  F(besselJ0, J0, 1)                   \
  F(besselJ1, J1, 1)                   \
  F(besselY0, Y0, 1)                   \
  F(besselY1, Y1, 1)                   \
  F(besselK0, K0, 1)                   \
  F(besselK1, K1, 1)                   \
  F(scaledBesselK0, ScaledK0, 1)       \
  F(scaledBesselK1, ScaledK1, 1)       \
  F(sphericalBesselJ0, SphericalJ0, 1) \
  F(sphericalBesselJ1, SphericalJ1, 1) \
  F(airyAi, AiryAi, 1)

#define SINTER_SPECIAL_PAIRS(F) \
  F(zeta, Zeta, 1)              \
  F(igamma, LowerGamma, 1)      \
  F(igammac, UpperGamma, 1)     \
  F(orthogonalPolynomial, Polynomial, 1)
