// What is told of a training run as it goes. Place in the whole: the Trainer calls these hooks; loggers, averages of weights,
// early stopping and guards are objects that implement some of them, and the Trainer knows none of them by name.
import type { Module } from '../nn/module.js'
import type { OptimizerBase } from '../optim/optimizer.js'
import { didYouMean } from '../suggest.js'
import type { Tensor } from '../tensor/tensor.js'
import type { HistoryEntry } from './checkpoint.js'
import { ConfigError } from './config.js'
import type { GuardEvent } from './guard.js'
import type { RunRecord } from './record.js'

/** What JSON holds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** A run that begins, or goes on after a checkpoint. */
export interface FitContext {
  readonly model: Module
  /** By name; a single one is `main`. */
  readonly optimizers: ReadonlyMap<string, OptimizerBase<any>>
  /** Optimizer steps taken before. */
  readonly step: number
  readonly epoch: number
  readonly out: string | undefined
  /** Ends the run after the step being encoded, with a checkpoint. */
  readonly stop: () => void
  /** Ends it likewise, as complete and not as interrupted: `FitResult.finished` is the reason. */
  readonly finish: (reason: string) => void
  /** A line for the person who watches. */
  readonly log: (line: string) => void
  /** Tells all callbacks (`onRecord`) of figures besides those that steps and evaluations name. */
  readonly record: (record: RunRecord) => Promise<void>
}

/** A step that has finished. */
export interface StepReport {
  readonly step: number
  readonly epoch: number
  readonly loss: number
  /** The rate of the first optimizer's first group, as the step used it. */
  readonly lr: number
  /** Every number that the step named, the loss included; with a guard also the norm of the gradients before clipping. */
  readonly metrics: Readonly<Record<string, number>>
  /** True when a guard left the update out. */
  readonly skipped?: boolean
}

/** What a fit came to. */
export interface FitResult {
  readonly step: number
  readonly epoch: number
  /** Loss of the last step. */
  readonly loss: number
  readonly history: readonly HistoryEntry[]
  /** The newest checkpoint's folder. */
  readonly checkpoint: string | undefined
  /** With `keepBest`, the best checkpoint's folder. */
  readonly best: string | undefined
  /** True when a signal or `stop()` ended the run before its time. */
  readonly stopped: boolean
  /** Updates that a guard left out, and times that it went back to a checkpoint. */
  readonly skipped: number
  readonly rollbacks: number
  /** Why a callback ended the run as complete (early stopping), if one did. */
  readonly finished?: string
  /** What `fit` is about to throw; only callbacks see it. */
  readonly error?: unknown
}

/**
 * Hooks, each of which may be left out. All but `onUpdate` may return a promise, which the Trainer waits for. What one throws ends the run.
 * Hooks of several callbacks are called in the callbacks' order.
 */
export interface Callback {
  /** Names its state in checkpoints. Default: its class and place in the list. */
  readonly name?: string
  onFitStart?(context: FitContext): void | Promise<void>
  /**
   * An optimizer is about to update: gradients are there, clipped, and weights are as they were. Not called of optimizers that
   * compute the loss themselves (LBFGS, SAM). Synchronous, inside the step's scope.
   */
  onBeforeUpdate?(at: { readonly step: number; readonly epoch: number; readonly optimizer: string }): void
  /**
   * An optimizer's update has been encoded and has not run yet: the place for what must see every single version of the
   * weights (moving averages, projections). `optimizer` is its name. Synchronous, inside the step's scope.
   */
  onUpdate?(at: { readonly step: number; readonly epoch: number; readonly optimizer: string }): void
  /** A step has finished and its numbers are known; by then the next one may be encoded. */
  onStep?(report: StepReport): void | Promise<void>
  /** All batches of an epoch are behind; `epoch` counts those finished. Before the evaluation and the checkpoint. */
  onEpochEnd?(at: { readonly step: number; readonly epoch: number }): void | Promise<void>
  onEvaluate?(entry: HistoryEntry): void | Promise<void>
  /** A guard has left a step out, or taken the run back to a checkpoint, or is about to end it. */
  onGuard?(event: GuardEvent): void | Promise<void>
  /** A callback has measured something. */
  onRecord?(record: RunRecord): void | Promise<void>
  /** A checkpoint is on the disk; the run may be some steps further. */
  onCheckpoint?(at: { readonly step: number; readonly epoch: number; readonly path: string }): void | Promise<void>
  /**
   * The run has ended or was stopped; or it failed, and `result.error` is why: then every callback is called, and what one
   * throws is only shown.
   */
  onFitEnd?(result: FitResult): void | Promise<void>
  /** What a checkpoint must keep for this callback. */
  stateDict?(): Json
  /** Tensors that it must keep besides, by names of the callback's own: copied, not taken. */
  stateTensors?(): ReadonlyMap<string, Tensor>
  /** Takes both over, the tensors by copying. Not called for a checkpoint that has no state of this callback. */
  loadStateDict?(state: Json, tensors: ReadonlyMap<string, Tensor>): void
}

