// LAMB. Place in the whole: one fused command a group and step.
import { lambStep } from '../ops/optimizeByTensor.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AdamOptions, checkAdam } from './adam.js'
import { Optimizer, type ParamsInput } from './optimizer.js'

export type LambOptions = Omit<AdamOptions, 'amsgrad'>

/**
 * Adam's bias-corrected direction plus weightDecay * p, which every tensor takes by lr * |p| / |direction| (by lr where either
 * norm is 0): large batches with one rate for layers of any scale (You et al., "Large batch optimization for deep learning",
 * 2020). Gradients are not clipped here: call `clipGradNorm` before.
 */
export class Lamb extends Optimizer<LambOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<LambOptions>, options: Partial<LambOptions> = {}) {
    super(params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weightDecay: 0.01, maximize: false }, options)
  }

  protected override check(group: LambOptions): void {
    checkAdam('Lamb', group)
  }

  override step(): void {
    for (const group of this.paramGroups) {
      const { lr, betas, eps, weightDecay, maximize } = group
      for (const { step, members } of this.batchesByStep(group)) {
        const groups = members.map(({ owner, state, ...updated }) => {
          const m = (state['exp_avg'] ??= this.fresh(owner, group, 'exp_avg')) as Tensor
          const v = (state['exp_avg_sq'] ??= this.fresh(owner, group, 'exp_avg_sq')) as Tensor
          return { ...updated, m, v }
        })
        lambStep(groups, { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, step, maximize })
      }
    }
  }
}
