// Adam and AdamW with state in 8 bits. Place in the whole: a quarter of Adam's state; otherwise as adam.ts.

import type { StepCount } from '../ops/multiTensor.js'
import { adamStep } from '../ops/optimize.js'
import { adam8bitStep, CODE_BLOCK } from '../ops/optimizeByTensor.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AdamOptions, checkAdam } from './adam.js'
import { checkRange, type Member, Optimizer, type ParamGroup, type ParamsInput, type StateLike } from './optimizer.js'

export interface Adam8bitOptions extends Omit<AdamOptions, 'amsgrad'> {
  /** Parameters with fewer elements keep their state as Adam does: it weighs little, and small tensors are the touchy ones. */
  min8bitSize: number
}

/** The scales of a moment's blocks, by their names in a state dict. */
const SCALES: Readonly<Record<string, string>> = { exp_avg: 'exp_avg_absmax', exp_avg_sq: 'exp_avg_sq_absmax' }

abstract class Adam8bitBase extends Optimizer<Adam8bitOptions> {
  protected override readonly skipsOnDevice = true
  readonly #decoupled: boolean

  constructor(
    params: ParamsInput<Adam8bitOptions>,
    defaults: Adam8bitOptions,
    options: Partial<Adam8bitOptions>,
    decoupled: boolean,
  ) {
    super(params, defaults, options)
    this.#decoupled = decoupled
  }

  protected override check(group: Adam8bitOptions): void {
    const who = this.constructor.name
    checkAdam(who, group)
    checkRange(who, 'min8bitSize', group.min8bitSize, 0, Number.POSITIVE_INFINITY)
  }

  protected override stateLike(param: Tensor, group: ParamGroup<Adam8bitOptions>, name: string): StateLike {
    if (isCoded(param, group)) {
      if (name in SCALES) return { shape: param.shape, dtype: 'u8' }
      if (Object.values(SCALES).includes(name)) return { shape: [Math.ceil(param.numel / CODE_BLOCK)], dtype: 'f32' }
    }
    return super.stateLike(param, group, name)
  }

  override step(): void {
    for (const group of this.paramGroups)
      for (const { step, members } of this.batchesByStep(group)) this.#stepBatch(group, step, members)
  }

  #stepBatch(group: ParamGroup<Adam8bitOptions>, step: StepCount, members: readonly Member[]): void {
    const { lr, betas, eps, weightDecay, maximize } = group
    const options = {
      lr,
      beta1: betas[0],
      beta2: betas[1],
      eps,
      weightDecay,
      step,
      decoupled: this.#decoupled,
      maximize,
    }
    const moments = ({ owner, state, ...updated }: Member) => {
      // Zeros are no state as codes, too: their blocks' scales are zero.
      const of = (name: string) => (state[name] ??= this.fresh(owner, group, name)) as Tensor
      return { of, m: of('exp_avg'), v: of('exp_avg_sq'), ...updated }
    }
    const coded = members.filter(({ owner }) => isCoded(owner, group)).map(moments)
    const plain = members.filter(({ owner }) => !isCoded(owner, group)).map(moments)
    const scaled = coded.map(({ of, ...g }) => ({
      ...g,
      mScale: of('exp_avg_absmax'),
      vScale: of('exp_avg_sq_absmax'),
    }))
    adam8bitStep(scaled, options)
    adamStep(plain, options)
  }
}

const isCoded = (param: Tensor, { min8bitSize }: Adam8bitOptions): boolean =>
  param.dtype !== 'f64' && param.numel >= min8bitSize

const DEFAULTS = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maximize: false,
  min8bitSize: 4096,
} as const

/**
 * AdamW with moments of 8 bits, a block of 256 elements sharing a scale (Dettmers et al. 2022): 2 bytes of state a parameter
 * instead of 8. Parameters below `min8bitSize` elements, and those in f64, keep Adam's state. The state dict holds codes
 * (`exp_avg`, `exp_avg_sq`, u8) and scales (`exp_avg_absmax`, `exp_avg_sq_absmax`, f32).
 */
export class AdamW8bit extends Adam8bitBase {
  constructor(params: ParamsInput<Adam8bitOptions>, options: Partial<Adam8bitOptions> = {}) {
    super(params, { ...DEFAULTS, weightDecay: 0.01 }, options, true)
  }
}

/** Adam with moments of 8 bits, as `AdamW8bit`; weight decay is added to the gradient. */
export class Adam8bit extends Adam8bitBase {
  constructor(params: ParamsInput<Adam8bitOptions>, options: Partial<Adam8bitOptions> = {}) {
    super(params, { ...DEFAULTS }, options, false)
  }
}
