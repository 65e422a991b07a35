// Cross-validation. Place in the whole: runs one function for every fold of lib/data's kFold, stratifiedKFold or groupKFold, in a folder
// each, and says what the figures come to. What a fold does, the function says; cross-validate-run.ts has that of configurations.
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { known, whole } from '../check.js'
import { ValueError } from '../errors.js'
import { writeFileAtomic } from '../io/atomic.js'

/** Indices of the samples to train and to test with. */
export interface Split {
  readonly train: ArrayLike<number>
  readonly test: ArrayLike<number>
}

export interface FoldContext<S extends Split> {
  readonly fold: number
  readonly folds: number
  /** The indices. */
  readonly split: S
  /** This fold's folder; undefined where the cross-validation has none. */
  readonly out: string | undefined
}

export type Figures = Readonly<Record<string, number>>

export interface FoldResult {
  readonly fold: number
  readonly figures: Figures
  /** It was there already, from an earlier call. */
  readonly kept: boolean
}

export interface CrossValidation {
  readonly folds: readonly FoldResult[]
  /** Of each figure, over the folds. */
  readonly mean: Figures
  /** The standard deviation of a sample (divided by n - 1). */
  readonly std: Figures
}

export interface CrossValidateOptions {
  /**
   * Each fold has the folder fold-<n> in it, and its figures in fold-<n>/result.json: a fold that is there is not run again, as long as its
   * indices are the same. summary.json has it all in the end.
   */
  readonly out?: string
  /** Folds at a time. Default 1. */
  readonly parallel?: number
  /** Told of each fold that has ended. */
  readonly onFold?: (result: FoldResult) => void
}

const RESULT = 'result.json'
/** JSON has no NaN: it comes back from null. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)
const resultFile = z.object({ key: z.string(), figures: z.record(z.string(), figure) })

/**
 * Calls `run` for each fold, and gives mean and standard deviation of the figures it returns.
 *
 *     const folds = stratifiedKFold(labels, { folds: 5, shuffle: true })
 *     const { mean, std } = await crossValidate(folds, async ({ split }) => {
 *       ...train on subset(dataset, split.train)...
 *       return { accuracy }
 *     })
 *
 * @throws ValueError for fewer than two folds, and for folds whose figures are not the same; what `run` throws
 */
export async function crossValidate<S extends Split>(
  splits: readonly S[],
  run: (context: FoldContext<S>) => Figures | Promise<Figures>,
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  known('crossValidate', options, ['out', 'parallel', 'onFold'])
  if (!Array.isArray(splits) || splits.length < 2)
    throw new ValueError('crossValidate: expected two folds or more, {train, test} each: see kFold of sinter/data')
  const folds = splits.map((split, fold) => ({
    key: hashOf(split),
    run: (out: string | undefined) => run({ fold, folds: splits.length, split, out }),
  }))
  return await runFolds(folds, options)
}

/** One fold: `key` says what it is of, so that another one's result is not taken for it. */
interface Fold {
  readonly key: string
  readonly run: (out: string | undefined) => Figures | Promise<Figures>
}

export async function runFolds(folds: readonly Fold[], options: CrossValidateOptions): Promise<CrossValidation> {
  const { out, parallel = 1, onFold } = options
  whole('crossValidate', { parallel }, 1)
  const results: FoldResult[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < folds.length) {
      const fold = next++
      const result = await oneFold(fold, folds[fold] as Fold, out)
      results.push(result)
      onFold?.(result)
    }
  }
  // One that fails keeps the others from beginning more.
  const workers = Array.from({ length: parallel }, () =>
    work().catch((error: unknown) => {
      next = folds.length
      throw error
    }),
  )
  const failed = (await Promise.allSettled(workers)).find((worker) => worker.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  results.sort((a, b) => a.fold - b.fold)
  const validation = { folds: results, ...statistics(results) }
  if (out !== undefined) await writeJson(join(out, 'summary.json'), validation)
  return validation
}

async function oneFold(fold: number, { key, run }: Fold, out: string | undefined): Promise<FoldResult> {
  const folder = out === undefined ? undefined : join(out, `fold-${fold}`)
  const kept = folder === undefined ? undefined : await keptFigures(join(folder, RESULT), key)
  if (kept !== undefined) return { fold, figures: kept, kept: true }
  if (folder !== undefined) await mkdir(folder, { recursive: true })
  const figures = await run(folder)
  const odd = Object.entries(figures).find(([, value]) => typeof value !== 'number')
  if (odd !== undefined)
    throw new ValueError(`crossValidate: fold ${fold}: ${odd[0]} is ${typeof odd[1]}, expected a number`)
  if (folder !== undefined) await writeJson(join(folder, RESULT), { fold, key, figures })
  return { fold, figures, kept: false }
}

function hashOf({ train, test }: Split): string {
  const hash = createHash('sha256')
  for (const indices of [train, test]) hash.update(Float64Array.from(indices)).update('|')
  return hash.digest('hex')
}

async function keptFigures(path: string, key: string): Promise<Figures | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ValueError(`crossValidate: ${path}: ${(cause as Error).message}`)
  }
  const { success, data } = resultFile.safeParse(json)
  if (!success) throw new ValueError(`crossValidate: ${path} is no result of a fold: remove it`)
  if (data.key === key) return data.figures
  throw new ValueError(`crossValidate: ${path} is of other folds: choose another folder, or remove this one`)
}

function statistics(results: readonly FoldResult[]): { mean: Figures; std: Figures } {
  const [first, ...others] = results as [FoldResult, ...FoldResult[]]
  const names = Object.keys(first.figures)
  const all = names.join(', ')
  for (const { fold, figures } of others) {
    const own = Object.keys(figures)
    if (own.length === names.length && names.every((name) => name in figures)) continue
    throw new ValueError(`crossValidate: fold ${fold} has the figures ${own.join(', ')}, fold ${first.fold} ${all}`)
  }
  const mean: Record<string, number> = {}
  const std: Record<string, number> = {}
  for (const name of names) {
    const values = results.map(({ figures }) => figures[name] as number)
    const average = values.reduce((sum, value) => sum + value, 0) / values.length
    mean[name] = average
    std[name] = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1))
  }
  return { mean, std }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, async (file) => void (await file.writeFile(`${JSON.stringify(value, null, 1)}\n`)))
}
