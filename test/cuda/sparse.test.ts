/**
 * Sparse matrices on CUDA (cuda/kernels/sparse) against dense products in f64. Place in the whole: the operator tests have the semantics;
 * here are every format, direction and layout around the kernels' edges: few and many columns, lanes of a row, blocks that reach beyond the
 * matrix, rows without elements and long ones, values of other dtypes than the dense operand's.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Tensor, tensor } from '#lib/index.js'
import { type SparseFormat, SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { expectClose, numbers, ROUNDOFF } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'
import { simulated } from '../helpers/simulator.js'
import { countsOf, expectFrugal } from './memory-profile.js'

const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: sparse matrices are not tested on one')
const at = device as string

const FORMATS: readonly SparseFormat[] = ['csr', 'bsr1x16', 'bsr16x1', 'bsr4x4', '2:4']
const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
type Float = (typeof FLOATS)[number]
const sparse = { kernel: 'sparse' } as const

const matrix = (r: Random, rows: number, cols: number, dtype: Float = 'f32'): Tensor =>
  tensor(
    r.array(rows * cols, (r) => r.uniform(-2, 2)),
    { shape: [rows, cols], dtype },
  )
const wide = (t: Tensor): Tensor => t.to('cpu').to('f64')

/** On the device; its values with more than their sum in common are the caller's business. */
function sparseOf(
  r: Random,
  format: SparseFormat,
  rows: number,
  cols: number,
  dtype: Float,
  density = 0.3,
): SparseMatrix {
  const s = SparseMatrix.fromSync(matrix(r, rows, cols), format === '2:4' ? { format } : { format, density })
  return s.withValues(s.values.to(dtype).to(at))
}

function expectProduct(what: string, y: Tensor, left: Tensor, right: Tensor, dtype: Float): void {
  const [values, sizes] = [numbers(ops.matmul(left, right)), numbers(ops.matmul(ops.abs(left), ops.abs(right)))]
  const terms = left.shape[1] as number
  const sums = dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32
  const tolerance = sizes.map((s, i) => (terms + 4) * sums * s + ROUNDOFF[dtype] * 1.01 * Math.abs(values[i] as number))
  expectClose(what, y, { dtype, shape: [left.shape[0] as number, right.shape[1] as number], values }, tolerance)
}

