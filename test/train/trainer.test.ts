// The Trainer: resuming to the bit, stopping, evaluation, checkpoints, mistakes.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader } from '#lib/data/index.js'
import { crossEntropy, engine, manualSeed, sum, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { AdamW, OneCycleLR, SGD } from '#lib/optim/index.js'
import {
  evaluate,
  Lines,
  listCheckpoints,
  loadCheckpoint,
  silentProgress,
  Trainer,
  type TrainerOptions,
} from '#lib/train/index.js'

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sinter-train-'))
})
afterEach(async () => {
  await rm(out, { recursive: true })
})

interface Sample {
  x: Float32Array
  y: bigint
}

/** Two classes of points; each epoch in another order, and with noise of its own. */
const points = {
  length: 40,
  get(index: number, { random }: { random: { normal(): number } }): Sample {
    const side = index % 2 === 0 ? 1 : -1
    return { x: Float32Array.from({ length: 6 }, () => side + random.normal()), y: BigInt(index % 2) }
  },
}

/** A run with everything that a checkpoint must hold: batch norm, dropout, AdamW, a schedule, a shuffled loader. */
function run(options: Partial<TrainerOptions<{ x: Tensor; y: Tensor }>> = {}, { lr = 0.02, stopAt = 0 } = {}) {
  manualSeed(11)
  let calls = 0
  const model = new nn.Sequential(
    new nn.Linear(6, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.3),
    new nn.Linear(16, 2),
  )
  const optimizer = new AdamW(model.parameters(), { lr })
  const losses: number[] = []
  const trainer: Trainer<{ x: Tensor; y: Tensor }> = new Trainer({
    model,
    optimizer,
    data: new DataLoader<Sample>(points, { batchSize: 8, shuffle: true, seed: 5 }),
    scheduler: new OneCycleLR(optimizer, { maxLr: lr, totalSteps: 20 }),
    loss: ({ x, y }) => {
      if (++calls === stopAt) trainer.stop()
      return crossEntropy(model.call(x), y)
    },
    clipNorm: 1,
    steps: 20,
    progress: silentProgress,
    onStep: ({ loss }) => losses.push(loss),
    ...options,
  })
  const weights = async () => {
    const entries = [...model.stateDict()].map(async ([name, t]) => [name, await t.rawData()] as const)
    return Object.fromEntries(await Promise.all(entries))
  }
  return { model, trainer, losses, weights }
}

