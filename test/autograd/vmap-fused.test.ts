/** Fused operators beside vmap: they stay fused after one has run, and a graph that was recorded outside is right for a batch of gradients. */
import { expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { grad, profile, scope, stack, type Tensor, vmap } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const randn = (...shape: number[]): Tensor => ops.randn(shape, { dtype: 'f64' })
const leaf = (...shape: number[]): Tensor => randn(...shape).requiresGrad_()

/** Functions of (6, 8) with a result of that many rows. */
const FUSED: Record<string, (x: Tensor) => Tensor> = {
  addLayerNorm: (x) => {
    const { sum, y } = ops.addLayerNorm(x, x, [8])
    return ops.mul(sum, y)
  },
  addRmsNorm: (x) => {
    const { sum, y } = ops.addRmsNorm(x, x, [8])
    return ops.mul(sum, y)
  },
  'batchNorm with relu': (x) =>
    ops.batchNorm(x, null, null, null, null, { training: true, residual: x, activation: 'relu' }),
  linearCrossEntropy: (x) => {
    const weight = ops.reshape(ops.arange(0, 40, 1, { dtype: 'f64' }), [5, 8]).sin()
    return ops.linearCrossEntropy(x, weight, ops.remainder(ops.arange(6), 5), { reduction: 'none' })
  },
  selfAttention: (x) => ops.selfAttention(ops.reshape(ops.concat([x, x, x], 1), [1, 6, 3, 2, 4])),
}

test.each(Object.entries(FUSED))('%s after a vmap', async (_, f) => {
  const commands = async (): Promise<string[]> => {
    const { operators } = await profile(() => scope(() => void f(randn(6, 8))))
    return operators.map(({ operator }) => operator).sort()
  }
  const before = await commands()
  scope(() => void vmap((x: Tensor) => ops.add(x, 1))(randn(2, 3)))
  expect(await commands()).toEqual(before)
})

test.each(Object.entries(FUSED))('%s recorded outside, gradients inside', (_, f) => {
  scope(() => {
    const x = leaf(6, 8)
    const y = f(x)
    const directions = randn(3, ...y.shape)
    const along = (v: Tensor): Tensor => grad(y, x, { gradOutputs: v, retainGraph: true })[0] as Tensor
    const found = numbers(vmap(along)(directions))
    const expected = numbers(stack([0, 1, 2].map((i) => along(directions.select(0, i)))))
    for (const [i, v] of found.entries()) expect(v).toBeCloseTo(expected[i] as number, 10)
  })
})
