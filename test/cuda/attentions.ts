/**
 * Attention on CUDA against the CPU's in f64: results and gradients. Place in the whole: what tests of our kernels and of cuDNN share.
 */
import { expect } from 'vitest'
import type { AttentionOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

/** Unit roundoffs: of what results and weights are rounded to, and of sums. */
const ROUNDOFF = {
  f64: [2 ** -53, 2 ** -53],
  f32: [2 ** -24, 2 ** -24],
  bf16: [2 ** -8, 2 ** -24],
  f16: [2 ** -11, 2 ** -24],
} as const
export type Float = keyof typeof ROUNDOFF
export const FLOATS = Object.keys(ROUNDOFF) as Float[]

/** Rounding of weights, dscores and results, and sums of numbers up to 1, which may cancel. */
export function close(what: string, found: Tensor, exact: Tensor, dtype: Float): void {
  expect(found.shape, what).toEqual(exact.shape)
  const [a, b] = [numbers(found), numbers(exact)]
  const most = b.reduce((x, y) => Math.max(x, Math.abs(y)), 0)
  const [u, sums] = ROUNDOFF[dtype]
  const tolerance = 3 * u * most + 60 * sums * Math.max(most, 1 / 4)
  let worst = 0
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs((a[i] as number) - (b[i] as number))
    if (!(off <= tolerance) && worst++ < 3)
      expect.soft(a[i], `${what}: element ${i}, tolerance ${tolerance}`).toBe(b[i])
  }
  expect(worst, `${what}: elements that are wrong`).toBe(0)
}

export const uniform = (r: Random, shape: readonly number[], dtype: Float): Tensor =>
  ops.tensor(
    r.array(
      shape.reduce((a, b) => a * b, 1),
      (r) => r.uniform(-1, 1),
    ),
    { shape: [...shape], dtype },
  )

/** As small as models' slopes: they are multiplied by distances. */
export const slopesOf = (r: Random, h: number, dtype: Float): Tensor => uniform(r, [h], dtype).mul(1 / 32)

/** b, h of queries and of keys, t queries, s keys, d and e wide */
export type Size = readonly [b: number, h: number, hk: number, t: number, s: number, d: number, e: number]
export interface Form extends Omit<AttentionOptions, 'mask' | 'alibi' | 'generator'> {
  mask?: 'bool' | 'added' | 'keys'
  alibi?: boolean
  /** Operands are views of (b, rows, h, width). */
  rows?: boolean
}

/** y, and the gradients of q, k and v, on `device`. */
export function run(operands: readonly Tensor[], form: Form, dtype: Float | 'f64', device: string): Tensor[] {
  const [q, k, v, g, mask, slopes] = operands.map((x) => x.to(device).to(x.dtype === 'bool' ? 'bool' : dtype))
  const { rows, mask: kind, alibi, ...options } = form
  const lie = (x: Tensor): Tensor => (rows ? x.permute([0, 2, 1, 3]) : x)
  const leaves = [q, k, v].map((x) => (x as Tensor).requiresGrad_())
  const [ql, kl, vl] = leaves.map(lie) as [Tensor, Tensor, Tensor]
  const y = ops.scaledDotProductAttention(ql, kl, vl, {
    ...options,
    enableGqa: true,
    mask: kind ? (mask as Tensor) : null,
    alibi: alibi ? (slopes as Tensor) : null,
    generator: new ops.Generator(7),
  })
  y.backward({ gradient: lie(g as Tensor) })
  return [y, ...leaves.map((x) => x.grad as Tensor)]
}

export function check(dtype: Float, [b, h, hk, t, s, d, e]: Size, form: Form = {}): void {
  ops.scope(() => {
    const r = new Random(`attention ${dtype} ${[b, h, hk, t, s, d, e]}`)
    const shape = (heads: number, rows: number, width: number): number[] =>
      form.rows ? [b, rows, heads, width] : [b, heads, rows, width]
    const operands = [shape(h, t, d), shape(hk, s, d), shape(hk, s, e), shape(h, t, e)].map((x) => uniform(r, x, dtype))
    const mask =
      form.mask === 'bool'
        ? ops.tensor(
            Uint8Array.from({ length: t * s }, (_, i) => +(i % 7 !== 3 && Math.floor(i / s) !== 2)),
            {
              shape: [t, s],
              dtype: 'bool',
            },
          )
        : uniform(r, form.mask === 'keys' ? [b, 1, 1, s] : [b, h, t, s], dtype)
    const all = [...operands, mask, slopesOf(r, h, dtype)]
    const [found, exact] = [run(all, form, dtype, 'cuda'), run(all, form, 'f64', 'cpu')]
    for (const [i, name] of ['y', 'gq', 'gk', 'gv'].entries())
      close(
        `${dtype} ${[b, h, hk, t, s, d, e]} ${JSON.stringify(form)} ${name}`,
        found[i] as Tensor,
        exact[i] as Tensor,
        dtype,
      )
  })
}
