/**
 * Products in the large tiles, which fill a device: here one of a single multiprocessor, so that small products take them. Place in the
 * whole: gemm.test.ts has the shapes; on the device that it runs on, all of them would take small tiles.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { intMatmul } from '#lib/quant/index.js'
import { simulated } from '../helpers/simulator.js'
import { AFTER, check, differences, gap, LAYOUTS, lies } from './products.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '1'
})

if (!simulated)
  console.log('SINTER_CUDA_DRIVER is not the simulator: large tiles of products are tested by gemm-profile alone')

/** Small enough that a sum has hardly any error, and the same for every dtype. */
const whole = (shape: readonly number[], by: number, dtype: 'bf16' | 'f16' | 'f32'): Tensor =>
  ops
    .arange(
      0,
      shape.reduce((a, b) => a * b, 1),
      1,
      { dtype: 'i32' },
    )
    .mul(by)
    .remainder(7)
    .sub(3)
    .to(dtype)
    .reshape([...shape])
/** Two by two large tiles, none of them full; two of half the columns, which medium ones fit. Results go out in packs, or by elements. */
const SIZES = [
  [248, 232, 128],
  [251, 241, 67],
  [232, 56, 104],
  [233, 57, 72],
] as const

describe.skipIf(!simulated)('large tiles of products', () => {
  for (const dtype of ['bf16', 'f16', 'f32'] as const)
    for (const [ta, tb] of LAYOUTS)
      test(`${dtype}, ${lies(ta, tb)}`, () => {
        // Rows begin at multiples of 16 bytes, whatever their length.
        for (const [m, n, k] of SIZES) {
          const [a, b] = [
            { transposed: ta, gap: gap(ta ? m : k) },
            { transposed: tb, gap: gap(tb ? n : k) },
          ]
          for (const after of [{}, ...AFTER]) check(dtype, { m, n, k, a, b, after })
        }
      })

  // Sums of whole numbers below 256 are exact in every dtype.
  test.each(['bf16', 'f16', 'f32'] as const)('%s, groups and batches', (dtype) => {
    ops.scope(() => {
      const same = (f: (at: string) => readonly Tensor[]) => {
        const [found, wanted] = [f('cuda'), f('cpu')]
        for (const [i, y] of found.entries()) expect(differences(y, wanted[i] as Tensor)).toBe(0)
      }
      for (const transposed of [false, true])
        for (const n of [232, 56]) {
          const b = (k: number) =>
            transposed
              ? (at: string) => whole([n, k], 5, dtype).to(at).transpose(-1, -2)
              : (at: string) => whole([k, n], 5, dtype).to(at)
          const groups = [
            [248, 16],
            [240, 24],
            [1, 8],
            [131, 16],
          ] as const
          same((at) =>
            ops.groupedMatmul(
              groups.map(([m, k]) =>
                transposed ? whole([k, m], 3, dtype).to(at).transpose(0, 1) : whole([m, k], 3, dtype).to(at),
              ),
              groups.map(([, k]) => b(k)(at)),
            ),
          )
          const a = (at: string) =>
            transposed
              ? whole([2, 1, 24, 248], 3, dtype).to(at).transpose(-1, -2)
              : whole([2, 1, 248, 24], 3, dtype).to(at)
          for (const other of [false, true]) {
            const right = whole(other ? [3, n, 24] : [3, 24, n], 5, dtype)
            same((at) => [ops.matmul(a(at), other ? right.to(at).transpose(-1, -2) : right.to(at))])
          }
        }
    })
  })

  test.each(['u8', 'i8'] as const)('bytes: %s', (dtype) => {
    ops.scope(() => {
      const values = (rows: number, columns: number, by: number, as: 'u8' | 'i8') =>
        ops
          .arange(0, rows * columns, 1, { dtype: 'i32' })
          .mul(by)
          .remainder(119)
          .to(as)
          .reshape([rows, columns])
      for (const [m, n, k] of [
        [250, 233, 96],
        [250, 232, 61],
      ] as const) {
        const [a, b] = [values(m, k, 7, dtype), values(n, k, 13, 'i8')]
        const product = (at: string) => intMatmul(a.to(at), b.to(at).transpose(0, 1))
        expect(differences(product('cuda'), product('cpu'))).toBe(0)
      }
    })
  })
})
