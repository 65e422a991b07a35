// Trigonometric, hyperbolic and inverse functions, powers and logarithms of other bases. Place in the whole: entry points
// tan ... sinc of the operator table.
//
// x (any view) -> y (same shape, contiguous). f32, f64, bf16, f16; all but erfc and sinc also c64 and c128.
#include "cpu/complex/functions.h"
#include "cpu/pointwise/loops.h"
#include "cpu/simd/math_trig.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

// Adding and taking away this rounds to a whole number, below a third of it.
template <class V>
constexpr double kRoundMagic = sizeof(typename ElementOf<V>::type) == 4 ? 0x1.8p23 : 0x1.8p52;
// From here on there are whole numbers only.
template <class V>
constexpr double kWhole = sizeof(typename ElementOf<V>::type) == 4 ? 0x1p23 : 0x1p52;

// sin(pi x) / (pi x). The sine is taken of the distance to an even number, folded to [-1/2, 1/2], so that zeros are exact.
template <class V>
SINTER_INLINE V sinc_of(V x) {
  const auto magic = num<V>(kRoundMagic<V>), pi = num<V>(3.14159265358979323846), one = num<V>(1), half = num<V>(0.5);
  V n = ((x * half + magic) - magic) * num<V>(2);
  V r = x - n;
  r = r > half ? one - r : r < -half ? -one - r : r;
  V y = vsin_near(pi * r) / (pi * x);
  y = vabs(x) >= num<V>(kWhole<V>) ? V{} : y;
  return x == num<V>(0) ? V{} + one : y;
}

SINTER_UNARY(Tan, true, vtan(x))
SINTER_UNARY(Asin, true, vasin(x))
SINTER_UNARY(Acos, true, vacos(x))
SINTER_UNARY(Atan, true, vatan(x))
SINTER_UNARY(Sinh, true, vsinh(x))
SINTER_UNARY(Cosh, true, vcosh(x))
SINTER_UNARY(Asinh, true, vasinh(x))
SINTER_UNARY(Acosh, true, vacosh(x))
SINTER_UNARY(Atanh, true, vatanh(x))
SINTER_UNARY(Exp2, true, vexp2(x))
SINTER_UNARY(Log2, true, vlog2(x))
SINTER_UNARY(Log10, true, vlog10(x))
SINTER_UNARY(Erfc, true, verfc(x))
SINTER_UNARY(Sinc, true, sinc_of(x))

}  // namespace

void tan(const Call& c) { is_complex(c.in[0].dtype) ? complex_tan(c) : unary(c, floating<Tan>("tan")); }
void asin(const Call& c) { is_complex(c.in[0].dtype) ? complex_asin(c) : unary(c, floating<Asin>("asin")); }
void acos(const Call& c) { is_complex(c.in[0].dtype) ? complex_acos(c) : unary(c, floating<Acos>("acos")); }
void atan(const Call& c) { is_complex(c.in[0].dtype) ? complex_atan(c) : unary(c, floating<Atan>("atan")); }
void sinh(const Call& c) { is_complex(c.in[0].dtype) ? complex_sinh(c) : unary(c, floating<Sinh>("sinh")); }
void cosh(const Call& c) { is_complex(c.in[0].dtype) ? complex_cosh(c) : unary(c, floating<Cosh>("cosh")); }
void asinh(const Call& c) { is_complex(c.in[0].dtype) ? complex_asinh(c) : unary(c, floating<Asinh>("asinh")); }
void acosh(const Call& c) { is_complex(c.in[0].dtype) ? complex_acosh(c) : unary(c, floating<Acosh>("acosh")); }
void atanh(const Call& c) { is_complex(c.in[0].dtype) ? complex_atanh(c) : unary(c, floating<Atanh>("atanh")); }
void exp2(const Call& c) { is_complex(c.in[0].dtype) ? complex_exp2(c) : unary(c, floating<Exp2>("exp2")); }
void log2(const Call& c) { is_complex(c.in[0].dtype) ? complex_log2(c) : unary(c, floating<Log2>("log2")); }
void log10(const Call& c) { is_complex(c.in[0].dtype) ? complex_log10(c) : unary(c, floating<Log10>("log10")); }
void erfc(const Call& c) { unary(c, floating<Erfc>("erfc")); }
void sinc(const Call& c) { unary(c, floating<Sinc>("sinc")); }

}  // namespace sinter::cpu::SINTER_ISA
