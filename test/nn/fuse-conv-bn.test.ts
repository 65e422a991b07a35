/** Batch normalisation folded into convolutions: lib/nn/fuse-conv-bn.ts. */
import { expect, test } from 'vitest'
import { noGrad, rand, randn, ShapeError, scope, type Tensor, ValueError } from '#lib/index.js'
import { BatchNorm1d, BatchNorm2d, Conv1d, Conv2d, fuseConvBn } from '#lib/nn/index.js'
import { numbers } from '../helpers/compare.js'

const expectNear = (a: Tensor, b: Tensor): void => {
  const expected = numbers(b)
  const largest = Math.max(...expected.map(Math.abs))
  numbers(a).forEach((v, i) => {
    expect(Math.abs(v - (expected[i] as number))).toBeLessThanOrEqual(64 * 2 ** -24 * largest)
  })
}

/** Statistics, scale and shift as a trained norm has them. */
function trained<N extends BatchNorm1d | BatchNorm2d>(norm: N, channels: number): N {
  noGrad(() => {
    norm.runningMean?.copy_(randn([channels]))
    norm.runningVar?.copy_(rand([channels]).add(0.1))
    norm.weight?.copy_(randn([channels]))
    norm.bias?.copy_(randn([channels]))
  })
  return norm.eval() as N
}

test('gives what both layers give in turn, with and without a bias, scale, groups and padding', () => {
  scope(() => {
    for (const [bias, affine] of [
      [true, true],
      [false, true],
      [true, false],
    ]) {
      const conv = new Conv2d(6, 10, [3, 2], { bias, stride: 2, padding: [1, 0], groups: 2 })
      const norm = trained(new BatchNorm2d(10, { affine, eps: 1e-3 }), 10)
      const x = randn([2, 6, 9, 8])
      const before = numbers(conv.weight)
      const fused = fuseConvBn(conv, norm)
      expect(fused).toBeInstanceOf(Conv2d)
      expect(fused.training).toBe(false)
      expectNear(fused.call(x), norm.call(conv.call(x)))
      expect(numbers(conv.weight)).toEqual(before)
    }
    const conv = new Conv1d(3, 4, 3)
    const norm = trained(new BatchNorm1d(4), 4)
    const x = randn([2, 3, 12])
    expectNear(fuseConvBn(conv, norm).call(x), norm.call(conv.call(x)))
  })
})

test('an epilogue of the layer takes activation and residual along', () => {
  scope(() => {
    const fused = fuseConvBn(new Conv2d(3, 4, 3, { padding: 1 }), trained(new BatchNorm2d(4), 4))
    const [x, residual] = [randn([1, 3, 6, 6]), randn([1, 4, 6, 6])]
    const y = noGrad(() => fused.forward(x, { activation: 'relu', residual }))
    expectNear(y, fused.forward(x).add(residual).relu())
  })
})

test('refuses norms without statistics and of other channels', () => {
  scope(() => {
    const conv = new Conv2d(3, 4, 3)
    expect(() => fuseConvBn(conv, new BatchNorm2d(4, { trackRunningStats: false }))).toThrow(ValueError)
    expect(() => fuseConvBn(conv, new BatchNorm2d(5))).toThrow(ShapeError)
    expect(() => new Conv2d(3, 4, 3, { values: { weight: randn([4, 3, 2, 2]), bias: null } })).toThrow(ShapeError)
  })
})
