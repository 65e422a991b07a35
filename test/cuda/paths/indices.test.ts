/**
 * Indexed reads and writes on CUDA (cuda/kernels/index) in every dtype and word size: runs of equal keys that are cut into parts, packs
 * of slices, both widths of indices, strided walks, indices that are refused. Place in the whole:
 * the operator matrix (test/ops) has the semantics in small shapes, test/cuda/many-blocks.test.ts long ones of f32; here are the
 * branches that neither takes, against the CPU. Sums and products are of small integers and powers of two: exact in any order.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor, tensor, zeros } from '#lib/index.js'
import { isFloating } from '#lib/tensor/dtype.js'
import { numbers } from '../../helpers/compare.js'
import type { Random } from '../../helpers/random.js'
import { device, drawn, same } from '../same.js'
import { MOVED, moved, parts } from './moved.js'

const NUMBERS = ['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8'] as const
type Numeric = (typeof NUMBERS)[number]
const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
const WIDTHS = ['i64', 'i32'] as const
const on = device as string

const indices = drawn

/** The sources of every reduction, few of which are not neutral to products. */
const SOURCES: Record<ops.ScatterReduction, (r: Random) => number> = {
  sum: (r) => r.int(0, 3),
  prod: (r) => (r.next() < 0.01 ? 2 : 1),
  mean: (r) => r.int(0, 5),
  amax: (r) => r.int(0, 100),
  amin: (r) => r.int(0, 100),
}
const REDUCTIONS = Object.keys(SOURCES) as ops.ScatterReduction[]

/** Reading a result reports what was refused on the way to it. */
function refused(what: string, f: () => Tensor | readonly Tensor[], message: RegExp): void {
  scope(() => {
    expect(() => [f()].flat().map((t) => numbers(parts(t))), what).toThrow(message)
  })
}

