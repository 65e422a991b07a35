/**
 * softmax and logSoftmax on CUDA along rows and along columns, of what is not finite too: rows of nothing but -infinity, with infinities,
 * with NaN. Place in the whole: the operator matrix (test/ops) has softmax of ordinary values; here are the two kernels' special cases,
 * in sizes that many threads share and some leave to others, against the CPU.
 */
import { describe, expect, test } from 'vitest'
import { engine, grad, logSoftmax, scope, softmax, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: softmax on CUDA is not tested')

/** A few roundings, of numbers up to the size of log sums; bf16 and f16 are rounded once, from almost the same f32. */
const TOLERANCE = { f32: 2 ** -21, f64: 2 ** -49, bf16: 2 ** -8, f16: 2 ** -11 } as const
type Float = keyof typeof TOLERANCE

/** What each row is made of, by turns. */
const KINDS: readonly ((r: Random, i: number, n: number) => number)[] = [
  (r) => r.uniform(-3, 3),
  () => Number.NEGATIVE_INFINITY,
  (r, i, n) => (i === n - 1 ? r.uniform(-3, 3) : Number.NEGATIVE_INFINITY),
  (r, i) => (i === 0 ? Number.NEGATIVE_INFINITY : r.uniform(-3, 3)),
  (r, i, n) => (i === n >> 1 ? Number.POSITIVE_INFINITY : r.uniform(-3, 3)),
  (r, i) => (i === 0 ? Number.NaN : r.uniform(-3, 3)),
  (r, i) => (i % 3 === 0 ? 0 : r.uniform(-60, 60)),
]

/** How many slices of columns there are. */
const OUTER = 3

/** n values for each of `rows`, rows first; or, three times, last. */
function filled(n: number, rows: number, dtype: Float, columns: boolean): Tensor {
  const r = new Random(`softmax ${n} ${rows}`)
  const outer = columns ? OUTER : 1
  const data = new Float64Array(outer * n * rows)
  for (let row = 0; row < outer * rows; row++) {
    const kind = KINDS[row % KINDS.length] as (typeof KINDS)[number]
    const slice = Math.floor(row / rows) * n * rows
    for (let i = 0; i < n; i++) data[columns ? slice + i * rows + (row % rows) : row * n + i] = kind(r, i, n)
  }
  return tensor(data, { dtype: 'f64', shape: columns ? [outer, n, rows] : [rows, n] }).to(dtype) as Tensor
}

/** f on both devices; `size` is that of the terms of a result. */
function same(what: string, dtype: Float, size: number, f: (at: string) => Tensor): void {
  const [found, wanted] = [device as string, 'cpu'].map((at) => numbers(f(at))) as [Float64Array, Float64Array]
  for (const [i, e] of wanted.entries()) {
    const a = found[i] as number
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue
    if (!(Math.abs(a - e) <= TOLERANCE[dtype] * Math.max(size, Math.abs(e))))
      expect.fail(`${what}: element ${i} is ${a}, on the CPU ${e}`)
  }
}

describe.skipIf(device === undefined).each(['f32', 'f64', 'bf16', 'f16'] as const)('%s', (dtype) => {
  test.each([
    ['rows', false],
    ['columns', true],
  ] as const)('along %s', (_, columns) => {
    // The last two are more than a block's threads keep: such rows are read again.
    for (const n of [1, 2, 7, 32, 37, 300, 1031, ...(columns ? [] : [9001, 20_483])])
      for (const rows of n > 100 ? [7] : [1, 14, 31, 32, 45])
        for (const [name, f] of [
          ['softmax', softmax],
          ['logSoftmax', logSoftmax],
        ] as const)
          scope(() => {
            const what = `${name} of ${rows} times ${n}`
            const x = filled(n, rows, dtype, columns)
            const factors = filled(n, rows, dtype, columns).nanToNum().clamp(-1, 1)
            same(what, dtype, 1, (at) => f(x.to(at), 1))
            // logSoftmax subtracts a sum of n factors.
            same(`${what}: gradient`, dtype, f === softmax ? 2 : n, (at) => {
              const operand = x.to(at)
              operand.requiresGrad = true
              return grad(f(operand, 1).mul(factors.to(at)).sum(), [operand])[0] as Tensor
            })
          })
  })
})
