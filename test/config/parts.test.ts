// Parts of training data: shares and folds, on this thread and in workers, and cross-validation of configurations.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '#lib/cli/main.js'
import { Builder } from '#lib/config/component.js'
import '#lib/config/builtin.js'
import { evaluateRun, loadRun } from '#lib/config/index.js'
import { type Part, partOf } from '#lib/config/parts.js'
import { sampleContext } from '#lib/data/context.js'
import {
  ArrayDataset,
  DataLoader,
  type Dataset,
  type DatasetModule,
  disposeBatch,
  writeTokens,
} from '#lib/data/index.js'
import { crossValidateRun } from '#lib/search/index.js'
import { silentProgress } from '#lib/train/index.js'
import { clouds } from './clouds.mjs'

const CLOUDS = fileURLToPath(new URL('./clouds.mjs', import.meta.url))

const dataset = new ArrayDataset({
  x: { data: Float32Array.from({ length: 30 }, (_, i) => i), shape: [30] },
  label: { data: Int32Array.from({ length: 30 }, (_, i) => (i < 10 ? 0 : 1)), shape: [30] },
  group: { data: Int32Array.from({ length: 30 }, (_, i) => i % 6), shape: [30] },
})

async function fields(part: Part, heldOut: boolean, of: keyof typeof dataset.fields): Promise<number[]> {
  const batches: AsyncIterable<any> = new DataLoader((await partOf(dataset, part, heldOut)) as Dataset<any>, {
    batchSize: 30,
  })
  for await (const batch of batches) {
    const values = [...((await batch[of].data()) as Float32Array)]
    for (const tensor of Object.values(batch)) (tensor as { dispose(): void }).dispose()
    return values
  }
  return []
}

const sorted = (values: number[]) => [...values].sort((a, b) => a - b)
const all = Array.from({ length: 30 }, (_, i) => i)

