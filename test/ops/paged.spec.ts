/** Paged attention: lib/ops/paged.ts. */
import type { PagedAttentionOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'
import { weightsRounded } from './attention.spec.js'

const whole = (s: Sampler, values: number[], shape: readonly number[], dtype: 'i32' | 'i64' = 'i32'): Input => ({
  ...s.given(values, shape),
  dtype,
  ordered: true,
})

const write: OpSpec = {
  name: 'pagedWrite',
  ops: ['pagedWrite'],
  dtypes: FLOATS,
  *samples(s) {
    type Pool = readonly [blocks: number, hk: number, size: number, d: number, e: number]
    const sample = (
      [blocks, hk, size, d, e]: Pool,
      [b, t]: readonly [number, number],
      slots: number[],
      dtype?: 'i64',
    ): Sample => ({
      inputs: [
        { ...s.values([blocks, hk, size, d]), mutated: true },
        { ...s.values([blocks, hk, size, e]), mutated: true },
        s.values([b, hk, t, d]),
        s.values([b, hk, t, e]),
        whole(s, slots, [b, t], dtype),
      ],
      args: undefined,
    })
    yield sample([1, 1, 1, 1, 1], [1, 1], [0])
    yield sample([5, 2, 4, 3, 7], [2, 3], [19, 0, -1, 7, 8, 4])
    yield sample([3, 3, 2, 9, 4], [2, 2], [-1, -1, 5, 3], 'i64')
    // The later of two rows for one place stays.
    yield sample([2, 2, 3, 4, 4], [1, 3], [4, 2, 4])
    yield sample([2, 2, 3, 4, 4], [0, 3], [])
    const places = Array.from({ length: 600 }, (_, i) => (i * 7) % 640)
    yield { ...sample([40, 4, 16, 24, 24], [3, 200], places), large: true }
  },
  call: ([keys, values, k, v, slots]) => {
    ops.noGrad(() => ops.pagedWrite(keys as Tensor, values as Tensor, k as Tensor, v as Tensor, slots as Tensor))
    return [keys as Tensor, values as Tensor]
  },
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    pools: {
      call: (device) => {
        const [keys, values] = [ops.zeros([2, 1, 4, 3], { device }), ops.zeros([3, 1, 4, 3], { device })]
        const k = ops.zeros([1, 1, 1, 3], { device })
        ops.pagedWrite(keys, values, k, k, ops.zeros([1, 1], { device, dtype: 'i32' }))
      },
      code: 'SINTER_SHAPE',
      message:
        'pagedWrite: takes pools of keys (blocks, hk, size, d) and values (blocks, hk, size, e), got (2, 1, 4, 3) and (3, 1, 4, 3)',
    },
    rows: {
      call: (device) => {
        const pool = ops.zeros([2, 1, 4, 3], { device })
        const k = ops.zeros([1, 1, 1, 4], { device })
        ops.pagedWrite(pool, pool, k, k, ops.zeros([1, 1], { device, dtype: 'i32' }))
      },
      code: 'SINTER_SHAPE',
      message: 'pagedWrite: takes k (b, 1, t, 3) and v (b, 1, t, 3) for these pools, got (1, 1, 1, 4) and (1, 1, 1, 4)',
    },
    slots: {
      call: (device) => {
        const pool = ops.zeros([2, 1, 4, 3], { device })
        const k = ops.zeros([2, 1, 1, 3], { device })
        ops.pagedWrite(pool, pool, k, k, ops.zeros([1, 2], { device, dtype: 'i32' }))
      },
      code: 'SINTER_SHAPE',
      message: 'pagedWrite: takes slots (2, 1), got (1, 2)',
    },
    'dtype of slots': {
      call: (device) => {
        const pool = ops.zeros([2, 1, 4, 3], { device })
        const k = ops.zeros([1, 1, 1, 3], { device })
        ops.pagedWrite(pool, pool, k, k, ops.zeros([1, 1], { device }))
      },
      code: 'SINTER_DTYPE',
      message: "pagedWrite: slots of f32, expected i32 or i64; convert it with .to('i32')",
    },
  },
}

interface Args extends Omit<PagedAttentionOptions, 'alibi'> {
  /** q is a view of (b, t, h, d), as a layer makes it. */
  rows?: boolean
}

const callPaged: OpSpec<Args>['call'] = ([q, keys, values, table, lengths, alibi], { rows, ...options }) => {
  const own = rows ? (q as Tensor).permute([0, 2, 1, 3]) : (q as Tensor)
  return ops.noGrad(() =>
    ops.pagedAttention(own, keys as Tensor, values as Tensor, table as Tensor, lengths as Tensor, {
      ...options,
      alibi: alibi ?? null,
    }),
  )
}