const HOOKS = [
  'onFitStart',
  'onBeforeUpdate',
  'onUpdate',
  'onStep',
  'onEpochEnd',
  'onEvaluate',
  'onGuard',
  'onRecord',
  'onCheckpoint',
  'onFitEnd',
]

type Hook = 'onFitStart' | 'onStep' | 'onEpochEnd' | 'onEvaluate' | 'onGuard' | 'onRecord' | 'onCheckpoint' | 'onFitEnd'

/** The callbacks of a Trainer. */
export class Callbacks {
  readonly #byName = new Map<string, Callback>()

  /** @throws ConfigError for a hook that does not exist and a name given twice */
  constructor(callbacks: readonly Callback[]) {
    for (const [i, callback] of callbacks.entries()) {
      const field = `callbacks.${i}`
      for (const key of Object.keys(callback))
        if (/^on[A-Z]/.test(key) && !HOOKS.includes(key))
          throw new ConfigError(
            'Trainer',
            `${field}.${key}`,
            `no such hook${didYouMean(key, HOOKS)} (${HOOKS.join(', ')})`,
          )
      const name = callback.name ?? `${callback.constructor.name}-${i}`
      if (this.#byName.has(name))
        throw new ConfigError('Trainer', `${field}.name`, `"${name}" is another callback's name`)
      this.#byName.set(name, callback)
    }
  }

  /** Whether any callback has this hook. */
  has(hook: Hook): boolean {
    return [...this.#byName.values()].some((callback) => callback[hook] !== undefined)
  }

  async call<H extends Hook>(hook: H, argument: Parameters<NonNullable<Callback[H]>>[0]): Promise<void> {
    for (const callback of this.#byName.values())
      await (callback[hook] as ((given: typeof argument) => void | Promise<void>) | undefined)?.call(callback, argument)
  }

  beforeUpdate(at: { readonly step: number; readonly epoch: number; readonly optimizer: string }): void {
    for (const callback of this.#byName.values()) callback.onBeforeUpdate?.(at)
  }

  updated(at: { readonly step: number; readonly epoch: number; readonly optimizer: string }): void {
    for (const callback of this.#byName.values()) callback.onUpdate?.(at)
  }

  /** The run has failed: every `onFitEnd` is called, whatever others throw. */
  async failed(result: FitResult, log: (line: string) => void): Promise<void> {
    for (const [name, callback] of this.#byName)
      try {
        await callback.onFitEnd?.(result)
      } catch (error) {
        log(`${name}.onFitEnd, called because the run failed, failed too: ${String(error)}`)
      }
  }

  stateDict(): Record<string, Json> {
    const states: Record<string, Json> = {}
    for (const [name, callback] of this.#byName) {
      const state = callback.stateDict?.()
      if (state !== undefined) states[name] = state
    }
    return states
  }

  /** All callbacks' tensors, as `callback/name`. */
  stateTensors(): Map<string, Tensor> {
    const all = new Map<string, Tensor>()
    for (const [name, callback] of this.#byName)
      for (const [key, tensor] of callback.stateTensors?.() ?? []) all.set(`${name}/${key}`, tensor)
    return all
  }

  loadStateDict(states: Readonly<Record<string, Json>>, tensors: ReadonlyMap<string, Tensor>): void {
    for (const [name, callback] of this.#byName) {
      const state = states[name]
      if (state === undefined) continue
      const own = [...tensors].filter(([key]) => key.startsWith(`${name}/`))
      callback.loadStateDict?.(state, new Map(own.map(([key, tensor]) => [key.slice(name.length + 1), tensor])))
    }
  }
}
