// What a Trainer does with gradients: accumulation, several optimizers, schedules, clipping, scaling.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader, Random } from '#lib/data/index.js'
import { add, manualSeed, mseLoss, mul_, noGrad, sum, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { AdamW, ReduceLROnPlateau, SGD, StepLR } from '#lib/optim/index.js'
import { type LossScaler, silentProgress, Trainer, type TrainerOptions } from '#lib/train/index.js'

type Batch = { x: Tensor; y: Tensor }

const random = new Random(3)
const N = 38
const points = new ArrayDataset({
  x: { data: Float32Array.from({ length: N * 4 }, () => random.normal()), shape: [N, 4] },
  y: { data: Float32Array.from({ length: N }, () => random.normal()), shape: [N, 1] },
})

type Options = Partial<TrainerOptions<Batch>>

function run(options: Options | ((optimizer: SGD) => Options) = {}, { batchSize = 8, lr = 0.1 } = {}) {
  manualSeed(2)
  const model = new nn.Linear(4, 1)
  const optimizer = new SGD(model.parameters(), { lr, momentum: 0.9 })
  const reports: { loss: number; lr: number }[] = []
  const given = { optimizer, loss: ({ x, y }: Batch) => mseLoss(model.call(x), y), epochs: 3 }
  const trainer = new Trainer<Batch>({
    model,
    data: new DataLoader(points, { batchSize }),
    progress: silentProgress,
    onStep: ({ loss, lr }) => reports.push({ loss, lr }),
    ...given,
    ...(typeof options === 'function' ? options(optimizer) : options),
  })
  return { model, optimizer, trainer, reports }
}

const weightsOf = async (model: nn.Module): Promise<number[]> =>
  (await Promise.all([...model.stateDict().values()].map(async (t) => [...((await t.data()) as Float32Array)]))).flat()

describe('accumulate', () => {
  it.each([
    [8, 3],
    [8, 2],
    [1, 5],
  ])(
    'of batches of %i, %i at a time, is the step of one big batch, an epoch’s last one included',
    async (batchSize, n) => {
      const small = run({ accumulate: n }, { batchSize })
      const big = run({}, { batchSize: batchSize * n })
      const [a, b] = [await small.trainer.fit(), await big.trainer.fit()]
      expect(a.step).toBe(b.step)
      // Sums of N products in another order, step after step: each differs by at most N eps of its size, which is below 2.
      const bound = a.step * N * 2 ** -24 * 2
      const [x, y] = [await weightsOf(small.model), await weightsOf(big.model)]
      for (const [i, value] of x.entries()) expect(Math.abs(value - (y[i] as number))).toBeLessThanOrEqual(bound)
      for (const [i, { loss }] of small.reports.entries())
        expect(Math.abs(loss - (big.reports[i]?.loss as number))).toBeLessThanOrEqual(bound * loss)
    },
  )
})

it('continues to the bit, and to the same epoch, from the step of an epoch’s rest', async () => {
  const out = await mkdtemp(join(tmpdir(), 'sinter-rest-'))
  try {
    // Five batches an epoch make three steps, the third of one batch.
    const whole = run({ accumulate: 2 })
    const end = await whole.trainer.fit()
    expect(end).toMatchObject({ step: 9, epoch: 3 })
    for (const steps of [3, 4]) {
      await run({ accumulate: 2, epochs: undefined as never, steps, checkpointEvery: 1, out }).trainer.fit()
      const second = run({ accumulate: 2, out })
      await second.trainer.resume()
      expect(await second.trainer.fit()).toMatchObject({ step: 9, epoch: 3 })
      expect(await weightsOf(second.model)).toEqual(await weightsOf(whole.model))
      expect(second.reports).toEqual(whole.reports.slice(steps))
    }
  } finally {
    await rm(out, { recursive: true })
  }
})

describe('schedules', () => {
  it('move on every step, or every epoch', async () => {
    const rates = async (scheduleEvery: 'step' | 'epoch') => {
      const scheduled = (optimizer: SGD) => ({
        scheduler: new StepLR(optimizer, { stepSize: 2, gamma: 0.5 }),
        scheduleEvery,
      })
      const { trainer, reports } = run(scheduled, { batchSize: 19 })
      await trainer.fit()
      return reports.map(({ lr }) => lr)
    }
    expect(await rates('step')).toEqual([0.1, 0.1, 0.05, 0.05, 0.025, 0.025])
    expect(await rates('epoch')).toEqual([0.1, 0.1, 0.1, 0.1, 0.05, 0.05])
  })

  const plateau = (figures: Record<string, number>, options: Options = {}) =>
    run(
      (optimizer) => ({
        scheduler: new ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 }),
        evaluate: async () => figures,
        ...options,
      }),
      { batchSize: N },
    )

  it('on a plateau take the evaluation’s figure', async () => {
    const { trainer, reports } = plateau({ loss: 1 })
    await trainer.fit()
    expect(reports.map(({ lr }) => lr)).toEqual([0.1, 0.1, 0.05])
  })

  it('on a plateau say which figure they need', async () => {
    await expect(plateau({ loss: 1, accuracy: 2 }).trainer.fit()).rejects.toThrow(
      'Trainer: monitor: ReduceLROnPlateau needs the name of a figure (evaluate returns loss, accuracy)',
    )
    await expect(plateau({ loss: 1, accuracy: 2 }, { monitor: 'acuracy' }).trainer.fit()).rejects.toThrow(
      /no "acuracy"; did you mean "accuracy"\?/,
    )
    expect(() => run({ monitor: 'loss' })).toThrow('Trainer: monitor: only a ReduceLROnPlateau as scheduler takes it')
  })
})

