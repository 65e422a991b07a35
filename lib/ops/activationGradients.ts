/**
 * Gradients of activations: a fused kernel, or differentiable operators where a backward pass is recorded. Place in the whole: the rules of
 * unary.ts and of the layers that apply an activation in their product's pass.
 */
import { OP } from '../generated/ops.js'
import type { Tensor } from '../tensor/tensor.js'
import { ACTIVATION_NAMES } from './activationNames.js'
import { add, gt, mul, sub } from './binary.js'
import { NO_ATTRIBUTES } from './emit.js'
import { fused } from './pointwise.js'
import { where } from './select.js'
import { erf, exp, sigmoid, square, tanh } from './unary.js'

/** g times the activation's derivative at x, or for relu at its result. */
export function activationGradient(code: number, g: Tensor, x: Tensor): Tensor {
  switch (ACTIVATION_NAMES[code]) {
    case 'relu':
      return reluGradient(g, x)
    case 'gelu':
      return geluGradient(g, x)
    case 'geluTanh':
      return geluTanhGradient(g, x)
    case 'silu':
      return siluGradient(g, x)
    default:
      return g
  }
}

/** `y`: relu's operand or its result. */
export function reluGradient(g: Tensor, y: Tensor): Tensor {
  return fused(OP.reluBackward, 'reluBackward', g, y, NO_ATTRIBUTES, () => where(gt(y, 0), g, 0))
}

export function siluGradient(g: Tensor, x: Tensor): Tensor {
  return fused(OP.siluBackward, 'siluBackward', g, x, NO_ATTRIBUTES, () => {
    const s = sigmoid(x)
    return mul(g, mul(s, add(1, mul(x, sub(1, s)))))
  })
}

export function geluGradient(g: Tensor, x: Tensor): Tensor {
  return fused(OP.geluBackward, 'geluBackward', g, x, NO_ATTRIBUTES, () => {
    // d/dx x Phi(x) = Phi(x) + x phi(x)
    const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5)
    const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
    return mul(g, add(cdf, mul(x, density)))
  })
}

export function geluTanhGradient(g: Tensor, x: Tensor): Tensor {
  return fused(OP.geluTanhBackward, 'geluTanhBackward', g, x, NO_ATTRIBUTES, () => {
    const k = Math.sqrt(2 / Math.PI)
    const t = tanh(mul(add(x, mul(mul(x, square(x)), 0.044715)), k))
    const inner = mul(add(mul(square(x), 3 * 0.044715), 1), k)
    return mul(g, add(mul(add(t, 1), 0.5), mul(mul(x, 0.5), mul(sub(1, square(t)), inner))))
  })
}
