/**
 * 2:4 products of small whole numbers, whose sums are exact whatever their order. Place in the whole: what the tests of
 * cuda/kernels/sparse/two_of_four.cuh share; the expected numbers are sums in double over the positions themselves.
 */
import { expect } from 'vitest'
import * as ops from '#lib/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import { type SparseMatmulOptions, SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { numbers } from '../helpers/compare.js'
import type { Random } from '../helpers/random.js'

export type Half = 'bf16' | 'f16'
export const HALVES: readonly Half[] = ['bf16', 'f16']
export const sparse: SparseMatmulOptions = { kernel: 'sparse' }

const PAIRS = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
] as const

export interface Whole {
  rows: number
  cols: number
  columns: Int32Array
  values: Float64Array
  /** Of the value at (row, i). */
  column: (row: number, i: number) => number
}

/** Every pair of positions in every place of a word; what words have behind the last group is no pair at all. */
export function wholeMatrix(r: Random, rows: number, cols: number, largest = 3): Whole {
  const [groups, words] = [Math.ceil(cols / 4), Math.ceil(cols / 32)]
  const columns = new Int32Array(rows * words).fill(-1)
  const pair = (row: number, group: number) => PAIRS[(row * 5 + group * 7 + (group >> 3)) % 6] as (typeof PAIRS)[number]
  for (let row = 0; row < rows; row++)
    for (let g = 0; g < groups; g++) {
      const [low, high] = pair(row, g)
      const [word, shift] = [row * words + (g >> 3), 4 * (g & 7)]
      columns[word] = ((columns[word] as number) & ~(15 << shift)) | ((low | (high << 2)) << shift)
    }
  const values = Float64Array.from({ length: rows * groups * 2 }, () => wholeNumber(r, largest))
  const column = (row: number, i: number) => (i >> 1) * 4 + (pair(row, i >> 1)[i & 1] as number)
  return { rows, cols, columns, values, column }
}

const wholeNumber = (r: Random, largest: number): number => Math.round(r.uniform(-largest - 0.49, largest + 0.49))
export const wholeNumbers = (r: Random, count: number): Float64Array =>
  Float64Array.from({ length: count }, () => wholeNumber(r, 3))

export function matrixOf(w: Whole, dtype: Half | 'i8', device: string, scales?: Float64Array): SparseMatrix {
  const shape = [w.rows, 2 * Math.ceil(w.cols / 4)]
  const values = tensor(w.values, { shape, dtype: 'f32' }) as Tensor
  return SparseMatrix.fromParts({
    format: '2:4',
    shape: [w.rows, w.cols],
    columns: w.columns,
    values: values.to(dtype).to(device),
    ...(scales ? { scales: (tensor(scales, { dtype: 'f32' }) as Tensor).to(device) } : {}),
  })
}

/** (rows, n) of S D, D (cols, n) by its element at (column, j). */
function product(w: Whole, n: number, dense: (column: number, j: number) => number): Float64Array {
  const width = 2 * Math.ceil(w.cols / 4)
  const y = new Float64Array(w.rows * n)
  for (let row = 0; row < w.rows; row++)
    for (let i = 0; i < width; i++) {
      const column = w.column(row, i)
      if (column >= w.cols) continue
      const value = w.values[row * width + i] as number
      for (let j = 0; j < n; j++) (y[row * n + j] as number) += value * dense(column, j)
    }
  return y
}

/** Both layouts of the dense operand and of the result, with and without bias and scales, against exact sums rounded once. */
export function expectExact(r: Random, dtype: Half, rows: number, cols: number, n: number, device: string): void {
  ops.scope(() => {
    const w = wholeMatrix(r, rows, cols)
    const s = matrixOf(w, dtype, device)
    const d = wholeNumbers(r, cols * n)
    const what = `${dtype} (${rows}, ${cols}), ${n} columns`
    const wide = (tensor(d, { shape: [cols, n], dtype: 'f32' }) as Tensor).to(dtype).to(device)
    const deep = (tensor(d, { shape: [n, cols], dtype: 'f32' }) as Tensor).to(dtype).to(device)
    expectSame(
      what,
      sparseMatmul(s, wide, sparse),
      product(w, n, (c, j) => d[c * n + j] as number),
      dtype,
    )

    const bias = wholeNumbers(r, rows)
    const scales = Float64Array.from({ length: rows }, (_, i) => 2 ** ((i % 5) - 2))
    const coded = matrixOf(w, 'i8', device, scales)
    const sums = product(w, n, (c, j) => d[j * cols + c] as number)
    const linear = (scale: (row: number) => number, add: (row: number) => number): Float64Array =>
      Float64Array.from({ length: n * rows }, (_, i) => {
        const row = i % rows
        return (sums[row * n + Math.floor(i / rows)] as number) * scale(row) + add(row)
      })
    const t = (tensor(bias, { dtype: 'f32' }) as Tensor).to(dtype).to(device)
    const zero = () => 0
    expectSame(
      `${what}, linear`,
      sparseLinear(deep, s, null, sparse),
      linear(() => 1, zero),
      dtype,
    )
    expectSame(
      `${what}, codes, bias and relu`,
      sparseLinear(deep, coded, t, { ...sparse, activation: 'relu' }),
      linear(
        (i) => scales[i] as number,
        (i) => bias[i] as number,
      ).map((x) => Math.max(x, 0)),
      dtype,
    )
  })
}

export function expectSame(what: string, y: Tensor, exact: Float64Array, dtype: Half): void {
  const wanted = numbers((tensor(exact, { dtype: 'f64' }) as Tensor).to(dtype))
  const found = numbers(y)
  expect(found.length, what).toBe(wanted.length)
  const wrong = found.findIndex((x, i) => x !== wanted[i] && !(x === 0 && wanted[i] === 0))
  expect(wrong, `${what}: first wrong element, ${found[wrong]} for ${wanted[wrong]}`).toBe(-1)
}
