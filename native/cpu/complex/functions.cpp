// Elementary functions of complex numbers: see functions.h. Place in the whole: loops over interleaved pairs, one number at a
// time, in double (c64 too, rounded once); the pointwise engine feeds them.
//
// Branches are those of C's complex functions (C11, annex G), which PyTorch's are: cuts of sqrt and the logarithms along the
// negative real axis, signed zeros say on which side of a cut a number lies. The C library computes what has no short form.
#include "cpu/complex/functions.h"

#include "cpu/complex/number.h"
#include "cpu/pointwise/loops.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

using Z = Cx<double>;
__extension__ typedef double _Complex Native;

SINTER_INLINE Native native(Z z) {
  Native n;
  __real__ n = z.re;
  __imag__ n = z.im;
  return n;
}
SINTER_INLINE Z number(Native n) { return {__real__ n, __imag__ n}; }

#define SINTER_COMPLEX(Name, expression)                     \
  struct Name {                                              \
    static SINTER_INLINE Z apply(Z z) { return expression; } \
  };

SINTER_INLINE Z exp_of(Z z) { return number(__builtin_cexp(native(z))); }
SINTER_INLINE Z log_of(Z z) { return number(__builtin_clog(native(z))); }
SINTER_INLINE Z sqrt_of(Z z) { return number(__builtin_csqrt(native(z))); }

// e^z - 1 = (e^x - 1) cos y - 2 sin^2(y / 2) + i e^x sin y
SINTER_INLINE Z expm1_of(Z z) {
  const double half = ::sin(z.im / 2);
  const Z plain = exp_of(z);
  if (!(std::fabs(z.re) < 1)) return {plain.re - 1, plain.im};
  return {::expm1(z.re) * ::cos(z.im) - 2 * half * half, plain.im};
}
// |1 + z|^2 - 1 = x (2 + x) + y^2 where that cancels least.
SINTER_INLINE Z log1p_of(Z z) {
  const double angle = ::atan2(z.im, 1 + z.re);
  if (std::fabs(z.re) < 0.5 && std::fabs(z.im) < 0.5) return {0.5 * ::log1p(z.re * (2 + z.re) + z.im * z.im), angle};
  return {log_of({1 + z.re, z.im}).re, angle};
}
SINTER_INLINE Z sigmoid_of(Z z) {
  const Z e = exp_of(z.re < 0 ? z : -z);
  return (z.re < 0 ? e : Z(1)) / (Z(1) + e);
}

SINTER_COMPLEX(Sqrt, sqrt_of(z))
SINTER_COMPLEX(Rsqrt, Z(1) / sqrt_of(z))
SINTER_COMPLEX(Exp2, exp_of(M_LN2* z))
SINTER_COMPLEX(Expm1, expm1_of(z))
SINTER_COMPLEX(Log1p, log1p_of(z))
SINTER_COMPLEX(Log2, log_of(z) / M_LN2)
SINTER_COMPLEX(Log10, log_of(z) / M_LN10)
SINTER_COMPLEX(Sin, number(__builtin_csin(native(z))))
SINTER_COMPLEX(Cos, number(__builtin_ccos(native(z))))
SINTER_COMPLEX(Tan, number(__builtin_ctan(native(z))))
SINTER_COMPLEX(Asin, number(__builtin_casin(native(z))))
SINTER_COMPLEX(Acos, number(__builtin_cacos(native(z))))
SINTER_COMPLEX(Atan, number(__builtin_catan(native(z))))
SINTER_COMPLEX(Sinh, number(__builtin_csinh(native(z))))
SINTER_COMPLEX(Cosh, number(__builtin_ccosh(native(z))))
SINTER_COMPLEX(Tanh, number(__builtin_ctanh(native(z))))
SINTER_COMPLEX(Asinh, number(__builtin_casinh(native(z))))
SINTER_COMPLEX(Acosh, number(__builtin_cacosh(native(z))))
SINTER_COMPLEX(Atanh, number(__builtin_catanh(native(z))))
SINTER_COMPLEX(Sigmoid, sigmoid_of(z))

