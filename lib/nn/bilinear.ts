// A layer of two inputs. Place in the whole: names, layouts and initial values are PyTorch's.

import { known, positive } from '../check.js'
import { zeros } from '../ops/creation.js'
import { bilinear } from '../ops/products.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import type { LinearOptions } from './linear.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

/**
 * y[o] = x1 W[o] x2^T + b[o]: (..., inFeatures1) and (..., inFeatures2) to (..., outFeatures). weight is (outFeatures, inFeatures1,
 * inFeatures2).
 */
export class Bilinear extends Module {
  weight: Parameter
  bias: Parameter | null

  constructor(inFeatures1: number, inFeatures2: number, outFeatures: number, options: LinearOptions = {}) {
    super()
    positive('Bilinear', { inFeatures1, inFeatures2, outFeatures })
    known('Bilinear', options, ['bias', 'dtype'])
    const { bias = true, dtype = 'f32' } = options
    this.weight = new Parameter(zeros([outFeatures, inFeatures1, inFeatures2], { dtype }))
    this.bias = bias ? new Parameter(zeros([outFeatures], { dtype })) : null
    const bound = 1 / Math.sqrt(inFeatures1)
    for (const parameter of this.parameters()) init.uniform(parameter, -bound, bound)
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias)
  }
}