const attention: OpSpec<Args> = {
  name: 'pagedAttention',
  ops: ['pagedAttention'],
  dtypes: FLOATS,
  *samples(s) {
    type Pool = readonly [blocks: number, hk: number, size: number, d: number, e: number]
    type Queries = readonly [h: number, t: number]
    const sample = (
      [blocks, hk, size, d, e]: Pool,
      [h, t]: Queries,
      table: number[][],
      lengths: number[],
      { slopes, ...args }: Args & { slopes?: readonly number[] } = {},
    ): Sample => ({
      inputs: [
        args.rows ? s.values([lengths.length, t, h, d]) : s.values([lengths.length, h, t, d]),
        s.values([blocks, hk, size, d]),
        s.values([blocks, hk, size, e]),
        whole(s, table.flat(), [lengths.length, table[0]?.length ?? 0], lengths.length > 1 ? 'i64' : 'i32'),
        whole(s, lengths, [lengths.length]),
        slopes ? s.values(slopes) : null,
      ],
      args,
    })
    const ragged = [
      [3, 0, 5],
      [1, 1, 3],
      [4, 2, 0],
      [5, 5, 5],
    ]
    yield sample([1, 1, 1, 1, 1], [1, 1], [[0]], [1])
    // One query each.
    yield sample([6, 2, 4, 5, 3], [4, 1], ragged, [10, 3, 8, 0])
    yield sample([6, 1, 4, 33, 33], [6, 1], ragged, [12, 4, 5, 0], { slopes: [6], softcap: 3 })
    yield sample([6, 3, 4, 8, 8], [3, 2], ragged, [9, 1, 8, 0], { window: 3 })
    yield sample([6, 2, 4, 16, 16], [2, 3], ragged, [9, 4, 7, 0], { causal: false, window: [5, 1], scale: 0.3 })
    // More queries than keys: those in front stand before the first one.
    yield sample([6, 2, 4, 5, 7], [4, 6], ragged, [10, 3, 8, 0], { rows: true })
    yield sample([6, 2, 4, 9, 4], [2, 7], ragged, [12, 4, 5, 0], { slopes: [4, 2], softcap: 2, window: 6 })
    yield sample([6, 1, 4, 4, 4], [1, 5], ragged, [12, 4, 5, 0], { causal: false })
    yield sample([2, 2, 3, 4, 4], [2, 1], [], [])
    yield sample([2, 1, 3, 4, 4], [0, 1], [[0]], [2])
    // More keys than a chunk of decoding, and than a block of a prompt, in blocks that divide neither.
    const long = (n: number, from: number): number[] => Array.from({ length: n }, (_, i) => (from + i * 11) % 97)
    yield { ...sample([97, 2, 13, 40, 24], [4, 1], [long(50, 0), long(50, 5)], [650, 259]), large: true }
    yield {
      ...sample([97, 1, 13, 16, 16], [3, 4], [long(50, 3), long(50, 8)], [513, 640], { window: 300 }),
      large: true,
    }
    yield {
      ...sample([97, 2, 13, 17, 17], [2, 90], [long(50, 0), long(50, 5)], [650, 140], { rows: true }),
      large: true,
    }
  },
  call: callPaged,
  accuracy: {
    roundings: 20,
    serial: true,
    terms: ([q, , , table, lengths]) =>
      (q?.shape.at(-1) as number) + (table ? Math.max(0, ...(lengths as Input).values) : 0),
    magnitude: 'norm',
    narrowed: weightsRounded(callPaged),
  },
  gradient: null,
  errors: {
    heads: {
      call: (device) => {
        const pool = ops.zeros([2, 2, 4, 3], { device })
        const [table, lengths] = [[1, 1], [1]].map((shape) => ops.zeros(shape, { device, dtype: 'i32' }))
        return ops.pagedAttention(ops.zeros([1, 3, 1, 3], { device }), pool, pool, table as Tensor, lengths as Tensor)
      },
      code: 'SINTER_SHAPE',
      message: 'pagedAttention: takes q (b, h, t, 3) with h a multiple of 2 for pools (2, 2, 4, 3), got (1, 3, 1, 3)',
    },
    table: {
      call: (device) => {
        const pool = ops.zeros([2, 2, 4, 3], { device })
        const [table, lengths] = [[3, 1], [2]].map((shape) => ops.zeros(shape, { device, dtype: 'i32' }))
        return ops.pagedAttention(ops.zeros([2, 2, 1, 3], { device }), pool, pool, table as Tensor, lengths as Tensor)
      },
      code: 'SINTER_SHAPE',
      message: 'pagedAttention: takes a table (2, 1), got (3, 1)',
    },
    slopes: {
      call: (device) => {
        const pool = ops.zeros([2, 2, 4, 3], { device })
        const [table, lengths] = [[1, 1], [1]].map((shape) => ops.zeros(shape, { device, dtype: 'i32' }))
        return ops.pagedAttention(ops.zeros([1, 2, 1, 3], { device }), pool, pool, table as Tensor, lengths as Tensor, {
          alibi: ops.zeros([3], { device }),
        })
      },
      code: 'SINTER_SHAPE',
      message: 'pagedAttention: takes slopes (h) or (b, h), got (3) for (1, 2, 1, 3)',
    },
  },
}

export const specs: readonly OpSpec[] = [write, attention]
