// Normalisation of images that lie channels-last: read as they lie, with results that lie alike.
import { describe, expect, test } from 'vitest'
import { batchNorm, grad, ones, randn, type Tensor, zeros } from '#lib/index.js'

const channelsLast = (x: Tensor): Tensor => {
  const axes = Array.from({ length: x.rank }, (_, i) => i)
  const last = [0, ...axes.slice(2), 1]
  return x
    .permute(last)
    .contiguous()
    .permute([0, x.rank - 1, ...axes.slice(1, -1)])
}

describe.each([[[4, 3, 5, 7]], [[2, 17, 9]], [[2, 5, 2, 3, 4]], [[300, 37, 2, 2]]])('batchNorm of %s', (shape) => {
  test.each([
    [true, {}],
    [false, {}],
    [true, { activation: 'relu' }],
    [false, { activation: 'relu', residual: true }],
    [true, { activation: 'relu', residual: true }],
    [true, { residual: true }],
  ] as const)('training: %s, %o', async (training, then: { activation?: 'relu'; residual?: boolean }) => {
    const c = shape[1] as number
    const [x, w, b] = [randn(shape), randn([c]), randn([c])] as const
    const [g, r] = [randn(shape), randn(shape)]
    const found: Tensor[][] = []
    for (const layout of [channelsLast, (t: Tensor) => t]) {
      const [mean, variance] = [zeros([c]), ones([c])]
      const own = [layout(x).detach(), w.clone(), b.clone(), ...(then.residual ? [layout(r).detach()] : [])]
      const leaves = own.map((t) => t.requiresGrad_()) as Tensor[]
      const options = { training, activation: then.activation ?? null, residual: leaves[3] ?? null }
      const y = batchNorm(leaves[0] as Tensor, mean, variance, leaves[1], leaves[2], options)
      found.push([y, mean, variance, ...grad(y, leaves, { gradOutputs: layout(g) })])
    }
    const [last, first] = found as [Tensor[], Tensor[]]
    expect((last[0] as Tensor).strides).toEqual(channelsLast(first[0] as Tensor).strides)
    for (const [i, t] of last.entries()) {
      const truth = (await (first[i] as Tensor).contiguous().flatten().toArray()) as number[]
      const bound = 2e-5 * Math.max(1, ...truth.map(Math.abs))
      for (const [j, value] of ((await t.contiguous().flatten().toArray()) as number[]).entries())
        expect(Math.abs(value - (truth[j] as number))).toBeLessThan(bound)
    }
  })
})
