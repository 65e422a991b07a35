// What a Trainer takes. Place in the whole: the interface, and its run-time twin for callers whose mistakes the compiler
// does not see.
import { z } from 'zod'
import type { LoaderState } from '../data/state.js'
import { Module } from '../nn/module.js'
import type { AutocastOptions } from '../ops/autocast.js'
import { type Optimizer, OptimizerBase } from '../optim/optimizer.js'
import { ReduceLROnPlateau } from '../optim/schedulers/plateau.js'
import { Scheduler } from '../optim/schedulers/scheduler.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Callback, StepReport } from './callback.js'
import { checked } from './config.js'
import { type GuardOptions, guardSchema } from './guard-options.js'
import { type ClosureOptimizer, MAIN, type OptimizerSetup } from './optimizers.js'
import type { Progress } from './progress.js'
import type { KeepBest } from './retention.js'

/** What a Trainer needs of its data: a DataLoader, or anything that iterates an epoch; with `state` it knows its place. */
export interface TrainingData<B> extends AsyncIterable<B> {
  batchCount?(): Promise<number | undefined>
  state?(): LoaderState
  loadState?(state: LoaderState): void
  /** Indices of the samples of a batch that it gave, which error messages name. */
  samplesOf?(batch: unknown): ArrayLike<number> | undefined
}

/** What a `step` function is given besides the batch. */
export interface StepContext {
  /** Steps finished before this one. */
  readonly step: number
  readonly epoch: number
  /**
   * Computes gradients of a loss (one number) and updates with them: clipping, scaling, the optimizer's step and its
   * schedule as its setup says. With `accumulate` the update waits for the step's last batch. Of several optimizers, say
   * which; only its parameters receive gradients.
   */
  readonly update: (loss: Tensor, optimizer?: string) => void
}

/** Options of a Trainer; those of its single optimizer (scheduler, clipNorm, ...) may be given here. */
export interface TrainerOptions<B> extends Partial<OptimizerSetup> {
  readonly model: Module
  /** Several optimizers by name, instead of `optimizer`. */
  readonly optimizers?: Readonly<Record<string, Optimizer<any> | ClosureOptimizer | OptimizerSetup>>
  readonly data: TrainingData<B>
  /** The loss of a batch, one number: the short form of `step`. */
  readonly loss?: (batch: B) => Tensor
  /**
   * A step of any kind: computes losses, calls `context.update` for each, and returns what is to be reported (numbers, or
   * tensors of one element). `loss` among them is the one that is displayed and guarded, else the first.
   */
  readonly step?: (batch: B, context: StepContext) => Readonly<Record<string, Tensor | number>>
  /**
   * Batches whose gradients make one step: their mean, each weighted by its items, so that the step is that of one big
   * batch whose loss is a mean over items. An epoch's last step may have fewer. Default 1.
   */
  readonly accumulate?: number
  /**
   * Runs `loss`, or `step` but for its updates, in autocast: 'bf16', 'f16' (with a `scaler`, or small gradients vanish) or
   * autocast's options. `evaluate` is its own affair. Default: none.
   */
  readonly autocast?: 'bf16' | 'f16' | AutocastOptions
  /** Passes over the data. Give this or `steps`. */
  readonly epochs?: number
  /** Steps. */
  readonly steps?: number
  /** Scores to report; see `evaluate` for averages over a data set. */
  readonly evaluate?: (at: { step: number; epoch: number }) => Promise<Readonly<Record<string, number>>>
  /** Steps between evaluations. Default: after every epoch; always at the end. */
  readonly evaluateEvery?: number
  /** Folder for checkpoints. Without it none are written. */
  readonly out?: string
  /** Steps between checkpoints. Default: after every epoch; always at the end. */
  readonly checkpointEvery?: number
  /**
   * Write checkpoints while training goes on: at the step, model and states are copied into the process's memory, as much again; the next
   * checkpoint waits for the one before. false: training waits, and one tensor at a time is copied. Default true.
   */
  readonly asyncCheckpoints?: boolean
  /** The newest checkpoints that are kept. Default 2. */
  readonly keep?: number
  /** Best checkpoints that are kept besides. */
  readonly keepBest?: KeepBest
  /**
   * What is done about steps whose loss or gradients are not finite, or rise suddenly. Of a single plain optimizer each step's numbers are
   * then waited for before its update. Default: a loss that is not finite ends the run, a step late.
   */
  readonly guard?: GuardOptions
  readonly callbacks?: readonly Callback[]
  /** Called as training goes on, with the numbers of each finished step. */
  readonly onStep?: (report: StepReport) => void
  readonly name?: string
  readonly progress?: Progress
  /** What is counted a second: items of a batch, and their name. Default: the first tensor's first dimension, 'samples'. */
  readonly throughput?: { readonly unit: string; readonly of: (batch: B) => number }
  /** Save and stop at Ctrl-C (SIGINT, SIGTERM). Default false: a library does not take the process's signals. */
  readonly handleSignals?: boolean
}

