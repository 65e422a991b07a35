/** Views whose elements may overlap, and diagonals: lib/ops/strided.ts, diagonals.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { FLOATS, type OpSpec, REALS } from '../opspec/spec.js'
import { SHAPE, VALUE, view } from '../opspec/structural.js'

/** Layouts differ in what lies between the elements, so that the operand is made contiguous first. */
const asStrided: OpSpec = {
  ...view(
    'asStrided',
    (x: Tensor, shape: readonly number[], strides: readonly number[], offset?: number) =>
      ops.asStrided(x.contiguous(), shape, strides, offset),
    [
      [
        [3, 3],
        [[2, 2], [1, 2], 1],
      ],
      [
        [16],
        [
          [2, 2, 3],
          [1, 1, 2],
        ],
      ],
      [
        [4],
        [
          [3, 4],
          [0, 1],
        ],
      ],
      [[4], [[], [], 3]],
      [
        [3],
        [
          [0, 2],
          [1, 1],
        ],
      ],
    ],
    {
      bounds: [[4], [[3], [2]], SHAPE, '(3) reaches element 4, the tensor spans 4'],
      negative: [[4], [[2], [-1], 3], VALUE, 'stride or offset -1 is no integer of at least 0'],
      strides: [[4], [[2], [1, 1]], SHAPE, '2 strides for the 1 dimensions of (2)'],
    },
    ['indexAdd', 'arange'],
  ),
  gradient: { roundings: 4 },
}

/** Of an expanded operand: its elements share memory, and the gradient with it. */
const ofExpanded: OpSpec<null> = {
  name: 'asStrided of expanded',
  ops: [],
  dtypes: ['f64'],
  refuses: [],
  *samples(s) {
    yield { inputs: [s.values([3])], args: null }
  },
  call: ([x]) => ops.asStrided(ops.expand(x as Tensor, [2, 3]), [2, 2], [1, 1]),
  accuracy: { roundings: 0 },
  gradient: { roundings: 4 },
}

/** Bytes, so that the reference backend must compute in the same dtype. */
const bitcast: OpSpec<{ dtype: DType }> = {
  name: 'bitcast',
  ops: [],
  dtypes: FLOATS,
  refuses: [],
  oracle: (d) => d,
  result: (d) => (({ f32: 'i32', f64: 'i64', bf16: 'u8', f16: 'i8' }) as Record<string, DType>)[d] as DType,
  *samples(s) {
    const dtype = this.result?.(s.dtype, 0) as DType
    for (const shape of [[3, 4], [5], [0, 2]]) yield { inputs: [s.values(shape)], args: { dtype } }
  },
  call: ([x], { dtype }) => ops.bitcast((x as Tensor).contiguous(), dtype),
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    larger: {
      call: (device) => ops.bitcast(ops.zeros([2, 3], { device }) as Tensor, 'f64'),
      code: SHAPE,
      message: 'bitcast: 3 elements of f32 in the last axis of (2, 3) are no whole f64s',
    },
    view: {
      call: (device) => ops.bitcast((ops.zeros([2, 4], { device }) as Tensor).select(0, 1), 'f64'),
      code: SHAPE,
      message: 'bitcast: f64 is larger than f32, and the tensor is a view; clone it first',
    },
    bool: {
      call: (device) => ops.bitcast(ops.zeros([2], { device, dtype: 'u8' }) as Tensor, 'bool'),
      code: 'SINTER_DTYPE',
      message: 'bitcast: u8 as bool: a byte of bool is 0 or 1; compare the tensor with ne(0)',
    },
  },
}

const blockDiag: OpSpec<null> = {
  name: 'blockDiag',
  ops: [],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    yield { inputs: [s.values([2, 3]), s.values([2]), s.values([]), s.values([3, 1])], args: null }
    yield { inputs: [s.values([0, 2]), s.values([1, 1])], args: null }
  },
  call: (inputs) => ops.blockDiag(...inputs),
  accuracy: { roundings: 0 },
  gradient: { roundings: 1 },
  errors: {
    nothing: { call: () => ops.blockDiag(), code: SHAPE, message: 'blockDiag: no tensors' },
    rank: {
      call: (device) => ops.blockDiag(ops.zeros([1, 1, 1], { device }) as Tensor),
      code: SHAPE,
      message: 'blockDiag: takes at most 2 dimensions, got (1, 1, 1)',
    },
  },
}

export const specs: readonly OpSpec[] = [
  asStrided,
  ofExpanded,
  bitcast,
  {
    ...view(
      'unfoldAxis',
      ops.unfoldAxis,
      [
        [[7], [0, 3, 1]],
        [
          [2, 7, 3],
          [1, 3, 2],
        ],
        [
          [2, 7],
          [-1, 2, 3],
        ],
        [[4], [0, 4, 1]],
        [[], [0, 1, 1]],
        [
          [3, 0],
          [1, 0, 1],
        ],
      ],
      {
        size: [[4], [0, 5, 1], SHAPE, 'windows of 5 elements along dimension 0 of (4)'],
        step: [[4], [0, 2, 0], VALUE, 'step 0 is not a positive integer'],
      },
      ['fill', 'addInto'],
    ),
    gradient: { roundings: 4 },
  },
  view(
    'diagonal',
    ops.diagonal,
    [
      [[3, 3], []],
      [[3, 5], [{ offset: 2 }]],
      [[3, 5], [{ offset: -1 }]],
      [[2, 3, 4], [{ axes: [-1, 0], offset: 1 }]],
      [[3, 3], [{ offset: 7 }]],
    ],
    {
      axes: [[3, 3], [{ axes: [0, -2] }], VALUE, 'axes (0, -2) name one axis twice'],
      rank: [[3], [], SHAPE, 'takes at least 2 dimensions, got (3)'],
    },
    ['fill', 'copyInto'],
  ),
  view(
    'diagEmbed',
    ops.diagEmbed,
    [
      [[3], []],
      [[2, 3], [{ offset: 1 }]],
      [[2, 3], [{ offset: -2, axes: [0, 2] }]],
      [[0], [{ offset: 1 }]],
    ],
    { scalar: [[], [], SHAPE, 'a tensor of rank 0 has no axis'] },
  ),
  view(
    'diag',
    ops.diag,
    [
      [[3], [1]],
      [[3, 4], [-1]],
    ],
    { rank: [[2, 2, 2], [], SHAPE, 'takes a vector or a matrix, got (2, 2, 2)'] },
  ),
  view('diagflat', ops.diagflat, [
    [[2, 2], [-1]],
    [[], []],
  ]),
  blockDiag,
]
