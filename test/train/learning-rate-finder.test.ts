// The learning-rate range test: what it suggests on losses whose best rate is known, and that it leaves no trace.
import { expect, it } from 'vitest'
import { ArrayDataset, DataLoader, Random } from '#lib/data/index.js'
import { engine, manualSeed, mseLoss, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { Adam, SGD } from '#lib/optim/index.js'
import { findLearningRate, silentProgress, Trainer, type TrainerOptions } from '#lib/train/index.js'

type Batch = { x: Tensor; y: Tensor }
const random = new Random(3)
const N = 64
const x = Float32Array.from({ length: N * 4 }, () => random.normal())
const y = Float32Array.from({ length: N }, (_, i) => 3 * (x[4 * i] as number) - (x[4 * i + 1] as number))
const points = new ArrayDataset({ x: { data: x, shape: [N, 4] }, y: { data: y, shape: [N, 1] } })

function run(options: Partial<TrainerOptions<Batch>> = {}) {
  manualSeed(2)
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.Dropout(0.1), new nn.Linear(8, 1))
  const losses: number[] = []
  const given: TrainerOptions<Batch> = {
    model,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    data: new DataLoader(points, { batchSize: 16, shuffle: true, seed: 1 }),
    loss: ({ x, y }) => mseLoss(model.call(x), y),
    steps: 8,
    onStep: ({ loss }) => losses.push(loss),
    progress: silentProgress,
    ...options,
  }
  return { model, given, losses }
}

const bits = async (model: nn.Module) =>
  Promise.all([...model.stateDict().values()].map(async (t) => Buffer.from((await t.rawData()).buffer).toString('hex')))

it('suggests a rate of the right size, and stops where the loss diverges', async () => {
  // Of a linear model on inputs of variance 1, the mean squared error's curvature is about 2: SGD diverges beyond a rate of 1.
  manualSeed(1)
  const model = new nn.Linear(4, 1)
  const optimizer = new SGD(model.parameters(), { lr: 0.5 })
  const options = {
    ...run().given,
    model,
    optimizer,
    loss: ({ x, y }: Batch) => mseLoss(model.call(x), y),
  }
  const { points, suggestion, svg } = await findLearningRate(options, { minLr: 1e-4, maxLr: 100, smoothing: 0.8 })
  expect(suggestion).toBeGreaterThan(5e-3)
  expect(suggestion).toBeLessThan(1)
  expect(points[0]?.lr).toBe(1e-4)
  expect(points.length).toBeLessThan(100)
  const [a, b] = [points[10], points[11]] as [{ lr: number }, { lr: number }]
  expect(b.lr / a.lr).toBeCloseTo(1e6 ** (1 / 99), 6)
  expect(points.at(-1)?.lr).toBeLessThan(30)
  expect(svg).toMatch(/^<svg [\s\S]*falls fastest[\s\S]*<\/svg>\n$/)
})

it('leaves weights, buffers, optimizer, random numbers, modes and data as they were', async () => {
  const plain = run()
  await new Trainer(plain.given).fit()
  const tested = run()
  tested.model.eval()
  await findLearningRate(tested.given, { steps: 20 })
  expect([...tested.model.modules()].some((module) => module.training)).toBe(false)
  expect(tested.losses).toEqual([])
  await new Trainer(tested.given).fit()
  expect(tested.losses).toEqual(plain.losses)
  expect(await bits(tested.model)).toEqual(await bits(plain.model))
  // And in the middle of a run, with moments in the optimizer.
  for (const { model, given, losses } of [plain, tested]) {
    losses.length = 0
    manualSeed(9)
    if (model === tested.model) await findLearningRate(given, { maxLr: 1e6, steps: 30 })
    await new Trainer(given).fit()
  }
  expect(tested.losses).toEqual(plain.losses)
  expect(await bits(tested.model)).toEqual(await bits(plain.model))
})

it('keeps the proportions of groups, and frees its copies', async () => {
  const { model, given } = run()
  const [first, last] = [model.at(0) as nn.Linear, model.at(3) as nn.Linear]
  const optimizer = new SGD(
    [
      { params: first.parameters(), lr: 0.1 },
      { params: last.parameters(), lr: 0.01 },
    ],
    { lr: 1 },
  )
  const rates: number[][] = []
  const loss = ({ x, y }: Batch) => {
    rates.push(optimizer.paramGroups.map(({ lr }) => lr))
    return mseLoss(model.call(x), y)
  }
  await findLearningRate({ ...given, optimizer, loss }, { minLr: 1e-3, maxLr: 1e-2, steps: 3 })
  for (const [i, wanted] of [1e-3, Math.sqrt(1e-5), 1e-2].entries()) {
    expect(rates[i]?.[0]).toBeCloseTo(wanted, 9)
    expect(rates[i]?.[1]).toBeCloseTo(wanted / 10, 10)
  }
  expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.1, 0.01])
  const before = engine.memory().tensors
  await findLearningRate({ ...given, optimizer, loss }, { steps: 5 })
  expect(engine.memory().tensors - before).toBeLessThanOrEqual(2)
})

it('suggests nothing where the loss never falls, and says what makes no sense', async () => {
  const { given, model } = run()
  // No rate helps against noise of one sign: a loss that rises by itself.
  let level = 1
  const rising = ({ x }: Batch) => {
    level *= 1.01
    return model.call(x).mul(0).sum().add(level)
  }
  const found = await findLearningRate({ ...given, loss: rising }, { steps: 20 })
  expect(found.suggestion).toBeUndefined()
  expect(found.points.length).toBe(20)
  await expect(findLearningRate(given, { minLr: 1, maxLr: 0.1 })).rejects.toThrow('from 1 to 0.1 is no range')
  await expect(findLearningRate(given, { steps: 1 })).rejects.toThrow('steps is 1')
  await expect(findLearningRate(given, { smoothing: 1 })).rejects.toThrow('smoothing is 1')
  await expect(findLearningRate(given, { stopFactor: 1 })).rejects.toThrow('stopFactor is 1')
  await expect(findLearningRate(given, { max: 1 } as never)).rejects.toThrow("no such option: 'max'")
  const several = { ...given, optimizer: undefined as never, optimizers: { a: given.optimizer as Adam } }
  await expect(findLearningRate(several)).rejects.toThrow('it takes one optimizer')
})
