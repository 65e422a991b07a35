/** mixUp and cutMix: shares, partners and labels. */
import { expect, test } from 'vitest'
import { Random, transformContext } from '#lib/data/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import { beta, dirichlet } from '#lib/transforms/distributions.js'
import * as T from '#lib/transforms/index.js'
import { numbers } from '../helpers/compare.js'

/** Image i is all i, and of class i. */
function batchOf(indices: readonly number[], [h, w] = [6, 8] as const) {
  const pixels = Float64Array.from(indices.flatMap((i) => new Array(h * w).fill(i)))
  return {
    image: tensor(pixels, { shape: [indices.length, 1, h, w] }) as Tensor,
    label: tensor(BigInt64Array.from(indices, BigInt)) as Tensor,
  }
}
const N = 10
const all = Array.from({ length: N }, (_, i) => i)
const rows = (t: Tensor): number[][] =>
  Array.from({ length: t.shape[0] as number }, (_, row) => [...numbers(t.select(0, row) as Tensor)])

/** Of a soft label: [class, share] of what there is. */
const parts = (label: number[]): [number, number][] =>
  label.flatMap((v, k) => (v > 0 ? [[k, v] as [number, number]] : []))

test.each(['batch', 'elem'] as const)('mixUp mixes images as labels, mode %s', (mode) => {
  const y = T.mixUp({ numClasses: N, mode })(batchOf(all), transformContext({ indices: all, seed: 2 }))
  expect(y.label.shape).toEqual([N, N])
  expect(y.label.dtype).toBe('f32')
  const [images, labels] = [rows(y.image), rows(y.label)]
  const shares: number[] = []
  const partners: number[] = []
  labels.forEach((label, i) => {
    const mixed = label.reduce((sum, v, k) => sum + v * k, 0)
    for (const v of images[i] as number[]) expect(Math.abs(v - mixed)).toBeLessThan(N * 2 ** -22)
    expect(label.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6)
    shares.push(label[i] as number)
    partners.push(parts(label).find(([k]) => k !== i)?.[0] as number)
  })
  // Every image has another partner, none itself.
  expect([...partners].sort()).toEqual(all)
  expect(new Set(shares.map((v) => v.toFixed(5))).size).toBe(mode === 'batch' ? 1 : N)
})

test.each(['batch', 'elem'] as const)('cutMix mixes labels by the areas, mode %s', (mode) => {
  for (let seed = 0; seed < 5; seed++) {
    const y = T.cutMix({ numClasses: N, mode })(batchOf(all), transformContext({ indices: all, seed }))
    const [images, labels] = [rows(y.image), rows(y.label)]
    images.forEach((image, i) => {
      const label = labels[i] as number[]
      for (const [k, share] of parts(label))
        expect(image.filter((v) => v === k).length / image.length).toBeCloseTo(share, 6)
      const others = [...image.keys()].filter((at) => image[at] !== i)
      if (others.length === 0) return
      const [xs, ys] = [others.map((at) => at % 8), others.map((at) => Math.floor(at / 8))]
      const area = (Math.max(...xs) - Math.min(...xs) + 1) * (Math.max(...ys) - Math.min(...ys) + 1)
      expect(others.length).toBe(area)
    })
  }
})

test('the result depends on the samples of a batch, not on their order', () => {
  const backwards = [...all].reverse()
  for (const mix of [T.mixUp({ numClasses: N }), T.cutMix({ numClasses: N })]) {
    const y = mix(batchOf(all), transformContext({ indices: all, seed: 4 }))
    const z = mix(batchOf(backwards), transformContext({ indices: backwards, seed: 4 }))
    expect(rows(z.image).reverse()).toEqual(rows(y.image))
    expect(rows(z.label).reverse()).toEqual(rows(y.label))
  }
})

test('soft labels and bytes', () => {
  const context = transformContext({ indices: [0, 1] })
  const label = tensor(Float32Array.of(1, 0, 0.5, 0.5), { shape: [2, 2] }) as Tensor
  const image = tensor(Uint8Array.of(0, 200), { shape: [2, 1, 1, 1] }) as Tensor
  const y = T.mixUp()({ image, label }, context)
  expect(y.image.dtype).toBe('u8')
  const [first] = rows(y.label) as [[number, number]]
  const lambda = 2 * first[0] - 1
  expect([...numbers(y.image)]).toEqual([Math.round(200 * (1 - lambda)), Math.round(200 * lambda)])
  const chosen = T.randomChoice([T.mixUp(), T.cutMix()], { perBatch: true })({ image, label }, context)
  expect(chosen.label.shape).toEqual([2, 2])
})

test('an image alone is mixed with itself', () => {
  const y = T.mixUp({ numClasses: 4 })(batchOf([3]), transformContext({ indices: [3] }))
  expect(rows(y.label)).toEqual([[0, 0, 0, 1]])
})

test('errors say what is wrong', () => {
  const context = transformContext({ indices: [0, 1] })
  const { image, label } = batchOf([0, 1])
  expect(() => T.mixUp()({ image, label }, context)).toThrow(/needs numClasses/)
  expect(() => T.mixUp({ numClasses: 2 })({ image } as never, context)).toThrow(/field 'label'/)
  expect(() => T.mixUp({ numClasses: 2 })({ image, label: label.to('f32') as Tensor }, context)).toThrow(
    /whole numbers/,
  )
  expect(() => T.mixUp({ numClasses: 2 })({ image, label, masks: image } as never, context)).toThrow(/without masks/)
  expect(() => T.cutMix({ alpha: 0 })).toThrow(/above 0/)
  expect(() => T.cutMix({ mode: 'pair' as never })).toThrow(/one of batch, elem/)
})

test.each([0.05, 0.3, 1, 4])('Beta(%d, same) has its mean and variance', (alpha) => {
  const random = new Random(1)
  const n = 20000
  const values = Array.from({ length: n }, () => beta(random, alpha))
  const mean = values.reduce((a, b) => a + b, 0) / n
  const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / n
  const expected = 1 / (4 * (2 * alpha + 1))
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / n))
  // Squares of numbers within 0.5 of the mean deviate by at most an eighth.
  expect(Math.abs(variance - expected)).toBeLessThan(4 / (8 * Math.sqrt(n)))
  expect(dirichlet(random, alpha, 5).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
})
