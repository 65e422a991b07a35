/** Convolution: lib/ops/conv.ts. */

import type { Conv2dOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

/** image (n, c, h, w), weight (o, c / groups, kh, kw), options */
const CASES: readonly (readonly [Shape, Shape, Conv2dOptions])[] = [
  [[1, 1, 1, 1], [1, 1, 1, 1], {}],
  [[1, 1, 5, 5], [1, 1, 3, 3], {}],
  [[2, 3, 7, 6], [4, 3, 3, 3], { padding: 1 }],
  [[2, 5, 4, 4], [3, 5, 1, 1], {}],
  [[2, 5, 6, 4], [3, 5, 1, 1], { stride: 2 }],
  [[1, 2, 9, 8], [3, 2, 3, 2], { stride: [2, 3], padding: [1, 0] }],
  [[1, 2, 9, 9], [2, 2, 3, 3], { padding: [2, 1], dilation: [2, 3] }],
  [[2, 4, 5, 5], [6, 2, 3, 3], { padding: 1, groups: 2 }],
  [[1, 4, 6, 6], [4, 1, 3, 3], { stride: 2, padding: 1, groups: 4 }],
  [[1, 4, 6, 17], [8, 1, 3, 3], { padding: 'same', groups: 4 }],
  [[1, 3, 12, 12], [4, 3, 7, 7], { stride: 2, padding: 3 }],
  [[1, 3, 6, 35], [17, 3, 3, 5], { padding: 'same' }],
  [[0, 3, 5, 5], [2, 3, 3, 3], {}],
  // A padding so wide that some windows see nothing but zeros.
  [[1, 2, 2, 2], [2, 2, 2, 2], { padding: 3 }],
  [[1, 16, 10, 10], [16, 16, 3, 3], { padding: 1 }],
]
const LARGE: readonly (readonly [Shape, Shape, Conv2dOptions])[] = [
  [[4, 16, 23, 29], [33, 16, 3, 3], { padding: 1 }],
  [[2, 3, 57, 61], [16, 3, 7, 7], { stride: 2, padding: 3 }],
  [[2, 48, 17, 19], [70, 48, 1, 1], {}],
  [[2, 48, 33, 31], [48, 1, 3, 3], { padding: 1, groups: 48 }],
]

const absolute = (t: Tensor | null | undefined): Tensor | null => (t ? ops.abs(t) : null)
const zeros = (device: string, ...shapes: Shape[]): Tensor[] =>
  shapes.map((shape) => ops.zeros(shape, { device }) as Tensor)

const conv2d: OpSpec<Conv2dOptions> = {
  name: 'conv2d',
  ops: ['conv2d', 'conv2dInputGrad', 'conv2dWeightGrad'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [x, w, args] of CASES) {
      yield { inputs: [s.values(x), s.values(w), s.values([w[0] as number])], args }
      yield { inputs: [s.values(x), s.values(w), null], args }
    }
    for (const [x, w, args] of LARGE)
      yield { inputs: [s.values(x), s.values(w), s.values([w[0] as number])], args, large: true }
  },
  call: ([x, w, b], options) => ops.conv2d(x as Tensor, w as Tensor, b, options),
  accuracy: {
    roundings: 2,
    serial: true,
    terms: ([, w]) => (w?.shape.slice(1) ?? []).reduce((n, d) => n * d, 1),
    magnitude: ([x, w, b], options) => ops.conv2d(ops.abs(x as Tensor), ops.abs(w as Tensor), absolute(b), options),
  },
  gradient: { once: true },
  errors: {
    rank: {
      call: (device) => ops.conv2d(...(zeros(device, [3, 5, 5], [2, 3, 3, 3]) as [Tensor, Tensor])),
      code: 'SINTER_SHAPE',
      message: 'conv2d: takes an image (n, c, h, w) and a weight (o, c/groups, kh, kw), got (3, 5, 5) and (2, 3, 3, 3)',
    },
    channels: {
      call: (device) => ops.conv2d(...(zeros(device, [1, 4, 5, 5], [2, 3, 3, 3]) as [Tensor, Tensor])),
      code: 'SINTER_SHAPE',
      message: 'conv2d: the image has 4 channels, weight (2, 3, 3, 3) with 1 group(s) takes 3',
    },
    window: {
      call: (device) => ops.conv2d(...(zeros(device, [1, 3, 2, 5], [2, 3, 3, 3]) as [Tensor, Tensor])),
      code: 'SINTER_SHAPE',
      message: 'conv2d: a 3x3 window (dilation 1x1) exceeds the padded image 2x5',
    },
    bias: {
      call: (device) => ops.conv2d(...(zeros(device, [1, 3, 5, 5], [2, 3, 3, 3], [3]) as [Tensor, Tensor, Tensor])),
      code: 'SINTER_SHAPE',
      message: 'conv2d: bias (3) for 2 outputs',
    },
    stride: {
      call: (device) =>
        ops.conv2d(...(zeros(device, [1, 3, 5, 5], [2, 3, 3, 3]) as [Tensor, Tensor]), null, { stride: 0 }),
      code: 'SINTER_VALUE',
      message: 'conv2d: stride 0 is not an integer of at least 1',
    },
  },
}

export const specs: readonly OpSpec[] = [conv2d]