// a^b = e^(b ln a); whole powers by squaring, so that they are as exact as products. 0^0 is 1.
SINTER_INLINE Z pow_of(Z a, Z b) {
  if (b.im == 0 && b.re == std::trunc(b.re) && std::fabs(b.re) <= 64) {
    Z power(1), square = a;
    for (int k = static_cast<int>(std::fabs(b.re)); k > 0; k /= 2, square = square * square)
      if (k % 2 == 1) power = power * square;
    return b.re < 0 ? Z(1) / power : power;
  }
  if (a == Z() && b.re > 0) return {};
  return exp_of(b * log_of(a));
}

template <class T>
SINTER_INLINE Z at(const void* data, int64_t i) {
  const T* x = static_cast<const T*>(data) + 2 * i;
  return {x[0], x[1]};
}
template <class T>
SINTER_INLINE void put(void* data, int64_t i, Z z) {
  T* y = static_cast<T*>(data) + 2 * i;
  y[0] = static_cast<T>(z.re);
  y[1] = static_cast<T>(z.im);
}

template <class Op, class T>
void each_run(const Run& r) {
  for (int64_t i = 0; i < r.n; i++) put<T>(r.out, i, Op::apply(at<T>(r.in[0], i)));
}
template <class T>
void pow_run(const Run& r) {
  for (int64_t i = 0; i < r.n; i++)
    put<T>(r.out, i, pow_of(at<T>(r.in[0], r.step[0] ? i : 0), at<T>(r.in[1], r.step[1] ? i : 0)));
}

template <class Op>
void each(const Call& c, const char* name) {
  const RunFn run = c.in[0].dtype == DType::c64 ? each_run<Op, float> : each_run<Op, double>;
  pointwise_raw(Pointwise{.name = name, .grain = kCostly}, run, c.in, 1, c.out[0], c);
}

}  // namespace

void complex_sqrt(const Call& c) { each<Sqrt>(c, "sqrt"); }
void complex_rsqrt(const Call& c) { each<Rsqrt>(c, "rsqrt"); }
void complex_exp2(const Call& c) { each<Exp2>(c, "exp2"); }
void complex_expm1(const Call& c) { each<Expm1>(c, "expm1"); }
void complex_log1p(const Call& c) { each<Log1p>(c, "log1p"); }
void complex_log2(const Call& c) { each<Log2>(c, "log2"); }
void complex_log10(const Call& c) { each<Log10>(c, "log10"); }
void complex_sin(const Call& c) { each<Sin>(c, "sin"); }
void complex_cos(const Call& c) { each<Cos>(c, "cos"); }
void complex_tan(const Call& c) { each<Tan>(c, "tan"); }
void complex_asin(const Call& c) { each<Asin>(c, "asin"); }
void complex_acos(const Call& c) { each<Acos>(c, "acos"); }
void complex_atan(const Call& c) { each<Atan>(c, "atan"); }
void complex_sinh(const Call& c) { each<Sinh>(c, "sinh"); }
void complex_cosh(const Call& c) { each<Cosh>(c, "cosh"); }
void complex_tanh(const Call& c) { each<Tanh>(c, "tanh"); }
void complex_asinh(const Call& c) { each<Asinh>(c, "asinh"); }
void complex_acosh(const Call& c) { each<Acosh>(c, "acosh"); }
void complex_atanh(const Call& c) { each<Atanh>(c, "atanh"); }
void complex_sigmoid(const Call& c) { each<Sigmoid>(c, "sigmoid"); }

void complex_pow(const Call& c) {
  const int mode = static_cast<int>(c.attr[0]);
  const bool narrow = c.in[0].dtype == DType::c64;
  float narrow_number[2] = {static_cast<float>(c.attr[1]), 0};
  double number[2] = {c.attr[1], 0};
  TensorRef scalar;
  scalar.data = narrow ? static_cast<void*>(narrow_number) : number;
  scalar.numel = 1;
  scalar.rank = 0;
  scalar.dtype = c.in[0].dtype;
  const TensorRef operands[2] = {mode == 2 ? scalar : c.in[0], mode == 0 ? c.in[1] : mode == 1 ? scalar : c.in[0]};
  pointwise_raw(Pointwise{.name = "pow", .steps = 3, .grain = kCostly}, narrow ? pow_run<float> : pow_run<double>,
                operands, 2, c.out[0], c);
}

}  // namespace sinter::cpu::SINTER_ISA
