/** Searching, counting and distinct elements: lib/ops/search.ts, lib/ops/histogram.ts, lib/ops/unique.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { isFloating } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { INTEGERS, type Input, type OpSpec, REALS } from '../opspec/spec.js'

/** Values with their lines in rising order. */
function rising(s: Sampler, shape: Shape): Input {
  const x = s.values(shape)
  const n = shape.at(-1) as number
  for (let at = 0; at < x.values.length; at += n) x.values.subarray(at, at + n).sort()
  return x
}

const searching = { accuracy: { roundings: 0 }, gradient: null, result: () => 'i64' as const }

const searchSorted: OpSpec<ops.SearchOptions & { number?: number }> = {
  ...searching,
  name: 'searchSorted',
  ops: ['searchSorted'],
  dtypes: REALS,
  *samples(s) {
    for (const [line, values] of [
      [[5], []],
      [[17], [33]],
      [[9], [3, 20]],
      [
        [2, 9],
        [2, 5],
      ],
      [[0], [3]],
      [
        [3, 0],
        [3, 2],
      ],
      [
        [3, 4],
        [3, 0],
      ],
    ] as const) {
      const sorted = line.at(-1) === 0 ? s.values(line) : rising(s, line)
      // The line's own elements among the values: where right makes a difference.
      const wanted = s.values(values)
      wanted.values.forEach((_, i) => {
        if (i % 2 && sorted.values.length > 0) wanted.values[i] = sorted.values[i % sorted.values.length] as number
      })
      yield { inputs: [sorted, wanted, null], args: {} }
      yield { inputs: [sorted, wanted, null], args: { right: true } }
    }
    yield { inputs: [rising(s, [7]), s.specials(), null], args: { side: 'right' } }
    yield { inputs: [s.given([3, 1, 2]), s.given([0, 1, 2, 3, 4]), s.given([1, 2, 0])], args: {} }
    yield { inputs: [rising(s, [7]), null, null], args: { number: 1 } }
    yield { inputs: [rising(s, [301]), s.values([9001]), null], args: {}, large: true }
  },
  call: ([sorted, values, sorter], { number, ...options }) =>
    ops.searchSorted(sorted as Tensor, number ?? (values as Tensor), {
      ...options,
      ...(sorter ? { sorter: sorter.to('i64') as Tensor } : {}),
    }),
  errors: {
    shapes: {
      call: (device) => ops.searchSorted(ops.zeros([2, 3], { device }), ops.zeros([3, 2], { device })),
      code: 'SINTER_SHAPE',
      message: 'searchSorted: values (3, 2) do not fit sorted lines (2, 3)',
    },
    'a sorter out of range': {
      call: (device) =>
        ops
          .searchSorted(ops.zeros([2], { device }), ops.zeros([1], { device }), {
            sorter: ops.tensor([0, 2], { dtype: 'i64', device }),
          })
          .dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: "searchSorted: the sorter's index 2 is out of range for 2 elements",
    },
  },
}

const bucketize: OpSpec<ops.SearchOptions> = {
  ...searching,
  result: () => 'i32',
  name: 'bucketize',
  ops: ['searchSorted'],
  dtypes: REALS,
  *samples(s) {
    for (const right of [false, true])
      yield { inputs: [s.values([3, 5]), rising(s, [4])], args: { right, outInt32: true } }
  },
  call: ([x, boundaries], { right, outInt32 }) =>
    ops.bucketize(x as Tensor, boundaries as Tensor, { right: right ?? false, outInt32: outInt32 ?? false }),
  errors: {
    boundaries: {
      call: (device) => ops.bucketize(1, ops.zeros([2, 2], { device })),
      code: 'SINTER_SHAPE',
      message: 'bucketize: boundaries are (2, 2), not a vector',
    },
  },
}

const histc: OpSpec<{ bins: number; min?: number; max?: number }> = {
  name: 'histc',
  ops: ['binCount'],
  dtypes: ['f32', 'f64'],
  *samples(s) {
    yield { inputs: [s.values([])], args: { bins: 4 } }
    yield { inputs: [s.values([3, 50])], args: { bins: 7 } }
    yield { inputs: [s.values([3, 50])], args: { bins: 5, min: -1, max: 2 } }
    yield { inputs: [s.specials()], args: { bins: 5, min: -1, max: 2 } }
    yield { inputs: [s.values([0])], args: { bins: 3 } }
    yield { inputs: [s.values([60_001])], args: { bins: 9, min: -3, max: 3 }, large: true }
  },
  call: ([x], { bins, min, max }) => ops.histc(x as Tensor, bins, min, max),
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    bins: {
      call: (device) => ops.histc(ops.zeros([3], { device }), 0),
      code: 'SINTER_VALUE',
      message: 'histc: 0 bins; at least 1 is needed',
    },
  },
}

interface HistogramArgs {
  bins?: number | number[]
  range?: number[]
  density?: boolean
}
const optional = (args: HistogramArgs, weight: Tensor | null | undefined): ops.HistogramOptions => ({
  ...(args.range ? { range: args.range } : {}),
  ...(weight ? { weight } : {}),
  density: args.density ?? false,
})
const counting: Pick<OpSpec, 'accuracy' | 'gradient' | 'dtypes'> = {
  dtypes: ['f32', 'f64'],
  accuracy: { roundings: 12, magnitude: 'norm', composed: true },
  gradient: null,
}

