/** Numbers a spatial dimension: kernel sizes, strides, paddings. Place in the whole: arguments of convolution and pooling. */
import { ShapeError, ValueError } from '../errors.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** For the one dimension of a signal. */
export type Single = number | readonly [number]
/** One number for both dimensions, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number]
/** One number for all dimensions, or [depth, vertical, horizontal]. */
export type Triple = number | readonly [number, number, number]
/** Any of these. */
export type Sizes = number | readonly number[]

/** `r` integers from one for all or a list. */
export function sizesOf(op: string, name: string, value: Sizes, r: number, least: number): number[] {
  const list = typeof value === 'number' ? new Array<number>(r).fill(value) : [...value]
  if (list.length !== r) throw new ValueError(`${op}: ${name} [${list.join(', ')}] is not one number or ${r}`)
  for (const v of list) {
    if (!Number.isInteger(v) || v < least)
      throw new ValueError(`${op}: ${name} ${String(v)} is not an integer of at least ${least}`)
  }
  return list
}

/** Beyond this, kernels would stage more zeros than there is memory, and sizes would leave 64 bits. */
const FARTHEST = 2 ** 24

/** Refuses windows that reach, or paddings that lie, farther than any image can be. */
export function checkReach(op: string, reach: readonly number[], padding: readonly number[]): void {
  for (const [what, list] of [
    ['window', reach],
    ['padding', padding],
  ] as const)
    for (const v of list)
      if (v > FARTHEST) throw new ValueError(`${op}: a ${what} of ${v} elements exceeds ${FARTHEST}`)
}

const AXES = ['', 'l', 'h, w', 'd, h, w']
/** How an input of `r` spatial dimensions looks. */
export const layoutOf = (r: number): string => `(n, c, ${AXES[r]}) or (c, ${AXES[r]})`

/** The spatial dimensions of (n, c, ...) or (c, ...). */
export function spatialOf(op: string, x: Tensor, r: number): number[] {
  if (x.rank !== r + 1 && x.rank !== r + 2) throw new ShapeError(`${op}: takes ${layoutOf(r)}, got ${show(x.shape)}`)
  return x.shape.slice(x.rank - r)
}

/** x's shape with other spatial dimensions. */
export const withSpatial = (x: Tensor, spatial: readonly number[]): Shape => [
  ...x.shape.slice(0, x.rank - spatial.length),
  ...spatial,
]
