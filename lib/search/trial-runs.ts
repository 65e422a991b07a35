// Trials that are training runs. Place in the whole: the objective of `sinter search`; every trial is a configuration with values set,
// trained by a process of its own (trial-process.ts) in a run directory of its own, so that what crashes takes nothing with it, and what
// was cut off or is to go on continues from its checkpoint.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scalar } from '../config/source.js'
import { didYouMean } from '../suggest.js'
import type { HistoryEntry } from '../train/checkpoint.js'
import { type Objective, TrialError } from './search.js'
import type { Parameters } from './space.js'

export interface TrialRunsOptions {
  /** The run's file: a configuration, or a module with defineRun. */
  readonly file: string
  /** Values for every trial, before the trial's own. */
  readonly set?: readonly string[]
  /** The evaluation's figure that is searched for. */
  readonly metric: string
  /** 'last' (the default): the last evaluation's; 'best': the best of all. */
  readonly of?: 'last' | 'best'
  /** Default 'min'. */
  readonly mode?: 'min' | 'max'
  /** What a budget sets. Default 'trainer.epochs'. */
  readonly budget?: string
  /** Run directories are trials/0000, trials/0001, ... in this folder, each with the process's output in log.txt. */
  readonly out: string
  /** Trials at a time, which share the processor's cores. Default 1. */
  readonly parallel?: number
}

/** What the process is told. */
export interface TrialTask {
  readonly file: string
  readonly set: readonly string[]
  readonly out: string
}

/** What it says in the end. `again`: it might go better another time. */
export type TrialOutcome =
  | { readonly history: readonly HistoryEntry[]; readonly stopped: boolean }
  | { readonly error: string; readonly again: boolean }

const PROCESS = fileURLToPath(new URL('./trial-process.js', import.meta.url))
/** How long a process may take to save a checkpoint when the search is stopped. */
const PATIENCE_MS = 30_000

export const trialFolder = (out: string, number: number): string => join(out, 'trials', String(number).padStart(4, '0'))

/** `--set` of values: text that YAML would take for something else stands in quotes. */
export const setOf = (parameters: Parameters): string[] =>
  Object.entries(parameters).map(([name, value]) => {
    const isPlain = typeof value === 'string' && scalar(value) === value
    return `${name}=${isPlain ? value : JSON.stringify(value)}`
  })

/**
 * An objective for `search` that trains. A process that dies without a word (a signal, memory) may be tried again; a mistake in the
 * configuration, and training that diverges, is the parameters' own failure.
 */
export function trialRuns(options: TrialRunsOptions): Objective {
  const {
    file,
    set = [],
    metric,
    of = 'last',
    mode = 'min',
    budget: path = 'trainer.epochs',
    out,
    parallel = 1,
  } = options
  return async (parameters, { number, budget, signal }) => {
    const folder = trialFolder(out, number)
    const own = budget === undefined ? [] : [`${path}=${budget}`]
    const task = { file, set: [...set, ...setOf(parameters), ...own], out: folder }
    const outcome = await trained(task, signal, Math.max(1, Math.floor(availableParallelism() / parallel)))
    if ('error' in outcome) {
      const message = `${outcome.error} (${join(folder, 'log.txt')})`
      throw outcome.again ? new Error(message) : new TrialError(message)
    }
    // By the search, or by a signal of someone else's, after which it goes on from its checkpoint.
    if (outcome.stopped) throw new Error('its process was stopped by a signal')
    return figureOf(outcome.history, metric, of, mode)
  }
}

function figureOf(history: readonly HistoryEntry[], metric: string, of: 'last' | 'best', mode: 'min' | 'max'): number {
  const values = history.map(({ metrics }) => metrics[metric])
  const names = Object.keys(history.at(-1)?.metrics ?? {})
  const last = values.at(-1)
  if (last === undefined) {
    const found = names.length === 0 ? 'the run evaluates nothing' : `the run's evaluations have ${names.join(', ')}`
    throw new TrialError(`no figure '${metric}'${didYouMean(metric, names)} (${found})`)
  }
  if (of === 'last') return last
  // Of NaN nothing is better than nothing: they are no values.
  const finite = values.filter((value) => value !== undefined && Number.isFinite(value)) as number[]
  if (finite.length === 0) return Number.NaN
  return mode === 'min' ? Math.min(...finite) : Math.max(...finite)
}

async function trained(task: TrialTask, signal: AbortSignal, threads: number): Promise<TrialOutcome> {
  await mkdir(task.out, { recursive: true })
  const log = await open(join(task.out, 'log.txt'), 'a')
  try {
    const env = { SINTER_NUM_THREADS: String(threads), ...process.env }
    const child = fork(PROCESS, [], { env, execArgv: [], stdio: ['ignore', log.fd, log.fd, 'ipc'] })
    return await outcomeOf(child, task, signal)
  } finally {
    await log.close()
  }
}

function outcomeOf(child: ChildProcess, task: TrialTask, signal: AbortSignal): Promise<TrialOutcome> {
  let timer: NodeJS.Timeout | undefined
  const stop = () => {
    child.kill('SIGINT')
    timer ??= setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  }
  return new Promise<TrialOutcome>((resolve, reject) => {
    let outcome: TrialOutcome | undefined
    child.once('error', reject)
    child.on('message', (message) => {
      outcome = message as TrialOutcome
    })
    child.once('close', (code, killedBy) => {
      const how = killedBy === null ? `its process ended with code ${code}` : `its process was ended by ${killedBy}`
      resolve(outcome ?? { error: how, again: true })
    })
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    child.send(task, (error) => {
      if (error) reject(error)
    })
  }).finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  })
}
