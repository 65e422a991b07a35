/** Products and convolutions of bf16, and products of bytes, by a matrix unit (AMX). */
import { describe, expect, test, vi } from 'vitest'
import * as s from '#lib/index.js'
import { scope, type Tensor } from '#lib/index.js'
import { dynamicQuantizedLinear, intMatmul, quantizeWeight } from '#lib/quant/index.js'
import { numbers } from '../helpers/compare.js'
import { pairConvolutions } from '../helpers/pair-convolutions.js'
import { pairProducts } from '../helpers/pair-products.js'
import { Random } from '../helpers/random.js'

// Before the first stream opens, which is when the set is chosen; each test file is a process of its own.
vi.hoisted(() => {
  if (process.arch === 'x64') process.env['SINTER_ISA'] = 'avx2amx'
})

pairProducts('avx2amx', 256)
pairConvolutions('avx2amx')

describe.skipIf(process.arch !== 'x64')('products of bytes', () => {
  const r = new Random('amx')
  const draw = (dtype: 'u8' | 'i8', rows: number, columns: number): Tensor =>
    s.tensor(
      r.array(rows * columns, (r) => Math.floor(r.uniform(dtype === 'u8' ? 0 : -128, dtype === 'u8' ? 256 : 128))),
      { shape: [rows, columns], dtype },
    )

  /** m, n, k around the unit's tiles (16 rows of 64 bytes), panels, and rows that stay with the dots. */
  const SIZES = [
    [1, 16, 64],
    [4, 17, 63],
    [5, 31, 65],
    [15, 5, 16],
    [16, 32, 15],
    [17, 33, 1],
    [31, 16, 128],
    [32, 48, 129],
    [33, 15, 191],
    [100, 70, 200],
    [128, 1, 4096],
  ] as const

  test('are exact', () => {
    for (const [m, n, k] of SIZES)
      for (const dtype of ['u8', 'i8'] as const)
        scope(() => {
          const [a, b] = [draw(dtype, m, k), draw('i8', k, n)]
          const exact = a.to('f64').matmul(b.to('f64'))
          expect([...numbers(intMatmul(a, b))], `${dtype} ${m}x${n}x${k}`).toEqual([...numbers(exact)])
          const moved = a.to('f64').sub(3).matmul(b.to('f64').sub(-2))
          const zeros = { aZeroPoint: 3, bZeroPoint: -2 }
          expect([...numbers(intMatmul(a, b, zeros))], `${dtype} ${m}x${n}x${k}, zeros`).toEqual([...numbers(moved)])
        })
  })

  test('of quantized layers are what the weights and bytes give', () => {
    for (const [m, n, k] of SIZES)
      scope(() => {
        const draw = (...shape: [number, number]) =>
          s.tensor(
            r.array(shape[0] * shape[1], (r) => r.uniform(-1, 1)),
            { shape, dtype: 'f32' },
          )
        const [x, w] = [draw(m, k), draw(n, k)]
        const y = numbers(dynamicQuantizedLinear(x, quantizeWeight(w)))
        const exact = numbers(x.to('f64').matmul(w.to('f64').transpose(0, 1)))
        // Half a step of either operand a product: rows span at most 2, and so do weights, of 255 and 254 steps.
        for (let i = 0; i < y.length; i++)
          expect(Math.abs((y[i] as number) - (exact[i] as number)), `${m}x${n}x${k} ${i}`).toBeLessThan(
            k * (1 / 255 + 1 / 254) * 1.01,
          )
      })
  })
})
