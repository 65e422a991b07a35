/**
 * Whole training steps on a CUDA device against the CPU: a convolutional network, a small GPT (also in bf16 by autocast), a recurrent
 * language model, a network with batch norm. Place in the whole: test/ops holds each operator to its definition; here their sums of
 * rounding are held together through forward and backward passes and an optimizer.
 *
 * Losses of the two may differ by rounding, which training amplifies: tolerances are relative to what one step changes.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { autocast, crossEntropy, engine, manualSeed, randint, randn, scope, type Tensor } from '#lib/index.js'
import { GPT } from '#lib/models/index.js'
import * as nn from '#lib/nn/index.js'
import { AdamW, SGD } from '#lib/optim/index.js'
import { orSkip } from '../opspec/plan.js'

const device = process.env['SINTER_OPS_DEVICE'] ?? ''
const there = device.startsWith('cuda')
if (!there) console.log('SINTER_OPS_DEVICE names no CUDA device: training is not compared with the CPU')

const STEPS = 4

interface Setup {
  make(): nn.Module
  inputs(): [x: Tensor, target: Tensor]
  optimizer?(model: nn.Module): { zeroGrad(): void; step(): void }
  forward?(model: nn.Module, x: Tensor): Tensor
  bf16?: boolean
}

/** Losses of some steps, and the parameters after them; from the same weights on the same batch on every device. */
async function train(setup: Setup, on: string): Promise<{ losses: number[]; parameters: Float32Array[] }> {
  manualSeed(5)
  const model = setup.make()
  const [x, target] = setup.inputs()
  model.to(on)
  const [input, wanted] = [x.to(on), target.to(on)]
  const optimizer = setup.optimizer?.(model) ?? new AdamW(model.parameters(), { lr: 3e-3 })
  const forward = setup.forward ?? ((m, t) => m.call(t) as Tensor)
  const run = () => {
    const logits = forward(model, input)
    return crossEntropy(logits.reshape([-1, logits.shape.at(-1) as number]), wanted.reshape([-1]))
  }
  const losses: number[] = []
  try {
    for (let step = 0; step < STEPS; step++) {
      const loss = scope(() => {
        optimizer.zeroGrad()
        const loss = setup.bf16 ? autocast({ dtype: 'bf16' }, run) : run()
        loss.backward()
        optimizer.step()
        return loss
      })
      losses.push((await loss.item()) as number)
      loss.dispose()
    }
    const parameters: Float32Array[] = []
    for (const p of model.parameters()) parameters.push((await p.detach().data()) as Float32Array)
    return { losses, parameters }
  } finally {
    model.dispose()
    for (const t of new Set([x, target, input, wanted])) t.dispose()
  }
}

class LanguageModel extends nn.Module {
  readonly embedding = new nn.Embedding(17, 12)
  readonly lstm = new nn.LSTM(12, 16, { numLayers: 2, batchFirst: true })
  readonly head = new nn.Linear(16, 17)
  forward(x: Tensor): Tensor {
    const [y] = this.lstm.call(this.embedding.call(x)) as [Tensor, unknown]
    return this.head.call(y)
  }
}

const SETUPS: Record<string, Setup> = {
  'a convolutional network': {
    make: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 6, 3),
        new nn.ReLU(),
        new nn.Conv2d(6, 8, 3),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(8 * 25, 10),
      ),
    inputs: () => [randn([5, 1, 14, 14]), randint(0, 10, [5])],
  },
  'a residual network with batch norm': {
    make: () =>
      new nn.Sequential(
        new nn.Conv2d(3, 8, 3, { padding: 1, bias: false }),
        new nn.BatchNorm2d(8),
        new nn.ReLU(),
        new nn.Residual(
          new nn.Sequential(new nn.Conv2d(8, 8, 3, { padding: 1, bias: false }), new nn.BatchNorm2d(8), new nn.ReLU()),
        ),
        new nn.AdaptiveAvgPool2d(1),
        new nn.Flatten(),
        new nn.Linear(8, 5),
      ),
    inputs: () => [randn([6, 3, 8, 8]), randint(0, 5, [6])],
    optimizer: (model) => new SGD(model.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 1e-3 }),
  },
  'a small GPT': {
    make: () => new GPT({ vocabSize: 19, blockSize: 12, layers: 2, heads: 2, channels: 32 }),
    inputs: () => [randint(0, 19, [2, 12]), randint(0, 19, [2, 12])],
  },
  'a small GPT in bf16': {
    make: () => new GPT({ vocabSize: 19, blockSize: 12, layers: 2, heads: 2, channels: 32 }),
    inputs: () => [randint(0, 19, [2, 12]), randint(0, 19, [2, 12])],
    bf16: true,
  },
  'a recurrent language model': {
    make: () => new LanguageModel(),
    optimizer: (model) => new AdamW(model.parameters(), { lr: 2e-2 }),
    inputs: () => [randint(0, 17, [3, 7]), randint(0, 17, [3, 7])],
  },
}

/** Of the losses, and of each parameter's largest change: f32 by the order of sums, bf16 by its digits. */
const BAND = { f32: 2e-5, bf16: 2e-2 }

describe.skipIf(!there)('training on CUDA is training on the CPU', () => {
  for (const [name, setup] of Object.entries(SETUPS))
    test(name, async ({ skip }) => {
      await orSkip(device, skip, async () => {
        const [cuda, cpu] = [await train(setup, device), await train(setup, 'cpu')]
        const band = BAND[setup.bf16 ? 'bf16' : 'f32']
        expect(cpu.losses.at(-1)).toBeLessThan(0.98 * (cpu.losses[0] as number))
        for (const [i, loss] of cpu.losses.entries())
          expect(Math.abs((cuda.losses[i] as number) - loss), `loss ${i}`).toBeLessThan(band * loss)
        for (const [i, p] of cpu.parameters.entries()) {
          const q = cuda.parameters[i] as Float32Array
          const error = p.reduce((most, v, k) => Math.max(most, Math.abs(v - (q[k] as number))), 0)
          // Adam moves every element by the rate, whatever the size of its gradient, so one that is all rounding may go either way.
          expect(error, `parameter ${i}`).toBeLessThan(setup.bf16 ? 2 * STEPS * 3e-3 : 1e-3)
        }
      })
    })
})

afterAll(() => engine.syncSync())
