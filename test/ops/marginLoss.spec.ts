/** Losses with margins: lib/ops/marginLoss.ts. */

import type { Reduction, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpName, type OpSpec, type Sample } from '../opspec/spec.js'

type Call = (inputs: readonly Tensor[], args: any) => Tensor

/** Every reduction of a loss; `inputs` draws the operands of a shape. */
function marginLoss(
  name: string,
  rows: readonly OpName[],
  call: Call,
  shapes: readonly Shape[],
  args: readonly object[],
  inputs: (s: Sampler, shape: Shape, args: any) => (Input | null)[],
  error: readonly [(device: string) => unknown, string],
): OpSpec {
  return {
    name,
    ops: rows,
    dtypes: FLOATS,
    *samples(s): Iterable<Sample> {
      for (const options of args) for (const shape of shapes) yield { inputs: inputs(s, shape, options), args: options }
      const last = shapes[0] as Shape
      for (const reduction of ['none', 'sum']) yield { inputs: inputs(s, last, {}), args: { reduction } }
    },
    call,
    accuracy: { roundings: 15, composed: true, terms: ([x]) => x?.values.length ?? 0, magnitude: 'norm' },
    gradient: { kinks: 'where its parts meet, which random operands miss', roundings: 50 },
    errors: { shapes: { call: error[0], code: 'SINTER_SHAPE', message: error[1] } },
  }
}

/** 1 or -1, of no gradient. */
const signs = (s: Sampler, shape: Shape): Input => {
  const x = s.mask(shape)
  return { shape, values: x.values.map((v) => 2 * v - 1), constant: true }
}
const one =
  (f: (a: Tensor, b: Tensor, options: any) => Tensor): Call =>
  ([a, b], o) =>
    f(a as Tensor, b as Tensor, o)
const three =
  (f: (a: Tensor, b: Tensor, c: Tensor, options: any) => Tensor): Call =>
  ([a, b, c], o) =>
    f(a as Tensor, b as Tensor, c as Tensor, o)
const zeros = (device: string, ...shape: number[]): Tensor => ops.zeros(shape, { device })

const LISTS: readonly (readonly number[])[] = [
  [2, 0, -1, 3],
  [1, 1, 2, 0],
  [-1, 3, 2, 1],
]

export const specs: readonly OpSpec[] = [
  marginLoss(
    'hingeEmbeddingLoss',
    ['where', 'clamp'],
    one(ops.hingeEmbeddingLoss),
    [[3, 5], [2]],
    [{}, { margin: 0.3 }],
    (s, shape) => [s.values(shape), signs(s, shape)],
    [(d) => ops.hingeEmbeddingLoss(zeros(d, 2), zeros(d, 3)), 'hingeEmbeddingLoss: shapes differ: (2) and (3)'],
  ),
  marginLoss(
    'marginRankingLoss',
    ['clamp', 'sub', 'mul'],
    three(ops.marginRankingLoss),
    [[3, 5], [2]],
    [{}, { margin: 0.3 }],
    (s, shape) => [s.values(shape), s.values(shape), signs(s, shape)],
    [
      (d) => ops.marginRankingLoss(zeros(d, 2), zeros(d, 2), zeros(d, 3)),
      'marginRankingLoss: shapes differ: (2) and (3)',
    ],
  ),
  marginLoss(
    'cosineEmbeddingLoss',
    ['where', 'sqrt'],
    three(ops.cosineEmbeddingLoss),
    [[3, 5], [4]],
    [{}, { margin: -0.4 }],
    (s, shape) => [s.values(shape), s.values(shape), signs(s, shape.slice(0, -1))],
    [
      (d) => ops.cosineEmbeddingLoss(zeros(d, 2, 3), zeros(d, 2, 3), zeros(d, 3)),
      'cosineEmbeddingLoss: takes a, b (n, d) and targets (n), got (2, 3) and (3)',
    ],
  ),
  marginLoss(
    'multiMarginLoss',
    ['gather', 'clamp'],
    ([x, t, w], o: { p?: 1 | 2; reduction?: Reduction }) =>
      ops.multiMarginLoss(x as Tensor, t as Tensor, { ...o, weight: w ?? null }),
    [[3, 5], [4]],
    [{}, { p: 2, margin: 0.6 }],
    (s, shape, { p }) => {
      const c = shape.at(-1) as number
      return [s.values(shape), s.indices(shape.slice(0, -1), 0, c), p ? s.values([c], { low: 0.2, high: 2 }) : null]
    },
    [
      (d) => ops.multiMarginLoss(zeros(d, 2, 3), ops.zeros([3], { device: d, dtype: 'i64' })),
      'multiMarginLoss: takes input (n, c) and targets (n), got (2, 3) and (3)',
    ],
  ),
  marginLoss(
    'multilabelMarginLoss',
    ['gather', 'scatterAdd', 'amin'],
    one(ops.multilabelMarginLoss),
    [[3, 4], [4]],
    [{}],
    (s, shape) => {
      const list = LISTS.slice(0, shape.length === 1 ? 1 : 3).flat()
      return [s.values(shape), { ...s.given(list, shape), dtype: 'i64' }]
    },
    [
      (d) => ops.multilabelMarginLoss(zeros(d, 2, 3), ops.zeros([2, 2], { device: d, dtype: 'i64' })),
      'multilabelMarginLoss: shapes differ: (2, 3) and (2, 2)',
    ],
  ),
  marginLoss(
    'tripletMarginLoss',
    ['clamp', 'sqrt'],
    three(ops.tripletMarginLoss),
    [[3, 5], [4]],
    [{}, { margin: 3, swap: true }, { p: 3 }],
    (s, shape) => [s.values(shape), s.values(shape), s.values(shape)],
    [
      (d) => ops.tripletMarginLoss(zeros(d, 2), zeros(d, 2), zeros(d, 3)),
      'tripletMarginLoss: shapes differ: (2) and (3)',
    ],
  ),
  marginLoss(
    'tripletMarginWithDistanceLoss',
    ['clamp', 'sqrt', 'abs'],
    ([a, b, c], { own, ...o }) =>
      ops.tripletMarginWithDistanceLoss(a as Tensor, b as Tensor, c as Tensor, {
        ...o,
        ...(own ? { distance: (x: Tensor, y: Tensor) => x.sub(y).abs().sum(-1) as Tensor } : {}),
      }),
    [[3, 5]],
    [{}, { own: true }, { margin: 3, swap: true }],
    (s, shape) => [s.values(shape), s.values(shape), s.values(shape)],
    [
      (d) => ops.tripletMarginWithDistanceLoss(zeros(d, 2), zeros(d, 2), zeros(d, 3)),
      'tripletMarginWithDistanceLoss: shapes differ: (2) and (3)',
    ],
  ),
]
