// Operators of two operands: the lists that arithmetic.cu, compare.cu, pairs.cu and their .cpp files read. Each entry: operator, functor,
// costly.
#pragma once

#define SINTER_ARITHMETIC(F) \
  F(add, Add, 0)             \
  F(mul, Multiply, 0)        \
  F(maximum, Maximum, 0)     \
  F(minimum, Minimum, 0)     \
  F(fmax, LargerNumber, 0)   \
  F(fmin, SmallerNumber, 0)  \
  F(heaviside, Heaviside, 0)

// Not of bool.
#define SINTER_ARITHMETIC_OF_NUMBERS(F) \
  F(sub, Subtract, 0)                   \
  F(divTrunc, TruncatedQuotient, 0)     \
  F(remainder, FlooredRemainder, 1)     \
  F(fmod, TruncatedRemainder, 1)        \
  F(divFloor, FlooredQuotient, 1)       \
  F(pow, Power, 1)

#define SINTER_BITS(F)  \
  F(bitwiseAnd, And, 0) \
  F(bitwiseOr, Or, 0)   \
  F(bitwiseXor, Xor, 0)

#define SINTER_SHIFTS_AND_DIVISORS(F) \
  F(bitwiseLeftShift, LeftShift, 0)   \
  F(bitwiseRightShift, RightShift, 0) \
  F(gcd, CommonDivisor, 1)            \
  F(lcm, Multiple, 1)

#define SINTER_COMPARISONS(F) \
  F(eq, Equal, 0)             \
  F(ne, NotEqual, 0)          \
  F(lt, Less, 0)              \
  F(le, LessOrEqual, 0)       \
  F(gt, Greater, 0)           \
  F(ge, GreaterOrEqual, 0)    \
  F(logicalAnd, Both, 0)      \
  F(logicalOr, Either, 0)     \
  F(logicalXor, OneOf, 0)     \
  F(isclose, Close, 0)

#define SINTER_PAIRS(F)        \
  F(div, Divide, 0)            \
  F(prelu, Prelu, 0)           \
  F(copysign, CopySign, 0)     \
  F(atan2, Angle, 1)           \
  F(hypot, Distance, 1)        \
  F(logaddexp, LogAddExp, 0)   \
  F(logaddexp2, LogAddExp2, 1) \
  F(xlogy, TimesLog, 0)        \
  F(xlog1py, TimesLog1p, 0)
