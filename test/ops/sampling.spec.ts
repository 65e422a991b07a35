/** Random numbers that are composed or have two parameters an element: lib/ops/distributions.ts, gumbel.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const generator = (): ops.Generator => new ops.Generator(2 ** 40 + 11)
const BAD = 'its probability is not in [0, 1]'

const successes: OpSpec<null> = {
  name: 'binomial',
  ops: ['binomial'],
  dtypes: FLOATS,
  oracle: (d) => d,
  *samples(s) {
    yield {
      inputs: [s.given([0, 1, 5, 5, 20, 100, 100, 250, 2.75]), s.given([0.5, 1, 0, 0.25, 0.75, 0.5, 0.0625, 0.875, 1])],
      args: null,
    }
    for (const n of [0, 1, 1009])
      yield { inputs: [s.values([n], { low: 0, high: 200 }), s.values([n], { low: 0, high: 1 })], args: null }
    yield { inputs: [s.values([3, 1], { low: 0, high: 99 }), s.values([4], { low: 0, high: 1 })], args: null }
    const shape = [3, 2000]
    yield {
      inputs: [s.values(shape, { low: 0, high: 200 }), s.values(shape, { low: 0, high: 1 })],
      args: null,
      large: true,
    }
  },
  call: ([n, p]) => ops.binomial(n as Tensor, p as Tensor, { generator: generator() }),
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    count: {
      call: (device) => ops.binomial(ops.tensor([1, -1], { device }), ops.full([], 0.5, { device })).dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: `binomial: the count at position 1 is negative, NaN or above 2^52, or ${BAD}`,
    },
    probability: {
      call: (device) => ops.binomial(ops.tensor([3], { device }), ops.tensor([1.5], { device })).dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: `binomial: the count at position 0 is negative, NaN or above 2^52, or ${BAD}`,
    },
  },
}

const truncated: OpSpec<{ shape: Shape; parameters: [number, number, number, number]; dtype: DType }> = {
  name: 'truncatedNormal',
  ops: ['uniform', 'ndtr', 'ndtri'],
  dtypes: FLOATS,
  oracle: (d) => d,
  *samples(s) {
    for (const parameters of [
      [0, 1, -2, 2],
      [3, 0.5, 3.5, 5],
      [-1, 2, -30, 0],
      [0, 1, 9, 10],
    ] as const)
      for (const shape of [[], [0], [33], [4, 5]])
        yield { inputs: [], args: { shape, parameters: [...parameters], dtype: s.dtype } }
  },
  call: (_, { shape, parameters, dtype }, device) =>
    ops.truncatedNormal(shape, ...parameters, { dtype, device, generator: generator() }),
  accuracy: { roundings: 2, magnitude: 'norm' },
  gradient: null,
  refuses: [],
  errors: {
    bounds: {
      call: (device) => ops.truncatedNormal([2], 0, 1, 2, -2, { device }),
      code: 'SINTER_VALUE',
      message:
        'truncatedNormal: standard deviation 1 and bounds 2 to -2; the first must be above 0, and the bounds in order',
    },
    dtype: {
      call: (device) => ops.truncatedNormal([2], 0, 1, -2, 2, { device, dtype: 'i32' }),
      code: 'SINTER_DTYPE',
      message: 'truncatedNormal: i32 is not a floating-point dtype',
    },
  },
}

type Categories = { axis?: number; tau?: number; hard?: boolean }
const gumbel = (hard: boolean): OpSpec<Categories> => ({
  name: hard ? 'gumbelSoftmax hard' : 'gumbelSoftmax',
  ops: hard ? ['exponential', 'softmax', 'argmax'] : ['exponential', 'softmax'],
  dtypes: FLOATS,
  refuses: ['c64', 'c128'],
  oracle: (d) => d,
  *samples(s) {
    for (const args of [{}, { axis: 0 }, { tau: 0.5 }] as Categories[])
      for (const shape of [[4], [3, 5], [2, 3, 2]])
        yield { inputs: [s.values(shape)], args: { ...args, hard }, ...(hard ? { byDifferences: false } : {}) }
    yield { inputs: [s.values([0, 3])], args: { hard } }
  },
  call: ([x], args) => ops.gumbelSoftmax(x as Tensor, { ...args, generator: generator() }),
  accuracy: { roundings: hard ? 0 : 12, composed: true, magnitude: 'norm' },
  gradient: { roundings: 24 },
  errors: {
    tau: {
      call: (device) => ops.gumbelSoftmax(ops.zeros([2], { device }), { tau: 0 }),
      code: 'SINTER_VALUE',
      message: 'gumbelSoftmax: tau 0; the temperature must be above 0',
    },
  },
})

export const specs: readonly OpSpec[] = [successes, truncated, gumbel(false), gumbel(true)]
