// Dynamic loss scaling, as torch.amp.GradScaler. Place in the whole: between backward and an optimizer's step, for products in f16, whose
// small gradients would vanish. Scale, counter and findings stay on the device: a step that found an infinity is left out there.
import { noGrad } from '../autograd/mode.js'
import { known, whole } from '../check.js'
import { outsideScopes } from '../engine/lifetime.js'
import { SinterError, ValueError } from '../errors.js'
import { cast } from '../ops/convert.js'
import { full } from '../ops/creation.js'
import { add_, fill_ } from '../ops/inplace.js'
import { type LossScaleRule, unscaleEach_, updateLossScale_ } from '../ops/lossScale.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Optimizer } from './optimizer.js'

export interface GradScalerOptions {
  /** Default 65536. */
  readonly initScale?: number
  /** More than 1. Default 2. */
  readonly growthFactor?: number
  /** Less than 1. Default 0.5. */
  readonly backoffFactor?: number
  /** Steps in a row without an infinity after which the scale grows. Default 2000. */
  readonly growthInterval?: number
  /** false: nothing is scaled, and every step happens. Default true. */
  readonly enabled?: boolean
}

/** PyTorch's names; empty when the scaler is not enabled. */
export type GradScalerState =
  | {
      scale: number
      growth_factor: number
      backoff_factor: number
      growth_interval: number
      _growth_tracker: number
    }
  | Record<string, never>

interface Found {
  /** One f32: 1 if a gradient was infinite or NaN. */
  readonly flag: Tensor
  stepped: boolean
}

/**
 * Multiplies losses by a scale, so that gradients in f16 neither vanish nor overflow, and finds the scale: a step whose gradients are
 * infinite or NaN is skipped, and the scale multiplied by `backoffFactor`; after `growthInterval` steps in a row that were not, it is
 * multiplied by `growthFactor`. Definition: torch.amp.GradScaler, with its numbers.
 *
 *     const loss = autocast({ dtype: 'f16' }, () => crossEntropy(model.call(x), y))
 *     scaler.scale(loss).backward()
 *     scaler.unscale(optimizer)               // where gradients are clipped, or looked at
 *     clipGradNorm(model.parameters(), 1)
 *     scaler.step(optimizer)
 *     scaler.update()
 *     optimizer.zeroGrad()
 *
 * Nothing is read back: the optimizer's commands are left out by the device, and its count of steps is corrected there
 * (`Optimizer.stepUnless` says which optimizers have to wait). Parameters stay in f32: gradients in f16 cannot be unscaled.
 */
export class GradScaler {
  readonly #options: Required<GradScalerOptions>
  readonly #found = new Map<Optimizer<any>, Found>()
  /** Where the scale begins, and with how many steps behind it. */
  #from: { scale: number; tracker: number }
  #rule: LossScaleRule
  /** One f32 each; made when a device is known. */
  #state: { scale: Tensor; tracker: Tensor } | null = null

  /** @throws ValueError for factors and intervals that make no sense */
  constructor(options: GradScalerOptions = {}) {
    known('GradScaler', options, ['initScale', 'growthFactor', 'backoffFactor', 'growthInterval', 'enabled'])
    const defaults = { initScale: 65536, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2000, enabled: true }
    this.#options = { ...defaults, ...options }
    const { initScale, growthFactor, backoffFactor, growthInterval } = this.#options
    this.#from = { scale: initScale, tracker: 0 }
    this.#rule = checkedRule({ growthFactor, backoffFactor, growthInterval })
    checkScale('initScale', initScale)
  }

  get enabled(): boolean {
    return this.#options.enabled
  }

  /** The loss times the scale; f32 where the loss is bf16 or f16, which could not hold it. */
  scale(loss: Tensor): Tensor {
    if (!this.enabled) return loss
    const { scale } = this.#on(loss)
    const wide = loss.dtype === 'f64' ? loss : cast(loss, 'f32')
    return wide.mul(noGrad(() => cast(scale, wide.dtype)))
  }

  /**
   * Divides the gradients of an optimizer's parameters by the scale, in place, and notes whether they are finite. `step` does it unless it
   * was done.
   *
   * @throws ValueError the second time before `update`, after `step`, for gradients in f16, and where there are no gradients
   */
  unscale(optimizer: Optimizer<any>): void {
    if (!this.enabled) return
    const before = this.#found.get(optimizer)
    if (before !== undefined) {
      const what = before.stepped ? 'step was called for' : 'unscale was called for'
      throw new ValueError(`GradScaler.unscale: ${what} this optimizer already: call update before the next one`)
    }
    const params: readonly Tensor[] = optimizer.paramGroups.flatMap((group) => group.params)
    const grads = params.map(({ grad }) => grad).filter((grad) => grad !== null)
    const [first] = grads
    if (first === undefined)
      throw new ValueError('GradScaler.unscale: no parameter of this optimizer has a gradient: call backward before')
    if (grads.some(({ dtype }) => dtype === 'f16'))
      throw new ValueError(
        'GradScaler.unscale: gradients in f16, where what the scale kept would be lost: leave the parameters in f32 and compute in autocast({ dtype: "f16" })',
      )
    const { scale } = this.#on(first)
    const flag = outsideScopes(() => full([], 0, { device: first.device }))
    noGrad(() => unscaleEach_(grads, scale, flag))
    this.#found.set(optimizer, { flag, stepped: false })
  }

