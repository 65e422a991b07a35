/**
 * Products on CUDA (cuda/kernels/gemm) against the CPU's in f64: every dtype, layout, tile and way of cutting k, with ragged sizes,
 * misaligned rows and all epilogues. Place in the whole: the operator tests have the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: products on CUDA are not tested')

const ROUNDOFF = { f64: 2 ** -53, f32: 2 ** -24, bf16: 2 ** -8, f16: 2 ** -11 } as const
type Float = keyof typeof ROUNDOFF
const FLOATS = Object.keys(ROUNDOFF) as Float[]

/** y on CUDA against the same in f64, whose terms have the sum `size`. */
function close(what: string, y: Tensor, exact: Tensor, size: Tensor, terms: number): void {
  const dtype = y.dtype as Float
  const [found, wanted, sizes] = [numbers(y), numbers(exact), numbers(size)]
  const before = (dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32) * (8 + 4 * Math.sqrt(terms))
  let worst = 0
  for (let i = 0; i < found.length; i++) {
    const [a, e] = [found[i] as number, wanted[i] as number]
    const tolerance = ROUNDOFF[dtype] * Math.abs(e) * 1.01 + before * (sizes[i] as number)
    if (!(Math.abs(a - e) <= tolerance) && worst++ < 5)
      expect.soft(a, `${what}: element ${i} of ${found.length}, tolerance ${tolerance}`).toBe(e)
  }
  expect(worst, `${what}: elements that are wrong`).toBe(0)
}

/** How an operand lies: with its columns together, not its rows; so many elements between them, from so many on. */
interface Lie {
  transposed?: boolean
  gap?: number
  offset?: number
  step?: number
}
interface Case {
  m: number
  n: number
  k: number
  a?: Lie
  b?: Lie
  after?: { bias?: boolean; added?: boolean; activation?: ops.LinearActivation; scale?: number; dropout?: number }
}

/** Random values, and the matrix in them once they are where it is to be: a copy to a device would be contiguous. */
function matrix(
  dtype: Float,
  rows: number,
  columns: number,
  lie: Lie = {},
): readonly [Tensor, (whole: Tensor) => Tensor] {
  const { transposed = false, gap = 0, offset = 0, step = 1 } = lie
  const [outer, inner] = transposed ? [columns, rows] : [rows, columns]
  const whole = ops.randn([outer, offset + inner * step + gap]).to(dtype) as Tensor
  return [
    whole,
    (t) => {
      const part = ops.slice(t, 1, offset, offset + inner * step, step)
      return transposed ? ops.transpose(part) : part
    },
  ]
}

function check(dtype: Float, c: Case): void {
  const { m, n, k, after = {} } = c
  ops.scope(() => {
    const [x, ofX] = matrix(dtype, m, k, c.a)
    const [w, ofW] = matrix(dtype, n, k, c.b)
    const bias = after.bias ? (ops.randn([n]).to(dtype) as Tensor) : null
    const residual = after.added ? (ops.randn([m, n]).to(dtype) as Tensor) : null
    const { activation = null, scale = 1, dropout = 0 } = after
    const run = (place: (t: Tensor) => Tensor): Tensor =>
      ops.linear(ofX(place(x)), ofW(place(w)), bias && place(bias), {
        activation,
        scale,
        dropout,
        residual: residual && place(residual),
        generator: new ops.Generator(5),
      })
    const wide = (t: Tensor): Tensor => t.to('f64')
    const products = ops.linear(ops.abs(ofX(wide(x))), ops.abs(ofW(wide(w))))
    const size = ops.div(ops.add(ops.mul(products, Math.abs(scale)), 4), 1 - dropout)
    close(
      `${dtype} ${JSON.stringify(c)}`,
      run((t) => t.to('cuda')),
      run(wide),
      size,
      k,
    )
  })
}

const ALL = { bias: true, added: true, activation: 'gelu', scale: -0.5, dropout: 0.3 } as const
/** Around tiles of 64 and 128, and the 32 elements of k that a step has; primes; nothing. */
const SIZES: readonly (readonly [number, number, number])[] = [
  [9, 16, 16],
  [17, 31, 33],
  [64, 64, 64],
  [131, 67, 97],
  [128, 136, 72],
  [65, 129, 1],
  [37, 41, 0],
]

