/**
 * Floating-point operations of a kernel's call by the usual count: two for each multiply-add; scores that a diagonal or a window
 * leaves out do not count, padded taps of convolutions do, also where Winograd's transforms save them. Place in the whole: events.ts
 * asks; kernels without an entry have no count.
 */
import { numelOf, type Shape } from '../tensor/shape.js'
import type { OperandInfo } from './events.js'

interface Call {
  readonly results: readonly OperandInfo[]
  readonly operands: readonly (OperandInfo | null)[]
  readonly attributes: readonly number[]
}

const result = (c: Call, i = 0): Shape => c.results[i]?.shape ?? []
const operand = (c: Call, i: number): Shape => c.operands[i]?.shape ?? []

/** y (..., m, n) of a (..., m, k): k is what a has for each of its m rows, however it is stored. */
function product(c: Call): number {
  const a = operand(c, 0).slice(-2)
  const m = result(c).at(-2) ?? 1
  return m === 0 ? 0 : (2 * numelOf(result(c)) * numelOf(a)) / m
}

/** y (m, n) of x (m, k). */
const layer = (c: Call): number => 2 * numelOf(result(c)) * (operand(c, 0).at(-1) ?? 0)

/** Each element of `images` (n, o, ...) sums a window of c / groups channels: the weight (o, c / groups, ...) over its first extent. */
const convolution = (images: Shape, weight: Shape): number => 2 * numelOf(images) * numelOf(weight.slice(1))

/** Pairs of t queries and s keys that see each other; null for packed sequences, whose lengths only the kernel knows. */
function pairs(c: Call, first: number): number | null {
  if (c.operands[first + 5]) return null
  const [t, s] = [operand(c, first).at(-2) ?? 0, operand(c, first + 1).at(-2) ?? 0]
  const [, diagonal, left, right] = c.attributes as [number, number, number, number]
  let sum = 0
  for (let i = 0; i < t; i++) {
    const place = diagonal === 1 ? i + s - t : i
    const low = left < 0 ? 0 : Math.max(0, place - left)
    const high = right < 0 ? s - 1 : Math.min(s - 1, place + right)
    sum += Math.max(0, high - low + 1)
  }
  return sum * numelOf(operand(c, first).slice(0, -2))
}

/** So many products over the width of queries and keys, and over that of values; q, k and v are operands from `first` on. */
function attention(c: Call, first: number, overKeys: number, overValues: number): number | null {
  const seen = pairs(c, first)
  const [d, e] = [operand(c, first).at(-1) ?? 0, operand(c, first + 2).at(-1) ?? 0]
  return seen === null ? null : 2 * seen * (overKeys * d + overValues * e)
}

const COUNTS: Readonly<Record<string, (c: Call) => number | null>> = {
  matmul: product,
  linearBackward: (c) => 2 * numelOf(result(c)) * (operand(c, 0)[0] ?? 0),
  intMatmul: product,
  dynamicQuantizedLinear: layer,
  quantizedLinear: layer,
  weightOnlyLinear: layer,
  conv: (c) => convolution(result(c), operand(c, 1)),
  convChannelsLast: (c) => convolution(result(c), operand(c, 1)),
  convInputGrad: (c) => convolution(operand(c, 0), operand(c, 1)),
  convWeightGrad: (c) => convolution(operand(c, 0), result(c)),
  attention: (c) => attention(c, 0, 1, 1),
  attentionBackward: (c) => attention(c, 3, 3, 2),
  recurrence: (c) => 2 * (operand(c, 0)[0] ?? 0) * (numelOf(operand(c, 1)) + numelOf(operand(c, 2))),
  recurrenceBackward: (c) => 2 * (result(c)[0] ?? 0) * numelOf(operand(c, 3)),
}

export function flopsOf(
  kernel: string,
  results: readonly OperandInfo[],
  operands: readonly (OperandInfo | null)[],
  attributes: readonly number[],
): number | null {
  return COUNTS[kernel]?.({ results, operands, attributes }) ?? null
}
