/** The loss of a linear layer in chunks of rows: lib/ops/linearCrossEntropy.ts. */
import type { LinearCrossEntropyOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec } from '../opspec/spec.js'

type Args = Pick<LinearCrossEntropyOptions, 'reduction' | 'ignoreIndex' | 'labelSmoothing' | 'chunk'>

const OPTIONS: readonly Args[] = [
  {},
  { chunk: 1 },
  { reduction: 'sum', chunk: 3 },
  { reduction: 'none', chunk: 2, ignoreIndex: 1 },
  { labelSmoothing: 0.2, chunk: 4, ignoreIndex: 1 },
]

function operands(s: Sampler, n: number, k: number, c: number, bias: boolean, weighted: boolean): (Input | null)[] {
  const target = s.indices([n], 0, c)
  // At least one target that is not ignored.
  target.values[0] = 0
  const weight = { ...s.values([c], { low: 0.2, high: 2 }), constant: true }
  return [s.values([n, k]), s.values([c, k]), target, bias ? s.values([c]) : null, weighted ? weight : null]
}

const linearCrossEntropy: OpSpec<Args> = {
  name: 'linearCrossEntropy',
  ops: ['matmul', 'crossEntropy', 'crossEntropyInto', 'matmulInto'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [i, args] of OPTIONS.entries()) {
      yield { inputs: operands(s, 7, 5, 9, i % 2 === 0, i % 3 === 0), args }
      yield { inputs: operands(s, 4, 3, 2, i % 2 === 1, i % 3 === 1), args }
    }
    yield { inputs: operands(s, 33, 20, 65, true, true), args: { chunk: 10 } }
    const vector = [s.values([5]), s.values([3, 5]), s.indices([], 0, 3), s.values([3]), null]
    yield { inputs: vector, args: { reduction: 'none' } }
    const planes = [s.values([2, 5]), s.values([3, 2, 5]), s.indices([2, 2], 0, 3), s.values([3, 2]), null]
    yield { inputs: planes, args: {} }
    yield { inputs: [s.values([3, 2]), s.values([4, 2]), s.values([3, 4], { low: 0, high: 1 }), null, null], args: {} }
    yield { inputs: [s.values([0, 2]), s.values([4, 2]), s.indices([0], 0, 4), null, null], args: { reduction: 'sum' } }
    yield { inputs: operands(s, 301, 40, 203, true, false), args: { chunk: 128 }, large: true }
  },
  call: ([x, w, target, bias, weight], options) =>
    ops.linearCrossEntropy(x as Tensor, w as Tensor, target as Tensor, {
      ...options,
      linearBias: bias ?? null,
      weight: weight ?? null,
    }),
  accuracy: {
    roundings: 20,
    composed: true,
    serial: true,
    terms: ([x, w]) => (x?.shape.at(-1) ?? 0) + (w?.shape[0] ?? 0) + (x?.shape[0] ?? 0),
    magnitude: 'norm',
  },
  gradient: { roundings: 40 },
  errors: {
    shapes: {
      call: (device) =>
        ops.linearCrossEntropy(
          ops.zeros([4, 3], { device }),
          ops.zeros([2, 4], { device }),
          ops.zeros([4], { device, dtype: 'i64' }),
        ),
      code: 'SINTER_SHAPE',
      message: 'linearCrossEntropy: x (4, 3) and weights (2, 4) do not fit',
    },
    targets: {
      call: (device) =>
        ops.linearCrossEntropy(
          ops.zeros([4, 3], { device }),
          ops.zeros([2, 3], { device }),
          ops.zeros([3], { device, dtype: 'i64' }),
        ),
      code: 'SINTER_SHAPE',
      message: 'linearCrossEntropy: x (4, 3) takes targets (4), got (3)',
    },
    chunk: {
      call: (device) =>
        ops.linearCrossEntropy(
          ops.zeros([4, 3], { device }),
          ops.zeros([2, 3], { device }),
          ops.zeros([4], { device, dtype: 'i64' }),
          { chunk: 0 },
        ),
      code: 'SINTER_VALUE',
      message: 'linearCrossEntropy: chunk is 0, expected a positive integer',
    },
    'out of range': {
      call: (device) =>
        ops
          .linearCrossEntropy(
            ops.zeros([1, 3], { device }),
            ops.zeros([2, 3], { device }).requiresGrad_(),
            ops.full([1], 2, { device, dtype: 'i64' }),
          )
          .dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'crossEntropyInto: index 2 is out of range for 2 classes',
    },
  },
}

export const specs: readonly OpSpec[] = [linearCrossEntropy]
