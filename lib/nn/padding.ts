// Padding as layers. Place in the whole: `pad` of lib/ops as modules. Shapes: N samples, C channels, then one to three spatial
// dimensions, which are padded; a sample may come without N. Widths are one number, or a pair (before, after) of each spatial
// dimension, the last one's first: (left, right, top, bottom, front, back).
import { ShapeError, ValueError } from '../errors.js'
import { type PadOptions, pad } from '../ops/pad.js'
import { layoutOf } from '../ops/spatial.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

export type Widths1d = number | readonly [number, number]
export type Widths2d = number | readonly [number, number, number, number]
export type Widths3d = number | readonly [number, number, number, number, number, number]

/** Pads the last `r` dimensions. */
abstract class Padding extends Module {
  readonly widths: readonly number[]
  readonly options: PadOptions

  /** @throws ValueError unless there is one width, or a whole number of them for each side */
  constructor(r: number, widths: number | readonly number[], options: PadOptions) {
    super()
    this.widths = typeof widths === 'number' ? new Array<number>(2 * r).fill(widths) : [...widths]
    if (this.widths.length !== 2 * r || !this.widths.every(Number.isInteger))
      throw new ValueError(`${new.target.name}: takes one whole number or ${2 * r}, found ${show(this.widths)}`)
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    const r = this.widths.length / 2
    if (x.rank !== r + 1 && x.rank !== r + 2)
      throw new ShapeError(`${this.constructor.name}: takes ${layoutOf(r)}, found ${show(x.shape)}`)
    return pad(x, this.widths, this.options)
  }
}

/** (N, C, L) within a border of `value`. */
export class ConstantPad1d extends Padding {
  constructor(widths: Widths1d, value: number) {
    super(1, widths, { value })
  }
}

/** (N, C, H, W) within a border of `value`. */
export class ConstantPad2d extends Padding {
  constructor(widths: Widths2d, value: number) {
    super(2, widths, { value })
  }
}

/** (N, C, D, H, W) within a border of `value`. */
export class ConstantPad3d extends Padding {
  constructor(widths: Widths3d, value: number) {
    super(3, widths, { value })
  }
}

/** (N, C, L) within a border of zeros. */
export class ZeroPad1d extends Padding {
  constructor(widths: Widths1d) {
    super(1, widths, {})
  }
}

/** (N, C, H, W) within a border of zeros. */
export class ZeroPad2d extends Padding {
  constructor(widths: Widths2d) {
    super(2, widths, {})
  }
}

/** (N, C, D, H, W) within a border of zeros. */
export class ZeroPad3d extends Padding {
  constructor(widths: Widths3d) {
    super(3, widths, {})
  }
}

/** (N, C, L) mirrored at its outermost elements, which are not repeated. */
export class ReflectionPad1d extends Padding {
  constructor(widths: Widths1d) {
    super(1, widths, { mode: 'reflect' })
  }
}

/** (N, C, H, W) mirrored at its outermost elements, which are not repeated. */
export class ReflectionPad2d extends Padding {
  constructor(widths: Widths2d) {
    super(2, widths, { mode: 'reflect' })
  }
}

/** (N, C, D, H, W) mirrored at its outermost elements, which are not repeated. */
export class ReflectionPad3d extends Padding {
  constructor(widths: Widths3d) {
    super(3, widths, { mode: 'reflect' })
  }
}

/** (N, C, L) with its outermost elements repeated. */
export class ReplicationPad1d extends Padding {
  constructor(widths: Widths1d) {
    super(1, widths, { mode: 'replicate' })
  }
}

/** (N, C, H, W) with its outermost elements repeated. */
export class ReplicationPad2d extends Padding {
  constructor(widths: Widths2d) {
    super(2, widths, { mode: 'replicate' })
  }
}

/** (N, C, D, H, W) with its outermost elements repeated. */
export class ReplicationPad3d extends Padding {
  constructor(widths: Widths3d) {
    super(3, widths, { mode: 'replicate' })
  }
}

/** (N, C, L) going on at the other end. */
export class CircularPad1d extends Padding {
  constructor(widths: Widths1d) {
    super(1, widths, { mode: 'circular' })
  }
}

/** (N, C, H, W) going on at the other end. */
export class CircularPad2d extends Padding {
  constructor(widths: Widths2d) {
    super(2, widths, { mode: 'circular' })
  }
}

/** (N, C, D, H, W) going on at the other end. */
export class CircularPad3d extends Padding {
  constructor(widths: Widths3d) {
    super(3, widths, { mode: 'circular' })
  }
}
