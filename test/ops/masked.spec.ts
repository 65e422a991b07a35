/** The namespace `masked`: lib/ops/masked.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { type Accuracy, FLOATS, type Gradient, type Input, type OpName, type OpSpec } from '../opspec/spec.js'

interface Args {
  axis?: number
  keepDim?: boolean
}
type Call = (x: Tensor, args: Args, mask: { mask?: Tensor }) => Tensor

interface Masked {
  f: Call
  rows: readonly OpName[]
  accuracy?: Accuracy<Args>
  gradient?: Gradient | null
  result?: (d: DType) => DType
  /** Along one axis only. */
  along?: boolean
}

const reduction =
  (f: ops.masked.MaskedReduction): Call =>
  (x, { axis, keepDim }, mask) =>
    f(x, axis, { keepDim: keepDim ?? false, ...mask })
const along =
  (f: ops.masked.MaskedAlong): Call =>
  (x, { axis }, mask) =>
    f(x, axis ?? 0, mask)

const sums: Accuracy<Args> = { roundings: 12, terms: () => 15, magnitude: 'norm', composed: true }
const exact: Accuracy<Args> = { roundings: 0 }
const ties: Gradient = { kinks: 'equal elements', roundings: 8 }
const rough: Gradient = { kinks: 'zeros', roundings: 48 }
const table: Record<string, Masked> = {
  sum: { f: reduction(ops.masked.sum), rows: ['maskedFill', 'sum'] },
  prod: { f: reduction(ops.masked.prod), rows: ['prod'], gradient: rough },
  mean: { f: reduction(ops.masked.mean), rows: ['sum', 'countNonzero'] },
  amax: { f: reduction(ops.masked.amax), rows: ['amax'], accuracy: exact, gradient: ties },
  amin: { f: reduction(ops.masked.amin), rows: ['amin'], accuracy: exact, gradient: ties },
  logsumexp: { f: reduction(ops.masked.logsumexp), rows: ['logsumexp'], gradient: rough },
  variance: { f: reduction(ops.masked.variance), rows: ['sum'], gradient: rough },
  std: { f: reduction(ops.masked.std), rows: ['sum', 'sqrt'], gradient: rough },
  norm: { f: reduction((x, axes, o) => ops.masked.norm(x, 3, axes, o)), rows: ['vectorNorm'], gradient: rough },
  argmax: {
    f: (x, { axis, keepDim }, mask) => ops.masked.argmax(x, axis, { keepDim: keepDim ?? false, ...mask }),
    rows: ['argmax'],
    accuracy: exact,
    gradient: null,
    result: () => 'i64',
  },
  argmin: {
    f: (x, { axis, keepDim }, mask) => ops.masked.argmin(x, axis, { keepDim: keepDim ?? false, ...mask }),
    rows: ['argmin'],
    accuracy: exact,
    gradient: null,
    result: () => 'i64',
  },
  median: {
    f: (x, { axis, keepDim }, mask) => ops.masked.median(x, axis ?? -1, { keepDim: keepDim ?? false, ...mask }),
    rows: ['kthvalue'],
    accuracy: exact,
    gradient: ties,
  },
  normalize: {
    f: (x, { axis }, mask) => ops.masked.normalize(x, 2, axis ?? 0, mask),
    rows: ['vectorNorm'],
    along: true,
    gradient: rough,
  },
  logaddexp: {
    f: (x, _, { mask }) => ops.masked.logaddexp(x, ops.mul(x, 0.5), mask ? { inputMask: mask } : {}),
    rows: ['logsumexp'],
    along: true,
    gradient: rough,
  },
  cumsum: { f: along(ops.masked.cumsum), rows: ['cumsum'], along: true },
  cumprod: { f: along(ops.masked.cumprod), rows: ['cumprod'], along: true, gradient: rough },
  softmax: { f: along(ops.masked.softmax), rows: ['softmax'], along: true, gradient: rough },
  logSoftmax: {
    f: along(ops.masked.logSoftmax),
    rows: ['logSoftmax'],
    along: true,
    accuracy: { ...sums, roundings: 16 },
    gradient: rough,
  },
  softmin: { f: along(ops.masked.softmin), rows: ['softmax'], along: true, gradient: rough },
}

/** Nothing masked away entirely, so that every result is finite. */
const MASK = [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1]
const mask = (values: readonly number[] = MASK): Input => ({
  shape: [3, 5],
  values: Float64Array.from(values),
  dtype: 'bool',
})

export const specs: readonly OpSpec[] = Object.entries(table).map(
  ([name, { f, rows, accuracy = sums, gradient = {}, result, along: one }]): OpSpec<Args> => ({
    name: `masked.${name}`,
    ops: rows,
    dtypes: FLOATS,
    // A sum of complex numbers is one.
    refuses: name === 'sum' ? [] : ['c64', 'c128'],
    ...(result ? { result } : {}),
    *samples(s) {
      for (const axis of [0, 1]) {
        // -inf among the results has no derivative.
        const smooth = name !== 'logSoftmax'
        yield { inputs: [s.distinct([3, 5]), mask()], args: { axis, keepDim: axis === 0 }, differentiable: smooth }
        yield { inputs: [s.distinct([3, 5]), null], args: { axis } }
      }
      if (!one && name !== 'median') yield { inputs: [s.distinct([3, 5]), mask()], args: {} }
      // A line of nothing; f16 has no 1e-12 to divide by.
      if (!name.startsWith('arg') && !(name === 'normalize' && s.dtype === 'f16'))
        yield {
          inputs: [s.distinct([3, 5]), mask([0, 0, 0, 0, 0, ...MASK.slice(5)])],
          args: { axis: 1 },
          differentiable: false,
        }
    },
    call: ([x, m], args) => f(x as Tensor, args, m ? { mask: m } : {}),
    accuracy,
    gradient,
  }),
)
