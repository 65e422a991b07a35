/** Embeddings; gather and scatterAdd, indexSelect and indexAdd, take and put: lib/ops/embedding.ts, gather.ts, indexing.ts. */

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

const embedding: OpSpec<ops.EmbeddingOptions> = {
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
    yield { inputs: [s.values([3, 9]), s.indices([12], 0, 3)], args: { scaleGradByFreq: true }, byDifferences: false }
    yield { inputs: [s.values([511, 65]), s.indices([33, 91], 0, 511)], args: {}, large: true }
  },
  call: ([weight, at], options) => ops.embedding(weight as Tensor, at as Tensor, options),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
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
    'padding row': {
      call: (device) => ops.embedding(ops.zeros([3, 2], { device }), indices([0], device), { paddingIndex: 3 }),
      code: 'SINTER_VALUE',
      message: 'embedding: paddingIndex 3 is no row of 3',
    },
    sparse: {
      call: (device) => ops.embedding(ops.zeros([3, 2], { device }), indices([0], device), { sparse: true } as object),
      code: 'SINTER_VALUE',
      message: 'embedding: sparse gradients do not exist here; leave `sparse` out, gradients are dense',
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
  [[], 0, []],
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
  refuses: [],
  *samples(s) {
    const cases = s.floating ? [...CASES, [[130, 301], 0, [200, 301]] as const] : CASES
    for (const [shape, axis, chosen] of cases) {
      const size = shape.at(axis) ?? 1
      const k = chosen.at(axis) ?? 1
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
    // Of an empty tensor nothing is moved, yet the index is wrong.
    ...(whole
      ? {}
      : {
          'out of range of nothing': outOfRange(
            (device) => call(ops.zeros([0, 3], { device }), 1, indices([0, 3], device), ops.zeros([0, 2], { device })),
            name,
            'index 3 is out of range for 3 entries of the axis',
          ),
        }),
  },
})

/** Scales rows of its operand in place; its samples repeat rows. */
const renormalized: OpSpec<ops.EmbeddingOptions> = {
  name: 'embedding with maxNorm',
  ops: ['embedding', 'indexCopyInto'],
  dtypes: FLOATS,
  refuses: [],
  *samples(s) {
    for (const options of [{}, { normType: 1 }, { normType: Number.POSITIVE_INFINITY }])
      yield {
        inputs: [{ ...s.values([7, 9]), mutated: true }, s.indices([2, 4], 0, 7)],
        args: { ...options, maxNorm: 4 },
      }
  },
  call: ([weight, at], options) => {
    const y = ops.noGrad(() => ops.embedding(weight as Tensor, at as Tensor, options))
    return [y, weight as Tensor]
  },
  accuracy: { roundings: 8, terms: () => 9, composed: true },
  gradient: null,
}

const oneHot: OpSpec<{ classes: number }> = {
  name: 'oneHot',
  ops: ['scatterReduce'],
  dtypes: ['i64', 'i32'],
  result: () => 'i64',
  *samples(s) {
    for (const shape of [[], [5], [2, 3], [0]])
      yield { inputs: [s.indices(shape, 0, 4, s.dtype)], args: { classes: 4 } }
  },
  call: ([at], { classes }) => ops.oneHot(at as Tensor, classes),
  accuracy: { roundings: 0 },
  gradient: null,
  refuses: [],
  errors: {
    classes: {
      call: (device) => ops.oneHot(indices([0], device), 0),
      code: 'SINTER_VALUE',
      message: 'oneHot: 0 classes; give the number of classes, at least 1',
    },
    'out of range': outOfRange(
      (device) => ops.oneHot(indices([0, 3], device), 3),
      'scatterReduce',
      'index 3 is out of range for 3 entries of the axis',
    ),
  },
}

/** Rank 0, and a part of src. */
const take: OpSpec<undefined> = {
  name: 'take',
  ops: ['linearIndex', 'indexSelect', 'indexAdd'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, at] of [
      [[3, 4], [5]],
      [[], [2, 3]],
      [[7], []],
      [[0], [0]],
      [[3, 2], [0]],
    ] as const)
      for (const dtype of INDEX_DTYPES) {
        const n = shape.reduce<number>((k, d) => k * d, 1)
        yield { inputs: [s.values(shape), s.indices(at, -n, n, dtype)], args: undefined }
      }
    yield { inputs: [s.values([301, 130]), s.indices([39_001], -39_130, 39_130)], args: undefined, large: true }
  },
  call: ([x, at]) => ops.take(x as Tensor, at as Tensor),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    'out of range': outOfRange(
      (device) => ops.take(ops.zeros([2, 2], { device }), indices([-5], device)),
      'linearIndex',
      'index -5 is out of range for 4 entries of the indexed dimension',
    ),
  },
}

