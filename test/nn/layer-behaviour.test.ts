// What parity with PyTorch does not show: what training draws, what layers keep, empty batches, and layers in one another's terms.
import { describe, expect, it } from 'vitest'
import { manualSeed, noGrad, ones, randn, scope, type Tensor, tensor, zeros } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'

const numbers = (t: Tensor): number[] => [...(t.dataSync() as Float32Array)]
const indices = (...values: number[]): Tensor => tensor(BigInt64Array.from(values, BigInt))

describe('drop path', () => {
  it('keeps or drops each sample, and scales what it keeps', () => {
    manualSeed(1)
    const rows = numbers(new nn.StochasticDepth(0.25).call(ones([4000, 3])))
    const kept = rows.filter((_, i) => i % 3 === 0)
    for (const [i, x] of rows.entries()) expect(x).toBe(kept[Math.floor(i / 3)])
    expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
    // Five standard deviations of 4000 draws.
    const share = kept.filter((x) => x > 0).length / 4000
    expect(Math.abs(share - 0.75)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / 4000))
  })

  it('keeps or drops all together in mode batch', () => {
    const layer = new nn.StochasticDepth(0.5, 'batch')
    const seen = new Set<string>()
    for (let i = 0; i < 60; i++) seen.add(numbers(layer.call(ones([3]))).join())
    expect(seen).toEqual(new Set(['0,0,0', '2,2,2']))
  })

  it('is the identity in evaluation and with p 0, and nothing with p 1', () => {
    const x = randn([3, 2])
    expect(new nn.StochasticDepth(0.9).eval().call(x)).toBe(x)
    expect(new nn.StochasticDepth(0).call(x)).toBe(x)
    expect(numbers(new nn.StochasticDepth(1).call(x)).every((y) => Math.abs(y) === 0)).toBe(true)
  })
})

describe('dropouts', () => {
  it.each([
    [new nn.Dropout1d(), [50, 4, 3]],
    [new nn.Dropout2d(), [50, 4, 3, 2]],
    [new nn.Dropout3d(), [50, 4, 3, 1, 2]],
  ] as const)('of channels drop whole ones (%#)', (layer, shape) => {
    const y = numbers(layer.call(ones([...shape])))
    const size = shape.slice(2).reduce<number>((a, b) => a * b, 1)
    for (const [i, x] of y.entries()) expect(x).toBe(y[i - (i % size)])
    expect(new Set(y)).toEqual(new Set([0, 2]))
  })

  it('for SELU keep mean and variance', () => {
    manualSeed(2)
    for (const layer of [new nn.AlphaDropout(0.2), new nn.FeatureAlphaDropout(0.2)]) {
      const y = numbers(layer.call(randn([200, 200, 1])))
      const mean = y.reduce((a, b) => a + b, 0) / y.length
      const variance = y.reduce((a, b) => a + (b - mean) ** 2, 0) / y.length
      // Five standard deviations of a mean of 40,000; a variance's is that of squares of up to 3.
      expect(Math.abs(mean)).toBeLessThan(5 / 200)
      expect(Math.abs(variance - 1)).toBeLessThan((5 * 3) / 200)
    }
  })
})

describe('embeddings', () => {
  it('copy values they begin with, and leave the padding row at zero', () => {
    const values = randn([3, 2])
    const layer = new nn.Embedding(3, 2, { values })
    expect(numbers(layer.weight)).toEqual(numbers(values))
    values.fill_(0)
    expect(numbers(layer.weight)).not.toEqual(numbers(values))
    const padded = new nn.Embedding(3, 2, { paddingIndex: -1 })
    expect(padded.paddingIndex).toBe(2)
    expect(numbers(padded.weight).slice(4)).toEqual([0, 0])
  })

  it('shorten rows that are used, and those alone', () => {
    const layer = new nn.Embedding(2, 2, {
      values: tensor([
        [3, 4],
        [6, 8],
      ]),
      maxNorm: 1,
    })
    const [a, b] = numbers(noGrad(() => layer.call(indices(0)))) as [number, number]
    expect(Math.hypot(a, b)).toBeCloseTo(1, 5)
    expect(numbers(layer.weight).slice(2)).toEqual([6, 8])
  })
})

