/**
 * Attention on CUDA (cuda/kernels/attention) against the CPU's in f64: every kernel, with ragged and prime sizes around its tiles, in every
 * form; keys in parts, pages, and what is wrong with them. Place in the whole: the operator tests have the semantics and small shapes.
 */
import { describe, expect, test } from 'vitest'
import type { PagedAttentionOptions } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { attentionGradients } from '../helpers/attention-gradients.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'
import { checked } from '../helpers/simulator.js'
import { check, close, FLOATS, type Float, type Form, run, slopesOf, uniform } from './attentions.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: attention on CUDA is not tested')

const ALL: Form = { dropout: 0.2, softcap: 3, window: [40, 20], alibi: true, rows: true }

describe.skipIf(!present)('attention on CUDA', () => {
  describe.each(FLOATS)('%s', (dtype) => {
    test('sizes around tiles', () => {
      check(dtype, [1, 1, 1, 1, 1, 1, 1])
      check(dtype, [2, 2, 1, 33, 65, 20, 36])
      check(dtype, [1, 2, 2, 131, 67, 64, 64], { causal: true })
      check(dtype, [1, 1, 1, 64, 129, 128, 72], { window: [50, 3] })
      check(dtype, [1, 2, 1, 65, 37, 136, 256], { causal: 'upperLeft' })
    })
    test('every form', () => {
      check(dtype, [2, 4, 2, 35, 67, 24, 16], { mask: 'bool', dropout: 0.3 })
      check(dtype, [2, 4, 2, 35, 67, 64, 40], { mask: 'added', causal: true, rows: true })
      check(dtype, [2, 2, 2, 35, 67, 72, 128], { mask: 'keys', softcap: 2, scale: -0.3 })
      check(dtype, [1, 4, 1, 70, 131, 40, 24], ALL)
      check(dtype, [1, 2, 1, 40, 70, 100, 128], ALL)
      check(dtype, [1, 2, 1, 40, 35, 144, 200], ALL)
    })
    test('rows of any alignment, and widths beyond 256', () => {
      check(dtype, [1, 2, 1, 21, 34, 33, 7], { rows: true, dropout: 0.1 })
      check(dtype, [1, 2, 1, 9, 70, 300, 21], { mask: 'added', causal: true })
      check(dtype, [1, 1, 1, 9, 35, 20, 261], { softcap: 5 })
    })
    test('few queries over many keys', () => {
      check(dtype, [1, 6, 2, 1, 800, 64, 48])
      check(dtype, [2, 4, 2, 1, 577, 72, 72], { mask: 'keys', causal: true, rows: true })
      check(dtype, [1, 2, 2, 3, 600, 40, 130], { window: [300, 0], alibi: true })
      check(dtype, [1, 2, 1, 1, 900, 16, 16], { window: [700, 0] })
      check(dtype, [1, 2, 1, 1, 600, 16, 16], { causal: 'upperLeft' })
    })
  })

  test('the same bits in every run', () => {
    for (const dtype of ['f32', 'bf16'] as const)
      ops.scope(() => {
        const r = new Random('again')
        const operands = [
          [1, 4, 70, 40],
          [1, 2, 100, 40],
          [1, 2, 100, 24],
          [1, 4, 70, 24],
        ].map((shape) => uniform(r, shape, dtype))
        const [a, b] = [1, 2].map(() => run(operands, { dropout: 0.2, causal: true }, dtype, 'cuda').map(numbers))
        expect(a).toEqual(b)
      })
  })

  // Of 3 and 1 two blocks store the same rows, which nobody gets to see; the checker of races does.
  test.each([[[0, 9]], ...(checked ? [] : [[[3, 1]]]), [[-1, 2]]])('refuses starts %j of five rows', (starts) => {
    for (const dtype of ['f32', 'bf16'] as const)
      ops.scope(() => {
        const q = uniform(new Random('starts'), [5, 2, 4], dtype).to('cuda')
        const y = ops.varlenAttention(q, q, q, ops.tensor(starts, { dtype: 'i32', device: 'cuda' }))
        expect(() => numbers(y)).toThrow(/sequence 0 takes .* starts must not decrease/)
      })
  })

  describe('bf16, element by element', () => attentionGradients('bf16', 'cuda'))
  describe('f16, element by element', () => attentionGradients('f16', 'cuda'))
})

