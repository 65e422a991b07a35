/**
 * Every tile of products on CUDA with all that may follow: results in packs and by elements, each activation, lists of products and
 * batches, k in parts, rows at every alignment; few rows; sums of columns. Place in the whole: ../gemm.test.ts has the semantics of each;
 * here every kernel meets every way in and out. Of one multiprocessor, so that the size alone decides which tile is taken.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { cuda } from '#lib/index.js'
import { simulated } from '../../helpers/simulator.js'
import { AFTER, type After, check, FLOATS, type Float, gap, LAYOUTS, whole } from '../products.js'
import { drawn, same } from '../same.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '1'
})

if (!simulated) console.log('SINTER_CUDA_DRIVER is not the simulator: the tiles of products are not tested one by one')

/**
 * Products that one block of the tile computes: results in packs, then by elements. k ends within a step, and has more of them than there
 * are stages. f64 has a single tile, f32 no medium one.
 */
const TILES = [
  { tile: 'small', m: 20, k: 136, odd: 0, of: ['f32', 'bf16', 'f16'] },
  { tile: 'medium', m: 72, k: 104, odd: 0, of: ['bf16', 'f16'] },
  { tile: 'any', m: 20, k: 133, odd: 1, of: FLOATS },
] as const
const EACH = TILES.flatMap(({ of, ...tile }) => of.map((dtype: Float) => ({ dtype, ...tile })))

describe.skipIf(!simulated)('tiles of products', () => {
  test.each(EACH)(
    '$dtype $tile: every activation in every layout, in packs and by elements',
    ({ dtype, m, k, odd }) => {
      for (const less of [0, 3])
        for (const [ta, tb] of LAYOUTS) {
          const [rows, n] = [m - less, 24 - less]
          const [a, b] = [
            { transposed: ta, gap: gap(ta ? rows : k, odd) },
            { transposed: tb, gap: gap(tb ? n : k, odd) },
          ]
          for (const after of AFTER) check(dtype, { m: rows, n, k, a, b, after })
        }
    },
  )

  test.each(EACH)('$dtype $tile: k in parts, in packs and by elements', ({ dtype, m, odd }) => {
    const k = 2104
    for (const [i, [ta, tb]] of LAYOUTS.entries())
      for (const n of [16, 17]) {
        const [a, b] = [
          { transposed: ta, gap: gap(ta ? m : k, odd) },
          { transposed: tb, gap: gap(tb ? n : k, odd) },
        ]
        check(dtype, { m, n, k, a, b, after: AFTER[i] as After })
      }
  })

  test.each(EACH)('$dtype $tile: lists and batches', ({ dtype, m, odd }) => {
    for (const [ta, tb] of LAYOUTS) {
      const left = (at: string, shape: readonly number[]) =>
        whole(at, dtype, shape, 3, ta, gap(shape.at(ta ? -2 : -1) as number, odd))
      const right = (at: string, shape: readonly number[]) =>
        whole(at, dtype, shape, 2, !tb, gap(shape.at(tb ? -1 : -2) as number, odd))
      const what = `${dtype} ${ta} ${tb}`
      // Each is a single tile: the middle of the list is looked for from both sides.
      const sizes = [
        [m, 24, 40],
        [m - 3, 21, 17],
        [m - 4, 2, 9],
      ] as const
      same(`${what}, a list`, (at) =>
        ops.groupedMatmul(
          sizes.map(([rows, , k]) => left(at, [rows, k])),
          sizes.map(([, n, k]) => right(at, [k, n])),
        ),
      )
      for (const [sa, sb] of [
        [[2], [2]],
        [
          [2, 1],
          [1, 2],
        ],
      ])
        same(`${what}, ${sa} by ${sb}`, (at) =>
          ops.matmul(left(at, [...(sa as number[]), m, 40]), right(at, [...(sb as number[]), 40, 24])),
        )
    }
  })

  test.each(FLOATS)('%s: rows at 2, 4, 8 and 16 bytes, one operand or both', (dtype) => {
    // Steps of k that are fetched before the loop, and in it.
    const [m, n, k] = [51, 54, 139]
    for (const [ta, tb] of LAYOUTS)
      for (const [oddA, oddB] of [
        [1, 1],
        [2, 2],
        [4, 4],
        [0, 1],
        [1, 0],
      ] as const) {
        const [a, b] = [
          { transposed: ta, gap: gap(ta ? m : k, oddA) },
          { transposed: tb, gap: gap(tb ? n : k, oddB) },
        ]
        check(dtype, { m, n, k, a, b })
      }
  })
})

