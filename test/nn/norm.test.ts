// Normalising layers: what they hand to their operators, their parameters, and what they refuse. The operators' numbers are tested
// in test/ops.
import { describe, expect, it } from 'vitest'
import { addLayerNorm, addRmsNorm, groupNorm, instanceNorm, randn, rmsNorm, type Tensor, zeros } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'

const same = async (a: Tensor, b: Tensor): Promise<void> => expect(await a.data()).toEqual(await b.data())

describe('normalising layers', () => {
  it('GroupNorm', async () => {
    const layer = new nn.GroupNorm(2, 6, { eps: 0.1 })
    const x = randn([3, 6, 4])
    await same(layer.call(x) as Tensor, groupNorm(x, 2, layer.weight, layer.bias, 0.1))
    expect([...layer.namedParameters()].map(([name]) => name)).toEqual(['weight', 'bias'])
    expect(() => new nn.GroupNorm(4, 6)).toThrow('GroupNorm: 6 channels do not divide into 4 groups')
  })

  it('InstanceNorm normalises with running statistics in evaluation where it keeps them', async () => {
    const layer = new nn.InstanceNorm2d(3, { trackRunningStats: true })
    const x = randn([2, 3, 5, 4])
    const before = await layer.runningMean!.data()
    await same(layer.call(x) as Tensor, instanceNorm(x))
    expect(await layer.runningMean!.data()).not.toEqual(before)
    layer.eval()
    const { runningMean, runningVar } = layer
    await same(layer.call(x) as Tensor, instanceNorm(x, runningMean, runningVar, null, null, { useInputStats: false }))
    await same(new nn.InstanceNorm1d(3).eval().call(x.reshape([2, 3, 20])) as Tensor, instanceNorm(x))
    expect([...new nn.InstanceNorm3d(3, { affine: true }).namedParameters()].length).toBe(2)
    expect(() => layer.call(zeros([2, 3]))).toThrow('InstanceNorm2d: takes (n, c, h, w) or (c, h, w), found (2, 3)')
  })

  it('RMSNorm and LayerNorm, alone and with a residual', async () => {
    const [x, r] = [randn([3, 4, 8]), randn([3, 4, 8])]
    const rms = new nn.RMSNorm(8)
    await same(rms.call(x) as Tensor, rmsNorm(x, [8], rms.weight))
    const [found, expected] = [rms.addForward(x, r), addRmsNorm(x, r, [8], rms.weight)]
    await same(found.sum, expected.sum)
    await same(found.y, expected.y)
    const layer = new nn.LayerNorm([4, 8], { bias: false })
    await same(layer.addForward(x, r).y, addLayerNorm(x, r, [4, 8], layer.weight, null).y)
    expect(() => new nn.RMSNorm([2, 0])).toThrow(/RMSNorm: shape\[1\] is 0/)
  })

  it('BatchNorm3d takes five dimensions', () => {
    const layer = new nn.BatchNorm3d(2)
    expect((layer.call(randn([2, 2, 3, 3, 3])) as Tensor).shape).toEqual([2, 2, 3, 3, 3])
    expect(() => layer.call(zeros([2, 2]))).toThrow('BatchNorm3d: takes (n, c, d, h, w), found (2, 2)')
  })
})
