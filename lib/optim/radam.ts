// RAdam, as torch.optim.RAdam. Place in the whole: one fused command a group and step.
import { radamStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AdamOptions, checkAdam } from './adam.js'
import { Optimizer, type ParamsInput } from './optimizer.js'

export interface RAdamOptions extends Omit<AdamOptions, 'amsgrad'> {
  /** Decay the parameter itself, as AdamW does, instead of adding weightDecay * p to the gradient. */
  decoupledWeightDecay: boolean
}

/**
 * Adam that steps by the momentum alone while the second moments have seen too little to be divided by, and is scaled for
 * their variance afterwards: no warm-up needed (Liu et al., "On the variance of the adaptive learning rate and beyond", 2020).
 */
export class RAdam extends Optimizer<RAdamOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<RAdamOptions>, options: Partial<RAdamOptions> = {}) {
    const defaults = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 } as const
    super(params, { ...defaults, decoupledWeightDecay: false, maximize: false }, options)
  }

  protected override check(group: RAdamOptions): void {
    checkAdam('RAdam', group)
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, betas, eps, weightDecay, decoupledWeightDecay: decoupled, maximize } = group
      for (const { step, members } of this.batchesByStep(group)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          const m = (state['exp_avg'] ??= this.fresh(owner, group, 'exp_avg')) as Tensor
          const v = (state['exp_avg_sq'] ??= this.fresh(owner, group, 'exp_avg_sq')) as Tensor
          return { ...updated, m, v }
        })
        radamStep(groups, { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, step, decoupled, maximize })
      }
    }
  }
}
