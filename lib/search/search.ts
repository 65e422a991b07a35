// Hyper-parameter search. Place in the whole: runs what the strategy names, several at once, with parameters of the sampler, and keeps the
// journal. What a trial is, a function says: any, or that of trial-runs.ts, which trains a configuration in a process of its own.

import { known, whole } from '../check.js'
import { SinterError, ValueError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import type { Json } from '../train/callback.js'
import { executionOf, Journal } from './journal.js'
import { gridSampler, randomSampler, type Sampler } from './samplers.js'
import { ordered, type Parameters, type Space } from './space.js'
import {
  asha,
  type Budgets,
  bestTrial,
  eachOnce,
  hyperband,
  type Job,
  type Strategy,
  successiveHalving,
} from './strategies.js'
import { type TPEOptions, tpeSampler } from './tpe.js'
import { lastDone, type Trial } from './trial.js'

/** What an execution of a trial is told besides its parameters. */
export interface TrialContext {
  readonly number: number
  /** What is to be spent in all, earlier executions of the trial included; undefined in searches without budgets. */
  readonly budget: number | undefined
  /** What earlier executions have spent. */
  readonly spent: number
  /** The search is to stop: what is running may end early, by throwing, and runs again when the search goes on. */
  readonly signal: AbortSignal
}

export type Objective = (parameters: Parameters, context: TrialContext) => number | Promise<number>

/** A trial that failed as it would fail again: `retries` do not apply. Any other error may be chance. */
export class TrialError extends SinterError {
  constructor(message: string, options?: ErrorOptions) {
    super('SINTER_TRIAL', message, options)
  }
}

export interface SearchOptions {
  readonly space: Space
  /** The value of a set of parameters. */
  readonly objective: Objective
  /** Whether small or large is good. Default 'min'. */
  readonly mode?: 'min' | 'max'
  /** How many trials; hyperband counts its own, and a grid ends when it is through. */
  readonly trials?: number
  /** Default 'tpe'. */
  readonly sampler?:
    | 'random'
    | 'grid'
    | 'tpe'
    | ({ readonly name: 'grid'; readonly points: number } | ({ readonly name: 'tpe' } & TPEOptions))
  /** Default: each trial runs once, to its end. */
  readonly strategy?: { readonly name: 'hyperband' | 'asha' | 'successiveHalving' } & Budgets
  /** Trials at a time. Default 1. */
  readonly parallel?: number
  /** How often an execution that failed is tried again. Default 0. */
  readonly retries?: number
  /** Of the sampler. Default 0. */
  readonly seed?: number
  /** A file that keeps the search: where it is there, the search goes on. */
  readonly journal?: string
  /** What else must be the same for a journal to be this search's. */
  readonly about?: Json
  readonly signal?: AbortSignal
  /** Told of every execution that has ended. */
  readonly onTrial?: (trial: Trial) => void
}

export interface SearchResult {
  /** Of the trials with the largest budget the best one; undefined where none has succeeded. */
  readonly best: (Trial & { readonly value: number }) | undefined
  readonly trials: readonly Trial[]
  /** Whether `signal` ended it. */
  readonly stopped: boolean
}

const OPTIONS = [
  'space',
  'objective',
  'mode',
  'trials',
  'sampler',
  'strategy',
  'parallel',
  'retries',
  'seed',
  'journal',
  'about',
  'signal',
  'onTrial',
]
/** Searches that died while an execution ran, after which it is taken for the cause. */
const DEADLY = 3

/**
 * Looks for the parameters of the best value. Deterministic under the seed where one trial runs at a time; with several, what TPE and ASHA
 * have seen depends on which ends first.
 *
 * @throws ValueError for options that make no sense, SinterError SINTER_SEARCH_JOURNAL for a journal of another search
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const plan = planned(options)
  const { objective, parallel = 1, retries = 0, signal = new AbortController().signal } = options
  const journal = await Journal.open(options.journal, plan.key)
  const running = new Map<string, Promise<void>>()
  // Executions that a search before this one did not live to end.
  const unfinished = [...journal.begun.keys()]
  let failure: unknown

  const execute = async ({ trial: number, rung, budget }: Job): Promise<void> => {
    const { parameters, results } = journal.trials[number] as Trial
    const context = { number, budget, spent: results[rung - 1]?.budget ?? 0, signal }
    const since = performance.now()
    const end = async (outcome: { value: number } | { error: string }) => {
      const seconds = Math.round(performance.now() - since) / 1000
      await journal.end({ trial: number, rung, seconds, ...outcome })
      options.onTrial?.(journal.trials[number] as Trial)
    }
    for (let attempt = 0; ; attempt++) {
      let value: unknown
      try {
        value = await objective(parameters, context)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof TrialError) && attempt < retries) continue
        return await end({ error: error instanceof Error ? error.message : String(error) })
      }
      // A mistake in the program, and none of the parameters.
      if (typeof value !== 'number')
        throw new ValueError(`search: the objective returned ${typeof value}, expected a number`)
      return await end(Number.isFinite(value) ? { value } : { error: `its value is ${value}` })
    }
  }
  const begin = (job: Job): void => {
    const execution = executionOf(job.trial, job.rung)
    const promise = execute(job)
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => running.delete(execution))
    running.set(execution, promise)
  }

  try {
    for (;;) {
      while (running.size < parallel && !signal.aborted && failure === undefined) {
        const again = unfinished.shift()
        if (again !== undefined) {
          await resumed(journal, again, begin)
          continue
        }
        const next = plan.strategy(journal.trials)
        if (typeof next === 'string') break
        const isNew = next.trial === journal.trials.length
        const parameters = isNew ? plan.sampler(next.trial, journal.trials) : undefined
        // A grid is through.
        if (isNew && parameters === undefined) break
        const { trial, rung, budget = null } = next
        await journal.start({ trial, rung, budget, ...(parameters !== undefined && { parameters }) })
        begin(next)
      }
      if (running.size === 0) break
      await Promise.race(running.values())
    }
    if (failure !== undefined) throw failure
  } finally {
    await Promise.all(running.values())
    await journal.close()
  }
  const best = bestTrial(journal.trials, plan.score)
  return {
    best: best === undefined ? undefined : { ...best, value: lastDone(best)?.value as number },
    trials: journal.trials,
    stopped: signal.aborted,
  }
}

/** Begins again what did not end; what ended the search itself several times is given up. */
async function resumed(journal: Journal, execution: string, begin: (job: Job) => void): Promise<void> {
  const [trial, rung] = execution.split('/').map(Number) as [number, number]
  const { budget } = journal.trials[trial]?.results[rung] ?? {}
  if ((journal.begun.get(execution) ?? 0) >= DEADLY)
    return await journal.end({ trial, rung, seconds: 0, error: `the search ended ${DEADLY} times while it ran` })
  await journal.start({ trial, rung, budget: budget ?? null })
  begin({ trial, rung, budget })
}

interface Plan {
  readonly sampler: Sampler
  readonly strategy: Strategy
  readonly score: (value: number) => number
  /** What must be the same for a search to go on. */
  readonly key: Readonly<Record<string, Json>>
}

function planned(options: SearchOptions): Plan {
  known('search', options, OPTIONS)
  const { space, mode = 'min', sampler = 'tpe', strategy, seed = 0, trials, parallel = 1, retries = 0 } = options
  ordered(space)
  if (typeof options.objective !== 'function') throw new ValueError('search: objective is no function')
  if (mode !== 'min' && mode !== 'max') throw new ValueError(`search: mode is ${String(mode)}, expected 'min' or 'max'`)
  whole('search', { parallel }, 1)
  whole('search', { retries }, 0)
  whole('search', { seed }, 0)
  if (trials !== undefined) whole('search', { trials }, 1)
  const score = (value: number) => (mode === 'min' ? value : -value)
  const { name: samplerName, ...samplerOptions } = typeof sampler === 'string' ? { name: sampler } : sampler
  const samplers: Record<string, () => Sampler> = {
    random: () => randomSampler(space, seed),
    grid: () => gridSampler(space, (samplerOptions as { points?: number }).points ?? 5),
    tpe: () => tpeSampler(space, seed, score, samplerOptions as TPEOptions),
  }
  const makeSampler = named('sampler', samplerName, samplers)
  if (samplerName !== 'tpe')
    known(`search: sampler ${samplerName}`, samplerOptions, samplerName === 'grid' ? ['points'] : [])
  return {
    sampler: makeSampler(),
    strategy: strategyOf(strategy, samplerName === 'grid', trials, score),
    score,
    key: JSON.parse(
      JSON.stringify({ space, mode, sampler, strategy: strategy ?? null, seed, about: options.about ?? null }),
    ) as Record<string, Json>,
  }
}

function strategyOf(
  strategy: SearchOptions['strategy'],
  isGrid: boolean,
  trials: number | undefined,
  score: (value: number) => number,
): Strategy {
  const { name = 'each', ...budgets } = strategy ?? {}
  if (name === 'hyperband') {
    if (trials !== undefined)
      throw new ValueError('search: hyperband has a number of trials of its own: leave trials out')
  } else if (trials === undefined && !isGrid) throw new ValueError('search: how many trials is not said')
  if (isGrid && strategy !== undefined)
    throw new ValueError(
      `search: a grid runs every trial to its end: leave the strategy '${name}' out, or sample by 'random'`,
    )
  const count = trials ?? Number.POSITIVE_INFINITY
  if (name !== 'each') known(`search: strategy ${name}`, budgets, ['minBudget', 'maxBudget', 'factor'])
  return named('strategy', name, {
    each: () => eachOnce(count),
    hyperband: () => hyperband(budgets as Budgets, score),
    asha: () => asha(count, budgets as Budgets, score),
    successiveHalving: () => successiveHalving(count, budgets as Budgets, score),
  })()
}

function named<T>(what: string, name: string, all: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined
  if (found !== undefined) return found
  const names = Object.keys(all).filter((one) => one !== 'each')
  throw new ValueError(`search: no ${what} '${name}'${didYouMean(name, names)} (${names.join(', ')})`)
}
