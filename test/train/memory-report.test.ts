// Where memory goes: sizes that are known, and that looking changes nothing.
import { describe, expect, it } from 'vitest'
import { checkpoint, crossEntropy, engine, manualSeed, randn, relu, scope, type Tensor, tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { AdamW } from '#lib/optim/index.js'
import { memoryReport } from '#lib/train/index.js'

const ROWS = 32

function setup() {
  manualSeed(3)
  const model = new nn.Sequential(new nn.Linear(16, 64), new nn.ReLU(), new nn.Linear(64, 10), new nn.BatchNorm1d(10))
  const optimizer = new AdamW(model.parameters())
  const x = randn([ROWS, 16])
  const y = tensor(Int32Array.from({ length: ROWS }, (_, i) => i % 10))
  const loss = () => crossEntropy(model.call(x), y)
  const dispose = () => {
    optimizer.zeroGrad()
    for (const state of Object.values(optimizer.stateDict().state))
      for (const value of Object.values(state)) if (typeof value !== 'number') value.dispose()
    model.dispose()
    x.dispose()
    y.dispose()
  }
  return { model, optimizer, loss, dispose }
}

const of = (report: Awaited<ReturnType<typeof memoryReport>>, path: string) => {
  const row = report.modules.find((module) => module.path === path)
  if (row === undefined) throw new Error(`no row of ${path}`)
  return row
}

describe('memoryReport', () => {
  it('counts what a model, its optimizer and its activations hold', async () => {
    const { model, optimizer, loss, dispose } = setup()
    scope(() => loss().backward())
    optimizer.step()
    const report = await memoryReport(model, { optimizer, loss })
    const [first, second] = [4 * (16 * 64 + 64), 4 * (64 * 10 + 10)]
    expect(of(report, '0')).toMatchObject({ type: 'Linear', parameters: first, gradients: first, buffers: 0 })
    expect(of(report, '0').optimizerState).toBe(2 * first)
    expect(of(report, '2')).toMatchObject({ parameters: second, gradients: second, optimizerState: 2 * second })
    // Running mean and variance, and the number of batches.
    expect(of(report, '3').buffers).toBeGreaterThanOrEqual(4 * 20)
    // The first layer needs its input, the next two the activation, once.
    expect(of(report, '0').activations).toBe(4 * ROWS * 16)
    expect(of(report, '1').activations + of(report, '2').activations).toBe(4 * ROWS * 64)
    expect(of(report, '3').activations).toBeGreaterThanOrEqual(4 * ROWS * 10)
    for (const part of ['parameters', 'buffers', 'gradients', 'optimizerState', 'activations'] as const)
      expect(report[part]).toBe(report.modules.reduce((sum, row) => sum + row[part], 0))
    expect(report.forwardPeak).toBeGreaterThanOrEqual(4 * ROWS * 64)
    expect(report.backwardPeak).toBeGreaterThanOrEqual(report.gradients)
    expect(report.live).toBe(engine.memory().live)
    dispose()
  })

  it('leaves gradients, weights and random numbers as they were, and no tensors', async () => {
    const { model, optimizer, loss, dispose } = setup()
    scope(() => loss().backward())
    const [parameter] = [...model.parameters()]
    const grad = parameter?.grad
    const values = await (grad as Tensor).toArray()
    const random = async () => {
      const t = randn([4])
      const found = await t.toArray()
      t.dispose()
      return found
    }
    manualSeed(9)
    const drawn = await random()
    const tensors = engine.memory().tensors
    manualSeed(9)
    const noisy = () => scope(() => loss().add(randn([]).mul(0)))
    await memoryReport(model, { optimizer, loss: noisy })
    expect(engine.memory().tensors).toBe(tensors)
    expect(await random()).toEqual(drawn)
    expect(parameter?.grad).toBe(grad)
    expect(await (grad as Tensor).toArray()).toEqual(values)
    dispose()
  })

  it('shows what checkpoints save, and prints a table; JSON holds its fields', async () => {
    const model = new nn.Sequential(new nn.Linear(64, 64), new nn.Linear(64, 64), new nn.Linear(64, 64))
    const x = randn([100, 64])
    const forward = (): Tensor => relu(model.call(x)).sum()
    const whole = await memoryReport(model, { loss: forward })
    const less = await memoryReport(model, { loss: () => checkpoint((x: Tensor) => relu(model.call(x)), x).sum() })
    expect(whole.activations).toBeGreaterThanOrEqual(4 * 100 * 64 * 3)
    expect(less.activations).toBeLessThan(whole.activations / 2)
    expect(whole.optimizerState).toBe(0)
    const table = String(whole)
    expect(table).toMatch(/path +class +parameters +buffers +gradients +optimizer state +activations +sum/)
    expect(table).toMatch(/\n0 +Linear +16\.6 kB/)
    expect(table).toMatch(/backward pass {2}\d/)
    expect(JSON.parse(JSON.stringify(whole))).toMatchObject({
      parameters: whole.parameters,
      modules: [{ path: '' }, {}, {}, {}],
    })
    const still = await memoryReport(model)
    expect(still).toMatchObject({ activations: 0, gradients: 0, forwardPeak: null, parameters: whole.parameters })
    expect(String(still)).not.toMatch(/pass/)
    model.dispose()
    x.dispose()
  })

  it('refuses what it cannot run', async () => {
    const model = new nn.Linear(2, 2)
    await expect(memoryReport(model, { lose: () => 1 } as never)).rejects.toThrow(
      /no such option: 'lose'; did you mean "loss"/,
    )
    await expect(memoryReport(model, { loss: () => 3 as never })).rejects.toThrow('loss gave number, expected a tensor')
    const failing = () => {
      throw new RangeError('of the user')
    }
    await expect(memoryReport(model, { loss: failing })).rejects.toThrow('of the user')
    expect(model.weight.grad).toBeNull()
    model.dispose()
  })
})
