/** Many products in one call: lib/ops/grouped.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

/** (m, n, k) of each product. */
const LISTS = [
  [[3, 4, 5]],
  [
    [1, 1, 1],
    [7, 17, 9],
    [0, 3, 2],
    [2, 3, 0],
    [13, 33, 20],
  ],
] as const
const LARGE = [
  [1, 300, 200],
  [260, 170, 400],
  [70, 5, 90],
] as const

const grouped: OpSpec = {
  name: 'groupedMatmul',
  ops: ['groupedMatmul'],
  dtypes: FLOATS,
  *samples(s) {
    const of = (list: readonly (readonly [number, number, number])[]) => [
      ...list.map(([m, , k]) => s.values([m, k])),
      ...list.map(([, n, k]) => s.values([k, n])),
    ]
    for (const list of LISTS) yield { inputs: of(list), args: {} }
    yield { inputs: of(LARGE), args: {}, large: true }
  },
  call: (t) => ops.groupedMatmul(t.slice(0, t.length / 2), t.slice(t.length / 2)),
  accuracy: {
    roundings: 1,
    serial: true,
    terms: (t) => Math.max(1, ...t.slice(0, t.length / 2).map((a) => a?.shape[1] ?? 1)),
    magnitude: (t) => {
      const x = t.map((a) => ops.abs(a))
      return ops.groupedMatmul(x.slice(0, x.length / 2), x.slice(x.length / 2))
    },
  },
  gradient: {},
  errors: {
    lists: {
      call: (device) => ops.groupedMatmul([ops.zeros([2, 3], { device })], []),
      code: 'SINTER_VALUE',
      message: 'groupedMatmul: 1 left and 0 right operands; pairs are multiplied',
    },
    'inner dimensions': {
      call: (device) => ops.groupedMatmul([ops.zeros([2, 3], { device })], [ops.zeros([4, 5], { device })]),
      code: 'SINTER_SHAPE',
      message: 'groupedMatmul: product 0: inner dimensions differ: (2, 3) x (4, 5): 3 and 4',
    },
  },
}

const experts: OpSpec<{ ends: readonly number[]; transposed?: boolean }> = {
  name: 'expertMatmul',
  ops: ['expertMatmul', 'expertWeightGrad'],
  dtypes: FLOATS,
  *samples(s) {
    yield { inputs: [s.values([7, 5]), s.values([3, 5, 4])], args: { ends: [2, 2, 7] } }
    yield { inputs: [s.values([9, 3]), s.values([2, 3, 17])], args: { ends: [1, 6] } }
    yield { inputs: [s.values([0, 3]), s.values([2, 3, 2])], args: { ends: [0, 0] } }
    yield { inputs: [s.values([4, 0]), s.values([1, 0, 2])], args: { ends: [4] } }
    yield { inputs: [s.values([7, 5]), s.values([3, 4, 5])], args: { ends: [2, 2, 7], transposed: true } }
    yield { inputs: [s.values([400, 130]), s.values([4, 130, 90])], args: { ends: [300, 310, 310, 390] }, large: true }
  },
  call: ([a, b], { ends, transposed = false }, device) =>
    ops.expertMatmul(a as Tensor, b as Tensor, ops.tensor(ends, { dtype: 'i64', device }), { transposed }),
  accuracy: {
    roundings: 1,
    serial: true,
    terms: ([a]) => Math.max(1, a?.shape[1] ?? 1),
    magnitude: ([a, b], { ends, transposed = false }) =>
      ops.expertMatmul(
        ops.abs(a as Tensor),
        ops.abs(b as Tensor),
        ops.tensor(ends, { dtype: 'i32', device: a?.device }),
        { transposed },
      ),
  },
  gradient: {},
  errors: {
    groups: {
      call: (device) =>
        ops.expertMatmul(
          ops.zeros([4, 3], { device }),
          ops.zeros([2, 3, 5], { device }),
          ops.zeros([3], { device, dtype: 'i32' }),
        ),
      code: 'SINTER_SHAPE',
      message: 'expertMatmul: (4, 3) x 2 of (3, 5) with 3 ends: inner dimensions and groups must agree',
    },
    ends: {
      call: (device) =>
        ops.expertMatmul(ops.zeros([4, 3], { device }), ops.zeros([2, 3, 5], { device }), ops.zeros([2], { device })),
      code: 'SINTER_DTYPE',
      message: 'expertMatmul: ends are f32, not i32 or i64',
    },
  },
}

export const specs: readonly OpSpec[] = [grouped, experts]
