// Activation functions and their gradients: the lists that activations.cu, gradients.cu and activations.cpp read. Each entry: operator,
// functor, costly.
#pragma once

#define SINTER_ACTIVATIONS(F)    \
  F(gelu, Gelu, 0)               \
  F(geluTanh, GeluTanh, 0)       \
  F(silu, Silu, 0)               \
  F(softsign, Softsign, 0)       \
  F(leakyRelu, LeakyRelu, 0)     \
  F(elu, Elu, 0)                 \
  F(softplus, Softplus, 0)       \
  F(hardswish, Hardswish, 0)     \
  F(hardsigmoid, Hardsigmoid, 0) \
  F(shrink, Shrink, 0)           \
  F(tanhshrink, Tanhshrink, 0)   \
  F(mish, Mish, 0)               \
  F(logSigmoid, LogSigmoid, 0)   \
  F(scaledElu, ScaledElu, 0)

#define SINTER_ACTIVATIONS_OF_NUMBERS(F) \
  F(relu, Relu, 0)                       \
  F(clamp, Clamp, 0)                     \
  F(threshold, Threshold, 0)

#define SINTER_GRADIENTS(F)                    \
  F(reluBackward, ReluGradient, 0)             \
  F(geluBackward, GeluGradient, 0)             \
  F(geluTanhBackward, GeluTanhGradient, 0)     \
  F(siluBackward, SiluGradient, 0)             \
  F(tanhBackward, TanhGradient, 0)             \
  F(sigmoidBackward, SigmoidGradient, 0)       \
  F(leakyReluBackward, LeakyReluGradient, 0)   \
  F(eluBackward, EluGradient, 0)               \
  F(softplusBackward, SoftplusGradient, 0)     \
  F(clampBackward, ClampGradient, 0)           \
  F(gate, Gate, 0)                             \
  F(hardswishBackward, HardswishGradient, 0)   \
  F(mishBackward, MishGradient, 0)             \
  F(logSigmoidBackward, LogSigmoidGradient, 0) \
  F(scaledEluBackward, ScaledEluGradient, 0)
