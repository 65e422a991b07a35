// Stochastic gradient descent with momentum, as torch.optim.SGD. Place in the whole: one fused command a group and step.
import { ValueError } from '../errors.js'
import type { StepCount } from '../ops/multiTensor.js'
import { sgdStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  checkRange,
  type GroupOptions,
  type Member,
  Optimizer,
  type OptimizerState,
  type ParamGroup,
  type ParamsInput,
} from './optimizer.js'

export interface SGDOptions extends GroupOptions {
  momentum: number
  dampening: number
  weightDecay: number
  nesterov: boolean
  /** Ascend instead of descending. */
  maximize: boolean
}

/**
 * g = grad + weightDecay * p;  b = momentum * b + (1 - dampening) * g (the first time b = g);
 * p -= lr * b, with nesterov p -= lr * (g + momentum * b).
 */
export class SGD extends Optimizer<SGDOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<SGDOptions>, options: Partial<SGDOptions> & { lr: number }) {
    super(params, { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false }, options)
  }

  protected override check({ lr, momentum, weightDecay, nesterov, dampening }: SGDOptions): void {
    checkRange('SGD', 'lr', lr, 0, Number.POSITIVE_INFINITY)
    checkRange('SGD', 'momentum', momentum, 0, Number.POSITIVE_INFINITY)
    checkRange('SGD', 'weightDecay', weightDecay, 0, Number.POSITIVE_INFINITY)
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ValueError(`SGD: nesterov needs momentum and no dampening, found ${momentum} and ${dampening}`)
    }
  }

  override step(): void {
    for (const group of this.paramGroups) this.#stepGroup(group)
  }

  #stepGroup(group: ParamGroup<SGDOptions>): void {
    const { momentum } = group
    if (momentum === 0) for (const { members } of this.batches(group, () => 0)) this.#stepBatch(group, 1, members)
    // A buffer's first value is the gradient itself, so its steps are counted.
    else for (const { step, members } of this.batchesByStep(group)) this.#stepBatch(group, step, members)
  }

  #stepBatch(group: ParamGroup<SGDOptions>, step: StepCount, members: readonly Member[]): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group
    const groups = members.map(({ owner, state, ...updated }) => {
      if (momentum !== 0) state['momentum_buffer'] ??= this.fresh(owner, group, 'momentum_buffer')
      return { ...updated, buffer: (state['momentum_buffer'] ?? null) as Tensor | null }
    })
    sgdStep(groups, { lr, momentum, dampening, weightDecay, nesterov, maximize, step })
  }

  /** PyTorch's has no counts of steps: a buffer that is there has taken one. */
  override stateDict(): OptimizerState {
    const { state, param_groups } = super.stateDict()
    for (const kept of Object.values(state)) delete kept['step']
    return { state, param_groups }
  }

  override loadStateDict(from: OptimizerState): void {
    super.loadStateDict(from)
    for (const kept of this.state.values()) if (kept['momentum_buffer'] !== undefined) kept['step'] = 1
  }
}