const put: OpSpec<{ accumulate: boolean }> = {
  name: 'put',
  ops: ['linearIndex', 'indexAdd', 'indexReduce'],
  dtypes: NUMBERS,
  refuses: [],
  *samples(s) {
    for (const accumulate of [false, true])
      for (const [shape, at] of [
        [[4, 5], [6]],
        [
          [4, 5],
          [2, 3],
        ],
        [[], []],
        [[1], [1]],
      ] as const) {
        const n = shape.reduce<number>((k, d) => k * d, 1)
        const k = at.reduce<number>((m, d) => m * d, 1)
        // Replaced, an element may be named once only where derivatives are compared.
        const places = accumulate
          ? s.indices(at, -n, n)
          : s.given(
              Array.from({ length: k }, (_, i) => n - 1 - i),
              at,
            )
        yield { inputs: [s.values(shape), { ...places, dtype: 'i64' }, s.values(at)], args: { accumulate } }
      }
  },
  call: ([x, at, src], options) => ops.put(x as Tensor, at as Tensor, src as Tensor, options),
  accuracy: {
    roundings: 1,
    terms: ([, at]) => (at?.values.length ?? 0) + 1,
    magnitude: ([x, at, src], options) => ops.put(ops.abs(x as Tensor), at as Tensor, ops.abs(src as Tensor), options),
  },
  gradient: { roundings: 2 },
  errors: {
    sizes: {
      call: (device) => ops.put(ops.zeros([3], { device }), indices([0, 1], device), ops.zeros([3], { device })),
      code: 'SINTER_SHAPE',
      message: 'put: 3 elements for 2 indices; give one for each',
    },
  },
}

const takeAlongDim: OpSpec<{ axis?: number }> = {
  name: 'takeAlongDim',
  ops: ['linearIndex', 'gather', 'scatterAdd'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    yield { inputs: [s.values([5, 4]), s.indices([5, 4], -5, 5)], args: { axis: 0 } }
    yield { inputs: [s.values([5, 4]), s.indices([1, 2], 0, 4)], args: { axis: 1 } }
    yield { inputs: [s.values([1, 5]), s.indices([3, 2], 0, 5)], args: { axis: -1 } }
    yield { inputs: [s.values([5, 4]), s.indices([3, 2], 0, 20)], args: {} }
  },
  call: ([x, at], { axis }) => ops.takeAlongDim(x as Tensor, at as Tensor, axis),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    rank: {
      call: (device) => ops.takeAlongDim(ops.zeros([3, 2], { device }), indices([0], device), 0),
      code: 'SINTER_SHAPE',
      message: 'takeAlongDim: (3, 2) and indices (1) differ in rank',
    },
  },
}

/** alpha; rank 0. */
const scaledIndexAdd: OpSpec<{ alpha: number }> = {
  name: 'indexAdd with alpha',
  ops: ['indexAdd', 'indexSelect'],
  dtypes: NUMBERS,
  refuses: [],
  *samples(s) {
    for (const alpha of [-1, 0, 2])
      for (const shape of [[], [5], [2, 9, 17]])
        yield {
          inputs: [
            s.values(shape),
            s.indices([1], 0, shape[1] ?? shape[0] ?? 1),
            s.values(shape.map((d, i) => (i === Math.min(1, shape.length - 1) ? 1 : d))),
          ],
          args: { alpha },
        }
  },
  call: ([x, at, src], options) =>
    ops.indexAdd(x as Tensor, Math.min(1, Math.max(0, (x as Tensor).rank - 1)), at as Tensor, src as Tensor, options),
  accuracy: {
    roundings: 2,
    magnitude: ([x, at, src], { alpha }) =>
      ops.indexAdd(
        ops.abs(x as Tensor),
        Math.min(1, Math.max(0, (x as Tensor).rank - 1)),
        at as Tensor,
        ops.abs(src as Tensor),
        {
          alpha: Math.abs(alpha),
        },
      ),
  },
  gradient: { roundings: 2 },
}

export const specs: readonly OpSpec[] = [
  embedding,
  renormalized,
  oneHot,
  take,
  put,
  takeAlongDim,
  scaledIndexAdd,
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
