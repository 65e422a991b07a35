import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import {
  crossEntropy,
  engine,
  grad,
  gradgradcheck,
  type LinearCrossEntropyOptions,
  linear,
  linearCrossEntropy,
  randn,
  type Tensor,
  tensor,
} from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './linearCrossEntropy.spec.js'

testOps(specs)

const targetsOf = (n: number, c: number): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) => (i * 7) % c),
    { dtype: 'i64' },
  )

async function numbers(t: Tensor): Promise<number[]> {
  return (await t.to('f64').flatten().toArray()) as number[]
}

describe.each<[string, LinearCrossEntropyOptions]>([
  ['mean', {}],
  ['sum', { reduction: 'sum', labelSmoothing: 0.1 }],
  ['none', { reduction: 'none', ignoreIndex: 3 }],
])('with reduction %s', (_, options) => {
  test('chunks give what all rows at once give, gradients too', async () => {
    const [x, w, b] = [[19, 6], [11, 6], [11]].map((shape) =>
      randn(shape, { dtype: 'f64' }).requiresGrad_(),
    ) as Tensor[] as [Tensor, Tensor, Tensor]
    const target = targetsOf(19, 11)
    const losses = [
      linearCrossEntropy(x, w, target, { ...options, linearBias: b, chunk: 4 }),
      crossEntropy(linear(x, w, b), target, options),
    ] as const
    const [found, expected] = losses.map((loss) => {
      const g = loss.rank === 0 ? ops.full([], 0.5, { dtype: 'f64' }) : ops.linspace(-1, 1, 19, { dtype: 'f64' })
      return [loss, ...grad(loss, [x, w, b], { gradOutputs: g })]
    }) as [Tensor[], Tensor[]]
    for (const [i, t] of found.entries()) {
      const truth = await numbers(expected[i] as Tensor)
      for (const [j, value] of (await numbers(t)).entries()) expect(value).toBeCloseTo(truth[j] as number, 12)
    }
  })

  test('is differentiable twice', () => {
    const [x, w, b] = [[5, 3], [4, 3], [4]].map((shape) => randn(shape, { dtype: 'f64' }).requiresGrad_()) as Tensor[]
    const target = targetsOf(5, 4)
    const f = (x: Tensor, w: Tensor, b: Tensor) =>
      linearCrossEntropy(x, w, target, { ...options, linearBias: b, chunk: 2 })
    expect(gradgradcheck(f, [x, w, b] as Tensor[])).toBe(true)
  })
})

test('takes only the gradients that are asked for', async () => {
  const x = randn([9, 4])
  const w = randn([5, 4]).requiresGrad_()
  const [gw] = grad(linearCrossEntropy(x, w, targetsOf(9, 5), { chunk: 4 }), [w]) as [Tensor]
  const [expected] = grad(crossEntropy(linear(x, w), targetsOf(9, 5)), [w]) as [Tensor]
  const truth = await numbers(expected)
  for (const [i, value] of (await numbers(gw)).entries()) expect(value).toBeCloseTo(truth[i] as number, 5)
})

test('sums the weights’ gradient of bf16 in f32', async () => {
  const [n, k, c] = [256, 16, 32]
  const [x, w] = [randn([n, k]).to('bf16'), randn([c, k]).to('bf16').requiresGrad_()]
  const target = targetsOf(n, c)
  const [gw] = grad(linearCrossEntropy(x, w, target, { chunk: 8, reduction: 'sum' }), [w]) as [Tensor]
  const exact = w.detach().to('f64').requiresGrad_()
  const [truth] = grad(crossEntropy(linear(x.to('f64'), exact), target, { reduction: 'sum' }), [exact]) as [Tensor]
  const [found, expected] = [await numbers(gw), await numbers(truth)]
  const largest = Math.max(...expected.map(Math.abs))
  // Logits, their gradients, each chunk's part and the sum are rounded to 8 bits; 32 roundings of the sum would be beyond.
  for (const [i, value] of found.entries())
    expect(Math.abs(value - (expected[i] as number))).toBeLessThan(4 * 2 ** -8 * largest)
})

test('never holds more than a chunk of logits', async () => {
  const [n, k, c] = [4096, 8, 4096]
  const [x, w] = [randn([n, k]).requiresGrad_(), randn([c, k]).requiresGrad_()]
  const target = targetsOf(n, c)
  const run = async (): Promise<void> => {
    const loss = linearCrossEntropy(x, w, target, { chunk: 64 })
    loss.backward()
    await loss.item()
    loss.dispose()
  }
  await run()
  engine.resetPeak()
  const before = engine.memory().live
  await run()
  // All logits are 64 MB, a chunk of them is 1 MB; products pack some of their operands.
  expect(engine.memory().peak - before).toBeLessThan(16 * 2 ** 20)
})