describe('parts', () => {
  it.each<[string, Part]>([
    ['a share', { split: 0.3 }],
    ['a stratified share', { split: 0.3, stratify: 'label' }],
    ['a fold', { fold: 1, folds: 3 }],
    ['a fold as it stands', { fold: 2, folds: 3, shuffle: false }],
    ['a stratified fold', { fold: 0, folds: 5, stratify: 'label' }],
    ['a fold of groups', { fold: 0, folds: 3, groups: 'group' }],
  ])('%s: what is held out is not trained with, and nothing is left', async (_, part) => {
    const [train, held] = [await fields(part, false, 'x'), await fields(part, true, 'x')]
    expect(sorted([...train, ...held])).toEqual(all)
    // In the dataset's order.
    expect(held).toEqual(sorted(held))
    expect(await fields(part, true, 'x')).toEqual(held)
  })

  it('keeps shares of classes, and groups together', async () => {
    const ones = (labels: number[]) => labels.filter((label) => label === 1).length
    const share = await fields({ split: 0.3, stratify: 'label' }, true, 'label')
    expect([share.length, ones(share)]).toEqual([9, 6])
    const fold = await fields({ fold: 0, folds: 5, stratify: 'label' }, true, 'label')
    expect([fold.length, ones(fold)]).toEqual([6, 4])
    const part = { fold: 1, folds: 3, groups: 'group' }
    const held = new Set(await fields(part, true, 'group'))
    expect(held.size).toBe(2)
    for (const group of await fields(part, false, 'group')) expect(held.has(group)).toBe(false)
  })

  it('holds out every sample once in all folds, and others under another seed', async () => {
    const folds = await Promise.all([0, 1, 2, 3].map((fold) => fields({ fold, folds: 4 }, true, 'x')))
    expect(sorted(folds.flat())).toEqual(all)
    expect(await fields({ fold: 0, folds: 4, seed: 1 }, true, 'x')).not.toEqual(folds[0])
    expect(await fields({ fold: 0, folds: 4, shuffle: false }, true, 'x')).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('of a module is one that workers build', async () => {
    const module: DatasetModule = { module: CLOUDS, export: 'clouds', args: [{ samples: 12 }] }
    const part = (await partOf(module, { split: 0.25 }, true)) as DatasetModule
    expect(part).toMatchObject({ export: 'modulePart', args: [module, expect.any(Uint32Array)] })
    await using loader = new DataLoader(part, { batchSize: 3, workers: 1 })
    const whole = clouds({ samples: 12 })
    for await (const batch of loader) {
      const points = [...((await batch.x.data()) as Float32Array)]
      const indices = part.args?.[1] as Uint32Array
      expect(points).toEqual([...indices].flatMap((i) => [...(whole.get(i, {} as never) as { x: Float32Array }).x]))
      batch.x.dispose()
      batch.y.dispose()
    }
  })

  it.each<[Part, RegExp]>([
    [{ split: 0.01 }, /30 samples leave none to hold out/],
    [{ split: 0.99 }, /30 samples leave none to train with/],
    [{ split: 0.5, stratify: 'lable' }, /samples have no field 'lable'; did you mean "label"\? \(x, label, group\)/],
    [{ fold: 0, folds: 31 }, /31 folds of 30 samples/],
  ])('refuses %j', async (part, message) => {
    await expect(partOf(dataset, part, !('split' in part && part.split > 0.9))).rejects.toThrow(message)
  })
})

describe('in a configuration', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sinter-parts-'))
    await writeFile(
      join(folder, 'config.yaml'),
      `name: clouds
model: { module: ${CLOUDS}, export: Net }
data:
  train: { module: ${CLOUDS}, export: clouds, samples: 60 }
  batchSize: 10
loss: CrossEntropyLoss
optim: { name: AdamW, lr: 0.05 }
trainer: { epochs: 2 }
metrics: [Accuracy]
`,
    )
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  it('cross-validation trains a run a fold, and goes on where it was cut off', async () => {
    const out = join(folder, 'folds')
    const options = { folds: 3, stratify: 'y', out, progress: silentProgress }
    const told: number[] = []
    const first = await crossValidateRun(join(folder, 'config.yaml'), {
      ...options,
      onFold: ({ fold }) => {
        told.push(fold)
        if (fold === 1) throw new Error('cut off')
      },
    }).catch((error: Error) => error.message)
    expect(first).toBe('cut off')
    const result = await crossValidateRun(join(folder, 'config.yaml'), options)
    expect(result.folds.map(({ kept }) => kept)).toEqual([true, true, false])
    expect(result.mean['accuracy']).toBeGreaterThan(0.9)
    expect(result.std['loss']).toBeGreaterThan(0)
    // A fold is a run like any other.
    const again = await evaluateRun(join(out, 'fold-1'))
    expect(again.figures).toEqual(result.folds[1]?.figures)
    const other = { ...options, stratify: undefined as never }
    await expect(crossValidateRun(join(folder, 'config.yaml'), other)).rejects.toThrow(/is of other folds/)
  })

  it.each<[string, RegExp]>([
    ['{split: 0.2, stratify: z}', /data\.validation: samples have no field 'z'.* \(x, y\)/],
    ['{fold: 3, folds: 3}', /data\.validation: .*expected a fold from 0 to folds - 1/],
    ['{fold: 0, folds: 1}', /data\.validation\.folds: found 1, expected at least 2/],
    ['{fold: 0, folds: 3, stratify: y, groups: y}', /expected either stratify or groups/],
  ])('refuses %s', async (part, message) => {
    const run = async () => {
      const loaded = await loadRun(join(folder, 'config.yaml'), { set: [`data.validation=${part}`] })
      await loaded.train({ out: join(folder, 'run'), progress: silentProgress })
    }
    await expect(run()).rejects.toThrow(message)
  })

  it('reads a folder of images by name, relative to the file, and stratifies without decoding', async () => {
    for (const [label, red] of [
      ['dark', 20],
      ['light', 230],
    ] as const) {
      await mkdir(join(folder, 'pictures', label), { recursive: true })
      for (let i = 0; i < 8; i++) {
        const background = { r: red + i, g: red, b: red }
        const image = sharp({ create: { width: 28, height: 28, channels: 3, background } })
        await image.png().toFile(join(folder, 'pictures', label, `${i}.png`))
      }
    }
    const text = `name: pictures
model: { name: LeNet, classes: 2, inChannels: 3 }
data:
  train: { name: imageFolder, root: pictures }
  validation: { split: 0.25, stratify: label }
  batchSize: 4
  transforms: [randomHorizontalFlip, { name: normalize, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }]
  evaluation: { transforms: [{ name: normalize, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }] }
loss: CrossEntropyLoss
optim: { name: AdamW, lr: 0.01 }
trainer: { epochs: 2 }
metrics: [Accuracy]
`
    await writeFile(join(folder, 'pictures.yaml'), text)
    for (const workers of [0, 1]) {
      const run = await loadRun(join(folder, 'pictures.yaml'), { set: [`data.workers=${workers}`] })
      const { history, step } = await run.train({ out: join(folder, `run-${workers}`), progress: silentProgress })
      expect(step).toBe(6)
      expect(history.at(-1)?.metrics['accuracy']).toBe(1)
    }
    const absent = loadRun(join(folder, 'pictures.yaml'), { set: ['data.train.root=absent'] })
    await expect(
      absent.then((run) => run.train({ out: join(folder, 'no'), progress: silentProgress })),
    ).rejects.toThrow(/data\.train: imageFolder: .*absent/)
  })

  it('sinter cross-validate prints a table', async () => {
    const lines: string[] = []
    const write = process.stdout.write
    process.stdout.write = ((text: string) => lines.push(text) > 0) as never
    try {
      const args = ['cross-validate', join(folder, 'config.yaml'), '--folds', '2', '--out', join(folder, 'cli')]
      expect(await main([...args, '--set', 'trainer.epochs=1'])).toBe(0)
    } finally {
      process.stdout.write = write
    }
    const text = lines.join('')
    expect(text).toMatch(/\nfold {2}loss +accuracy\n0 .*\n1 .*\nmean .*\nstd .*\nrun directories: /)
    const summary = JSON.parse(await readFile(join(folder, 'cli', 'summary.json'), 'utf8'))
    expect(summary.folds.length).toBe(2)
  })
})

describe('readers by name', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sinter-readers-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  const dataset = async (spec: Record<string, unknown>) => {
    const source = { value: {}, file: 'config.yaml', folder, at: () => 'config.yaml' }
    const builder = new Builder({ source, seed: 0, quick: false })
    return (await builder.build('dataset', spec, ['data', 'train'], {})) as Dataset<any>
  }

  /** An IDX file of bytes. */
  const idx = (shape: number[], values: number[]) => {
    const header = Buffer.from([0, 0, 8, shape.length])
    return Buffer.concat([header, ...shape.map((n) => Buffer.from([0, 0, 0, n])), Buffer.from(values)])
  }

  it('mnist has a channel, and labels that losses take', async () => {
    await writeFile(join(folder, 'train-images-idx3-ubyte'), idx([2, 2, 3], [...Array(12).keys()]))
    await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(idx([2], [7, 3])))
    const train = await dataset({ name: 'mnist', root: '.' })
    expect(train.length).toBe(2)
    expect(await train.get(1, sampleContext(0, 0, 1))).toMatchObject({
      image: { data: Uint8Array.of(6, 7, 8, 9, 10, 11), shape: [1, 2, 3] },
      label: { data: Int32Array.of(3), shape: [] },
    })
    await expect(dataset({ name: 'mnist', root: '.', part: 'test' })).rejects.toThrow(
      /data\.train: .*t10k-(images-idx3|labels-idx1)-ubyte\.gz/,
    )
    await expect(dataset({ name: 'mnist', root: '.', part: 'tset' })).rejects.toThrow(
      /part is tset, expected 'train' or/,
    )
    await expect(dataset({ name: 'mnist' })).rejects.toThrow(/data\.train: mnist: root is undefined, expected a path/)
    await writeFile(join(folder, 'train-images-idx3-ubyte'), idx([2, 6], [...Array(12).keys()]))
    await expect(dataset({ name: 'mnist', root: '.' })).rejects.toThrow(
      /mnist: images are .*2.*6.*expected \(n, h, w\)/,
    )
  })

  it('arrayFiles, jsonLines and textLines take paths relative to the file', async () => {
    await writeFile(join(folder, 'a.idx'), idx([3], [1, 2, 3]))
    const arrays = await dataset({ name: 'arrayFiles', x: 'a.idx', y: './a.idx' })
    expect(await arrays.get(2, sampleContext(0, 0, 2))).toMatchObject({ x: { data: Uint8Array.of(3) } })
    await expect(dataset({ name: 'arrayFiles', x: 3 })).rejects.toThrow(/arrayFiles: x is 3, expected a path/)
    await writeFile(join(folder, 'b.jsonl'), '{"x": [1, 2], "y": 3}\n{"x": [4, 5], "y": 6}\n')
    const lines = await dataset({ name: 'jsonLines', path: 'b.jsonl' })
    expect(await lines.get(1, sampleContext(0, 0, 1))).toEqual({ x: [4, 5], y: 6 })
    const text = await dataset({ name: 'textLines', path: 'b.jsonl' })
    expect(text.length).toBe(2)
  })

  it('streams take one path or several, relative to the file', async () => {
    await writeFile(join(folder, 'a.csv'), 'x,y\n0.5,1\n1.5,2\n')
    await writeFile(join(folder, 'b.csv'), 'x,y\n2.5,3\n')
    const rows = async (paths: unknown) => {
      const spec = { name: 'csvStream', paths, columns: { x: 'number', y: 'integer' } }
      const loader = new DataLoader<any>((await dataset(spec)) as never, { batchSize: 8 })
      for await (const { x, y } of loader) {
        const found = [await x.toArray(), await y.toArray()]
        disposeBatch([x, y])
        return found
      }
      return []
    }
    expect(await rows('a.csv')).toEqual([
      [0.5, 1.5],
      [1, 2],
    ])
    expect(await rows(['a.csv', 'b.csv'])).toEqual([
      [0.5, 1.5, 2.5],
      [1, 2, 3],
    ])
    expect(await rows('{a,b}.csv')).toEqual(await rows(['a.csv', 'b.csv']))
    await expect(rows(7)).rejects.toThrow(/csvStream: paths is 7, expected a path/)
    for (const name of ['audioFolder', 'parquetStream', 'webDataset'])
      await expect(dataset({ name })).rejects.toThrow(new RegExp(`${name}: (root|paths) is undefined, expected a path`))
  })

  it('a language model trains on windows of token files', async () => {
    const text = Array.from({ length: 600 }, (_, i) => [3, 1, 4, 1, 5][i % 5] as number)
    for (const name of ['a.bin', 'b.bin']) await writeTokens(join(folder, name), [text])
    await writeFile(
      join(folder, 'gpt.yaml'),
      `name: gpt
model: { name: GPT, vocabSize: 6, blockSize: 8, layers: 1, heads: 1, channels: 16 }
data:
  train: { name: tokenWindows, files: [a.bin, b.bin], blockSize: 8, samples: 256 }
  validation: { name: tokenWindows, files: a.bin, blockSize: 8 }
  batchSize: 16
loss: TokenCrossEntropyLoss
optim: { name: AdamW, lr: 0.01 }
trainer: { epochs: 4 }
`,
    )
    const run = await loadRun(join(folder, 'gpt.yaml'))
    const { history } = await run.train({ out: join(folder, 'run'), progress: silentProgress })
    // The sequence says what follows, but for the first 1 of a window: after 3 or after 4.
    expect(history.at(-1)?.metrics['loss']).toBeLessThan(0.3)
    await expect(dataset({ name: 'tokenWindows', files: [3], blockSize: 8 })).rejects.toThrow(
      /files is 3, expected a path/,
    )
  })
})
