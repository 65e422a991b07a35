/**
 * Convolutions on CUDA whose sums are made in several parts, along depthwise rows, or one at a time, with all that may follow: results in
 * packs and by elements, each activation, strides beyond 2^31. Place in the whole: ../conv.test.ts has the geometries, conv.test.ts beside the
 * tiles; here are the kernels beside the tiles.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { type Case, check, FORWARD, type Run } from '../convs.js'
import { FLOATS } from '../products.js'
import { ACTIVATIONS, finished } from './convs-finished.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: sums of convolutions on CUDA are not tested')

describe.skipIf(!present)('sums of convolutions on CUDA', () => {
  test.each(FLOATS)('%s: sums in several parts', (dtype) => {
    for (const activation of ACTIVATIONS) finished(dtype, [1, 120, 8, 8], [12, 120, 3, 3], { activation, padding: 1 })
    // Two parts, which no four are added of at once: in packs, and by elements.
    finished(dtype, [1, 84, 8, 8], [12, 84, 3, 3], { activation: 'relu', padding: 1 })
    finished(dtype, [1, 84, 9, 7], [13, 84, 3, 3], { activation: 'relu', padding: 1 })
    // By elements: planes of 63 places; then channels-last, each of a pack with a bias of its own.
    finished(dtype, [1, 120, 9, 7], [13, 120, 3, 3], { activation: 'relu', padding: 1 })
    finished(dtype, [1, 120, 8, 8], [12, 120, 3, 3], { activation: null, padding: 1, last: true })
    finished(dtype, [1, 120, 8, 8], [13, 120, 3, 3], { activation: null, padding: 1, last: true, residual: false })
    // The weights' gradient, of many pixels.
    const many: Case = ['many pixels', [2, 8, 33, 64], [16, 8, 1, 2], {}]
    check(dtype, ops.conv2d as Run, many, 16)
  })

  test.each(FLOATS)('%s: depthwise, each width with all that follows', (dtype) => {
    // Rows of 8 are finished in packs, of 11 by elements.
    for (const width of [2, 3, 5, 7])
      for (const activation of ACTIVATIONS)
        for (const [columns, offset] of [
          [8, 0],
          [11, 0],
          [8, 1],
        ] as const) {
          const padding = width >> 1
          const rows = columns + (width % 2 === 0 ? 1 : 0)
          const bias = activation !== 'relu'
          finished(dtype, [1, 3, 4, rows], [6, 1, width, width], { activation, padding, groups: 3, offset, bias })
          finished(dtype, [1, 3, 4, 9], [6, 1, width, width], { activation, padding, groups: 3, residual: false })
        }
  })

  test.each(FLOATS)('%s: thin groups with all that follows', (dtype) => {
    for (const activation of ACTIVATIONS) {
      finished(dtype, [2, 4, 5, 9], [8, 2, 3, 5], { activation, groups: 2, padding: 1 })
      finished(dtype, [1, 4, 5, 9], [4, 2, 3, 4], { activation, groups: 2, bias: false, residual: false, last: true })
    }
    // Four of a group, which gradients take together.
    const cases: readonly Case[] = [
      ['four by four', [1, 8, 5, 6], [8, 4, 3, 3], { groups: 2, padding: 1 }],
      ['six by four', [1, 8, 5, 6], [12, 4, 3, 3], { groups: 2, stride: [2, 1] }],
    ]
    for (const c of cases) check(dtype, ops.conv2d as Run, c, c[2][0] as number)
  })

  test('strides and dilations that no divisor of 32 bits takes', () => {
    for (const dtype of FLOATS) {
      const huge = 2 ** 31
      // One window along an axis; a single tap along another, which padding is before and behind.
      const cases: readonly Case[] = [
        ['stride', [1, 2, 5, 6], [4, 2, 3, 2], { stride: [huge, 1] }],
        ['stride and groups', [1, 4, 5, 6], [4, 2, 3, 2], { stride: huge, groups: 2, padding: 1 }],
        ['dilation', [1, 2, 5, 6], [4, 2, 1, 1], { dilation: huge, padding: [1, 2] }],
        ['dilation in depth', [1, 2, 2, 3, 4], [4, 2, 1, 2, 1], { dilation: [huge, 1, huge], padding: 1 }],
      ]
      for (const c of cases) check(dtype, FORWARD[c[1].length] as Run, c, c[2][0] as number)
    }
  })

  test('relu of NaN is NaN in every kernel', () => {
    for (const dtype of FLOATS)
      for (const groups of [1, 2, 8])
        ops.scope(() => {
          const x = ops.zeros([1, 8, 4, 4]).to(dtype) as Tensor
          const w = ops.ones([8, 8 / groups, 1, 3]).to(dtype) as Tensor
          const residual = ops
            .tensor(Float64Array.from({ length: 64 }, (_, i) => (i % 3 === 0 ? Number.NaN : i % 3 === 1 ? -1 : 2)))
            .reshape([1, 8, 4, 2])
            .to(dtype) as Tensor
          const [wide, found] = ['cpu', 'cuda'].map((at) =>
            numbers(
              ops.conv2d(x.to(at), w.to(at), null, { groups, activation: 'relu', residual: residual.to(at) }) as Tensor,
            ),
          )
          expect(found).toEqual(wide)
        })
  })
})
