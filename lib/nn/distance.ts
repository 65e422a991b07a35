// Angles and distances of vectors as layers. Place in the whole: operators of lib/ops as modules.

import { known } from '../check.js'
import { type CosineOptions, cosineSimilarity, type PairwiseOptions, pairwiseDistance } from '../ops/similarity.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** The cosine of the angles between vectors along an axis, by default 1; a and b broadcast. */
export class CosineSimilarity extends Module {
  readonly options: CosineOptions

  constructor(options: CosineOptions = {}) {
    super()
    known('CosineSimilarity', options, ['axis', 'eps'])
    this.options = options
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return cosineSimilarity(a, b, this.options)
  }
}

/** The p-norm of a - b + eps along the last dimension: (N, D) twice to (N), or with `keepDim` (N, 1); a and b broadcast. */
export class PairwiseDistance extends Module {
  readonly options: PairwiseOptions

  constructor(options: PairwiseOptions = {}) {
    super()
    known('PairwiseDistance', options, ['p', 'eps', 'keepDim'])
    this.options = options
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return pairwiseDistance(a, b, this.options)
  }
}
