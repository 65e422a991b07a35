// Images of another size as layers. Place in the whole: `interpolate` of lib/ops as modules. Shapes: N samples, C channels, then one to
// three spatial dimensions.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { type InterpolateOptions, interpolate } from '../ops/resample.js'
import type { Pair } from '../ops/spatial.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** Options of Upsample: those of `interpolate`, which shrinks too, without its filter for that. */
export type UpsampleOptions = Omit<InterpolateOptions, 'antialias'>

abstract class Interpolation extends Module {
  readonly options: UpsampleOptions

  constructor(options: UpsampleOptions) {
    super()
    if ((options.size === undefined) === (options.scaleFactor === undefined)) {
      const found = options.size === undefined ? 'neither' : 'both'
      throw new ValueError(`${new.target.name}: takes either size or scaleFactor, found ${found}`)
    }
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }
}

/**
 * (N, C, L), (N, C, H, W) or (N, C, D, H, W) at another `size`, or sizes times `scaleFactor`. mode: 'nearest' (default),
 * 'nearest-exact', 'linear', 'bilinear', 'bicubic', 'trilinear' or 'area'. See `interpolate`.
 */
export class Upsample extends Interpolation {
  constructor(options: UpsampleOptions) {
    known('Upsample', options, ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor'])
    super(options)
  }
}

/** What an upsampling of planes (N, C, H, W) takes: either of them. */
export interface Upsampling2dOptions {
  size?: Pair
  scaleFactor?: Pair
}

/** Upsample of planes (N, C, H, W): each result is its nearest source. */
export class UpsamplingNearest2d extends Interpolation {
  constructor(options: Upsampling2dOptions) {
    known('UpsamplingNearest2d', options, ['size', 'scaleFactor'])
    super({ ...options, mode: 'nearest' })
  }
}

/** Upsample of planes (N, C, H, W) between four sources, whose corners keep their places (`alignCorners`). */
export class UpsamplingBilinear2d extends Interpolation {
  constructor(options: Upsampling2dOptions) {
    known('UpsamplingBilinear2d', options, ['size', 'scaleFactor'])
    super({ ...options, mode: 'bilinear', alignCorners: true })
  }
}
