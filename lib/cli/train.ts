// `sinter train <file>` and `sinter resume <run>`. Place in the whole: from a command line to a run of lib/config.
import { loadRun, resumeRun } from '../config/run.js'
import type { FitResult } from '../train/callback.js'
import { INTERRUPTED } from '../train/interrupt.js'
import { UsageError } from './usage.js'

type Given = Readonly<Record<string, unknown>>

/** Trains what `file` defines; returns the exit code. */
export async function train(file: string, options: Given): Promise<number> {
  const { seed, out, resume, quick } = options
  const run = await loadRun(file, { set: changesOf(options) })
  const result = await run.train({
    ...(seed === undefined ? {} : { seed: wholeNumber('--seed', seed) }),
    ...(out === undefined ? {} : { out: String(out) }),
    quick: quick === true,
    resume: resume === undefined ? false : resume === true ? true : String(resume),
    handleSignals: true,
  })
  return ended(result, out === undefined ? '--resume' : `--out ${String(out)} --resume`)
}

/** Goes on with the run in a run directory; returns the exit code. */
export async function resume(directory: string, options: Given): Promise<number> {
  const result = await resumeRun(directory, { set: changesOf(options), handleSignals: true })
  return ended(result, `sinter resume ${directory}`)
}

function ended({ stopped, step }: FitResult, again: string): number {
  if (!stopped) return 0
  process.stdout.write(`stopped after step ${step}: continue with ${again}\n`)
  return INTERRUPTED
}

/** The values of --set, given once, several times or not at all. */
export const changesOf = ({ set }: Given): string[] => (set === undefined ? [] : [set].flat().map(String))

export function wholeNumber(option: string, value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new UsageError(`${option} is ${String(value)}, expected a whole number of at least 0`)
  }
  return number
}
