// Weight normalisation. Salimans and Kingma 2016. Place in the whole: a parametrization; names are those of
// torch.nn.utils.parametrizations.weight_norm.

import { known } from '../check.js'
import { div, mul } from '../ops/binary.js'
import { normAlong } from '../ops/similarity.js'
import { reshape } from '../ops/views.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { type Parametrization, registerParametrization } from './parametrize.js'

/** Lengths g and directions v to g v / |v|. */
class WeightNorm extends Module implements Parametrization {
  readonly axis: number | null

  constructor(axis: number | null) {
    super()
    this.axis = axis
  }

  override forward(...[g, v]: Tensor[]): Tensor {
    return mul(v as Tensor, div(g as Tensor, this.#lengths(v as Tensor)))
  }

  rightInverse(weight: Tensor): readonly Tensor[] {
    return [this.#lengths(weight), weight]
  }

  /** Of what each index along the axis selects; of all together a scalar. */
  #lengths(v: Tensor): Tensor {
    const all = v.shape.map((_, i) => i)
    if (this.axis === null) return reshape(normAlong(v, 2, all), [])
    const axis = normalizeAxis('weightNorm', this.axis, v.rank)
    return normAlong(
      v,
      2,
      all.filter((i) => i !== axis),
    )
  }
}

export interface WeightNormOptions {
  /** The axis along which there is a length each; null: one length of all. Default 0, outputs of linear layers and convolutions. */
  axis?: number | null
}

/**
 * Parametrizes a weight by its lengths (`original0`) and directions (`original1`), which are trained apart. Any parameter of any module.
 *
 * @returns the module
 */
export function weightNorm<M extends Module>(module: M, field = 'weight', options: WeightNormOptions = {}): M {
  known('weightNorm', options, ['axis'])
  const { axis = 0 } = options
  return registerParametrization(module, field, new WeightNorm(axis))
}
