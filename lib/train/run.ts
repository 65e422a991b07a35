// Run definitions: what `sinter train <file>` trains. Place in the whole: a file default-exports one; the command line, or
// any program, executes it.
import { join } from 'node:path'
import { z } from 'zod'
import { saveSafetensors } from '../io/safetensors-file.js'
import type { Module } from '../nn/module.js'
import { manualSeed } from '../ops/random.js'
import { didYouMean } from '../suggest.js'
import type { FitResult, Json } from './callback.js'
import { ConfigError, checked, describe } from './config.js'
import type { TrainerOptions } from './options.js'
import { duration, openProgress, type Progress } from './progress.js'
import { RunDirectory } from './run-directory.js'
import { Trainer } from './trainer.js'

/** A run's own settings, which `--set name=value` changes. */
export type RunOptions = Readonly<Record<string, number | boolean | string>>

/** Options with their types instead of their defaults' values. */
export type Settings<O extends RunOptions> = {
  readonly [K in keyof O]: O[K] extends number
    ? number
    : O[K] extends boolean
      ? boolean
      : O[K] extends string
        ? string
        : O[K]
}

export interface RunContext<O> {
  readonly seed: number
  /** A short run was asked for: a smoke test, not a result. */
  readonly quick: boolean
  /** Folder for checkpoints and whatever else the run writes. */
  readonly out: string
  readonly options: O
  /** A line for the person who watches. */
  readonly log: (line: string) => void
}

/** What a run's `setup` returns: the Trainer's options, and what to do after training. */
export interface RunSetup<B> extends Omit<TrainerOptions<B>, 'out' | 'name' | 'progress' | 'handleSignals'> {
  /** After the last step, unless the run was stopped: final scores, samples. */
  readonly finish?: (result: FitResult) => void | Promise<void>
  /** In the end, come what may: close loaders. */
  readonly close?: () => void | Promise<void>
}

export interface RunDefinition<O extends RunOptions = RunOptions> {
  /** Names the run and its default folder, ./checkpoints/<name>. */
  readonly name: string
  readonly description?: string
  /** Settings with their defaults, whose types hold for `--set`. */
  readonly options?: O
  /** Builds model, data and optimizer. The random generator is seeded before. */
  // `any`: a run's batch type is its own affair, annotated where `loss` takes it
  readonly setup: (context: RunContext<Settings<O>>) => RunSetup<any> | Promise<RunSetup<any>>
}

const runSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, dots, dashes and underscores'),
  description: z.string().optional(),
  options: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional(),
  setup: z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'a function'),
})

/** Types a run definition; it is checked where it is executed. */
export function defineRun<O extends RunOptions>(run: RunDefinition<O>): RunDefinition<O> {
  return run
}

export interface ExecuteOptions {
  /** Default 0. */
  readonly seed?: number
  readonly quick?: boolean
  /** Default ./checkpoints/<name>. */
  readonly out?: string
  /** true: continue from the newest checkpoint in `out`; text: from that folder. */
  readonly resume?: boolean | string
  /** `name=value`, changes to the run's options. */
  readonly set?: readonly string[]
  readonly handleSignals?: boolean
  readonly progress?: Progress
  /** What run.json says the run was configured with. Default: its options. */
  readonly config?: Json
  /** What error messages call the definition: its file. */
  readonly where?: string
}

/**
 * Executes a run: seeds, sets up, trains, finishes, and leaves in `out` the trained weights (`model.safetensors`), checkpoints, and
 * what RunDirectory writes: configuration, environment, metrics, curves.
 * @throws ConfigError naming file, field, what was found and what is expected
 */
export async function executeRun(definition: unknown, options: ExecuteOptions = {}): Promise<FitResult> {
  const { seed = 0, quick = false, set = [], resume = false, where = 'run', handleSignals = false } = options
  checked(runSchema, definition, where)
  const run = definition as RunDefinition
  const settings = withChanges(run.options ?? {}, set, where)
  const out = options.out ?? join('checkpoints', run.name)
  const progress = options.progress ?? openProgress()
  manualSeed(seed)
  const context = { seed, quick, out, options: settings, log: (line: string) => progress.line(line) }
  const { finish, close, ...rest } = await run.setup(context)
  const weights = join(out, 'model.safetensors')
  try {
    const record = new RunDirectory({ title: run.name, config: options.config ?? settings, seed })
    const callbacks = [...(rest.callbacks ?? []), record]
    const trainer = new Trainer({ ...rest, callbacks, out, name: run.name, progress, handleSignals })
    if (resume !== false) await trainer.resume(resume === true ? out : resume)
    progress.line(`${run.name}: ${countParameters(rest.model).toLocaleString('en-US')} parameters, seed ${seed}`)
    const since = performance.now()
    const result = await trainer.fit()
    if (result.stopped) return result
    await saveSafetensors(weights, rest.model.stateDict(), { run: run.name, seed: String(seed) })
    const seconds = (performance.now() - since) / 1000
    progress.line(`${run.name}: ${result.step} steps done in ${duration(seconds)}; weights in ${weights}`)
    await finish?.(result)
    return result
  } finally {
    await close?.()
  }
}

function countParameters(model: Module): number {
  let count = 0
  for (const parameter of model.parameters()) count += parameter.numel
  return count
}

/** Options with `--set` applied. */
export function withChanges(defaults: RunOptions, changes: readonly string[], where: string): RunOptions {
  const result: Record<string, number | boolean | string> = { ...defaults }
  for (const change of changes) {
    const at = change.indexOf('=')
    const name = at < 0 ? change : change.slice(0, at)
    if (at < 0) throw new ConfigError('--set', name, 'expected name=value')
    const standard = Object.hasOwn(defaults, name) ? defaults[name] : undefined
    if (standard === undefined) {
      const known = Object.keys(defaults)
      const expected = known.length === 0 ? 'it has no options' : `its options are ${known.join(', ')}`
      throw new ConfigError(where, name, `no such option${didYouMean(name, known)} (${expected})`)
    }
    result[name] = parsed(change.slice(at + 1), standard, name, where)
  }
  return result
}

function parsed(
  text: string,
  standard: number | boolean | string,
  name: string,
  where: string,
): number | boolean | string {
  if (typeof standard === 'string') return text
  if (typeof standard === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
    throw new ConfigError(where, name, `found ${describe(text)}, expected true or false`)
  }
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) {
    throw new ConfigError(where, name, `found ${describe(text)}, expected a number (its default is ${standard})`)
  }
  return value
}
