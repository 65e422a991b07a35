// Early stopping: when it ends a run, what it puts back, what a resumed run knows of it; averages of weights as a callback; runs that fail.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader } from '#lib/data/index.js'
import { engine, manualSeed, mseLoss, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { ExponentialMovingAverage, SGD } from '#lib/optim/index.js'
import {
  type Callback,
  EarlyStopping,
  type EarlyStoppingOptions,
  type FitResult,
  RunDirectory,
  silentProgress,
  Trainer,
  type TrainerOptions,
  WeightAveraging,
} from '#lib/train/index.js'

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sinter-early-'))
})
afterEach(async () => {
  await rm(out, { recursive: true })
})

type Batch = { x: Tensor }
const weightOf = async (model: nn.Linear): Promise<number> => ((await model.weight.data()) as Float32Array)[0] as number

/** One step an epoch; the evaluation after epoch n gives figures[n - 1]. */
function run(
  figures: readonly number[],
  early: EarlyStoppingOptions,
  options: Partial<TrainerOptions<Batch>> = {},
  others: readonly Callback[] = [],
) {
  manualSeed(1)
  const model = new nn.Linear(1, 1)
  const weights: number[] = []
  const stopping = new EarlyStopping(early)
  const trainer = new Trainer<Batch>({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
    data: new DataLoader(new ArrayDataset({ x: { data: Float32Array.of(1, 2), shape: [2, 1] } }), { batchSize: 2 }),
    loss: ({ x }) => mseLoss(model.call(x), x),
    evaluate: async ({ epoch }) => {
      weights.push(await weightOf(model))
      return { score: figures[epoch - 1] as number }
    },
    epochs: figures.length,
    callbacks: [stopping, ...others],
    progress: silentProgress,
    ...options,
  })
  return { model, trainer, stopping, weights }
}

describe('EarlyStopping', () => {
  it.each([
    ['min', 0, 0, [3, 2, 2, 1], 3],
    ['min', 1, 0, [3, 2, 2.5, 2, 1], 4],
    ['max', 0, 0, [1, 2, 3, 2, 9], 4],
    ['min', 0, 0.5, [3, 2.6, 1], 2],
    // Ten times patience starts anew at an improvement.
    ['min', 1, 0, [5, 6, 4, 6, 3, 6, 2], 7],
    ['min', 1, 0, [Number.NaN, Number.NaN, 1], 2],
    ['max', 1, 0, [1, Number.NaN, 2, Number.POSITIVE_INFINITY, 2, 5], 5],
  ] as const)(
    '%s, patience %i, minDelta %f: of %j ends after %i',
    async (mode, patience, minDelta, figures, epochs) => {
      const { trainer } = run(figures, { monitor: 'score', mode, patience, minDelta })
      const result = await trainer.fit()
      expect(result.epoch).toBe(epochs)
      expect(result.stopped).toBe(false)
      expect(result.finished !== undefined).toBe(epochs < figures.length)
    },
  )

  it('puts the best weights back, and leaves the last ones in the checkpoint', async () => {
    const { trainer, model, stopping, weights } = run(
      [3, 1, 2, 2, 0],
      { monitor: 'score', patience: 1, restoreBest: true },
      { out },
    )
    const result = await trainer.fit()
    expect(result.finished).toBe('score is best at step 2, 1, and has not improved in 2 evaluations')
    expect(stopping.best).toEqual({ value: 1, step: 2 })
    expect(await weightOf(model)).toBe(weights[1])
    const again = run([3, 1, 2, 2, 0], { monitor: 'score', patience: 1, restoreBest: true }, { out })
    await again.trainer.resume()
    expect(await weightOf(again.model)).toBe(weights[3])
    // It had ended: it does not go on, and the best weights came with the checkpoint.
    expect(await again.trainer.fit()).toMatchObject({ step: 4, epoch: 4, stopped: false })
    expect(await weightOf(again.model)).toBe(weights[1])
  })

  it('goes on counting after resuming', async () => {
    const early = { monitor: 'score', patience: 2, restoreBest: true }
    const figures = [3, 1, 2, 2, 2, 0]
    const whole = run(figures, early)
    await whole.trainer.fit()
    await run(figures, early, { out, epochs: 3 }).trainer.fit()
    const rest = run(figures, early, { out })
    await rest.trainer.resume()
    expect(await rest.trainer.fit()).toMatchObject({ epoch: 5 })
    expect(await weightOf(rest.model)).toBe(await weightOf(whole.model))
  })

  it('keeps one copy of the weights, however often they improve', async () => {
    const { trainer } = run(
      Array.from({ length: 40 }, (_, i) => -i),
      { monitor: 'score', restoreBest: true },
    )
    await trainer.fit()
    const before = engine.memory().tensors
    const more = run(
      Array.from({ length: 40 }, (_, i) => -i),
      { monitor: 'score', restoreBest: true },
    )
    await more.trainer.fit()
    // Two models, their momenta and their copies, six tensors each, at most.
    expect(engine.memory().tensors - before).toBeLessThanOrEqual(8)
  })

  it('says what is wrong', async () => {
    const early = (options: object) => () => new EarlyStopping(options as never)
    expect(early({ monitor: 'a', patiense: 1 })).toThrow(/no such option: 'patiense'; did you mean "patience"\?/)
    expect(early({})).toThrow("monitor is undefined, expected a figure's name")
    expect(early({ monitor: 'a', mode: 'low' })).toThrow("mode is low, expected 'min' or 'max'")
    expect(early({ monitor: 'a', patience: -1 })).toThrow('patience is -1')
    expect(early({ monitor: 'a', minDelta: Number.NaN })).toThrow('minDelta is NaN')
    await expect(run([1], { monitor: 'scor' }).trainer.fit()).rejects.toThrow(
      'EarlyStopping: evaluate returns no "scor"; did you mean "score"? (it returns score)',
    )
  })
})

