// Arithmetic on c64 and c128. Place in the whole: the pointwise operators that serve real numbers too hand their complex
// operands over to these.
#pragma once
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// The operator table's calls of the same names, for complex operands.
void complex_add(const Call& c);
void complex_sub(const Call& c);
void complex_mul(const Call& c);
void complex_div(const Call& c);
void complex_eq(const Call& c);
void complex_ne(const Call& c);
void complex_neg(const Call& c);
void complex_abs(const Call& c);
void complex_square(const Call& c);
void complex_reciprocal(const Call& c);

// y = a + alpha b and y = a b, for the updates in place: y may be a.
void complex_add_scaled(const Call& c, const TensorRef& a, const TensorRef& b, double alpha, const TensorRef& y);
void complex_scaled(const Call& c, const TensorRef& a, const TensorRef* b, double scalar, const TensorRef& y);

}  // namespace sinter::cpu::SINTER_ISA
