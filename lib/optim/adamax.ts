// Adamax, as torch.optim.Adamax. Place in the whole: one fused command a group and step.
import { adamaxStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AdamOptions, checkAdam } from './adam.js'
import { Optimizer, type ParamsInput } from './optimizer.js'

export type AdamaxOptions = Omit<AdamOptions, 'amsgrad'>

/**
 * Adam that divides by the largest gradient seen lately, u = max(betas[1] * u, |g| + eps), instead of a root mean square
 * (Kingma and Ba 2015, section 7.1); weight decay is added to the gradient.
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<AdamaxOptions>, options: Partial<AdamaxOptions> = {}) {
    super(params, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false }, options)
  }

  protected override check(group: AdamaxOptions): void {
    checkAdam('Adamax', group)
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, betas, eps, weightDecay, maximize } = group
      for (const { step, members } of this.batchesByStep(group)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          const m = (state['exp_avg'] ??= this.fresh(owner, group, 'exp_avg')) as Tensor
          const largest = (state['exp_inf'] ??= this.fresh(owner, group, 'exp_inf')) as Tensor
          return { ...updated, m, largest }
        })
        adamaxStep(groups, { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, step, maximize })
      }
    }
  }
}
