/** Adaptive and fractional pooling and max unpooling: lib/ops/pool-adaptive.ts, lib/ops/unpool.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type OpSpec, type Sample } from '../opspec/spec.js'

const IMAGE: Shape = [2, 3, 4, 5, 7]
const LARGE: readonly Shape[] = [[], [16, 16, 311], [2, 16, 57, 61], [2, 8, 13, 21, 23]]
const SIZES: Readonly<Record<number, readonly any[]>> = {
  1: [1, 3, 9],
  2: [[1, 1], [3, 2], [7, 8], 5, [null, 7]],
  3: [1, [3, 2, 4], [null, 7, 3], [5, 6, 8]],
}

interface Adaptive {
  size: any
}
function* adaptive(s: Sampler, r: number): Iterable<Sample<Adaptive>> {
  const shape = IMAGE.slice(0, 2).concat(IMAGE.slice(-r))
  for (const size of SIZES[r] as []) yield { inputs: [s.distinct(shape)], args: { size } }
  yield { inputs: [s.distinct(shape.slice(1))], args: { size: 2 } }
  yield { inputs: [s.values([0, ...shape.slice(1)])], args: { size: 2 } }
  yield { inputs: [s.values(LARGE[r] as Shape)], args: { size: 7 }, large: true }
}

/** For the same function with fewer results. */
const few = <A>(samples: Iterable<Sample<A>>): Sample<A>[] => [...samples].slice(0, 2)

const LAYOUTS = ['', '(n, c, l) or (c, l)', '(n, c, h, w) or (c, h, w)', '(n, c, d, h, w) or (c, d, h, w)']
const errors = (name: string, r: number, f: (x: Tensor, size: any) => unknown): NonNullable<OpSpec['errors']> => ({
  rank: {
    call: (device) => f(ops.zeros([3], { device }), 1),
    code: 'SINTER_SHAPE',
    message: `${name}: takes ${LAYOUTS[r]}, got (3)`,
  },
  size: {
    call: (device) => f(ops.zeros([1, 1, 3, 5, 5].slice(0, r + 2), { device }), 0),
    code: 'SINTER_VALUE',
    message: `${name}: size 0 is not an integer of at least 1`,
  },
})

function averages(r: number, f: (x: Tensor, size: any) => Tensor): OpSpec<Adaptive> {
  return {
    name: `adaptiveAvgPool${r}d`,
    ops: ['adaptiveAvgPool2d', 'adaptiveAvgPool2dBackward'],
    dtypes: FLOATS,
    samples: (s) => adaptive(s, r),
    call: ([x], { size }) => f(x as Tensor, size),
    accuracy: {
      roundings: 2 + r,
      ...(r === 3 ? { composed: true } : {}),
      terms: ([x]) => (x?.shape.slice(-r) ?? []).reduce((n, d) => n * d, 1),
      magnitude: ([x], { size }) => f(ops.abs(x as Tensor), size),
    },
    gradient: {},
    errors: errors(`adaptiveAvgPool${r}d`, r, f),
  }
}

/** Samples with what vector code and ties get wrong: NaNs, infinities, equal elements. */
function* withSpecials(s: Sampler, r: number): Iterable<Sample<Adaptive>> {
  yield* adaptive(s, r)
  const x = s.values([1, 2, 3, 6, 19].slice(0, 1).concat([2], [3, 6, 19].slice(-r)))
  for (let i = 0; i < x.values.length; i++) x.values[i] = Math.round(x.values[i] as number)
  for (const [i, v] of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].entries())
    x.values.fill(v, 9 * i, 9 * i + 5)
  yield { inputs: [x], args: { size: [3, 4, 5].slice(-r) }, differentiable: false }
}

function maxima(
  r: number,
  f: (x: Tensor, size: any) => Tensor,
  withIndices: (x: Tensor, size: any) => [Tensor, Tensor],
): OpSpec<Adaptive>[] {
  const both: OpSpec<Adaptive> = {
    name: `adaptiveMaxPool${r}dWithIndices`,
    ops: ['adaptiveMaxPool', 'maxPoolBackward'],
    dtypes: FLOATS,
    samples: (s) => withSpecials(s, r),
    call: ([x], { size }) => withIndices(x as Tensor, size),
    accuracy: { roundings: 0 },
    gradient: { kinks: 'equal maxima' },
    errors: errors(`adaptiveMaxPool${r}d`, r, withIndices),
  }
  return [
    both,
    {
      ...both,
      name: `adaptiveMaxPool${r}d`,
      samples: (s) => few(both.samples(s)),
      call: ([x], { size }) => f(x as Tensor, size),
    },
  ]
}

