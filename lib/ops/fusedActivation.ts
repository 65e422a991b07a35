/**
 * What a product or a norm does to its result in the same pass. Place in the whole: linear, convolution, batch normalisation, and the
 * layers of lib/quant and lib/sparse.
 */
import { ShapeError, ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { ACTIVATION_NAMES, type LinearActivation } from './activationNames.js'
import { gelu, relu, silu } from './unary.js'

export type { LinearActivation } from './activationNames.js'

/** The kernels' code of an activation, 0 of none; ValueError for a name that is not known. */
export function activationCode(op: string, name: LinearActivation | null | undefined): number {
  const code = ACTIVATION_NAMES.indexOf(name ?? 'none')
  if (code < 0) throw new ValueError(`${op}: activation '${name}' is not one of ${ACTIVATION_NAMES.join(', ')}`)
  return code
}

/** The activation as an operator of its own, which has a gradient; y itself for code 0. */
export function activate(y: Tensor, code: number): Tensor {
  switch (ACTIVATION_NAMES[code]) {
    case 'relu':
      return relu(y)
    case 'gelu':
      return gelu(y)
    case 'geluTanh':
      return gelu(y, { approximate: 'tanh' })
    case 'silu':
      return silu(y)
    default:
      return y
  }
}

/** A residual has the shape and dtype of what it is added to, which the message calls `what`; ShapeError otherwise. */
export function checkResidual(
  op: string,
  residual: Tensor | null | undefined,
  what: string,
  shape: Shape,
  dtype: DType,
): void {
  if (residual && (!sameShape(residual.shape, shape) || residual.dtype !== dtype))
    throw new ShapeError(
      `${op}: the residual is ${show(residual.shape)} ${residual.dtype}, ${what} ${show(shape)} ${dtype}`,
    )
}
