// LARS. Place in the whole: one fused command a group and step.
import { ValueError } from '../errors.js'
import { larsStep } from '../ops/optimizeByTensor.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, Optimizer, type ParamsInput } from './optimizer.js'

export interface LarsOptions extends GroupOptions {
  momentum: number
  weightDecay: number
  /** The share of its own norm that a tensor moves by, before `lr`: the paper's eta. */
  trustCoefficient: number
  /** Added to the denominator of the trust ratio. */
  eps: number
  /** Look ahead by the momentum, as SGD does. */
  nesterov: boolean
  /** Ascend instead of descending. */
  maximize: boolean
}

/**
 * SGD with momentum of which every tensor takes a rate of its own: rate = lr * trustCoefficient * |p| / (|grad| + weightDecay *
 * |p| + eps), lr where either norm is 0; b = momentum * b + rate * (grad + weightDecay * p);  p -= b (You, Gitman and Ginsburg,
 * "Large batch training of convolutional networks", 2017). The rate is part of the momentum buffer, as in the paper. Give biases
 * and the parameters of normalisation a group of another optimizer: their norms say little about the rate that they bear.
 */
export class Lars extends Optimizer<LarsOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<LarsOptions>, options: Partial<LarsOptions> & { lr: number }) {
    const defaults = { momentum: 0.9, weightDecay: 0, trustCoefficient: 1e-3, eps: 1e-8, nesterov: false }
    super(params, { ...defaults, maximize: false }, options)
  }

  protected override check({ lr, momentum, weightDecay, trustCoefficient, eps, nesterov }: LarsOptions): void {
    for (const [name, value] of Object.entries({ lr, momentum, weightDecay, trustCoefficient, eps }))
      checkRange('Lars', name, value, 0, Number.POSITIVE_INFINITY)
    if (nesterov && momentum === 0) throw new ValueError('Lars: nesterov needs momentum, found 0')
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, momentum, weightDecay, trustCoefficient, eps, nesterov, maximize } = group
      for (const { members } of this.batches(group, () => 0)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          if (momentum !== 0) state['momentum_buffer'] ??= this.fresh(owner, group, 'momentum_buffer')
          return { ...updated, buffer: (state['momentum_buffer'] ?? null) as Tensor | null }
        })
        larsStep(groups, { lr, momentum, weightDecay, trustCoefficient, eps, nesterov, maximize })
      }
    }
  }
}
