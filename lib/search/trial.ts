// Trials. Place in the whole: what samplers and strategies know of a search so far; the journal is the file of it.
import type { Parameters } from './space.js'

/** One execution of a trial, or the continuation of the one before with a larger budget. */
export interface Result {
  readonly rung: number
  /** Of a search without budgets undefined. */
  readonly budget: number | undefined
  readonly state: 'running' | 'done' | 'failed'
  /** Of one that is done. */
  readonly value?: number
  /** Of one that failed. */
  readonly error?: string
  readonly seconds?: number
}

export interface Trial {
  readonly number: number
  readonly parameters: Parameters
  /** By rung, from 0. */
  readonly results: readonly Result[]
}

/** Less is better: the value, or its negative where more is. */
export type Score = (value: number) => number

/** The result at the largest budget that is done. */
export function lastDone(trial: Trial): Result | undefined {
  return trial.results.findLast(({ state }) => state === 'done')
}
