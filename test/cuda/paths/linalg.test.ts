/**
 * Matrix exponentials on CUDA whose items are taken out of their batch by several blocks, and those of matrices that are not finite.
 * Place in the whole: test/cuda/linalg.test.ts has exponentials of every norm; here are matrices of more than four elements a thread.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { device } from '../same.js'

describe.skipIf(device === undefined)('matrix exponentials on cuda', () => {
  test.each([
    ['f32', 2 ** -23],
    ['f64', 2 ** -52],
  ] as const)(
    '%s: items of several blocks, with NaN, with an infinity, of norms that need more squarings',
    (dtype, eps) => {
      scope(() => {
        // exp(a (ones / n)) is 1 + (e^a - 1) ones / n: known without another implementation.
        const [n, scales] = [33, [0.25, Number.NaN, 2, Number.POSITIVE_INFINITY, 9]]
        const data = scales.flatMap((a) => Array.from({ length: n * n }, () => a / n))
        const x = tensor(data, { dtype: 'f64', shape: [scales.length, n, n] })
          .to(dtype)
          .to(device as string) as Tensor
        const y = numbers(ops.linalg.matrixExp(x))
        for (const [b, a] of scales.entries())
          for (let i = 0; i < n * n; i++) {
            const found = y[b * n * n + i] as number
            if (!Number.isFinite(a)) {
              expect(found, `item ${b}, element ${i}`).toBeNaN()
              continue
            }
            const exact = (i % (n + 1) === 0 ? 1 : 0) + Math.expm1(a) / n
            // Products of n terms, each squaring of which doubles the error; of the size of e^a.
            const tolerance = 2 * n * eps * Math.exp(a)
            expect(Math.abs(found - exact), `item ${b}, element ${i}: ${found}, not ${exact}`).toBeLessThanOrEqual(
              tolerance,
            )
          }
      })
    },
  )
})
