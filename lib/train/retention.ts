// Which checkpoints stay. Place in the whole: a function of the steps that have one and of the evaluations so far, so that a run that
// was killed and resumed keeps the same ones.
import { didYouMean } from '../suggest.js'
import type { HistoryEntry } from './checkpoint.js'
import { ConfigError } from './config.js'

/** The best checkpoints by a figure of the evaluation made at their step; ones without an evaluation are no candidates. */
export interface KeepBest {
  readonly metric: string
  /** Whether small or large is good. Default 'min'. */
  readonly mode?: 'min' | 'max'
  /** How many. Default 1. */
  readonly count?: number
}

/** Of these steps, the ones that were evaluated, best first; among equals the earlier one. NaN is worst of all. */
export function ranked(steps: readonly number[], history: readonly HistoryEntry[], best: KeepBest): number[] {
  const sign = best.mode === 'max' ? -1 : 1
  const scores = new Map(history.map(({ step, metrics }) => [step, metrics[best.metric]]))
  const scoreOf = (step: number): number => {
    const score = sign * (scores.get(step) as number)
    return Number.isNaN(score) ? Number.POSITIVE_INFINITY : score
  }
  // Infinity minus infinity is NaN, so compared and not subtracted.
  const order = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0)
  return steps.filter((step) => scores.get(step) !== undefined).sort((a, b) => order(scoreOf(a), scoreOf(b)) || a - b)
}

/** Of these steps, ascending, the newest `keep` and the best ones. */
export function retained(
  steps: readonly number[],
  keep: number,
  history: readonly HistoryEntry[],
  best: KeepBest | undefined,
): Set<number> {
  const good = best === undefined ? [] : ranked(steps, history, best).slice(0, best.count ?? 1)
  return new Set([...steps.slice(-keep), ...good])
}

/** @throws ConfigError when an evaluation lacks the figure */
export function checkKeepBest(best: KeepBest | undefined, metrics: Readonly<Record<string, number>>): void {
  if (best === undefined || metrics[best.metric] !== undefined) return
  const names = Object.keys(metrics)
  const found = names.join(', ') || 'nothing'
  const problem = `evaluate returns no "${best.metric}"${didYouMean(best.metric, names)} (it returns ${found})`
  throw new ConfigError('Trainer', 'keepBest.metric', problem)
}
