import { expect, test } from 'vitest'
import {
  binomial,
  full,
  Generator,
  gumbelSoftmax,
  ones,
  scope,
  type Tensor,
  tensor,
  truncatedNormal,
  vmap,
} from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './sampling.spec.js'

testOps(specs)

const N = 100_000
const SIGMAS = 6
const generator = (): Generator => new Generator(20261127)

test.each([
  [1, 0.3],
  [8, 0.5],
  [40, 0.25],
  [40, 0.75],
  [100_000, 0.0001],
  [1_000_000, 0.37],
])('binomial of %d trials with %d', (n, p) => {
  scope(() => {
    const y = numbers(
      binomial(full([N], n, { dtype: 'f64' }) as Tensor, full([], p, { dtype: 'f64' }) as Tensor, {
        generator: generator(),
      }),
    )
    const mean = y.reduce((s, v) => s + v, 0) / N
    const variance = y.reduce((s, v) => s + (v - n * p) ** 2, 0) / N
    const expected = n * p * (1 - p)
    const kurtosis = 3 + (1 - 6 * p * (1 - p)) / expected
    expect(Math.abs(mean - n * p)).toBeLessThan(SIGMAS * Math.sqrt(expected / N))
    expect(Math.abs(variance - expected)).toBeLessThan(SIGMAS * expected * Math.sqrt((kurtosis - 1) / N))
    expect(y.every((v) => Number.isInteger(v) && v >= 0 && v <= n)).toBe(true)
  })
})

test('binomial has a zero gradient, and draws for each sample inside vmap', () => {
  const p = full([3], 0.5).requiresGrad_() as Tensor
  binomial(full([3], 10) as Tensor, p)
    .sum()
    .backward()
  expect(p.grad?.toArraySync()).toEqual([0, 0, 0])
  const y = vmap((x: Tensor) => binomial(full([], 1000) as Tensor, x), { randomness: 'different' })(
    full([64], 0.5) as Tensor,
  ) as Tensor
  expect(y.shape).toEqual([64])
  expect(new Set(numbers(y)).size).toBeGreaterThan(8)
})

test('a truncated normal has the moments of one, in the middle and far out', () => {
  scope(() => {
    const inside = numbers(truncatedNormal([N], 0, 1, -1, 1, { generator: generator() }))
    expect(inside.every((v) => v >= -1 && v <= 1)).toBe(true)
    // 1 - 2 phi(1) / (2 Phi(1) - 1)
    const variance = 0.2911250947
    const found = inside.reduce((s, v) => s + v * v, 0) / N
    expect(Math.abs(found - variance)).toBeLessThan(SIGMAS * Math.sqrt(variance / N))
    // Beyond ten deviations nearly an exponential: its mean is phi(10) / (1 - Phi(10)).
    const far = numbers(truncatedNormal([N], 0, 1, 10, 100, { dtype: 'f64', generator: generator() }))
    expect(far.every((v) => v >= 10)).toBe(true)
    expect(Math.abs(far.reduce((s, v) => s + v, 0) / N - 10.0980933)).toBeLessThan((SIGMAS * 0.1) / Math.sqrt(N))
  })
})

test('gumbelSoftmax draws the categories in proportion to softmax; hard results are exactly one-hot', () => {
  scope(() => {
    const logits = tensor([Math.log(1), Math.log(3), Math.log(4)]).expand([N, 3]) as Tensor
    const y = gumbelSoftmax(logits, { hard: true, generator: generator() })
    expect(y.sum(1).eq(1).logicalAnd(y.amax(1).eq(1)).all().itemSync()).toBe(1)
    const shares = numbers(y.mean(0))
    for (const [i, p] of [1 / 8, 3 / 8, 1 / 2].entries())
      expect(Math.abs((shares[i] as number) - p)).toBeLessThan(SIGMAS * Math.sqrt((p * (1 - p)) / N))
  })
})

test('the gradient of hard samples is that of the soft ones', () => {
  const weights = tensor([1, -2, 3]) as Tensor
  const gradient = (hard: boolean): unknown => {
    const x = ones([3]).requiresGrad_() as Tensor
    gumbelSoftmax(x, { hard, generator: generator() }).mul(weights).sum().backward()
    return x.grad?.toArraySync()
  }
  expect(gradient(true)).toEqual(gradient(false))
})