describe('convolutions', () => {
  it('with another border are pad and a convolution, and end in the same epilogue', () => {
    const options = { padding: [1, 2] as [number, number], paddingMode: 'circular', stride: 2 } as const
    const layer = new nn.Conv2d(2, 3, 3, options).to('f64')
    const plain = new nn.Conv2d(2, 3, 3, { stride: 2, values: { weight: layer.weight, bias: layer.bias } })
    const x = randn([2, 2, 5, 4], { dtype: 'f64' })
    noGrad(() => {
      const wanted = plain.call(x.pad([2, 2, 1, 1], { mode: 'circular' }))
      expect(numbers(layer.call(x))).toEqual(numbers(wanted))
      const residual = randn(wanted.shape, { dtype: 'f64' })
      const found = layer.call(x, { residual, activation: 'relu' })
      expect(numbers(found)).toEqual(
        numbers(plain.call(x.pad([2, 2, 1, 1], { mode: 'circular' }), { residual, activation: 'relu' })),
      )
    })
  })

  it('keep their border when a norm is folded into them', () => {
    const conv = new nn.Conv2d(1, 2, 3, { padding: 1, paddingMode: 'reflect' }).to('f64')
    const norm = new nn.BatchNorm2d(2).to('f64')
    const x = randn([2, 1, 4, 4], { dtype: 'f64' })
    noGrad(() => {
      norm.call(conv.call(x))
      norm.eval()
      const [wanted, found] = [norm.call(conv.call(x)), nn.fuseConvBn(conv, norm).call(x)].map(numbers) as [
        number[],
        number[],
      ]
      for (const [i, y] of wanted.entries()) expect(found[i]).toBeCloseTo(y, 12)
    })
  })
})

describe('losses', () => {
  it('hold weights as buffers, which casts and state dicts reach and scopes spare', () => {
    const loss = scope(() => new nn.BCEWithLogitsLoss({ weight: ones([2]), posWeight: tensor([2, 3]) }))
    expect([...loss.stateDict().keys()]).toEqual(['weight', 'pos_weight'])
    loss.to('f64')
    const x = randn([3, 2], { dtype: 'f64' })
    noGrad(() => loss.call(x, x.sigmoid()))
    expect(numbers(loss.posWeight as Tensor)).toEqual([2, 3])
    expect([...new nn.CrossEntropyLoss().stateDict().keys()]).toEqual([])
  })

  it('of a linear layer is cross entropy of its results', () => {
    const loss = new nn.LinearCrossEntropyLoss(4, 5, { bias: true, chunk: 2 }).to('f64')
    const [x, target] = [randn([7, 4], { dtype: 'f64' }), indices(0, 1, 2, 3, 4, 0, 1)]
    const wanted = noGrad(() => new nn.CrossEntropyLoss().call(loss.linear.call(x) as Tensor, target))
    expect(noGrad(() => loss.call(x, target)).itemSync()).toBeCloseTo(wanted.itemSync(), 12)
  })

  it('of the adaptive softmax is that of all log-probabilities, whose exponentials sum to 1', () => {
    const model = new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2, 5], { divValue: 2 }).to('f64')
    const [x, target] = [randn([6, 8], { dtype: 'f64' }), indices(0, 9, 4, 2, 1, 7)]
    noGrad(() => {
      const all = model.logProb(x)
      for (const total of numbers(all.exp().sum(1))) expect(total).toBeCloseTo(1, 12)
      const { output, loss } = model.call(x, target)
      const wanted = numbers(all.gather(1, target.unsqueeze(1)))
      for (const [i, p] of numbers(output).entries()) expect(p).toBeCloseTo(wanted[i] as number, 12)
      expect(loss.itemSync()).toBeCloseTo(-wanted.reduce((a, b) => a + b, 0) / 6, 12)
      expect(model.predict(x).dataSync()).toEqual(all.argmax(1).dataSync())
    })
  })
})

