// `sinter cross-validate <file>`. Place in the whole: prints what crossValidateRun of lib/search finds.
import { align } from '../columns.js'
import { crossValidateRun, StoppedError } from '../search/cross-validate-run.js'
import { INTERRUPTED } from '../train/interrupt.js'
import { changesOf, wholeNumber } from './train.js'

type Given = Readonly<Record<string, unknown>>

/** Trains a fold after the other, or goes on with them; returns the exit code. */
export async function crossValidate(file: string, options: Given): Promise<number> {
  const { folds, stratify, groups, out } = options
  try {
    const result = await crossValidateRun(file, {
      set: changesOf(options),
      handleSignals: true,
      ...(folds === undefined ? {} : { folds: wholeNumber('--folds', folds) }),
      ...(stratify === undefined ? {} : { stratify: String(stratify) }),
      ...(groups === undefined ? {} : { groups: String(groups) }),
      ...(out === undefined ? {} : { out: String(out) }),
    })
    const figure = (value: number) => String(Number(value.toPrecision(5)))
    const names = Object.keys(result.mean)
    const rows = [
      ['fold', ...names],
      ...result.folds.map(({ fold, figures }) => [
        String(fold),
        ...names.map((name) => figure(figures[name] as number)),
      ]),
      ['mean', ...names.map((name) => figure(result.mean[name] as number))],
      ['std', ...names.map((name) => figure(result.std[name] as number))],
    ]
    process.stdout.write(`\n${align(rows, () => true).join('\n')}\n`)
    process.stdout.write(`run directories: ${result.out}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error
    process.stdout.write(`${error.message}: the same command goes on\n`)
    return INTERRUPTED
  }
}
