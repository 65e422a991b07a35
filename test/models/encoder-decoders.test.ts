import { beforeEach, describe, expect, it } from 'vitest'
import { manualSeed, noGrad, ShapeError, scope, type Tensor, tensor } from '#lib/index.js'
import {
  generateBatch,
  relativePositionBucket,
  shiftRight,
  T5,
  type T5Config,
  TransformerModel,
} from '#lib/models/index.js'

const sizes = { vocabSize: 11, channels: 8, layers: 2, heads: 2, hidden: 12 } as const

/** Logits are sums of 8 terms behind two layers of six products each; the cache adds in another order. */
const ROUNDING = 2 ** -24 * (1 + Math.sqrt(13 * 12)) * 8

function expectClose(a: Tensor, b: Tensor, bound: number = ROUNDING): void {
  expect(a.shape).toEqual(b.shape)
  const [x, y] = [a.dataSync() as Float32Array, b.dataSync() as Float32Array]
  for (let i = 0; i < x.length; i++) expect(Math.abs((x[i] as number) - (y[i] as number))).toBeLessThanOrEqual(bound)
}

const tokens = (rows: readonly (readonly number[])[]): Tensor => tensor(rows as number[][], { dtype: 'i32' })
const SRC = [
  [3, 7, 1, 9, 4],
  [2, 2, 8, 5, 10],
]
const TGT = [
  [0, 5, 6, 2],
  [0, 9, 1, 1],
]
const MASK = [
  [1, 1, 1, 0, 0],
  [1, 1, 1, 1, 1],
]

const models: Readonly<Record<string, () => T5 | TransformerModel>> = {
  transformer: () => new TransformerModel(sizes),
  'transformer, pre-norm, of two vocabularies': () =>
    new TransformerModel({ ...sizes, srcVocabSize: 12, tied: 'output', normFirst: true, decoderLayers: 1 }),
  T5: () => new T5({ ...sizes, headWidth: 6 }),
  'T5 1.1': () =>
    new T5({
      ...sizes,
      headWidth: 6,
      decoderLayers: 1,
      buckets: 8,
      maxDistance: 6,
      activation: 'gegluTanh',
      tied: false,
    }),
}

beforeEach(() => manualSeed(7))

describe.each(Object.entries(models))('%s', (_, build) => {
  it('decodes by steps as it computes all at once, in any order of sources', () =>
    scope(() => {
      const model = build().eval()
      noGrad(() => {
        const [src, tgt, mask] = [tokens(SRC), tokens(TGT), tokens(MASK)]
        const whole = model.call(src, tgt, mask)
        const sources = model.encode(src, mask)
        expect(sources.rows).toBe(2)
        const cache = sources.cache({ batch: 2, capacity: 4 })
        for (const [from, count] of [
          [0, 2],
          [2, 1],
          [3, 1],
        ] as const)
          expectClose(sources.decode(tgt.narrow(1, from, count), cache), whole.narrow(1, from, count))
        const turned = sources.select([1, 0, 1])
        const other = turned.cache({ batch: 3, capacity: 4 })
        const y = turned.decode(tokens([TGT[1] as number[], TGT[0] as number[], TGT[1] as number[]]), other)
        expectClose(y.narrow(0, 1, 1), whole.narrow(0, 0, 1))
        expectClose(y.narrow(0, 2, 1), whole.narrow(0, 1, 1))
        expect(() => sources.select([2])).toThrow(/from 0 to 1, not \[2\]/)
        for (const each of [cache, other, sources, turned]) each.dispose()
      })
      model.dispose()
    }))

  it('does not see padding, nor what is behind in the target', () =>
    scope(() => {
      const model = build().eval()
      noGrad(() => {
        const [src, tgt] = [tokens(SRC), tokens(TGT)]
        const first = (t: Tensor): Tensor => t.narrow(0, 0, 1)
        const whole = model.call(src, tgt, tokens(MASK))
        expectClose(first(whole), model.call(first(src).narrow(1, 0, 3), first(tgt)))
        expectClose(whole.narrow(1, 0, 2), model.call(src, tgt.narrow(1, 0, 2), tokens(MASK).to('bool')))
      })
      model.dispose()
    }))

  it('writes targets of prompts of different lengths, each as it would alone', async () => {
    const model = build()
    const sources = model.encode(tokens(SRC), tokens(MASK))
    const prompts = [[0, 3, 8], [0]]
    const written: (number | null)[][] = []
    for await (const step of generateBatch(sources, prompts, 4, { temperature: 0 })) written.push(step)
    for (const [n, prompt] of prompts.entries()) {
      const own = sources.select([n])
      const alone: (number | null)[] = []
      for await (const [token] of generateBatch(own, [prompt], 4, { temperature: 0 })) alone.push(token as number)
      expect(written.map((step) => step[n])).toEqual(alone)
      own.dispose()
    }
    sources.dispose()
    model.dispose()
  })

  it('refuses shapes that do not fit', () =>
    scope(() => {
      const model = build()
      const [src, tgt] = [tokens(SRC), tokens(TGT)]
      expect(() => model.call(src, tgt.narrow(0, 0, 1))).toThrow(/\(2, 5\) and \(1, 4\)/)
      expect(() => model.call(src, tgt, tgt)).toThrow(/a mask of its shape, found \(2, 5\) and \(2, 4\)/)
      expect(() => model.encode(src.select(0, 0))).toThrow(ShapeError)
      model.dispose()
    }))
})

