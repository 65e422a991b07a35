// Elementary functions in device code, of float and double. Place in the whole: what every kernel family calls; docs/accuracy.md holds.
//
// f32 takes nvcc's functions where their documented error (CUDA C++ Programming Guide, "Mathematical Functions") is inside the bound,
// as they use the approximations that the hardware has. Everything else is the CPU's text on one lane (lanes.cuh).
#pragma once
#include "cpu/simd/math_trig.h"
#include "cpu/simd/remainder.h"
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/far_trig.cuh"

namespace sinter::cuda {

namespace lanes = sinter::cpu::device;

// A function of the CPU's text, on a number of V.
#define SINTER_FROM_LANES(name, function)                                       \
  SINTER_DEVICE float name(float x) { return lanes::function(lanes::Vf(x)).v; } \
  SINTER_DEVICE double name(double x) { return lanes::function(lanes::Vd(x)).v; }
#define SINTER_DOUBLE_FROM_LANES(name, function, single)  \
  SINTER_DEVICE float name(float x) { return single(x); } \
  SINTER_DEVICE double name(double x) { return lanes::function(lanes::Vd(x)).v; }
#define SINTER_PAIR_FROM_LANES(name, function)                                                         \
  SINTER_DEVICE float name(float a, float b) { return lanes::function(lanes::Vf(a), lanes::Vf(b)).v; } \
  SINTER_DEVICE double name(double a, double b) { return lanes::function(lanes::Vd(a), lanes::Vd(b)).v; }

SINTER_DOUBLE_FROM_LANES(exp_of, vexp, ::expf)
SINTER_DOUBLE_FROM_LANES(expm1_of, vexpm1, ::expm1f)
SINTER_DOUBLE_FROM_LANES(log1p_of, vlog1p, ::log1pf)
SINTER_DOUBLE_FROM_LANES(log2_of, vlog2, ::log2f)
SINTER_DOUBLE_FROM_LANES(log10_of, vlog10, ::log10f)
SINTER_DOUBLE_FROM_LANES(tanh_of, vtanh, ::tanhf)
SINTER_DOUBLE_FROM_LANES(erf_of, verf, ::erff)
SINTER_DOUBLE_FROM_LANES(asin_of, vasin, ::asinf)
SINTER_DOUBLE_FROM_LANES(atan_of, vatan, ::atanf)
SINTER_FROM_LANES(log_of, vlog)
SINTER_FROM_LANES(exp2_of, vexp2)
SINTER_FROM_LANES(sin_of, vsin)
SINTER_FROM_LANES(cos_of, vcos)
SINTER_FROM_LANES(sin_near_of, vsin_near)  // |x| < 2^20
SINTER_FROM_LANES(tan_of, vtan)
SINTER_FROM_LANES(acos_of, vacos)
SINTER_FROM_LANES(sinh_of, vsinh)
SINTER_FROM_LANES(cosh_of, vcosh)
SINTER_FROM_LANES(asinh_of, vasinh)
SINTER_FROM_LANES(acosh_of, vacosh)
SINTER_FROM_LANES(atanh_of, vatanh)
SINTER_FROM_LANES(erfc_of, verfc)
SINTER_PAIR_FROM_LANES(pow_of, vpow)
SINTER_PAIR_FROM_LANES(fmod_of, vfmod)
SINTER_PAIR_FROM_LANES(remainder_of, vremainder)
SINTER_PAIR_FROM_LANES(floor_quotient_of, vfloor_quotient)

SINTER_DEVICE float sqrt_of(float x) { return ::sqrtf(x); }
SINTER_DEVICE double sqrt_of(double x) { return ::sqrt(x); }
SINTER_DEVICE float abs_of(float x) { return ::fabsf(x); }
SINTER_DEVICE double abs_of(double x) { return ::fabs(x); }

// Without a sum that could be infinite.
template <class V>
SINTER_DEVICE V sigmoid_of(V x) {
  const V e = exp_of(-abs_of(x));
  return (x < V(0) ? e : V(1)) / (V(1) + e);
}

}  // namespace sinter::cuda
