/** Products whose rows and columns are dealt out to several threads: operands lie in every way, sizes are those of blocks and between them. */
import { afterEach, expect, test } from 'vitest'
import { engine, linear, manualSeed, matmul, randn, scope, type Tensor } from '#lib/index.js'
import { expectSameBits, ROUNDOFF } from '../helpers/compare.js'

const threads = engine.threads
afterEach(() => engine.setThreads(threads))

/** m, n, k. */
const SIZES = [
  [768, 128, 512],
  [512, 128, 768],
  [384, 129, 769],
  [515, 65, 128],
  [769, 33, 1000],
  [300, 257, 1153],
  [2500, 96, 700],
  [700, 700, 768],
] as const
/** Whether a and b lie transposed. Rows of a are read where they lie up to 512 elements apart, and copied beyond. */
const LIE = { nn: [false, false], nt: [false, true], tn: [true, false], tt: [true, true] } as const

test.each(Object.keys(LIE) as (keyof typeof LIE)[])('%s: the bits of one thread, and the product', (lie) => {
  const operand = (rows: number, columns: number, turned: boolean, dtype: 'f32' | 'f64'): Tensor =>
    turned ? randn([columns, rows], { dtype }).transpose(0, 1) : randn([rows, columns], { dtype })
  for (const dtype of ['f32', 'f64'] as const)
    for (const [m, n, k] of SIZES)
      scope(() => {
        manualSeed(m + n + k)
        const [a, b] = [operand(m, k, LIE[lie][0], dtype), operand(k, n, LIE[lie][1], dtype)]
        const by = (count: number): Tensor => {
          engine.setThreads(count)
          return matmul(a, b)
        }
        const alone = by(1)
        for (const count of [2, 3, 8]) expectSameBits(`${dtype} ${m} x ${n} x ${k}, ${count} threads`, by(count), alone)
        // Higham, Accuracy and Stability of Numerical Algorithms, 2002, 3.5: k roundings of the sum of magnitudes.
        const [x, y] = [a.to('f64').contiguous(), b.to('f64').contiguous()]
        const off = matmul(x, y).sub(by(2)).abs().div(matmul(x.abs(), y.abs())).max()
        expect(off.itemSync(), `${dtype} ${m} x ${n} x ${k}`).toBeLessThan(k * ROUNDOFF[dtype])
      })
})

test('a gradient of weights adds to what is there', () => {
  scope(() => {
    manualSeed(3)
    const [x, start] = [randn([768, 128]), randn([256, 128])]
    const gradient = (count: number): Tensor => {
      engine.setThreads(count)
      const w = start.clone().requiresGrad_()
      for (let turn = 0; turn < 2; turn++) linear(x, w).square().sum().backward()
      return w.grad as Tensor
    }
    expectSameBits('gradient', gradient(2), gradient(1))
  })
})
