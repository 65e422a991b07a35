/** Padding: lib/ops/pad.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { PadMode } from '#lib/ops/pad.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type OpSpec, REALS } from '../opspec/spec.js'
import { SHAPE, VALUE } from '../opspec/structural.js'

interface Args {
  widths: readonly number[]
  mode: PadMode
  value?: number
}

const CASES: readonly (readonly [Shape, Args])[] = [
  [[5], { widths: [2, 3], mode: 'constant', value: 1 }],
  [[2, 3, 4], { widths: [1, 0, 0, 2, 1, 1], mode: 'constant' }],
  [[4, 5], { widths: [-1, 2, 1, -2], mode: 'constant', value: 1 }],
  [[4], { widths: [5, -7], mode: 'constant' }],
  [[0, 2], { widths: [1, 1], mode: 'constant' }],
  [[], { widths: [], mode: 'constant' }],
  [[2, 5], { widths: [4, 3], mode: 'reflect' }],
  [[2, 4, 5], { widths: [1, 2, 3, 0], mode: 'reflect' }],
  [[1, 3, 3, 3], { widths: [1, 2, 2, 1, 0, 1], mode: 'reflect' }],
  [[5], { widths: [-1, 2], mode: 'reflect' }],
  [[2, 3], { widths: [4, 3], mode: 'replicate' }],
  [[2, 3, 3], { widths: [1, 2, 3, 0], mode: 'replicate' }],
  [[2, 4], { widths: [-4, 5], mode: 'replicate' }],
  [[2, 5], { widths: [5, 3], mode: 'circular' }],
  [[1, 2, 3], { widths: [1, 2, 2, 1], mode: 'circular' }],
  [[2, 4], { widths: [-1, 2], mode: 'circular' }],
  [[0, 3], { widths: [1, 1], mode: 'circular' }],
]

const error = (shape: Shape, widths: readonly number[], mode: PadMode, code: string, message: string) => ({
  call: (device: string) => ops.pad(ops.zeros(shape, { device }) as Tensor, widths, { mode }),
  code,
  message: `pad: ${message}`,
})

const pad: OpSpec<Args> = {
  name: 'pad',
  ops: ['fill', 'empty', 'copyInto', 'addInto', 'sum'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, args] of CASES) yield { inputs: [s.values(shape)], args }
    for (const mode of ['constant', 'reflect', 'replicate', 'circular'] as const)
      yield { inputs: [s.values([3, 150, 301])], args: { widths: [3, 2, 1, 4], mode }, large: true }
  },
  call: ([x], { widths, ...options }) => ops.pad(x as Tensor, widths, options),
  accuracy: { roundings: 0 },
  gradient: { roundings: 6 },
  errors: {
    reflect: error([3], [3, 0], 'reflect', SHAPE, 'widths 3 and 0 of mode reflect for dimension 0 of (3); at most 2'),
    circular: error(
      [3],
      [1, 4],
      'circular',
      SHAPE,
      'widths 1 and 4 of mode circular for dimension 0 of (3); at most 3',
    ),
    replicate: error(
      [0],
      [1, 0],
      'replicate',
      SHAPE,
      'widths 1 and 0 of mode replicate for dimension 0 of (0); at most 0',
    ),
    odd: error([3], [1], 'constant', SHAPE, '1 widths for (3); it takes a pair for each of the last axes'),
    nothing: error([3], [-2, -2], 'constant', SHAPE, 'widths (-2, -2) leave nothing of (3)'),
    mode: error(
      [3],
      [1, 1],
      'mirror' as PadMode,
      VALUE,
      "mode 'mirror' is not constant, reflect, replicate or circular",
    ),
  },
}

export const specs: readonly OpSpec[] = [pad]
