// Adam and AdamW, as torch.optim has them. Place in the whole: one fused command a group and step.
import { adamStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, Optimizer, type ParamGroup, type ParamsInput } from './optimizer.js'

export interface AdamOptions extends GroupOptions {
  betas: readonly [number, number]
  eps: number
  weightDecay: number
  /** Divide by the largest second moment so far (Reddi, Kale and Kumar 2018). */
  amsgrad: boolean
  /** Ascend instead of descending. */
  maximize: boolean
}

/** What Adam and its relatives take. */
export function checkAdam(
  who: string,
  { lr, betas, eps, weightDecay }: Pick<AdamOptions, 'lr' | 'betas' | 'eps' | 'weightDecay'>,
): void {
  checkRange(who, 'lr', lr, 0, Number.POSITIVE_INFINITY)
  checkRange(who, 'betas[0]', betas[0], 0, 1)
  checkRange(who, 'betas[1]', betas[1], 0, 1)
  checkRange(who, 'eps', eps, 0, Number.POSITIVE_INFINITY)
  checkRange(who, 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
}

abstract class AdamBase extends Optimizer<AdamOptions> {
  protected override readonly skipsOnDevice = true
  readonly #decoupled: boolean

  constructor(
    params: ParamsInput<AdamOptions>,
    defaults: AdamOptions,
    options: Partial<AdamOptions>,
    decoupled: boolean,
  ) {
    super(params, defaults, options)
    this.#decoupled = decoupled
  }

  protected override check(group: AdamOptions): void {
    checkAdam(this.constructor.name, group)
  }

  override step(): void {
    for (const group of this.paramGroups) this.#stepGroup(group)
  }

  #stepGroup(group: ParamGroup<AdamOptions>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group
    for (const { step, members } of this.batchesByStep(group)) {
      const groups = members.map(({ owner, state, param, grad, low, stochastic }) => {
        const m = (state['exp_avg'] ??= this.fresh(owner, group, 'exp_avg')) as Tensor
        const v = (state['exp_avg_sq'] ??= this.fresh(owner, group, 'exp_avg_sq')) as Tensor
        const largest = amsgrad
          ? ((state['max_exp_avg_sq'] ??= this.fresh(owner, group, 'max_exp_avg_sq')) as Tensor)
          : null
        return { param, grad, low, stochastic, m, v, largest }
      })
      const [beta1, beta2] = betas
      adamStep(groups, { lr, beta1, beta2, eps, weightDecay, step, decoupled: this.#decoupled, maximize })
    }
  }
}

const DEFAULTS = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false } as const

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019): p *= 1 - lr * weightDecay before Adam's step. */
export class AdamW extends AdamBase {
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { ...DEFAULTS, weightDecay: 0.01 }, options, true)
  }
}

/** Adam (Kingma and Ba 2015); weight decay is added to the gradient. */
export class Adam extends AdamBase {
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { ...DEFAULTS }, options, false)
  }
}
