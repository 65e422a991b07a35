/**
 * Reductions on CUDA along every way through memory (cuda/kernels/reduce/reduction.cuh), in every dtype, against the CPU. Place in the
 * whole: the operator matrix (test/ops) has what reductions mean, in sizes of a few elements a thread; here are several packs a thread,
 * ragged ends, columns, strided walks and chunks that a second kernel joins. Elements are small integers, so that sums, products and
 * norms are exact, and a single element left out or met twice shows.
 */
import { describe, expect, test } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { DTYPES, type DType, isComplex, isFloating } from '#lib/tensor/dtype.js'
import type { Random } from '../../helpers/random.js'
import { device, drawn, same } from '../same.js'

interface Layout {
  what: string
  shape: readonly number[]
  view?: (x: Tensor) => Tensor
  axes: readonly number[]
  dtypes?: readonly DType[]
}
/** The first n of a last dimension whose rows begin at multiples of 16 bytes in every dtype. */
const first =
  (n: number) =>
  (x: Tensor): Tensor =>
    ops.narrow(x, x.rank - 1, 0, n)
const transposed = (x: Tensor): Tensor => ops.permute(x, [1, 0])

const LAYOUTS: readonly Layout[] = [
  // Groups of threads of a warp; packs and a ragged end.
  { what: 'short rows', shape: [9, 64], view: first(61), axes: [1] },
  // All of a block's threads: several rounds of several packs, then single packs, then single elements.
  { what: 'long rows', shape: [2, 9040], view: first(9029), axes: [1] },
  // Rows that begin anywhere are read one by one, four at a time or alone.
  { what: 'rows of odd length', shape: [3, 1301], axes: [1] },
  { what: 'rows that are cut into chunks', shape: [2, 16_448], view: first(16_435), axes: [1] },
  { what: 'columns', shape: [61, 67], axes: [0] },
  { what: 'columns that are cut into chunks', shape: [597, 35], axes: [0] },
  // One dtype for each type that elements are computed in, as the kernels that join chunks have it.
  { what: 'more chunks than lanes', shape: [10_240, 17], axes: [0], dtypes: ['f32', 'f64', 'i32', 'i64'] },
  { what: 'columns between kept dimensions', shape: [3, 37, 2, 5], view: first(3), axes: [1] },
  { what: 'one element a result', shape: [3, 1, 5], axes: [1] },
]
/** Of several axes: argmax has none of these. */
const SEVERAL: readonly Layout[] = [
  { what: 'several strides along rows', shape: [43, 3, 37], axes: [0, 2] },
  { what: 'several strides along columns', shape: [2, 13, 3, 7, 5], axes: [1, 3] },
]
/** Of all elements: argmax keeps their order, where the others take them as they lie. */
const WHOLE: readonly Layout[] = [
  { what: 'all, transposed', shape: [61, 41], view: transposed, axes: [0, 1] },
  { what: 'all, transposed, in chunks', shape: [131, 137], view: transposed, axes: [0, 1] },
]

const REALS = DTYPES.filter((d) => !isComplex(d))
const FLOATS = REALS.filter(isFloating)
const wide = (d: DType): boolean => d === 'f32' || d === 'f64'

