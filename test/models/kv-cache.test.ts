// The contiguous cache: padding in front of shorter sequences, and batches that are put together anew.
import { describe, expect, it } from 'vitest'
import { noGrad, randint, scope, type Tensor, tensor } from '#lib/index.js'
import { GPT2 } from '#lib/models/index.js'

const TINY = { vocabSize: 29, positions: 48, channels: 16, layers: 2, heads: 2 }

/** Weights large enough that tokens differ; f64, so that sums in another order agree to 1e-12. */
function tiny(): GPT2 {
  const model = new GPT2(TINY)
  noGrad(() => {
    for (const p of model.parameters()) if (p.rank === 2) p.mul_(12)
  })
  model.to('f64')
  model.eval()
  return model
}

const rows = (tokens: readonly (readonly number[])[]): Tensor =>
  tensor(Int32Array.from(tokens.flat()), { shape: [tokens.length, (tokens[0] as readonly number[]).length] })
const prompt = (length: number): number[] => Array.from(randint(0, TINY.vocabSize, [length]).dataSync(), Number)
const host = (t: Tensor): number[] => Array.from(t.dataSync() as Float64Array)
const apart = (a: Tensor, b: Tensor): number => {
  const [x, y] = [host(a), host(b)]
  expect(x.length).toBe(y.length)
  return Math.max(...x.map((v, i) => Math.abs(v - (y[i] as number)))) / Math.max(1, ...y.map(Math.abs))
}

describe('KeyValueCache', () => {
  it('leaves out the padding in front of shorter sequences', () => {
    scope(() => {
      const model = tiny()
      const texts = [prompt(9), prompt(4), prompt(7)]
      const cache = model.cache({ batch: 3, capacity: 16 })
      cache.pad([0, 5, 2])
      const padded = texts.map((text) => [...new Array(9 - text.length).fill(28), ...text])
      noGrad(() => {
        const caches = texts.map(() => model.cache())
        const first = model.call(rows(padded), cache)
        for (const [n, text] of texts.entries()) {
          const own = model.call(rows([text]), caches[n]) as Tensor
          expect(apart(first.select(0, n).narrow(0, 9 - text.length, text.length), own.select(0, 0))).toBeLessThan(
            1e-12,
          )
        }
        const next = [3, 1, 4]
        const second = model.call(rows(next.map((token) => [token])), cache)
        for (const [n, token] of next.entries())
          expect(
            apart(second.select(0, n), (model.call(rows([[token]]), caches[n]) as Tensor).select(0, 0)),
          ).toBeLessThan(1e-12)
      })
    })
  })

  it('goes on with some sequences, some of them twice, in a batch of another size', () => {
    scope(() => {
      const model = tiny()
      const texts = [prompt(6), prompt(3)]
      noGrad(() => {
        for (const order of [[1, 0], [1, 1, 0], [1]]) {
          const cache = model.cache({ batch: 2, capacity: 8 })
          cache.pad([0, 3])
          model.call(rows([texts[0] as number[], [0, 0, 0, ...(texts[1] as number[])]]), cache)
          cache.select(order)
          expect([cache.batch, cache.length]).toEqual([order.length, 6])
          const ours = model.call(rows(order.map((_, i) => [i])), cache)
          for (const [n, row] of order.entries()) {
            const own = model.call(rows([[...(texts[row] as number[]), n]])) as Tensor
            expect(apart(ours.select(0, n).select(0, 0), own.select(0, 0).select(0, -1))).toBeLessThan(1e-12)
          }
        }
      })
    })
  })

  it('refuses padding and rows that do not fit', () => {
    scope(() => {
      const model = tiny()
      const cache = model.cache({ batch: 2, capacity: 8 })
      expect(() => cache.pad([1])).toThrow(/padding \[1\] for 2 sequences/)
      expect(() => cache.pad([1, -1])).toThrow(/a whole number for each/)
      expect(() => cache.select([])).toThrow(/selects sequences from 0 to 1, not \[\]/)
      expect(() => cache.select([0, 2])).toThrow(/not \[0, 2\]/)
      noGrad(() => model.call(rows([[1], [2]]), cache))
      expect(() => cache.pad([1, 0])).toThrow(/it holds 1 positions/)
      cache.truncate()
      cache.pad([1, 0])
    })
  })
})
