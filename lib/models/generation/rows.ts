// Rows of tokens as tensors. Place in the whole: what the decodings beside, and the models that they call, share.
import { cast } from '../../ops/convert.js'
import { tensor } from '../../ops/creation.js'
import { narrow, select } from '../../ops/views.js'
import type { Tensor } from '../../tensor/tensor.js'

/** Stands where a shorter row has no token: any token would do. */
const PAD = 0

/** (B, T) of i32, shorter rows padded in front. */
export function padded(rows: readonly (readonly number[])[]): Tensor {
  const longest = Math.max(...rows.map((row) => row.length))
  const tokens = new Int32Array(rows.length * longest).fill(PAD)
  for (const [n, row] of rows.entries()) tokens.set(row, (n + 1) * longest - row.length)
  return tensor(tokens, { shape: [rows.length, longest] })
}

/** Logits (B, T, V) of the last position, (B, V) in f32. */
export const lastOf = (logits_BTV: Tensor): Tensor => cast(select(logits_BTV, 1, -1), 'f32')

/** x (B, T, C) of the last `count` positions, or of all. */
export function lastPositions(x_BTC: Tensor, count: number | undefined): Tensor {
  const all = x_BTC.shape[1] as number
  return count === undefined || count >= all ? x_BTC : narrow(x_BTC, 1, all - count, count)
}

/** Which rows are alike: for each the first such one's place among the different ones, and the places of those. */
export function distinct(rows: readonly (readonly number[])[]): { first: number[]; of: number[] } {
  const places = new Map<string, number>()
  const first: number[] = []
  const of = rows.map((row, n) => {
    const key = row.join(' ')
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, first.length)
    return first.push(n) - 1
  })
  return { first, of }
}

/** The rows of each length. */
export function distinctLengths(rows: readonly (readonly number[])[]): number[][] {
  const groups = new Map<number, number[]>()
  for (const [n, { length }] of rows.entries()) {
    const group = groups.get(length)
    if (group) group.push(n)
    else groups.set(length, [n])
  }
  return [...groups.values()]
}

export const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i])
