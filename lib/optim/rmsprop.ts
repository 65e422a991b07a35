// RMSprop, as torch.optim.RMSprop. Place in the whole: one fused command a group and step.
import { rmspropStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, Optimizer, type ParamsInput } from './optimizer.js'

export interface RMSpropOptions extends GroupOptions {
  /** Share of the old mean of squares. */
  alpha: number
  eps: number
  weightDecay: number
  momentum: number
  /** Divide by the deviation from the mean gradient (Graves 2013). */
  centered: boolean
  /** Ascend instead of descending. */
  maximize: boolean
}

/**
 * g = grad + weightDecay * p;  s = alpha * s + (1 - alpha) * g^2;  d = g / (sqrt(s) + eps);  p -= lr * d, with momentum
 * p -= lr * b, b = momentum * b + d (Tieleman and Hinton 2012).
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    const defaults = { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, maximize: false }
    super(params, { ...defaults }, options)
  }

  protected override check({ lr, alpha, eps, weightDecay, momentum }: RMSpropOptions): void {
    for (const [name, value] of Object.entries({ lr, alpha, eps, weightDecay, momentum }))
      checkRange('RMSprop', name, value, 0, Number.POSITIVE_INFINITY)
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = group
      for (const { members } of this.batchesByStep(group)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          const of = (name: string) => (state[name] ??= this.fresh(owner, group, name)) as Tensor
          return {
            ...updated,
            squares: of('square_avg'),
            buffer: momentum > 0 ? of('momentum_buffer') : null,
            mean: centered ? of('grad_avg') : null,
          }
        })
        rmspropStep(groups, { lr, alpha, eps, weightDecay, momentum, centered, maximize })
      }
    }
  }
}
