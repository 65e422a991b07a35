// Layers that multiply by a learned matrix. Place in the whole: names, layouts and initial values are PyTorch's.

import { known, positive } from '../check.js'
import { zeros } from '../ops/creation.js'
import { type EpilogueOptions, linear, linearInOut } from '../ops/linear.js'
import { matmulPacked } from '../ops/packed.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import { PackedWeight } from './packed-weight.js'
import { Parameter } from './parameter.js'

export interface LinearOptions {
  bias?: boolean
  dtype?: DType
}

/**
 * y = x W^T + b: (..., inFeatures) to (..., outFeatures). weight is (outFeatures, inFeatures). In eval mode, where no gradients are
 * recorded, a packed copy of the weight is kept from the second call on, until the weight is written to or the layer trains again.
 */
export class Linear<In extends number = number, Out extends number = number> extends Module {
  /** A type alone: `call` checks literal shapes and gives them. */
  declare readonly _mapsLast: readonly [In, Out]
  weight: Parameter
  bias: Parameter | null
  readonly #packed = new PackedWeight()

  constructor(inFeatures: In, outFeatures: Out, options: LinearOptions = {}) {
    super()
    positive('Linear', { inFeatures, outFeatures })
    known('Linear', options, ['bias', 'dtype'])
    const { bias = true, dtype = 'f32' } = options
    this.weight = new Parameter(zeros([outFeatures, inFeatures], { dtype }))
    this.bias = bias ? new Parameter(zeros([outFeatures], { dtype })) : null
    initialize(this.weight, this.bias)
  }

  /** `then` is what follows the product in the same pass: see `linear`. */
  override forward(x: Tensor, then?: EpilogueOptions): Tensor {
    if (this.training) this.#packed.drop()
    const drops = (then?.dropout ?? 0) > 0
    const { weight, bias } = this // once: a parametrized one is computed when it is read
    const packed = this.training || drops ? null : this.#packed.of(weight, x, bias, then?.residual)
    return packed ? matmulPacked(x, packed, bias, then) : linear(x, weight, bias, then)
  }

  override *_held(): Iterable<unknown> {
    yield* super._held()
    yield this.#packed.panels
  }
}

/**
 * Linear with its weight the other way round, (inFeatures, outFeatures), as GPT-2's checkpoints, Keras and Flax have it (Hugging Face
 * calls it Conv1D).
 */
export class LinearInOut extends Module {
  weight: Parameter
  bias: Parameter | null
  readonly #packed = new PackedWeight({ transposed: false })

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super()
    positive('LinearInOut', { inFeatures, outFeatures })
    known('LinearInOut', options, ['bias', 'dtype'])
    const { bias = true, dtype = 'f32' } = options
    this.weight = new Parameter(zeros([inFeatures, outFeatures], { dtype }))
    this.bias = bias ? new Parameter(zeros([outFeatures], { dtype })) : null
    const bound = 1 / Math.sqrt(inFeatures) // as Linear's
    for (const parameter of bias ? [this.weight, this.bias as Parameter] : [this.weight])
      init.uniform(parameter, -bound, bound)
  }

  /** `then` is what follows the product in the same pass: see `linear`. */
  override forward(x: Tensor, then?: EpilogueOptions): Tensor {
    if (this.training) this.#packed.drop()
    const drops = (then?.dropout ?? 0) > 0
    const { weight, bias } = this
    const packed = this.training || drops ? null : this.#packed.of(weight, x, bias, then?.residual)
    return packed ? matmulPacked(x, packed, bias, then) : linearInOut(x, weight, bias, then)
  }

  override *_held(): Iterable<unknown> {
    yield* super._held()
    yield this.#packed.panels
  }
}

/** A Linear or a LinearInOut, where either will do. */
export type LinearEitherWay = Module & {
  weight: Parameter
  bias: Parameter | null
  forward(x: Tensor, then?: EpilogueOptions): Tensor
}

/** PyTorch's default: both uniform within 1 / sqrt(fan-in); for weights it is Kaiming's with a = sqrt(5). */
export function initialize(weight: Parameter, bias: Parameter | null): void {
  init.kaimingUniform(weight, { a: Math.sqrt(5) })
  if (bias === null) return
  const bound = 1 / Math.sqrt(init.fans(weight.shape).fanIn)
  init.uniform(bias, -bound, bound)
}
