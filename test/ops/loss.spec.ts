/** Losses of pairs of elements: lib/ops/loss.ts. */

import type { Reduction, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Domain, Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpName, type OpSpec, type Sample } from '../opspec/spec.js'

const mseLoss: OpSpec<{ reduction?: Reduction }> = {
  name: 'mseLoss',
  ops: ['sub', 'square', 'mean', 'sum'],
  dtypes: FLOATS,
  // Without a reduction it is arithmetic, which takes integers.
  refuses: ['c64', 'c128'],
  *samples(s) {
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      for (const shape of [[1], [7], [3, 5], [2, 3, 33]])
        yield { inputs: [s.values(shape), s.values(shape)], args: { reduction } }
    }
    yield { inputs: [s.values([5]), s.values([5])], args: {} }
  },
  call: ([a, b], options) => ops.mseLoss(a as Tensor, b as Tensor, options),
  accuracy: {
    roundings: 6,
    composed: true,
    terms: ([x]) => x?.values.length ?? 0,
    magnitude: ([a, b], options) => ops.mseLoss(ops.abs(a as Tensor), ops.neg(ops.abs(b as Tensor)), options),
  },
  gradient: {},
  errors: {
    shapes: {
      call: (device) => ops.mseLoss(ops.zeros([2], { device }), ops.zeros([3], { device })),
      code: 'SINTER_SHAPE',
      message: 'mseLoss: shapes differ: (2) and (3)',
    },
  },
}

interface Pair {
  /** Of the input and the target. */
  domains?: readonly [Domain, Domain]
  /** Options beside the reduction. */
  args?: readonly object[]
  /** Further operands. */
  more?: (s: Sampler, shape: Shape) => (Input | null)[]
  roundings?: number
}

/** A loss of two tensors of one shape, in every reduction. */
function pairLoss(
  name: string,
  rows: readonly OpName[],
  call: (inputs: readonly Tensor[], args: any) => Tensor,
  { domains = [{}, {}], args = [{}], more = () => [], roundings = 10 }: Pair = {},
): OpSpec {
  return {
    name,
    ops: rows,
    dtypes: FLOATS,
    *samples(s): Iterable<Sample> {
      for (const options of args)
        for (const shape of [[3, 5], [1]])
          yield { inputs: [s.values(shape, domains[0]), s.values(shape, domains[1]), ...more(s, shape)], args: options }
      for (const reduction of ['none', 'sum']) {
        const shape = [2, 1, 9]
        const inputs = [s.values(shape, domains[0]), s.values(shape, domains[1]), ...more(s, shape)]
        yield { inputs, args: { ...args[0], reduction } }
      }
    },
    call,
    accuracy: { roundings, composed: true, terms: ([x]) => x?.values.length ?? 0, magnitude: 'norm' },
    gradient: { kinks: 'where its parts meet, which random operands miss', roundings: 3 * roundings },
    errors: {
      reduction: {
        call: (device) => {
          const x = ops.full([2, 2], 0.5, { device })
          return call([x, x, x, x], { reduction: 'max' })
        },
        code: 'SINTER_VALUE',
        message: `${name}: reduction 'max' is not one of none, mean, sum${name === 'klDiv' ? ', batchmean' : ''}`,
      },
    },
  }
}

const two =
  (f: (a: Tensor, b: Tensor, options: any) => Tensor) =>
  ([a, b]: readonly Tensor[], options: any): Tensor =>
    f(a as Tensor, b as Tensor, options)
const SHARE: Domain = { low: 0.02, high: 0.98 }
const weight = (s: Sampler, shape: Shape): Input => s.values(shape, { low: 0.2, high: 2 })

export const specs: readonly OpSpec[] = [
  mseLoss,
  pairLoss('l1Loss', ['abs', 'sub'], two(ops.l1Loss)),
  pairLoss('smoothL1Loss', ['abs', 'where'], two(ops.smoothL1Loss), { args: [{}, { beta: 0 }, { beta: 2.5 }] }),
  pairLoss('huberLoss', ['abs', 'where'], two(ops.huberLoss), { args: [{}, { delta: 2.5 }] }),
  pairLoss('softMarginLoss', ['softplus'], two(ops.softMarginLoss)),
  pairLoss(
    'binaryCrossEntropy',
    ['log', 'log1p', 'clamp'],
    ([x, t, w], options) => ops.binaryCrossEntropy(x as Tensor, t as Tensor, { ...options, weight: w ?? null }),
    {
      domains: [SHARE, SHARE],
      more: (s, shape) => (shape.length === 2 ? [weight(s, [shape[1] as number])] : []),
      roundings: 60,
    },
  ),
  pairLoss(
    'binaryCrossEntropyWithLogits',
    ['softplus'],
    ([x, t, w, p], options) =>
      ops.binaryCrossEntropyWithLogits(x as Tensor, t as Tensor, {
        ...options,
        weight: w ?? null,
        posWeight: p ?? null,
      }),
    {
      domains: [{}, SHARE],
      more: (s, shape) => (shape.length === 2 ? [weight(s, shape), weight(s, [shape[1] as number])] : []),
    },
  ),
  pairLoss(
    'multilabelSoftMarginLoss',
    ['softplus', 'mean'],
    ([x, t, w], options) => ops.multilabelSoftMarginLoss(x as Tensor, t as Tensor, { ...options, weight: w ?? null }),
    { domains: [{}, SHARE], more: (s, shape) => (shape.length === 2 ? [weight(s, [shape[1] as number])] : []) },
  ),
  pairLoss('klDiv', ['exp', 'log'], two(ops.klDiv), {
    domains: [{}, SHARE],
    args: [{}, { logTarget: true }, { reduction: 'batchmean' }],
    roundings: 20,
  }),
  pairLoss('poissonNllLoss', ['exp', 'log'], two(ops.poissonNllLoss), {
    domains: [
      { low: 0.2, high: 2 },
      { low: 0, high: 5, avoid: [1] },
    ],
    args: [{}, { logInput: false }, { full: true, eps: 1e-3 }],
    roundings: 20,
  }),
  pairLoss(
    'gaussianNllLoss',
    ['log', 'div'],
    ([x, t, v], options) => ops.gaussianNllLoss(x as Tensor, t as Tensor, v as Tensor, options),
    {
      args: [{}, { full: true }, { eps: 1e-3 }],
      more: (s, shape) => [s.values(shape.length === 2 ? [shape[0] as number] : shape, { low: 0.3, high: 2 })],
      roundings: 20,
    },
  ),
]
