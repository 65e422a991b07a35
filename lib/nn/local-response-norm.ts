// Normalisation across neighbouring channels. Place in the whole: `localResponseNorm` of lib/ops as a module.

import { known, positive } from '../check.js'
import { type LocalResponseOptions, localResponseNorm } from '../ops/groupNorm.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/**
 * x / (k + alpha / size * sum of x^2 over `size` neighbouring channels)^beta of (N, C, ...) (Krizhevsky et al. 2012). Defaults: alpha
 * 1e-4, beta 0.75, k 1.
 */
export class LocalResponseNorm extends Module {
  readonly size: number
  readonly options: LocalResponseOptions

  constructor(size: number, options: LocalResponseOptions = {}) {
    super()
    positive('LocalResponseNorm', { size })
    known('LocalResponseNorm', options, ['alpha', 'beta', 'k'])
    this.size = size
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options)
  }
}