interface Fractional {
  size: any
  outputSize?: any
  outputRatio?: any
}
function fractional(
  r: number,
  f: (x: Tensor, size: any, options: any) => Tensor,
  withIndices: (x: Tensor, size: any, options: any) => [Tensor, Tensor],
): OpSpec<Fractional>[] {
  const shape = IMAGE.slice(0, 2).concat(IMAGE.slice(-r))
  const both: OpSpec<Fractional> = {
    name: `fractionalMaxPool${r}dWithIndices`,
    ops: ['fractionalMaxPool', 'maxPoolBackward'],
    dtypes: FLOATS,
    *samples(s) {
      // Sixteenths, so that no rounding moves a window.
      const samples = (lead: Shape): any => {
        const drawn = s.indices([...lead, r], 0, 16)
        return { shape: drawn.shape, values: drawn.values.map((v) => v / 16), constant: true }
      }
      yield { inputs: [s.distinct(shape), samples([2, 3])], args: { size: 2, outputSize: 3 } }
      yield { inputs: [s.distinct(shape.slice(1)), samples([3])], args: { size: 2, outputRatio: 0.5 } }
      yield { inputs: [s.distinct(shape), samples([2, 3])], args: { size: [1, 2, 3].slice(-r), outputSize: 1 } }
      const [n, c] = LARGE[r] as [number, number]
      yield { inputs: [s.values(LARGE[r] as Shape), samples([n, c])], args: { size: 3, outputSize: 9 }, large: true }
    },
    call: ([x, samples], { size, ...options }) => withIndices(x as Tensor, size, { ...options, samples }),
    accuracy: { roundings: 0 },
    gradient: { kinks: 'equal maxima' },
    errors: {
      either: {
        call: (device) => f(ops.zeros(shape, { device }) as Tensor, 2, {}),
        code: 'SINTER_VALUE',
        message: `fractionalMaxPool${r}d: takes either outputSize or outputRatio`,
      },
      room: {
        call: (device) => f(ops.zeros(shape, { device }) as Tensor, 2, { outputSize: 7 }),
        code: 'SINTER_SHAPE',
        message: `fractionalMaxPool${r}d: 7 windows of 2 do not fit dimension 2 of (${shape.join(', ')})`,
      },
      samples: {
        call: (device) =>
          f(ops.zeros(shape, { device }) as Tensor, 2, { outputSize: 2, samples: ops.zeros([1, r], { device }) }),
        code: 'SINTER_SHAPE',
        message: `fractionalMaxPool${r}d: samples (1, ${r}), expected (2, 3, ${r})`,
      },
    },
  }
  return [
    both,
    {
      ...both,
      name: `fractionalMaxPool${r}d`,
      samples: (s) => few(both.samples(s)),
      call: ([x, samples], { size, ...options }) => f(x as Tensor, size, { ...options, samples }),
    },
  ]
}

interface Unpool {
  size: any
  stride?: any
  padding?: any
  outputSize?: Shape
}
function unpooling(
  r: number,
  f: (x: Tensor, indices: Tensor, size: any, options?: any) => Tensor,
  pool: (x: Tensor, size: any, options: any) => [Tensor, Tensor],
): OpSpec<Unpool> {
  const shape = IMAGE.slice(0, 2).concat(IMAGE.slice(-r))
  const spatial = shape.slice(2)
  return {
    name: `maxUnpool${r}d`,
    ops: ['maxUnpool', 'gather'],
    dtypes: FLOATS,
    *samples(s) {
      // Windows that do not overlap, so that no place is taken twice.
      for (const [lead, args] of [
        [[2, 3], { size: 2, outputSize: shape }],
        [[3], { size: 2, outputSize: spatial }],
        [[0, 3], { size: 2, outputSize: spatial }],
      ] as const) {
        const image = ops.tensor(s.distinct([...lead, ...spatial]).values, {
          dtype: 'f64',
          shape: [...lead, ...spatial],
        })
        const [y, at] = pool(image as Tensor, 2, {})
        yield {
          inputs: [
            s.values(y.shape),
            { shape: y.shape, values: Float64Array.from(at.dataSync(), Number), dtype: 'i64' },
          ],
          args,
        }
      }
      // Places taken twice keep the later value, and give both their gradient.
      const n = new Array<number>(r).fill(2)
      yield {
        inputs: [s.values([1, 1, ...n]), s.indices([1, 1, ...n], 0, 2)],
        args: { size: 3, stride: 2, padding: 1 },
        byDifferences: false,
      }
    },
    call: ([x, indices], { size, ...options }) => f(x as Tensor, indices as Tensor, size, options),
    accuracy: { roundings: 0 },
    gradient: {},
    errors: {
      indices: {
        call: (device) =>
          f(
            ops.zeros([1, ...spatial], { device }) as Tensor,
            ops.zeros([2, ...spatial], { device, dtype: 'i64' }) as Tensor,
            2,
          ),
        code: 'SINTER_SHAPE',
        message: `maxUnpool${r}d: indices are (2, ${spatial.join(', ')}), values (1, ${spatial.join(', ')})`,
      },
      size: {
        call: (device) => {
          const x = ops.zeros([1, 1, ...spatial], { device }) as Tensor
          const at = ops.zeros([1, 1, ...spatial], { device, dtype: 'i64' }) as Tensor
          return f(x, at, 2, { outputSize: spatial })
        },
        code: 'SINTER_VALUE',
        message: `maxUnpool${r}d: size ${spatial[0]} of axis ${-r} is not between ${2 * (spatial[0] as number) - 2} and ${2 * (spatial[0] as number) + 2}, exclusive`,
      },
    },
  }
}

export const specs: readonly OpSpec[] = [
  averages(1, ops.adaptiveAvgPool1d),
  averages(2, ops.adaptiveAvgPool2d),
  averages(3, ops.adaptiveAvgPool3d),
  ...maxima(1, ops.adaptiveMaxPool1d, ops.adaptiveMaxPool1dWithIndices),
  ...maxima(2, ops.adaptiveMaxPool2d, ops.adaptiveMaxPool2dWithIndices),
  ...maxima(3, ops.adaptiveMaxPool3d, ops.adaptiveMaxPool3dWithIndices),
  ...fractional(2, ops.fractionalMaxPool2d, ops.fractionalMaxPool2dWithIndices),
  ...fractional(3, ops.fractionalMaxPool3d, ops.fractionalMaxPool3dWithIndices),
  unpooling(1, ops.maxUnpool1d, ops.maxPool1dWithIndices),
  unpooling(2, ops.maxUnpool2d, ops.maxPool2dWithIndices),
  unpooling(3, ops.maxUnpool3d, ops.maxPool3dWithIndices),
]
