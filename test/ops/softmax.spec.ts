/** Softmax: lib/ops/softmax.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { floatOf } from '#lib/tensor/dtype.js'
import { LENGTHS, type Sampler } from '../opspec/sampler.js'
import { type OpName, type OpSpec, REALS, type Sample } from '../opspec/spec.js'

interface Args {
  axis: number
}

function* samples(s: Sampler): Iterable<Sample<Args>> {
  for (const n of LENGTHS) yield { inputs: [s.values([n])], args: { axis: 0 } }
  for (const axis of [0, 1, 2, -1]) yield { inputs: [s.values([3, 5, 7])], args: { axis } }
  yield { inputs: [s.values([])], args: { axis: 0 } }
  yield { inputs: [s.values([3, 0])], args: { axis: 1 } }
  yield { inputs: [s.values([0, 3])], args: { axis: 1 } }
  yield { inputs: [s.values([17, 33])], args: { axis: 0 } }
  if (s.floating) {
    // Rows that overflow without the shift, are masked, or are nothing but masked.
    const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN]
    const rows = [1000, 999, -1000, 1, -inf, 2, -inf, -inf, 0.5, -inf, -inf, -inf, inf, 1, 2, nan, 1, 2]
    yield { inputs: [s.given(rows, [6, 3])], args: { axis: 1 }, differentiable: false }
    yield { inputs: [s.given(rows, [3, 6])], args: { axis: 0 }, differentiable: false }
  }
}

function* large(s: Sampler): Iterable<Sample<Args>> {
  yield { inputs: [s.values([301, 503])], args: { axis: 1 }, large: true }
  yield { inputs: [s.values([503, 301])], args: { axis: 0 }, large: true }
}

const spec = (
  name: 'softmax' | 'logSoftmax' | 'softmin',
  rows: readonly OpName[],
  f: typeof ops.softmax,
): OpSpec<Args> => ({
  name,
  ops: rows,
  dtypes: REALS,
  result: floatOf,
  *samples(s) {
    yield* samples(s)
    if (name !== 'softmin') yield* large(s)
  },
  call: ([x], { axis }) => f(x as Tensor, axis),
  accuracy: { roundings: 6, terms: ([x], { axis }) => x?.shape.at(axis) ?? 1, magnitude: 'norm' },
  gradient: {},
  errors: {
    axis: {
      call: (device) => f(ops.zeros([2, 3], { device }), 2),
      code: 'SINTER_SHAPE',
      message: `${name === 'softmin' ? 'softmax' : name}: axis 2 is out of range for 2 dimensions`,
    },
  },
})

export const specs: readonly OpSpec[] = [
  spec('softmax', ['softmax', 'softmaxBackward'], ops.softmax),
  spec('logSoftmax', ['logSoftmax', 'logSoftmaxBackward'], ops.logSoftmax),
  spec('softmin', ['softmax', 'softmaxBackward', 'neg'], ops.softmin),
]