describe('Trainer', () => {
  it('learns, and reports every step once', async () => {
    const { trainer, losses } = run()
    const result = await trainer.fit()
    expect(result).toMatchObject({ step: 20, stopped: false, checkpoint: undefined })
    expect(losses.length).toBe(20)
    expect(result.loss).toBe(losses[19])
    expect(losses[19]).toBeLessThan((losses[0] as number) / 2)
  })

  it.each([5, 7])('continues to the bit after stopping at step %i', async (at) => {
    const whole = run({ out: join(out, 'whole') })
    await whole.trainer.fit()

    const first = run({ out }, { stopAt: at })
    const stopped = await first.trainer.fit()
    expect(stopped).toMatchObject({ step: at, stopped: true })

    const second = run({ out })
    await second.trainer.resume()
    expect(second.trainer.step).toBe(at)
    await second.trainer.fit()
    expect(second.losses).toEqual(whole.losses.slice(at))
    expect(await second.weights()).toEqual(await whole.weights())

    const [a, b] = await Promise.all([loadCheckpoint(out), loadCheckpoint(join(out, 'whole'))])
    expect(b).toMatchObject({ step: 20, epoch: a.epoch, random: a.random, loader: a.loader, schedulers: a.schedulers })
    const bytes = async (folder: string) =>
      readFile(join((await listCheckpoints(folder)).at(-1) as string, 'optimizer.safetensors'))
    expect(await bytes(out)).toEqual(await bytes(join(out, 'whole')))
  })

  it('evaluates after each epoch and saves, keeping the newest checkpoints', async () => {
    const seen: number[] = []
    const { trainer } = run({
      out,
      keep: 2,
      evaluate: async ({ step }) => {
        seen.push(step)
        return { score: step / 2 }
      },
    })
    const { history, checkpoint } = await trainer.fit()
    expect(seen).toEqual([5, 10, 15, 20])
    expect(history.at(-1)).toEqual({ step: 20, epoch: 3, metrics: { score: 10 } })
    expect(await listCheckpoints(out)).toEqual([join(out, 'step-00000015'), join(out, 'step-00000020')])
    expect(checkpoint).toBe(join(out, 'step-00000020'))
  })

  it('counts epochs', async () => {
    const { model, trainer } = run({ steps: undefined as never, epochs: 2 })
    expect(await trainer.fit()).toMatchObject({ step: 10, epoch: 2 })
    expect(model.training).toBe(true)
  })

  it('puts an earlier run’s checkpoints aside', async () => {
    await run({ out, steps: 5 }).trainer.fit()
    await run({ out, steps: 10 }).trainer.fit()
    expect((await readdir(out)).sort()).toEqual(['previous', 'step-00000005', 'step-00000010'])
    expect(await readdir(join(out, 'previous'))).toEqual(['step-00000005'])
  })

  it('frees what steps make', async () => {
    const { trainer, model } = run({ steps: 200, scheduler: undefined as never })
    const grown: number[] = []
    const counting = { ...silentProgress, update: () => void grown.push(engine.memory().tensors) }
    await trainer.fit()
    const again = new Trainer({
      model,
      optimizer: new SGD(model.parameters(), { lr: 0.01 }),
      data: new DataLoader<Sample>(points, { batchSize: 8 }),
      loss: ({ x, y }) => crossEntropy(model.call(x), y),
      steps: 100,
      progress: counting,
    })
    await again.fit()
    expect(Math.max(...grown.slice(5)) - Math.min(...grown.slice(5))).toBeLessThanOrEqual(4)
  })

  it('says when training diverges', async () => {
    const failing = run({ clipNorm: undefined as never, scheduler: undefined as never, steps: 60 }, { lr: 1e30 })
    await expect(failing.trainer.fit()).rejects.toMatchObject({ code: 'SINTER_TRAIN_DIVERGED' })
  })

  it('names the option that is wrong', () => {
    expect(() => run({ steps: 2.5 })).toThrow('Trainer: steps: found 2.5, expected a whole number')
    expect(() => run({ epochs: 3 })).toThrow('Trainer: expected either epochs or steps, one of the two')
    expect(() => run({ clipnorm: 1 } as never)).toThrow(/Trainer: clipnorm: unknown field; did you mean "clipNorm"\?/)
    expect(() => run({ model: {} as never })).toThrow('Trainer: model: found an object, expected a Module')
    expect(() => run({ keep: '3' as never })).toThrow('Trainer: keep: found "3", expected a number')
  })

  it('says what a checkpoint lacks', async () => {
    const { trainer } = run({ out })
    await expect(trainer.resume()).rejects.toMatchObject({ code: 'SINTER_NO_CHECKPOINT' })
    await trainer.fit()
    const [path] = await listCheckpoints(out)
    const broken = join(out, 'broken')
    await cp(path as string, broken, { recursive: true })
    const json = JSON.parse(await readFile(join(broken, 'trainer.json'), 'utf8'))
    await writeFile(join(broken, 'trainer.json'), JSON.stringify({ ...json, step: -1 }))
    await expect(run().trainer.resume(broken)).rejects.toThrow(
      /broken\/trainer\.json: step: found -1, expected at least 0/,
    )
    await writeFile(join(broken, 'trainer.json'), '{')
    await expect(run().trainer.resume(broken)).rejects.toMatchObject({ code: 'SINTER_CHECKPOINT_INVALID' })
  })
})

describe('evaluate', () => {
  it('averages over items, not batches, in evaluation mode without gradients', async () => {
    const model = new nn.Sequential(new nn.Dropout(0.9))
    const dataset = new ArrayDataset({ x: { data: Float32Array.of(1, 2, 3, 4, 10) } })
    const loader = new DataLoader(dataset, { batchSize: 4 })
    const result = await evaluate(model, loader, ({ x }) => ({ count: x.numel, sums: { mean: sum(model.call(x)) } }))
    expect(result).toEqual({ mean: 4 })
    expect(model.training).toBe(true)
  })
})

describe('Lines', () => {
  it('writes plain lines where there is no terminal', () => {
    const written: string[] = []
    const lines = new Lines({ write: (text) => written.push(text) })
    lines.begin('digits', 100)
    lines.update({ step: 25, epoch: 0, loss: 0.5, lr: 0.01, rate: 12345, unit: 'samples', remaining: 75 })
    lines.end()
    expect(written).toEqual([
      'digits: step 25/100 (25 %)  epoch 1  loss 0.5000  lr 0.0100  12,345 samples/s  1 min 15 s left\n',
    ])
  })
})
