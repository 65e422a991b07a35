/** Further distributions: moments and counts within six standard errors; drawing in place, and dropout that keeps moments. */
import { expect, test } from 'vitest'
import {
  alphaDropout,
  bernoulli,
  cauchy,
  dropout2d,
  exponential,
  featureAlphaDropout,
  Generator,
  geometric,
  logNormal,
  multinomial,
  normal,
  ones,
  poisson,
  randn,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const N = 100_000
const SIGMAS = 6
const generator = (): Generator => new Generator(20261126)

/** `kurtosis` of the distribution gives the standard error of its variance. */
function expectMoments(t: Tensor, mean: number, variance: number, kurtosis: number): void {
  const x = numbers(t)
  const found = x.reduce((s, v) => s + v, 0) / x.length
  const spread = x.reduce((s, v) => s + (v - found) ** 2, 0) / x.length
  expect(Math.abs(found - mean)).toBeLessThan(SIGMAS * Math.sqrt(variance / x.length))
  expect(Math.abs(spread - variance)).toBeLessThan(SIGMAS * variance * Math.sqrt((kurtosis - 1) / x.length))
}

/** The share of the numbers below a quantile of probability p. */
function expectQuantile(t: Tensor, quantile: number, p: number): void {
  const share = numbers(t).filter((v) => v < quantile).length / t.numel
  expect(Math.abs(share - p)).toBeLessThan(SIGMAS * Math.sqrt((p * (1 - p)) / t.numel))
}

test('exponential, geometric, logNormal and cauchy', () => {
  scope(() => {
    const o = { generator: generator() }
    expectMoments(exponential([N], 2, o) as Tensor, 0.5, 0.25, 9)
    const p = 0.3
    const q = 1 - p
    expectMoments(geometric([N], p, o) as Tensor, 1 / p, q / p ** 2, 9 + p ** 2 / q)
    const s = 0.25
    const w = Math.exp(s * s)
    const kurtosis = w ** 4 + 2 * w ** 3 + 3 * w ** 2 - 3
    expectMoments(logNormal([N], 1, s, o) as Tensor, Math.exp(1 + (s * s) / 2), (w - 1) * Math.exp(2 + s * s), kurtosis)
    const c = cauchy([N], 3, 2, o) as Tensor
    for (const at of [-5, 1, 3, 4, 20]) expectQuantile(c, at, 0.5 + Math.atan((at - 3) / 2) / Math.PI)
  })
})

test.each([0.2, 4, 10, 12.5, 300])('poisson of rate %d', (rate) => {
  scope(() => {
    const y = poisson(ones([N]).mul(rate) as Tensor, { generator: generator() })
    expectMoments(y, rate, rate, 3 + 1 / rate)
  })
})

test('tensors of parameters: bernoulli and normal', () => {
  scope(() => {
    const o = { generator: generator() }
    const p = tensor([0.1, 0.8]).reshape([2, 1]).expand([2, N])
    const share = numbers(bernoulli(p as Tensor, o).mean(1))
    for (const [i, chance] of [0.1, 0.8].entries())
      expect(Math.abs((share[i] as number) - chance)).toBeLessThan(SIGMAS * Math.sqrt((chance * (1 - chance)) / N))
    const z = normal(tensor([1, -2]).reshape([2, 1]) as Tensor, ones([N]).mul(0.5) as Tensor, o)
    expectMoments(z.select(0, 0), 1, 0.25, 3)
    expectMoments(z.select(0, 1), -2, 0.25, 3)
  })
})

test('multinomial draws in proportion to the weights, without replacement each category once', () => {
  scope(() => {
    const o = { generator: generator() }
    const weights = tensor([1, 0, 3, 4])
    const counts = [0, 0, 0, 0]
    for (const i of numbers(multinomial(weights, N, { ...o, replacement: true }))) counts[i]!++
    const firsts = [0, 0, 0, 0]
    const rows = multinomial(weights.expand([20_000, 4]), 3, o)
    for (const i of numbers(rows.select(1, 0))) firsts[i]!++
    for (const [i, p] of [1 / 8, 0, 3 / 8, 1 / 2].entries()) {
      expect(Math.abs(counts[i]! - N * p)).toBeLessThanOrEqual(SIGMAS * Math.sqrt(N * p * (1 - p)))
      expect(Math.abs(firsts[i]! - 20_000 * p)).toBeLessThanOrEqual(SIGMAS * Math.sqrt(20_000 * p * (1 - p)))
    }
    const all = numbers(rows)
    for (let r = 0; r < 1000; r++) expect([...all.subarray(3 * r, 3 * r + 3)].sort()).toEqual([0, 2, 3])
  })
})

test('methods draw into a tensor, or into a view of one', () => {
  scope(() => {
    const x = zeros([2, N]) as Tensor
    const o = { generator: generator() }
    x.select(0, 1).normal_(2, 3, o)
    expect(x.select(0, 0).abs().amax().itemSync()).toBe(0)
    expectMoments(x.select(0, 1), 2, 9, 3)
    const y = zeros([N]) as Tensor
    expectMoments(y.uniform_(-1, 1, o), 0, 1 / 3, 1.8)
    expectMoments(y.exponential_(1, o), 1, 1, 9)
    expectMoments(y.bernoulli_(0.25, o), 0.25, 0.1875, 3 + (1 - 6 * 0.1875) / 0.1875)
    expectMoments(y.bernoulli_(tensor(0.25) as Tensor, o), 0.25, 0.1875, 3 + (1 - 6 * 0.1875) / 0.1875)
    expectMoments(y.random_(0, 10, o), 4.5, 99 / 12, 1.8)
    expectQuantile(y.cauchy_(0, 1, o), 1, 0.75)
    expectQuantile(y.logNormal_(0, 1, o), 1, 0.5)
    expect(y.geometric_(0.5, o).amin().itemSync()).toBe(1)
  })
})

test('alpha dropout keeps mean and variance; features drop as a whole', () => {
  scope(() => {
    const o = { generator: generator() }
    const y = numbers(alphaDropout(randn([N], o) as Tensor, 0.3, o))
    const mean = y.reduce((s, v) => s + v, 0) / N
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(y.reduce((s, v) => s + (v - mean) ** 2, 0) / N - 1)).toBeLessThan(0.05)
    const dropped = numbers(dropout2d(ones([200, 100, 3]) as Tensor, 0.4, { generator: generator() }).mean(2))
    const zero = dropped.filter((v) => v === 0).length
    expect(dropped.every((v) => v === 0 || Math.abs(v - 1 / 0.6) < 1e-6)).toBe(true)
    expect(Math.abs(zero / 20_000 - 0.4)).toBeLessThan(SIGMAS * Math.sqrt(0.24 / 20_000))
    const spread = featureAlphaDropout(ones([20, 10, 3]) as Tensor, 0.4, { generator: generator() })
    expect(spread.amax(2).sub(spread.amin(2)).abs().amax().itemSync()).toBe(0)
  })
})