describe.skipIf(!simulated)('few rows', () => {
  // Up to 1, 4 and 8 of them, on either side; the long operand deep, then wide. 2101 of k are several parts.
  const CASES = FLOATS.flatMap((dtype) => [1, 3, 7].map((rows) => ({ dtype, rows })))
  test.each(CASES)('$dtype, $rows', ({ dtype, rows }) => {
    for (const swapped of [false, true])
      for (const wide of [false, true]) {
        const many = 23
        const [m, n] = swapped ? [many, rows] : [rows, many]
        for (const [i, k] of [65, 73, 79, 80, 2101].entries()) {
          const long = { transposed: wide, gap: gap(wide ? many : k) }
          check(dtype, { m, n, k, [swapped ? 'a' : 'b']: long, after: AFTER[i % 4] as After })
        }
        same(`${dtype} ${rows} ${swapped} ${wide}: a batch`, (at) => {
          const few = (outer: number[]) => whole(at, dtype, [...outer, rows, 32], 3)
          const long = (outer: number[]) => whole(at, dtype, [...outer, many, 32], 2, wide, wide ? gap(many) : 0)
          if (swapped) return ops.matmul(long([2, 1]), few([1, 2]).transpose(-1, -2))
          return ops.matmul(few([1, 2]), long([2, 1]).transpose(-1, -2))
        })
      }
  })
})

describe.skipIf(!simulated)('products of other kinds', () => {
  test('tf32 in both tiles, with all that may follow', () => {
    cuda.matmulPrecision = 'tf32'
    try {
      // Whole numbers have few digits: their products are exact in tf32, too.
      for (const size of [20, 72])
        for (const less of [0, 3])
          for (const after of [...AFTER, { scale: 2 }]) {
            const [m, n, k] = [size, size - less, 72]
            const { bias = false, added = false, ...options } = after
            const fractions = (shape: readonly number[], at: string) =>
              drawn(`${shape}`, shape, 'f32', at, (r) => r.uniform(-1, 1))
            same(
              `${m} x ${n}, ${JSON.stringify(after)}`,
              (at) =>
                ops.linear(whole(at, 'f32', [m, k], 3), whole(at, 'f32', [n, k], 2), bias ? fractions([n], at) : null, {
                  ...options,
                  residual: added ? fractions([m, n], at) : null,
                  generator: new ops.Generator(5),
                }),
              8,
            )
          }
      for (const n of [16, 17])
        same('parts', (at) => ops.linear(whole(at, 'f32', [16, 2104], 3), whole(at, 'f32', [n, 2104], 2)))
      same('a batch', (at) =>
        ops.matmul(whole(at, 'f32', [2, 1, 20, 24], 3), whole(at, 'f32', [3, 24, 16], 2, true, 0)),
      )
    } finally {
      cuda.matmulPrecision = 'ieee'
    }
  })

  test.each(['u8', 'i8', 'i32', 'i64', 'c64', 'c128'] as const)('%s: batches of one dimension and two', (dtype) => {
    for (const [sa, sb] of [
      [
        [3, 5, 17],
        [3, 17, 4],
      ],
      [
        [2, 1, 33, 3],
        [3, 3, 35],
      ],
    ] as const)
      same(`${dtype} ${sa} by ${sb}`, (at) => {
        const [a, b] = [sa, sb].map((shape) =>
          drawn(`${shape}`, shape, 'i32', 'cpu', (r) => r.int(-9, 10))
            .to(dtype)
            .to(at),
        ) as [Tensor, Tensor]
        return ops.matmul(a, b)
      })
  })

  test.each(['u8', 'i8', 'i32', 'i64'] as const)('%s: a bias, in several tiles', (dtype) => {
    same(dtype, (at) => {
      const [x, w, bias] = [[50, 3], [35, 3], [35]].map((shape) =>
        drawn(`${shape}`, shape, 'i32', 'cpu', (r) => r.int(0, 100))
          .to(dtype)
          .to(at),
      ) as [Tensor, Tensor, Tensor]
      return ops.linear(x, w, bias)
    })
  })

  test.each(FLOATS)('%s: sums of columns that are more than a block has, and not in packs', (dtype) => {
    same(`${dtype} columns`, (at) => {
      const [x, w] = [whole(at, dtype, [5, 8], 3), whole(at, dtype, [261, 8], 2)]
      const leaves = [x, w, ops.zeros([261], { dtype, device: at })].map((t) => t.detach().requiresGrad_()) as Tensor[]
      const y = ops.linear(...(leaves as [Tensor, Tensor, Tensor]))
      return ops.grad(y, leaves, { gradOutputs: whole(at, dtype, [5, 261], 3) })
    })
  })

  test('experts whose ends are i32, and one that goes back', () => {
    const by = (at: string, ends: readonly number[]) =>
      ops.expertMatmul(
        whole(at, 'f32', [9, 8], 3),
        whole(at, 'f32', [3, 8, 5], 2),
        ops.tensor(ends, { dtype: 'i32', device: at }) as Tensor,
      )
    same('ends', (at) => {
      const x = whole(at, 'f32', [9, 8], 3).detach().requiresGrad_()
      const w = whole(at, 'f32', [3, 8, 5], 2).detach().requiresGrad_()
      const y = ops.expertMatmul(x, w, ops.tensor([4, 4, 8], { dtype: 'i32', device: at }) as Tensor)
      return [y, ...ops.grad(y.sum(), [x, w])]
    })
    for (const [ends, said] of [
      [[4, 3, 8], 'group 1 ends at row 3, after 4 of 9 rows'],
      [[4, 5, 10], 'group 2 ends at row 10, after 5 of 9 rows'],
    ] as const)
      ops.scope(() => {
        expect(() => by('cuda', ends).sum().itemSync()).toThrow(said)
      })
  })
})
