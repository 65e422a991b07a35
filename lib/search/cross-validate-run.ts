// Cross-validation of a configuration. Place in the whole: what `sinter cross-validate` does, for programs: every fold is a run whose
// `data.validation` is that fold of `data.train`, in a run directory like any other.
import { join } from 'node:path'
import { known, whole } from '../check.js'
import { loadRun, type TrainOptions } from '../config/run.js'
import { SinterError } from '../errors.js'
import { ConfigError } from '../train/config.js'
import { hasCheckpoint } from '../train/trainer.js'
import { type CrossValidation, type FoldResult, runFolds } from './cross-validate.js'

export interface CrossValidateRunOptions extends Pick<TrainOptions, 'handleSignals' | 'progress'> {
  /** Default 5. */
  readonly folds?: number
  /** Of the folds. Default 0; the runs have the configuration's. */
  readonly seed?: number
  /** Deal samples to folds at random. Default true. */
  readonly shuffle?: boolean
  /** The field of the samples' classes, of which every fold gets its share. */
  readonly stratify?: string
  /** The field of the samples' groups, which stay together. */
  readonly groups?: string
  readonly set?: readonly string[]
  /** Default ./cross-validation/<name>. What is done there already is kept, and what was cut off goes on. */
  readonly out?: string
  readonly onFold?: (result: FoldResult) => void
}

/** A fold was stopped by Ctrl-C: the same call goes on. */
export class StoppedError extends SinterError {
  constructor(fold: number) {
    super('SINTER_STOPPED', `stopped in fold ${fold}`)
  }
}

const OPTIONS = ['folds', 'seed', 'shuffle', 'stratify', 'groups', 'set', 'out', 'onFold', 'handleSignals', 'progress']

/**
 * Trains the configuration `file` once for each fold. A fold's figures are those of its last evaluation.
 * @throws ConfigError for a mistake in the configuration, and for a defineRun; StoppedError
 */
export async function crossValidateRun(
  file: string,
  options: CrossValidateRunOptions = {},
): Promise<CrossValidation & { readonly out: string }> {
  known('crossValidateRun', options, OPTIONS)
  const { folds = 5, seed = 0, shuffle = true, stratify, groups, set = [], onFold, ...training } = options
  whole('crossValidate', { folds }, 2)
  const part = {
    folds,
    seed,
    shuffle,
    ...(stratify !== undefined && { stratify }),
    ...(groups !== undefined && { groups }),
  }
  const runOf = (fold: number) =>
    loadRun(file, { set: [...set, `data.validation=${JSON.stringify({ fold, ...part })}`] })
  const { name, config } = await runOf(0)
  if (config === undefined)
    throw new ConfigError(file, '', 'a defineRun has its own data: cross-validation takes a configuration')
  const out = options.out ?? join('cross-validation', name)
  const each = Array.from({ length: folds }, (_, fold) => ({
    key: JSON.stringify({ file, set, fold, ...part }),
    run: async (folder: string | undefined) => {
      const run = await runOf(fold)
      const at = folder as string
      const { handleSignals, progress } = training
      const result = await run.train({
        out: at,
        resume: await hasCheckpoint(at),
        ...(handleSignals !== undefined && { handleSignals }),
        ...(progress !== undefined && { progress }),
      })
      if (result.stopped) throw new StoppedError(fold)
      return result.history.at(-1)?.metrics ?? {}
    },
  }))
  return { ...(await runFolds(each, { out, ...(onFold !== undefined && { onFold }) })), out }
}
