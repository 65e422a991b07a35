/**
 * The large and medium tiles of convolutions on CUDA: results in packs and by elements, channels first and last, each activation; three
 * dimensions, groups, gradients through strides. Place in the whole: ../conv.test.ts has the geometries, which take small tiles; here is a
 * device of one multiprocessor, which small images fill.
 */
import { describe, test, vi } from 'vitest'
import { simulated } from '../../helpers/simulator.js'
import { type Case, check, FORWARD, type Run } from '../convs.js'
import { ACTIVATIONS, finished } from './convs-finished.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '1'
})

if (!simulated)
  console.log('SINTER_CUDA_DRIVER is not the simulator: the tiles of convolutions are not tested one by one')

/**
 * Tiles by channels of the result and places of its image: a large one takes more than 64 channels, and for two of it there must be more
 * than 128 places where medium tiles compete, less where small ones do. The first number of channels is finished in packs.
 */
const EACH = [
  { dtype: 'f32', tile: 'large', channels: [72, 70], rows: 10 },
  { dtype: 'bf16', tile: 'large', channels: [72, 70], rows: 12 },
  { dtype: 'f16', tile: 'large', channels: [72, 70], rows: 12 },
  { dtype: 'bf16', tile: 'medium', channels: [40, 42], rows: 12 },
  { dtype: 'f16', tile: 'medium', channels: [40, 42], rows: 12 },
] as const

describe.skipIf(!simulated)('convolutions of one multiprocessor', () => {
  describe.each(EACH)('$dtype, $tile tiles', ({ dtype, channels: [packs, ragged], rows }) => {
    test('what follows, channels first and last', () => {
      for (const activation of ACTIVATIONS) {
        // Images of 12 columns are finished in packs, of 13 by elements; where channels lie last, by their number.
        finished(dtype, [1, 16, rows, 12], [packs, 16, 2, 1], { activation })
        finished(dtype, [1, 16, rows, 13], [ragged, 16, 2, 1], { activation })
        finished(dtype, [1, 16, rows, 12], [packs, 16, 2, 1], { activation, last: true })
        finished(dtype, [1, 16, rows, 12], [ragged, 16, 2, 1], { activation, last: true, bias: false })
      }
      finished(dtype, [1, 16, rows, 12], [packs, 16, 2, 1], { activation: null, bias: false, residual: false })
      finished(dtype, [1, 16, rows, 12], [packs, 16, 2, 1], { activation: null, offset: 1 })
    })
    test('three dimensions, groups, gradients through strides', () => {
      const cases: readonly Case[] = [
        ['three dimensions', [1, 16, rows / 2 - 2, 6, 12], [packs, 16, 2, 2, 2], {}],
        ['groups', [1, 16, rows, 12], [2 * ragged, 8, 2, 2], { groups: 2 }],
        ['strides', [1, packs, rows, 23], [24, packs, 3, 3], { stride: [1, 2], padding: 1 }],
      ]
      for (const c of cases) check(dtype, FORWARD[c[1].length] as Run, c, c[2][0] as number)
    })
  })
})
