// Lion. Place in the whole: one fused command a group and step.
import { lionStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, Optimizer, type ParamsInput } from './optimizer.js'

export interface LionOptions extends GroupOptions {
  betas: readonly [number, number]
  weightDecay: number
  /** Ascend instead of descending. */
  maximize: boolean
}

/**
 * p -= lr * (sign(beta1 * m + (1 - beta1) * grad) + weightDecay * p);  m = beta2 * m + (1 - beta2) * grad
 * (Chen et al., "Symbolic discovery of optimization algorithms", 2023). Rates are 3 to 10 times smaller than AdamW's, decay as
 * much larger.
 */
export class Lion extends Optimizer<LionOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<LionOptions>, options: Partial<LionOptions> = {}) {
    super(params, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false }, options)
  }

  protected override check({ lr, betas, weightDecay }: LionOptions): void {
    checkRange('Lion', 'lr', lr, 0, Number.POSITIVE_INFINITY)
    checkRange('Lion', 'betas[0]', betas[0], 0, 1)
    checkRange('Lion', 'betas[1]', betas[1], 0, 1)
    checkRange('Lion', 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, betas, weightDecay, maximize } = group
      for (const { members } of this.batches(group, () => 0)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          const m = (state['exp_avg'] ??= this.fresh(owner, group, 'exp_avg')) as Tensor
          return { ...updated, m }
        })
        lionStep(groups, { lr, beta1: betas[0], beta2: betas[1], weightDecay, maximize })
      }
    }
  }
}
