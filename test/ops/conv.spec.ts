/** Convolution and transposed convolution: lib/ops/conv.ts. */

import type { ConvOptions, ConvTransposeOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type ErrorCase, FLOATS, type OpSpec } from '../opspec/spec.js'

/** image (n, c, ...) or (c, ...), weight (o, c / groups, ...), options */
type Case<A> = readonly [Shape, Shape, A]

const CASES: Readonly<Record<number, readonly Case<ConvOptions>[]>> = {
  1: [
    [[1, 1, 5], [1, 1, 3], {}],
    [[2, 3, 19], [4, 3, 3], { padding: 1, stride: 2 }],
    [[4, 12], [6, 2, 2], { padding: 'same', groups: 2, dilation: 3 }],
    [[0, 3, 5], [2, 3, 3], {}],
  ],
  2: [
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
    [[2, 5, 6], [3, 2, 2, 4], { padding: 'same', dilation: [1, 2] }],
    [[0, 3, 5, 5], [2, 3, 3, 3], {}],
    // A padding so wide that some windows see nothing but zeros.
    [[1, 2, 2, 2], [2, 2, 2, 2], { padding: 3 }],
    [[1, 16, 10, 10], [16, 16, 3, 3], { padding: 1 }],
  ],
  3: [
    [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1], {}],
    [[2, 3, 4, 5, 3], [2, 3, 1, 1, 1], {}],
    [[2, 2, 4, 5, 6], [3, 2, 3, 3, 3], { padding: 1 }],
    [[2, 5, 5, 4], [4, 1, 2, 3, 2], { groups: 2, stride: [2, 1, 2], padding: [1, 0, 1] }],
    [[1, 2, 6, 6, 7], [2, 2, 3, 2, 2], { padding: 'same', dilation: [2, 1, 2] }],
    [[2, 8, 3, 4, 5], [6, 8, 2, 3, 3], { padding: [2, 1, 1], stride: [3, 1, 1] }],
    [[0, 3, 5, 5, 5], [2, 3, 3, 3, 3], {}],
  ],
}
const LARGE: Readonly<Record<number, readonly Case<ConvOptions>[]>> = {
  1: [],
  2: [
    [[2, 16, 23, 29], [20, 16, 3, 3], { padding: 1 }],
    [[1, 3, 57, 61], [16, 3, 7, 7], { stride: 2, padding: 3 }],
    [[2, 48, 17, 19], [70, 48, 1, 1], {}],
    // Few positions, 3 and 5 vectors of them or 7 and 9, with and without some left behind.
    [[1, 12, 7, 7], [50, 12, 3, 3], { padding: 1 }],
    [[1, 52, 5, 8], [61, 52, 1, 1], {}],
    [[1, 52, 6, 12], [61, 52, 1, 1], {}],
    [[2, 48, 33, 31], [48, 1, 3, 3], { padding: 1, groups: 48 }],
  ],
  3: [[[2, 6, 7, 9, 11], [17, 6, 3, 3, 3], { padding: 1 }]],
}

const TRANSPOSED: Readonly<Record<number, readonly Case<ConvTransposeOptions>[]>> = {
  1: [
    [[2, 3, 5], [3, 4, 3], { stride: 2, padding: 1, outputPadding: 1 }],
    [[4, 6], [4, 1, 2], { groups: 2, stride: 3 }],
  ],
  2: [
    [[1, 1, 1, 1], [1, 1, 1, 1], {}],
    [[2, 3, 4, 3], [3, 2, 3, 2], { stride: [2, 3], padding: [1, 0], outputPadding: [1, 2] }],
    [[4, 5, 4], [4, 3, 3, 3], { groups: 2, padding: 1 }],
    [[1, 4, 5, 6], [4, 1, 3, 3], { groups: 4, stride: 2, dilation: 2 }],
    // Positions that no element of the kernel meets.
    [[1, 2, 4, 4], [2, 3, 2, 1], { stride: 4, outputPadding: 2 }],
    [[0, 2, 3, 3], [2, 3, 2, 2], {}],
  ],
  3: [
    [[2, 2, 3, 4, 3], [2, 3, 3, 2, 2], { stride: [2, 1, 2], padding: [1, 0, 1], outputPadding: [1, 0, 1] }],
    [[4, 2, 3, 3], [4, 2, 2, 2, 3], { groups: 2, stride: [3, 1, 1], dilation: [1, 2, 1] }],
  ],
}
const TRANSPOSED_LARGE: Case<ConvTransposeOptions> = [
  [2, 16, 19, 21],
  [16, 12, 3, 3],
  { stride: 2, padding: 1, outputPadding: 1 },
]

const absolute = (t: Tensor | null | undefined): Tensor | null => (t ? ops.abs(t) : null)

/** A convolution under test. */
type Convolution<A> = (x: Tensor, weight: Tensor, bias?: Tensor | null, options?: A) => Tensor

