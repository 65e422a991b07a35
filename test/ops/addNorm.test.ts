import { expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { addLayerNorm, addRmsNorm, grad, gradgradcheck, layerNorm, randn, rmsNorm, type Tensor } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './addNorm.spec.js'

testOps(specs)

test('are the sum and its norm, to the bit, with the gradients of both', async () => {
  const [x, r, w, b] = [[9, 33], [9, 33], [33], [33]].map((shape) => randn(shape).requiresGrad_()) as Tensor[]
  const leaves = [x, r, w, b] as Tensor[]
  const results: Tensor[][] = []
  for (const fused of [true, false]) {
    const apart = ops.add(x as Tensor, r as Tensor)
    const layer = fused
      ? addLayerNorm(x as Tensor, r as Tensor, [33], w, b)
      : { sum: apart, y: layerNorm(apart, [33], w, b) }
    const rms = fused ? addRmsNorm(layer.y, layer.sum, [33], w) : addOf(layer.y, layer.sum, w as Tensor)
    const loss = ops.add(ops.sum(ops.square(rms.y)), ops.sum(ops.mul(rms.sum, layer.sum)))
    results.push([layer.sum, layer.y, rms.sum, rms.y, ...grad(loss, leaves)])
  }
  const [found, expected] = results as [Tensor[], Tensor[]]
  for (const [i, t] of found.slice(0, 4).entries()) expect(await t.data()).toEqual(await expected[i]!.data())
  for (const [i, t] of found.slice(4).entries()) {
    const truth = (await expected[4 + i]!.flatten().toArray()) as number[]
    for (const [j, value] of ((await t.flatten().toArray()) as number[]).entries())
      expect(Math.abs(value - truth[j]!)).toBeLessThan(1e-5 * Math.max(...truth.map(Math.abs)))
  }
})

function addOf(x: Tensor, r: Tensor, w: Tensor): ops.AddNorm {
  const sum = ops.add(x, r)
  return { sum, y: rmsNorm(sum, [33], w) }
}

test('are differentiable twice, and where only one of the results is used', async () => {
  const operands = [[3, 4], [3, 4], [4], [4]].map((shape) => randn(shape, { dtype: 'f64' }).requiresGrad_())
  const [x, r, w, b] = operands as Tensor[] as [Tensor, Tensor, Tensor, Tensor]
  const layer = (x: Tensor, r: Tensor, w: Tensor, b: Tensor) => {
    const { sum, y } = addLayerNorm(x, r, [4], w, b)
    return ops.mul(ops.square(y), sum)
  }
  const rms = (x: Tensor, r: Tensor, w: Tensor) => ops.square(addRmsNorm(x, r, [4], w).y)
  expect(gradgradcheck(layer, [x, r, w, b])).toBe(true)
  expect(gradgradcheck(rms, [x, r, w])).toBe(true)
  const { sum } = addLayerNorm(x, r, [4], w, b)
  const [gx, gr] = grad(ops.sum(sum), [x, r]) as [Tensor, Tensor]
  expect(await gx.data()).toEqual(new Float64Array(12).fill(1))
  expect(await gr.data()).toEqual(new Float64Array(12).fill(1))
})
