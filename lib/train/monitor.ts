// A figure that is watched for improvement. Place in the whole: what early stopping, kept checkpoints and others that follow an evaluation
// mean by "better".
import { ValueError } from '../errors.js'
import { didYouMean } from '../suggest.js'

export type Mode = 'min' | 'max'

/** Whether `value` is better than `best` by more than `minDelta`; a finite one is better than none, and one that is not finite never is. */
export function improved(value: number, best: number | undefined, mode: Mode, minDelta: number): boolean {
  if (!Number.isFinite(value)) return false
  if (best === undefined) return true
  return mode === 'min' ? value < best - minDelta : value > best + minDelta
}

/** The figure of this name. @throws ValueError, with the name that may be meant, when the evaluation has none */
export function figureOf(who: string, monitor: string, metrics: Readonly<Record<string, number>>): number {
  const value = metrics[monitor]
  if (value !== undefined) return value
  const names = Object.keys(metrics)
  throw new ValueError(
    `${who}: evaluate returns no "${monitor}"${didYouMean(monitor, names)} (it returns ${names.join(', ') || 'nothing'})`,
  )
}
