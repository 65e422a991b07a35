/**
 * Convolutions with few channels on one side, those whose weights are packed for many blocks, and those at few positions
 * (native/cpu/conv/few_outputs.cpp, implicit_gemm.cpp, few_pixels.cpp), against windows that are unfolded and multiplied in float64.
 */
import { describe, expect, test } from 'vitest'
import { abs, add, concat, conv2d, engine, matmul, randn, reshape, scope, type Tensor, unfold } from '#lib/index.js'
import { numbers, ROUNDOFF } from '../helpers/compare.js'

/** [name, x, weight, options]: around strips of 28 rows, lots of channels, rows of 1024, every number of outputs, tiles' widths, edges of vectors. */
const LAYERS = [
  ['one output, one element', [1, 1, 1, 1], [1, 1, 1, 1], {}],
  ['one output, wider than a strip', [1, 2, 3, 1031], [1, 2, 3, 3], { padding: 1 }],
  ['two outputs, many strips', [1, 19, 61, 33], [2, 19, 3, 3], { padding: 1 }],
  ['three outputs, many lots of channels', [2, 70, 30, 65], [3, 70, 5, 3], { padding: 1 }],
  ['four outputs, stride', [3, 9, 23, 50], [4, 9, 3, 3], { padding: 1, stride: 2 }],
  ['four outputs, dilation', [2, 6, 15, 20], [4, 6, 3, 3], { dilation: [2, 3], padding: 2 }],
  ['three outputs, strides beyond the kernel', [1, 5, 17, 18], [3, 5, 2, 1], { stride: [3, 4] }],
  ['pointwise, three outputs', [2, 64, 9, 11], [3, 64, 1, 1], {}],
  ['groups of few outputs', [2, 24, 12, 13], [6, 8, 3, 3], { groups: 3, padding: 1 }],
  ['five outputs, several vectors', [1, 9, 13, 48], [5, 9, 3, 3], { padding: 1 }],
  ['six outputs, stride', [2, 7, 21, 63], [6, 7, 3, 3], { padding: 1, stride: 2 }],
  ['seven outputs, dilation', [2, 6, 15, 30], [7, 6, 3, 3], { dilation: 2, padding: 2 }],
  ['groups of eight outputs', [2, 24, 19, 28], [24, 8, 3, 3], { groups: 3, padding: 1 }],
  ['eight outputs, pointwise', [2, 40, 12, 17], [8, 40, 1, 1], {}],
  ['depthwise, one row', [2, 3, 1, 40], [3, 1, 3, 3], { groups: 3, padding: 1 }],
  ['depthwise, two rows', [1, 4, 2, 33], [4, 1, 3, 3], { groups: 4, padding: 1 }],
  ['depthwise, one column', [2, 3, 9, 1], [3, 1, 3, 3], { groups: 3, padding: 1 }],
  ['depthwise, two vectors', [2, 5, 28, 28], [5, 1, 3, 3], { groups: 5, padding: 1 }],
  ['depthwise, wider than a strip', [1, 2, 40, 1031], [2, 1, 3, 3], { groups: 2, padding: 1 }],
  ['depthwise, no padding', [1, 3, 18, 19], [3, 1, 3, 3], { groups: 3 }],
  ['depthwise, padding beyond the kernel', [1, 3, 7, 12], [3, 1, 3, 3], { groups: 3, padding: [4, 5] }],
  ['depthwise, columns apart', [2, 3, 11, 35], [3, 1, 3, 3], { groups: 3, dilation: [1, 3], padding: [1, 3] }],
  ['depthwise, dilation', [2, 3, 11, 35], [3, 1, 3, 3], { groups: 3, dilation: 2, padding: 2 }],
  ['depthwise, two outputs each', [2, 3, 17, 47], [6, 1, 3, 3], { groups: 3, padding: 1 }],
  ['a stem', [2, 3, 61, 59], [20, 3, 7, 7], { stride: 2, padding: 3 }],
  ['weights packed, tasks of some rows', [1, 10, 60, 64], [530, 10, 1, 1], {}],
  ['weights packed, slices of the depth', [1, 70, 61, 43], [19, 70, 3, 3], { padding: 1, precision: 'highest' }],
  ['few positions, one', [1, 64, 1, 1], [64, 64, 1, 1], {}],
  ['few positions, whole vectors', [1, 20, 8, 8], [64, 20, 3, 3], { padding: 1, precision: 'highest' }],
  ['few positions, one more', [1, 40, 7, 7], [70, 40, 3, 3], { padding: 1, precision: 'highest' }],
  ['few positions, two more', [1, 50, 3, 6], [61, 50, 3, 3], { padding: 1, precision: 'highest' }],
  [
    'few positions, three more, groups',
    [3, 96, 7, 7],
    [130, 48, 2, 3],
    { padding: [1, 1], dilation: [2, 1], groups: 2 },
  ],
  ['few positions, four more, stride', [1, 21, 20, 19], [96, 21, 3, 3], { padding: 1, stride: 2 }],
  ['few positions, five more', [1, 70, 3, 7], [48, 70, 1, 1], {}],
  ['few positions, several blocks', [1, 64, 33, 33], [50, 64, 1, 1], {}],
  ['few positions, slices of the depth', [2, 90, 5, 5], [75, 90, 3, 3], { padding: 1, precision: 'highest' }],
  ['few positions, more taps than a slice', [1, 2, 25, 25], [53, 2, 21, 21], {}],
  ['weights packed, groups', [1, 36, 80, 61], [34, 18, 3, 3], { padding: 1, groups: 2, precision: 'highest' }],
] as const

