// Elementary functions of complex numbers. Place in the whole: device code of complex.cpp. All are computed in double, c64 too, rounded
// once. Branches are those of C's complex functions (C11, annex G): cuts of sqrt and the logarithms along the negative real axis, signed
// zeros say on which side of a cut a number lies. Inverse functions as in Kahan, "Branch cuts for complex elementary functions", 1987.
// sinter: cubins 80 90
#include "cuda/kernels/pointwise/complex.h"
#include "cuda/kernels/pointwise/complex_numbers.cuh"
#include "cuda/kernels/pointwise/pointwise.cuh"

namespace sinter::cuda {

using Z = c128;
constexpr double kLn2 = 0.69314718055994530942, kLn10 = 2.30258509299404568402, kHalfPi = 1.57079632679489661923;
constexpr double kNaN = __builtin_nan("");

SINTER_DEVICE double infinity() { return __longlong_as_double(0x7ff0000000000000ll); }
SINTER_DEVICE bool is_finite(double x) { return x - x == 0; }
SINTER_DEVICE double angle_of(double y, double x) { return lanes::vatan2(lanes::Vd(y), lanes::Vd(x)).v; }
SINTER_DEVICE Z scaled(double a, Z z) { return {a * z.re, a * z.im}; }
// i z, and z / i.
SINTER_DEVICE Z turned(Z z) { return {-z.im, z.re}; }
SINTER_DEVICE Z turned_back(Z z) { return {z.im, -z.re}; }

// By halves of e^x, as the product with a small sine may be finite where e^x is not.
SINTER_DEVICE Z exp_z(Z z) {
  if (z.im == 0) return {exp_of(z.re), z.im};
  if (!is_finite(z.im) && fabs(z.re) == infinity()) return z.re < 0 ? Z{0, 0} : Z{z.re, kNaN};
  const double half = exp_of(0.5 * z.re);
  return {half * cos_of(z.im) * half, half * sin_of(z.im) * half};
}
// log |z|: next to 1 by x^2 + y^2 - 1, with what its roundings lose.
SINTER_DEVICE double log_length(Z z) {
  const double x = fabs(z.re), y = fabs(z.im), large = fmax(x, y), small = fmin(x, y);
  if (x == infinity() || y == infinity()) return infinity();
  if (x != x || y != y) return x + y;
  if (large == 0) return -infinity();
  if (large > 0.5 && large < 1.5 && small < 1.25) {
    const lanes::Twofold a = lanes::exact_product(large, large), b = lanes::exact_product(small, small);
    const lanes::Twofold c = lanes::exact_sum(a.high, -1.), d = lanes::exact_sum(c.high, b.high);
    return 0.5 * log1p_of((d.high + (d.low + (c.low + (a.low + b.low)))).v);
  }
  const double ratio = small / large;
  return log_of(large) + 0.5 * log1p_of(ratio * ratio);
}
SINTER_DEVICE Z log_z(Z z) { return {log_length(z), angle_of(z.im, z.re)}; }
// Of what has no infinite part.
SINTER_DEVICE Z sqrt_within(Z z) {
  if (z.re == 0 && z.im == 0) return {0, z.im};
  // Into the middle of the range by a power of four.
  const double most = fmax(fabs(z.re), fabs(z.im));
  const double scale = most > 0x1p1000   ? 0x1p-100
                       : most < 0x1p-900 ? 0x1p200
                                         : 1,
               back = most > 0x1p1000   ? 0x1p50
                      : most < 0x1p-900 ? 0x1p-100
                                        : 1;
  const double re = z.re * scale, im = z.im * scale, length = lanes::vhypot(lanes::Vd(re), lanes::Vd(im)).v;
  const double large = ::sqrt(0.5 * (length + fabs(re))), small = im / (2 * large);
  return re >= 0 ? Z{large * back, small * back} : Z{fabs(small) * back, copysign(large, im) * back};
}
SINTER_DEVICE Z sqrt_z(Z z) {
  if (fabs(z.im) == infinity()) return {infinity(), z.im};
  if (z.re == infinity()) return {z.re, z.im == z.im ? copysign(0., z.im) : z.im};
  if (z.re == -infinity()) return {z.im == z.im ? 0 : z.im, copysign(infinity(), z.im)};
  return sqrt_within(z);
}

// e^z - 1 = (e^x - 1) cos y - 2 sin^2(y / 2) + i e^x sin y
SINTER_DEVICE Z expm1_z(Z z) {
  const Z plain = exp_z(z);
  if (!(fabs(z.re) < 1)) return {plain.re - 1, plain.im};
  const double half = sin_of(z.im / 2);
  return {expm1_of(z.re) * cos_of(z.im) - 2 * half * half, plain.im};
}
// |1 + z|^2 - 1 = x (2 + x) + y^2 where that cancels least.
SINTER_DEVICE Z log1p_z(Z z) {
  const double angle = angle_of(z.im, 1 + z.re);
  if (fabs(z.re) < 0.5 && fabs(z.im) < 0.5) return {0.5 * log1p_of(z.re * (2 + z.re) + z.im * z.im), angle};
  return {log_length({1 + z.re, z.im}), angle};
}
SINTER_DEVICE Z sigmoid_z(Z z) {
  const bool left = z.re < 0;
  const Z e = exp_z(left ? z : Z{-z.re, -z.im});
  return quotient(left ? e : Z{1, 0}, Z{1 + e.re, e.im});
}
// e^|x| / 2 (cos y, sin y), which both sinh and cosh are, but for a sign, where e^-|x| is nothing beside it.
SINTER_DEVICE Z half_exp(double x, double y) {
  const Z e = exp_z({0.5 * fabs(x), y});
  const double half = 0.5 * exp_of(0.5 * fabs(x));
  return {half * e.re, half * e.im};
}
// sinh x cos y + i cosh x sin y; on the axis, and where a sine has no value, without 0 times infinity.
SINTER_DEVICE Z sinh_z(Z z) {
  if (z.im == 0) return {sinh_of(z.re), z.im};
  if (!is_finite(z.im)) return {z.re == 0 || fabs(z.re) == infinity() ? z.re : kNaN, kNaN};
  if (fabs(z.re) > 40) {
    const Z e = half_exp(z.re, z.im);
    return {copysign(1., z.re) * e.re, e.im};
  }
  return {sinh_of(z.re) * cos_of(z.im), cosh_of(z.re) * sin_of(z.im)};
}
SINTER_DEVICE Z cosh_z(Z z) {
  if (z.im == 0) return {cosh_of(z.re), copysign(1., z.re) * z.im};
  if (!is_finite(z.im)) return {fabs(z.re) == infinity() ? infinity() : kNaN, z.re == 0 ? z.re : kNaN};
  if (fabs(z.re) > 40) {
    const Z e = half_exp(z.re, z.im);
    return {e.re, copysign(1., z.re) * e.im};
  }
  return {cosh_of(z.re) * cos_of(z.im), sinh_of(z.re) * sin_of(z.im)};
}
SINTER_DEVICE Z tanh_z(Z z) {
  if (!is_finite(z.im)) {
    if (fabs(z.re) == infinity()) return {copysign(1., z.re), copysign(0., z.im)};
    return {z.re == 0 ? z.re : kNaN, kNaN};
  }
  if (z.im == 0) return {tanh_of(z.re), z.im};
  if (fabs(z.re) > 20) return {copysign(1., z.re), 4 * sin_of(z.im) * cos_of(z.im) * exp_of(-2 * fabs(z.re))};
  const double t = tan_of(z.im), beta = 1 + t * t, s = sinh_of(z.re), rho = ::sqrt(1 + s * s);
  const double below = 1 + beta * s * s;
  return {beta * rho * s / below, t / below};
}
// Where arcs are infinite they end in the direction of z; of a NaN beside a 0 one part is known.
SINTER_DEVICE bool is_limit(Z z) { return fabs(z.re) == infinity() || fabs(z.im) == infinity(); }
SINTER_DEVICE Z asin_z(Z z) {
  if (is_limit(z)) return {angle_of(z.re, fabs(z.im)), copysign(infinity(), z.im)};
  if (z.re == 0 && z.im != z.im) return z;
  const Z below = sqrt_within({1 - z.re, -z.im}), above = sqrt_within({1 + z.re, z.im});
  return {angle_of(z.re, below.re * above.re - below.im * above.im),
          asinh_of(below.re * above.im - below.im * above.re)};
}
SINTER_DEVICE Z acos_z(Z z) {
  if (is_limit(z)) return {angle_of(fabs(z.im), z.re), -copysign(infinity(), z.im)};
  if (z.re == 0 && z.im != z.im) return {kHalfPi, z.im};
  const Z below = sqrt_within({1 - z.re, -z.im}), above = sqrt_within({1 + z.re, z.im});
  return {2 * angle_of(below.re, above.re), asinh_of(above.re * below.im - above.im * below.re)};
}
SINTER_DEVICE Z acosh_z(Z z) {
  if (is_limit(z)) return {infinity(), angle_of(z.im, z.re)};
  if (z.re == 0 && z.im != z.im) return {z.im, kHalfPi};
  const Z below = sqrt_within({z.re - 1, z.im}), above = sqrt_within({z.re + 1, z.im});
  return {asinh_of(below.re * above.re + below.im * above.im), 2 * angle_of(below.im, above.re)};
}
// log((1 + z) / (1 - z)) / 2
SINTER_DEVICE Z atanh_z(Z z) {
  const double x = fabs(z.re), y = fabs(z.im);
  if (y == infinity() || (y == y && (x > 0x1p500 || y > 0x1p500 && x == x)))
    return {copysign(0., z.re), copysign(kHalfPi, z.im)};
  if (y != y) return {x == 0 || x == infinity() ? copysign(0., z.re) : kNaN, kNaN};
  if (x == 1 && y < 0x1p-500)
    return {copysign(0.5 * (kLn2 - log_of(y)), z.re), y == 0 ? z.im : copysign(kHalfPi / 2, z.im)};
  const double below = (1 - x) * (1 - x) + y * y;
  const double re = 0.25 * log1p_of(4 * x / below);
  const double im = 0.5 * angle_of(2 * y, (1 - x) * (1 + x) - y * y);
  return {copysign(re, z.re), copysign(im, z.im)};
}
// a^b = e^(b ln a); whole powers by squaring, so that they are as exact as products. 0^0 is 1.
SINTER_DEVICE Z power_z(Z a, Z b) {
  if (b.im == 0 && b.re == ::trunc(b.re) && fabs(b.re) <= 64) {
    Z power{1, 0}, square = a;
    for (int k = static_cast<int>(fabs(b.re)); k > 0; k /= 2, square = product(square, square))
      if (k % 2 == 1) power = product(power, square);
    return b.re < 0 ? quotient(Z{1, 0}, power) : power;
  }
  if (a.re == 0 && a.im == 0 && b.re > 0) return {0, 0};
  return exp_z(product(b, log_z(a)));
}

#define SINTER_IN_DOUBLE(Name, function)                \
  struct Name {                                         \
    static constexpr bool kCostly = true;               \
    static constexpr uint32_t kNumberOperands = 0;      \
    template <class V>                                  \
    static SINTER_DEVICE V apply(const Numbers&, V x) { \
      const Z z = narrow<Z>(x);                         \
      return narrow<V>(function);                       \
    }                                                   \
  };
SINTER_IN_DOUBLE(Sqrt, sqrt_z(z))
SINTER_IN_DOUBLE(InverseSqrt, quotient(Z{1, 0}, sqrt_z(z)))
SINTER_IN_DOUBLE(Exp2, exp_z(scaled(kLn2, z)))
SINTER_IN_DOUBLE(Expm1, expm1_z(z))
SINTER_IN_DOUBLE(Log1p, log1p_z(z))
SINTER_IN_DOUBLE(Log2, scaled(1 / kLn2, log_z(z)))
SINTER_IN_DOUBLE(Log10, scaled(1 / kLn10, log_z(z)))
SINTER_IN_DOUBLE(Sin, turned_back(sinh_z(turned(z))))
SINTER_IN_DOUBLE(Cos, cosh_z(turned(z)))
SINTER_IN_DOUBLE(Tan, turned_back(tanh_z(turned(z))))
SINTER_IN_DOUBLE(Asin, asin_z(z))
SINTER_IN_DOUBLE(Acos, acos_z(z))
SINTER_IN_DOUBLE(Atan, turned_back(atanh_z(turned(z))))
SINTER_IN_DOUBLE(Sinh, sinh_z(z))
SINTER_IN_DOUBLE(Cosh, cosh_z(z))
SINTER_IN_DOUBLE(Tanh, tanh_z(z))
SINTER_IN_DOUBLE(Asinh, turned_back(asin_z(turned(z))))
SINTER_IN_DOUBLE(Acosh, acosh_z(z))
SINTER_IN_DOUBLE(Atanh, atanh_z(z))
SINTER_IN_DOUBLE(Sigmoid, sigmoid_z(z))
SINTER_FUNCTOR_2(Power, true, narrow<V>(power_z(narrow<Z>(x), narrow<Z>(y))))

#define SINTER_KERNELS(op, Op, costly)     \
  SINTER_POINTWISE(op##_c64, Op, c64, c64) \
  SINTER_POINTWISE(op##_c128, Op, c128, c128)
SINTER_COMPLEX_FUNCTIONS(SINTER_KERNELS)
#undef SINTER_KERNELS
SINTER_POINTWISE(pow_c64, Power, c64, c64, c64)
SINTER_POINTWISE(pow_c128, Power, c128, c128, c128)

}  // namespace sinter::cuda
