/** Interpolation: lib/ops/resample.ts. */

import type { InterpolateOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const CASES: readonly (readonly [Shape, InterpolateOptions])[] = [
  [[2, 1, 5], { size: 8 }],
  [[1, 2, 3, 4], { size: [6, 3] }],
  [[1, 1, 2, 3, 4], { scaleFactor: 1.7 }],
  [[1, 2, 3, 4], { scaleFactor: [1.7, 0.6], mode: 'nearest-exact' }],
  [[2, 1, 5], { size: 8, mode: 'linear' }],
  [[2, 1, 5], { size: 8, mode: 'linear', alignCorners: true }],
  [[1, 2, 4, 5], { scaleFactor: [1.7, 0.6], mode: 'bilinear' }],
  [[1, 2, 4, 5], { scaleFactor: [1.7, 0.6], mode: 'bilinear', recomputeScaleFactor: true }],
  [[1, 2, 4, 5], { size: [7, 1], mode: 'bilinear', alignCorners: true }],
  [[1, 2, 4, 5], { size: [7, 3], mode: 'bicubic' }],
  [[1, 1, 1, 33], { size: [2, 65], mode: 'bicubic', alignCorners: true }],
  [[1, 1, 2, 3, 4], { size: [3, 2, 7], mode: 'trilinear' }],
  [[1, 2, 7, 5], { size: [3, 9], mode: 'area' }],
  [[1, 2, 9, 5], { size: [2, 7], mode: 'bilinear', antialias: true }],
  [[1, 2, 9, 11], { size: [2, 4], mode: 'bicubic', antialias: true }],
  [[0, 2, 3], { size: 4 }],
]

const interpolate: OpSpec<InterpolateOptions> = {
  name: 'interpolate',
  ops: ['resample'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [shape, args] of CASES) yield { inputs: [s.values(shape)], args }
    yield { inputs: [s.values([2, 3, 61, 65])], args: { size: [90, 70], mode: 'bilinear' }, large: true }
    const holes = s.given([1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, 4], [1, 1, 6])
    yield { inputs: [holes], args: { size: 9 } }
    yield { inputs: [holes], args: { size: 6, mode: 'linear' } }
  },
  call: ([x], options) => ops.interpolate(x as Tensor, options),
  accuracy: { roundings: 8, terms: () => 20, serial: true, magnitude: 'norm' },
  gradient: {},
  errors: {
    mode: {
      call: (device) => ops.interpolate(ops.zeros([1, 1, 3], { device }), { size: 2, mode: 'bilinear' }),
      code: 'SINTER_SHAPE',
      message: "interpolate: mode 'bilinear' is for 2 spatial dimensions, got (1, 1, 3)",
    },
    'size and factor': {
      call: (device) => ops.interpolate(ops.zeros([1, 1, 3], { device }), { size: 2, scaleFactor: 2 }),
      code: 'SINTER_VALUE',
      message: 'interpolate: takes either size or scaleFactor',
    },
    corners: {
      call: (device) => ops.interpolate(ops.zeros([1, 1, 3], { device }), { size: 2, alignCorners: true }),
      code: 'SINTER_VALUE',
      message: "interpolate: alignCorners is for linear and cubic modes, not for 'nearest'",
    },
    'no size': {
      call: (device) => ops.interpolate(ops.zeros([1, 1, 3], { device }), { scaleFactor: 0.2 }),
      code: 'SINTER_SHAPE',
      message: 'interpolate: from (3) to (0): sizes are integers of at least 1',
    },
  },
}

export const specs: readonly OpSpec[] = [interpolate]
