/** Replacing and combining at indices: scatter and index functions, and parts: lib/ops/gather.ts, indexing.ts, parts.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numelOf, type Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { type Accuracy, FLOATS, INTEGERS, type Input, type OpSpec, REALS, type Sample } from '../opspec/spec.js'

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]
const indices = (values: number[], device: string, shape: Shape = [values.length]): Tensor =>
  ops.tensor(values, { dtype: 'i64', device, shape }) as Tensor

interface Along {
  axis: number
}
interface Reduced extends Along {
  reduce: 'sum' | 'prod' | 'mean' | 'amax' | 'amin'
  includeSelf: boolean
}

/** Indices of which none repeats along the axis: replaced, an element that is named twice has no derivative in the first. */
function different(s: Sampler, shape: Shape, axis: number, size: number): Input {
  const n = shape[axis] ?? 1
  const inner = numelOf(shape.slice(axis + 1))
  const values = Float64Array.from({ length: numelOf(shape) }, (_, i) => {
    const [outer, j, k] = [Math.floor(i / (n * inner)), Math.floor(i / inner) % n, i % inner]
    return (j * 2 + outer + k) % size
  })
  return { shape, values, dtype: s.random.int(0, 2) ? 'i64' : 'i32' }
}

const CASES: readonly (readonly [Shape, number, Shape])[] = [
  [[7], 0, [3]],
  [[3, 5, 5], 0, [2, 3, 4]],
  [[3, 5, 5], 1, [2, 3, 4]],
  [[3, 5, 5], 2, [2, 3, 3]],
  [[5, 33], 0, [3, 33]],
  [[4, 3], 1, [4, 0]],
  [[], 0, []],
]

/** The middle axis, the last one, vectors of all widths, nothing, rank 0. */
const REDUCED: typeof CASES = [
  [[3, 4, 5], 1, [2, 6, 4]],
  [[5, 33], 0, [9, 33]],
  [[2, 5], -1, [2, 0]],
  [[], 0, []],
]

const scatter: OpSpec<Along & { value?: number }> = {
  name: 'scatter',
  ops: ['scatterReduce', 'gather'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, axis, chosen] of CASES) {
      const at = different(s, chosen, axis, shape[axis] ?? 1)
      yield { inputs: [s.values(shape), at, s.values(chosen)], args: { axis } }
      yield { inputs: [s.values(shape), at, null], args: { axis, value: 1 } }
    }
    // More src than indices; equal indices, of which the last one stays.
    yield { inputs: [s.values([3, 5]), different(s, [3, 2], 1, 5), s.values([4, 3])], args: { axis: -1 } }
    yield { inputs: [s.values([5]), s.indices([9], 0, 5), s.values([9])], args: { axis: 0 }, byDifferences: false }
    yield {
      inputs: [s.values([9001]), s.indices([140_003], 0, 9001), s.values([140_003])],
      args: { axis: 0 },
      large: true,
    }
  },
  call: ([x, at, src], { axis, value }) => ops.scatter(x as Tensor, axis, at as Tensor, src ?? (value as number)),
  accuracy: { roundings: 0 },
  gradient: { roundings: 0 },
  errors: {
    src: {
      call: (device) => ops.scatter(ops.zeros([3], { device }), 0, indices([0, 1], device), ops.zeros([1], { device })),
      code: 'SINTER_SHAPE',
      message: 'scatter: src is (1), indices (2)',
    },
    'out of range': {
      call: (device) => ops.scatter(ops.zeros([3], { device }), 0, indices([0, 3], device), 1).dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'scatterReduce: index 3 is out of range for 3 entries of the axis',
    },
  },
}

const magnitude = (call: (inputs: readonly Tensor[], args: Reduced) => Tensor): Accuracy<Reduced> => ({
  roundings: 2,
  terms: ([, at]) => (at?.values.length ?? 0) + 1,
  magnitude: ([x, at, src], args) => {
    const absolute = [ops.abs(x as Tensor), at as Tensor, ops.abs(src as Tensor)]
    // Of products the oracle's roundings add up.
    const y = call(absolute, args)
    return args.reduce === 'prod' ? ops.mul(y, 4) : y
  },
})