it('clips values before the norm', async () => {
  const { model, trainer } = run({ clipValue: 1e-3, steps: 1, epochs: undefined as never })
  const before = await weightsOf(model)
  await trainer.fit()
  const after = await weightsOf(model)
  const moved = after.map((value, i) => Math.abs(value - (before[i] as number)))
  expect(Math.max(...moved)).toBeLessThanOrEqual(0.1 * 1e-3 + 2 ** -24)
  expect(Math.max(...moved)).toBeGreaterThan(0.9e-4)
})

it('scales losses through a scaler, unscales before clipping, and keeps its state', async () => {
  const out = await mkdtemp(join(tmpdir(), 'sinter-scaler-'))
  const calls: string[] = []
  let state = 0
  const scaler: LossScaler = {
    scale: (loss) => loss.mul(4),
    unscale(optimizer) {
      calls.push('unscale')
      noGrad(() => {
        for (const { params } of optimizer.paramGroups)
          for (const { grad } of params) if (grad !== null) mul_(grad, 1 / 4)
      })
    },
    step(optimizer) {
      calls.push('step')
      optimizer.step()
    },
    update: () => calls.push(`update ${++state}`),
    stateDict: () => ({ state }),
    loadStateDict: (from: { state: number }) => {
      state = from.state
    },
  }
  const scaled = run({ scaler, clipNorm: 1, epochs: undefined as never, steps: 2, out })
  const plain = run({ clipNorm: 1, epochs: undefined as never, steps: 2 })
  try {
    await scaled.trainer.fit()
    await plain.trainer.fit()
    expect(calls).toEqual(['unscale', 'step', 'update 1', 'unscale', 'step', 'update 2'])
    // A power of two changes no bit.
    expect(await weightsOf(scaled.model)).toEqual(await weightsOf(plain.model))
    expect(scaled.reports).toEqual(plain.reports)
    state = 0
    await run({ scaler, clipNorm: 1, out }).trainer.resume()
    expect(state).toBe(2)
  } finally {
    await rm(out, { recursive: true })
  }
})

describe('several optimizers', () => {
  const pair = (options: Options = {}, names: [string?, string?] = ['a', 'b']) => {
    manualSeed(4)
    const [a, b] = [new nn.Linear(4, 1), new nn.Linear(4, 1)]
    const optimizers = {
      a: { optimizer: new AdamW(a.parameters(), { lr: 0.05 }), clipNorm: 1 },
      b: new SGD(b.parameters(), { lr: 0.1, momentum: 0.9 }),
    }
    const model = new nn.Sequential(a, b)
    const seen: boolean[] = []
    const trainer = new Trainer<Batch>({
      model,
      optimizers: {
        ...optimizers,
        a: { ...optimizers.a, scheduler: new StepLR(optimizers.a.optimizer, { stepSize: 3 }) },
      },
      data: new DataLoader(points, { batchSize: 8, shuffle: true, seed: 1 }),
      step: ({ x, y }, { update }) => {
        const both = mseLoss(add(a.call(x), b.call(x)), y)
        update(both, names[0])
        seen.push([...a.parameters(), ...b.parameters()].every(({ grad }) => grad === null))
        const own = mseLoss(b.call(x), y)
        update(own, names[1])
        return { both, own, norm: noGrad(() => sum(a.weight)), constant: 7 }
      },
      steps: 7,
      progress: silentProgress,
      ...options,
    })
    return { model, trainer, seen }
  }

  it('update one after the other; only the named one receives gradients; every number is reported', async () => {
    const metrics: string[][] = []
    const { trainer, seen } = pair({ onStep: (report) => metrics.push(Object.keys(report.metrics)) })
    const result = await trainer.fit()
    expect(seen).toEqual(Array(7).fill(true))
    expect(metrics[0]).toEqual(['both', 'own', 'norm', 'constant'])
    expect(Number.isFinite(result.loss)).toBe(true)
  })

  it('continue to the bit', async () => {
    const out = await mkdtemp(join(tmpdir(), 'sinter-pair-'))
    try {
      const whole = pair()
      await whole.trainer.fit()
      await pair({ steps: 4, out }).trainer.fit()
      const second = pair({ out })
      await second.trainer.resume()
      await second.trainer.fit()
      expect(await weightsOf(second.model)).toEqual(await weightsOf(whole.model))
    } finally {
      await rm(out, { recursive: true })
    }
  })

  it('accumulate, and an epoch’s rest updates all of them', async () => {
    const { trainer } = pair({ accumulate: 3, steps: undefined as never, epochs: 1 })
    expect(await trainer.fit()).toMatchObject({ step: 2 })
  })

  it('say what is wrong', async () => {
    await expect(pair({}, ['a', undefined]).trainer.fit()).rejects.toThrow(
      /which optimizer is not said \(optimizers: a, b\)/,
    )
    await expect(pair({}, ['aa', 'b']).trainer.fit()).rejects.toThrow(/no optimizer "aa"; did you mean "a"\?/)
    expect(() => pair({ clipNorm: 1 })).toThrow(/with optimizers, give scheduler, .* to each/)
    expect(() => pair({ loss: () => undefined as never })).toThrow('expected either loss or step, one of the two')
    expect(() => pair({ optimizers: { a: {} as never } })).toThrow(
      'Trainer: optimizers: a.optimizer: found nothing, expected an Optimizer',
    )
    await expect(run({ loss: undefined as never, step: () => ({}) }).trainer.fit()).rejects.toThrow(
      '`step` returned nothing',
    )
  })
})