describe('WeightAveraging', () => {
  const averaged = (epochs: number, options: Partial<TrainerOptions<Batch>> = {}, averaging = {}) => {
    const made = run(Array(epochs).fill(1), { monitor: 'score', patience: 99 }, options)
    const ema = new ExponentialMovingAverage(made.model, { decay: 0.5 })
    const trainer = new Trainer<Batch>({
      model: made.model,
      optimizer: new SGD(made.model.parameters(), { lr: 0.1 }),
      data: new DataLoader(new ArrayDataset({ x: { data: Float32Array.of(1, 2), shape: [2, 1] } }), { batchSize: 2 }),
      loss: ({ x }) => mseLoss(made.model.call(x), x),
      epochs,
      callbacks: [new WeightAveraging(ema, averaging)],
      progress: silentProgress,
      ...options,
    })
    const average = async () =>
      (ema.stateDict().averages.get('weight') as Tensor).data().then((data) => [...(data as Float32Array)])
    return { model: made.model, ema, trainer, average }
  }

  it('averages every update, and checkpoints keep the average to the bit', async () => {
    const whole = averaged(6)
    await whole.trainer.fit()
    expect(whole.ema.updates).toBe(6)
    await averaged(3, { out }).trainer.fit()
    const rest = averaged(6, { out })
    await rest.trainer.resume()
    expect(rest.ema.updates).toBe(3)
    await rest.trainer.fit()
    expect(rest.ema.updates).toBe(6)
    expect(await rest.average()).toEqual(await whole.average())
  })

  it('begins late, skips, and ends with the average in the model', async () => {
    const { trainer, ema, model, average } = averaged(7, {}, { from: 1, every: 2, copyAtEnd: true })
    await trainer.fit()
    expect(ema.updates).toBe(3)
    expect([await weightOf(model)]).toEqual(await average())
    expect(() => averaged(1, {}, { every: 0 })).toThrow('every is 0')
    expect(() => averaged(1, {}, { from: 0.5 })).toThrow('from is 0.5')
  })
})

describe('a run that fails', () => {
  it('still ends every callback, with the error, and the run directory says why', async () => {
    const ends: FitResult[] = []
    const failing = {
      onStep({ step }: { step: number }) {
        if (step === 2) throw new Error('no more')
      },
      onFitEnd() {
        throw new Error('nor this')
      },
    }
    const lines: string[] = []
    const { trainer } = run(
      [1, 1, 1],
      { monitor: 'score' },
      { out, progress: { ...silentProgress, line: (text) => lines.push(text) } },
      [failing, new RunDirectory(), { onFitEnd: (result) => void ends.push(result) }],
    )
    await expect(trainer.fit()).rejects.toThrow('no more')
    expect(ends.map(({ error }) => (error as Error).message)).toEqual(['no more'])
    expect(lines.join('\n')).toContain('Object-1.onFitEnd, called because the run failed, failed too: Error: nor this')
    const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'))
    expect(summary).toMatchObject({ steps: 2, error: 'no more', train: { loss: {} } })
  })
})

it('computes the loss in autocast, and refuses dtypes that it does not have', async () => {
  const dtypes: string[] = []
  const { trainer, model } = run([1], { monitor: 'score' }, {
    autocast: 'bf16',
    loss: ({ x }: Batch) => {
      const y = model.call(x)
      dtypes.push(y.dtype)
      return mseLoss(y, x)
    },
  } as never)
  await trainer.fit()
  expect(dtypes).toEqual(['bf16'])
  const stepped = run([1], { monitor: 'score' }, {
    autocast: { dtype: 'f16' },
    loss: undefined,
    step: ({ x }: Batch, { update }: { update: (loss: Tensor) => void }) => {
      const loss = mseLoss(stepped.model.call(x), x)
      dtypes.push(stepped.model.call(x).dtype)
      update(loss)
      return { loss }
    },
  } as never)
  await stepped.trainer.fit()
  expect(dtypes).toEqual(['bf16', 'f16'])
  expect(() => run([1], { monitor: 'score' }, { autocast: 'f64' as never })).toThrow('Trainer: autocast: found "f64"')
})
