import { beforeEach, describe, expect, it } from 'vitest'
import {
  manualSeed,
  noGrad,
  ones,
  randn,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from '#lib/index.js'
import { KeyValueCache } from '#lib/models/index.js'
import {
  alibiSlopes,
  FeedForward,
  GroupedQueryAttention,
  LearnedPositionalEmbedding,
  loadBalancingLoss,
  MixtureOfExperts,
  MultiheadAttention,
  RotaryEmbedding,
  rotaryFrequencies,
  SinusoidalPositionalEncoding,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '#lib/nn/index.js'

/** Two ways to one sum of at most 16 terms each over four products: rounding in another order. */
const ROUNDING = 2 ** -24 * (1 + Math.sqrt(4 * 16)) * 4

function expectClose(a: Tensor, b: Tensor, bound: number = ROUNDING): void {
  expect(a.shape).toEqual(b.shape)
  const [x, y] = [a.dataSync() as Float32Array, b.dataSync() as Float32Array]
  for (let i = 0; i < x.length; i++) expect(Math.abs((x[i] as number) - (y[i] as number))).toBeLessThanOrEqual(bound)
}

const test = (name: string, fn: () => void): void => void it(name, () => scope(fn))

beforeEach(() => manualSeed(1))

describe('MultiheadAttention', () => {
  test('refuses sizes and options that do not fit', () => {
    expect(() => new MultiheadAttention(8, 3)).toThrow(/8 channels do not divide into 3 heads/)
    expect(() => new MultiheadAttention(8, 2, { batchfirst: true } as object)).toThrow(/batchfirst.*batchFirst/)
    expect(() => new MultiheadAttention(8, 2, { dropout: 2 })).toThrow(ValueError)
    expect(() => new MultiheadAttention(8, 0)).toThrow(/heads is 0/)
  })

  test('names what was found where inputs or masks do not fit', () => {
    const layer = new MultiheadAttention(8, 2)
    const x = randn([3, 2, 8])
    expect(() => layer.call(randn([3, 2, 6]))).toThrow(/query \(t, b, 8\).*found \(3, 2, 6\)/)
    expect(() => layer.call(x, randn([4, 1, 8]))).toThrow(ShapeError)
    expect(() => layer.call(x, x, x, { attnMask: zeros([2, 3]) })).toThrow(
      /attnMask \(2, 3\), expected \(3, 3\) or \(4, 3, 3\)/,
    )
    expect(() => layer.call(x, x, x, { keyPaddingMask: zeros([3, 2]) })).toThrow(
      /keyPaddingMask \(3, 2\), expected \(2, 3\)/,
    )
    const weights = { needWeights: true, attnMask: zeros([2, 3]) }
    expect(() => layer.call(x, x, x, weights)).toThrow(/attnMask \(2, 3\), expected/)
    const epilogue = { residual: x }
    expect(() => layer.call(x, x, x, { needWeights: true, epilogue })).toThrow(/epilogue go with neither needWeights/)
  })

  test('has weights that sum to one, and the same result with them as without', () => {
    const layer = new MultiheadAttention(8, 2).eval()
    const [q, k] = [randn([3, 2, 8]), randn([4, 2, 8])]
    const [y, none] = layer.call(q, k)
    const [z, weights] = layer.call(q, k, k, { needWeights: true })
    expect(none).toBeNull()
    expectClose(y, z)
    expect(weights?.shape).toEqual([2, 3, 4])
    expectClose((weights as Tensor).sum(-1), ones([2, 3]))
    const [, each] = layer.call(q, k, k, { needWeights: true, averageWeights: false })
    expect(each?.shape).toEqual([2, 2, 3, 4])
  })

  test('causal is the mask of what is behind, with weights too; a mask of numbers joins one of bools', () => {
    const layer = new MultiheadAttention(8, 2, { batchFirst: true }).eval()
    const x = randn([2, 3, 8])
    const hidden = tensor([
      [false, true, true],
      [false, false, true],
      [false, false, false],
    ])
    const masked = layer.call(x, x, x, { attnMask: hidden })[0]
    expectClose(layer.call(x, x, x, { causal: true })[0], masked)
    expectClose(layer.call(x, x, x, { causal: true, needWeights: true })[0], masked)
    const padding = tensor([
      [false, false, true],
      [false, false, false],
    ])
    const both = { attnMask: zeros([3, 3]), keyPaddingMask: padding }
    expectClose(layer.call(x, x, x, both)[0], layer.call(x, x, x, { keyPaddingMask: padding })[0])
  })

  test('in evaluation goes by packed weights of both products until they are written to', () => {
    const layer = new MultiheadAttention(128, 2).eval()
    const x = randn([4, 2, 128])
    noGrad(() => {
      const first = layer.call(x)[0]
      expect(layer.ownedTensors().length).toBe(4)
      expectClose(layer.call(x)[0], first)
      expect(layer.ownedTensors().length).toBe(6)
      layer.inProjWeight?.mul_(0)
      layer.inProjBias?.mul_(0)
      expectClose(layer.call(x)[0], layer.outProj.bias?.expand([4, 2, 128]) as Tensor, 0)
    })
  })

  test('takes an empty batch, and adds its residual', () => {
    const layer = new MultiheadAttention(8, 2, { batchFirst: true })
    expect(layer.call(randn([0, 3, 8]))[0].shape).toEqual([0, 3, 8])
    const x = randn([3, 8])
    expectClose(layer.call(x, x, x, { epilogue: { residual: x } })[0], layer.call(x)[0].add(x))
  })
})

describe('GroupedQueryAttention', () => {
  test('refuses sizes and options that do not fit', () => {
    expect(() => new GroupedQueryAttention(8, 3)).toThrow(/give headWidth/)
    expect(() => new GroupedQueryAttention(8, 4, { kvHeads: 3 })).toThrow(/4 heads do not divide among 3/)
    expect(() => new GroupedQueryAttention(8, 4, { kvheads: 2 } as object)).toThrow(/kvHeads/)
    const layer = new GroupedQueryAttention(8, 4, { causal: false })
    expect(() => layer.call(randn([2, 6]))).toThrow(/\(b, t, 8\), found \(2, 6\)/)
    const past = { cache: new KeyValueCache({ layers: 1, heads: 4, width: 2, capacity: 4 }), layer: 0 }
    expect(() => layer.call(randn([1, 2, 8]), { past })).toThrow(/causal attention without a mask/)
  })

  for (const [window, alibi] of [
    [-1, false],
    [1, false],
    [-1, true],
  ] as const) {
    test(`goes on from a cache as in one call, window ${window}${alibi ? ' with ALiBi' : ''}`, () => {
      const rotary = new RotaryEmbedding(4)
      const layer = new GroupedQueryAttention(8, 4, { kvHeads: 2, headWidth: 4, window, rotary, alibi }).eval()
      const x = randn([2, 5, 8])
      noGrad(() => {
        const whole = layer.call(x)
        const cache = new KeyValueCache({ layers: 1, heads: 2, width: 4, capacity: 5, batch: 2 })
        const parts = [x.narrow(1, 0, 2), x.narrow(1, 2, 1), x.narrow(1, 3, 2)]
        const steps = parts.map((part) => layer.call(part, { past: { cache, layer: 0 } }))
        expectClose(steps[0] as Tensor, whole.narrow(1, 0, 2))
        expectClose(steps[1] as Tensor, whole.narrow(1, 2, 1))
        expectClose(steps[2] as Tensor, whole.narrow(1, 3, 2))
        cache.dispose()
      })
    })
  }
})

describe('positions', () => {
  test('refuse what does not fit', () => {
    expect(() => new SinusoidalPositionalEncoding(5)).toThrow(/an even number/)
    expect(() => new SinusoidalPositionalEncoding(4).call(randn([2, 3]))).toThrow(/\(\.\.\., t, 4\), found \(2, 3\)/)
    expect(() => new SinusoidalPositionalEncoding(4).call(randn([2, 4]), { offset: -1 })).toThrow(/offset is -1/)
    expect(() => new LearnedPositionalEmbedding(3, 4).call(randn([2, 4]), { offset: 2 })).toThrow(/it has 3 places/)
    const positions = tensor([0, 1], { dtype: 'i32' })
    expect(() => new SinusoidalPositionalEncoding(4).call(randn([2, 4]), { positions })).toThrow(/length is undefined/)
  })

  test('may be given one by one', () => {
    const x = randn([2, 3, 4])
    const positions = tensor(
      [
        [4, 5, 6],
        [0, 1, 2],
      ],
      { dtype: 'i32' },
    )
    for (const layer of [new SinusoidalPositionalEncoding(4), new LearnedPositionalEmbedding(7, 4)]) {
      const y = layer.call(x, { positions, length: 7 })
      expectClose(y.select(0, 0), layer.call(x.select(0, 0), { offset: 4 }), 0)
      expectClose(y.select(0, 1), layer.call(x.select(0, 1)), 0)
    }
  })

  test("ALiBi's slopes for heads that are no power of two", () => {
    const exponents = [-2, -4, -6, -8, -1, -3]
    expect(alibiSlopes(6, { dtype: 'f64' }).toArraySync()).toEqual(exponents.map((e) => 2 ** e))
    expect(() => alibiSlopes(0)).toThrow(ValueError)
  })
})

describe('RotaryEmbedding', () => {
  test('refuses scalings that are not known, lack numbers, or have others', () => {
    const scaled = (scaling: object): unknown => new RotaryEmbedding(4, { scaling: scaling as never })
    expect(() => new RotaryEmbedding(3)).toThrow(/an even width/)
    expect(() => scaled({ type: 'ntk' })).toThrow(/'ntk' is not one of linear, dynamic, yarn, llama3, longrope/)
    expect(() => scaled({ type: 'linear' })).toThrow(/needs factor/)
    expect(() => scaled({ type: 'linear', factor: 0 })).toThrow(/factor is 0/)
    expect(() => scaled({ type: 'linear', factor: 2, base: 3 })).toThrow(/no such option: 'base'/)
    const lists = { type: 'longrope', shortFactor: [1], longFactor: [1, 2], originalPositions: 8 }
    expect(() => scaled(lists)).toThrow(/shortFactor is 1, expected 2 numbers above 0/)
    expect(() => new RotaryEmbedding(8).call(randn([1, 1, 2, 4]))).toThrow(/d of at least 8, found \(1, 1, 2, 4\)/)
  })

  test('keeps its tables while they reach, and leaves bf16 to the operator', () => {
    const layer = new RotaryEmbedding(4)
    const x = randn([1, 1, 3, 4])
    const first = layer.call(x, { offset: 1 })
    const [table] = layer.ownedTensors()
    expectClose(layer.call(x, { offset: 1 }), first, 0)
    expect(layer.ownedTensors()[0]).toBe(table)
    expectClose(layer.call(x, { offset: 100 }).narrow(2, 0, 1), layer.call(x.narrow(2, 0, 1), { offset: 100 }), 0)
    expect(layer.to('bf16').call(x.to('bf16')).dtype).toBe('bf16')
  })

  test('dynamic scaling begins where the original positions end', () => {
    const scaling = { type: 'dynamic', factor: 2, originalPositions: 8 } as const
    expect(rotaryFrequencies(4, { scaling }, 8)).toEqual(rotaryFrequencies(4))
    expect(rotaryFrequencies(4, { scaling }, 9)).not.toEqual(rotaryFrequencies(4))
    expect(rotaryFrequencies(2, { scaling }, 9).frequencies).toEqual([1])
  })
})

describe('FeedForward', () => {
  test('refuses what it does not know', () => {
    expect(() => new FeedForward(4, { activation: 'swish' as never })).toThrow(/'swish' is not one of relu, gelu/)
    expect(() => new FeedForward(4, { width: 3 } as object)).toThrow(/width/)
    expect(() => new FeedForward(4, { dropout: 1 })).toThrow(/below 1/)
  })

  test('drops out in training alone', () => {
    const layer = new FeedForward(4, { activation: 'swiglu', dropout: 0.5, bias: false })
    const x = randn([64, 4])
    const zeroes = (y: Tensor): number => (y.dataSync() as Float32Array).filter((v) => v === 0).length
    expect(zeroes(layer.call(x))).toBeGreaterThan(64)
    expect(zeroes(layer.eval().call(x))).toBe(0)
  })
})

describe('MixtureOfExperts', () => {
  test('refuses what does not fit', () => {
    expect(() => new MixtureOfExperts(4, { experts: 2, topK: 3 })).toThrow(/topK is 3, there are 2 experts/)
    expect(() => new MixtureOfExperts(4, { capacityFactor: 0 })).toThrow(/capacityFactor is 0/)
    expect(() => new MixtureOfExperts(4, { activation: 'tanh' as never })).toThrow(/'tanh' is not one of/)
    expect(() => new MixtureOfExperts(4, { expert: 2 } as object)).toThrow(/experts/)
    expect(() => new MixtureOfExperts(4).call(randn([2, 3]))).toThrow(/\(\.\.\., 4\), found \(2, 3\)/)
    expect(() => loadBalancingLoss([], 2)).toThrow(/no scores/)
  })

  test('with all experts chosen is their weighted sum; one token alone, none, and any shape', () => {
    const layer = new MixtureOfExperts(4, { hidden: 3, experts: 2, topK: 2 })
    const x = randn([1, 4])
    const share = layer.gate.call(x).softmax(-1)
    const answer = (expert: number): Tensor => {
      const [gate, up] = layer.experts.gateUpProj
        .select(0, expert)
        .matmul(x.reshape([4]))
        .chunk(2) as [Tensor, Tensor]
      return layer.experts.downProj.select(0, expert).matmul(gate.silu().mul(up)).mul(share.select(1, expert))
    }
    expectClose(layer.call(x)[0].reshape([4]), answer(0).add(answer(1)))
    const [none, scores] = layer.call(zeros([0, 4]))
    expect([none.shape, scores.shape]).toEqual([
      [0, 4],
      [0, 2],
    ])
    expect(layer.call(randn([2, 1, 3, 4]))[0].shape).toEqual([2, 1, 3, 4])
  })

  test('routes in f32 where the layer has 16 bits', () => {
    const layer = new MixtureOfExperts(8, { hidden: 4, experts: 4 }).to('bf16')
    const x = randn([6, 8]).to('bf16')
    const [y, scores] = layer.call(x)
    expect([y.dtype, scores.dtype, loadBalancingLoss([scores], 2).dtype]).toEqual(['bf16', 'bf16', 'f32'])
    y.sum().backward()
    expect(layer.gate.weight.grad?.dtype).toBe('bf16')
    // The same weights in f32: off by the roundings of three products to 8 bits each.
    const exact = layer.to('f32').call(x.to('f32'))[0]
    expectClose(y.to('f32'), exact, 2 ** -8 * 3 * exact.abs().max().itemSync())
  })

  test('with capacity for all drops none, and with one place for each expert answers the first token alone', () => {
    const [free, roomy] = [{}, { capacityFactor: 8 }].map((more) => {
      manualSeed(3)
      return new MixtureOfExperts(4, { experts: 4, topK: 1, ...more })
    }) as [MixtureOfExperts, MixtureOfExperts]
    const x = randn([1, 4]).expand([4, 4])
    expectClose(free.call(x)[0], roomy.call(x)[0], 0)
    manualSeed(3)
    const tight = new MixtureOfExperts(4, { experts: 4, topK: 1, capacityFactor: 1 })
    expectClose(tight.call(x)[0].narrow(0, 0, 1), free.call(x)[0].narrow(0, 0, 1))
    expectClose(tight.call(x)[0].narrow(0, 1, 3), zeros([3, 4]), 0)
  })

  test('the loss is topK where experts are used alike, more where not, and leaves out what the mask hides', () => {
    const even = tensor(
      [
        [5, 0],
        [0, 5],
      ],
      { dtype: 'f32' },
    )
    expect(loadBalancingLoss([even], 1).itemSync()).toBeCloseTo(1, 6)
    expect(loadBalancingLoss([even, even], 2).itemSync()).toBeCloseTo(2, 6)
    const mask = tensor([1, 0], { dtype: 'i32' })
    const probability = 1 / (1 + Math.exp(-5))
    expect(loadBalancingLoss([even], 1, mask).itemSync()).toBeCloseTo(2 * probability, 6)
  })
})

describe('transformer layers', () => {
  test('refuse what does not fit', () => {
    expect(() => new TransformerEncoderLayer(8, 2, { normfirst: true } as object)).toThrow(/normFirst/)
    expect(() => new TransformerEncoderLayer(8, 2, { activation: 'tanh' as never })).toThrow(
      /TransformerEncoderLayer: activation/,
    )
    expect(() => new TransformerEncoder(8, 2, 0)).toThrow(/layers is 0/)
    expect(() => new TransformerDecoder(8, 2, 1).call(randn([2, 1, 8]), null)).toThrow(/takes memory/)
    const model = new Transformer(8, 2, { encoderLayers: 1, decoderLayers: 1, hidden: 4 })
    expect(() => model.call(randn([3, 2, 8]), randn([3, 1, 8]))).toThrow(/\(3, 2, 8\) and target \(3, 1, 8\)/)
  })

  test('a decoder layer goes on from what it keeps as in one call', () => {
    const layer = new TransformerDecoderLayer(8, 2, { hidden: 12, batchFirst: true }).eval()
    const [tgt, memory] = [randn([2, 4, 8]), randn([2, 3, 8])]
    const masks = {
      memoryKeyPaddingMask: tensor([
        [false, false, true],
        [false, false, false],
      ]),
    }
    noGrad(() => {
      const whole = layer.call(tgt, memory, { ...masks, causal: true })
      const cache = new KeyValueCache({ layers: 1, heads: 2, width: 4, capacity: 4, batch: 2 })
      const decoding = { past: { cache, layer: 0 }, memory: layer.multiheadAttn.project(memory) }
      for (const [from, count] of [
        [0, 2],
        [2, 1],
        [3, 1],
      ] as const) {
        const y = layer.call(tgt.narrow(1, from, count), null, masks, decoding)
        expectClose(y, whole.narrow(1, from, count))
      }
      cache.dispose()
    })
  })

  test('drop out in training alone', () => {
    const layer = new TransformerEncoderLayer(8, 2, { hidden: 4, dropout: 0.9 })
    const x = randn([3, 2, 8])
    expect(layer.call(x).toArraySync()).not.toEqual(layer.call(x).toArraySync())
    layer.eval()
    expectClose(layer.call(x), layer.call(x), 0)
  })
})
