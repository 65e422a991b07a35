// Which checkpoints stay: the newest and the best.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { sum } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'
import { type KeepBest, silentProgress, Trainer, type TrainerOptions } from '#lib/train/index.js'
import { ranked, retained } from '#lib/train/retention.js'

const history = [3, 1, Number.NaN, 2, 1].map((loss, i) => ({ step: 10 * (i + 1), epoch: i, metrics: { loss } }))
const STEPS = [10, 20, 30, 40, 50, 55]

it('ranks by the figure, the earlier of equals first, NaN last, and nothing that was not evaluated', () => {
  expect(ranked(STEPS, history, { metric: 'loss' })).toEqual([20, 50, 40, 10, 30])
  expect(ranked(STEPS, history, { metric: 'loss', mode: 'max' })).toEqual([10, 40, 20, 50, 30])
  const endless = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 5].map((loss, step) => ({
    step,
    epoch: 0,
    metrics: { loss },
  }))
  expect(ranked([0, 1, 2], endless, { metric: 'loss' })).toEqual([2, 0, 1])
})

it('keeps the newest and the best', () => {
  expect([...retained(STEPS, 2, history, undefined)]).toEqual([50, 55])
  expect([...retained(STEPS, 1, history, { metric: 'loss', count: 3 })].sort()).toEqual([20, 40, 50, 55])
})

async function* steps(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i
}

const accuracies = [0.1, 0.7, 0.4, 0.9, 0.2, 0.3]

function run(out: string, count: number, keepBest: KeepBest, more: Partial<TrainerOptions<number>> = {}) {
  const model = new nn.Linear(2, 1)
  return new Trainer<number>({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    data: steps(count),
    loss: () => sum(model.weight),
    steps: count,
    evaluate: async ({ step }) => ({ accuracy: accuracies[step - 1] as number }),
    evaluateEvery: 1,
    checkpointEvery: 1,
    keep: 1,
    keepBest,
    out,
    progress: silentProgress,
    ...more,
  })
}

it('the Trainer keeps them, across a resume too, and names the best one', async () => {
  const out = await mkdtemp(join(tmpdir(), 'sinter-keep-'))
  const best: KeepBest = { metric: 'accuracy', mode: 'max', count: 2 }
  try {
    await run(out, 3, best).fit()
    expect((await readdir(out)).sort()).toEqual(['step-00000002', 'step-00000003'])
    const second = run(out, 6, best, { data: steps(3) })
    await second.resume()
    const result = await second.fit()
    expect((await readdir(out)).sort()).toEqual(['step-00000002', 'step-00000004', 'step-00000006'])
    expect(basename(result.best as string)).toBe('step-00000004')
  } finally {
    await rm(out, { recursive: true })
  }
})

it('says which figure it lacks', async () => {
  const out = await mkdtemp(join(tmpdir(), 'sinter-keep-'))
  try {
    await expect(run(out, 1, { metric: 'acuracy' }).fit()).rejects.toThrow(
      /Trainer: keepBest\.metric: evaluate returns no "acuracy"; did you mean "accuracy"\?/,
    )
    expect(() => run(out, 1, { metric: 'a' }, { evaluate: undefined as never })).toThrow('keepBest needs evaluate')
    expect(() => run(out, 1, { metric: 'a', mode: 'least' as never })).toThrow(
      'keepBest.mode: found "least", expected one of min, max',
    )
  } finally {
    await rm(out, { recursive: true })
  }
})