/** What is exact in any order, of small integers. */
function exact(x: Tensor, axes: readonly number[]): Tensor[] {
  const { dtype } = x
  const results = [
    ops.sum(x, axes),
    ops.sum(x, axes, { dtype }),
    ops.amax(x, axes),
    ops.amin(x, axes),
    ops.any(x, axes),
    ops.all(x, axes),
    ops.countNonzero(x, axes),
  ]
  if (!isFloating(dtype)) return results
  return [
    ...results,
    ops.mean(x, axes),
    ops.nansum(x, axes),
    ...[0, 1, 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((p) => ops.vectorNorm(x, p, axes)),
  ]
}

/** Of one axis, or of all as one: where equal elements are many. */
function places(x: Tensor, axes: readonly number[]): Tensor[] {
  const axis = axes.length === 1 ? axes[0] : undefined
  return [ops.argmax(x, axis), ops.argmin(x, axis)]
}

/**
 * Errors of f32 groups, and of exp, log and pow: a few roundings, relative, for terms have one sign. What is computed in f32 and stored
 * in 16 bits is off by one rounding where it lies near the middle of two neighbours.
 */
const rounded = (x: Tensor, axes: readonly number[]): Tensor[] => [
  ops.variance(x, axes),
  ops.variance(x, axes, { correction: 0 }),
  ops.logsumexp(x, axes),
  ops.vectorNorm(x, 3, axes),
]

/** Factors: signs, and seldom another size, so that no product leaves the range of f16; odd ones, which wrap and never vanish. */
const sign = (r: Random): number => (r.next() < 0.5 ? -1 : 1) * (r.next() < 0.002 ? r.pick([2, 0.5]) : 1)
const odd = (r: Random): number => 2 * r.int(0, 8) + 1
const truth = (r: Random): number => (r.next() < 0.0005 ? 0 : 1)

const { POSITIVE_INFINITY: INF, NaN: NAN } = Number
/** Element i of a row of n. */
const KINDS: readonly ((i: number, n: number) => number)[] = [
  (i) => (i % 5 === 4 ? NAN : i % 7),
  (i, n) => (i === n - 1 ? NAN : -i % 7),
  () => NAN,
  (i) => (i % 11 === 10 ? INF : i % 7),
  (i) => (i % 11 === 10 ? -INF : i % 7),
  (i, n) => (i === 0 ? -INF : i === n >> 1 ? INF : 1),
  () => -INF,
  () => INF,
  (i, n) => (i === n >> 1 ? 3 : -INF),
  (i) => (i % 2 === 0 ? -0 : 0),
  (i) => (i % 2 === 0 ? -600 : 600),
]

const shown = ({ view = (x) => x }: Layout, x: Tensor): Tensor => view(x)

describe.skipIf(device === undefined)('reductions on cuda', () => {
  for (const dtype of REALS) {
    test(`${dtype}: every way through memory`, () => {
      for (const layout of [...LAYOUTS, ...SEVERAL, ...WHOLE]) {
        const { what, shape, axes, dtypes = REALS } = layout
        if (!dtypes.includes(dtype)) continue
        const x = drawn(what, shape, dtype, 'cpu', (r) => r.int(-7, 8))
        same(`${what}, ${dtype}`, (at) => {
          const seen = shown(layout, x.to(at))
          return [...exact(seen, axes), ...(SEVERAL.includes(layout) ? [] : places(seen, axes))]
        })
        if (isFloating(dtype))
          same(`${what}, ${dtype}`, (at) => rounded(shown(layout, x.to(at)), axes), wide(dtype) ? 4 : 1)
        const factors = drawn(what, shape, dtype, 'cpu', dtype === 'bool' ? truth : isFloating(dtype) ? sign : odd)
        same(`products, ${what}, ${dtype}`, (at) => {
          const seen = shown(layout, factors.to(at))
          return [ops.prod(seen, axes), ops.prod(seen, axes, { dtype }), ops.all(seen, axes)]
        })
      }
    })
  }

  for (const dtype of FLOATS) {
    test(`${dtype}: what is not finite, and equals of either sign`, () => {
      // In one thread's packs, in all of a block's, and in several chunks; along rows and down columns.
      for (const n of [13, 1037, 16_435])
        for (const columns of [false, true]) {
          const [what, axis] = [`${n} ${columns ? 'down' : 'along'}, ${dtype}`, columns ? 0 : 1]
          // What is read in packs begins at a multiple of 16 bytes in every row.
          const width = n + 16 - (n % 16)
          const kinds = KINDS.flatMap((kind) => Array.from({ length: width }, (_, i) => (i < n ? kind(i, n) : 5)))
          const all = ops.tensor(kinds, { dtype: 'f64', shape: [KINDS.length, width] }).to(dtype)
          const seen = (at: string): Tensor => {
            const rows = first(n)(all.to(at))
            return columns ? ops.clone(transposed(rows)) : rows
          }
          same(what, (at) => [...exact(seen(at), [axis]), ...places(seen(at), [axis])])
          same(what, (at) => rounded(seen(at), [axis]), wide(dtype) ? 4 : 1)
        }
    })
  }

  test('neighbours beyond the digits of a double', () => {
    const values = [2n ** 60n, 2n ** 60n + 1n, -(2n ** 60n) - 1n, -(2n ** 60n)]
    const x = ops.tensor(
      BigInt64Array.from({ length: 1000 }, (_, i) => values[i % 4] as bigint),
      { device: device as string },
    )
    const of = (t: Tensor): unknown => t.dataSync()[0]
    expect([ops.amax(x), ops.amin(x), ops.argmax(x), ops.argmin(x), ops.sum(x.narrow(0, 0, 3))].map(of)).toEqual([
      values[1],
      values[2],
      1n,
      2n,
      2n ** 60n,
    ])
  })
})
