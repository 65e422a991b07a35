// Adadelta, as torch.optim.Adadelta. Place in the whole: one fused command a group and step.
import { ValueError } from '../errors.js'
import { adadeltaStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, Optimizer, type ParamsInput } from './optimizer.js'

export interface AdadeltaOptions extends GroupOptions {
  /** Share of the old means of squares, 0 to 1. */
  rho: number
  eps: number
  weightDecay: number
  /** Ascend instead of descending. */
  maximize: boolean
}

/**
 * g = grad + weightDecay * p;  s = rho * s + (1 - rho) * g^2;  d = g * sqrt(a + eps) / sqrt(s + eps);
 * a = rho * a + (1 - rho) * d^2;  p -= lr * d (Zeiler, "ADADELTA: an adaptive learning rate method", 2012).
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<AdadeltaOptions>, options: Partial<AdadeltaOptions> = {}) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false }, options)
  }

  protected override check({ lr, rho, eps, weightDecay }: AdadeltaOptions): void {
    for (const [name, value] of Object.entries({ lr, rho, eps, weightDecay }))
      checkRange('Adadelta', name, value, 0, Number.POSITIVE_INFINITY)
    if (rho > 1) throw new ValueError(`Adadelta: rho is ${rho}, expected at most 1`)
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, rho, eps, weightDecay, maximize } = group
      for (const { members } of this.batchesByStep(group)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          const squares = (state['square_avg'] ??= this.fresh(owner, group, 'square_avg')) as Tensor
          const deltas = (state['acc_delta'] ??= this.fresh(owner, group, 'acc_delta')) as Tensor
          return { ...updated, squares, deltas }
        })
        adadeltaStep(groups, { lr, rho, eps, weightDecay, maximize })
      }
    }
  }
}
