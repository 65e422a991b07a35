/** Activations that kernels apply to their results, by their codes (native/cpu/simd/activation.h). `geluTanh` is the approximation by tanh. */
export const ACTIVATION_NAMES = ['none', 'relu', 'gelu', 'geluTanh', 'silu'] as const
export type LinearActivation = (typeof ACTIVATION_NAMES)[number]
