// Layers that change the shape alone, or nothing. Place in the whole: views of lib/ops as modules.
import { ValueError } from '../errors.js'
import { unflatten } from '../ops/axes.js'
import { flatten } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** Gives back what it is given: what stands where a model may have a layer or none. */
export class Identity extends Module {
  override forward<T>(x: T): T {
    return x
  }
}

/** Dimensions `start` to `end` become one; by default all but the batch. */
export class Flatten extends Module {
  readonly start: number
  readonly end: number

  constructor(start = 1, end = -1) {
    super()
    this.start = start
    this.end = end
  }

  override forward(x: Tensor): Tensor {
    return flatten(x, this.start, this.end)
  }
}

/** A dimension becomes several, of `sizes`, of which one may be -1: what is left. */
export class Unflatten extends Module {
  readonly axis: number
  readonly sizes: readonly number[]

  /** @throws ValueError when there are no sizes, or more than one is -1 */
  constructor(axis: number, sizes: readonly number[]) {
    super()
    if (sizes.length === 0) throw new ValueError('Unflatten: no sizes, expected those of the new dimensions')
    if (sizes.filter((size) => size === -1).length > 1)
      throw new ValueError(`Unflatten: sizes (${sizes.join(', ')}) leave more than one open, expected one -1 at most`)
    this.axis = axis
    this.sizes = [...sizes]
  }

  override forward(x: Tensor): Tensor {
    return unflatten(x, this.axis, this.sizes)
  }
}
