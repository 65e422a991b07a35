/**
 * Convolutions on CUDA with all that may follow, against the CPU's in f64. Place in the whole: what the tests of every kernel's ways out
 * share.
 */

import type { LinearActivation, Shape, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { close, type Float } from '../products.js'

export const ACTIVATIONS = [null, 'relu', 'gelu', 'geluTanh', 'silu'] as const
/** Of those with code of their own, and one that is none: what the derivative of each is at most, so that errors grow by no more. */
const STEEPEST = 1.13

interface Finished {
  activation: LinearActivation | null
  stride?: readonly [number, number]
  padding?: number
  dilation?: number | readonly [number, number]
  groups?: number
  last?: boolean
  bias?: boolean
  residual?: boolean
  offset?: number // elements that the residual begins behind a multiple of 16 bytes
}

/** activation(conv2d(x, w) + bias + residual) against the same in f64. */
export function finished(dtype: Float, xShape: Shape, wShape: Shape, c: Finished): void {
  ops.scope(() => {
    const { activation, last = false, bias = true, residual = true, offset = 0, ...options } = c
    const draw = (shape: Shape): Tensor => ops.randn(shape).to(dtype) as Tensor
    const [x, w, b] = [draw(xShape), draw(wShape), draw([wShape[0] as number])]
    const shape = ops.conv2d(x, w, null, options).shape
    const size = shape.reduce((n, d) => n * d, 1)
    const added = draw([size + offset])
    const run = (place: (t: Tensor) => Tensor, activation: LinearActivation | null): Tensor => {
      const image = last ? place(x.permute([0, 2, 3, 1]).contiguous()).permute([0, 3, 1, 2]) : place(x)
      const rest = residual ? { residual: ops.narrow(place(added), 0, offset, size).reshape([...shape]) as Tensor } : {}
      return ops.conv2d(image, place(w), bias ? place(b) : null, { ...options, ...rest, activation })
    }
    const taps = wShape.slice(1).reduce((n, d) => n * d, 1)
    const found = ops.noGrad(() => run((t) => t.to('cuda'), activation))
    close(
      `${dtype} (${xShape}) by (${wShape}) ${JSON.stringify(c)}`,
      found.contiguous(),
      run((t) => t.to('f64'), activation),
      ops.mul(
        ops.add(
          run((t) => ops.abs(t.to('f64')), null),
          1,
        ),
        STEEPEST,
      ),
      taps,
    )
  })
}
