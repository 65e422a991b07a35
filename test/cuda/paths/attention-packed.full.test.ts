/**
 * Attention on CUDA over packed sequences and over pages, by every kernel, against the CPU's in f64; starts, lengths, tables and slots that
 * are wrong. Place in the whole: ../attention.test.ts has pages of one width, the operator tests small sequences; here each kernel has both.
 */
import { describe, expect, test } from 'vitest'
import type { PagedAttentionOptions, VarlenAttentionOptions } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { Random } from '../../helpers/random.js'
import { close, FLOATS, type Float, slopesOf, uniform } from '../attentions.js'
import { widthsOf } from './attention-widths.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: packed and paged attention on CUDA is not tested')

/** Forms for which scores are changed, and for which they are not: kernels of their own. */
const FORMS = [{}, { softcap: 2, window: [9, 2] }] as const

const indices = (list: readonly number[], shape: readonly number[], dtype: 'i32' | 'i64', at: string): Tensor =>
  ops.tensor([...list], { shape: [...shape], dtype }).to(at)

interface Packed {
  starts: readonly number[]
  keyStarts: readonly number[]
  wide: boolean // starts are i64
}

/** y and gradients of packed sequences; h heads, of which two share keys. */
function packed(
  operands: readonly Tensor[],
  { starts, keyStarts, wide }: Packed,
  { alibi, ...options }: VarlenAttentionOptions,
  dtype: Float,
  at: string,
): Tensor[] {
  const [q, k, v, g] = operands.map((x) => x.to(at).to(dtype)) as [Tensor, Tensor, Tensor, Tensor]
  const leaves = [q, k, v].map((x) => x.requiresGrad_()) as [Tensor, Tensor, Tensor]
  const [a, b] = [starts, keyStarts].map((list) => indices(list, [list.length], wide ? 'i64' : 'i32', at))
  const y = ops.varlenAttention(...leaves, a as Tensor, {
    ...options,
    keyStarts: b as Tensor,
    ...(alibi ? { alibi: alibi.to(at) } : {}),
    generator: new ops.Generator(7),
  })
  y.backward({ gradient: g })
  return [y, ...leaves.map((x) => x.grad as Tensor)]
}

/** q, k, v and the gradient of y of packed rows. */
const rows = (seed: string, dtype: Float, t: number, s: number, d: number, e: number): Tensor[] => {
  const r = new Random(seed)
  return [
    [t, 4, d],
    [s, 2, d],
    [s, 2, e],
    [t, 4, e],
  ].map((shape) => uniform(r, shape, dtype))
}

/** Pools of blocks of `size` places in any order, and a table that names them. */
function pages(dtype: Float, size: number, [d, e]: readonly [number, number], lengths: readonly number[]) {
  const r = new Random(`pages ${dtype} ${d}`)
  const columns = Math.max(...lengths.map((n) => Math.ceil(n / size)))
  const blocks = lengths.length * columns
  return {
    columns,
    blocks,
    operands: [
      [lengths.length, 4, 3, d],
      [blocks, 2, size, d],
      [blocks, 2, size, e],
    ].map((shape) => uniform(r, shape, dtype)),
    // Five is prime to these numbers of blocks.
    table: Array.from({ length: blocks }, (_, i) => (i * 5 + 3) % blocks),
  }
}

