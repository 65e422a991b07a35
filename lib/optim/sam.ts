// Sharpness-aware minimization. Place in the whole: two gradients a step around another optimizer, whose groups it shares. Nothing is
// read back: a step is commands only.
import { noGrad } from '../autograd/mode.js'
import { outsideScopes, scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { cast, clone } from '../ops/convert.js'
import { totalNorm } from '../ops/gradientNorm.js'
import { abs, add, add_, copy_, div, mul } from '../ops/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkRange, type GroupOptions, type Optimizer, OptimizerBase, type OptimizerState } from './optimizer.js'

export interface SAMOptions {
  /** How far to climb. Default 0.05, or 0.5 when adaptive. */
  readonly rho?: number
  /** Measure distance relative to the size of each weight (ASAM). Default false. */
  readonly adaptive?: boolean
  /** Added to that size. Default 0.01. */
  readonly eta?: number
}

/**
 * Steps by the gradient at the worst point nearby, p + e with e = rho g / |g| over all parameters (Foret et al., "Sharpness-aware
 * minimization for efficiently improving generalization", 2021); adaptive, with t = |p| + eta: e = rho t^2 g / |t g| (Kwon et al.,
 * "ASAM", 2021). `step(closure)` does both passes; or after a backward `firstStep()`, then zeroGrad, another backward at the point
 * climbed to, and `secondStep()`, which goes back and lets the inner optimizer step. The state dict is the inner optimizer's.
 */
export class SAM extends OptimizerBase<GroupOptions> {
  readonly #inner: Optimizer<any>
  readonly #options: Required<SAMOptions>
  readonly #before = new Map<Tensor, Tensor>()

  constructor(inner: Optimizer<any>, options: SAMOptions = {}) {
    super(
      inner.paramGroups.map(({ params, lr }) => ({ params, lr })),
      { lr: 0 },
    )
    const { adaptive = false, eta = 0.01 } = options
    const { rho = adaptive ? 0.5 : 0.05 } = options
    checkRange('SAM', 'rho', rho, 0, Number.POSITIVE_INFINITY)
    checkRange('SAM', 'eta', eta, 0, Number.POSITIVE_INFINITY)
    this.paramGroups.splice(0, this.paramGroups.length, ...inner.paramGroups)
    this.#inner = inner
    this.#options = { rho, adaptive, eta }
  }

  protected override check({ lr }: GroupOptions): void {
    checkRange('SAM', 'lr', lr, 0, Number.POSITIVE_INFINITY)
  }

  /** Climbs from the parameters along their gradients. */
  firstStep(): void {
    if (this.#before.size > 0)
      throw new ValueError('SAM.firstStep: the parameters have climbed already: call secondStep')
    const params = this.paramGroups.flatMap((group) => group.params).filter((param) => param.grad !== null)
    if (params.length === 0) throw new ValueError('SAM.firstStep: no parameter has a gradient: call it after backward')
    const { rho, adaptive, eta } = this.#options
    for (const param of params)
      this.#before.set(
        param,
        outsideScopes(() => noGrad(() => clone(param.detach()))),
      )
    noGrad(() =>
      scope(() => {
        const sizes = params.map((param) => (adaptive ? add(abs(param), eta) : null))
        const scaled = (x: Tensor, size: Tensor | null): Tensor => (size ? mul(x, size) : x)
        const steps = params.map((param, i) => scaled(cast(param.grad as Tensor, param.dtype), sizes[i] ?? null))
        const scale = div(rho, add(totalNorm(steps), 1e-12))
        for (const [i, param] of params.entries())
          add_(param, mul(scaled(steps[i] as Tensor, sizes[i] ?? null), cast(scale, param.dtype)))
      }),
    )
  }

  /** Goes back to where `firstStep` began, to the bit, and steps by the gradients that the parameters have now. */
  secondStep(): void {
    if (this.#before.size === 0) throw new ValueError('SAM.secondStep: call firstStep before')
    noGrad(() => {
      for (const [param, before] of this.#before) {
        copy_(param, before)
        before.dispose()
      }
    })
    this.#before.clear()
    this.#inner.step()
  }

  /** Both passes. The closure computes the loss and calls `backward`, without zeroing gradients; the first loss is returned. */
  step(closure: () => Tensor): Tensor {
    this.zeroGrad()
    const loss = closure()
    this.firstStep()
    this.zeroGrad()
    closure()
    this.secondStep()
    return loss
  }

  override stateDict(): OptimizerState {
    return this.#inner.stateDict()
  }

  override loadStateDict(state: OptimizerState): void {
    this.#inner.loadStateDict(state)
  }
}
