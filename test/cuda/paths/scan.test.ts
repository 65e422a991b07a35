/**
 * Scans on CUDA of one row of more parts than a block has threads, so that a thread combines the totals of several
 * (cuda/kernels/scan/scan.cuh). Place in the whole: test/cuda/scan.test.ts has the other paths of every operator.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { device } from '../same.js'

describe.skipIf(device === undefined)('scans of a row of more than 2^20 elements on cuda', () => {
  // 258 parts of 4096.
  const n = 2 ** 20 + 4097
  // Parts differ in their largest elements. Sums are whole numbers below 2^24, exact in f32.
  const values = Int8Array.from({ length: n }, (_, i) => ((Math.imul(i, 0x9e3779b1) >>> 28) % 5) - ((i >> 12) % 3))
  const x = (): Tensor =>
    tensor(values, { dtype: 'i8' })
      .to(device as string)
      .to('f32') as Tensor

  test('running sums', () => {
    scope(() => {
      const found = numbers(ops.cumsum(x(), 0))
      let sum = 0
      const wrong = values.findIndex((v, i) => found[i] !== (sum += v))
      expect(wrong).toBe(-1)
    })
  })

  test('logarithms of running sums of exponentials, f64', () => {
    scope(() => {
      const found = numbers(ops.logcumsumexp(x().to('f64') as Tensor, 0))
      // Some 40 sums lie between an element and a result, of three roundings each; the logarithm, of up to 15, has its own.
      const tolerance = (40 * 3 + 15) * 2 ** -53
      let [sum, lost, wrong] = [0, 0, -1]
      for (const [i, v] of values.entries()) {
        const term = Math.exp(v) - lost
        const next = sum + term
        lost = next - sum - term
        sum = next
        if (wrong < 0 && !(Math.abs((found[i] as number) - Math.log(sum)) <= tolerance)) wrong = i
      }
      expect(wrong, `${found[wrong]}`).toBe(-1)
    })
  })
})