describe.skipIf(!present)('packed and paged attention on CUDA, each kernel', () => {
  describe.each(FLOATS)('%s', (dtype) => {
    const widths = widthsOf(dtype)
    test('packed sequences, and gradients', () => {
      for (const [i, [d, e]] of widths.entries())
        for (const [j, form] of FORMS.entries())
          ops.scope(() => {
            // Rows of no sequence in front, behind and between; an empty sequence; one beyond a tile.
            const at: Packed = {
              starts: [2, 7, 7, 80],
              keyStarts: [1, 40, 50, 85],
              wide: (i + j) % 2 === 0,
            }
            const operands = rows(`packed ${d}`, dtype, 83, 90, d, e)
            const alibi = j ? slopesOf(new Random('slopes'), 4, 'f32') : null
            const options = { ...form, causal: i % 2 === 0, ...(j ? { dropout: 0.2 } : {}), alibi }
            const [found, exact] = [
              packed(operands, at, options, dtype, 'cuda'),
              packed(operands, at, options, 'f64', 'cpu'),
            ]
            for (const [n, name] of ['y', 'gq', 'gk', 'gv'].entries())
              close(`${dtype} ${d} ${e} ${JSON.stringify(form)} ${name}`, found[n] as Tensor, exact[n] as Tensor, dtype)
          })
    })

    test('starts that decrease or leave the rows', () => {
      for (const [d, e] of widths)
        for (const form of FORMS)
          for (const wide of [false, true])
            for (const [starts, keyStarts, message] of [
              [[0, 9], [0, 5], /sequence 0 takes queries 0 to 9 of 5: starts must not decrease/],
              [[0, 5], [-1, 2], /sequence 0 takes keys -1 to 2 of 5: starts must not decrease/],
            ] as const)
              ops.scope(() => {
                const operands = rows('wrong', dtype, 5, 5, d, e)
                const run = (): unknown =>
                  packed(operands, { starts, keyStarts, wide }, form, dtype, 'cuda').map(numbers)
                expect(run).toThrow(message)
              })
    })

    test('pages of each width', () => {
      const lengths = [37, 0, 9, 70]
      for (const [i, [d, e]] of widths.entries())
        for (const [j, { softcap = 0 }] of [{}, { softcap: 2 }].entries() as Iterable<[number, { softcap?: number }]>)
          ops.scope(() => {
            const { operands, table, columns } = pages(dtype, 7, [d, e], lengths)
            const slopes = slopesOf(new Random('slopes'), 4, 'f32')
            const type = (i + j) % 2 === 0 ? 'i32' : 'i64'
            const [found, exact] = [
              [dtype, 'cuda'],
              ['f64', 'cpu'],
            ].map(([to, at]) =>
              ops.noGrad(() => {
                const [q, k, v] = operands.map((x) => x.to(at as string).to(to as Float)) as [Tensor, Tensor, Tensor]
                const options: PagedAttentionOptions = j ? { softcap, alibi: slopes.to(at as string) } : { window: 20 }
                const places = indices(table, [lengths.length, columns], type, at as string)
                return ops.pagedAttention(
                  q,
                  k,
                  v,
                  places,
                  indices(lengths, [lengths.length], type, at as string),
                  options,
                )
              }),
            )
            close(`${dtype} ${d} ${e} ${j}`, found as Tensor, exact as Tensor, dtype)
          })
    })

    test('lengths and tables that are wrong', () => {
      for (const [d, e] of widths)
        for (const options of [{}, { softcap: 2 }])
          for (const type of ['i32', 'i64'] as const)
            for (const [lengths, block, message] of [
              [[13, 9], 1, /sequence 0 has length 13, expected 0 to 12/],
              [[9, -1], 1, /sequence 1 has length -1, expected 0 to 12/],
              [[5, 9], -1, /the table of sequence 1 has block -1 at 1, expected 0 to 5/],
            ] as const)
              ops.scope(() => {
                const { operands } = pages(dtype, 4, [d, e], [9, 9])
                const [q, k, v] = operands.map((x) => x.to('cuda')) as [Tensor, Tensor, Tensor]
                const table = indices([0, 1, 2, 3, block, 5], [2, 3], type, 'cuda')
                const run = (): unknown =>
                  ops.noGrad(() =>
                    numbers(ops.pagedAttention(q, k, v, table, indices(lengths, [2], type, 'cuda'), options)),
                  )
                expect(run).toThrow(message)
              })
    })
  })

  test('writes to pages in words of any size refuse slots that are none', () => {
    // Words of 2, 4, 8 and 16 bytes.
    for (const d of [1, 2, 4, 8])
      ops.scope(() => {
        const zeros = (...shape: number[]): Tensor => ops.zeros(shape).to('bf16').to('cuda') as Tensor
        const [keys, values] = [zeros(3, 2, 4, d), zeros(3, 2, 4, d)]
        for (const slot of [12, -2])
          expect(() =>
            ops.noGrad(() => {
              const [a, b] = [ops.clone(keys), ops.clone(values)]
              ops.pagedWrite(a, b, zeros(1, 2, 2, d), zeros(1, 2, 2, d), indices([3, slot], [1, 2], 'i32', 'cuda'))
              return numbers(a)
            }),
          ).toThrow(`pagedWrite: slot ${slot} of a cache of 12, expected -1 to 11`)
      })
  })
})
