// Adam and AdamW, as torch.optim has them. Place in the whole: one fused command a group and step.
import { adamStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, freshState, type GroupOptions, Optimizer, type ParamGroup, type ParamsInput } from './optimizer.js'

export interface AdamOptions extends GroupOptions {
  betas: readonly [number, number]
  eps: number
  weightDecay: number
}

abstract class AdamBase extends Optimizer<AdamOptions> {
  readonly #decoupled: boolean

  constructor(params: ParamsInput<AdamOptions>, defaults: AdamOptions, decoupled: boolean) {
    super(params, defaults)
    this.#decoupled = decoupled
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamOptions): void {
    const who = this.constructor.name
    checkRange(who, 'lr', lr, 0, Number.POSITIVE_INFINITY)
    checkRange(who, 'betas[0]', betas[0], 0, 1)
    checkRange(who, 'betas[1]', betas[1], 0, 1)
    checkRange(who, 'eps', eps, 0, Number.POSITIVE_INFINITY)
    checkRange(who, 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
  }

  override step(): void {
    for (const group of this.paramGroups) this.#stepGroup(group)
  }

  #stepGroup(group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay } = group
    // The bias correction depends on the step count, which a parameter that joined later has of its own.
    for (const { key: before, params } of this.batches(group, (state) => Number(state['step'] ?? 0))) {
      const groups = params.map(({ param, grad, state }) => {
        state['step'] = before + 1
        state['exp_avg'] ??= freshState(param)
        state['exp_avg_sq'] ??= freshState(param)
        return [param, grad, state['exp_avg'] as Tensor, state['exp_avg_sq'] as Tensor] as const
      })
      const [beta1, beta2] = betas
      adamStep(groups, { lr, beta1, beta2, eps, weightDecay, step: before + 1, decoupled: this.#decoupled })
    }
  }
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019): p *= 1 - lr * weightDecay before Adam's step. */
export class AdamW extends AdamBase {
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01, ...options }, true)
  }
}

/** Adam (Kingma and Ba 2015); weight decay is added to the gradient. */
export class Adam extends AdamBase {
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, ...options }, false)
  }
}
