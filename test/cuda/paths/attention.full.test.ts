/**
 * Masks, slopes of any dtype, dropout and keys in parts, in every kernel of attention on CUDA, against the CPU's in f64. Place in the whole:
 * ../attention.test.ts has sizes around tiles; here are the forms that it has for one width alone.
 */
import { describe, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { Random } from '../../helpers/random.js'
import { check, close, FLOATS, type Float, slopesOf, uniform } from '../attentions.js'
import { HALVES, widthsOf } from './attention-widths.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: attention on CUDA is not tested')

type Five = [Tensor, Tensor, Tensor, Tensor, Tensor]

describe.skipIf(!present)('attention on CUDA, each kernel', () => {
  describe.each(FLOATS)('%s', (dtype) => {
    const widths = widthsOf(dtype)
    test('masks, slopes and dropout of each width', () => {
      for (const [d, e] of widths) {
        check(dtype, [1, 2, 1, 35, 67, d, e], { mask: 'bool', alibi: true, dropout: 0.3 })
        check(dtype, [1, 2, 1, 33, 67, d, e], { mask: 'added', softcap: 3, window: [20, 4], rows: true })
        check(dtype, [1, 1, 1, 130, 70, d, e], { causal: true })
      }
    })

    test('slopes of every dtype', () => {
      for (const type of FLOATS)
        for (const [d, e] of widths)
          ops.scope(() => {
            const r = new Random(`slopes ${type}`)
            const operands = [
              [1, 2, 9, d],
              [1, 2, 33, d],
              [1, 2, 33, e],
              [1, 2, 9, e],
            ].map((shape) => uniform(r, shape, dtype))
            const slopes = slopesOf(r, 2, type)
            const run = (to: Float, at: string): Tensor[] => {
              const [q, k, v, g] = operands.map((x) => x.to(at).to(to)) as [Tensor, Tensor, Tensor, Tensor]
              for (const x of [q, k, v]) x.requiresGrad_()
              const y = ops.scaledDotProductAttention(q, k, v, { alibi: slopes.to(at) })
              return [y, ...ops.grad(y, [q, k, v], { gradOutputs: g })]
            }
            const [found, exact] = [run(dtype, 'cuda'), run('f64', 'cpu')]
            for (const [n, name] of ['y', 'gq', 'gk', 'gv'].entries())
              close(`${type} for ${dtype}, ${d}: ${name}`, found[n] as Tensor, exact[n] as Tensor, dtype)
          })
    })

    test('keys in parts', () => {
      // Rows that end within a pair, of which every other one is aligned; queries that see nothing, and a part that nobody sees.
      for (const e of widths === HALVES ? [63, 127, 255] : [41]) {
        check(dtype, [1, 1, 1, 29, 600, 8, e], { mask: 'bool', window: [200, -1] })
        check(dtype, [1, 1, 1, 2, 600, 8, e], { softcap: 4, dropout: 0.1, alibi: true })
      }
      // More parts than a warp has lanes.
      check(dtype, [1, 1, 1, 3, 8500, 8, 33], { mask: 'bool' })
    })
  })

  test('dropout of weights that are stored, rows of any length', () => {
    for (const dtype of ['f32', 'f64'] as const)
      for (const s of [7, 8, 13, 18])
        ops.scope(() => {
          const r = new Random(`stored ${s}`)
          const operands = [
            [1, 2, 5, 4],
            [1, 2, s, 4],
            [1, 2, s, 3],
            [1, 2, 5, s],
            [1, 2, 5, 3],
          ].map((shape) => uniform(r, shape, dtype))
          // A gradient of the mask has the weights stored, and what dropout multiplies them by.
          const [found, exact] = [
            [dtype, 'cuda'],
            ['f64', 'cpu'],
          ].map(([type, at]) => {
            const [q, k, v, mask, g] = operands.map((x) => x.to(at as string).to(type as Float)) as Five
            mask.requiresGrad_()
            const generator = new ops.Generator(7)
            const y = ops.scaledDotProductAttention(q, k, v, { mask, dropout: 0.4, generator })
            return [y, ...ops.grad(y, [mask], { gradOutputs: g })]
          }) as [Tensor[], Tensor[]]
          for (const n of [0, 1]) close(`${dtype}, ${s} keys`, found[n] as Tensor, exact[n] as Tensor, dtype)
        })
  })
})
