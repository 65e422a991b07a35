/** Random numbers have the distributions that they claim: moments and counts within six standard errors. */
import { expect, test } from 'vitest'
import {
  bernoulli,
  dropout,
  Generator,
  manualSeed,
  normal,
  ones as onesOf,
  rand,
  randint,
  randn,
  randnLike,
  randperm,
  scope,
  type Tensor,
  uniform,
  zeros,
} from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const N = 200_000
const SIGMAS = 6

function moments(t: Tensor): { mean: number; variance: number; least: number; most: number } {
  const x = numbers(t)
  const mean = x.reduce((s, v) => s + v, 0) / x.length
  const variance = x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length
  return { mean, variance, least: x.reduce((m, v) => Math.min(m, v)), most: x.reduce((m, v) => Math.max(m, v)) }
}

/** `kurtosis` of the distribution gives the standard error of its variance. */
function expectMoments(t: Tensor, mean: number, variance: number, kurtosis: number): void {
  const found = moments(t)
  expect(Math.abs(found.mean - mean)).toBeLessThan(SIGMAS * Math.sqrt(variance / N))
  expect(Math.abs(found.variance - variance)).toBeLessThan(SIGMAS * variance * Math.sqrt((kurtosis - 1) / N))
}

const generator = (): Generator => new Generator(20261123)

test.each(['f32', 'f64'] as const)('uniform %s', (dtype) => {
  scope(() => {
    const x = uniform([N], -2, 3, { dtype, generator: generator() }) as Tensor
    expectMoments(x, 0.5, 25 / 12, 1.8)
    const { least, most } = moments(x)
    expect(least).toBeGreaterThanOrEqual(-2)
    expect(most).toBeLessThan(3)
    expectMoments(rand([N], { dtype, generator: generator() }) as Tensor, 0.5, 1 / 12, 1.8)
  })
})

test.each(['f32', 'f64'] as const)('normal %s', (dtype) => {
  scope(() => {
    expectMoments(randn([N], { dtype, generator: generator() }) as Tensor, 0, 1, 3)
    expectMoments(normal([N], 5, 0.5, { dtype, generator: generator() }) as Tensor, 5, 0.25, 3)
    expectMoments(randnLike(zeros([N], { dtype }) as Tensor, { generator: generator() }), 0, 1, 3)
  })
})

test('bernoulli and dropout keep the share they are told', () => {
  scope(() => {
    for (const p of [0.1, 0.5]) {
      const limit = SIGMAS * Math.sqrt((p * (1 - p)) / N)
      const ones = bernoulli([N], p, { generator: generator() }).mean().itemSync()
      expect(Math.abs(ones - p)).toBeLessThan(limit)
      const kept = dropout(onesOf([N]), p, { generator: generator() })
        .ne(0)
        .to('f32')
        .mean()
        .itemSync()
      expect(Math.abs(kept - (1 - p))).toBeLessThan(limit)
    }
  })
})

test('randint is even, and randperm a permutation', () => {
  scope(() => {
    const counts = new Array<number>(7).fill(0)
    for (const x of numbers(randint(-3, 4, [N], { generator: generator() }) as Tensor)) counts[x + 3]!++
    for (const n of counts) expect(Math.abs(n - N / 7)).toBeLessThan(SIGMAS * Math.sqrt(N / 7))
    const p = numbers(randperm(1000, { generator: generator() }))
    expect(Float64Array.from(p).sort()).toEqual(Float64Array.from({ length: 1000 }, (_, i) => i))
    expect(p.filter((x, i) => x === i).length).toBeLessThan(12)
  })
})

test('one seed gives one stream; states continue it', () => {
  scope(() => {
    manualSeed(5)
    const [a, b] = [rand([10]).dataSync(), rand([10]).dataSync()]
    expect(a).not.toEqual(b)
    const g = new Generator(5)
    expect(rand([10], { generator: g }).dataSync()).toEqual(a)
    const resumed = new Generator()
    resumed.state = g.state
    expect(rand([10], { generator: resumed }).dataSync()).toEqual(b)
    // What one call draws does not depend on where the stream was cut.
    const whole = new Generator(5)
    const cut = new Generator(5)
    const one = rand([24], { generator: whole }).dataSync()
    expect([...rand([8], { generator: cut }).dataSync(), ...rand([16], { generator: cut }).dataSync()]).toEqual([
      ...one,
    ])
  })
})

test('a dropout mask is drawn again by the backward pass', () => {
  scope(() => {
    const x = zeros([1000]).add(1).requiresGrad_()
    const y = x.dropout(0.3)
    y.sum().backward()
    expect(x.grad?.dataSync()).toEqual(y.dataSync())
  })
})
