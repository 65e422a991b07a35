/** Losses of classes: lib/ops/crossEntropy.ts. */

import type { Reduction, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

interface CrossArgs {
  reduction?: Reduction
  ignoreIndex?: number
  labelSmoothing?: number
}

const OPTIONS: readonly CrossArgs[] = [
  {},
  { reduction: 'none' },
  { reduction: 'sum' },
  { labelSmoothing: 0.1 },
  { reduction: 'none', labelSmoothing: 0.3, ignoreIndex: 1 },
  { ignoreIndex: 1 },
]

function* crossSamples(s: Sampler): Iterable<Sample<CrossArgs>> {
  for (const [i, args] of OPTIONS.entries()) {
    const sizes = [
      [5, 7],
      [9, 2],
      [1, 3],
      [4, 33],
      [3, 65],
    ] as const
    for (const [n, c] of i === 0 ? sizes : sizes.slice(0, 2))
      for (const weighted of [false, true]) yield { inputs: cross(s, [n, c], c, weighted), args }
  }
  yield { inputs: cross(s, [2, 5, 3, 4], 5, true), args: {} }
  yield { inputs: cross(s, [2, 5, 3, 4], 5, false), args: { reduction: 'none' } }
  yield { inputs: [s.values([4, 9]), s.indices([4], 0, 9, 'i32'), null], args: {} }
  yield { inputs: [s.values([5]), s.indices([], 0, 5), null], args: { reduction: 'none' } }
  // Nothing counts: the mean of nothing is NaN.
  yield { inputs: [s.values([2, 3]), s.indices([2], 2, 3), null], args: { ignoreIndex: 2 }, differentiable: false }
  yield { inputs: cross(s, [0, 3], 3, false), args: { reduction: 'sum' } }
  yield {
    inputs: [s.given([1000, 0, -1000, 0, 88, -88], [2, 3]), s.indices([2], 0, 3), null],
    args: {},
    differentiable: false,
  }
  yield { inputs: cross(s, [701, 301], 301, false), args: {}, large: true }
}

function cross(s: Sampler, shape: Shape, c: number, weighted: boolean): (Input | null)[] {
  const target = s.indices([shape[0] as number, ...shape.slice(2)], 0, c)
  // At least one target that is not ignored.
  if (target.values.length > 0) target.values[0] = c - 1 === 1 ? 0 : c - 1
  return [s.values(shape), target, weighted ? { ...s.values([c], { low: 0.2, high: 2 }), constant: true } : null]
}

const crossEntropy: OpSpec<CrossArgs> = {
  name: 'crossEntropy',
  ops: ['crossEntropy', 'crossEntropyBackward'],
  dtypes: FLOATS,
  samples: crossSamples,
  call: ([logits, target, weight], options) =>
    ops.crossEntropy(logits as Tensor, target as Tensor, { ...options, weight: weight ?? null }),
  // log(sum(exp)) - logit: what cancels is relative to the logits.
  accuracy: {
    roundings: 8,
    terms: ([x]) => x?.values.length ?? 0,
    magnitude: ([x, target, weight], options) => {
      const loss = ops.crossEntropy(x as Tensor, target as Tensor, { ...options, weight: weight ?? null }).abs()
      if ((x as Tensor).numel === 0) return loss
      const heaviest = weight ? weight.amax().itemSync() : 1
      return loss.add(
        ops
          .amax(ops.abs(x as Tensor))
          .mul(options.reduction === 'sum' ? heaviest * (target as Tensor).numel : heaviest),
      )
    },
  },
  gradient: { roundings: 20 },
  errors: {
    shapes: {
      call: (device) => ops.crossEntropy(ops.zeros([4, 3], { device }), ops.zeros([3], { device, dtype: 'i64' })),
      code: 'SINTER_SHAPE',
      message: 'crossEntropy: logits (4, 3) take targets (4), got (3)',
    },
    'target dtype': {
      call: (device) => ops.crossEntropy(ops.zeros([4, 3], { device }), ops.zeros([4], { device })),
      code: 'SINTER_DTYPE',
      message: 'crossEntropy: indices are f32, not i64 or i32',
    },
    reduction: {
      call: (device) =>
        ops.crossEntropy(ops.zeros([4, 3], { device }), ops.zeros([4], { device, dtype: 'i64' }), {
          reduction: 'max' as Reduction,
        }),
      code: 'SINTER_VALUE',
      message: "crossEntropy: reduction 'max' is not one of none, mean, sum",
    },
    'out of range': {
      call: (device) =>
        ops.crossEntropy(ops.zeros([1, 3], { device }), ops.full([1], 3, { device, dtype: 'i64' })).dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'crossEntropy: index 3 is out of range for 3 classes',
    },
  },
}

/** Targets that are probabilities. */
const crossEntropyOfProbabilities: OpSpec<CrossArgs> = {
  name: 'crossEntropy (probabilities)',
  ops: ['logSoftmax', 'mul', 'sum'],
  dtypes: FLOATS,
  *samples(s) {
    const share = (shape: Shape): Input => s.values(shape, { low: 0, high: 1 })
    for (const args of [{}, { reduction: 'none' }, { reduction: 'sum', labelSmoothing: 0.2 }] as const) {
      for (const shape of [[5], [3, 4], [2, 3, 4, 2]]) {
        const c = shape[shape.length === 1 ? 0 : 1] as number
        yield { inputs: [s.values(shape), share(shape), null], args }
        yield { inputs: [s.values(shape), share(shape), s.values([c], { low: 0.2, high: 2 })], args }
      }
    }
  },
  call: ([x, target, weight], options) =>
    ops.crossEntropy(x as Tensor, target as Tensor, { ...options, weight: weight ?? null }),
  accuracy: { roundings: 12, composed: true, terms: ([x]) => x?.values.length ?? 0, magnitude: 'norm' },
  gradient: { roundings: 30 },
  errors: {
    shapes: {
      call: (device) => ops.crossEntropy(ops.zeros([4, 3], { device }), ops.zeros([4, 2], { device })),
      code: 'SINTER_DTYPE',
      message: 'crossEntropy: indices are f32, not i64 or i32',
    },
  },
}

const nllLoss: OpSpec<CrossArgs> = {
  name: 'nllLoss',
  ops: ['gather', 'maskedFill', 'indexSelect', 'sum'],
  dtypes: FLOATS,
  *samples(s) {
    for (const args of [{}, { reduction: 'none' }, { reduction: 'sum' }, { ignoreIndex: 1 }] as const) {
      for (const shape of [
        [4, 3],
        [2, 3, 5],
      ])
        for (const weighted of [false, true]) yield { inputs: cross(s, shape, 3, weighted), args }
    }
    yield { inputs: [s.values([5]), s.indices([], 0, 5), null], args: { reduction: 'none' } }
    yield {
      inputs: [s.values([2, 3]), s.given([-100, 2]), null].map((x, i) => (i === 1 && x ? { ...x, dtype: 'i64' } : x)),
      args: {},
    }
  },
  call: ([x, target, weight], options) =>
    ops.nllLoss(x as Tensor, target as Tensor, { ...options, weight: weight ?? null }),
  accuracy: { roundings: 6, composed: true, terms: ([x]) => x?.values.length ?? 0, magnitude: 'norm' },
  gradient: {},
  errors: {
    shapes: {
      call: (device) => ops.nllLoss(ops.zeros([4, 3], { device }), ops.zeros([3], { device, dtype: 'i64' })),
      code: 'SINTER_SHAPE',
      message: 'nllLoss: input (4, 3) takes targets (4), got (3)',
    },
  },
}

export const specs: readonly OpSpec[] = [crossEntropy, crossEntropyOfProbabilities, nllLoss]