function errors(name: string, r: number, f: Convolution<any>, transposed: boolean): Record<string, ErrorCase> {
  const run = (device: string, x: Shape, w: Shape, options?: object, bias?: Shape): unknown =>
    f(
      ops.zeros(x, { device }) as Tensor,
      ops.zeros(w, { device }) as Tensor,
      bias ? (ops.zeros(bias, { device }) as Tensor) : null,
      options,
    )
  const all = (n: number): number[] => new Array<number>(r).fill(n)
  const list = (n: number): string => all(n).join(', ')
  const layouts = ['', '(n, c, l) or (c, l)', '(n, c, h, w) or (c, h, w)', '(n, c, d, h, w) or (c, d, h, w)']
  const common: Record<string, ErrorCase> = {
    rank: {
      call: (device) => run(device, [5], [2, 3, ...all(3)]),
      code: 'SINTER_SHAPE',
      message: `${name}: takes ${layouts[r]} and a weight (${transposed ? 'c, o/groups' : 'o, c/groups'}, ...) of as many dimensions, got (5) and (2, 3, ${list(3)})`,
    },
    bias: {
      call: (device) => run(device, [1, 3, ...all(5)], [3, 3, ...all(3)], {}, [2]),
      code: 'SINTER_SHAPE',
      message: `${name}: bias (2) for 3 outputs`,
    },
    stride: {
      call: (device) => run(device, [1, 3, ...all(5)], [3, 3, ...all(3)], { stride: 0 }),
      code: 'SINTER_VALUE',
      message: `${name}: stride 0 is not an integer of at least 1`,
    },
    reach: {
      call: (device) =>
        run(device, [1, 3, ...all(5)], [3, 3, ...all(3)], transposed ? { dilation: 2 ** 24 } : { padding: 2 ** 25 }),
      code: 'SINTER_VALUE',
      message: `${name}: a ${transposed ? 'window' : 'padding'} of ${2 ** 25} elements exceeds ${2 ** 24}`,
    },
  }
  if (transposed)
    return {
      ...common,
      channels: {
        call: (device) => run(device, [1, 4, ...all(5)], [3, 3, ...all(3)]),
        code: 'SINTER_SHAPE',
        message: `${name}: an image of 4 channels and weight (3, 3, ${list(3)}) do not fit or divide into 1 group(s)`,
      },
      outputPadding: {
        call: (device) => run(device, [1, 3, ...all(5)], [3, 3, ...all(3)], { stride: 2, outputPadding: 2 }),
        code: 'SINTER_VALUE',
        message: `${name}: outputPadding 2 is not below the stride 2 or the dilation 1`,
      },
    }
  return {
    ...common,
    channels: {
      call: (device) => run(device, [1, 4, ...all(5)], [2, 3, ...all(3)]),
      code: 'SINTER_SHAPE',
      message: `${name}: the image has 4 channels, weight (2, 3, ${list(3)}) with 1 group(s) takes 3`,
    },
    window: {
      call: (device) => run(device, [1, 3, ...all(2)], [2, 3, ...all(3)]),
      code: 'SINTER_SHAPE',
      message: `${name}: a ${all(3).join('x')} window (dilation ${all(1).join('x')}) exceeds the padded image ${all(2).join('x')}`,
    },
    same: {
      call: (device) => run(device, [1, 3, ...all(5)], [2, 3, ...all(3)], { stride: 2, padding: 'same' }),
      code: 'SINTER_VALUE',
      message: `${name}: padding 'same' needs stride 1`,
    },
  }
}

function convolution<A extends { groups?: number }>(
  name: string,
  r: number,
  f: Convolution<any>,
  transposed: boolean,
  cases: readonly Case<A>[],
  large: readonly Case<A>[],
): OpSpec<A> {
  const outputs = (w: Shape, args: A): number => (transposed ? (w[1] as number) * (args.groups ?? 1) : (w[0] as number))
  return {
    name,
    ops: ['conv', 'convInputGrad', 'convWeightGrad'],
    dtypes: FLOATS,
    *samples(s) {
      for (const [i, [x, w, args]] of cases.entries())
        yield { inputs: [s.values(x), s.values(w), i % 3 === 2 ? null : s.values([outputs(w, args)])], args }
      for (const [x, w, args] of large)
        yield { inputs: [s.values(x), s.values(w), s.values([outputs(w, args)])], args, large: true }
    },
    call: ([x, w, b], options) => f(x as Tensor, w as Tensor, b, options),
    accuracy: {
      roundings: 2,
      serial: true,
      terms: ([, w]) => (w?.shape ?? []).reduce((n, d, i) => (i === (transposed ? 1 : 0) ? n : n * d), 1),
      magnitude: ([x, w, b], options) => f(ops.abs(x as Tensor), ops.abs(w as Tensor), absolute(b), options),
    },
    gradient: {},
    errors: errors(name, r, f, transposed),
  }
}

/** `conv2d` of a view of an image that lies channels-last. */
const lastConv2d: Convolution<ops.Conv2dOptions> = (x, w, b, options) =>
  ops.conv2d(x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2]), w, b, options)
const batchedImages = (cases: readonly Case<ConvOptions>[]): readonly Case<ConvOptions>[] =>
  cases.filter(([x]) => x.length === 4)
const { errors: _, ...channelsLast } = convolution(
  'conv2d channels-last',
  2,
  lastConv2d,
  false,
  batchedImages(CASES[2] as []),
  batchedImages(LARGE[2] as []),
)

export const specs: readonly OpSpec[] = [
  { ...channelsLast, ops: [...channelsLast.ops, 'convChannelsLast'] },
  convolution('conv1d', 1, ops.conv1d, false, CASES[1] as [], LARGE[1] as []),
  convolution('conv2d', 2, ops.conv2d, false, CASES[2] as [], LARGE[2] as []),
  convolution('conv3d', 3, ops.conv3d, false, CASES[3] as [], LARGE[3] as []),
  convolution('convTranspose1d', 1, ops.convTranspose1d, true, TRANSPOSED[1] as [], []),
  convolution('convTranspose2d', 2, ops.convTranspose2d, true, TRANSPOSED[2] as [], [TRANSPOSED_LARGE]),
  convolution('convTranspose3d', 3, ops.convTranspose3d, true, TRANSPOSED[3] as [], []),
]
