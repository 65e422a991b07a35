// Adagrad, as torch.optim.Adagrad. Place in the whole: one fused command a group and step.
import { adagradStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, Optimizer, type ParamsInput } from './optimizer.js'

export interface AdagradOptions extends GroupOptions {
  /** The rate at step t is lr / (1 + (t - 1) * lrDecay). */
  lrDecay: number
  weightDecay: number
  /** Where the sums of squares begin. */
  initialAccumulatorValue: number
  eps: number
  /** Ascend instead of descending. */
  maximize: boolean
}

/** g = grad + weightDecay * p;  sum += g^2;  p -= rate * g / (sqrt(sum) + eps) (Duchi, Hazan and Singer 2011). */
export class Adagrad extends Optimizer<AdagradOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    const defaults = { lr: 0.01, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, maximize: false }
    super(params, { ...defaults }, options)
  }

  protected override check({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps }: AdagradOptions): void {
    for (const [name, value] of Object.entries({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps }))
      checkRange('Adagrad', name, value, 0, Number.POSITIVE_INFINITY)
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, lrDecay, weightDecay, eps, maximize, initialAccumulatorValue } = group
      for (const { step, members } of this.batchesByStep(group)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          const sum = (state['sum'] ??= this.fresh(owner, group, 'sum', initialAccumulatorValue)) as Tensor
          return { ...updated, sum }
        })
        adagradStep(groups, { lr, lrDecay, weightDecay, eps, step, maximize })
      }
    }
  }
}
