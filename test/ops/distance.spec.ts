/** Distances of rows: lib/ops/distance.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { OpSpec } from '../opspec/spec.js'

const SHAPES: readonly (readonly [Shape, Shape])[] = [
  [
    [3, 4],
    [2, 4],
  ],
  [
    [2, 3, 2],
    [1, 2, 2],
  ],
  [
    [0, 3],
    [2, 3],
  ],
]
const ORDERS: readonly number[] = [2, 1, 3, 1.5, Number.POSITIVE_INFINITY]

const cdist: OpSpec = {
  name: 'cdist',
  ops: ['cdist', 'matmul'],
  dtypes: ['f32', 'f64'],
  *samples(s) {
    for (const p of ORDERS)
      for (const [a, b] of SHAPES) yield { inputs: [s.distinct(a), s.values(b, { low: 4, high: 9 })], args: { p } }
    for (const [a, b] of SHAPES.slice(0, 2))
      yield { inputs: [s.distinct(a), s.values(b, { low: 4, high: 9 })], args: { p: 2, product: 'always' } }
    yield {
      inputs: [s.given([1, 2, 1, 3, 1, 2], [3, 2]), s.given([1, 2, 5, 3], [2, 2])],
      args: { p: 0 },
      differentiable: false,
    }
    for (const p of ORDERS)
      for (const [m, n, d] of [
        [130, 70, 33],
        [3, 9, 150],
        [66, 41, 131],
      ] as const)
        yield { inputs: [s.values([m, d]), s.values([n, d])], args: { p, product: 'never' }, large: true }
  },
  call: ([a, b], args) => ops.cdist(a as Tensor, b as Tensor, args),
  accuracy: { roundings: 20, terms: ([a]) => a?.shape.at(-1) ?? 1, magnitude: 'norm', composed: true },
  gradient: { kinks: 'equal coordinates, and for Infinity equal differences', roundings: 60 },
  errors: {
    columns: {
      call: (device) => ops.cdist(ops.zeros([2, 3], { device }), ops.zeros([2, 4], { device })),
      code: 'SINTER_SHAPE',
      message: 'cdist: (2, 3) and (2, 4) are not (..., m, d) and (..., n, d)',
    },
    order: {
      call: (device) => ops.cdist(ops.zeros([2, 3], { device }), ops.zeros([2, 3], { device }), { p: -1 }),
      code: 'SINTER_VALUE',
      message: 'cdist: p -1 is no norm; take 0 or more',
    },
  },
}

const pdist: OpSpec = {
  name: 'pdist',
  ops: ['cdist', 'indexSelect'],
  dtypes: ['f32', 'f64'],
  *samples(s) {
    for (const p of [2, 1, 3]) yield { inputs: [s.distinct([4, 3])], args: { p } }
    yield { inputs: [s.distinct([1, 3])], args: { p: 2 } }
  },
  call: ([x], { p }) => ops.pdist(x as Tensor, p),
  accuracy: { roundings: 20, terms: () => 3, magnitude: 'norm', composed: true },
  gradient: { kinks: 'equal coordinates', roundings: 60 },
  errors: {
    rank: {
      call: (device) => ops.pdist(ops.zeros([2, 3, 4], { device })),
      code: 'SINTER_SHAPE',
      message: 'pdist: takes a matrix (n, d), got (2, 3, 4)',
    },
  },
}

export const specs: readonly OpSpec[] = [cdist, pdist]
