// Statistics: each figure against one computed here from the values, on the steps asked for, and no trace of them in the training.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ArrayDataset, DataLoader, Random } from '#lib/data/index.js'
import { engine, manualSeed, mseLoss, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { AdamW, SGD } from '#lib/optim/index.js'
import {
  type Callback,
  RunDirectory,
  type RunRecord,
  Statistics,
  type StatisticsOptions,
  silentProgress,
  Trainer,
  type TrainerOptions,
} from '#lib/train/index.js'

type Batch = { x: Tensor; y: Tensor }
const random = new Random(3)
const N = 24
const points = new ArrayDataset({
  x: { data: Float32Array.from({ length: N * 5 }, () => random.normal()), shape: [N, 5] },
  y: { data: Float32Array.from({ length: N }, () => random.normal()), shape: [N, 1] },
})

function run(
  statistics: StatisticsOptions | undefined,
  options: Partial<TrainerOptions<Batch>> = {},
  others: Callback[] = [],
) {
  manualSeed(2)
  const model = new nn.Sequential(new nn.Linear(5, 4), new nn.ReLU(), new nn.Linear(4, 1))
  const records: RunRecord[] = []
  /** Weights before and after each update, and gradients, by step and name. */
  const seen: Record<'before' | 'after' | 'gradients', Map<string, Float32Array>[]> = {
    before: [],
    after: [],
    gradients: [],
  }
  const copy = (of: (t: Tensor) => Tensor) =>
    new Map([...model.namedParameters()].map(([name, t]) => [name, of(t).dataSync() as Float32Array]))
  const spy: Callback = {
    onBeforeUpdate: () => {
      seen.before.push(copy((t) => t))
      seen.gradients.push(copy((t) => t.grad as Tensor))
    },
    onUpdate: () => void seen.after.push(copy((t) => t)),
    onRecord: (record) => void records.push(record),
  }
  const trainer = new Trainer<Batch>({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
    data: new DataLoader(points, { batchSize: 6 }),
    loss: ({ x, y }) => mseLoss(model.call(x), y),
    steps: 6,
    callbacks: [...(statistics === undefined ? [] : [new Statistics(statistics)]), ...others, spy],
    progress: silentProgress,
    ...options,
  })
  return { model, trainer, records, seen }
}

function figures(values: Float32Array) {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  const squares = values.reduce((a, b) => a + b * b, 0)
  return {
    norm: Math.sqrt(squares),
    mean,
    std: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n),
    max: Math.max(...values.map(Math.abs)),
    zeros: values.filter((v) => v === 0).length / n,
  }
}

/** f32 sums of n numbers, each up to the largest: n roundings of what has been added up. */
const near = (found: number | undefined, wanted: number, values: Float32Array) =>
  expect(Math.abs((found as number) - wanted)).toBeLessThanOrEqual(
    4 * values.length * 2 ** -24 * Math.max(...values.map(Math.abs), 1e-30) * Math.sqrt(values.length),
  )

it('are those of weights, gradients and updates, on every n-th step', async () => {
  const { trainer, records, seen } = run({ every: 3 })
  await trainer.fit()
  expect(records.map(({ step, epoch }) => [step, epoch])).toEqual([
    [3, 0],
    [6, 1],
  ])
  for (const { step, scalars = {} } of records) {
    const [before, after, gradients] = [seen.before, seen.after, seen.gradients].map((all) => all[step - 1]) as [
      Map<string, Float32Array>,
      Map<string, Float32Array>,
      Map<string, Float32Array>,
    ]
    for (const [name, weights] of before) {
      const kinds = { weights, gradients: gradients.get(name) as Float32Array }
      for (const [kind, values] of Object.entries(kinds))
        for (const [figure, wanted] of Object.entries(figures(values)))
          near(scalars[`${kind}/${name}/${figure}`], wanted, values)
      const change = (after.get(name) as Float32Array).map((w, i) => w - (weights[i] as number))
      near(scalars[`updates/${name}/norm`], figures(change).norm, weights)
      expect(scalars[`updates/${name}/ratio`]).toBe(
        (scalars[`updates/${name}/norm`] as number) / (scalars[`weights/${name}/norm`] as number),
      )
    }
    expect(Object.keys(scalars).length).toBe(4 * 12)
  }
})

