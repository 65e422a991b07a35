/**
 * Sums, means, norms and running sums of many f32 numbers against sums of doubles: the error does not grow with the length, as one by one
 * it would. Place in the whole: the promise of docs/accuracy.md.
 */
import { expect, test } from 'vitest'
import * as S from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const N = 1 << 22
const random = new Random('sums')
/** Of one sign, so that the sum is large and the relative error says how the terms were added. */
const TERMS = Float32Array.from(random.array(N, (r) => r.uniform(0.5, 1)))
const EXACT = TERMS.reduce((sum, x) => sum + x, 0)

/** In units of the result's rounding, 2^-24. */
const error = (y: number, exact: number): number => Math.abs(y / exact - 1) * 2 ** 24

test('one by one the terms lose their digits', () => {
  let sum = 0
  for (const x of TERMS) sum = Math.fround(sum + x)
  expect(error(sum, EXACT)).toBeGreaterThan(100)
})

// By what the sum of the terms is of each: shapes by which the kernels differ (whole, rows, columns, strided, odd lengths).
test.each<[string, (x: Tensor) => Tensor, (sums: number[]) => number[]]>([
  ['whole', (x) => x.sum(), (s) => s],
  ['one row', (x) => x.reshape([1, N]).sum(1), (s) => s],
  ['one column', (x) => x.reshape([N, 1]).sum(0), (s) => s],
  ['mean', (x) => x.mean(), (s) => s.map((v) => v / N)],
  ['norm of order 1', (x) => S.vectorNorm(x, 1), (s) => s],
  ['the last running sum', (x) => S.cumsum(x, 0).slice(0, N - 1), (s) => s],
])('sum of %s', (_name, call, wanted) => {
  const y = scope(() => numbers(call(tensor(TERMS))))
  wanted([EXACT]).forEach((exact, i) => {
    expect(error(y[i]!, exact)).toBeLessThanOrEqual(1.1)
  })
})

// Columns are added by trees of f32 rows that meet in doubles: some roundings more, the same at any length.
test.each([1, 3, 17, 64, 1000])('sums of %i columns', (columns) => {
  const rows = Math.floor(N / columns)
  const exact = new Float64Array(columns)
  for (let i = 0; i < rows * columns; i++) exact[i % columns]! += TERMS[i]!
  const y = scope(() =>
    numbers(
      tensor(TERMS)
        .slice(0, 0, rows * columns)
        .reshape([rows, columns])
        .sum(0),
    ),
  )
  expect(Math.max(...exact.map((e, i) => error(y[i]!, e)))).toBeLessThanOrEqual(8)
})

test('embeddings that meet in one row, and scattered sums, keep their digits', () => {
  const rows = 1 << 16
  const terms = TERMS.subarray(0, rows)
  const exact = terms.reduce((sum, x) => sum + x, 0)
  const grouped = scope(() => {
    const weight = S.zeros([2, 1]).requiresGrad_()
    const y = S.embedding(weight, S.zeros([rows], { dtype: 'i64' }))
    const g = S.grad(y, [weight], { gradOutputs: tensor(terms).reshape([rows, 1]) })[0] as Tensor
    return numbers(g)[0]!
  })
  expect(error(grouped, exact)).toBeLessThanOrEqual(64)
})

test.each([S.scatterAdd, S.indexAdd])('$name adds in the order of the indices: the same bits every time', (add) => {
  const n = 1 << 15
  const at = Int32Array.from({ length: n }, () => random.int(0, 7))
  const terms = TERMS.subarray(0, n)
  const wanted = new Float32Array(7)
  for (let i = 0; i < n; i++) wanted[at[i]!] = Math.fround(wanted[at[i]!]! + terms[i]!)
  const y = scope(() => numbers(add(S.zeros([7]), 0, tensor(at, { dtype: 'i64' }), tensor(terms))))
  expect([...y]).toEqual([...wanted])
})
