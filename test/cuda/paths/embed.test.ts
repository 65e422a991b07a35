/**
 * Bags of embeddings and rotary positions on CUDA (cuda/kernels/embed) against the CPU, in every dtype: bags of more entries than a
 * warp has lanes, rows of several slices, both dtypes of indices, refused indices and offsets. Place in the whole: the operator tests
 * have the semantics; here are the shapes of which several threads have a part.
 */
import { describe, expect, test } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { Random } from '../../helpers/random.js'
import { device, drawn, same } from '../same.js'

const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
const INDICES = ['i32', 'i64'] as const
const integers = (values: Iterable<number>, dtype: 'i32' | 'i64', at: string): Tensor =>
  ops.tensor([...values], { dtype, device: at }) as Tensor

/** Where bags of these sizes begin; with `last` the end, too. */
function offsetsOf(sizes: readonly number[], last: boolean): number[] {
  const ends = [0]
  for (const n of sizes) ends.push((ends.at(-1) as number) + n)
  return last ? ends : ends.slice(0, -1)
}
/** None, one, a few, a warp's lanes, one more, several rounds of all lanes and more. */
const SIZES = [3, 0, 1, 32, 33, 0, 171, 4, 5]
const ENTRIES = SIZES.reduce((a, b) => a + b)
const ROWS = 11
const PADDING = 4
/** A row's gradient is a sum of shares, no more than these; what is computed in f32 and stored in 16 bits is off by one rounding. */
const MEAN_ROUNDINGS = { f32: 40, f64: 40, bf16: 1, f16: 1 }

