// Cross-validation: every fold once, figures of all, and folds that are not run again.
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { crossValidate } from '#lib/search/index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sinter-folds-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const splits = [
  { train: [2, 3, 4, 5], test: [0, 1] },
  { train: [0, 1, 4, 5], test: [2, 3] },
  { train: Uint32Array.of(0, 1, 2, 3), test: Uint32Array.of(4, 5) },
]
const values = [0.5, 0.7, 0.9]

describe('crossValidate', () => {
  it('runs every fold, and gives mean and deviation of the figures', async () => {
    const seen: unknown[] = []
    const result = await crossValidate(splits, ({ fold, folds, split, out }) => {
      seen.push([fold, folds, split, out])
      return { accuracy: values[fold] as number, loss: 2 }
    })
    expect(seen).toEqual(splits.map((split, fold) => [fold, 3, split, undefined]))
    expect(result.mean['accuracy']).toBeCloseTo(0.7, 12)
    expect(result.std['accuracy']).toBeCloseTo(0.2, 12)
    expect([result.mean['loss'], result.std['loss']]).toEqual([2, 0])
  })

  it('keeps folders, and goes on where it was cut off', async () => {
    const ran: number[] = []
    const run = (until: number) =>
      crossValidate(
        splits,
        async ({ fold, out }) => {
          if (fold > until) throw new Error('cut off')
          ran.push(fold)
          await writeFile(join(out as string, 'weights'), '')
          return { accuracy: values[fold] as number, odd: Number.NaN }
        },
        { out: folder },
      )
    await expect(run(1)).rejects.toThrow('cut off')
    const result = await run(2)
    expect(ran).toEqual([0, 1, 2])
    expect(result.folds.map(({ kept }) => kept)).toEqual([true, true, false])
    expect(result.mean['accuracy']).toBeCloseTo(0.7, 12)
    expect(result.mean['odd']).toBeNaN()
    await access(join(folder, 'fold-2', 'weights'))
    expect(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))).toMatchObject({ mean: { odd: null } })
    const others = [splits[1], splits[0]] as typeof splits
    await expect(crossValidate(others, () => ({}), { out: folder })).rejects.toThrow(
      /fold-0.result\.json is of other folds/,
    )
    await writeFile(join(folder, 'fold-0', 'result.json'), '{}')
    await expect(run(2)).rejects.toThrow(/is no result of a fold/)
    await writeFile(join(folder, 'fold-0', 'result.json'), '{')
    await expect(run(2)).rejects.toThrow(/result\.json: .*JSON/)
  })

  it('runs several folds at a time', async () => {
    let [now, most] = [0, 0]
    const told: number[] = []
    const { folds } = await crossValidate(
      splits,
      async ({ fold }) => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setTimeout(resolve, 5 * (3 - fold)))
        now--
        return { fold }
      },
      { parallel: 2, onFold: ({ fold }) => told.push(fold) },
    )
    expect(most).toBe(2)
    expect([...told].sort()).toEqual([0, 1, 2])
    expect(folds.map(({ figures }) => figures['fold'])).toEqual([0, 1, 2])
  })

  it.each<[() => Promise<unknown>, RegExp]>([
    [() => crossValidate([splits[0]!], () => ({})), /expected two folds or more/],
    [() => crossValidate(splits, () => ({}), { parallel: 0 }), /parallel is 0/],
    [() => crossValidate(splits, () => ({}), { outs: '' } as never), /no such option: 'outs'; did you mean "out"/],
    [() => crossValidate(splits, () => ({ a: 'x' }) as never), /fold 0: a is string, expected a number/],
    [
      () => crossValidate(splits, ({ fold }) => ({ [fold === 1 ? 'b' : 'a']: 1 })),
      /fold 1 has the figures b, fold 0 a/,
    ],
  ])('refuses what makes no sense', async (make, message) => {
    await expect(make()).rejects.toThrow(message)
  })
})
