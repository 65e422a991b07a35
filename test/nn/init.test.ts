// Initial values: what each tensor is to have, whatever is drawn.
import { describe, expect, it } from 'vitest'
import { matmul, noGrad, randn, type Tensor, zeros } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'

const { init } = nn
const numbers = (t: Tensor): number[] => [...(t.dataSync() as Float32Array)]

describe('init', () => {
  it('eye has ones on the diagonal', () => {
    expect(numbers(init.eye(zeros([2, 3]).add(5)))).toEqual([1, 0, 0, 0, 1, 0])
    expect(() => init.eye(zeros([2]))).toThrow(/takes a matrix, found \(2\)/)
  })

  it.each([
    [1, [4, 4, 3]],
    [1, [2, 2, 3, 5]],
    [2, [4, 2, 3, 3]],
    [1, [3, 3, 3, 1, 3]],
  ] as const)('dirac, in %i groups, makes %j pass its input on', (groups, shape) => {
    const [outputs, inputs, ...kernel] = shape as readonly [number, number, ...number[]]
    const Conv = [nn.Conv1d, nn.Conv2d, nn.Conv3d][kernel.length - 1] as unknown as typeof nn.Conv2d
    const options = { padding: 'same', groups, bias: false } as const
    const layer = new Conv(inputs * groups, outputs, kernel as never, options)
    init.dirac(layer.weight, groups)
    const x = randn([2, inputs * groups, ...kernel.map(() => 4)])
    expect(numbers(noGrad(() => layer.call(x)))).toEqual(numbers(x))
  })

  it('dirac leaves outputs without an input empty, and refuses what is no convolution’s weight', () => {
    expect(numbers(init.dirac(zeros([3, 1, 1]).add(7)))).toEqual([1, 0, 0])
    expect(() => init.dirac(zeros([2, 2]))).toThrow(/takes a convolution's weight/)
    expect(() => init.dirac(zeros([3, 1, 1]), 2)).toThrow(/3 outputs do not divide into 2 groups/)
  })

  it('sparse zeroes the same share of every column', () => {
    const values = numbers(init.sparse(zeros([10, 40]), 0.25, 1))
    for (let j = 0; j < 40; j++) {
      const column = Array.from({ length: 10 }, (_, i) => values[i * 40 + j])
      expect(column.filter((x) => x === 0)).toHaveLength(3)
    }
    const first = Array.from({ length: 40 }, (_, j) => [0, 1, 2].every((i) => values[i * 40 + j] === 0))
    expect(first.every(Boolean)).toBe(false)
    expect(() => init.sparse(zeros([2, 2]), 2)).toThrow(/sparsity is 2, expected a share from 0 to 1/)
    expect(() => init.sparse(zeros([2]), 0.5)).toThrow(/takes a matrix/)
  })

  it.each([
    [[5, 3], 'f64'],
    [[3, 5], 'f64'],
    [[4, 2, 3], 'f64'],
    [[2, 3, 2, 2], 'f32'],
    [[1, 1], 'f32'],
  ] as const)('orthogonal makes orthonormal rows or columns of %j', (shape, dtype) => {
    const [rows, ...rest] = shape as readonly [number, ...number[]]
    const w = init.orthogonal(zeros([...shape], { dtype }), 3).reshape([rows, -1])
    const columns = rest.reduce((a, b) => a * b, 1)
    const gram = numbers(rows > columns ? matmul(w.transpose(0, 1), w) : matmul(w, w.transpose(0, 1)))
    const n = Math.min(rows, columns)
    // Sums of up to 12 terms of what some tens of roundings made.
    const most = 9 * 100 * (dtype === 'f64' ? 2 ** -53 : 2 ** -24)
    for (const [i, x] of gram.entries()) expect(Math.abs(x - (i % (n + 1) === 0 ? 9 : 0))).toBeLessThan(most)
  })

  it('orthogonal draws both signs, and refuses vectors', () => {
    const signs = Array.from({ length: 60 }, () => Math.sign(numbers(init.orthogonal(zeros([1, 1])))[0] as number))
    expect(new Set(signs)).toEqual(new Set([1, -1]))
    expect(() => init.orthogonal(zeros([3]))).toThrow(/two dimensions or more/)
    expect(init.orthogonal(zeros([0, 3])).shape).toEqual([0, 3])
  })

  it('half-precision targets take what is drawn in f32', () => {
    for (const dtype of ['bf16', 'f16'] as const) {
      expect(init.orthogonal(zeros([3, 3], { dtype })).dtype).toBe(dtype)
      expect(numbers(init.eye(zeros([2, 2], { dtype })))).toEqual([1, 0, 0, 1])
    }
  })
})
