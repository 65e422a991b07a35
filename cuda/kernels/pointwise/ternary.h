// Operators of three operands and updates in place: the lists that ternary.cu and ternary.cpp read. Each entry: operator, functor,
// costly.
#pragma once

#define SINTER_TRIPLES(F) \
  F(lerp, Between, 0)     \
  F(addcdiv, PlusQuotient, 0)

#define SINTER_TRIPLES_OF_NUMBERS(F) F(addcmul, PlusProduct, 0)

#define SINTER_UPDATES(F)   \
  F(addInto, PlusScaled, 0) \
  F(mulInto, Times, 0)