function* reduced(s: Sampler, whole: boolean, modes: readonly Reduced['reduce'][]): Iterable<Sample<Reduced>> {
  const domain = { low: -2, high: 2, avoid: [0] }
  for (const reduce of modes) {
    const draw = (shape: Shape): Input => (reduce[0] === 'a' ? s.distinct(shape) : s.values(shape, domain))
    for (const includeSelf of [true, false])
      for (const [shape, axis, chosen] of includeSelf ? REDUCED : REDUCED.slice(0, 1)) {
        const size = shape.at(axis) ?? 1
        const k = chosen.at(axis) ?? 1
        const a = axis < 0 ? axis + shape.length : axis
        const source = whole ? chosen : shape.map((d, i) => (i === a ? k : d))
        // Extremes of one tensor would tie.
        const all = draw([numelOf(shape) + numelOf(source)])
        const cut = numelOf(shape)
        yield {
          inputs: [
            { shape, values: all.values.slice(0, cut) },
            s.indices(whole ? chosen : [k], 0, Math.max(1, size - 1), s.random.int(0, 2) ? 'i64' : 'i32'),
            { shape: source, values: all.values.slice(cut) },
          ],
          args: { axis, reduce, includeSelf },
        }
      }
    // A zero and several of them; NaN.
    if (reduce === 'prod')
      yield {
        inputs: [s.given([0, 2, 3, 1]), s.indices([6], 0, 1), s.given([2, 0, 3, 1, 1, 2])],
        args: { axis: 0, reduce, includeSelf: false },
        byDifferences: false,
      }
    if (s.floating)
      yield {
        inputs: [s.given([1, Number.NaN, 2]), s.indices([2], 0, 3), s.given([Number.NaN, 1])],
        args: { axis: 0, reduce, includeSelf: true },
      }
  }
  if (s.floating)
    yield {
      inputs: whole
        ? [s.values([30, 301]), s.indices([140, 301], 0, 30), s.values([140, 301])]
        : [s.values([30, 301]), s.indices([140], 0, 30), s.values([140, 301])],
      args: { axis: 0, reduce: 'mean', includeSelf: true },
      large: true,
    }
}

const callScatter = ([x, at, src]: readonly Tensor[], { axis, reduce, includeSelf }: Reduced): Tensor =>
  ops.scatterReduce(x as Tensor, axis, at as Tensor, src as Tensor, reduce, { includeSelf })
const scatterReduce: OpSpec<Reduced> = {
  name: 'scatterReduce',
  ops: ['scatterReduce', 'gather'],
  dtypes: NUMBERS,
  samples: (s) => reduced(s, true, ['sum', 'prod', 'mean', 'amax', 'amin']),
  call: callScatter,
  accuracy: magnitude(callScatter),
  gradient: { roundings: 12, kinks: 'ties of extremes, zeros of products' },
  errors: {
    reduce: {
      call: (device) =>
        ops.scatterReduce(
          ops.zeros([3], { device }),
          0,
          indices([0], device),
          ops.zeros([1], { device }),
          'max' as 'amax',
        ),
      code: 'SINTER_VALUE',
      message: "scatterReduce: reduce is 'max', expected one of sum, prod, mean, amax, amin",
    },
  },
}

const callIndex = ([x, at, src]: readonly Tensor[], { axis, reduce, includeSelf }: Reduced): Tensor =>
  ops.indexReduce(x as Tensor, axis, at as Tensor, src as Tensor, reduce as 'prod', { includeSelf })
const indexReduce: OpSpec<Reduced> = {
  name: 'indexReduce',
  ops: ['indexReduce', 'indexSelect', 'indexAdd'],
  dtypes: NUMBERS,
  samples: (s) => reduced(s, false, ['prod', 'mean', 'amax', 'amin']),
  call: callIndex,
  accuracy: magnitude(callIndex),
  gradient: { roundings: 12, kinks: 'ties of extremes, zeros of products' },
  errors: {
    reduce: {
      call: (device) =>
        ops.indexReduce(
          ops.zeros([3], { device }),
          0,
          indices([0], device),
          ops.zeros([1], { device }),
          'sum' as 'mean',
        ),
      code: 'SINTER_VALUE',
      message: "indexReduce: reduce is 'sum', expected one of prod, mean, amax, amin",
    },
    src: {
      call: (device) =>
        ops.indexReduce(ops.zeros([3], { device }), 0, indices([0], device), ops.zeros([2], { device }), 'mean'),
      code: 'SINTER_SHAPE',
      message: 'indexReduce: src is (2), expected (1)',
    },
  },
}

const slicesOf = (shape: Shape, axis: number, k: number): Shape => shape.map((d, i) => (i === axis ? k : d))

const indexCopy: OpSpec<Along> = {
  name: 'indexCopy',
  ops: ['indexReduce', 'indexSelect'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, axis, chosen] of CASES) {
      const k = chosen[axis] ?? 1
      yield {
        inputs: [s.values(shape), different(s, [k], 0, shape[axis] ?? 1), s.values(slicesOf(shape, axis, k))],
        args: { axis },
      }
    }
    yield {
      inputs: [s.values([30, 301]), s.indices([140], 0, 30), s.values([140, 301])],
      args: { axis: 0 },
      large: true,
    }
  },
  call: ([x, at, src], { axis }) => ops.indexCopy(x as Tensor, axis, at as Tensor, src as Tensor),
  accuracy: { roundings: 0 },
  gradient: { roundings: 0 },
}

