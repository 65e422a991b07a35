// Lookahead. Place in the whole: an optimizer around another one, whose groups it shares, so that schedules see one set of rates.

import { noGrad } from '../autograd/mode.js'
import { whole } from '../check.js'
import { outsideScopes } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { clone } from '../ops/convert.js'
import { lerpEach_ } from '../ops/eachTensor.js'
import { copy_ } from '../ops/inplace.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, Optimizer, type OptimizerState, type ParamState } from './optimizer.js'

export interface LookaheadOptions {
  /** Steps of the inner optimizer from one look back to the next. Default 5. */
  readonly k?: number
  /** How far the slow weights follow, 0 to 1. Default 0.5. */
  readonly alpha?: number
}

const SLOW = 'slow_buffer'
const COUNT = 'lookahead_step'

/**
 * Every k steps of the inner optimizer: slow += alpha * (p - slow);  p = slow (Zhang et al., "Lookahead optimizer: k steps
 * forward, 1 step back", 2019). The state dict is the inner one's, with `slow_buffer` and `lookahead_step` beside.
 */
export class Lookahead extends Optimizer<GroupOptions> {
  readonly #inner: Optimizer<any>
  readonly #k: number
  readonly #alpha: number
  #step = 0

  constructor(inner: Optimizer<any>, { k = 5, alpha = 0.5 }: LookaheadOptions = {}) {
    super(
      inner.paramGroups.map(({ params, lr }) => ({ params, lr })),
      { lr: 0 },
    )
    whole('Lookahead', { k }, 1)
    if (!(alpha >= 0 && alpha <= 1)) throw new ValueError(`Lookahead: alpha is ${alpha}, expected 0 to 1`)
    if (inner.paramGroups.some(({ masterWeights }) => masterWeights))
      throw new ValueError('Lookahead: the inner optimizer has masterWeights, which would undo it: train in f32')
    this.paramGroups.splice(0, this.paramGroups.length, ...inner.paramGroups)
    this.#inner = inner
    this.#k = k
    this.#alpha = alpha
  }

  protected override check({ lr }: GroupOptions): void {
    checkRange('Lookahead', 'lr', lr, 0, Number.POSITIVE_INFINITY)
  }

  override step(): void {
    const params = this.paramGroups.flatMap((group) => group.params)
    // The slow weights begin where the run does.
    for (const param of params) {
      if (this.state.has(param)) continue
      this.state.set(param, { [SLOW]: outsideScopes(() => noGrad(() => clone(param.detach()))) })
    }
    this.#inner.step()
    if (++this.#step % this.#k !== 0) return
    const slow = params.map((param) => this.state.get(param)?.[SLOW] as Tensor)
    noGrad(() => {
      lerpEach_(slow, params, this.#alpha)
      for (const [i, param] of params.entries()) copy_(param, slow[i] as Tensor)
    })
  }

  override stepParameter(): void {
    throw new ValueError(
      'Lookahead.stepParameter: its slow weights follow all parameters together: use the inner optimizer',
    )
  }

  override stateDict(): OptimizerState {
    const { state, param_groups } = this.#inner.stateDict()
    const own = super.stateDict().state
    for (const [i, kept] of Object.entries(own))
      state[Number(i)] = { ...state[Number(i)], ...kept, [COUNT]: this.#step }
    return { state, param_groups }
  }

  override loadStateDict({ state, param_groups }: OptimizerState): void {
    const own: Record<number, ParamState> = {}
    const inner: Record<number, ParamState> = {}
    let count = 0
    for (const [i, { [SLOW]: slow, [COUNT]: step, ...kept }] of Object.entries(state)) {
      if (Object.keys(kept).length > 0) inner[Number(i)] = kept
      if (slow !== undefined) own[Number(i)] = { [SLOW]: slow }
      if (step !== undefined) count = Number(step)
    }
    this.#inner.loadStateDict({ state: inner, param_groups })
    super.loadStateDict({ state: own, param_groups })
    this.#step = count
  }
}