describe.skipIf(device === undefined)('indices on cuda', () => {
  // Index 1 has more than five runs of 64 sources, so that a launch before makes parts of them; 0 and 2 have few, 3 none, 4 one.
  const crowded = (r: Random): number => (r.next() < 0.04 ? r.int(0, 2) * 2 : 1)
  test.each(NUMBERS)('%s: elements and slices are combined', (dtype: Numeric) => {
    for (const reduce of REDUCTIONS)
      for (const includeSelf of [true, false])
        for (const width of WIDTHS) {
          const n = 407
          const what = `${dtype} ${reduce} ${includeSelf} ${width}`
          const x = (at: string, shape: readonly number[]): Tensor => drawn('x', shape, dtype, at, (r) => r.int(1, 3))
          const src = (at: string, shape: readonly number[]): Tensor => drawn('s', shape, dtype, at, SOURCES[reduce])
          same(`scatterReduce ${what}`, (at) => {
            const to = indices('i', [2, n], width, at, crowded)
            return ops.scatterReduce(x(at, [2, 5]), 1, to, src(at, [2, n]), reduce, { includeSelf })
          })
          // Slices of 16 bytes and multiples are taken in packs, others by elements.
          if (reduce !== 'sum')
            for (const inner of isFloating(dtype) ? [16, 3] : [3])
              same(`indexReduce ${what} ${inner}`, (at) => {
                const to = indices('i', [n], width, at, crowded)
                return ops.indexReduce(x(at, [2, 5, inner]), 1, to, src(at, [2, n, inner]), reduce, { includeSelf })
              })
        }
    for (const [inner, alpha] of [
      [16, 2],
      [3, 3],
      [1, -1],
    ] as const)
      same(`indexAdd ${dtype} ${inner} ${alpha}`, (at) =>
        ops.indexAdd(
          drawn('x', [5, inner], dtype, at, (r) => r.int(0, 9)),
          0,
          indices('i', [407], 'i32', at, crowded),
          drawn('s', [407, inner], dtype, at, (r) => (r.next() < 0.1 ? 1 : 0)),
          { alpha },
        ),
      )
  })

  test.each(FLOATS)('%s: NaN and infinities in largest, smallest and mean', (dtype) => {
    const all = [1, Number.NaN, -2, 3, Number.POSITIVE_INFINITY, -4, Number.NEGATIVE_INFINITY, 5]
    for (const reduce of ['amax', 'amin', 'mean'] as const)
      for (const inner of [1, 8])
        same(`${dtype} ${reduce} ${inner}`, (at) =>
          ops.indexReduce(
            drawn('x', [4, inner], dtype, at, (r) => r.int(-3, 3)),
            0,
            tensor([0, 0, 1, 1, 1, 2, 3, 3], { dtype: 'i64' }).to(at),
            tensor(
              all.flatMap((v) => Array.from({ length: inner }, () => v)),
              { dtype: 'f64', shape: [8, inner] },
            )
              .to(dtype)
              .to(at),
            reduce,
          ),
        )
  })

  test.each(['i32', 'i64', 'u8', 'i8'] as const)('%s: means round down', (dtype) => {
    const x = dtype === 'u8' ? [7, 5, 3] : [-7, -5, -3]
    same(dtype, (at) =>
      ops.scatterReduce(
        tensor(x, { dtype }).to(at),
        0,
        tensor([0, 1, 1, 2], { dtype: 'i64' }).to(at),
        tensor([4, 3, 9, 0], { dtype }).to(at),
        'mean',
      ),
    )
  })

  test.each(MOVED)('%s: slices and elements are replaced and read', (dtype) => {
    for (const width of WIDTHS) {
      const what = `${dtype} ${width}`
      // Of equal indices the last stays.
      for (const inner of [1, 3, 16])
        same(`indexCopy ${what} ${inner}`, (at) =>
          parts(
            ops.indexCopy(
              moved('x', [3, 7, inner], dtype, at),
              1,
              indices('i', [41], width, at, (r) => r.int(0, 6)),
              moved('s', [3, 41, inner], dtype, at),
            ),
          ),
        )
      same(`scatter ${what}`, (at) =>
        parts(
          ops.scatter(
            moved('x', [7, 9], dtype, at),
            0,
            indices('i', [301, 5], width, at, (r) => r.int(0, 7)),
            moved('s', [303, 6], dtype, at),
          ),
        ),
      )
      same(`scatter of a number, ${what}`, (at) => {
        const to = indices('i', [9, 4], width, at, (r) => r.int(0, 40))
        return parts(ops.scatter(moved('x', [40, 4], dtype, at), 0, to, 3))
      })
      // A block takes 1024 elements, four a thread; inner is the run that words are cut from.
      for (const [k, inner] of [
        [491, 1],
        [211, 3],
      ] as const)
        same(`indexSelect ${what} ${inner}`, (at) =>
          parts(
            ops.indexSelect(
              moved('x', [3, 17, inner], dtype, at),
              1,
              indices('i', [k], width, at, (r) => r.int(0, 17)),
            ),
          ),
        )
      // Fewer columns than x has: neither x nor y is one run.
      for (const axis of [0, 1])
        same(`gather ${what} along ${axis}`, (at) =>
          parts(
            ops.gather(
              moved('x', [43, 47], dtype, at),
              axis,
              indices('i', [41, 45], width, at, (r) => r.int(0, 43)),
            ),
          ),
        )
    }
  })

  /** One index of `n` that is wrong, in each of the four that a thread takes by turns. */
  const WRONG = [0, 300, 700, 999]
  const oneWrong = (place: number, wrong: number, dtype: 'i64' | 'i32', shape: readonly number[]): Tensor =>
    tensor(
      Array.from({ length: 1000 }, (_, i) => (i === place ? wrong : 2)),
      { dtype, shape },
    ).to(on)

  test.each(MOVED)('%s: indices out of range are refused', (dtype) => {
    const x = moved('x', [5, 1], dtype, on)
    for (const place of WRONG)
      for (const [width, wrong] of [
        ['i64', 5],
        ['i32', -1],
      ] as const) {
        const to = (shape: readonly number[]): Tensor => oneWrong(place, wrong, width, shape)
        const message = new RegExp(`index ${wrong}\\b.* 5 entries of the axis`)
        refused(`indexSelect ${width}`, () => ops.indexSelect(x, 0, to([1000])), message)
        refused(`gather ${width}`, () => ops.gather(x, 0, to([1000, 1])), message)
        refused(`scatter ${width}`, () => ops.scatter(x, 0, to([1000, 1]), 1), message)
        refused(`indexCopy ${width}`, () => ops.indexCopy(x, 0, to([1000]), moved('s', [1000, 1], dtype, on)), message)
      }
  })

  // Only slices of no elements are so many here: their indices are looked at all the same.
  test('an axis of more than 2^31 entries', () => {
    const n = 3_000_000_000
    for (const width of WIDTHS) {
      same(`${width}`, (at) => {
        const [x, to] = [zeros([n, 0], { device: at }), tensor([0, 2 ** 31 - 1], { dtype: width }).to(at)]
        return [ops.indexSelect(x, 0, to), ops.embedding(x, to)]
      })
      for (const place of WRONG)
        refused(
          `${width} ${place}`,
          () => ops.indexSelect(zeros([n, 0], { device: on }), 0, oneWrong(place, -3, width, [1000])),
          /index -3\b.* 3000000000 entries/,
        )
    }
    refused(
      'beyond',
      () => ops.indexSelect(zeros([n, 0], { device: on }), 0, oneWrong(5, n, 'i64', [1000])),
      /index 3000000000\b/,
    )
  })
})