it('of groups are those of all their parameters together', async () => {
  const { trainer, records, seen } = run({ every: 1, per: 'group' }, { steps: 1, clipNorm: 0.1 })
  await trainer.fit()
  const all = (from: Map<string, Float32Array>) =>
    Float32Array.from([...from.values()].flatMap((values) => [...values]))
  const { scalars = {} } = records[0] as RunRecord
  for (const [kind, from] of [
    ['weights', seen.before[0]],
    ['gradients', seen.gradients[0]],
  ] as const) {
    const values = all(from as Map<string, Float32Array>)
    for (const [figure, wanted] of Object.entries(figures(values)))
      near(scalars[`${kind}/group0/${figure}`], wanted, values)
  }
  // Gradients are as they were clipped.
  expect(scalars['gradients/group0/norm']).toBeLessThanOrEqual(0.1 * (1 + 2 ** -20))
})

it('count zeros, and histograms hold every value once', async () => {
  const { trainer, records, seen } = run({ every: 1, bins: 5 }, { steps: 1 })
  await trainer.fit()
  const { histograms = {} } = records[0] as RunRecord
  const values = seen.before[0]?.get('0.weight') as Float32Array
  const { min, max, count, limits, buckets } = histograms['weights/0.weight'] as NonNullable<
    (typeof histograms)[string]
  >
  expect([min, max, count]).toEqual([Math.min(...values), Math.max(...values), 20])
  expect(buckets.reduce((a, b) => a + b)).toBe(20)
  expect(limits[0]).toBeCloseTo(min + (max - min) / 5, 6)
  // Its own count, but for values on an edge.
  expect(buckets[0]).toBe(values.filter((v) => v < (limits[0] as number)).length)
})

it('change no bit of the training, with one optimizer or several, and leave no tensors', async () => {
  const weights = async (model: nn.Module) =>
    Promise.all([...model.stateDict().values()].map(async (t) => [...((await t.data()) as Float32Array)]))
  const [measured, plain] = [run({ every: 1, bins: 3 }), run(undefined)]
  await measured.trainer.fit()
  await plain.trainer.fit()
  expect(await weights(measured.model)).toEqual(await weights(plain.model))

  manualSeed(4)
  const [a, b] = [new nn.Linear(5, 1), new nn.Linear(5, 1)]
  const records: RunRecord[] = []
  const counts: number[] = []
  await new Trainer<Batch>({
    model: a,
    optimizers: { a: new AdamW(a.parameters(), { lr: 0.01 }), b: new AdamW(b.parameters(), { lr: 0.01 }) },
    data: new DataLoader(points, { batchSize: 6 }),
    step({ x, y }, { update }) {
      const [first, second] = [mseLoss(a.call(x), y), mseLoss(b.call(x), y)]
      update(first, 'a')
      update(second, 'b')
      return { loss: first }
    },
    steps: 30,
    guard: {},
    callbacks: [new Statistics({ every: 1 }), { onRecord: (record) => void records.push(record) }],
    onStep: () => void counts.push(engine.memory().tensors),
    progress: silentProgress,
  }).fit()
  expect(Object.keys(records[0]?.scalars ?? {})).toContain('gradients/weight/norm')
  // What the model does not name has the optimizer's name.
  expect(Object.keys(records[0]?.scalars ?? {})).toContain('weights/b.group0.1/norm')
  expect(Math.max(...counts.slice(5)) - Math.min(...counts.slice(5))).toBeLessThanOrEqual(6)
})

it('are in metrics.jsonl, once a step after resuming, and in no chart', async () => {
  const out = await mkdtemp(join(tmpdir(), 'sinter-statistics-'))
  try {
    await run({ every: 2 }, { out, steps: 4, checkpointEvery: 3 }, [new RunDirectory()]).trainer.fit()
    const again = run({ every: 2 }, { out }, [new RunDirectory()])
    await again.trainer.resume(join(out, 'step-00000003'))
    await again.trainer.fit()
    const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.filter(({ split }) => split === 'statistics').map(({ step }) => step)).toEqual([2, 4, 6])
    expect(JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')).statistics).toBeUndefined()
  } finally {
    await rm(out, { recursive: true })
  }
})

it('refuse options that make no sense', () => {
  const make = (options: object) => () => new Statistics(options)
  expect(make({ every: 0.5 })).toThrow('every is 0.5')
  expect(make({ bins: -1 })).toThrow('bins is -1')
  expect(make({ per: 'layer' })).toThrow("per is layer, expected 'parameter' or 'group'")
  expect(make({ per: 'group', bins: 2 })).toThrow('histograms are of parameters')
  expect(make({ evry: 1 })).toThrow('did you mean "every"?')
})