describe.skipIf(device === undefined)('sparse matrices on cuda', () => {
  for (const format of FORMATS)
    for (const dtype of FLOATS)
      test(`${format} ${dtype}: products from both sides, with the matrix and its transpose`, () => {
        const r = new Random(`${format} ${dtype}`)
        for (const [rows, cols, n] of [
          [1, 1, 1],
          [5, 7, 3],
          [17, 33, 8],
          [37, 50, 9],
          [64, 19, 40],
          [35, 131, 133],
          [3, 300, 1],
          [70, 40, 260],
        ] as const)
          ops.scope(() => {
            const s = sparseOf(r, format, rows, cols, dtype)
            const dense = wide(s.toDense())
            const what = `${rows} x ${cols}, ${n} columns`
            const d = matrix(r, cols, n, dtype)
            expectProduct(what, sparseMatmul(s, d.to(at), sparse), dense, wide(d), dtype)
            const e = matrix(r, rows, n, dtype)
            expectProduct(
              `${what}, transposed`,
              sparseMatmul(s.T, e.to(at), sparse),
              ops.transpose(dense),
              wide(e),
              dtype,
            )
            const f = matrix(r, n, rows, dtype)
            expectProduct(`${what}, on the right`, sparseMatmul(f.to(at), s, sparse), wide(f), dense, dtype)
            const x = matrix(r, n, cols, dtype)
            expectProduct(
              `${what}, linear`,
              sparseLinear(x.to(at), s, null, sparse),
              wide(x),
              ops.transpose(dense),
              dtype,
            )
          })
      })

  test('values of other dtypes than the dense operand: promoted, and i8 with scales', () => {
    const r = new Random('dtypes')
    for (const format of FORMATS)
      for (const n of [2, 20])
        for (const [values, d] of [
          ['bf16', 'f32'],
          ['f16', 'f32'],
          ['f32', 'f64'],
          ['bf16', 'f64'],
        ] as const)
          ops.scope(() => {
            const s = sparseOf(r, format, 22, 37, values)
            const [x, e] = [matrix(r, 37, n, d), matrix(r, 22, n, d)]
            const dense = wide(s.toDense())
            expectProduct(`${format} ${values} ${d}`, sparseMatmul(s, x.to(at), sparse), dense, wide(x), d)
            expectProduct(
              `${format} ${values} ${d} transposed`,
              sparseMatmul(s.T, e.to(at), sparse),
              ops.transpose(dense),
              wide(e),
              d,
            )
          })
    for (const format of FORMATS)
      for (const n of [2, 20])
        for (const dtype of FLOATS)
          ops.scope(() => {
            const kept = format === '2:4' ? { format } : { format, density: 0.4 }
            const onCpu = SparseMatrix.fromSync(matrix(r, 22, 37), { ...kept, dtype: 'i8' })
            const s = onCpu.withValues(onCpu.values.to(at), (onCpu.scales as Tensor).to(at))
            const codes = onCpu.withValues(onCpu.values.to('f64')).toDense()
            const dense = ops.mul(codes, ops.reshape((onCpu.scales as Tensor).to('f64'), [22, 1]))
            const [x, e] = [matrix(r, 37, n, dtype), matrix(r, 22, n, dtype)]
            expectProduct(`${format} i8 ${dtype}`, sparseMatmul(s, x.to(at), sparse), dense, wide(x), dtype)
            expectProduct(
              `${format} i8 ${dtype} transposed`,
              sparseMatmul(s.T, e.to(at), sparse),
              ops.transpose(dense),
              wide(e),
              dtype,
            )
          })
  })

  test('blocks of 16 x 1 by tensor cores: long rows of blocks, empty ones, several tiles, codes of 8 bits', () => {
    const r = new Random('tall')
    for (const dtype of ['bf16', 'f16'] as const)
      for (const [rows, cols, n] of [
        [40, 700, 70],
        [128, 64, 256],
        [33, 130, 300],
      ] as const)
        ops.scope(() => {
          const kept = { format: 'bsr16x1', density: 0.3 } as const
          // The first row of blocks has no elements.
          const numbersOf = r.array(rows * cols, (r) => r.uniform(-2, 2)).fill(0, 0, 16 * cols)
          const holed = tensor(numbersOf, { shape: [rows, cols], dtype: 'f32' }) as Tensor
          const onCpu = SparseMatrix.fromSync(holed, kept)
          const s = onCpu.withValues(onCpu.values.to(dtype).to(at))
          const x = matrix(r, cols, n, dtype)
          const what = `${dtype} (${rows}, ${cols}), ${n} columns`
          expectProduct(what, sparseMatmul(s, x.to(at), sparse), wide(s.toDense()), wide(x), dtype)

          const coded = SparseMatrix.fromSync(holed, { ...kept, dtype: 'i8' })
          const scales = (coded.scales as Tensor).to('f64')
          const dense = ops.mul(coded.withValues(coded.values.to('f64')).toDense(), ops.reshape(scales, [rows, 1]))
          const t = coded.withValues(coded.values.to(at), (coded.scales as Tensor).to(at))
          expectProduct(`${what}, i8`, sparseMatmul(t, x.to(at), sparse), dense, wide(x), dtype)

          // The transpose of blocks of 1 x 16 is of these, too.
          const flat = SparseMatrix.fromSync(matrix(r, cols, rows), { format: 'bsr1x16', density: 0.3 })
          const u = flat.withValues(flat.values.to(dtype).to(at))
          expectProduct(
            `${what}, T`,
            sparseMatmul(u.T, x.to(at), sparse),
            ops.transpose(wide(u.toDense())),
            wide(x),
            dtype,
          )
        })
  })

  test.skipIf(!simulated)('they ask no more of memory than they use', () => {
    const counts = countsOf(`
      const { randn } = await import(process.argv[1])
      const { SparseMatrix, sparseMatmul } = await import(process.argv[1].replace(/index.js$/, 'sparse/index.js'))
      const s = SparseMatrix.fromSync(randn([64, 256]).to('bf16').to('cuda'), { format: 'bsr16x1', density: 0.25 })
      sparseMatmul(s, randn([256, 256]).to('bf16').to('cuda'), { kernel: 'sparse' }).dataSync()
    `)
    const tall = counts['sparse_tall_bf16'] as (typeof counts)[string]
    expectFrugal('sparse_tall', tall)
    expect(tall.mma / tall.ldmatrix).toBeCloseTo(1.6, 5)
  })

  test('gradients of the values, the dense operand and the bias', () => {
    const r = new Random('gradients')
    for (const format of FORMATS)
      for (const dtype of FLOATS)
        for (const n of [1, 5, 70])
          ops.scope(() => {
            const plain = sparseOf(r, format, 21, 35, dtype)
            const [x, g] = [matrix(r, n, 35, dtype), matrix(r, n, 21, dtype)]
            const run = (place: string): Tensor[] => {
              const s = plain.withValues(plain.values.to(place).requiresGrad_())
              const [input, bias] = [
                x.to(place).requiresGrad_(),
                ops.zeros([21], { device: place, dtype }).requiresGrad_(),
              ]
              const y = sparseLinear(input, s, bias, sparse)
              return ops.grad(y, [s.values, input, bias], { gradOutputs: g.to(place) }) as Tensor[]
            }
            const [cuda, cpu] = [run(at), run('cpu')]
            cuda.forEach((t, i) => {
              const values = numbers(cpu[i] as Tensor)
              const unit = 3 * ROUNDOFF[dtype] + 128 * (dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32)
              const tolerance = values.map((v) => unit * Math.max(4, Math.abs(v)))
              expectClose(`${format} ${dtype} ${n}: gradient ${i}`, t, { dtype, shape: t.shape, values }, tolerance)
            })
          })
  })

  test('bias and activation, once, in both layouts', () => {
    const r = new Random('epilogue')
    for (const n of [3, 30])
      for (const dtype of FLOATS)
        for (const activation of ['relu', 'gelu', 'geluTanh', 'silu'] as const)
          ops.scope(() => {
            const s = sparseOf(r, 'bsr4x4', 21, 35, dtype)
            const [x, bias] = [matrix(r, n, 35, dtype), ops.reshape(matrix(r, 1, 21, dtype), [21])]
            const found = sparseLinear(x.to(at), s, bias.to(at), { ...sparse, activation })
            const onCpu = s.withValues(s.values.to('cpu'))
            const values = numbers(sparseLinear(x, onCpu, bias, { ...sparse, activation }))
            const unit = 2 * ROUNDOFF[dtype] + 64 * (dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32)
            const tolerance = values.map((v) => unit * Math.max(8, Math.abs(v)))
            expectClose(`${n} ${dtype} ${activation}`, found, { dtype, shape: [n, 21], values }, tolerance)
          })
  })

  test('a matrix without elements, a row that has them all, strided operands', () => {
    const r = new Random('odd')
    ops.scope(() => {
      const none = SparseMatrix.fromSync(ops.zeros([5, 6]) as Tensor, { format: 'csr', density: 0 })
      const empty = none.withValues(none.values.to(at))
      for (const n of [2, 12]) {
        const x = matrix(r, 6, n).to(at)
        expect([...numbers(sparseMatmul(empty, x, sparse))]).toEqual(new Array(5 * n).fill(0))
      }
      const values = new Float64Array(9 * 700)
      values.set(
        r.array(700, (r) => r.uniform(-1, 1)),
        4 * 700,
      )
      values[8 * 700 + 13] = 1
      const s = SparseMatrix.fromSync(tensor(values, { shape: [9, 700], dtype: 'f32' }) as Tensor, { format: 'csr' })
      const long = s.withValues(s.values.to(at))
      for (const n of [1, 7, 33]) {
        const d = matrix(r, n, 700)
        const [turned, plain] = [ops.transpose(d.to(at)), ops.transpose(wide(d))]
        expectProduct(`long rows, ${n} columns`, sparseMatmul(long, turned, sparse), wide(long.toDense()), plain, 'f32')
      }
    })
  })

  test('the same bits every time', () => {
    const r = new Random('again')
    ops.scope(() => {
      const s = sparseOf(r, 'csr', 60, 90, 'f32')
      for (const n of [4, 50]) {
        const x = matrix(r, 60, n).to(at)
        expect(numbers(sparseMatmul(s.T, x, sparse))).toEqual(numbers(sparseMatmul(s.T, x, sparse)))
      }
    })
  })
})
