// What summary counts, and that it leaves the model alone.
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { manualSeed, ones, profile, rand, randn, scope, type Tensor, ValueError } from '#lib/index.js'
import { Bert, GPT2, resnet18 } from '#lib/models/index.js'
import * as nn from '#lib/nn/index.js'

const row = (s: nn.ModelSummary, path: string): nn.SummaryRow => s.rows.find((r) => r.path === path) as nn.SummaryRow

describe('summary', () => {
  it('counts parameters, operations and bytes', () => {
    const model = new nn.Sequential(new nn.Linear(3, 5), new nn.ReLU(), new nn.Linear(5, 2, { bias: false })).to('f64')
    nn.freeze(model, '0.bias')
    const s = nn.summary(model, [4, 3])
    expect(s).toMatchObject({ parameters: 30, trainableParameters: 25, parameterBytes: 240, bufferBytes: 0 })
    expect(s.flops).toBe(2 * 4 * 3 * 5 + 2 * 4 * 5 * 2)
    expect(s.activationBytes).toBe(8 * (20 + 20 + 8))
    expect(row(s, '0')).toEqual({
      path: '0',
      type: 'Linear',
      depth: 1,
      calls: 1,
      input: { shape: [4, 3], dtype: 'f64' },
      output: { shape: [4, 5], dtype: 'f64' },
      parameters: 20,
      ownParameters: 20,
      trainableParameters: 15,
      parameterBytes: 160,
      flops: 120,
      activationBytes: 160,
    })
    expect(row(s, '')).toMatchObject({ type: 'Sequential', depth: 0, ownParameters: 0, parameters: 30 })
    model.dispose()
  })

  it('has published figures', () => {
    const model = resnet18()
    const s = nn.summary(model, [1, 3, 224, 224])
    expect(s.parameters).toBe(11_689_512)
    // Products of torchvision's table (1.81 G multiply-adds), two operations each.
    expect((s.flops as number) / 2e9).toBeCloseTo(1.81, 2)
    expect(row(s, 'layer4').output).toEqual({ shape: [1, 512, 7, 7], dtype: 'f32' })
    model.dispose()
  })

  it('describes nested inputs and outputs', () => {
    const model = new Bert({ vocabSize: 9, positions: 8, channels: 4, layers: 1, heads: 2 })
    const s = nn.summary(model, [{ shape: [2, 3], dtype: 'i32' }, { mask: ones([2, 3]) }])
    expect(row(s, '').input).toEqual([{ shape: [2, 3], dtype: 'i32' }, { mask: { shape: [2, 3], dtype: 'f32' } }])
    expect(row(s, '').output).toMatchObject({ features: { shape: [2, 3, 4] }, pooled: { shape: [2, 4] } })
    expect(s.table()).toContain('{features: (2, 3, 4), pooled: (2, 4)}')
    expect(nn.summary(model, [2, 3], { dtype: 'i32' }).flops).toBe(s.flops)
    const lstm = new nn.LSTM(2, 3)
    expect(row(nn.summary(lstm, [4, 1, 2]), '').output).toMatchObject([
      {},
      [{ shape: [1, 1, 3] }, { shape: [1, 1, 3] }],
    ])
    for (const m of [model, lstm]) m.dispose()
  })

  it('counts what is shared once, and tells what is tied', () => {
    const shared = new nn.Linear(2, 2)
    const model = new nn.Sequential(shared, new nn.Sequential(shared))
    const s = nn.summary(model, [1, 2])
    expect(s.parameters).toBe(6)
    expect(s.rows.map(({ path }) => path)).toEqual(['', '0', '1'])
    expect(row(s, '0')).toMatchObject({ calls: 2, flops: 16 })
    expect(s.flops).toBe(16)
    const gpt = new GPT2({ vocabSize: 7, positions: 4, channels: 4, layers: 1, heads: 1 })
    expect(nn.summary(gpt).tied).toEqual([['lm_head.weight', 'transformer.wte.weight']])
    expect(String(nn.summary(gpt))).toContain('lm_head.weight is transformer.wte.weight')
    for (const m of [model, gpt]) m.dispose()
  })

  it('leaves modes, statistics, random numbers and hooks as they were', () => {
    class Noisy extends nn.Module {
      norm = new nn.BatchNorm1d(2)
      dropout = new nn.Dropout(0.5).eval()
      override forward(x: Tensor): Tensor {
        return this.dropout.call(this.norm.call(x)).add(rand([2]))
      }
    }
    const model = new Noisy()
    const state = [...model.stateDict()].map(([, t]) => t.toArraySync())
    manualSeed(5)
    const wanted = scope(() => rand([3]).toArraySync())
    manualSeed(5)
    nn.summary(model, [4, 2])
    expect(scope(() => rand([3]).toArraySync())).toEqual(wanted)
    expect([...model.stateDict()].map(([, t]) => t.toArraySync())).toEqual(state)
    expect([model.training, model.norm.training, model.dropout.training]).toEqual([true, true, false])
    expect(() => nn.summary(model, [4, 3])).toThrow(/\(in norm, a BatchNorm1d of Noisy\)$/)
    expect(model.training).toBe(true)
    model.dispose()
  })

  it('without inputs counts what needs no call', () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2))
    const s = nn.summary(model)
    expect(s).toMatchObject({ flops: null, activationBytes: null, parameters: 10, bufferBytes: 24 })
    expect(s.table()).toBe(
      [
        'path  class        parameters',
        '      Sequential           10',
        '0     Linear                6',
        '1     BatchNorm1d           4',
        '',
        'parameters   10, 10 trainable, 40 B',
        'buffers      24 B',
      ].join('\n'),
    )
    expect(inspect(s)).toBe(s.table())
    model.dispose()
  })

  it('prints as deep, and the columns, as asked', () => {
    const model = new nn.Sequential(new nn.Sequential(new nn.Linear(1000, 1000)))
    const s = nn.summary(model, [1, 1000], { depth: 1, columns: ['flops', 'output', 'memory'] })
    expect(s.table().split('\n').slice(0, 3)).toEqual([
      'path  class        flops  output      memory',
      '      Sequential  2.00 M  (1, 1000)  4.00 MB',
      '0     Sequential  2.00 M  (1, 1000)  4.00 MB',
    ])
    expect(s.table({ depth: 2 })).toContain('0.0   Linear')
    model.dispose()
  })

  it('says what it does not take', () => {
    const model = new nn.Sequential(new nn.Linear(2, 2))
    const call = (...args: unknown[]) => (nn.summary as (...args: unknown[]) => unknown)(model, ...args)
    expect(() => call([1, 2], { dept: 1 })).toThrow(/summary: no such option: 'dept'; did you mean "depth"/)
    expect(() => call([1, 2], { columns: ['flop'] })).toThrow(/no such column: 'flop'; there are input, output/)
    expect(() => call(3)).toThrow(/inputs are a number; expected a tensor, a shape/)
    expect(() => call(3)).toThrow(ValueError)
    expect(() => profile(() => call([1, 2]))).toThrow(/a profile is running/)
    model.dispose()
  })

  it('of quantized and packed layers tells what else they hold', () => {
    const layer = new nn.Linear(128, 128).eval()
    scope(() => {
      const x = randn([4, 128])
      for (let i = 0; i < 2; i++) nn.summary(layer, x)
    })
    expect(nn.summary(layer).otherBytes).toBeGreaterThan(128 * 128 * 4 - 1)
    layer.dispose()
  })
})