const pair = (n: number | readonly [number, number] | undefined, otherwise: number): [number, number] =>
  typeof n === 'number' ? [n, n] : n ? [n[0], n[1]] : [otherwise, otherwise]

/** The definition, group by group. */
function unfolded(x: Tensor, weight: Tensor, bias: Tensor, options: any, like: readonly number[]): Tensor {
  const groups = options.groups ?? 1
  const [o, c, h, w] = weight.shape as [number, number, number, number]
  const parts = Array.from({ length: groups }, (_, g) => {
    const columns = unfold(x.narrow(1, g * c, c), [h, w], {
      stride: pair(options.stride, 1),
      padding: pair(options.padding, 0),
      dilation: pair(options.dilation, 1),
    })
    const rows = reshape(weight.narrow(0, (g * o) / groups, o / groups), [o / groups, c * h * w])
    return matmul(rows, columns)
  })
  return add(reshape(concat(parts, 1), [...like]), reshape(bias, [o, 1, 1]))
}

function expectWithin(actual: Tensor, exact: Tensor, magnitude: Tensor, relative: number): void {
  const [a, e, m] = [numbers(actual), numbers(exact), numbers(magnitude)]
  expect(actual.shape).toEqual(exact.shape)
  const worst = a.reduce((most, v, i) => {
    const error = Math.abs(v - (e[i] as number)) / ((m[i] as number) * relative + Number.MIN_VALUE)
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(most, error)
  }, 0)
  expect(worst).toBeLessThanOrEqual(1)
}

describe.each(LAYERS)('%s', (_, xShape, wShape, options) => {
  test.each(Object.keys(ROUNDOFF) as (keyof typeof ROUNDOFF)[])('%s: results and gradients', (dtype) => {
    scope(() => {
      const draw = (shape: readonly number[]): Tensor => randn([...shape]).to(dtype) as Tensor
      const leaves = [draw(xShape), draw(wShape), draw([wShape[0]])] as const
      const exactLeaves = leaves.map((t) => t.to('f64')) as [Tensor, Tensor, Tensor]
      const sizes = exactLeaves.map((t) => abs(t)) as [Tensor, Tensor, Tensor]
      for (const t of [...leaves, ...exactLeaves, ...sizes]) t.requiresGrad_()
      const y = conv2d(...leaves, options as object)
      const g = draw(y.shape)
      const exact = unfolded(...exactLeaves, options, y.shape)
      const magnitude = unfolded(...sizes, options, y.shape)
      y.backward({ gradient: g })
      exact.backward({ gradient: g.to('f64') as Tensor })
      magnitude.backward({ gradient: abs(g.to('f64') as Tensor) })
      // Sums are of f32 for bf16, and rounded once; f64 is held against sums in another order.
      const summing = dtype === 'bf16' ? ROUNDOFF.f32 : ROUNDOFF[dtype]
      const terms = (n: number): number => 2 * n * summing + (dtype === 'bf16' ? ROUNDOFF.bf16 : 0)
      const depth = wShape[1] * wShape[2] * wShape[3]
      const outputs = wShape[0] * wShape[2] * wShape[3]
      const positions = y.numel / wShape[0]
      expectWithin(y, exact, magnitude, terms(depth + 2))
      for (const [i, n] of [outputs, positions, positions].entries())
        expectWithin(leaves[i]?.grad as Tensor, exactLeaves[i]?.grad as Tensor, sizes[i]?.grad as Tensor, terms(n + 2))
    })
  })

  test('results do not depend on the number of threads', () => {
    const before = engine.threads
    try {
      scope(() => {
        const [x, weight, bias] = [randn([...xShape]), randn([...wShape]), randn([wShape[0]])]
        const bytes = [1, 2].map((n) => {
          engine.setThreads(n)
          return Buffer.from(conv2d(x, weight, bias, options as object).dataSync().buffer as ArrayBuffer)
        })
        expect(bytes[0]?.equals(bytes[1] as Buffer)).toBe(true)
      })
    } finally {
      engine.setThreads(before)
    }
  })
})