describe('norms', () => {
  it('with momentum null have the mean of all batches', () => {
    const norm = new nn.BatchNorm1d(2, { momentum: null }).to('f64')
    const batches = [1, 2, 3].map(() => randn([5, 2], { dtype: 'f64' }))
    noGrad(() => {
      for (const x of batches) norm.call(x)
      const means = batches.map((x) => numbers(x.mean(0)))
      for (const [c, found] of numbers(norm.runningMean as Tensor).entries())
        expect(found).toBeCloseTo(means.reduce((sum, m) => sum + (m[c] as number), 0) / 3, 12)
      expect((norm.numBatchesTracked as Tensor).itemSync()).toBe(3)
      const before = numbers(norm.runningVar as Tensor)
      norm.eval().call(batches[0] as Tensor)
      expect(numbers(norm.runningVar as Tensor)).toEqual(before)
    })
  })

  it('have PyTorch’s names', () => {
    const names = (m: nn.Module): string[] => [...m.stateDict().keys()]
    const running = ['running_mean', 'running_var', 'num_batches_tracked']
    expect(names(new nn.InstanceNorm2d(2, { trackRunningStats: true }))).toEqual(running)
    expect(names(new nn.InstanceNorm2d(2))).toEqual([])
    expect(names(new nn.BatchNorm2d(2, { bias: false }))).toEqual(['weight', ...running])
  })
})

describe('others', () => {
  it('Identity gives back what it gets', () => {
    const pair = [1, 'two']
    expect(new nn.Identity().call(pair)).toBe(pair)
  })

  it('ParameterDict is found by its names', () => {
    const dict = new nn.ParameterDict({ a: new nn.Parameter(zeros([2])) }).set('b', new nn.Parameter(zeros([3])))
    expect([...dict.stateDict().keys()]).toEqual(['a', 'b'])
    expect(dict.size).toBe(2)
    expect(dict.get('b')?.shape).toEqual([3])
    expect([...dict].map(([name]) => name)).toEqual(['a', 'b'])
    expect(() => (dict as nn.Module).call()).toThrow(/has no forward/)
  })

  it('take batches of no samples', () => {
    const shapes: [nn.Module, number[], number[]][] = [
      [new nn.Linear(3, 2), [0, 3], [0, 2]],
      [new nn.Conv2d(2, 3, 3, { padding: 1 }), [0, 2, 4, 4], [0, 3, 4, 4]],
      [new nn.Conv2d(2, 3, 3, { padding: 1, paddingMode: 'reflect' }), [0, 2, 4, 4], [0, 3, 4, 4]],
      [new nn.MaxPool2d(2), [0, 2, 4, 4], [0, 2, 2, 2]],
      [new nn.ReplicationPad1d(1), [0, 2, 3], [0, 2, 5]],
      [new nn.LayerNorm(3), [0, 3], [0, 3]],
      [new nn.GELU(), [0, 3], [0, 3]],
      [new nn.PReLU(3), [0, 3], [0, 3]],
      [new nn.Upsample({ scaleFactor: 2 }), [0, 2, 3], [0, 2, 6]],
      [new nn.PixelShuffle(2), [0, 4, 2, 2], [0, 1, 4, 4]],
      [new nn.StochasticDepth(0.5), [0, 3], [0, 3]],
      [new nn.Dropout2d(), [0, 2, 2, 2], [0, 2, 2, 2]],
      [new nn.BatchNorm1d(3).eval(), [0, 3], [0, 3]],
    ]
    for (const [layer, shape, wanted] of shapes) expect((layer.call(zeros(shape)) as Tensor).shape).toEqual(wanted)
  })
})
