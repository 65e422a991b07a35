/**
 * Products of many complex numbers, composed of pointwise ones, so that their gradients are exact at zeros, too. Place in the
 * whole: behind prod and cumprod; exports nothing public.
 */
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './binary.js'
import { full } from './creation.js'
import { concat } from './join.js'
import { narrow, squeeze } from './views.js'

/** Ones of x's shape but for the size along an axis. */
function ones(x: Tensor, axis: number, size: number): Tensor {
  const shape = x.shape.map((d, i) => (i === axis ? size : d))
  return full(shape, 1, { dtype: x.dtype, device: x.device }) as Tensor
}

/** The product along the last axis, as a tree: halves are multiplied until one number is left. */
export function treeProduct(x: Tensor): Tensor {
  const axis = x.rank - 1
  const n = x.shape[axis] as number
  const whole = n === 0 ? 1 : 2 ** Math.ceil(Math.log2(n))
  let y = whole === n ? x : concat([x, ones(x, axis, whole - n)], axis)
  for (let half = whole / 2; half >= 1; half /= 2) y = mul(narrow(y, axis, 0, half), narrow(y, axis, half, half))
  return squeeze(y, axis)
}

/** Running products along an axis: each step doubles the number of factors behind an element (Hillis and Steele 1986). */
export function runningProduct(x: Tensor, axis: number): Tensor {
  const n = x.rank === 0 ? 1 : (x.shape[axis] as number)
  let y = x
  for (let step = 1; step < n; step *= 2) y = mul(y, concat([ones(x, axis, step), narrow(y, axis, 0, n - step)], axis))
  return y === x ? mul(x, 1) : y
}