describe.skipIf(device === undefined)('embeddings on cuda', () => {
  for (const dtype of FLOATS) {
    test(`${dtype} bags`, () => {
      // A slice has 128 columns: less than one, and several, the last of them ragged.
      for (const n of [5, 301])
        for (const [index, last] of [
          ['i32', true],
          ['i64', false],
        ] as const)
          for (const mode of ['sum', 'mean', 'max'] as const)
            for (const weighted of mode === 'sum' ? [false, true] : [false])
              for (const paddingIndex of [null, PADDING])
                same(
                  `${dtype} ${mode} of rows of ${n}, ${index}${weighted ? ', weighted' : ''}, padding ${paddingIndex}`,
                  (at) => {
                    // Small integers: their sums and products are exact.
                    const weight = drawn('weight', [ROWS, n], dtype, at, (r) => r.int(-3, 4))
                    const factors = weighted ? drawn('factors', [ENTRIES], dtype, at, (r) => r.int(-1, 2)) : null
                    const indices = integers(
                      new Random('i').array(ENTRIES, (r) => r.int(0, ROWS)),
                      index,
                      at,
                    )
                    const leaves = [weight, ...(factors ? [factors] : [])].map((t) => t.requiresGrad_(true))
                    const y = ops.embeddingBag(weight, indices, {
                      offsets: integers(offsetsOf(SIZES, last), index, at),
                      mode,
                      perSampleWeights: factors,
                      paddingIndex,
                      includeLastOffset: last,
                    })
                    // Which entry is the largest, how many count and which bag each is of: the gradients tell.
                    y.backward({ gradient: drawn('g', y.shape, dtype, at, (r) => r.int(-2, 3)) })
                    return [y, ...leaves.map((t) => t.grad as Tensor)]
                  },
                  // What is not a mean is exact.
                  mode === 'mean' ? MEAN_ROUNDINGS[dtype] : 0,
                )
    })

    test(`${dtype} bags that are refused`, () => {
      for (const index of INDICES) {
        const at = device as string
        const bag = (indices: readonly number[], offsets: readonly number[], last = false): (() => unknown) => {
          const weight = drawn('weight', [ROWS, 3], dtype, at, (r) => r.int(-3, 4))
          const options = { offsets: integers(offsets, index, at), includeLastOffset: last }
          return () => numbers(ops.embeddingBag(weight, integers(indices, index, at), options))
        }
        ops.scope(() => {
          // In each of the rounds of a bag of many entries.
          for (const [place, bad] of [9, 41, 73, 105, 137].flatMap(
            (place) =>
              [
                [place, ROWS],
                [place, -1],
              ] as const,
          )) {
            const many = Array.from({ length: 171 }, (_, i) => (i === place ? bad : i % ROWS))
            expect(bag([1, 2, ...many], [0, 2])).toThrow(`embeddingBag: index ${bad} is out of range for ${ROWS} rows`)
          }
          const covers = 'offsets start with 0, grow and cover the indices'
          expect(bag([1, 2, 3], [1, 2])).toThrow(`embeddingBag: bag 0 takes entries 1 to 2 of 3; ${covers}`)
          expect(bag([1, 2, 3], [0, 2, 1], true)).toThrow(`embeddingBag: bag 1 takes entries 2 to 1 of 3; ${covers}`)
          expect(bag([1, 2, 3], [0, 2], true)).toThrow(`embeddingBag: bag 0 takes entries 0 to 2 of 3; ${covers}`)
          expect(bag([1, 2, 3], [0, 5], true)).toThrow(`embeddingBag: bag 0 takes entries 0 to 5 of 3; ${covers}`)
        })
      }
    })

    test(`${dtype} rotary positions`, () => {
      const table = dtype === 'f64' ? 'f64' : 'f32'
      const [b, h, t, d] = [2, 3, 37, 12]
      // Halves and neighbours; all of a row and a part; rows of heads and heads of rows; positions of all, of each, and counted.
      for (const interleaved of [false, true])
        for (const width of [12, 8])
          for (const byRows of [false, true])
            for (const lines of [0, 1, b])
              for (const index of lines > 0 ? INDICES : (['i64'] as const))
                same(
                  `${dtype} ${interleaved ? 'neighbours' : 'halves'}, ${width} of ${d}, ${byRows ? 'by rows' : 'by heads'}, ${lines} ${index}`,
                  (at) => {
                    const stored = drawn('x', byRows ? [b, t, h, d] : [b, h, t, d], dtype, at, (r) => r.uniform(-1, 1))
                    const x = (byRows ? ops.permute(stored, [0, 2, 1, 3]) : stored).detach().requiresGrad_(true)
                    // The same tables on both sides.
                    const [cosines, sines] = ops
                      .rotaryTable(50, width, { dtype: table, device: 'cpu' })
                      .map((it) => it.to(at)) as [Tensor, Tensor]
                    const positions = integers(
                      new Random('p').array(Math.max(1, lines) * t, (r) => r.int(0, 50)),
                      index,
                      at,
                    )
                    const y = ops.rotaryEmbedding(x, cosines, sines, {
                      interleaved,
                      ...(lines === 0
                        ? { offset: 11 }
                        : { positions: positions.reshape(lines === 1 ? [t] : [lines, t]) as Tensor }),
                    })
                    y.backward({ gradient: drawn('g', y.shape, dtype, at, (r) => r.uniform(-1, 1)) })
                    return [y, x.grad as Tensor]
                  },
                  1,
                )
    })

    test(`${dtype} positions outside of the table`, () => {
      const at = device as string
      ops.scope(() => {
        // A row's eight elements are four pairs: a thread's four pairs lie 64 rows apart.
        const x = drawn('x', [1, 1, 300, 8], dtype, at, (r) => r.uniform(-1, 1))
        const [cosines, sines] = ops.rotaryTable(5, 8, { dtype: dtype === 'f64' ? 'f64' : 'f32', device: at })
        const turned = (options: ops.RotaryOptions) => (): unknown =>
          numbers(ops.rotaryEmbedding(x, cosines, sines, options))
        for (const index of INDICES)
          for (const [row, bad] of [
            [10, 5],
            [80, -1],
            [150, 6],
            [200, -2],
            [299, 1000],
          ] as const) {
            const positions = integers(
              Array.from({ length: 300 }, (_, i) => (i === row ? bad : i % 5)),
              index,
              at,
            )
            expect(turned({ positions })).toThrow(`rotary: position ${bad} of a table of 5`)
          }
        expect(turned({ offset: 3 })).toThrow(/rotary: position \d+ of a table of 5/)
      })
    })
  }
})
