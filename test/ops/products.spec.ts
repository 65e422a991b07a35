/** Products of vectors and matrices: lib/ops/products.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type ErrorCase, FLOATS, INTEGERS, type OpName, type OpSpec } from '../opspec/spec.js'

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]

interface Case {
  shapes: readonly Shape[]
  args?: object
}

/** A product of its operands: an error in it is relative to the product of absolute values. */
function product(
  name: string,
  rows: readonly OpName[],
  cases: readonly Case[],
  f: (inputs: readonly Tensor[], args: any) => Tensor,
  terms: (shapes: readonly Shape[]) => number,
  more: { result?: (d: DType) => DType; errors?: Record<string, ErrorCase>; dtypes?: readonly DType[] } = {},
): OpSpec {
  const absolute = (args: any): any =>
    Object.fromEntries(
      Object.entries(args).map(([k, v]) => [k, typeof v === 'number' && k !== 'axis' ? Math.abs(v) : v]),
    )
  return {
    name,
    ops: rows,
    dtypes: more.dtypes ?? NUMBERS,
    // Other dtypes are those of matmul and mul.
    refuses: [],
    *samples(s) {
      for (const { shapes, args = {} } of cases) {
        if (!s.floating && Object.values(args).some((v) => typeof v === 'number' && !Number.isInteger(v))) continue
        yield { inputs: shapes.map((shape) => s.values(shape)), args }
      }
    },
    call: (inputs, args) => f(inputs, args),
    accuracy: {
      roundings: 4,
      serial: true,
      composed: true,
      terms: (inputs) => terms(inputs.map((x) => x?.shape ?? [])),
      magnitude: (inputs, args) =>
        f(
          inputs.map((t) => ops.abs(t)),
          absolute(args),
        ),
    },
    gradient: {},
    ...(more.result ? { result: more.result } : {}),
    ...(more.errors ? { errors: more.errors } : {}),
  }
}

const cases = (...all: (readonly Shape[])[]): Case[] => all.map((shapes) => ({ shapes }))
const scaled = (...shapes: Shape[]): Case[] => [
  { shapes },
  { shapes, args: { alpha: 2.5, beta: -0.5 } },
  { shapes, args: { alpha: 2, beta: 3 } },
  { shapes, args: { alpha: -1, beta: 0 } },
]
const last = (shapes: readonly Shape[]): number => shapes[0]?.at(-1) ?? 1
const zeros = (shape: Shape, device: string): Tensor => ops.zeros(shape, { device })

