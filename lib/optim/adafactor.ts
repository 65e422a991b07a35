// Adafactor, as torch.optim.Adafactor. Place in the whole: second moments of n + m numbers for a matrix (n, m); one fused command
// a group and step.
import { factoredShapes } from '../ops/factoredShapes.js'
import type { StepCount } from '../ops/multiTensor.js'
import { adafactorStep } from '../ops/optimizeByTensor.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  checkRange,
  type GroupOptions,
  type Member,
  Optimizer,
  type ParamGroup,
  type ParamsInput,
  type StateLike,
} from './optimizer.js'

/** Of numbers at 1. */
const SPACING: Readonly<Record<string, number>> = { f32: 2 ** -23, f64: 2 ** -52, bf16: 2 ** -7, f16: 2 ** -10 }

export interface AdafactorOptions extends GroupOptions {
  /** The moments' weight at step t is t^beta2Decay. */
  beta2Decay: number
  /** The least root of a second moment (null: the spacing of the dtype's numbers at 1), and the least size of a parameter. */
  eps: readonly [number | null, number]
  /** Steps with a root mean square above this are scaled down to it. */
  d: number
  weightDecay: number
  /** Ascend instead of descending. */
  maximize: boolean
}

/**
 * Steps relative to the size of the parameter, by the square root of second moments that are kept for the rows and columns of
 * the last two dimensions only (Shazeer and Stern 2018); parameters with fewer dimensions keep them all.
 */
export class Adafactor extends Optimizer<AdafactorOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<AdafactorOptions>, options: Partial<AdafactorOptions> = {}) {
    super(params, { lr: 0.01, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0, maximize: false }, options)
  }

  protected override check({ lr, beta2Decay, eps, d, weightDecay }: AdafactorOptions): void {
    checkRange('Adafactor', 'lr', lr, 0, Number.POSITIVE_INFINITY)
    checkRange('Adafactor', '-beta2Decay', -beta2Decay, 0, Number.POSITIVE_INFINITY)
    if (eps[0] !== null) checkRange('Adafactor', 'eps[0]', eps[0], 0, Number.POSITIVE_INFINITY)
    checkRange('Adafactor', 'eps[1]', eps[1], 0, Number.POSITIVE_INFINITY)
    checkRange('Adafactor', 'd', d, 1, Number.POSITIVE_INFINITY)
    checkRange('Adafactor', 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
  }

  protected override stateLike(param: Tensor, group: ParamGroup<AdafactorOptions>, name: string): StateLike {
    const like = super.stateLike(param, group, name)
    if (name === 'row_var') return { ...like, shape: factoredShapes(param.shape).rows }
    if (name === 'col_var') return { ...like, shape: factoredShapes(param.shape).columns }
    return like
  }

  override step(): void {
    for (const group of this.paramGroups)
      for (const { step, members } of this.batchesByStep(group)) this.#stepBatch(group, step, members)
  }

  #stepBatch(group: ParamGroup<AdafactorOptions>, step: StepCount, members: readonly Member[]): void {
    const { lr, beta2Decay, eps, d, weightDecay, maximize } = group
    const groups = members.map(({ owner, state, ...updated }) => {
      const of = (name: string) => (state[name] ??= this.fresh(owner, group, name)) as Tensor
      if (owner.rank < 2) return { ...updated, variance: of('variance') }
      return { ...updated, rows: of('row_var'), columns: of('col_var') }
    })
    // One dtype a batch, so one spacing.
    const eps1 = eps[0] ?? (SPACING[(members[0] as Member).param.dtype] as number)
    adafactorStep(groups, { lr, beta2Decay, eps1, eps2: eps[1], d, weightDecay, step, maximize })
  }
}