const histogram: OpSpec<HistogramArgs> = {
  ...counting,
  name: 'histogram',
  ops: ['searchSorted', 'binCount'],
  *samples(s) {
    yield { inputs: [s.values([3, 50]), null, null], args: { bins: 7 } }
    yield { inputs: [s.values([3, 50]), null, s.values([3, 50])], args: { bins: 5, range: [-2, 2] } }
    yield { inputs: [s.values([40]), s.given([-2, -1, 0.5, 3]), null], args: { density: true } }
    yield { inputs: [s.given([1, 1]), null, null], args: { bins: 2 } }
  },
  call: ([x, edges, weight], args) =>
    ops.histogram(x as Tensor, edges ?? (args.bins as number), optional(args, weight)),
  errors: {
    weight: {
      call: (device) => ops.histogram(ops.zeros([3], { device }), 2, { weight: ops.zeros([2], { device }) }),
      code: 'SINTER_SHAPE',
      message: 'histogram: the weight is (2), the tensor (3)',
    },
  },
}

const histogramdd: OpSpec<HistogramArgs> = {
  ...counting,
  name: 'histogramdd',
  ops: ['searchSorted', 'binCount'],
  *samples(s) {
    yield { inputs: [s.values([50, 2]), null, null, null], args: { bins: [3, 4] } }
    yield {
      inputs: [s.values([50, 2]), null, null, s.values([50])],
      args: { bins: 3, range: [-2, 2, -1, 3], density: true },
    }
    yield { inputs: [s.values([40, 2]), s.given([-2, 0, 1]), s.given([-1, 0, 2, 3]), null], args: {} }
  },
  call: ([x, a, b, weight], args) => {
    const [counts, edges] = ops.histogramdd(
      x as Tensor,
      a ? [a, b as Tensor] : (args.bins as number),
      optional(args, weight),
    )
    return [counts, ...edges]
  },
  errors: {
    dimensions: {
      call: (device) => ops.histogramdd(ops.zeros([3, 2], { device }), [1, 2, 3]),
      code: 'SINTER_SHAPE',
      message: 'histogramdd: bins of 3 dimensions for points of 2',
    },
  },
}

const bincount: OpSpec<{ minLength?: number }> = {
  name: 'bincount, bincountSync',
  ops: ['binCount', 'amin', 'amax'],
  dtypes: INTEGERS,
  refuses: ['f32', 'bool', 'c64'],
  result: (_, k) => (k === 0 ? 'i64' : 'f32'),
  *samples(s) {
    const draw = (n: number): Input => ({ shape: [n], values: s.indices([n], 0, 9).values })
    for (const args of [{}, { minLength: 20 }]) yield { inputs: [draw(33), s.indices([33], 0, 4, 'f32')], args }
    yield { inputs: [draw(0), s.indices([0], 0, 4, 'f32')], args: {} }
    yield { inputs: [draw(50_001), s.indices([50_001], 0, 4, 'f32')], args: {}, large: true }
  },
  call: ([x, weights], args) => [
    ops.bincountSync(x as Tensor, args),
    ops.bincountSync(x as Tensor, { ...args, weights: (weights as Tensor).to('f32') as Tensor }),
  ],
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    negative: {
      call: (device) => ops.bincountSync(ops.tensor([1, -2], { dtype: 'i64', device }) as Tensor),
      code: 'SINTER_VALUE',
      message: 'bincount: the tensor contains -2; it takes integers of at least 0',
    },
  },
}

const distinct = (name: string, f: typeof ops.uniqueSync): OpSpec<ops.UniqueOptions> => ({
  name: `${name}, ${name}Sync`,
  ops: name === 'unique' ? ['sort', 'sortRows', 'uniqueRuns'] : ['uniqueRuns'],
  dtypes: REALS,
  *samples(s) {
    const few = (shape: Shape): Input => ({ shape, values: s.indices(shape, 0, s.dtype === 'bool' ? 2 : 3).values })
    for (const input of [few([]), few([1]), few([40]), few([3, 5]), few([0]), s.values([65]), s.specials()])
      yield { inputs: [input], args: {} }
    for (const axis of [0, 1, -1]) yield { inputs: [few([4, 3, 2])], args: { axis } }
    yield { inputs: [few([5, 1])], args: { axis: 0 } }
    yield { inputs: [few([0, 3])], args: { axis: 0 } }
    yield { inputs: [s.values([40_001])], args: {}, large: true }
    if (isFloating(s.dtype)) yield { inputs: [few([20_001, 2])], args: { axis: 0 }, large: true }
  },
  call: ([x], options) => {
    const y = f(x as Tensor, options)
    return [y.values, y.inverse, y.counts]
  },
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    axis: {
      call: (device) => f(ops.zeros([2], { device }), { axis: 1 }),
      code: 'SINTER_SHAPE',
      message: `${name}: axis 1 is out of range for 1 dimensions`,
    },
  },
})

export const specs: readonly OpSpec[] = [
  searchSorted,
  bucketize,
  histc,
  histogram,
  histogramdd,
  bincount,
  distinct('unique', ops.uniqueSync),
  distinct('uniqueConsecutive', ops.uniqueConsecutiveSync),
]