/** Pools of blocks in any order, and a table that names them. */
function pages(dtype: Float, hk: number, size: number, d: number, e: number, lengths: readonly number[]) {
  const r = new Random(`pages ${dtype} ${lengths}`)
  const columns = Math.max(...lengths.map((n) => Math.ceil(n / size)))
  const blocks = lengths.length * columns
  // 7 is prime to all numbers of blocks below.
  const table = Int32Array.from({ length: blocks }, (_, i) => (i * 7 + 3) % blocks)
  return {
    keys: uniform(r, [blocks, hk, size, d], dtype),
    values: uniform(r, [blocks, hk, size, e], dtype),
    table: ops.tensor(table, { shape: [lengths.length, columns], dtype: 'i32' }),
    lengths: ops.tensor([...lengths], { dtype: 'i32' }),
  }
}

describe.skipIf(!present)('paged attention on CUDA', () => {
  const attend = (dtype: Float, h: number, t: number, options: PagedAttentionOptions, alibi: boolean): void => {
    ops.scope(() => {
      const { keys, values, table, lengths } = pages(dtype, 2, 16, 40, 24, [1000, 0, 33, 5])
      const r = new Random(`paged ${dtype} ${h} ${t}`)
      const [q, slopes] = [uniform(r, [4, h, t, 40], dtype), slopesOf(r, h, dtype)]
      const [found, exact] = [
        [dtype, 'cuda'],
        ['f64', 'cpu'],
      ].map(([type, device]) =>
        ops.noGrad(() => {
          const [a, b, c, s] = [q, keys, values, slopes].map((x) => x.to(device as string).to(type as Float))
          const [n, l] = [table, lengths].map((x) => x.to(device as string))
          return ops.pagedAttention(a as Tensor, b as Tensor, c as Tensor, n as Tensor, l as Tensor, {
            ...options,
            alibi: alibi ? (s as Tensor) : null,
          })
        }),
      )
      close(`${dtype} ${h} heads, ${t} queries ${JSON.stringify(options)}`, found as Tensor, exact as Tensor, dtype)
    })
  }
  test.each(FLOATS)('%s', (dtype) => {
    attend(dtype, 6, 1, {}, false)
    attend(dtype, 4, 7, { softcap: 2 }, true)
    attend(dtype, 2, 1, { window: 20 }, false)
  })

  test('says which length, and which block of a table, is none', () => {
    ops.scope(() => {
      const { keys, values, table, lengths } = pages('bf16', 2, 4, 8, 8, [9, 5])
      const on = [uniform(new Random('q'), [2, 2, 1, 8], 'bf16'), keys, values].map((x) => x.to('cuda'))
      const [q, k, v] = on as [Tensor, Tensor, Tensor]
      const run = (table: Tensor, lengths: Tensor): unknown =>
        ops.noGrad(() => ops.pagedAttention(q, k, v, table.to('cuda'), lengths.to('cuda'))).dataSync()
      expect(() => run(table, ops.tensor([9, 13], { dtype: 'i32' }))).toThrow(
        /sequence 1 has length 13, expected 0 to 12/,
      )
      const broken = ops.tensor([0, 1, 6, 2, 99, 99], { shape: [2, 3], dtype: 'i32' })
      expect(() => run(broken, lengths)).toThrow(/the table of sequence \d has block \d+ at \d, expected 0 to 5/)
      // What a length does not reach is not read.
      const unread = ops.tensor([0, 1, 2, 3, 4, 99], { shape: [2, 3], dtype: 'i32' })
      expect(() => run(unread, lengths)).not.toThrow()
    })
  })

  test('writes: the later of two rows stays, and nothing is written where a slot is none', () => {
    ops.scope(() => {
      const r = new Random('writes')
      const write = (slots: readonly number[], device: string, given: Tensor[]): Tensor[] =>
        ops.noGrad(() => {
          const [keys, values, k, v] = given.map((x) => ops.clone(x).to(device)) as [Tensor, Tensor, Tensor, Tensor]
          ops.pagedWrite(
            keys,
            values,
            k,
            v,
            ops.tensor([...slots], { shape: [2, slots.length / 2], device, dtype: 'i64' }),
          )
          return [keys, values]
        })
      for (const [dtype, d, t] of [
        ['bf16', 24, 400],
        ['bf16', 3, 10],
        ['f32', 5, 300],
        ['f64', 2, 7],
      ] as const) {
        const given = [
          [30, 2, 16, d],
          [30, 2, 16, 8],
          [2, 2, t, d],
          [2, 2, t, 8],
        ].map((shape) => uniform(r, shape, dtype))
        // Some twice, some nowhere.
        const slots = Array.from({ length: 2 * t }, (_, i) => (i % 11 === 5 ? -1 : (i * 7) % 450))
        const [found, exact] = ['cuda', 'cpu'].map((device) => write(slots, device, given).map(numbers))
        expect(found).toEqual(exact)
        slots[t] = 480
        expect(() => write(slots, 'cuda', given).map(numbers)).toThrow(/slot 480 of a cache of 480/)
      }
    })
  })
})
