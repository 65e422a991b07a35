// Arithmetic, rounding and tests of one operand: the list that unary.cu and unary.cpp read. Each entry: operator, functor, costly.
#pragma once

#define SINTER_UNARY_NUMBERS(F) \
  F(neg, Negated, 0)            \
  F(abs, Magnitude, 0)          \
  F(square, Square, 0)

#define SINTER_UNARY_REALS(F) F(sign, Sign, 0)

#define SINTER_UNARY_FLOATS(F)  \
  F(sqrt, Root, 0)              \
  F(rsqrt, InverseRoot, 0)      \
  F(reciprocal, Reciprocal, 0)  \
  F(frac, Fraction, 0)          \
  F(roundDecimals, Decimals, 0) \
  F(nanToNum, NanToNumber, 0)   \
  F(frexpMantissa, Mantissa, 0) \
  F(frexpExponent, Exponent, 0)

// Whole numbers of integers are copies.
#define SINTER_UNARY_ROUNDINGS(F) \
  F(floor, Floor, 0)              \
  F(ceil, Ceil, 0)                \
  F(round, Round, 0)              \
  F(trunc, Trunc, 0)

#define SINTER_UNARY_TESTS(F)        \
  F(isnan, IsNan, 0)                 \
  F(isfinite, IsFinite, 0)           \
  F(logicalNot, Not, 0)              \
  F(signbit, SignBit, 0)             \
  F(isinf, IsInfinite, 0)            \
  F(isposinf, IsPositiveInfinity, 0) \
  F(isneginf, IsNegativeInfinity, 0)