  /**
   * The optimizer's step, unless its gradients, which are unscaled before, are not finite.
   *
   * @throws ValueError the second time before `update`
   */
  step(optimizer: Optimizer<any>): void {
    if (!this.enabled) {
      optimizer.step()
      return
    }
    if (this.#found.get(optimizer)?.stepped)
      throw new ValueError(
        'GradScaler.step: step was called for this optimizer already: call update before the next one',
      )
    if (!this.#found.has(optimizer)) this.unscale(optimizer)
    const found = this.#found.get(optimizer) as Found
    optimizer.stepUnless(found.flag)
    found.stepped = true
  }

  /**
   * The scale of the next step: after the steps of all optimizers, once.
   * @param scale to go on from, instead
   * @throws ValueError where no gradients were looked at since the last call
   */
  update(scale?: number): void {
    if (!this.enabled) return
    if (scale !== undefined) {
      checkScale('update', scale)
      if (this.#state === null) this.#from.scale = scale
      else fill_(this.#state.scale, scale)
      this.#forget()
      return
    }
    const [first, ...others] = [...this.#found.values()].map(({ flag }) => flag)
    if (first === undefined || this.#state === null)
      throw new ValueError('GradScaler.update: no gradients were unscaled since the last update: call step before')
    const { scale: current, tracker } = this.#state
    noGrad(() => {
      for (const flag of others) add_(first, flag)
      updateLossScale_(current, tracker, first, this.#rule)
    })
    this.#forget()
  }

  #forget(): void {
    for (const { flag } of this.#found.values()) flag.dispose()
    this.#found.clear()
  }

  /** The scale, 1 when not enabled; resolves when the device has computed it. */
  async getScale(): Promise<number> {
    if (!this.enabled) return 1
    return this.#state === null ? this.#from.scale : this.#state.scale.item()
  }

  /** Waits for the device. */
  stateDict(): GradScalerState {
    if (!this.enabled) return {}
    const { growthFactor, backoffFactor, growthInterval } = this.#rule
    return {
      scale: this.#state?.scale.itemSync() ?? this.#from.scale,
      growth_factor: growthFactor,
      backoff_factor: backoffFactor,
      growth_interval: growthInterval,
      _growth_tracker: this.#state?.tracker.itemSync() ?? this.#from.tracker,
    }
  }

  /** @throws SinterError SINTER_OPTIMIZER_STATE for a state without its numbers, such as that of a scaler that was not enabled */
  loadStateDict(state: GradScalerState): void {
    if (!this.enabled) return
    const { scale, growth_factor: growthFactor, backoff_factor: backoffFactor, growth_interval: growthInterval } = state
    const tracker = state['_growth_tracker']
    if ([scale, growthFactor, backoffFactor, growthInterval, tracker].some((x) => typeof x !== 'number'))
      throw new SinterError(
        'SINTER_OPTIMIZER_STATE',
        `GradScaler.loadStateDict: the state has ${Object.keys(state).join(', ') || 'nothing'}; it needs scale, growth_factor, backoff_factor, growth_interval and _growth_tracker`,
      )
    this.#rule = checkedRule({ growthFactor, backoffFactor, growthInterval } as LossScaleRule)
    this.#from = { scale: scale as number, tracker: tracker as number }
    for (const t of Object.values(this.#state ?? {})) t.dispose()
    this.#state = null
    this.#forget()
  }

  #on({ device }: Tensor): { scale: Tensor; tracker: Tensor } {
    this.#state ??= outsideScopes(() => ({
      scale: full([], this.#from.scale, { device }),
      tracker: full([], this.#from.tracker, { device }),
    }))
    return this.#state
  }
}

function checkScale(what: string, scale: number): void {
  if (!(scale > 0 && Number.isFinite(Math.fround(scale))))
    throw new ValueError(`GradScaler: ${what} is ${scale}, expected a positive number that f32 holds`)
}

function checkedRule(rule: LossScaleRule): LossScaleRule {
  const { growthFactor, backoffFactor, growthInterval } = rule
  if (!(growthFactor > 1)) throw new ValueError(`GradScaler: growthFactor is ${growthFactor}, expected more than 1`)
  if (!(backoffFactor > 0 && backoffFactor < 1))
    throw new ValueError(`GradScaler: backoffFactor is ${backoffFactor}, expected more than 0 and less than 1`)
  whole('GradScaler', { growthInterval }, 1)
  return rule
}