const count = z.number().int().min(1)
const fn = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'a function')
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isData = (value: unknown) => isObject(value) && Symbol.asyncIterator in value
const isScheduler = (value: unknown) => value instanceof Scheduler || value instanceof ReduceLROnPlateau
const isScaler = (value: unknown) =>
  isObject(value) &&
  ['scale', 'unscale', 'step', 'update'].every((name) => typeof Reflect.get(value, name) === 'function')

const optimizer = z.instanceof(OptimizerBase, { error: 'an Optimizer' })
const companions = {
  scheduler: z.custom(isScheduler, 'a Scheduler or ReduceLROnPlateau').optional(),
  scheduleEvery: z.enum(['step', 'epoch']).optional(),
  monitor: z.string().optional(),
  clipNorm: z.number().positive().optional(),
  clipValue: z.number().positive().optional(),
  scaler: z.custom(isScaler, 'a loss scaler (scale, unscale, step, update)').optional(),
}
const oneOf = (names: readonly string[]) => (options: Readonly<Record<string, unknown>>) =>
  names.filter((name) => options[name] !== undefined).length === 1

export const trainerSchema: z.ZodType = z
  .strictObject({
    model: z.instanceof(Module, { error: 'a Module' }),
    optimizer: optimizer.optional(),
    optimizers: z
      .record(
        z.string(),
        z.custom((value) => isObject(value), 'an Optimizer, or an object with one'),
      )
      .optional(),
    ...companions,
    data: z.custom(isData, 'a DataLoader (something to iterate with for await)'),
    loss: fn.optional(),
    step: fn.optional(),
    accumulate: count.optional(),
    autocast: z.union([z.enum(['bf16', 'f16']), z.custom(isObject, "'bf16', 'f16' or autocast's options")]).optional(),
    epochs: count.optional(),
    steps: count.optional(),
    evaluate: fn.optional(),
    evaluateEvery: count.optional(),
    out: z.string().min(1).optional(),
    checkpointEvery: count.optional(),
    asyncCheckpoints: z.boolean().optional(),
    keep: count.optional(),
    keepBest: z
      .strictObject({ metric: z.string(), mode: z.enum(['min', 'max']).optional(), count: count.optional() })
      .optional(),
    guard: guardSchema.optional(),
    callbacks: z.array(z.custom(isObject, 'a Callback')).optional(),
    onStep: fn.optional(),
    name: z.string().optional(),
    progress: z.custom(isObject, 'a Progress').optional(),
    throughput: z.strictObject({ unit: z.string(), of: fn }).optional(),
    handleSignals: z.boolean().optional(),
  })
  .refine(oneOf(['epochs', 'steps']), { error: 'expected either epochs or steps, one of the two' })
  .refine(oneOf(['loss', 'step']), { error: 'expected either loss or step, one of the two' })
  .refine(oneOf(['optimizer', 'optimizers']), { error: 'expected either optimizer or optimizers, one of the two' })
  .refine(({ keepBest, evaluate }) => keepBest === undefined || evaluate !== undefined, {
    error: 'keepBest needs evaluate, whose figure it takes',
  })
  .refine(
    (options) =>
      (options as { optimizers?: unknown }).optimizers === undefined ||
      Object.keys(companions).every((name) => (options as Record<string, unknown>)[name] === undefined),
    {
      error: `with optimizers, give ${Object.keys(companions).join(', ')} to each: optimizers: {g: {optimizer, scheduler}}`,
    },
  )

const setupsSchema: z.ZodType = z.record(z.string(), z.strictObject({ optimizer, ...companions }))

/** The optimizers of a Trainer's options by name, each with what goes with it. */
export function setupsOf<B>(options: TrainerOptions<B>): Readonly<Record<string, OptimizerSetup>> {
  const { optimizer, optimizers, scheduler, scheduleEvery, monitor, clipNorm, clipValue, scaler } = options
  const single = { optimizer, scheduler, scheduleEvery, monitor, clipNorm, clipValue, scaler }
  const given = optimizers ?? { [MAIN]: single }
  const setups = Object.fromEntries(
    Object.entries(given).map(([name, setup]) => [name, setup instanceof OptimizerBase ? { optimizer: setup } : setup]),
  )
  if (optimizers !== undefined) checked(setupsSchema, setups, 'Trainer: optimizers')
  return setups as Readonly<Record<string, OptimizerSetup>>
}
