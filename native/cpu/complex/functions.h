// Elementary functions of c64 and c128. Place in the whole: the pointwise operators that serve real numbers too hand their
// complex operands over to these.
#pragma once
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// The operator table's calls of the same names, for complex operands.
void complex_sqrt(const Call& c);
void complex_rsqrt(const Call& c);
void complex_exp2(const Call& c);
void complex_expm1(const Call& c);
void complex_log1p(const Call& c);
void complex_log2(const Call& c);
void complex_log10(const Call& c);
void complex_sin(const Call& c);
void complex_cos(const Call& c);
void complex_tan(const Call& c);
void complex_asin(const Call& c);
void complex_acos(const Call& c);
void complex_atan(const Call& c);
void complex_sinh(const Call& c);
void complex_cosh(const Call& c);
void complex_tanh(const Call& c);
void complex_asinh(const Call& c);
void complex_acosh(const Call& c);
void complex_atanh(const Call& c);
void complex_sigmoid(const Call& c);
void complex_pow(const Call& c);

}  // namespace sinter::cpu::SINTER_ISA
