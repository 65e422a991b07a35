// L-BFGS, as torch.optim.LBFGS. Place in the whole: the one rule that evaluates the loss itself, several times a step, and must read
// values to decide how to go on: `step` takes a closure and gives a promise. The line search is in line-search.ts.

import { noGrad } from '../autograd/mode.js'
import { whole } from '../check.js'
import { outsideScopes, scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { abs, add, add_, concat, copy_, max, mul, neg, sub, sum, zerosLike } from '../ops/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Evaluation, strongWolfe } from './line-search.js'
import {
  checkRange,
  type GroupOptions,
  OptimizerBase,
  type ParamGroup,
  type ParamsInput,
  refuseStochastic,
  type StateLike,
} from './optimizer.js'

export interface LBFGSOptions extends GroupOptions {
  /** Iterations a step. */
  maxIter: number
  /** Evaluations of the closure a step; null: 5/4 maxIter. */
  maxEval: number | null
  /** A step ends when no gradient is larger. */
  toleranceGrad: number
  /** A step ends when loss or parameters change by less. */
  toleranceChange: number
  /** Pairs of steps and gradient differences that are kept: that many times the parameters, twice. */
  historySize: number
  /** How far to go along a direction: by lr (null), or by a search, from lr on, for the strong Wolfe conditions. */
  lineSearchFn: 'strong_wolfe' | null
}

/** Zeroes the gradients, computes the loss and calls `backward` on it. */
export type Closure = () => Tensor | Promise<Tensor>

/**
 * Limited-memory BFGS (Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989), for losses
 * without noise: full batches. One group; all parameters of one floating-point dtype.
 *
 *     const loss = await optimizer.step(() => {
 *       optimizer.zeroGrad()
 *       const loss = mse(model.call(x), y)
 *       loss.backward()
 *       return loss
 *     })
 *
 * State of all parameters together is kept with the first one: `d`, `t`, `H_diag`, `prev_flat_grad`, `prev_loss`, counters, and
 * the history `old_dirs.i`, `old_stps.i`, `ro.i`, oldest first.
 */
export class LBFGS extends OptimizerBase<LBFGSOptions> {
  constructor(params: ParamsInput<LBFGSOptions>, options: Partial<LBFGSOptions> = {}) {
    const tolerances = { toleranceGrad: 1e-7, toleranceChange: 1e-9 }
    super(
      params,
      {
        lr: 1,
        maxIter: 20,
        maxEval: null,
        ...tolerances,
        historySize: 100,
        lineSearchFn: null,
      },
      options,
    )
    if (this.paramGroups.length !== 1)
      throw new ValueError(
        `LBFGS: ${this.paramGroups.length} groups; it takes one, since it steps by all parameters at once`,
      )
  }

  protected override check(group: ParamGroup<LBFGSOptions>): void {
    refuseStochastic('LBFGS', group)
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn, masterWeights, params } =
      group
    for (const [name, value] of Object.entries({ lr, toleranceGrad, toleranceChange }))
      checkRange('LBFGS', name, value, 0, Number.POSITIVE_INFINITY)
    whole('LBFGS', { maxIter, historySize, maxEval: maxEval ?? 1 }, 1)
    if (lineSearchFn !== null && lineSearchFn !== 'strong_wolfe')
      throw new ValueError(`LBFGS: lineSearchFn is '${lineSearchFn as string}', expected 'strong_wolfe' or null`)
    if (masterWeights) throw new ValueError('LBFGS: it has no masterWeights: train in f32')
    const dtypes = new Set(params.map(({ dtype }) => dtype))
    if (dtypes.size > 1) throw new ValueError(`LBFGS: parameters in ${[...dtypes].join(' and ')}; it takes one dtype`)
  }

  protected override stateLike(param: Tensor): StateLike {
    const n = this.#params.reduce((k, { numel }) => k + numel, 0)
    return { shape: [n], dtype: param.dtype }
  }

  get #params(): readonly Tensor[] {
    return (this.paramGroups[0] as ParamGroup<LBFGSOptions>).params
  }

  /** Up to `maxIter` iterations. Resolves to the loss at the parameters that the step began with. */
  async step(closure: Closure): Promise<Tensor> {
    const { lr, maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn, ...group } = this
      .paramGroups[0] as ParamGroup<LBFGSOptions>
    const maxEval = group.maxEval ?? Math.floor((maxIter * 5) / 4)
    const first = this.#params[0] as Tensor
    const state = this.state.get(first) ?? {}
    this.state.set(first, state)
    const history = new History(state)
    const count = (name: string, more: number) => {
      state[name] = Number(state[name] ?? 0) + more
    }

    const original = await closure()
    let loss = Number(await original.item())
    let grad = this.#flatGrad()
    let evaluations = 1
    count('func_evals', 1)
    count('n_iter', 0)
    let direction = state['d'] as Tensor
    let t = Number(state['t'])
    let optimal = (await largest(grad)) <= toleranceGrad
    for (let i = 1; !optimal; i++) {
      count('n_iter', 1)
      if (state['n_iter'] === 1) {
        direction = vector(() => neg(grad))
        state['H_diag'] = 1
      } else {
        await history.push(grad, direction, t, historySize)
        const next = history.direction(grad)
        direction.dispose()
        direction = next
      }
      state['d'] = direction
      keep(state, 'prev_flat_grad', grad)
      const before = loss
      state['prev_loss'] = before
      t = state['n_iter'] === 1 ? Math.min(1, 1 / (await value(() => sum(abs(grad))))) * lr : lr
      state['t'] = t
      const slope = await dot(grad, direction)
      if (slope > -toleranceChange) break

      let spent = 0
      if (lineSearchFn === 'strong_wolfe') {
        const start = this.#params.map((p) => vector(() => p.clone()))
        const evaluate = async (at: number): Promise<Evaluation> => {
          this.#move(at, direction)
          const found = Number(await (await closure()).item())
          const flat = this.#flatGrad()
          noGrad(() => this.#params.forEach((p, k) => void copy_(p, start[k] as Tensor)))
          return { t: at, loss: found, grad: flat, slope: await dot(flat, direction) }
        }
        const begin = { t: 0, loss, grad, slope }
        const search = { begin, first: t, size: await largest(direction), toleranceChange, most: maxEval - evaluations }
        const found = await strongWolfe(search, evaluate)
        for (const p of start) p.dispose()
        ;({ t, loss, grad } = found.best)
        spent = found.evaluations
        state['t'] = t
        this.#move(t, direction)
        optimal = (await largest(grad)) <= toleranceGrad
      } else {
        this.#move(t, direction)
        // The last iteration's loss is the next step's first.
        if (i !== maxIter) {
          loss = Number(await (await closure()).item())
          grad.dispose()
          grad = this.#flatGrad()
          optimal = (await largest(grad)) <= toleranceGrad
          spent = 1
        }
      }
      evaluations += spent
      count('func_evals', spent)
      if (i === maxIter || evaluations >= maxEval || optimal) break
      if ((await largest(direction)) * Math.abs(t) <= toleranceChange || Math.abs(loss - before) < toleranceChange)
        break
    }
    grad.dispose()
    return original
  }

  #flatGrad(): Tensor {
    return vector(() =>
      concat(
        this.#params.map((p) => (p.grad ?? zerosLike(p)).flatten()),
        0,
      ),
    )
  }

  /** Every parameter goes t times its part of the direction. */
  #move(t: number, direction: Tensor): void {
    let at = 0
    noGrad(() =>
      scope(() => {
        for (const p of this.#params) {
          add_(p, direction.slice(0, at, at + p.numel).reshape(p.shape), { alpha: t })
          at += p.numel
        }
      }),
    )
  }
}

