/** Lengths, distances and angles: lib/ops/similarity.ts. */

import type { CosineOptions, NormalizeOptions, PairwiseOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const accuracy = {
  roundings: 20,
  composed: true,
  terms: ([x]: readonly ({ values: Float64Array } | null)[]) => x?.values.length ?? 0,
  magnitude: 'norm' as const,
}

const normalize: OpSpec<NormalizeOptions> = {
  name: 'normalize',
  ops: ['square', 'sqrt', 'clamp', 'div', 'abs', 'amax', 'pow'],
  dtypes: FLOATS,
  *samples(s) {
    for (const args of [
      {},
      { p: 1 },
      { p: 3, axis: 0 },
      { p: Number.POSITIVE_INFINITY },
      { axis: [0, 1] },
      { eps: 50 },
    ])
      yield { inputs: [s.distinct([3, 5])], args }
    yield { inputs: [s.values([4])], args: { axis: 0 } }
    yield { inputs: [s.given([0, 0, 0, 1, 2, 2], [2, 3])], args: { eps: 1e-3 }, byDifferences: false }
    yield { inputs: [s.values([0, 3])], args: {} }
  },
  call: ([x], options) => ops.normalize(x as Tensor, options),
  accuracy,
  gradient: { kinks: 'equal largest elements', roundings: 60 },
}

const cosineSimilarity: OpSpec<CosineOptions> = {
  name: 'cosineSimilarity',
  ops: ['sqrt', 'clamp', 'div', 'sum'],
  dtypes: FLOATS,
  *samples(s) {
    for (const args of [{}, { axis: 0 }, { axis: -1, eps: 2 }])
      yield { inputs: [s.values([3, 5]), s.values([3, 5])], args }
    yield { inputs: [s.values([2, 1, 3]), s.values([2, 3])], args: { axis: -1 } }
  },
  call: ([a, b], options) => ops.cosineSimilarity(a as Tensor, b as Tensor, options),
  accuracy,
  gradient: { roundings: 60 },
  errors: {
    axis: {
      call: (device) => ops.cosineSimilarity(ops.zeros([3], { device }), ops.zeros([3], { device })),
      code: 'SINTER_SHAPE',
      message: 'cosineSimilarity: axis 1 is out of range for 1 dimensions',
    },
  },
}

const pairwiseDistance: OpSpec<PairwiseOptions> = {
  name: 'pairwiseDistance',
  ops: ['sub', 'sqrt', 'square'],
  dtypes: FLOATS,
  *samples(s) {
    for (const args of [{}, { p: 1, keepDim: true }, { p: 3, eps: 0.1 }, { p: Number.POSITIVE_INFINITY }])
      yield { inputs: [s.distinct([3, 5]), s.values([3, 5])], args }
    yield { inputs: [s.values([4]), s.values([2, 1, 4])], args: {} }
  },
  call: ([a, b], options) => ops.pairwiseDistance(a as Tensor, b as Tensor, options),
  accuracy,
  gradient: { kinks: 'equal largest elements', roundings: 60 },
}

export const specs: readonly OpSpec[] = [normalize, cosineSimilarity, pairwiseDistance]
