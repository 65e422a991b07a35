// Loss curves of a small GPT and a small CNN in each precision beside the same run in f32: same weights, same batches.
import { describe, expect, it } from 'vitest'
import {
  type AutocastOptions,
  autocast,
  crossEntropy,
  manualSeed,
  randint,
  randn,
  scope,
  type Tensor,
  tensor,
} from '#lib/index.js'
import { GPT } from '#lib/models/index.js'
import { BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, type Module, ReLU, Sequential } from '#lib/nn/index.js'
import { AdamW, GradScaler, type Optimizer, SGD } from '#lib/optim/index.js'

const STEPS = 160

interface Task {
  model(): Module
  optimizer(model: Module, options: { masterWeights?: boolean; stochasticRounding?: boolean }): Optimizer<any>
  /** The loss of step t. */
  loss(model: Module, t: number): Tensor
  dispose(): void
}

/** Text of a Markov chain: each of 16 letters is followed by one of three. */
function gpt(): Task {
  const [batch, length, vocabSize] = [8, 16, 16]
  const next = (c: number, r: number): number => (5 * c + [1, 4, 11][r % 3 === 0 ? r % 2 : 2]!) % vocabSize
  let seed = 1
  const random = (): number => (seed = (seed * 48271) % 2147483647)
  const texts = Array.from({ length: STEPS }, () =>
    Array.from({ length: batch }, () => {
      const text = [random() % vocabSize]
      while (text.length <= length) text.push(next(text.at(-1) as number, random() >> 8))
      return text
    }),
  )
  const part = (t: number, from: number) =>
    tensor(
      (texts[t] as number[][]).map((text) => text.slice(from, from + length)),
      { dtype: 'i32' },
    )
  return {
    model: () => new GPT({ vocabSize, blockSize: length, layers: 2, heads: 2, channels: 32, tied: false }),
    optimizer: (model, options) => new AdamW(model.parameters(), { lr: 3e-3, betas: [0.9, 0.98], ...options }),
    loss: (model, t) =>
      crossEntropy((model as GPT).call(part(t, 0)).reshape([-1, vocabSize]), part(t, 1).reshape([-1])),
    dispose: () => {},
  }
}

/** Images of noise with a bright corner, one of four classes, in images of 12 x 12. */
function cnn(): Task {
  manualSeed(99)
  const batch = 32
  const steps = Array.from({ length: STEPS }, () => {
    const y = randint(0, 4, [batch])
    const labels = y.dataSync() as ArrayLike<number | bigint>
    const bright = new Float32Array(batch * 144)
    for (let i = 0; i < batch; i++) {
      const c = Number(labels[i])
      for (let k = 0; k < 9; k++)
        bright[i * 144 + (3 + 5 * (c >> 1) + Math.floor(k / 3)) * 12 + 3 + 5 * (c & 1) + (k % 3)] = 0.8
    }
    return { x: scope(() => randn([batch, 1, 12, 12]).add(tensor(bright).reshape([batch, 1, 12, 12])) as Tensor), y }
  })
  return {
    model: () =>
      new Sequential(
        new Conv2d(1, 8, 3, { padding: 1 }),
        new BatchNorm2d(8),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(8, 16, 3, { padding: 1 }),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        new Linear(144, 4),
      ),
    optimizer: (model, options) => new SGD(model.parameters(), { lr: 0.01, momentum: 0.9, ...options }),
    loss: (model, t) => {
      const { x, y } = steps[t] as (typeof steps)[number]
      return crossEntropy(model.call(x.to([...model.parameters()][0]?.dtype ?? 'f32')) as Tensor, y)
    },
    dispose: () => {
      for (const { x, y } of steps) for (const t of [x, y]) t.dispose()
    },
  }
}

interface Mode {
  dtype?: 'bf16'
  cast?: AutocastOptions
  scaled?: boolean
  masterWeights?: boolean
  stochasticRounding?: boolean
}

/** Losses of all steps. */
function train(task: Task, { dtype, cast, scaled, ...options }: Mode, seed = 1): number[] {
  manualSeed(seed)
  const model = task.model()
  if (dtype) model.to(dtype)
  const optimizer = task.optimizer(model, options)
  const scaler = scaled ? new GradScaler({ growthInterval: 50 }) : null
  manualSeed(seed)
  const losses = Array.from({ length: STEPS }, (_, t) =>
    scope(() => {
      const loss = cast ? autocast(cast, () => task.loss(model, t)) : task.loss(model, t)
      const value = loss.detach().to('f32').itemSync()
      if (scaler) {
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
      } else {
        loss.backward()
        optimizer.step()
      }
      optimizer.zeroGrad()
      return value
    }),
  )
  optimizer.loadStateDict({ ...optimizer.stateDict(), state: {} })
  for (const t of [...model.parameters(), ...model.buffers()]) t.dispose()
  return losses
}

const MODES: Record<string, Mode> = {
  'bf16 autocast': { cast: { dtype: 'bf16' } },
  'f16 autocast with a GradScaler': { cast: { dtype: 'f16' }, scaled: true },
  'bf16 parameters with f32 copies': { dtype: 'bf16', masterWeights: true },
  'bf16 parameters, stochastically rounded': { dtype: 'bf16', stochasticRounding: true },
}

/**
 * How far a curve's means over 20 steps may be from f32's, in nats. Seeds of the weights alone make them differ by 0.01 to 0.05 in f32
 * (three seeds, when this was written); the modes differ by at most 0.006, and what the band must exclude, bf16 parameters rounded to
 * the nearest, by 0.05 in the GPT's first quarter.
 */
const BAND = 0.015
const WINDOW = 20

const quarters = (losses: readonly number[]): number[] =>
  [0.25, 0.5, 0.75, 1].map((q) => {
    const part = losses.slice(q * STEPS - WINDOW, q * STEPS)
    return part.reduce((a, b) => a + b, 0) / WINDOW
  })
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number))))

describe.each([
  ['a GPT', gpt],
  ['a CNN', cnn],
] as const)('%s', (name, make) => {
  it('learns in every precision as it does in f32', () => {
    const task = make()
    const first = train(task, {})
    const full = quarters(first)
    // There is something to compare: the loss falls by half.
    expect(full[3]).toBeLessThan(0.5 * (first[0] as number))
    for (const [mode, options] of Object.entries(MODES))
      expect(distance(quarters(train(task, options)), full), mode).toBeLessThan(BAND)
    if (name === 'a GPT') expect(distance(quarters(train(task, { dtype: 'bf16' })), full)).toBeGreaterThan(2 * BAND)
    task.dispose()
  })
})