/** The pairs that stand for the inverse Hessian, in a state. */
class History {
  readonly #state: Record<string, Tensor | number>

  constructor(state: Record<string, Tensor | number>) {
    this.#state = state
  }

  get #size(): number {
    let size = 0
    while (`ro.${size}` in this.#state) size++
    return size
  }

  /** Takes the last step (t times the direction) and what it changed of the gradient, if their product is positive. */
  async push(grad: Tensor, direction: Tensor, t: number, most: number): Promise<void> {
    const state = this.#state
    const change = vector(() => sub(grad, state['prev_flat_grad'] as Tensor))
    const step = vector(() => mul(direction, t))
    const product = await dot(change, step)
    if (!(product > 1e-10)) {
      change.dispose()
      step.dispose()
      return
    }
    let size = this.#size
    if (size === most) {
      for (const name of NAMES) {
        const oldest = state[`${name}.0`]
        if (typeof oldest === 'object') oldest.dispose()
        for (let i = 1; i < size; i++) state[`${name}.${i - 1}`] = state[`${name}.${i}`] as Tensor | number
      }
      size--
    }
    state[`old_dirs.${size}`] = change
    state[`old_stps.${size}`] = step
    state[`ro.${size}`] = 1 / product
    state['H_diag'] = product / (await dot(change, change))
  }

  /** Minus the inverse Hessian times the gradient, by two loops over the pairs (Nocedal 1980); nothing is read back. */
  direction(grad: Tensor): Tensor {
    const pairs = Array.from({ length: this.#size }, (_, i) => NAMES.map((name) => this.#state[`${name}.${i}`]))
    return vector(() => {
      let q: Tensor = neg(grad)
      const weights: Tensor[] = []
      for (const [change, step, ro] of [...pairs].reverse() as [Tensor, Tensor, number][]) {
        const weight: Tensor = mul(sum(mul(step, q)), ro)
        weights.unshift(weight)
        q = sub(q, mul(change, weight))
      }
      let r: Tensor = mul(q, this.#state['H_diag'] as number)
      for (const [i, [change, step, ro]] of (pairs as [Tensor, Tensor, number][]).entries())
        r = add(r, mul(step, sub(weights[i] as Tensor, mul(sum(mul(change, r)), ro))))
      return r
    })
  }
}

const NAMES = ['old_dirs', 'old_stps', 'ro'] as const

/** Of a step's own: made outside any scope, since a step ends long after the scope that it is called in. */
const vector = (make: () => Tensor): Tensor => outsideScopes(() => scope(() => noGrad(make)))

async function value(make: () => Tensor): Promise<number> {
  const found = vector(make)
  const number = await found.item()
  found.dispose()
  return number as number
}

const dot = (a: Tensor, b: Tensor): Promise<number> => value(() => sum(mul(a, b)))
const largest = (x: Tensor): Promise<number> => value(() => max(abs(x)))

/** A copy in the state, in the place of what it had. */
function keep(state: Record<string, Tensor | number>, name: string, from: Tensor): void {
  const old = state[name]
  if (typeof old === 'object') noGrad(() => copy_(old, from))
  else state[name] = vector(() => from.clone())
}
