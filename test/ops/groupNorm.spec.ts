/** Normalisation of groups of channels, by the root mean square, over neighbours: lib/ops/groupNorm.ts. */

import type { InstanceNormOptions, LocalResponseOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, type Input, type OpSpec } from '../opspec/spec.js'

const length = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)

const groupNorm: OpSpec<{ groups: number; eps?: number }> = {
  name: 'groupNorm',
  ops: ['groupNorm', 'groupNormBackward'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [shape, groups] of [
      [[2, 6, 3], 2],
      [[3, 8], 2],
      [[2, 4, 5, 7], 4],
      [[1, 3, 17], 1],
    ] as const) {
      const c = [shape[1]]
      yield { inputs: [s.values(shape), s.values(c), s.values(c)], args: { groups } }
      yield { inputs: [s.values(shape), null, null], args: { groups, eps: 0.1 } }
    }
    yield { inputs: [s.values([2, 4, 9]), s.values([4]), null], args: { groups: 2 } }
    yield { inputs: [s.values([0, 4, 3]), s.values([4]), s.values([4])], args: { groups: 2 } }
    yield { inputs: [s.values([8, 16, 31, 17]), s.values([16]), s.values([16])], args: { groups: 4 }, large: true }
  },
  call: ([x, w, b], { groups, eps }) => ops.groupNorm(x as Tensor, groups, w, b, eps),
  accuracy: { roundings: 12, terms: ([x]) => length(x?.shape ?? []), magnitude: 'norm' },
  gradient: { roundings: 40 },
  errors: {
    groups: {
      call: (device) => ops.groupNorm(ops.zeros([2, 3], { device }), 2),
      code: 'SINTER_VALUE',
      message: 'groupNorm: 3 channels do not divide into 2 groups',
    },
    weight: {
      call: (device) => ops.groupNorm(ops.zeros([2, 4], { device }), 2, ops.zeros([2], { device })),
      code: 'SINTER_SHAPE',
      message: 'groupNorm: (2) for 4 channels',
    },
  },
}

/** Gives back the running statistics too. */
const instanceNorm: OpSpec<InstanceNormOptions> = {
  name: 'instanceNorm',
  ops: ['groupNorm', 'groupNormBackward', 'batchNormUpdate', 'batchNormEval'],
  dtypes: FLOATS,
  result: (d, k) => (k === 0 || d === 'f64' ? d : 'f32'),
  *samples(s) {
    const dtype = s.dtype === 'f64' ? ('f64' as const) : ('f32' as const)
    const running = (low: number, high: number): Input => ({
      ...s.values([3], { low, high }),
      dtype,
      mutated: true,
      constant: true,
    })
    const statistics = (): Input[] => [running(-1, 1), running(0.5, 2)]
    yield { inputs: [s.values([2, 3, 5]), ...statistics(), s.values([3]), s.values([3])], args: {} }
    yield { inputs: [s.values([2, 3, 2, 4]), ...statistics(), null, null], args: { momentum: 0.3, eps: 0.01 } }
    yield { inputs: [s.values([2, 3, 5]), ...statistics(), s.values([3]), null], args: { useInputStats: false } }
  },
  call: ([x, mean, variance, weight, bias], options) => [
    ops.instanceNorm(x as Tensor, mean, variance, weight, bias, options),
    mean as Tensor,
    variance as Tensor,
  ],
  accuracy: { roundings: 12, terms: ([x]) => length(x?.shape ?? []), magnitude: 'norm' },
  gradient: { roundings: 40 },
  errors: {
    'one value': {
      call: (device) => ops.instanceNorm(ops.zeros([4, 2, 1], { device })),
      code: 'SINTER_SHAPE',
      message: 'instanceNorm: one value a channel in (4, 2, 1): there is no variance to train with',
    },
  },
}

const rmsNorm: OpSpec<{ shape: Shape; eps?: number }> = {
  name: 'rmsNorm',
  ops: ['rmsNorm', 'rmsNormBackward'],
  dtypes: FLOATS,
  *samples(s) {
    for (const n of [1, 7, 17, 65]) yield { inputs: [s.values([3, n]), s.values([n])], args: { shape: [n] } }
    yield { inputs: [s.values([2, 3, 5]), s.values([3, 5])], args: { shape: [3, 5] } }
    yield { inputs: [s.values([17]), null], args: { shape: [17], eps: 0.1 } }
    yield { inputs: [s.values([0, 4]), s.values([4])], args: { shape: [4] } }
    yield { inputs: [s.values([301, 203]), s.values([203])], args: { shape: [203] }, large: true }
  },
  call: ([x, w], { shape, eps }) => ops.rmsNorm(x as Tensor, shape, w, eps),
  accuracy: { roundings: 8, terms: (_, { shape }) => length(shape), magnitude: 'norm' },
  gradient: { roundings: 40 },
  errors: {
    shape: {
      call: (device) => ops.rmsNorm(ops.zeros([2, 3], { device }), [2]),
      code: 'SINTER_SHAPE',
      message: 'rmsNorm: (2, 3) does not end in (2)',
    },
  },
}

const localResponseNorm: OpSpec<LocalResponseOptions & { size: number }> = {
  name: 'localResponseNorm',
  ops: ['square', 'concat', 'pow'],
  dtypes: FLOATS,
  *samples(s) {
    yield { inputs: [s.values([2, 5, 3])], args: { size: 3, alpha: 0.5 } }
    yield { inputs: [s.values([1, 4, 2, 3])], args: { size: 2, alpha: 1, beta: 0.5, k: 2 } }
    yield { inputs: [s.values([2, 3, 2])], args: { size: 1 } }
  },
  call: ([x], { size, ...options }) => ops.localResponseNorm(x as Tensor, size, options),
  accuracy: { roundings: 20, composed: true, magnitude: 'norm' },
  gradient: { roundings: 60 },
  errors: {
    rank: {
      call: (device) => ops.localResponseNorm(ops.zeros([2, 3], { device }), 2),
      code: 'SINTER_SHAPE',
      message: 'localResponseNorm: takes (n, c, ...) of 3 dimensions or more, got (2, 3)',
    },
  },
}

export const specs: readonly OpSpec[] = [groupNorm, instanceNorm, rmsNorm, localResponseNorm]
