// Layers without parameters: activations, dropout, flattening, losses. Place in the whole: operators of lib/ops
// as modules, for Sequential and for models that are configured by name.
import { ValueError } from '../errors.js'
import { type CrossEntropyOptions, crossEntropy } from '../ops/crossEntropy.js'
import { dropout } from '../ops/dropout.js'
import { mseLoss, type Reduction } from '../ops/loss.js'
import { type GeluOptions, gelu, relu, sigmoid, silu, tanh } from '../ops/unary.js'
import { flatten } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x)
  }
}

export class GELU extends Module {
  readonly options: GeluOptions

  constructor(options: GeluOptions = {}) {
    super()
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return gelu(x, this.options)
  }
}

export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return silu(x)
  }
}

export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x)
  }
}

export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x)
  }
}

/** Zeroes elements with probability p in training and scales the others by 1 / (1 - p). */
export class Dropout extends Module {
  readonly p: number

  constructor(p = 0.5) {
    super()
    if (!(p >= 0 && p <= 1)) throw new ValueError(`Dropout: p is ${p}, expected a probability from 0 to 1`)
    this.p = p
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training })
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

/** Cross entropy of logits (N, C, ...) against class indices (N, ...). */
export class CrossEntropyLoss extends Module {
  readonly options: CrossEntropyOptions

  constructor(options: CrossEntropyOptions = {}) {
    super()
    this.options = options
  }

  override forward(logits: Tensor, target: Tensor): Tensor {
    return crossEntropy(logits, target, this.options)
  }
}

/** Mean of the squared differences. */
export class MSELoss extends Module {
  readonly options: { reduction?: Reduction }

  constructor(options: { reduction?: Reduction } = {}) {
    super()
    this.options = options
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options)
  }
}
