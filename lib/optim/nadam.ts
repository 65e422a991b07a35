// NAdam, as torch.optim.NAdam. Place in the whole: one fused command a group and step.
import { nadamStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AdamOptions, checkAdam } from './adam.js'
import { checkRange, type Member, Optimizer, type ParamGroup, type ParamsInput } from './optimizer.js'

export interface NAdamOptions extends Omit<AdamOptions, 'amsgrad'> {
  /** How fast the momentum approaches betas[0]: at step t it is betas[0] (1 - 0.96^(t momentumDecay) / 2). */
  momentumDecay: number
  /** Decay the parameter itself, as AdamW does, instead of adding weightDecay * p to the gradient. */
  decoupledWeightDecay: boolean
}

/** Adam with Nesterov momentum (Dozat, "Incorporating Nesterov momentum into Adam", 2016). */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(params: ParamsInput<NAdamOptions>, options: Partial<NAdamOptions> = {}) {
    const defaults = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 4e-3 } as const
    super(params, { ...defaults, decoupledWeightDecay: false, maximize: false }, options)
  }

  protected override check(group: NAdamOptions): void {
    checkAdam('NAdam', group)
    checkRange('NAdam', 'momentumDecay', group.momentumDecay, 0, Number.POSITIVE_INFINITY)
  }

  override step(): void {
    for (const group of this.paramGroups)
      for (const { key: step, members } of this.batchesByStep(group)) this.#stepBatch(group, step, members)
  }

  #stepBatch(group: ParamGroup<NAdamOptions>, step: number, members: readonly Member[]): void {
    const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay: decoupled, maximize } = group
    const momentumAt = (t: number) => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay))
    const [momentum, nextMomentum] = [momentumAt(step), momentumAt(step + 1)]
    // A command has one product, and members that took their steps under other betas have another one.
    const byProduct = new Map<number, Member[]>()
    for (const member of members) {
      const product = Number(member.state['mu_product'] ?? 1) * momentum
      member.state['mu_product'] = product
      const alike = byProduct.get(product)
      if (alike) alike.push(member)
      else byProduct.set(product, [member])
    }
    for (const [product, alike] of byProduct) {
      const groups = alike.map(({ owner, state, ...updated }) => {
        const m = (state['exp_avg'] ??= this.fresh(owner, group, 'exp_avg')) as Tensor
        const v = (state['exp_avg_sq'] ??= this.fresh(owner, group, 'exp_avg_sq')) as Tensor
        return { ...updated, m, v }
      })
      const adam = { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, step, decoupled, maximize }
      nadamStep(groups, { ...adam, momentum, nextMomentum, product })
    }
  }
}
