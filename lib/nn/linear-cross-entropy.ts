// The loss of a linear layer into many classes. Place in the whole: `linearCrossEntropy` of lib/ops with a Linear of its own.
// Shapes: N samples, I features, K classes, d further dimensions of the target.

import { known, positive } from '../check.js'
import { ShapeError } from '../errors.js'
import { type LinearCrossEntropyOptions, linearCrossEntropy } from '../ops/linearCrossEntropy.js'
import { checkReduction, type Reduction } from '../ops/reduction.js'
import { reshape } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { Buffer } from './parameter.js'

export interface LinearCrossEntropyLossOptions extends Omit<LinearCrossEntropyOptions, 'linearBias'> {
  /** Further dimensions d of the target. Default: none. */
  outFeatures?: readonly number[]
  /** Whether the layer has a bias. Default false. */
  bias?: boolean
  dtype?: DType
}

/**
 * Cross entropy of what a linear layer makes of x, whose logits (N, K, d...) are made some rows at a time: x (N, I) against class indices
 * (N, d...), or probabilities (N, K, d...). The weight of the classes is a buffer. See `linearCrossEntropy`.
 */
export class LinearCrossEntropyLoss extends Module {
  linear: Linear
  weight: Buffer | null
  readonly classes: number
  readonly outFeatures: readonly number[]
  readonly #options: { reduction?: Reduction; ignoreIndex?: number; labelSmoothing?: number; chunk?: number }

  /** @throws ShapeError when the weight has another number of classes */
  constructor(inFeatures: number, classes: number, options: LinearCrossEntropyLossOptions = {}) {
    super()
    const layer = 'LinearCrossEntropyLoss'
    positive(layer, { inFeatures, classes })
    const own = ['outFeatures', 'bias', 'dtype', 'weight']
    known(layer, options, [...own, 'reduction', 'ignoreIndex', 'labelSmoothing', 'chunk'])
    const { outFeatures = [], bias = false, dtype = 'f32', weight, ...rest } = options
    if (weight && show(weight.shape) !== show([classes]))
      throw new ShapeError(`${layer}: weight is ${show(weight.shape)}, expected (${classes}), one of each class`)
    checkReduction(layer, rest.reduction)
    this.classes = classes
    this.outFeatures = [...outFeatures]
    this.linear = new Linear(inFeatures, classes * numelOf(outFeatures), { bias, dtype })
    this.weight = weight ? new Buffer(weight.detach()) : null
    this.#options = rest
  }

  override forward(x: Tensor, target: Tensor): Tensor {
    const { weight, bias } = this.linear
    const logits = [this.classes, ...this.outFeatures]
    return linearCrossEntropy(x, reshape(weight, [...logits, weight.shape[1] as number]), target, {
      ...this.#options,
      weight: this.weight,
      linearBias: bias && reshape(bias, logits),
    })
  }
}