const indexFill: OpSpec<Along> = {
  name: 'indexFill',
  ops: ['indexReduce'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, axis, chosen] of CASES.slice(0, 6)) {
      const at = s.indices([chosen[axis] ?? 1], 0, shape[axis] ?? 1)
      yield { inputs: [s.values(shape), at, s.values([])], args: { axis } }
      yield { inputs: [s.values(shape), at, null], args: { axis } }
    }
    yield { inputs: [s.values([]), s.indices([1], 0, 1), s.values([])], args: { axis: 0 } }
  },
  call: ([x, at, value], { axis }) => ops.indexFill(x as Tensor, axis, at as Tensor, value ?? 3),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    value: {
      call: (device) => ops.indexFill(ops.zeros([3], { device }), 0, indices([0], device), ops.zeros([1], { device })),
      code: 'SINTER_SHAPE',
      message: 'indexFill: the value is (1), not a number or of rank 0',
    },
  },
}

// ---- parts

const part = <A>(
  name: string,
  samples: readonly (readonly [Shape, Shape, A])[],
  call: (x: Tensor, src: Tensor, args: A) => Tensor,
  errors: OpSpec['errors'],
): OpSpec<A> => ({
  name,
  ops: ['copy', 'copyInto'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, source, args] of samples) yield { inputs: [s.values(shape), s.values(source)], args }
  },
  call: ([x, src], args) => call(x as Tensor, src as Tensor, args),
  accuracy: { roundings: 0 },
  gradient: { roundings: 0 },
  errors: errors ?? {},
})

const zeros = (shape: Shape, device: string): Tensor => ops.zeros(shape, { device }) as Tensor

export const specs: readonly OpSpec[] = [
  scatter,
  scatterReduce,
  indexReduce,
  indexCopy,
  indexFill,
  part<[number, number]>(
    'selectScatter',
    [
      [
        [5, 4, 3],
        [5, 3],
        [1, 2],
      ],
      [
        [5, 4, 3],
        [5, 4],
        [-1, -1],
      ],
      [[5], [], [0, 2]],
    ],
    (x, src, [axis, index]) => ops.selectScatter(x, src, axis, index),
    {
      index: {
        call: (device) => ops.selectScatter(zeros([3, 2], device), zeros([2], device), 0, 3),
        code: 'SINTER_SHAPE',
        message: 'selectScatter: index 3 is out of range for dimension 0 of (3, 2)',
      },
      src: {
        call: (device) => ops.selectScatter(zeros([3, 2], device), zeros([1], device), 0, 1),
        code: 'SINTER_SHAPE',
        message: 'selectScatter: src is (1), the part of (3, 2) is (2)',
      },
    },
  ),
  part<[number?, number?, number?, number?]>(
    'sliceScatter',
    [
      [
        [6, 3],
        [2, 3],
        [0, 1, 5, 2],
      ],
      [
        [3, 6],
        [3, 3],
        [-1, -3],
      ],
      [[3, 6], [3, 6], []],
      [
        [3, 6],
        [3, 0],
        [1, 4, 2],
      ],
    ],
    (x, src, [axis, start, end, step]) => ops.sliceScatter(x, src, axis, start, end, step),
    {
      step: {
        call: (device) => ops.sliceScatter(zeros([3], device), zeros([3], device), 0, 0, 3, -1),
        code: 'SINTER_VALUE',
        message: 'sliceScatter: step -1; steps of at least 1 are supported',
      },
    },
  ),
  part<ops.DiagonalScatterOptions>(
    'diagonalScatter',
    [
      [[4, 6], [4], {}],
      [[4, 6], [4], { offset: 2 }],
      [[4, 6], [2], { offset: -2 }],
      [[3, 4, 5], [4, 3], { offset: 1, axes: [0, 2] }],
      [[3, 3], [0], { offset: 5 }],
    ],
    (x, src, options) => ops.diagonalScatter(x, src, options),
    {
      axes: {
        call: (device) => ops.diagonalScatter(zeros([3, 3], device), zeros([3], device), { axes: [1, -1] }),
        code: 'SINTER_SHAPE',
        message: 'diagonalScatter: axes 1 and -1 of (3, 3) are not two dimensions',
      },
    },
  ),
  part<[Shape, readonly number[], number?]>(
    'asStridedScatter',
    [
      [[1], [], [[], []]],
      [
        [3, 3],
        [2, 2],
        [
          [2, 2],
          [1, 2],
        ],
      ],
      [
        [3, 3],
        [2, 2],
        [[2, 2], [2, 1], 1],
      ],
      [
        [16],
        [2, 1, 1, 2],
        [
          [2, 1, 1, 2],
          [1, 2, 4, 8],
        ],
      ],
      [
        [8],
        [2, 3],
        [
          [2, 3],
          [3, 2],
        ],
      ],
    ],
    (x, src, [size, strides, offset]) => ops.asStridedScatter(x, src, size, strides, offset),
    {
      overlap: {
        call: (device) => ops.asStridedScatter(zeros([9], device), zeros([2, 3], device), [2, 3], [2, 1]),
        code: 'SINTER_VALUE',
        message: 'asStridedScatter: sizes (2, 3) with strides (2, 1) name an element more than once',
      },
      outside: {
        call: (device) => ops.asStridedScatter(zeros([9], device), zeros([2, 3], device), [2, 3], [6, 2]),
        code: 'SINTER_SHAPE',
        message: 'asStridedScatter: the part reaches element 10 of (9), which has 9',
      },
    },
  ),
]
