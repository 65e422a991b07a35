/**
 * 2:4 matrices by mma.sp (cuda/kernels/sparse/two_of_four.cuh) in small tiles and in parts of k. Place in the whole: two-of-four-tiles has the
 * large tiles, sparse.test.ts the semantics of all formats.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Tensor, tensor } from '#lib/index.js'
import { sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { expectClose, numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'
import { expectExact, expectSame, HALVES, matrixOf, sparse, wholeMatrix, wholeNumbers } from './two-of-four.js'

const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: 2:4 products are not tested on one')
const at = device as string
const thorough = process.env['SINTER_TEST_FULL'] === '1'

describe.skipIf(device === undefined)('2:4 by tensor cores', () => {
  for (const dtype of HALVES) {
    test(`${dtype}: whole numbers exactly, every pair of positions, ragged and whole tiles`, () => {
      const r = new Random(`2:4 ${dtype}`)
      const sizes = [
        [64, 64, 64],
        [1, 1, 9],
        [67, 50, 13],
        [80, 72, 3],
        [40, 131, 72],
        [130, 96, 65],
        ...(thorough
          ? [
              [1, 33, 200],
              [9, 4, 10],
              [200, 127, 129],
              [17, 3, 64],
              [65, 193, 63],
            ]
          : []),
      ] as [number, number, number][]
      for (const [rows, cols, n] of sizes) expectExact(r, dtype, rows, cols, n, at)
    })

    test(`${dtype}: a long k in parts, which do not end with a word's columns`, () => {
      const r = new Random(`2:4 parts ${dtype}`)
      for (const [rows, cols, n] of [
        [37, 1346, 9],
        ...(thorough
          ? [
              [64, 4096, 16],
              [70, 2085, 66],
            ]
          : []),
      ] as [number, number, number][])
        expectExact(r, dtype, rows, cols, n, at)
    })
  }

  test('codes of all 8 bits, and dense numbers that are not finite where there is no element', () => {
    const r = new Random('2:4 codes')
    for (const dtype of HALVES)
      ops.scope(() => {
        const [rows, cols, n] = [20, 36, 10]
        const w = wholeMatrix(r, rows, cols, 127)
        const d = wholeNumbers(r, cols * n)
        // Row 3 has no element in column 5, the others may.
        const hole = [0, 1, 2, 3].find((i) => ![w.column(3, 2), w.column(3, 3)].includes(4 + i)) as number
        d[(4 + hole) * n] = Number.POSITIVE_INFINITY
        const x = (tensor(d, { shape: [cols, n], dtype: 'f32' }) as Tensor).to(dtype).to(at)
        const scales = new Float64Array(rows).fill(1)
        const found = numbers(sparseMatmul(matrixOf(w, 'i8', at, scales), x, sparse))
        const [width, exact] = [2 * Math.ceil(cols / 4), new Float64Array(n)]
        for (let i = 0; i < width; i++)
          for (let j = 0; j < n; j++)
            (exact[j] as number) += (w.values[3 * width + i] as number) * (d[w.column(3, i) * n + j] as number)
        const row = tensor(found.slice(3 * n, 4 * n), { dtype: 'f64' }) as Tensor
        expectSame(`${dtype} codes`, row, exact, dtype)
        expect(Number.isFinite(exact[0])).toBe(true)
      })
  })

  test('bias and every activation, in both layouts, of one part and several', () => {
    const r = new Random('2:4 epilogue')
    for (const dtype of HALVES)
      for (const [rows, cols, n] of [
        [21, 36, 12],
        [21, 1100, 12],
      ] as const)
        for (const activation of ['gelu', 'geluTanh', 'silu'] as const)
          ops.scope(() => {
            const w = wholeMatrix(r, rows, cols, 1)
            const s = matrixOf(w, dtype, at)
            const x = (tensor(wholeNumbers(r, n * cols), { shape: [n, cols], dtype: 'f32' }) as Tensor)
              .mul(0.05)
              .to(dtype)
            const bias = (tensor(wholeNumbers(r, rows), { dtype: 'f32' }) as Tensor).to(dtype)
            const found = sparseLinear(x.to(at), s, bias.to(at), { ...sparse, activation })
            const dense = matrixOf(w, dtype, 'cpu').toDense().to('f64')
            const values = numbers(ops.linear(x.to('f64'), dense, bias.to('f64'), { activation }))
            const unit = dtype === 'bf16' ? 2 ** -8 : 2 ** -11
            const tolerance = values.map((v) => 1.01 * unit * Math.abs(v) + 2 ** -16)
            expectClose(`${dtype} ${cols} ${activation}`, found, { dtype, shape: [n, rows], values }, tolerance)
          })
  })

  test("'auto' takes them where no gradient is recorded, and of the matrix, not its transpose", () => {
    ops.scope(() => {
      const r = new Random('2:4 auto')
      const w = wholeMatrix(r, 24, 32)
      const s = matrixOf(w, 'bf16', at)
      // An infinity meets zeros in a dense product, and nothing in a sparse one.
      const hole = [0, 1, 2, 3].find((i) => ![w.column(0, 0), w.column(0, 1)].includes(i)) as number
      const d = wholeNumbers(r, 32 * 12)
      d[hole * 12] = Number.POSITIVE_INFINITY
      const x = (tensor(d, { shape: [32, 12], dtype: 'f32' }) as Tensor).to('bf16').to(at)
      const first = (y: Tensor): number => numbers(y)[0] as number
      expect(first(sparseMatmul(s, x))).toBeLessThan(Number.POSITIVE_INFINITY)
      expect(first(sparseLinear(ops.transpose(x), s))).toBeLessThan(Number.POSITIVE_INFINITY)
      expect(first(sparseMatmul(s, x.detach().requiresGrad_()))).toBeNaN()
    })
  })

  test('the same bits every time, also in parts', () => {
    ops.scope(() => {
      const r = new Random('2:4 again')
      const s = matrixOf(wholeMatrix(r, 30, 1500), 'bf16', at)
      const x = (ops.randn([11, 1500]) as Tensor).to('bf16').to(at)
      expect(numbers(sparseLinear(x, s, null, sparse))).toEqual(numbers(sparseLinear(x, s, null, sparse)))
    })
  })

  test('a matrix without columns is a bias', () => {
    ops.scope(() => {
      const s = matrixOf(wholeMatrix(new Random('none'), 5, 0), 'f16', at)
      const bias = (tensor([1, 2, 3, 4, 5], { dtype: 'f16' }) as Tensor).to(at)
      const y = sparseLinear((ops.zeros([9, 0], { dtype: 'f16' }) as Tensor).to(at), s, bias, sparse)
      expect([...numbers(y)]).toEqual(Array.from({ length: 45 }, (_, i) => 1 + (i % 5)))
    })
  })
})
