// What is added to its own input. He et al. 2015, "Deep Residual Learning for Image Recognition"; dropped at random, Huang et al. 2016,
// "Deep Networks with Stochastic Depth". Place in the whole: a block for Sequential and for users' networks.

import { known } from '../check.js'
import { ShapeError } from '../errors.js'
import { add } from '../ops/binary.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { StochasticDepth } from './dropout.js'
import { Module } from './module.js'
import { type ActivationName, applyActivation, checkActivation } from './named-activation.js'

export interface ResidualOptions {
  /** What the input goes through where the branch's result has another shape. Default: nothing. */
  shortcut?: Module | null
  /** Probability with which the branch of a sample is dropped in training. Default 0. */
  stochasticDepth?: number
  /** Of the sum; null: there is none. Default null. */
  activation?: ActivationName | null
}

/**
 * activation(branch(x) + shortcut(x)), of any shape that both results have. State dicts call them `branch` and `shortcut`.
 * @throws ValueError for an unknown activation
 */
export class Residual extends Module {
  branch: Module
  shortcut: Module | null
  stochasticDepth: StochasticDepth
  readonly activation: ActivationName | null

  constructor(branch: Module, options: ResidualOptions = {}) {
    super()
    known('Residual', options, ['shortcut', 'stochasticDepth', 'activation'])
    const { shortcut = null, stochasticDepth = 0, activation = null } = options
    checkActivation('Residual', activation)
    this.branch = branch
    this.shortcut = shortcut
    this.stochasticDepth = new StochasticDepth(stochasticDepth, 'row')
    this.activation = activation
  }

  /** @throws ShapeError where branch and shortcut give different shapes: the sum would be broadcast */
  override forward(x: Tensor): Tensor {
    const y = this.branch.call(x) as Tensor
    const kept = this.shortcut ? (this.shortcut.call(x) as Tensor) : x
    if (!sameShape(y.shape, kept.shape)) {
      const side = this.shortcut ? 'the shortcut' : 'the input'
      throw new ShapeError(
        `Residual: the branch gives ${show(y.shape)}, ${side} is ${show(kept.shape)}; a \`shortcut\` can change that`,
      )
    }
    return applyActivation(this.activation, add(this.stochasticDepth.call(y), kept))
  }
}