export const specs: readonly OpSpec[] = [
  product(
    'mm',
    ['matmul'],
    cases(
      [
        [3, 4],
        [4, 5],
      ],
      [
        [0, 2],
        [2, 3],
      ],
    ),
    ([a, b]) => ops.mm(a as Tensor, b as Tensor),
    last,
    {
      errors: {
        rank: {
          call: (device) => ops.mm(zeros([2, 3, 4], device), zeros([4, 5], device)),
          code: 'SINTER_SHAPE',
          message: 'mm: takes tensors of 2 and 2 dimensions, got (2, 3, 4) and (4, 5)',
        },
      },
    },
  ),
  product(
    'bmm',
    ['matmul'],
    cases([
      [2, 3, 4],
      [2, 4, 5],
    ]),
    ([a, b]) => ops.bmm(a as Tensor, b as Tensor),
    last,
    {
      errors: {
        batch: {
          call: (device) => ops.bmm(zeros([2, 3, 4], device), zeros([1, 4, 5], device)),
          code: 'SINTER_SHAPE',
          message: 'bmm: 2 and 1 matrices: (2, 3, 4) and (1, 4, 5)',
        },
      },
    },
  ),
  product('mv', ['matmul'], cases([[3, 4], [4]]), ([a, b]) => ops.mv(a as Tensor, b as Tensor), last),
  product('dot', ['matmul'], cases([[5], [5]], [[0], [0]]), ([a, b]) => ops.dot(a as Tensor, b as Tensor), last),
  product('vdot', ['matmul'], cases([[5], [5]]), ([a, b]) => ops.vdot(a as Tensor, b as Tensor), last),
  product(
    'inner',
    ['matmul'],
    cases(
      [[5], [5]],
      [
        [2, 3],
        [4, 3],
      ],
      [[], [3]],
    ),
    ([a, b]) => ops.inner(a as Tensor, b as Tensor),
    last,
  ),
  product(
    'outer',
    ['mul'],
    cases([[3], [4]], [[0], [2]]),
    ([a, b]) => ops.outer(a as Tensor, b as Tensor),
    () => 1,
  ),
  product(
    'vecdot, linalg.vecdot',
    ['mul', 'sum'],
    [
      ...cases(
        [[3, 4], [4]],
        [
          [2, 3],
          [2, 3],
        ],
      ),
      {
        shapes: [
          [3, 2],
          [3, 1],
        ],
        args: { axis: 0 },
      },
    ],
    ([a, b], args) => ops.vecdot(a as Tensor, b as Tensor, args),
    () => 4,
    {
      errors: {
        length: {
          call: (device) => ops.vecdot(zeros([2, 3], device), zeros([2, 1], device)),
          code: 'SINTER_SHAPE',
          message: 'vecdot: 3 and 1 elements along axis 1: (2, 3) and (2, 1)',
        },
      },
    },
  ),
  product(
    'addmm',
    ['matmul'],
    [...scaled([3, 5], [3, 4], [4, 5]), ...cases([[5], [3, 4], [4, 5]])],
    ([x, a, b], args) => ops.addmm(x as Tensor, a as Tensor, b as Tensor, args),
    ([, a]) => a?.at(-1) ?? 1,
    {
      errors: {
        input: {
          call: (device) => ops.addmm(zeros([2, 3, 5], device), zeros([3, 4], device), zeros([4, 5], device)),
          code: 'SINTER_SHAPE',
          message: 'addmm: input (2, 3, 5) does not broadcast to (3, 5)',
        },
        fraction: {
          call: (device) => {
            const x = ops.zeros([2, 2], { device, dtype: 'i32' })
            return ops.addmm(x, x, x, { alpha: 0.5 })
          },
          code: 'SINTER_VALUE',
          message: 'addmm: alpha 0.5 and beta 1 with i32 tensors; take integers',
        },
      },
    },
  ),
  product(
    'addmv',
    ['matmul'],
    scaled([3], [3, 4], [4]),
    ([x, a, b], args) => ops.addmv(x as Tensor, a as Tensor, b as Tensor, args),
    ([, a]) => a?.at(-1) ?? 1,
  ),
  product(
    'addr',
    ['mul'],
    scaled([3, 4], [3], [4]),
    ([x, a, b], args) => ops.addr(x as Tensor, a as Tensor, b as Tensor, args),
    () => 1,
  ),
  product(
    'addbmm',
    ['matmul'],
    scaled([3, 5], [2, 3, 4], [2, 4, 5]),
    ([x, a, b], args) => ops.addbmm(x as Tensor, a as Tensor, b as Tensor, args),
    () => 8,
  ),
  product(
    'baddbmm',
    ['matmul'],
    scaled([2, 3, 5], [2, 3, 4], [2, 4, 5]),
    ([x, a, b], args) => ops.baddbmm(x as Tensor, a as Tensor, b as Tensor, args),
    () => 4,
  ),
  product(
    'tensordot',
    ['matmul'],
    [
      {
        shapes: [
          [2, 3, 4],
          [3, 4, 5],
        ],
        args: { axes: 2 },
      },
      { shapes: [[2, 3], [4]], args: { axes: 0 } },
      {
        shapes: [
          [2, 3, 4],
          [4, 5, 2],
        ],
        args: {
          axes: [
            [2, 0],
            [0, -1],
          ],
        },
      },
      {
        shapes: [
          [2, 1],
          [3, 4],
        ],
        args: { axes: [[1], [0]] },
      },
    ],
    ([a, b], { axes }) => ops.tensordot(a as Tensor, b as Tensor, axes),
    () => 12,
    {
      errors: {
        sizes: {
          call: (device) => ops.tensordot(zeros([2, 3], device), zeros([4, 5], device), 1),
          code: 'SINTER_SHAPE',
          message: 'tensordot: axis 1 of (2, 3) has 3 elements, axis 0 of (4, 5) has 4',
        },
      },
    },
  ),
  product(
    'kron',
    ['mul'],
    cases(
      [
        [2, 3],
        [3, 2],
      ],
      [[2], [2, 2]],
      [[], [3]],
      [
        [0, 2],
        [2, 2],
      ],
    ),
    ([a, b]) => ops.kron(a as Tensor, b as Tensor),
    () => 1,
  ),
  product(
    'trace',
    ['sum'],
    cases([[4, 4]], [[2, 5]], [[5, 2]], [[0, 3]]),
    ([x]) => ops.trace(x as Tensor),
    () => 5,
    {
      result: (d) => (INTEGERS.includes(d) ? 'i64' : d),
      errors: {
        rank: {
          call: (device) => ops.trace(zeros([2, 3, 3], device)),
          code: 'SINTER_SHAPE',
          message: 'trace: takes a matrix, got (2, 3, 3)',
        },
      },
    },
  ),
  {
    ...product(
      'cross, linalg.cross',
      ['mul', 'sub', 'concat'],
      [
        ...cases(
          [
            [4, 3],
            [4, 3],
          ],
          [
            [1, 3],
            [2, 3],
          ],
        ),
        {
          shapes: [
            [3, 2],
            [3, 2],
          ],
          args: { axis: 0 },
        },
      ],
      ([a, b], args) => ops.cross(a as Tensor, b as Tensor, args),
      () => 2,
      {
        errors: {
          size: {
            call: (device) => ops.cross(zeros([3, 2], device), zeros([3, 2], device)),
            code: 'SINTER_SHAPE',
            message: 'cross: axis 1 of (3, 2) and (3, 2) has not 3 elements in both',
          },
        },
      },
    ),
    accuracy: { roundings: 4, terms: () => 2, magnitude: 'norm', composed: true },
  },
  product(
    'bilinear',
    ['matmul'],
    cases([[4, 2], [4, 3], [5, 2, 3], [5]], [[2], [3], [2, 2, 3], [2]], [[2, 1, 3], [2, 1, 2], [1, 3, 2], [1]]),
    ([x, y, w, b]) => ops.bilinear(x as Tensor, y as Tensor, w as Tensor, b as Tensor),
    () => 9,
    {
      errors: {
        inputs: {
          call: (device) => ops.bilinear(zeros([4, 2], device), zeros([4, 2], device), zeros([5, 2, 3], device)),
          code: 'SINTER_SHAPE',
          message: 'bilinear: inputs (4, 2) and (4, 2) are not (..., 2) and (..., 3): weight (5, 2, 3)',
        },
      },
    },
  ),
  product(
    'multiDot, linalg.multiDot',
    ['matmul'],
    cases(
      [
        [2, 3],
        [3, 4],
        [4, 2],
      ],
      [[3], [3, 2], [2, 4], [4]],
      [
        [2, 3],
        [3, 2],
      ],
      [[3], [3]],
    ),
    (list) => ops.multiDot(list),
    () => 24,
    {
      errors: {
        one: {
          call: (device) => ops.multiDot([zeros([2, 2], device)]),
          code: 'SINTER_VALUE',
          message: 'multiDot: takes at least two matrices, got 1',
        },
      },
    },
  ),
  product(
    'chainMatmul',
    ['matmul'],
    cases([
      [2, 3],
      [3, 4],
      [4, 2],
    ]),
    (list) => ops.chainMatmul(...list),
    () => 12,
  ),
]
