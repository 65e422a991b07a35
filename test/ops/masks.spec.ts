/** Results whose sizes depend on data, and masks: lib/ops/nonzero.ts, and maskedFill with a tensor. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { type Input, type OpSpec, REALS } from '../opspec/spec.js'

/** About half zeros, of both signs. */
function sparse(s: Sampler, shape: Shape): Input {
  const x = s.values(shape)
  return { shape, values: x.values.map((v, i) => (s.random.int(0, 2) ? v : s.floating && i % 2 ? -0 : 0)) }
}

const SHAPES: readonly Shape[] = [[], [9], [5, 6], [3, 1, 17], [5, 0], [2, 3, 2, 2]]

const nonzero: OpSpec<{ tuple?: boolean; size?: number }> = {
  name: 'nonzero nonzeroSync nonzeroStatic argwhere argwhereSync',
  ops: ['nonzero', 'sum'],
  dtypes: REALS,
  result: () => 'i64',
  *samples(s) {
    for (const shape of SHAPES) {
      yield { inputs: [sparse(s, shape)], args: {} }
      yield { inputs: [sparse(s, shape)], args: { tuple: true } }
      yield { inputs: [sparse(s, shape)], args: { size: 7 } }
    }
    if (s.floating) yield { inputs: [s.specials()], args: {} }
    yield { inputs: [sparse(s, [131, 301])], args: {}, large: true }
  },
  call: ([x], { tuple, size }) => {
    const t = x as Tensor
    if (size !== undefined) return ops.nonzeroStatic(t, size, { fill: -2 })
    return tuple ? ops.nonzeroSync(t, { asTuple: true }) : ops.argwhereSync(t)
  },
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    size: {
      call: (device) => ops.nonzeroStatic(ops.zeros([3], { device }), -1),
      code: 'SINTER_VALUE',
      message: 'nonzeroStatic: -1 is no number of rows',
    },
  },
}

const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [[7], [7]],
  [
    [4, 5],
    [4, 5],
  ],
  [[4, 5], [5]],
  [[5], [4, 5]],
  [
    [4, 1, 5],
    [3, 1],
  ],
  [[], [3, 4]],
  [[4, 5], []],
  [[0], [0]],
]

const maskedSelect: OpSpec<undefined> = {
  name: 'maskedSelect maskedSelectSync',
  ops: ['maskedSelect', 'maskedScatter', 'sum'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, mask] of PAIRS) yield { inputs: [s.values(shape), s.mask(mask)], args: undefined }
    yield { inputs: [s.values([131, 301]), s.mask([131, 301])], args: undefined, large: true }
  },
  call: ([x, mask]) => ops.maskedSelectSync(x as Tensor, mask as Tensor),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    mask: {
      call: (device) => ops.maskedSelectSync(ops.zeros([3], { device }), ops.zeros([3], { device })),
      code: 'SINTER_DTYPE',
      message: 'maskedSelect: the mask is f32, not bool; compare it (x.ne(0)) or convert it',
    },
  },
}

const maskedScatter: OpSpec<undefined> = {
  name: 'maskedScatter',
  ops: ['maskedScatter', 'maskedSelect'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, mask] of PAIRS)
      yield { inputs: [s.values(shape), s.mask(mask), s.values([5, 13])], args: undefined }
    yield { inputs: [s.values([131, 301]), s.mask([131, 301]), s.values([131, 301])], args: undefined, large: true }
  },
  call: ([x, mask, src]) => ops.maskedScatter(x as Tensor, mask as Tensor, src as Tensor),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    'too few': {
      call: (device) =>
        ops
          .maskedScatter(
            ops.zeros([3], { device }),
            ops.tensor([true, false, true], { device }) as Tensor,
            ops.zeros([1], { device }),
          )
          .dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'maskedScatter: the mask selects 2 elements, src has 1',
    },
  },
}

const filled: OpSpec<undefined> = {
  name: 'maskedFill with a tensor',
  ops: ['where'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, mask] of PAIRS) yield { inputs: [s.values(shape), s.mask(mask), s.values([])], args: undefined }
  },
  call: ([x, mask, value]) => ops.maskedFill(x as Tensor, mask as Tensor, value as Tensor),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    rank: {
      call: (device) =>
        ops.maskedFill(
          ops.zeros([3], { device }),
          ops.tensor([true], { device }) as Tensor,
          ops.zeros([1], { device }),
        ),
      code: 'SINTER_SHAPE',
      message: 'maskedFill: the value is (1), not a number or of rank 0; use where',
    },
  },
}

const triangles: OpSpec<[number, number, number]> = {
  name: 'trilIndices triuIndices',
  ops: ['nonzero', 'tril'],
  dtypes: ['i64', 'i32'],
  refuses: [],
  *samples() {
    for (const args of [
      [3, 4, 0],
      [4, 3, 1],
      [4, 3, -2],
      [3, 3, 9],
      [3, 3, -9],
      [0, 4, 0],
    ] as [number, number, number][])
      yield { inputs: [], args }
  },
  call: (_, args, device) => {
    const options = { device, dtype: 'i64' as const }
    return [ops.trilIndices(...args, options), ops.triuIndices(...args, { ...options, dtype: 'i64' })]
  },
  result: () => 'i64',
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    offset: {
      call: (device) => ops.trilIndices(3, 3, 0.5, { device }),
      code: 'SINTER_VALUE',
      message: 'trilIndices: offset 0.5 is not an integer',
    },
  },
}

const unravelIndex: OpSpec<{ shape: Shape }> = {
  name: 'unravelIndex',
  ops: ['unravelIndex'],
  dtypes: ['i64', 'i32'],
  result: () => 'i64',
  *samples(s) {
    for (const shape of [[], [7], [2, 3], [0]] as Shape[])
      yield { inputs: [s.indices(shape, 0, 24, s.dtype)], args: { shape: [2, 3, 4] } }
  },
  call: ([at], { shape }) => ops.unravelIndex(at as Tensor, shape),
  accuracy: { roundings: 0 },
  gradient: null,
  refuses: [],
  errors: {
    'out of range': {
      call: (device) => ops.unravelIndex(ops.tensor([6], { dtype: 'i64', device }) as Tensor, [2, 3])[0]?.dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'unravelIndex: index 6 is out of range for 6 elements of the shape',
    },
  },
}

export const specs: readonly OpSpec[] = [nonzero, maskedSelect, maskedScatter, filled, triangles, unravelIndex]
