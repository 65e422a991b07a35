/** Sampling at grids: lib/ops/grid.ts. */

import type { GridSampleOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const CASES: readonly GridSampleOptions[] = [
  {},
  { alignCorners: true },
  { paddingMode: 'border' },
  { paddingMode: 'reflection' },
  { paddingMode: 'reflection', alignCorners: true },
  { mode: 'nearest' },
  { mode: 'nearest', paddingMode: 'reflection' },
  { mode: 'bicubic' },
  { mode: 'bicubic', paddingMode: 'border', alignCorners: true },
  { mode: 'bicubic', paddingMode: 'reflection' },
]

const gridSample: OpSpec<GridSampleOptions> = {
  name: 'gridSample',
  ops: ['gridSample', 'gridSampleBackward'],
  dtypes: FLOATS,
  *samples(s) {
    // Half precision cannot tell on which side of an element's edge a place lies.
    const places = { low: -1.6, high: 1.6 }
    const coarse = s.dtype === 'bf16' || s.dtype === 'f16'
    for (const args of CASES) {
      if (coarse && args.mode === 'nearest') continue
      yield { inputs: [s.values([1, 2, 3, 4]), s.values([1, 2, 3, 2], places)], args }
    }
    for (const args of CASES.slice(0, 4))
      yield { inputs: [s.values([1, 2, 2, 3, 4]), s.values([1, 1, 2, 3, 3], places)], args }
    yield { inputs: [s.values([2, 1, 1, 1]), s.values([2, 1, 3, 2], places)], args: { paddingMode: 'reflection' } }
    const nowhere = s.given([Number.NaN, 0, 0.1, Number.POSITIVE_INFINITY, -0.3, 0.2], [1, 1, 3, 2])
    yield { inputs: [s.values([1, 1, 3, 4]), nowhere], args: {} }
    yield { inputs: [s.values([0, 1, 3, 4]), s.values([0, 1, 3, 2])], args: {} }
    yield { inputs: [s.values([2, 9, 17, 19]), s.values([2, 31, 33, 2], places)], args: {}, large: true }
  },
  call: ([x, grid], options) => ops.gridSample(x as Tensor, grid as Tensor, options),
  accuracy: { roundings: 30, magnitude: 'norm' },
  gradient: { kinks: "elements' centres and edges, which random places miss", roundings: 80 },
  errors: {
    shapes: {
      call: (device) => ops.gridSample(ops.zeros([1, 1, 3, 4], { device }), ops.zeros([1, 2, 2, 3], { device })),
      code: 'SINTER_SHAPE',
      message:
        'gridSample: takes (n, c, h, w) and (n, oh, ow, 2), or (n, c, d, h, w) and (n, od, oh, ow, 3), got (1, 1, 3, 4) and (1, 2, 2, 3)',
    },
    bicubic: {
      call: (device) =>
        ops.gridSample(ops.zeros([1, 1, 2, 3, 4], { device }), ops.zeros([1, 1, 2, 2, 3], { device }), {
          mode: 'bicubic',
        }),
      code: 'SINTER_VALUE',
      message: "gridSample: 'bicubic' is for images of 2 dimensions",
    },
  },
}

const affineGrid: OpSpec<{ size: readonly number[]; alignCorners?: boolean }> = {
  name: 'affineGrid',
  ops: ['arange', 'concat', 'matmul'],
  dtypes: FLOATS,
  *samples(s) {
    yield { inputs: [s.values([2, 2, 3])], args: { size: [2, 1, 3, 4] } }
    yield { inputs: [s.values([1, 2, 3])], args: { size: [1, 1, 1, 4], alignCorners: true } }
    yield { inputs: [s.values([1, 3, 4])], args: { size: [1, 1, 2, 3, 4] } }
  },
  call: ([theta], { size, ...options }) => ops.affineGrid(theta as Tensor, size, options),
  accuracy: { roundings: 10, composed: true, serial: true, terms: () => 24, magnitude: 'norm' },
  gradient: {},
  errors: {
    size: {
      call: (device) => ops.affineGrid(ops.zeros([1, 2, 3], { device }), [1, 1, 3]),
      code: 'SINTER_SHAPE',
      message:
        'affineGrid: takes theta (n, 2, 3) and a size [n, c, h, w], or (n, 3, 4) and [n, c, d, h, w]; got (1, 2, 3) and (1, 1, 3)',
    },
  },
}

export const specs: readonly OpSpec[] = [gridSample, affineGrid]
