/** Embedding, gather and their kin: lib/ops/indexing.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type ErrorCase, FLOATS, INTEGERS, type OpName, type OpSpec, REALS } from '../opspec/spec.js'

const INDEX_DTYPES = ['i64', 'i32'] as const
const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]

const outOfRange = (call: (device: string) => Tensor, op: string, message: string): ErrorCase => ({
  call: (device) => call(device).dataSync(),
  code: 'SINTER_INDEX_OUT_OF_RANGE',
  message: `${op}: ${message}`,
})
const indices = (values: number[], device: string, shape: Shape = [values.length]): Tensor =>
  ops.tensor(values, { dtype: 'i64', device, shape }) as Tensor

const embedding: OpSpec<{ paddingIndex?: number }> = {
  name: 'embedding',
  ops: ['embedding', 'embeddingBackward'],
  dtypes: FLOATS,
  refuses: [],
  *samples(s) {
    for (const dtype of INDEX_DTYPES) {
      for (const [weight, at] of [
        [[7, 3], [5]],
        [
          [7, 8],
          [2, 5],
        ],
        [[3, 17], []],
        [[1, 1], [9]],
        [[5, 33], [0]],
        [[5, 0], [3]],
      ] as const) {
        yield { inputs: [s.values(weight), s.indices(at, 0, weight[0], dtype)], args: {} }
      }
    }
    // Repeated rows add up; the padding row gets nothing.
    yield { inputs: [s.values([3, 9]), s.indices([4, 33], 0, 3)], args: {} }
    yield { inputs: [s.values([3, 9]), s.indices([4, 33], 0, 3)], args: { paddingIndex: 1 }, byDifferences: false }
    yield { inputs: [s.values([3, 9]), s.indices([4, 33], 0, 3)], args: { paddingIndex: -1 }, byDifferences: false }
    yield { inputs: [s.values([511, 65]), s.indices([33, 91], 0, 511)], args: {}, large: true }
  },
  call: ([weight, at], options) => ops.embedding(weight as Tensor, at as Tensor, options),
  accuracy: { roundings: 0 },
  gradient: { once: true, roundings: 1 },
  errors: {
    'index dtype': {
      call: (device) => ops.embedding(ops.zeros([3, 2], { device }), ops.zeros([2], { device })),
      code: 'SINTER_DTYPE',
      message: 'embedding: indices are f32, not i64 or i32',
    },
    rank: {
      call: (device) => ops.embedding(ops.zeros([3], { device }), indices([0], device)),
      code: 'SINTER_SHAPE',
      message: 'embedding: the weight is (3), not (rows, n)',
    },
    'out of range': outOfRange(
      (device) => ops.embedding(ops.zeros([3, 2], { device }), indices([0, 3], device)),
      'embedding',
      'index 3 is out of range for 3 rows',
    ),
  },
}

const CASES: readonly (readonly [Shape, number, Shape])[] = [
  [[5], 0, [3]],
  [[3, 4, 5], 0, [2, 3, 4]],
  [[3, 4, 5], 1, [2, 3, 4]],
  [[3, 4, 5], 2, [2, 3, 9]],
  [[3, 4, 5], -1, [3, 4, 5]],
  [[4, 33], 0, [9, 33]],
  [[4, 33], 1, [4, 65]],
  [[4, 3], 1, [4, 0]],
]

const along = (
  name: 'gather' | 'scatterAdd' | 'indexSelect' | 'indexAdd',
  dtypes: readonly DType[],
  rows: readonly OpName[],
  whole: boolean,
  source: boolean,
  call: (x: Tensor, axis: number, at: Tensor, src: Tensor) => Tensor,
  message: string,
): OpSpec<{ axis: number }> => ({
  name,
  ops: rows,
  dtypes,
  refuses: source ? ['c64', 'c128'] : [],
  *samples(s) {
    const cases = s.floating ? [...CASES, [[130, 301], 0, [200, 301]] as const] : CASES
    for (const [shape, axis, chosen] of cases) {
      const size = shape.at(axis) as number
      const k = chosen.at(axis) as number
      const slices = shape.map((d, i) => (i === (axis + shape.length) % shape.length ? k : d))
      for (const dtype of INDEX_DTYPES) {
        const at = s.indices(whole ? chosen : [k], 0, size, dtype)
        yield {
          inputs: [s.values(shape), at, ...(source ? [s.values(whole ? chosen : slices)] : [])],
          args: { axis },
          ...(size > 100 ? { large: true } : {}),
        }
      }
    }
  },
  call: ([x, at, src], { axis }) => call(x as Tensor, axis, at as Tensor, src as Tensor),
  // Every index may be the same one.
  accuracy: source
    ? {
        roundings: 1,
        // Half-precision sums round at every step.
        composed: true,
        terms: ([, at]) => (at?.values.length ?? 0) + 1,
        magnitude: ([x, at, src], { axis }) => call(ops.abs(x as Tensor), axis, at as Tensor, ops.abs(src as Tensor)),
      }
    : { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    'index dtype': {
      call: (device) => call(ops.zeros([3], { device }), 0, ops.zeros([2], { device }), ops.zeros([2], { device })),
      code: 'SINTER_DTYPE',
      message: `${name}: indices are f32, not i64 or i32`,
    },
    shapes: {
      call: (device) =>
        call(
          ops.zeros([2, 3], { device }),
          1,
          indices([0, 0, 0, 0, 0, 0], device, [3, 2, 1]),
          ops.zeros([2], { device }),
        ),
      code: 'SINTER_SHAPE',
      message,
    },
    'out of range': outOfRange(
      (device) => call(ops.zeros([3], { device }), 0, indices([0, 3], device), ops.zeros([2], { device })),
      name,
      'index 3 is out of range for 3 entries of the axis',
    ),
    negative: outOfRange(
      (device) => call(ops.zeros([3], { device }), 0, indices([-1, 0], device), ops.zeros([2], { device })),
      name,
      'index -1 is out of range for 3 entries of the axis',
    ),
  },
})

export const specs: readonly OpSpec[] = [
  embedding,
  along(
    'gather',
    REALS,
    ['gather', 'scatterAdd'],
    true,
    false,
    ops.gather,
    'gather: indices (3, 2, 1) do not fit (2, 3) beside axis 1',
  ),
  along(
    'scatterAdd',
    NUMBERS,
    ['scatterAdd', 'gather'],
    true,
    true,
    ops.scatterAdd,
    'scatterAdd: indices (3, 2, 1) do not fit (2, 3) beside axis 1',
  ),
  along(
    'indexSelect',
    REALS,
    ['indexSelect', 'indexAdd'],
    false,
    false,
    ops.indexSelect,
    'indexSelect: indices are (3, 2, 1), not a vector',
  ),
  along(
    'indexAdd',
    NUMBERS,
    ['indexAdd', 'indexSelect'],
    false,
    true,
    ops.indexAdd,
    'indexAdd: indices are (3, 2, 1), not a vector',
  ),
]
