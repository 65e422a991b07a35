// Exponentials, logarithms, circular and hyperbolic functions: the lists that their .cu and .cpp files read. Each entry: operator,
// functor, costly.
#pragma once

#define SINTER_EXPONENTIALS(F) \
  F(exp, Exp, 0)               \
  F(expm1, Expm1, 0)           \
  F(log, Log, 0)               \
  F(log1p, Log1p, 0)           \
  F(exp2, Exp2, 0)             \
  F(log2, Log2, 0)             \
  F(log10, Log10, 0)           \
  F(tanh, Tanh, 0)             \
  F(sigmoid, Sigmoid, 0)       \
  F(erf, Erf, 0)               \
  F(erfc, Erfc, 1)             \
  F(sinh, Sinh, 1)             \
  F(cosh, Cosh, 1)             \
  F(asinh, Asinh, 1)           \
  F(acosh, Acosh, 1)           \
  F(atanh, Atanh, 1)

#define SINTER_CIRCULAR(F) \
  F(sin, Sin, 1)           \
  F(cos, Cos, 1)           \
  F(tan, Tan, 1)           \
  F(sinc, Sinc, 1)         \
  F(asin, Asin, 0)         \
  F(acos, Acos, 0)         \
  F(atan, Atan, 0)
