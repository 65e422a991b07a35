/** Pooling over windows of a fixed size: lib/ops/pooling.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { type ErrorCase, FLOATS, INTEGERS, type OpSpec, type Sample } from '../opspec/spec.js'

interface Window {
  size: any
  stride?: any
  padding?: any
  dilation?: any
  ceilMode?: boolean
  countIncludePad?: boolean
  divisorOverride?: number
}
/** A pooling under test. */
type Pool<R = Tensor> = (x: Tensor, size: any, options?: any) => R

const WINDOWS: Readonly<Record<number, readonly (readonly [Shape, Window])[]>> = {
  1: [
    [[1, 1, 1], { size: 1 }],
    [[2, 3, 19], { size: 3, stride: 2, padding: 1 }],
    [[3, 8], { size: 3, stride: 3, ceilMode: true }],
  ],
  2: [
    [[1, 1, 1, 1], { size: [1, 1] }],
    [[2, 3, 7, 6], { size: [2, 2] }],
    [[2, 8, 16], { size: [2, 2] }],
    [[2, 2, 7, 6], { size: [3, 3], stride: [2, 2], padding: [1, 1] }],
    [[1, 2, 9, 17], { size: [3, 3], stride: [1, 1], padding: [1, 1] }],
    [[1, 2, 7, 6], { size: [3, 2], stride: [1, 2], padding: [1, 0] }],
    [[1, 2, 9, 9], { size: [5, 5], stride: [4, 3], padding: [2, 2] }],
    [[1, 2, 8, 7], { size: [3, 2], stride: [2, 3], padding: [1, 1], ceilMode: true }],
    [[0, 2, 4, 4], { size: [2, 2] }],
    [[1, 3, 5, 70], { size: [5, 3], stride: [1, 1] }],
  ],
  3: [
    [[1, 1, 1, 1, 1], { size: 1 }],
    [[2, 2, 5, 4, 6], { size: 2 }],
    [[2, 4, 5, 9], { size: [3, 2, 3], stride: [1, 2, 2], padding: [1, 0, 1] }],
    [[1, 2, 5, 6, 7], { size: [2, 3, 2], stride: [2, 2, 3], padding: [1, 1, 0], ceilMode: true }],
    [[0, 2, 4, 4, 4], { size: 2 }],
  ],
}
const LARGE: Readonly<Record<number, readonly (readonly [Shape, Window])[]>> = {
  1: [],
  2: [
    [[4, 16, 57, 61], { size: [3, 3], stride: [2, 2], padding: [1, 1] }],
    [[4, 16, 57, 61], { size: [2, 2] }],
  ],
  3: [[[2, 8, 13, 21, 23], { size: 3, stride: 2, padding: 1 }]],
}

function* windows(
  s: Sampler,
  r: number,
  variants: (w: Window) => readonly Partial<Window>[] = () => [{}],
): Iterable<Sample<Window>> {
  for (const [shape, window] of WINDOWS[r] ?? [])
    for (const v of variants(window)) yield { inputs: [s.distinct(shape)], args: { ...window, ...v } }
  for (const [shape, args] of LARGE[r] ?? []) yield { inputs: [s.values(shape)], args, large: true }
}

const LAYOUTS = ['', '(n, c, l) or (c, l)', '(n, c, h, w) or (c, h, w)', '(n, c, d, h, w) or (c, d, h, w)']

function errors(name: string, r: number, f: Pool<unknown>): Record<string, ErrorCase> {
  const image = (device: string): Tensor => ops.zeros([1, 1, 3, 5, 5].slice(0, r + 2), { device }) as Tensor
  return {
    rank: {
      call: (device) => f(ops.zeros([3], { device }), 2),
      code: 'SINTER_SHAPE',
      message: `${name}: takes ${LAYOUTS[r]}, got (3)`,
    },
    window: {
      call: (device) => f(image(device), 4),
      code: 'SINTER_SHAPE',
      message: `${name}: a window of 4 exceeds dimension 2 of (${[1, 1, 3, 5, 5].slice(0, r + 2).join(', ')}) with padding 0`,
    },
    // With padding there would be windows, of nothing but padding.
    empty: {
      call: (device) => f(ops.zeros([1, 1, 0, 5, 5].slice(0, r + 2), { device }), 2, { padding: 1 }),
      code: 'SINTER_SHAPE',
      message: `${name}: nothing to pool in (${[1, 1, 0, 5, 5].slice(0, r + 2).join(', ')}): a spatial dimension is 0`,
    },
    padding: {
      call: (device) => f(image(device), 2, { padding: 2 }),
      code: 'SINTER_VALUE',
      message: `${name}: padding 2 exceeds half of the window 2`,
    },
    reach: {
      call: (device) => f(image(device), 2 ** 24 + 1, { ceilMode: true }),
      code: 'SINTER_VALUE',
      message: `${name}: a window of ${2 ** 24 + 1} elements exceeds ${2 ** 24}`,
    },
  }
}

