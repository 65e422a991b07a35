/**
 * Floating-point operations of a kernel's call by the usual count: two for each multiply-add, masked scores of causal attention left out,
 * padded taps of convolutions not. Place in the whole: events.ts asks; kernels without an entry have no count.
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

/** Two products of t queries with s keys of width d; causal ones leave out what lies behind the diagonal. */
function attention(q: Shape, k: Shape, causal: number): number {
  const [t, s] = [q.at(-2) ?? 0, k.at(-2) ?? 0]
  const offset = causal === 1 ? s - t : 0
  let pairs = t * s
  if (causal !== 0) {
    pairs = 0
    for (let i = 0; i < t; i++) pairs += Math.min(s, Math.max(0, i + offset + 1))
  }
  return 4 * numelOf(q.slice(0, -2)) * pairs * (q.at(-1) ?? 0)
}

const COUNTS: Readonly<Record<string, (c: Call) => number>> = {
  matmul: product,
  linearBackward: (c) => 2 * numelOf(result(c)) * (operand(c, 0)[0] ?? 0),
  intMatmul: product,
  dynamicQuantizedLinear: layer,
  quantizedLinear: layer,
  weightOnlyLinear: layer,
  conv: (c) => convolution(result(c), operand(c, 1)),
  convInputGrad: (c) => convolution(operand(c, 0), operand(c, 1)),
  convWeightGrad: (c) => convolution(operand(c, 0), result(c)),
  attention: (c) => attention(operand(c, 0), operand(c, 1), c.attributes[1] ?? 0),
  // Five products where forward has two.
  attentionBackward: (c) => 2.5 * attention(operand(c, 1), operand(c, 2), c.attributes[1] ?? 0),
}

export function flopsOf(
  kernel: string,
  results: readonly OperandInfo[],
  operands: readonly (OperandInfo | null)[],
  attributes: readonly number[],
): number | null {
  return COUNTS[kernel]?.({ results, operands, attributes }) ?? null
}
