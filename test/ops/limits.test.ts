/** Shapes beyond 2^31 elements and up to 16 dimensions: views of them work, making them is refused clearly. */
import { expect, test } from 'vitest'
import {
  arange,
  asStrided,
  flip,
  full,
  ones,
  pad,
  repeat,
  roll,
  scope,
  type Tensor,
  tensor,
  tensorSplit,
  unfoldAxis,
} from '#lib/index.js'

test('views of more than 2^31 elements', () => {
  scope(() => {
    const wide = tensor([[1], [2], [3]]).expand([3, 2 ** 33]) as Tensor
    expect(wide.numel).toBe(3 * 2 ** 33)
    const part = wide.slice(1, 2 ** 32, 2 ** 32 + 10, 3).transpose(0, 1)
    expect(part.toArraySync()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(wide.select(1, -1).toArraySync()).toEqual([1, 2, 3])
    expect(wide.narrow(1, -2, 2).sum().itemSync()).toBe(12)
    expect(tensorSplit(wide, [2 ** 33 - 1], 1)[1]?.toArraySync()).toEqual([[1], [2], [3]])
    expect(
      asStrided(tensor([1, 2]), [2 ** 32, 2], [0, 1])
        .select(0, 2 ** 31 + 5)
        .toArraySync(),
    ).toEqual([1, 2])
    expect(unfoldAxis(wide, 1, 2 ** 31, 2 ** 32).shape).toEqual([3, 2, 2 ** 31])
  })
})

test('gradients of views of more than 2^31 elements', () => {
  scope(() => {
    const x = tensor([[1], [2]], { dtype: 'f64' }).requiresGrad_()
    // The gradient of the whole would be written out.
    const y = x
      .expand([2, 2 ** 45])
      .narrow(1, 5, 3)
      .sum()
    expect(() => {
      y.backward()
      return x.grad?.dataSync()
    }).toThrow(expect.objectContaining({ code: 'SINTER_OUT_OF_MEMORY' }))
  })
})

test('what does not fit into memory is refused', () => {
  scope(() => {
    for (const make of [
      () => full([2 ** 25, 2 ** 25], 1),
      () => arange(0, 2 ** 50, 1, { dtype: 'f32' }),
      () => repeat(tensor([1]), [2 ** 50]),
      () => pad(tensor([1]), [2 ** 50, 0]),
    ])
      expect(() => (make() as Tensor).reshape([-1]).select(0, 0).itemSync()).toThrow(
        expect.objectContaining({ code: 'SINTER_OUT_OF_MEMORY' }),
      )
    expect(() => full([2 ** 30, 2 ** 30], 1)).toThrow('full: (1073741824, 1073741824) has more than 2^53 elements')
    expect(() => tensor([1]).expand([2 ** 30, 2 ** 30])).toThrow('has more than 2^53 elements')
  })
})

test('16 dimensions, and no more', () => {
  scope(() => {
    const shape = [2, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 3]
    const x = arange(24, undefined, 1, { dtype: 'f32' }).reshape(shape) as Tensor
    const turned = x.permute(shape.map((_, i) => 15 - i))
    expect(
      turned
        .contiguous()
        .permute(shape.map((_, i) => 15 - i))
        .reshape([24])
        .toArraySync(),
    ).toEqual(x.reshape([24]).toArraySync())
    expect(
      flip(flip(x, [0, 3, 15]), [0, 3, 15])
        .sub(x)
        .abs()
        .amax()
        .itemSync(),
    ).toBe(0)
    expect(
      roll(roll(x, [1, 1, 2], [0, 7, 15]), [-1, -1, -2], [0, 7, 15])
        .sub(x)
        .abs()
        .amax()
        .itemSync(),
    ).toBe(0)
    expect(repeat(x, shape).shape).toEqual(shape.map((d) => d * d))
    expect(() => ones([...shape, 1])).toThrow('17 dimensions; at most 16 are supported')
    expect(() => x.unsqueeze(0)).toThrow('17 dimensions; at most 16 are supported')
    expect(() => unfoldAxis(x, 0, 1, 1)).toThrow('17 dimensions; at most 16 are supported')
  })
})
