/** Products on CUDA against the CPU's in f64. Place in the whole: what the tests of cuda/kernels/gemm, and of convolutions, share. */
import { expect } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { numbers, ROUNDOFF } from '../helpers/compare.js'

export { ROUNDOFF }
export type Float = keyof typeof ROUNDOFF
export const FLOATS = Object.keys(ROUNDOFF) as Float[]

/** y on CUDA against the same in f64, whose terms have the sum `size`. */
export function close(what: string, y: Tensor, exact: Tensor, size: Tensor, terms: number): void {
  const dtype = y.dtype as Float
  const [found, wanted, sizes] = [numbers(y), numbers(exact), numbers(size)]
  expect(y.shape, what).toEqual(exact.shape)
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
/** Whether the operands of a product are transposed, each way. */
export const LAYOUTS = [false, true].flatMap((ta) => [false, true].map((tb) => [ta, tb] as const))
export const lies = (ta: boolean, tb: boolean): string => `a ${ta ? 'wide' : 'deep'}, b ${tb ? 'wide' : 'deep'}`
/** Elements after a row, so that the next begins at a multiple of 16 bytes in every dtype, or `odd` elements later. */
export const gap = (length: number, odd = 0): number => ((8 - (length % 8)) % 8) + odd
/** What follows the sums, of linear's options, with or without a bias and a residual. */
export interface After {
  bias?: boolean
  added?: boolean
  activation?: ops.LinearActivation
  scale?: number
  dropout?: number
}
/** Each activation, and everything together. */
export const AFTER: readonly After[] = [
  { bias: true, added: true, activation: 'gelu', scale: -0.5, dropout: 0.3 },
  { bias: true, activation: 'relu' },
  { activation: 'geluTanh', scale: 0.25 },
  { activation: 'silu' },
]
interface Case {
  m: number
  n: number
  k: number
  a?: Lie
  b?: Lie
  after?: After
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

/** Rows of whole numbers, whose sums are exact in every dtype, as columns if `wide`, with `more` elements after each. */
export function whole(at: string, dtype: Float, shape: readonly number[], by: number, wide = false, more = 0): Tensor {
  const [rows, columns] = shape.slice(-2) as [number, number]
  const [outer, inner] = wide ? [columns, rows] : [rows, columns]
  const stored = [...shape.slice(0, -2), outer, inner + more]
  const count = stored.reduce((a, b) => a * b, 1)
  const all = ops.arange(0, count, 1, { dtype: 'i32' }).mul(by).remainder(5).sub(2).to(dtype)
  const part = ops.slice(all.reshape(stored).to(at), -1, 0, inner)
  return wide ? part.transpose(-1, -2) : part
}

/** How many elements differ. */
export function differences(found: Tensor, wanted: Tensor): number {
  const [a, b] = [numbers(found), numbers(wanted)]
  expect(a.length).toBe(b.length)
  return a.reduce((count, x, i) => count + Number(x !== b[i]), 0)
}

/** linear of the case on CUDA, with all that comes after it. */
export function check(dtype: Float, c: Case): void {
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