function maximum(r: number, f: Pool, withIndices: Pool<[Tensor, Tensor]>): OpSpec<Window>[] {
  const both: OpSpec<Window> = {
    name: `maxPool${r}dWithIndices`,
    ops: ['maxPool', 'maxPoolBackward'],
    dtypes: [...FLOATS, ...INTEGERS],
    *samples(s) {
      yield* windows(s, r)
      yield {
        inputs: [s.distinct([1, 1, 5, 7, 9].slice(0, 2 + r))],
        args: { size: 3, stride: 1, padding: 1, dilation: 2 },
      }
      if (!s.floating) return
      // A window that holds a NaN gives NaN; one of infinities, its infinity.
      const x = s.values([1, 2, 2, 4, 8].slice(0, 2 + r))
      for (const [i, v] of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].entries())
        x.values.fill(v, 11 * i, 11 * i + 3)
      yield { inputs: [x], args: { size: 2, stride: 1, padding: 1 }, differentiable: false }
    },
    call: ([x], { size, ...options }) => withIndices(x as Tensor, size, options),
    accuracy: { roundings: 0 },
    gradient: { kinks: 'equal maxima' },
    errors: errors(`maxPool${r}d`, r, withIndices),
  }
  return [
    both,
    {
      ...both,
      name: `maxPool${r}d`,
      samples: both.samples,
      call: ([x], { size, ...options }) => f(x as Tensor, size, options),
    },
  ]
}

function averages(r: number, f: Pool): OpSpec<Window> {
  return {
    name: `avgPool${r}d`,
    ops: ['avgPool', 'avgPoolBackward'],
    dtypes: FLOATS,
    samples: (s) => windows(s, r, (w) => (w.padding ? [{}, { countIncludePad: false }] : [{ divisorOverride: -3 }])),
    call: ([x], { size, ...options }) => f(x as Tensor, size, options),
    accuracy: {
      roundings: 2 + r,
      ...(r === 3 ? { composed: true } : {}),
      terms: (_, { size }) => (typeof size === 'number' ? size ** r : size.reduce((n: number, k: number) => n * k, 1)),
      magnitude: ([x], { size, divisorOverride, ...options }) =>
        f(
          ops.abs(x as Tensor),
          size,
          divisorOverride ? { ...options, divisorOverride: Math.abs(divisorOverride) } : options,
        ),
    },
    gradient: {},
    errors: {
      ...errors(`avgPool${r}d`, r, f),
      divisor: {
        call: (device) => f(ops.zeros([1, 5, 5, 5].slice(0, r + 1), { device }), 2, { divisorOverride: 0 }),
        code: 'SINTER_VALUE',
        message: `avgPool${r}d: divisorOverride 0 is not a finite number other than 0`,
      },
    },
  }
}

function powers(r: number, f: (x: Tensor, p: number, size: any, options?: any) => Tensor): OpSpec<any> {
  return {
    name: `lpPool${r}d`,
    ops: ['avgPool', 'avgPoolBackward', 'pow', 'mul'],
    dtypes: FLOATS,
    *samples(s) {
      const shape = [2, 3, 5, 6, 7].slice(0, r + 2)
      yield { inputs: [s.values(shape, { low: 0.5, high: 3 })], args: { p: 3, size: 2 } }
      yield { inputs: [s.values(shape, { avoid: [0] })], args: { p: 2, size: 3, options: { stride: 2 } } }
      yield {
        inputs: [s.values(shape.slice(1), { low: 0.5, high: 3 })],
        args: { p: 1.5, size: 2, options: { ceilMode: true } },
      }
    },
    call: ([x], { p, size, options }) => f(x as Tensor, p, size, options),
    accuracy: { roundings: 8, terms: (_, { size }) => size ** r, composed: true },
    gradient: { roundings: 40 },
    errors: {
      power: {
        call: (device) => f(ops.zeros([1, 5, 5, 5].slice(0, r + 1), { device }), 0, 2),
        code: 'SINTER_VALUE',
        message: `lpPool${r}d: power 0 is not a finite number other than 0`,
      },
    },
  }
}

export const specs: readonly OpSpec[] = [
  ...maximum(1, ops.maxPool1d, ops.maxPool1dWithIndices),
  ...maximum(2, ops.maxPool2d, ops.maxPool2dWithIndices),
  ...maximum(3, ops.maxPool3d, ops.maxPool3dWithIndices),
  averages(1, ops.avgPool1d),
  averages(2, ops.avgPool2d),
  averages(3, ops.avgPool3d),
  powers(1, ops.lpPool1d),
  powers(2, ops.lpPool2d),
  powers(3, ops.lpPool3d),
]