describe.skipIf(!present)('products on CUDA', () => {
  for (const dtype of FLOATS) {
    for (const ta of [false, true])
      for (const tb of [false, true]) {
        const [a, b] = [{ transposed: ta }, { transposed: tb }]
        test(`${dtype}, a ${ta ? 'wide' : 'deep'}, b ${tb ? 'wide' : 'deep'}`, () => {
          for (const [m, n, k] of SIZES) {
            check(dtype, { m, n, k, a, b })
            check(dtype, { m, n, k, a: { ...a, gap: 8 }, b: { ...b, gap: 16 }, after: ALL })
            // Rows that begin at 8, 4 and 2 bytes.
            check(dtype, {
              m,
              n,
              k,
              a: { ...a, gap: 4 - (k % 4) },
              b: { ...b, gap: 2, offset: 2 },
              after: { bias: true },
            })
            check(dtype, { m, n, k, a: { ...a, gap: 1, offset: 1 }, b, after: { added: true, activation: 'relu' } })
          }
        })
        test(`${dtype}, few rows or columns, a ${ta ? 'wide' : 'deep'}, b ${tb ? 'wide' : 'deep'}`, () => {
          for (const [m, n, k] of [
            [1, 300, 64],
            [1, 1, 2999],
            [3, 261, 72],
            [8, 64, 33],
            [130, 5, 200],
            [70, 1, 1024],
            [2, 2, 5],
          ] as const) {
            check(dtype, { m, n, k, a, b })
            check(dtype, { m, n, k, a: { ...a, gap: 3 }, b: { ...b, gap: 8 }, after: ALL })
          }
        })
      }

    test(`${dtype}, strides that no kernel takes`, () => {
      check(dtype, { m: 70, n: 50, k: 40, a: { step: 2 }, b: { step: 3, transposed: true }, after: ALL })
    })
    test(`${dtype}, a long k is cut into parts`, () => {
      check(dtype, { m: 40, n: 48, k: 5003, after: ALL })
      check(dtype, { m: 33, n: 45, k: 4096, a: { transposed: true }, b: { transposed: true } })
    })
    test(`${dtype}, batches, of which one operand has none`, () => {
      ops.scope(() => {
        for (const [sa, sb] of [
          [
            [3, 1, 20, 24],
            [2, 24, 40],
          ],
          [
            [4, 1, 24],
            [4, 24, 40],
          ],
          [
            [2, 3, 9, 17],
            [17, 33],
          ],
        ] as const) {
          const [a, b] = [ops.randn(sa).to(dtype), ops.randn(sb).to(dtype)] as [Tensor, Tensor]
          const exact = ops.matmul(a.to('f64'), b.to('f64'))
          const size = ops.matmul(ops.abs(a.to('f64')), ops.abs(b.to('f64')))
          close(
            `${dtype} ${sa} x ${sb}`,
            ops.matmul(a.to('cuda'), b.to('cuda')),
            exact,
            size,
            sa[sa.length - 1] as number,
          )
        }
      })
    })
    test(`${dtype}, the gradients of linear`, () => {
      for (const [m, n, k] of [
        [300, 40, 24],
        [1031, 41, 23],
        [5, 8, 8],
      ] as const)
        ops.scope(() => {
          const operands = [
            ops.randn([m, k]).to(dtype),
            ops.randn([n, k]).to(dtype),
            ops.randn([n]).to(dtype),
            ops.randn([m, n]).to(dtype),
          ] as readonly Tensor[]
          const gradients = (place: (t: Tensor) => Tensor): Tensor[] => {
            const [x, w, b, g] = operands.map((t) => place(t)) as [Tensor, Tensor, Tensor, Tensor]
            for (const t of [x, w, b]) t.requiresGrad_()
            return ops.grad(ops.linear(x, w, b), [x, w, b], { gradOutputs: g })
          }
          const found = gradients((t) => t.to('cuda'))
          const exact = gradients((t) => t.to('f64'))
          const sizes = gradients((t) => ops.abs(t.to('f64')))
          for (const [i, y] of found.entries())
            close(`gradient ${i}`, y, exact[i] as Tensor, sizes[i] as Tensor, i === 0 ? n : m)
        })
    })
  }
})