it.each([
  ['transformer', () => new TransformerModel({ ...sizes, dropout: 0.2 })],
  ['T5', () => new T5({ ...sizes, dropout: 0.2 })],
  ['T5 1.1', () => new T5({ ...sizes, dropout: 0.2, activation: 'gegluTanh' })],
] as const)('%s learns with dropout, every parameter, and is the same twice in evaluation alone', (_, build) =>
  scope(() => {
    const model = build()
    const y = model.call(tokens(SRC), tokens(TGT), tokens(MASK))
    y.square().mean().backward()
    for (const [name, parameter] of model.namedParameters()) expect(parameter.grad, name).not.toBeNull()
    expect(model.call(tokens(SRC), tokens(TGT)).toArraySync()).not.toEqual(y.toArraySync())
    model.eval()
    expectClose(model.call(tokens(SRC), tokens(TGT)), model.call(tokens(SRC), tokens(TGT)), 0)
    model.dispose()
  }),
)

describe('TransformerModel', () => {
  it('refuses configs that do not fit', () => {
    expect(() => new TransformerModel({ ...sizes, vocab: 3 } as object)).toThrow(/no such option: 'vocab'.*vocabSize/)
    expect(() => new TransformerModel({ ...sizes, srcVocabSize: 12 })).toThrow(/found 12 and 11; give tied: 'output'/)
    expect(() => new TransformerModel({ ...sizes, heads: 3 })).toThrow(/8 channels do not divide into 3 heads/)
    expect(() => new TransformerModel({ ...sizes, layers: 0 })).toThrow(/layers is 0/)
    expect(() => new TransformerModel({ ...sizes, tied: 'some' as never })).toThrow(/tied is 'some'/)
  })

  it('shares one weight between embeddings and output', () => {
    const model = new TransformerModel(sizes)
    const state = model.stateDict()
    expect(state.get('output.weight')).toBe(state.get('src_embedding.weight'))
    expect(state.get('tgt_embedding.weight')).toBe(state.get('src_embedding.weight'))
    model.dispose()
  })
})

describe('T5', () => {
  it('refuses configs that do not fit', () => {
    expect(() => new T5({ ...sizes, bucket: 3 } as T5Config)).toThrow(/no such option: 'bucket'.*buckets/)
    expect(() => new T5({ ...sizes, activation: 'gelu' as never })).toThrow(/activation is 'gelu'/)
    expect(() => new T5({ ...sizes, buckets: 6 })).toThrow(/6 buckets up to distance 128/)
  })

  it('loads files that leave out what is tied', () =>
    scope(() => {
      const [model, other] = [new T5(sizes), new T5(sizes)]
      const file = new Map([...model.stateDict()].filter(([name]) => !/embed_tokens|lm_head/.test(name)))
      other.loadStateDict(file)
      noGrad(() => expectClose(other.call(tokens(SRC), tokens(TGT)), model.call(tokens(SRC), tokens(TGT)), 0))
      const untied = new T5({ ...sizes, tied: false })
      expect(() => untied.loadStateDict(file)).toThrow(/missing.*lm_head\.weight/)
      for (const each of [model, other, untied]) each.dispose()
    }))

  it('begins ranges of distances where f32 rounds them to', () => {
    const both = [-200, -128, -127, -16, -11, -8, -7, 0, 1, 7, 8, 16, 127, 500]
    // Hugging Face's numbers.
    expect(both.map((distance) => relativePositionBucket(distance))).toEqual([
      15, 15, 15, 10, 8, 8, 7, 0, 17, 23, 24, 26, 31, 31,
    ])
    expect(
      [3, 0, -15, -16, -31, -32, -64, -1000].map((d) => relativePositionBucket(d, { bidirectional: false })),
    ).toEqual([0, 0, 15, 16, 21, 21, 26, 31])
  })

  it('shifts labels to the right: the target begins with padding, and what does not count is padding', () =>
    scope(() => {
      expect(
        shiftRight(
          tokens([
            [4, 5, 1],
            [6, 1, -100],
          ]),
        ).toArraySync(),
      ).toEqual([
        [0, 4, 5],
        [0, 6, 1],
      ])
      expect(shiftRight(tokens([[4, -100, 1]]), 2).toArraySync()).toEqual([[2, 4, 2]])
    }))
})
